//! Webhooks that nobody signed, or somebody did and they were changed: whatever they are, nothing panics, nobody's
//! secret is guessed, and what is read from them can be stored.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use otpwire::providers::{Provider, Verified};
use otpwire_fuzz::{account::now, reading, webhook};

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((account, raw)) = webhook::read(input) else { return Corpus::Reject };
    let adapter = &account.adapter;
    // The door refuses other methods before an adapter sees them, and asks these in this order.
    if !adapter.methods().contains(&raw.method) {
        return Corpus::Reject;
    }
    let _ = (adapter.is_probe(&raw), raw.shown_url());
    if let Ok(Some(url)) = adapter.wanted(&raw) {
        assert_eq!(url.scheme(), "https", "something is fetched from {url}");
    }
    assert!(account.stranger.verify(&raw, now()).is_err(), "{}: somebody without the secret", account.kind.word);
    // What was signed is read as it is; what was not, as if its provider had signed it.
    let verified = adapter.verify(&raw, now()).unwrap_or_else(|_| Verified::unchecked(&raw));
    let read = adapter.parse(&verified);
    reading::check(&read);
    reading::check_payload(&adapter.payload(&verified));
    let again = adapter.parse(&verified);
    assert_eq!(reading::said(&read), reading::said(&again), "{}: a retry says something else", account.kind.word);
    Corpus::Keep
});
