//! How well codes are read, on texts of which somebody said what is in them.

use std::{collections::BTreeMap, fmt};

use serde::Deserialize;

use super::Extraction;
use crate::domain::MessageType;

/// A text, and what is in it.
#[derive(Clone, Deserialize)]
pub struct LabelledText {
    /// The text of a message.
    pub text: String,
    /// Who sent it, where that is known.
    #[serde(default)]
    pub sender: Option<String>,
    /// The code in it: ASCII digits and letters without separators. Letters are compared without case.
    #[serde(default)]
    pub code: Option<String>,
    /// Other forms of the code that are right as well: `G123456` for 123456.
    #[serde(default)]
    pub alt: Vec<String>,
    /// Who the code is for, where the text says so beyond doubt; otherwise the service is not measured.
    #[serde(default)]
    pub service: Option<String>,
    /// The language, as BCP 47 names it.
    #[serde(default)]
    pub lang: String,
    /// What the message is for.
    #[serde(rename = "type")]
    pub message_type: MessageType,
}

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Code, or that there is none, and type are as they should be.
    Right,
    /// The code is right, and the service is another.
    OtherService,
    /// It has a code, and another one was read.
    WrongCode,
    /// It has a code, and none was read.
    Missed,
    /// It has no code, and one was read.
    FalseAlarm,
    /// It has no code, and its type was taken for another.
    OtherType,
}

/// Counts of texts, and the measures that come of them.
#[derive(Clone, Debug, Default)]
pub struct Measures {
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
    services: u32,
    services_right: u32,
    languages: BTreeMap<String, (u32, u32)>,
}

impl Measures {
    /// Counts a text.
    pub fn add(&mut self, label: &LabelledText, reading: &Extraction) -> Verdict {
        let is_type = label.message_type == reading.message_type;
        self.types += u32::from(is_type);
        if label.message_type == MessageType::Verification {
            self.verifications += 1;
            self.verifications_found += u32::from(is_type);
        }
        match (&label.code, &reading.otp) {
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
                            Some(service) => {
                                self.services += 1;
                                let is_service = otp.service.as_deref().is_some_and(|found| key(found) == key(service));
                                self.services_right += u32::from(is_service);
                                if is_service { Verdict::Right } else { Verdict::OtherService }
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

    /// Of all codes that were read, the part that is right. 1 where none was read.
    #[must_use]
    pub fn precision(&self) -> f64 {
        part(self.right, self.right + self.wrong + self.false_alarms)
    }

    /// Of all codes that are there, the part that was read, exactly.
    #[must_use]
    pub fn recall(&self) -> f64 {
        part(self.right, self.with_code())
    }

    /// The harmonic mean of precision and recall.
    #[must_use]
    pub fn f1(&self) -> f64 {
        let (precision, recall) = (self.precision(), self.recall());
        if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 }
    }

    /// Of all texts with a code, the part in which another one was read.
    #[must_use]
    pub fn wrong_codes(&self) -> f64 {
        1.0 - part(self.with_code() - self.wrong, self.with_code())
    }

    /// Of all texts without a code, the part in which one was read.
    #[must_use]
    pub fn false_alarms(&self) -> f64 {
        1.0 - part(self.without - self.false_alarms, self.without)
    }

    /// The same of texts that have four or more digits in a row.
    #[must_use]
    pub fn hard_false_alarms(&self) -> f64 {
        1.0 - part(self.hard - self.hard_false_alarms, self.hard)
    }

    /// Of all codes that were read rightly and whose service is known, the part whose service is right.
    #[must_use]
    pub fn services(&self) -> f64 {
        part(self.services_right, self.services)
    }

    /// Of all texts, the part whose type is right.
    #[must_use]
    pub fn types(&self) -> f64 {
        part(self.types, self.with_code() + self.without)
    }

    /// Of all texts that ask to verify something without a code, the part whose type is right.
    #[must_use]
    pub fn verifications(&self) -> f64 {
        part(self.verifications_found, self.verifications)
    }

    /// For each language that has codes: how many were read, of how many.
    #[must_use]
    pub fn languages(&self) -> &BTreeMap<String, (u32, u32)> {
        &self.languages
    }
}

impl fmt::Display for Measures {
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
        writeln!(f, "types               {:>8.4}", self.types())?;
        writeln!(
            f,
            "  verification      {:>8.4}  {} of {}",
            self.verifications(),
            self.verifications_found,
            self.verifications
        )?;
        writeln!(f, "recall by language")?;
        for (language, (right, all)) in &self.languages {
            writeln!(f, "  {language:<18}{:>8.4}  {right} of {all}", part(*right, *all))?;
        }
        Ok(())
    }
}

fn part(count: u32, all: u32) -> f64 {
    if all == 0 { 1.0 } else { f64::from(count) / f64::from(all) }
}

/// A name as it is compared: its letters and digits, in lower case.
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
