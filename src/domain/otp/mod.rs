//! One-time codes: what they are, and how they are read from the texts of messages.
//!
//! ```text
//! text ─▶ fold ─▶ words of the lexicon ─▶ numbers ─▶ points for each ─▶ the best, if it is good enough
//!        normal       lexicon        tokens, scan     terms, tie, judge   reader, service
//! ```
//!
//! A text is read once, from its start to its end, and no step goes back further than a few words: what a text
//! costs grows with its length and not faster, whatever it says.
//!
//! - `normal` folds case, accents, invisible marks and the digits of all scripts, and keeps where each byte was.
//! - `lexicon` finds the words of about a hundred languages in one automaton. The words are data: `lexicon.toml`,
//!   which says itself how it is extended. Languages are not told apart.
//! - `tokens` and `scan` find the numbers that could be a code, alone or in `groups`, and pass over those that are
//!   an address, a date, a time, an amount, a telephone number.
//! - `judge` gives each points: for its shape, and for how it is tied (`tie`) to a word for a code (`terms`) ("code is",
//!   "is your code", "enter"); and against it for what says that it is something else ("order no.", "minutes", "% off").
//! - `reader` has the formats that need no guessing (origin-bound codes, the hash of the SMS Retriever), takes the
//!   best number if it has enough points, and tells a request to verify something from other texts.
//! - `service` finds who the code is for, among the `names` in the text.
//! - `measure` counts how well labelled texts are read.
//!
//! Codes of other forms are read with patterns that operators write.

mod code;
mod groups;
mod judge;
mod lexicon;
mod measure;
mod names;
mod normal;
mod reader;
mod scan;
mod service;
mod terms;
#[cfg(test)]
mod tests;
mod tie;
mod tokens;

pub use code::{Extraction, Otp, Score, Service, normalize_code};
pub use measure::{LabelledText, Measures, Verdict};

use super::Sender;

/// Reads a message: what it is for, and its code if it has one.
///
/// - `Otp`: it carries a one-time code for its reader to type or to read out, to log in, sign up, approve, reset, or
///   to take a parcel from its courier. (What one fetches a parcel from a locker with is not meant.)
/// - `Verification`: it asks to confirm something by a link or a reply, or warns of a log-in under way; no code is in it.
/// - `Sms`: all else, also finished events, static passwords, vouchers, and warnings about codes.
///
/// The code is in ASCII digits and letters without separators. The service is in the text's own spelling; where
/// the text has none, it is the sender's name.
#[must_use]
pub fn read(text: &str, sender: Option<&Sender>) -> Extraction {
    let found = reader::read(text, sender.map_or("", Sender::as_str));
    let otp = found.code.map(|code| Otp {
        code: code.code,
        service: code
            .service
            .and_then(|name| Service::parse("service", name).ok())
            .map(|name| name.as_str().to_owned()),
        score: score(code.points),
    });
    Extraction { message_type: found.message_type, otp }
}

/// Builds what reading needs, so that the first message does not wait for it: about a tenth of a second.
pub fn warm_up() {
    let _ = lexicon::Lexicon::get();
}

/// What the reader saw in a text, line by line: the words of the lexicon, the numbers and their points. For those who
/// extend the lexicon.
#[must_use]
pub fn explain(text: &str) -> String {
    reader::explain(text)
}

/// Points as hundredths: from 75 for a code that just has enough to 99, 30 points above. It puts codes in an order of how
/// much speaks for them, and is no frequency.
fn score(points: i32) -> Score {
    let percent = 75 + (points - judge::THRESHOLD) * 24 / 30;
    Score::of(u8::try_from(percent.clamp(75, 99)).unwrap_or(99))
}
