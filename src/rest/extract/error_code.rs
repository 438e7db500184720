//! The error code of a failed deserialization.

use crate::domain::ErrorCode;

/// An unknown variant or a number out of range is a well-formed value that breaks a rule; anything else is an invalid
/// request.
pub(super) fn code_for(issue: &str) -> ErrorCode {
    let is_well_formed = ["unknown variant", "invalid value"].iter().any(|what| issue.starts_with(what));
    if is_well_formed { ErrorCode::ValidationError } else { ErrorCode::InvalidRequest }
}
