//! What is read from a message.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    super::{Error, MessageType, Result},
    normal::{Normal, digit},
};

/// A one-time code, as it was read from a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Otp {
    /// The code: ASCII digits and letters, at most [`Otp::MAX_CODE`].
    pub code: String,
    /// Whose code it is, in the text's own spelling: at most [`Service::MAX`] characters.
    pub service: Option<String>,
    /// How sure the reader is.
    pub score: Score,
}

impl Otp {
    /// The longest code, in characters.
    pub const MAX_CODE: usize = 32;

    /// Whether it keeps to what is said of its fields, so that it can be stored.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let is_code = (1..=Self::MAX_CODE).contains(&self.code.len())
            && self.code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_name = |service: &String| Service::parse("service", service).is_ok_and(|name| name.as_str() == service);
        is_code && self.service.as_ref().is_none_or(is_name)
    }
}

/// Nothing of what the message says: what is printed for developers may end in a log.
impl fmt::Debug for Otp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Otp(…, {} %)", self.score.as_percent())
    }
}

/// How sure the reader is, in hundredths: 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "u8", into = "u8")]
pub struct Score(u8);

impl Score {
    /// So many hundredths; more than a hundred are a hundred.
    #[must_use]
    pub fn of(percent: u8) -> Self {
        Self(percent.min(100))
    }

    /// The hundredths.
    #[must_use]
    pub fn as_percent(self) -> u8 {
        self.0
    }

    /// The same as a fraction: 0 to 1.
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
    /// What the message is for: [`MessageType::Otp`] when it has a code, and only then.
    pub message_type: MessageType,
    /// The code, if there is one.
    pub otp: Option<Otp>,
}

impl Extraction {
    /// What is known of a message that nobody has read.
    pub const NONE: Self = Self { message_type: MessageType::Sms, otp: None };
}

/// The name of a service, as somebody asks for its codes. Names are compared without case, accents and invisible
/// marks.
#[derive(Clone, PartialEq, Eq)]
pub struct Service(String);

impl Service {
    /// The longest name, in characters.
    pub const MAX: usize = 100;

    /// Reads a name; spaces around it do not count.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is empty, too long, or has control characters; `field` names what was read.
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

    /// A name that was checked when it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The name as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is compared by: two names are the same when these are.
    #[must_use]
    pub fn key(&self) -> String {
        Self::key_of(&self.0)
    }

    /// The same for a name as a text has it.
    #[must_use]
    pub fn key_of(name: &str) -> String {
        // Beside an invisible mark a space may be left at an end.
        Normal::of(name).text.trim().to_owned()
    }

    /// Whether a code is of this service.
    #[must_use]
    pub fn is_of(&self, otp: &Otp) -> bool {
        otp.service.as_ref().is_some_and(|service| Self::key_of(service) == self.key())
    }
}

/// Nothing of it: whose codes somebody waits for is part of what their messages say.
impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Service(…)")
    }
}

/// A code as programs use it, from how people write it: without what only separates (spaces, dashes, dots in the
/// middle, characters without a width), with ASCII for digits of any script and for the wide letters of East Asia.
/// Nothing when what is left is not 3 to [`Otp::MAX_CODE`] ASCII letters and digits.
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
            // Dashes, as they are typed and as they are set.
            '-' | '\u{AD}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}'
            // What has no width, and what tells the direction of writing.
            | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}'
            | '\u{FEFF}'
            // Dots in the middle.
            | '\u{B7}' | '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22C5}')
}

/// A character as ASCII has it, if it does.
fn to_ascii(c: char) -> Option<char> {
    let point = u32::from(c);
    match point {
        0..=0x7F => Some(c),
        // The wide forms of ASCII.
        0xFF01..=0xFF5E => char::from_u32(point - 0xFEE0),
        _ => digit(c).map(char::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_what_is_left_without_separators() {
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
    fn services_are_compared_whatever_the_case_of_their_letters() {
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
    fn what_names_are_compared_by_is_folded_all_the_way() {
        for (name, key) in [("ǾRSTED", "orsted"), ("STRAẞE", "strasse"), ("Ǽ", "ae"), ("ΟΔΟΣ", "οδοσ")] {
            assert_eq!(Service::key_of(name), key);
        }
        for c in '\u{0}'..='\u{ffff}' {
            let key = Service::key_of(&c.to_string());
            assert_eq!(Service::key_of(&key), key, "{c:?}");
        }
    }

    #[test]
    fn what_cannot_be_stored_is_not_sound() {
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
    fn a_debug_print_shows_nothing_of_a_message() {
        let otp = Otp { code: "482913".into(), service: Some("GitHub".into()), score: Score::of(97) };
        assert_eq!(format!("{otp:?}"), "Otp(…, 97 %)");
        assert_eq!(format!("{:?}", Service::parse("service", "GitHub").unwrap()), "Service(…)");
    }
}
