//! A sample account of every kind of provider, with the secrets of the tests.

use std::{fs, path::Path, sync::LazyLock};

use chrono::{DateTime, Utc};
use http::header;
use otpwire::providers::{Adapter, Draft, Kind, Provider, RawWebhook, kinds};
use secrecy::SecretString;
use serde_json::{Map, Value};

/// The fixed time of every target.
#[must_use]
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_334_400, 0).expect("a time")
}

/// The webhook address of every account.
pub const URL: &str = "https://sms.example.com/v1/webhooks/sms?provider=fuzz";

/// An account.
pub struct Account {
    /// Its kind.
    pub kind: &'static Kind,
    /// The adapter with the secret that the seeds are signed with.
    pub adapter: Adapter,
    /// The same with another secret, with which nothing in the corpus was signed: whatever it verifies is forged.
    pub stranger: Adapter,
    /// Whether webhooks carry the secret itself, so that nothing in them is signed.
    pub shows_secret: bool,
    key: Option<SecretString>,
}

impl Account {
    /// One of every kind.
    #[must_use]
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Account>> = LazyLock::new(|| kinds().iter().map(|kind| Account::open(kind)).collect());
        &ALL
    }

    /// The account of the kind with this name. Any other word selects one of the kinds, so that random input reaches
    /// all.
    #[must_use]
    pub fn of(word: &str) -> &'static Self {
        let all = Self::all();
        let sum = || word.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        all.iter().find(|account| account.kind.word == word).unwrap_or_else(|| &all[sum() % all.len()])
    }

    fn open(kind: &'static Kind) -> Self {
        let configuration = sample(kind, "configuration").expect("a default");
        let configuration = configuration.as_object().expect("an object");
        let with = |name: &str| {
            let secret = text(kind, name).expect("a default");
            let adapter = Adapter::open(kind.word, secret.into(), None, configuration);
            adapter.unwrap_or_else(|error| panic!("{}: {error}", kind.word))
        };
        let mut account = Self {
            kind,
            adapter: with("secret"),
            stranger: with("other"),
            shows_secret: false,
            key: text(kind, "key").map(Into::into),
        };
        let raw = account.compose("id", "+14155550100", "+15005550006", "text");
        let is_basic =
            raw.headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(b"Basic"));
        // SNS webhooks are signed as well.
        account.shows_secret = account.adapter.has_secret_in_url() && kind.word != "aws_sns" || is_basic;
        account
    }

    /// The signed webhook that the provider would send for a message.
    #[must_use]
    pub fn compose(&self, id: &str, from: &str, to: &str, text: &str) -> RawWebhook {
        let draft = Draft {
            id,
            from,
            to,
            text,
            url: URL,
            now: now(),
            nonce: "6e6f6e63650123456789abcdef012345",
            key: self.key.as_ref(),
        };
        self.adapter.compose(&draft).unwrap_or_else(|error| panic!("{}: {error}", self.kind.word))
    }
}

/// The sample of a kind, or of all kinds.
fn sample(kind: &Kind, name: &str) -> Option<Value> {
    static SAMPLES: LazyLock<Value> = LazyLock::new(|| {
        serde_json::from_str(&read("provider-samples.json")).expect("provider-samples.json describes accounts")
    });
    let preset = kind.is_preset().then(|| SAMPLES["preset"].get(name)).flatten();
    let said = SAMPLES["kinds"][kind.word].get(name).or(preset).or(SAMPLES["default"].get(name));
    said.cloned().map(with_files)
}

fn text(kind: &Kind, name: &str) -> Option<String> {
    sample(kind, name).map(|value| value.as_str().expect("a text").to_owned())
}

/// Replaces texts of the form `@file` by the content of that file.
fn with_files(value: Value) -> Value {
    match value {
        Value::String(text) => text.strip_prefix('@').map(read).unwrap_or(text).into(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, with_files(value))).collect::<Map<_, _>>().into()
        }
        other => other,
    }
}

fn read(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data");
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
