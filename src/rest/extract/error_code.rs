//! The error code of a failed deserialization.

use crate::domain::ErrorCode;

/// How serde_json's error about such a number begins.
pub(super) const OUT_OF_RANGE: &str = "number out of range";

/// An unknown variant or a number out of range is a well-formed value that breaks a rule; anything else is an invalid
/// request. "number out of range" is what serde_json says of numbers that not even floating point has.
pub(super) fn code_for(issue: &str) -> ErrorCode {
    let is_well_formed = ["unknown variant", "invalid value", OUT_OF_RANGE].iter().any(|what| issue.starts_with(what));
    if is_well_formed { ErrorCode::ValidationError } else { ErrorCode::InvalidRequest }
}
