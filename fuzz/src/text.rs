//! Texts as codes are compared with them.

use otpwire::domain::otp::normalize_code;

/// The letters and digits of a text as ASCII has them, whatever script the digits are in, with nothing between.
#[must_use]
pub fn ascii_of(text: &str) -> String {
    let ascii = |c: char| normalize_code(&String::from_iter([c; 3]))?.chars().next();
    text.chars().filter_map(ascii).collect()
}
