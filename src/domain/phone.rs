//! Phone numbers, senders and countries.

use std::{fmt, str::FromStr};

use phonenumber::{Mode, PhoneNumber, country::Id};
use serde::{Deserialize, Serialize};

use super::{Error, Result};

/// A number that messages are sent to: E.164 (`+14155550100`) or a short code (`81234`).
///
/// E.164 is a plus sign and at most 15 digits, the first not zero (ITU-T E.164, 6.2.1). Short codes
/// belong to one country's networks and have 3 to 8 digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Msisdn(String);

impl Msisdn {
    /// Parses a number; `field` names the argument in the error. A missing plus sign is added, because many providers
    /// omit it; nothing else is normalised.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for anything else.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let plus = text.len() != digits.len();
        match digits.len() {
            3..=8 if all_digits && !plus => Ok(Self(digits.to_owned())),
            7..=15 if all_digits && !digits.starts_with('0') => Ok(Self(format!("+{digits}"))),
            _ => Err(Error::invalid(
                field,
                "must be a number in E.164, such as +14155550100, or a short code of 3 to 8 digits",
            )),
        }
    }

    /// A number from the database, validated when it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The number as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The whole number, for clients.
impl fmt::Display for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Only the last four digits, because debug output may be logged.
impl fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…{}", &self.0[self.0.len().saturating_sub(4)..])
    }
}

/// Who sent a message: a number, a short code, a name of letters and digits (`GOOGLE`), an e-mail address, or an
/// address with the prefix of its channel (`whatsapp:+14155550100`).
///
/// It is stored exactly as received.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sender(String);

impl Sender {
    /// The longest sender that is stored, in characters: 64 of a mailbox, `@`, and 255 of a
    /// domain (RFC 5321, 4.5.3.1).
    pub const MAX: usize = 320;

    /// Validates a sender; `field` names the argument in the error.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is empty, longer than 320 characters, or has control characters.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        if text.is_empty() {
            return Err(Error::invalid(field, "must name the sender"));
        }
        if text.chars().count() > Self::MAX {
            return Err(Error::invalid(field, format!("must have at most {} characters", Self::MAX)));
        }
        if text.chars().any(char::is_control) {
            return Err(Error::invalid(field, "must not have control characters"));
        }
        Ok(Self(text.to_owned()))
    }

    /// A sender from the database, validated when it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// Whether this is the same sender. Like in the networks, case is ignored.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }

    /// What a log may have of the sender: a name, which is no person's, and the beginning of anything else.
    #[must_use]
    pub fn hint(&self) -> String {
        let is_name = self.0.chars().count() <= 11
            && self.0.chars().any(char::is_alphabetic)
            && self.0.chars().all(|character| character.is_alphanumeric() || " .-_&".contains(character));
        match is_name {
            true => self.0.clone(),
            false if self.0.contains('@') => "…@…".to_owned(),
            false => self.0.chars().take(5).chain(['…']).collect(),
        }
    }

    /// The sender as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Hides the sender, because debug output may be logged.
impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender(…)")
    }
}

/// A country, as ISO 3166-1 alpha-2 writes it: `US`, `DE`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct CountryCode(String);

