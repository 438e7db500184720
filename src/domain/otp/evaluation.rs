//! Measures how well codes are read, on labelled texts.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer};

use super::Extraction;
use crate::domain::{MessageType, escape_for_terminal};

/// A text with the expected result.
#[derive(Clone, Deserialize)]
pub struct LabelledText {
    /// The text of a message.
    pub text: String,
    /// The sender, if known.
    #[serde(default)]
    pub sender: Option<String>,
    /// The code: ASCII digits and letters without separators. Case is ignored.
    #[serde(default)]
    pub code: Option<String>,
    /// Other correct forms of the code: `G123456` for 123456.
    #[serde(default)]
    pub alt: Vec<String>,
    /// The service: null if the text names none. Without this field, the service is not evaluated.
    #[serde(default, deserialize_with = "present")]
    pub service: Option<Option<String>>,
    /// The language, as a BCP 47 tag.
    #[serde(default)]
    pub lang: String,
    /// The type.
    #[serde(rename = "type")]
    pub message_type: MessageType,
}

/// A field that is there, even if it is null.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The result for one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The code, if any, and the type are correct.
    Right,
    /// The code is correct, the service is not, or the text names none.
    OtherService,
    /// Another code was read.
    WrongCode,
    /// The code was not found.
    Missed,
    /// A code was read where there is none.
    FalseAlarm,
    /// There is no code, and the type is wrong.
    OtherType,
}

/// Counts of results, and the measures derived from them.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    right: u32,
    wrong: u32,
    missed: u32,
    without: u32,
    false_alarms: u32,
    hard: u32,
    hard_false_alarms: u32,
    types: u32,
    verifications: u32,
    verifications_found: u32,
    verifications_read: u32,
    services: u32,
    services_right: u32,
    without_service: u32,
    services_invented: u32,
    languages: BTreeMap<String, (u32, u32)>,
}

impl Evaluation {
    /// Adds the result for a text.
    pub fn add(&mut self, label: &LabelledText, extraction: &Extraction) -> Verdict {
        let is_type = label.message_type == extraction.message_type;
        self.types += u32::from(is_type);
        self.verifications_read += u32::from(extraction.message_type == MessageType::Verification);
        if label.message_type == MessageType::Verification {
            self.verifications += 1;
            self.verifications_found += u32::from(is_type);
        }
        match (&label.code, &extraction.otp) {
            (Some(code), found) => {
                let is_code = |found: &str| {
                    std::iter::once(code).chain(&label.alt).any(|right| right.eq_ignore_ascii_case(found))
                };
                let counts = self.languages.entry(label.lang.clone()).or_default();
                counts.1 += 1;
                match found {
                    None => {
                        self.missed += 1;
                        Verdict::Missed
                    }
                    Some(otp) if !is_code(&otp.code) => {
                        self.wrong += 1;
                        Verdict::WrongCode
                    }
                    Some(otp) => {
                        counts.0 += 1;
                        self.right += 1;
                        match &label.service {
                            Some(Some(service)) => {
                                self.services += 1;
                                let is_service = otp.service.as_deref().is_some_and(|found| key(found) == key(service));
                                self.services_right += u32::from(is_service);
                                if is_service { Verdict::Right } else { Verdict::OtherService }
                            }
                            Some(None) => {
                                self.without_service += 1;
                                self.services_invented += u32::from(otp.service.is_some());
                                if otp.service.is_none() { Verdict::Right } else { Verdict::OtherService }
                            }
                            None => Verdict::Right,
                        }
                    }
                }
            }
            (None, found) => {
                let is_hard = has_long_number(&label.text);
                self.without += 1;
                self.hard += u32::from(is_hard);
                if found.is_some() {
                    self.false_alarms += 1;
                    self.hard_false_alarms += u32::from(is_hard);
                    Verdict::FalseAlarm
                } else if is_type {
                    Verdict::Right
                } else {
                    Verdict::OtherType
                }
            }
        }
    }

    fn with_code(&self) -> u32 {
        self.right + self.wrong + self.missed
    }

    /// The fraction of codes read that are correct; 1 if none was read.
    #[must_use]
    pub fn precision(&self) -> f64 {
        ratio(self.right, self.right + self.wrong + self.false_alarms)
    }

