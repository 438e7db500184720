//! Unsigned and tampered webhooks: nothing panics, none is verified with another secret, and whatever is parsed can be
//! stored.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use otpwire::providers::{Provider, Verified};
use otpwire_fuzz::{account::now, parsed, webhook};

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((account, raw)) = webhook::read(input) else { return Corpus::Reject };
    let adapter = &account.adapter;
    // The endpoint refuses other methods before it calls the adapter, and calls these functions in this order.
    if !adapter.methods().contains(&raw.method) {
        return Corpus::Reject;
    }
    let _ = (adapter.is_probe(&raw), raw.redacted_url());
    if let Ok(Some(url)) = adapter.certificate_url(&raw) {
        assert_eq!(url.scheme(), "https", "a certificate is fetched from {url}");
    }
    assert!(account.stranger.verify(&raw, now()).is_err(), "{}: somebody without the secret", account.kind.word);
    // Unsigned webhooks are parsed too, as if their provider had signed them.
    let verified = adapter.verify(&raw, now()).unwrap_or_else(|_| Verified::unchecked(&raw));
    let read = adapter.parse(&verified);
    parsed::check(&read);
    parsed::check_payload(&adapter.payload(&verified));
    let again = adapter.parse(&verified);
    assert_eq!(
        parsed::messages(&read),
        parsed::messages(&again),
        "{}: a retry is parsed differently",
        account.kind.word
    );
    Corpus::Keep
});
