//! What is read from a message: the code, its score and its service.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    super::{Error, MessageType, Result},
    fold::digit,
    text::FoldedText,
};

/// A one-time code read from a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Otp {
    /// The code: ASCII digits and letters, at most [`Otp::MAX_CODE`].
    pub code: String,
    /// The service that it is for, in the spelling of the text: at most [`Service::MAX`] characters.
    pub service: Option<String>,
    /// The confidence of the reader.
    pub score: Score,
}

impl Otp {
    /// The longest code, in characters.
    pub const MAX_CODE: usize = 32;

    /// Whether the fields are within their bounds, so that it can be stored.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let is_code = (1..=Self::MAX_CODE).contains(&self.code.len())
            && self.code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_name = |service: &String| Service::parse("service", service).is_ok_and(|name| name.as_str() == service);
        is_code && self.service.as_ref().is_none_or(is_name)
    }
}

/// Hides the code and the service, because debug output may be logged.
impl fmt::Debug for Otp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Otp(…, {} %)", self.score.as_percent())
    }
}

/// The confidence of the reader, in percent: 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "u8", into = "u8")]
pub struct Score(u8);

impl Score {
    /// A score in percent; more than 100 becomes 100.
    #[must_use]
    pub fn of(percent: u8) -> Self {
        Self(percent.min(100))
    }

    /// In percent.
    #[must_use]
    pub fn as_percent(self) -> u8 {
        self.0
    }

    /// As a fraction: 0 to 1.
    #[must_use]
    pub fn as_fraction(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl From<u8> for Score {
    fn from(percent: u8) -> Self {
        Self::of(percent)
    }
}

impl From<Score> for u8 {
    fn from(score: Score) -> Self {
        score.0
    }
}

/// What was read from a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extraction {
    /// The type: [`MessageType::Otp`] if and only if there is a code.
    pub message_type: MessageType,
    /// The code, if there is one.
    pub otp: Option<Otp>,
}

impl Extraction {
    /// For a message that could not be read.
    pub const NONE: Self = Self { message_type: MessageType::Sms, otp: None };
}

/// The name of a service. Names are compared without case, accents and invisible marks.
#[derive(Clone, PartialEq, Eq)]
pub struct Service(String);

impl Service {
    /// The longest name, in characters.
    pub const MAX: usize = 100;

    /// Validates a name; spaces around it are ignored. `field` names the argument in the error.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is empty, too long, or has control characters.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let name = text.trim();
        if name.is_empty() {
            return Err(Error::invalid(field, "must name a service, such as GitHub"));
        }
        if name.chars().count() > Self::MAX {
            return Err(Error::invalid(field, format!("must have at most {} characters", Self::MAX)));
        }
        if name.chars().any(char::is_control) {
            return Err(Error::invalid(field, "must not have control characters"));
        }
        Ok(Self(name.to_owned()))
    }

    /// A name from the database, validated when it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The name as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key for comparisons: two names are the same if their keys are.
    #[must_use]
    pub fn key(&self) -> String {
        Self::key_of(&self.0)
    }

    /// The key of a name.
    #[must_use]
    pub fn key_of(name: &str) -> String {
        // A space next to an invisible mark may remain at an end.
        FoldedText::of(name).text.trim().to_owned()
    }

    /// Whether a code is of this service.
    #[must_use]
    pub fn is_of(&self, otp: &Otp) -> bool {
        otp.service.as_ref().is_some_and(|service| Self::key_of(service) == self.key())
    }
}

/// Hides the name, because it reveals the contents of messages.
impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Service(…)")
    }
}

/// Normalises a code: removes separators (spaces, dashes, middle dots, invisible characters), and converts digits of
/// any script and full-width letters to ASCII. `None` unless 3 to [`Otp::MAX_CODE`] ASCII letters and digits remain.
#[must_use]
pub fn normalize_code(written: &str) -> Option<String> {
    let mut code = String::new();
    for c in written.chars().filter(|&c| !is_separator(c)) {
        let c = to_ascii(c).filter(char::is_ascii_alphanumeric)?;
        if code.len() == Otp::MAX_CODE {
            return None;
        }
        code.push(c);
    }
    (code.len() >= 3).then_some(code)
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            // Dashes.
            '-' | '\u{AD}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}'
            // Invisible characters, and marks of direction.
            | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}'
            | '\u{FEFF}'
            // Middle dots.
            | '\u{B7}' | '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22C5}')
}