impl CountryCode {
    /// Parses two letters of either case; `field` names the argument in the error.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for anything else.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let code = text.to_ascii_uppercase();
        if Id::from_str(&code).is_ok() {
            return Ok(Self(code));
        }
        let meant = Self::MISTAKEN.iter().find(|(wrong, _)| *wrong == code).map(|(_, meant)| meant);
        Err(Error::invalid(
            field,
            match meant {
                Some(meant) => format!("is no country code of ISO 3166-1: did you mean {meant}?"),
                None => "must be a country code of two letters (ISO 3166-1), such as US".to_owned(),
            },
        ))
    }

    /// What people write for the codes of countries.
    const MISTAKEN: [(&str, &str); 10] = [
        ("UK", "GB"),
        ("EN", "GB"),
        ("GBR", "GB"),
        ("EL", "GR"),
        ("USA", "US"),
        ("SP", "ES"),
        ("DEU", "DE"),
        ("GER", "DE"),
        ("FRA", "FR"),
        ("JA", "JP"),
    ];

    /// The number that a text means in this country: in national form, or with the code of the country but without its
    /// plus sign. None if it is not valid there.
    #[must_use]
    pub fn number(&self, text: &str) -> Option<Msisdn> {
        let id = Id::from_str(&self.0).ok()?;
        let number = phonenumber::parse(Some(id), text).ok().filter(PhoneNumber::is_valid)?;
        let number = Msisdn::parse("phone_number", &number.format().mode(Mode::E164).to_string()).ok()?;
        (Self::of(&number).as_ref() == Some(self)).then_some(number)
    }

    /// The country of a number, unless several share its numbering plan.
    #[must_use]
    pub fn of(number: &Msisdn) -> Option<Self> {
        let parsed = phonenumber::parse(None, number.as_str()).ok()?;
        let country = parsed.country().id()?;
        Some(Self(country.as_ref().to_owned()))
    }

    /// A country code from the database, validated when it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_at_a_sender_names_nobody() {
        for (sender, hint) in [
            ("BANK", "BANK"),
            ("My-Bank 24", "My-Bank 24"),
            ("+14155550123", "+1415…"),
            ("4155550123", "41555…"),
            ("whatsapp:+14155550123", "whats…"),
            ("ada@example.com", "…@…"),
        ] {
            assert_eq!(Sender::parse("from", sender).unwrap().hint(), hint);
        }
    }

    #[test]
    fn numbers_are_e164_or_short_codes() {
        for (given, stored) in [
            ("+14155550100", "+14155550100"),
            ("14155550100", "+14155550100"),
            ("81234", "81234"),
            ("12345678", "12345678"),
            ("+1234567", "+1234567"),
        ] {
            assert_eq!(Msisdn::parse("to", given).unwrap().as_str(), stored);
        }
        for given in ["", "+", "12", "+0123456789", "+1234567890123456", "GOOGLE", "+1 415 555", "٤١٥٥٥٥"] {
            assert!(Msisdn::parse("to", given).is_err(), "{given}");
        }
    }

    #[test]
    fn senders_are_kept_as_they_are() {
        for given in ["+14155550100", "81234", "GOOGLE", "Ärzte", "06 12", "whatsapp:+14155550100", &"ä".repeat(320)]
        {
            assert_eq!(Sender::parse("from", given).unwrap().as_str(), given);
        }
        for given in [String::new(), "x".repeat(321), "a\u{0}b".to_owned()] {
            assert!(Sender::parse("from", &given).is_err());
        }
    }

    #[test]
    fn debug_output_shows_only_the_last_digits() {
        assert_eq!(format!("{:?}", Msisdn::parse("to", "+14155550100").unwrap()), "…0100");
    }

    #[test]
    fn countries_come_from_the_numbering_plan() {
        let country = |text| CountryCode::of(&Msisdn::parse("to", text).unwrap()).map(|c| c.0);
        assert_eq!(country("+14155550100").as_deref(), Some("US"));
        assert_eq!(country("+4915123456789").as_deref(), Some("DE"));
        assert_eq!(country("81234"), None);
    }

    #[test]
    fn country_codes_are_those_of_iso_3166() {
        for (given, code) in [("US", "US"), ("gb", "GB"), ("De", "DE")] {
            assert_eq!(CountryCode::parse("country", given).unwrap().as_str(), code);
        }
        for (given, meant) in [("UK", "GB"), ("uk", "GB"), ("USA", "US"), ("EL", "GR")] {
            let refused = CountryCode::parse("country", given).unwrap_err();
            assert!(refused.message().ends_with(&format!("did you mean {meant}?")), "{refused}");
        }
        for given in ["", "U", "ZZ", "XX", "Deutschland", "\u{fc}b"] {
            let refused = CountryCode::parse("country", given).unwrap_err();
            assert!(refused.message().contains("two letters"), "{refused}");
        }
    }

    #[test]
    fn a_number_is_read_in_its_country() {
        let read = |country: &str, text| CountryCode::parse("country", country).unwrap().number(text).map(|n| n.0);
        for (country, text, number) in [
            ("US", "4155550101", Some("+14155550101")),
            ("US", "(415) 555-0101", Some("+14155550101")),
            ("US", "14155550101", Some("+14155550101")),
            ("GB", "020 7946 0958", Some("+442079460958")),
            ("GB", "442079460958", Some("+442079460958")),
            ("DE", "015123456789", Some("+4915123456789")),
            ("CH", "4155550101", None),
            ("US", "0", None),
            ("US", "442079460958", None),
        ] {
            assert_eq!(read(country, text).as_deref(), number, "{text} in {country}");
        }
    }
}
