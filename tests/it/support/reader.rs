//! A reader of codes with simple rules, for tests of everything around the real one.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use otpwire::{
    app::receiving::BuiltInReader,
    domain::{Extraction, MessageType, Otp, Score},
};

/// Reads `GitHub: 482913` as a code of GitHub, `: 482913` as a code without a service, and `confirm …` as a request to
/// confirm. `panic …` makes it panic, `wild …` makes it return a code that is too long, and any other text has no code.
pub(crate) fn plain_reader() -> BuiltInReader {
    counting_reader().0
}

/// The same reader, with a counter of the texts that it has read.
pub(crate) fn counting_reader() -> (BuiltInReader, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let reader = BuiltInReader::new(move |text, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        read(text)
    });
    (reader, count)
}

fn read(text: &str) -> Extraction {
    assert!(!text.starts_with("panic"), "the reader panics on `{text}`");
    if text.starts_with("confirm") {
        return Extraction { message_type: MessageType::Verification, otp: None };
    }
    let code = |code: String, service: &str| {
        let service = Some(service).filter(|service| !service.is_empty()).map(str::to_owned);
        Extraction { message_type: MessageType::Otp, otp: Some(Otp { code, service, score: Score::of(87) }) }
    };
    if text.starts_with("wild") {
        return code("7".repeat(1_000), "");
    }
    let found = text.split_once(": ").filter(|(_, code)| code.bytes().all(|byte| byte.is_ascii_digit()));
    found.map_or(Extraction::NONE, |(service, digits)| code(digits.to_owned(), service))
}
