//! Writes generated seeds into `corpus`: a signed webhook of every kind of provider, the webhooks and configurations of
//! the presets, and texts with codes in many languages. Run it after adding a kind:
//! `cargo run --manifest-path fuzz/Cargo.toml --example seeds`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use http::Method;
use otpwire::providers::{Endpoint, RawWebhook};
use otpwire_fuzz::{account::Account, webhook};
use serde_json::Value;

fn main() {
    for account in Account::all() {
        let word = account.kind.word;
        let text = "Your GitHub code is 482913. Ünïcödé & = + % \"quoted\"";
        let raw = account.compose("0123456789abcdef", "+14155550100", "+15005550006", text);
        write("webhook", &format!("{word}.signed"), &webhook::write(word, &raw));
    }
    for preset in list(&read("src/providers/generic/presets.json")) {
        let word = preset["word"].as_str().unwrap_or_default();
        let (configuration, mut sample) = (&preset["configuration"], String::new());
        for (name, endpoint) in [("message", Endpoint::Messages), ("status", Endpoint::Statuses)] {
            let Some(said) = preset.get(name) else { continue };
            let raw = sample_of(configuration, said, endpoint);
            write("webhook", &format!("{word}.{name}"), &webhook::write(word, &raw));
            sample = String::from_utf8_lossy(&raw.body).into_owned();
        }
        let about = format!("generic\n---\n{configuration}\n---\n{sample}");
        write("provider_config", &format!("{word}.preset"), about.as_bytes());
    }
    // One in eighty: one or two of each language.
    let texts = fs::read_to_string(root("tests/data/codes.jsonl")).expect("the labelled texts");
    for (at, line) in texts.lines().enumerate().step_by(80) {
        let labelled: Value = serde_json::from_str(line).expect("a labelled text");
        let text = format!("Acme\n{}", labelled["text"].as_str().unwrap_or_default());
        write("codes", &format!("{at}.text"), text.as_bytes());
    }
}

/// The webhook of a preset's sample.
fn sample_of(configuration: &Value, sample: &Value, endpoint: Endpoint) -> RawWebhook {
    let secret = format!("provider=fuzz&token={}", "c2VjcmV0LW9mLXRoZS1hY2NvdW50LTAx");
    let query = sample["query"].as_str().map_or(secret.clone(), |query| format!("{secret}&{query}"));
    let body = match &sample["body"] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        json => json.to_string(),
    };
    let kind = match configuration["body"].as_str() {
        Some("json") => "application/json",
        Some("xml") => "text/xml",
        _ => "application/x-www-form-urlencoded",
    };
    let (_, mut raw) = webhook::read(b"generic sms POST \n\n").expect("a webhook");
    raw.method = if body.is_empty() { Method::GET } else { Method::POST };
    raw.headers.insert("content-type", kind.parse().expect("a type"));
    raw.url = format!("https://sms.example.com/v1/webhooks/sms?{query}");
    RawWebhook { endpoint, body: body.into_bytes(), ..raw }
}

fn list(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("a list")
}

fn read(path: &str) -> String {
    fs::read_to_string(root(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn write(target: &str, name: &str, seed: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join(name), seed)).expect("a seed is written");
}
