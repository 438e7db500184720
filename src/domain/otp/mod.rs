//! One-time codes: what they are, and how they are read from the texts of messages.
//!
//! Reading is rule-based information extraction. A text is folded, matched against a multilingual lexicon and scanned
//! for numbers; each number is scored, and the best one is the code if its score reaches a threshold. No step looks
//! back by more than a few words, so the cost is linear in the length of the text, whatever it says.
//!
//! # Glossary
//!
//! In reading order; each term is defined in the module of the same name, unless another is given.
//!
//! - **Folded text** (`text`, by the rules of `fold`): without case, accents and invisible marks, with ASCII digits,
//!   without HTML (`markup`), and with each word in one script (`homoglyphs`); it remembers where each byte came from.
//! - **Lexicon**: words of about a hundred languages, in one automaton; the language of a text is not detected. Its
//!   data is `lexicon.toml`. An occurrence of an entry is a **match**, and its **tags** say what it suggests.
//! - **Token** (`tokens`): a run of letters, a run of digits, or a symbol.
//! - **Candidate**: a number that may be the code, with its **shape** and the **penalties** of its immediate
//!   surroundings. `scan` finds them, and skips addresses, dates, times, amounts and telephone numbers.
//! - **Document**: all of the above for one text.
//! - **Context**: what the whole text suggests: its **keywords**, words for a code of some **strength**, and how many
//!   words speak for or against a code.
//! - **Evidence**: how a candidate is connected to a keyword: "code is", "is your code", "enter", a distance, or, for a
//!   candidate that has a line to itself, the lines around it (`lines`).
//! - **Score** (`scorer`): points for shape, evidence and context, minus penalties. `keywordless` adds a bonus in texts
//!   without keywords; `letters` finds codes of letters alone.
//!
//! `reader` puts these together with the formats that need no scoring (`origin_bound`, `retriever`), with
//! `verification` (requests to verify something without a code) and with `service` (whom the code is for). `links`
//! lists the links of a text, `explain` shows the intermediate results, and `evaluation` measures the quality on
//! labelled texts.
//!
//! Operators add patterns for codes of other forms; see [`CodePattern`](super::CodePattern).

mod candidate;
mod code;
mod context;
mod document;
mod evaluation;
mod evidence;
mod explain;
mod fold;
mod homoglyphs;
mod keywordless;
#[cfg(test)]
mod kind_tests;
mod letters;
mod lexicon;
mod lines;
mod links;
mod markup;
mod origin_bound;
mod parts;
mod reader;
mod retriever;
mod scan;
mod scorer;
mod service;
#[cfg(test)]
mod shape_tests;
#[cfg(test)]
mod tests;
mod text;
mod tokens;
mod verification;

pub use code::{Extraction, Otp, Score, Service, normalize_code};
pub use evaluation::{Evaluation, LabelledText, Verdict};
pub use explain::explain;
pub use links::{Link, LinkKind, links, origin};

use super::Sender;

/// Reads a message: its type, and its code if it has one.
///
/// - `Otp`: it has a one-time code for its reader to type in or to tell somebody, to log in, sign up, approve, reset,
///   or receive a parcel from a driver. (The code that opens a parcel locker is not one.)
/// - `Verification`: it asks to confirm something by a link or a reply, or reports a log-in under way, without a code.
/// - `Sms`: everything else, including completed events, permanent passwords, vouchers, and warnings about codes.
///
/// The code consists of ASCII digits and letters without separators. The service is in the spelling of the text; if the
/// text does not name one, it is the name of the sender.
#[must_use]
pub fn read(text: &str, sender: Option<&Sender>) -> Extraction {
    let reading = reader::read(text, sender.map_or("", Sender::as_str));
    let otp = reading.code.map(|code| Otp {
        code: code.code,
        service: code
            .service
            .and_then(|name| Service::parse("service", name).ok())
            .map(|name| name.as_str().to_owned()),
        score: confidence(code.points),
    });
    Extraction { message_type: reading.message_type, otp }
}

/// Builds the lexicon ahead of the first message. Takes about a tenth of a second.
pub fn warm_up() {
    let _ = lexicon::Lexicon::get();
}

/// Maps points to a score: 75 % at the threshold, 99 % from 30 points above. It ranks codes; it is not a probability.
fn confidence(points: i32) -> Score {
    let percent = 75 + (points - scorer::THRESHOLD) * 24 / 30;
    Score::of(u8::try_from(percent.clamp(75, 99)).unwrap_or(99))
}
