//! One-time codes: what they are, and how they are read from the texts of messages.

mod code;

pub use code::{Otp, Reading, Score, Service, canonical};

use super::{MessageType, Sender};

/// Reads a message: what it is for, and its code if it has one.
// Replaced when the reader lands.
#[must_use]
pub fn read(text: &str, _sender: &Sender) -> Reading {
    let is_about_a_code = ["code", "OTP", "verification"].iter().any(|word| text.contains(word));
    let code = text
        .split(|c: char| !c.is_ascii_digit())
        .find(|digits| (4..=8).contains(&digits.len()))
        .filter(|_| is_about_a_code);
    let Some(code) = code else { return Reading { message_type: MessageType::Sms, otp: None } };
    let named = text.split_once(" code").map(|(before, _)| before).filter(|before| {
        before.starts_with(|c: char| c.is_ascii_uppercase()) && before.chars().all(|c| c.is_ascii_alphanumeric())
    });
    let otp = Otp { code: code.to_owned(), service: named.map(str::to_owned), score: Score::of(90) };
    Reading { message_type: MessageType::Otp, otp: Some(otp) }
}