    /// The fraction of codes that were read correctly.
    #[must_use]
    pub fn recall(&self) -> f64 {
        ratio(self.right, self.with_code())
    }

    /// The harmonic mean of precision and recall.
    #[must_use]
    pub fn f1(&self) -> f64 {
        let (precision, recall) = (self.precision(), self.recall());
        if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 }
    }

    /// The fraction of texts with a code in which another one was read.
    #[must_use]
    pub fn wrong_codes(&self) -> f64 {
        1.0 - ratio(self.with_code() - self.wrong, self.with_code())
    }

    /// The fraction of texts without a code in which one was read.
    #[must_use]
    pub fn false_alarms(&self) -> f64 {
        1.0 - ratio(self.without - self.false_alarms, self.without)
    }

    /// The same for texts with four or more digits in a row.
    #[must_use]
    pub fn hard_false_alarms(&self) -> f64 {
        1.0 - ratio(self.hard - self.hard_false_alarms, self.hard)
    }

    /// The fraction of correct codes with a known service whose service is correct.
    #[must_use]
    pub fn services(&self) -> f64 {
        ratio(self.services_right, self.services)
    }

    /// The fraction of correct codes in texts that name no service for which one was read.
    #[must_use]
    pub fn invented_services(&self) -> f64 {
        1.0 - ratio(self.without_service - self.services_invented, self.without_service)
    }

    /// The fraction of texts whose type is correct.
    #[must_use]
    pub fn types(&self) -> f64 {
        ratio(self.types, self.with_code() + self.without)
    }

    /// The fraction of requests to verify without a code that were recognised.
    #[must_use]
    pub fn verifications(&self) -> f64 {
        ratio(self.verifications_found, self.verifications)
    }

    /// The fraction of texts read as requests to verify that are.
    #[must_use]
    pub fn verification_precision(&self) -> f64 {
        ratio(self.verifications_found, self.verifications_read)
    }

    /// For each language: how many codes were read correctly, and how many there are.
    #[must_use]
    pub fn languages(&self) -> &BTreeMap<String, (u32, u32)> {
        &self.languages
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "texts               {:>8}", self.with_code() + self.without)?;
        writeln!(f, "  with a code       {:>8}", self.with_code())?;
        writeln!(f, "precision           {:>8.4}", self.precision())?;
        writeln!(f, "recall              {:>8.4}", self.recall())?;
        writeln!(f, "F1                  {:>8.4}", self.f1())?;
        writeln!(f, "wrong codes         {:>8.4}  {} of {}", self.wrong_codes(), self.wrong, self.with_code())?;
        writeln!(f, "false alarms        {:>8.4}  {} of {}", self.false_alarms(), self.false_alarms, self.without)?;
        writeln!(
            f,
            "  with long numbers {:>8.4}  {} of {}",
            self.hard_false_alarms(),
            self.hard_false_alarms,
            self.hard
        )?;
        writeln!(f, "services            {:>8.4}  {} of {}", self.services(), self.services_right, self.services)?;
        writeln!(
            f,
            "  invented          {:>8.4}  {} of {}",
            self.invented_services(),
            self.services_invented,
            self.without_service
        )?;
        writeln!(f, "types               {:>8.4}", self.types())?;
        writeln!(
            f,
            "  verification      {:>8.4}  {} of {}",
            self.verifications(),
            self.verifications_found,
            self.verifications
        )?;
        writeln!(
            f,
            "    precision       {:>8.4}  {} of {}",
            self.verification_precision(),
            self.verifications_found,
            self.verifications_read
        )?;
        writeln!(f, "recall by language")?;
        for (language, (right, all)) in &self.languages {
            let language = escape_for_terminal(language);
            writeln!(f, "  {language:<18}{:>8.4}  {right} of {all}", ratio(*right, *all))?;
        }
        Ok(())
    }
}

fn ratio(count: u32, total: u32) -> f64 {
    if total == 0 { 1.0 } else { f64::from(count) / f64::from(total) }
}

/// The key by which names are compared: letters and digits, in lower case.
fn key(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn has_long_number(text: &str) -> bool {
    let mut digits = 0;
    text.chars().any(|c| {
        digits = if c.is_numeric() { digits + 1 } else { 0 };
        digits >= 4
    })
}
