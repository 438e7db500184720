//! Webhooks as their providers send and sign them: each is believed and says what was sent; and when a byte of it is
//! changed on the way, it is not believed, or says the same.

#![no_main]

use arbitrary::Arbitrary;
use http::Method;
use libfuzzer_sys::{Corpus, fuzz_target};
use otpwire::{
    domain::{InboundSms, Redacted, Sender},
    providers::{Item, Provider},
};
use otpwire_fuzz::{
    account::{Account, now},
    reading,
};

/// A message, and what happens to its webhook on the way.
#[derive(Arbitrary, Debug)]
struct Sent<'a> {
    kind: u8,
    /// Which byte is changed, and what of it.
    at: u16,
    change: u8,
    /// Its id and its sender, on a line each, then its text.
    message: &'a str,
}

fuzz_target!(|sent: Sent<'_>| -> Corpus {
    let all = Account::all();
    let account = &all[usize::from(sent.kind) % all.len()];
    let mut lines = sent.message.splitn(3, '\n');
    let [id, from, text] = [(); 3].map(|()| lines.next().unwrap_or_default());
    // Some providers name no number, and their accounts say that it is this one.
    let to = "+15005550006";
    // What a network does not carry, no provider sends.
    if InboundSms::check_id("id", id).is_err() || Sender::parse("from", from).is_err() || text.trim().is_empty() {
        return Corpus::Reject;
    }
    let mut raw = account.compose(id, from, to, text);
    let word = account.kind.word;
    let verified = account.adapter.verify(&raw, now()).unwrap_or_else(|rejected| panic!("{word}: {rejected}"));
    let read = account.adapter.parse(&verified);
    reading::check(&read);
    for item in read.iter().flatten().flatten() {
        let Item::Message(sms) = item else { panic!("{word}: a message is read as {item:?}") };
        assert_eq!(sms.to.as_str(), to, "{word}");
        let payload = serde_json::from_str(sms.payload.get()).expect("checked before");
        let shown = Redacted::of(&payload).value().to_string();
        let is_elsewhere = [id, from, to].iter().any(|other| other.contains(text));
        assert!(text.len() < 12 || is_elsewhere || !shown.contains(text), "{word}: {shown}");
    }
    let said = |reading| reading::said(&reading).iter().map(|said| format!("{said:?}")).collect::<Vec<_>>();
    let before = said(account.adapter.parse(&verified));
    if raw.method == Method::GET || raw.body.is_empty() || sent.change == 0 || account.shows_secret {
        return Corpus::Keep;
    }
    let at = usize::from(sent.at) % raw.body.len();
    raw.body[at] ^= sent.change;
    if let Ok(verified) = account.adapter.verify(&raw, now()) {
        // Where the signature does not cover the body, it is good for the first body that comes with it.
        let is_same = said(account.adapter.parse(&verified)) == before;
        assert!(is_same || verified.once().is_some(), "{word}: a changed body is believed");
    }
    Corpus::Keep
});
