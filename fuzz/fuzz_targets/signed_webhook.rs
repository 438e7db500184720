//! Signed webhooks: each is verified and parsed to the message that was sent. With one changed byte it is refused, or
//! parsed to the same message.

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
    parsed,
};

/// A message, and a change to its webhook.
#[derive(Arbitrary, Debug)]
struct Sent<'a> {
    kind: u8,
    /// Which byte is changed, and how.
    at: u16,
    change: u8,
    /// The id and the sender, on a line each, then the text.
    message: &'a str,
}

fuzz_target!(|sent: Sent<'_>| -> Corpus {
    let all = Account::all();
    let account = &all[usize::from(sent.kind) % all.len()];
    let mut lines = sent.message.splitn(3, '\n');
    let [id, from, text] = [(); 3].map(|()| lines.next().unwrap_or_default());
    // Webhooks of some providers have no number; their accounts are configured with this one.
    let to = "+15005550006";
    // No provider sends characters that SMS cannot carry.
    if InboundSms::check_id("id", id).is_err() || Sender::parse("from", from).is_err() || text.trim().is_empty() {
        return Corpus::Reject;
    }
    let mut raw = account.compose(id, from, to, text);
    let word = account.kind.word;
    let verified = account.adapter.verify(&raw, now()).unwrap_or_else(|rejected| panic!("{word}: {rejected}"));
    let read = account.adapter.parse(&verified);
    parsed::check(&read);
    for item in read.iter().flatten().flatten() {
        let Item::Message(sms) = item else { panic!("{word}: a message is parsed as {item:?}") };
        assert_eq!(sms.to.as_str(), to, "{word}");
        let payload = serde_json::from_str(sms.payload.get()).expect("checked before");
        // What stands for a text is `[12 characters]`, and texts may have these words.
        let shown = Redacted::of(&payload).value().to_string().replace(" characters]", "");
        let is_elsewhere = [id, from, to].iter().any(|other| other.contains(text));
        assert!(text.len() < 12 || is_elsewhere || !shown.contains(text), "{word}: {shown}");
    }
    let messages =
        |webhook| parsed::messages(&webhook).iter().map(|message| format!("{message:?}")).collect::<Vec<_>>();
    let before = messages(account.adapter.parse(&verified));
    if raw.method == Method::GET || raw.body.is_empty() || sent.change == 0 || account.shows_secret {
        return Corpus::Keep;
    }
    let at = usize::from(sent.at) % raw.body.len();
    raw.body[at] ^= sent.change;
    if let Ok(verified) = account.adapter.verify(&raw, now()) {
        // A signature that does not cover the body is valid for the first body that arrives with it.
        let is_same = messages(account.adapter.parse(&verified)) == before;
        assert!(is_same || verified.replay_key().is_some(), "{word}: a changed body is accepted");
    }
    Corpus::Keep
});
