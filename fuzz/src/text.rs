//! Normalises texts, to compare codes with them.

use otpwire::domain::otp::normalize_code;

/// The letters and digits of a text, with digits of every script as ASCII digits, and nothing else.
#[must_use]
pub fn ascii_of(text: &str) -> String {
    let ascii = |c: char| normalize_code(&String::from_iter([c; 3]))?.chars().next();
    text.chars().filter_map(ascii).collect()
}