/// The ASCII equivalent of a character.
fn to_ascii(c: char) -> Option<char> {
    let point = u32::from(c);
    match point {
        0..=0x7F => Some(c),
        // Full-width ASCII.
        0xFF01..=0xFF5E => char::from_u32(point - 0xFEE0),
        _ => digit(c).map(char::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalization_removes_separators() {
        for (written, code) in [
            ("482913", "482913"),
            ("482 913", "482913"),
            ("482-913", "482913"),
            (" 48\u{200b}29\u{a0}13\u{feff}", "482913"),
            ("\u{202a}482\u{2011}913\u{202c}", "482913"),
            ("G-482913", "G482913"),
            ("aB3dE", "aB3dE"),
            ("٤٨٢٩١٣", "482913"),
            ("۴۸۲۹۱۳", "482913"),
            ("४८२९१३", "482913"),
            ("４８２９１３", "482913"),
            ("Ａ1Ｂ", "A1B"),
            ("𝟒𝟖𝟐𝟗", "4829"),
            (&"7".repeat(32), &"7".repeat(32)),
        ] {
            assert_eq!(normalize_code(written).as_deref(), Some(code), "{written}");
        }
        for written in ["", "12", "1-2", "48+29", "48.29", "é1234", "1234\u{0}", &"7".repeat(33), "½123"] {
            assert_eq!(normalize_code(written), None, "{written}");
        }
    }

    #[test]
    fn a_score_is_at_most_a_hundred() {
        for (given, percent, fraction) in [(0, 0, 0.0), (97, 97, 0.97), (100, 100, 1.0), (255, 100, 1.0)] {
            let score = Score::of(given);
            assert_eq!((score.as_percent(), score.as_fraction()), (percent, fraction));
            assert_eq!(serde_json::from_str::<Score>(&given.to_string()).unwrap(), score);
        }
    }

    #[test]
    fn services_are_compared_without_case() {
        let of = |service: &str| Otp { code: "1234".into(), service: Some(service.into()), score: Score::of(90) };
        for (wanted, named) in [
            ("github", "GitHub"),
            (" ÄRZTE online ", "Ärzte Online"),
            ("яндекс", "Яндекс"),
            ("GitHub \u{200b}", "GitHub"),
            ("github", "\u{feff} GitHub"),
        ] {
            assert!(Service::parse("service", wanted).unwrap().is_of(&of(named)), "{wanted}");
        }
        assert!(!Service::parse("service", "git").unwrap().is_of(&of("GitHub")));
        let nobody = Otp { service: None, ..of("") };
        assert!(!Service::parse("service", "git").unwrap().is_of(&nobody));
        for wrong in ["", "  ", "a\nb", &"x".repeat(101)] {
            assert!(Service::parse("service", wrong).unwrap_err().message().starts_with("service: must"), "{wrong}");
        }
    }

    #[test]
    fn folding_a_key_again_changes_nothing() {
        for (name, key) in [("ǾRSTED", "orsted"), ("STRAẞE", "strasse"), ("Ǽ", "ae"), ("ΟΔΟΣ", "οδοσ")] {
            assert_eq!(Service::key_of(name), key);
        }
        for c in '\u{0}'..='\u{ffff}' {
            let key = Service::key_of(&c.to_string());
            assert_eq!(Service::key_of(&key), key, "{c:?}");
        }
    }

    #[test]
    fn what_cannot_be_stored_is_not_valid() {
        let otp = |code: &str, service: &str| Otp {
            code: code.to_owned(),
            service: Some(service.to_owned()),
            score: Score::of(90),
        };
        assert!(otp("482913", "GitHub").is_valid());
        for wrong in
            [otp("", "x"), otp("48 29", "x"), otp("٤٨٢", "x"), otp(&"1".repeat(33), "x"), otp("1", ""), otp("1", " x")]
        {
            assert!(!wrong.is_valid());
        }
        assert!(!otp("1", &"x".repeat(101)).is_valid());
    }

    #[test]
    fn debug_output_hides_the_contents() {
        let otp = Otp { code: "482913".into(), service: Some("GitHub".into()), score: Score::of(97) };
        assert_eq!(format!("{otp:?}"), "Otp(…, 97 %)");
        assert_eq!(format!("{:?}", Service::parse("service", "GitHub").unwrap()), "Service(…)");
    }
}
