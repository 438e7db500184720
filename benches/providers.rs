//! The cost of a webhook before it reaches the queue: verification and parsing, compared with the HMAC alone.
//! `cargo bench --bench providers`

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]

use std::hint::black_box;

use chrono::DateTime;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hmac::{Hmac, KeyInit, Mac};
use otpwire::providers::{Adapter, Draft, Provider, RawWebhook};
use sha1::Sha1;
use sha2::Sha256;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn composed(kind: &str) -> (Adapter, RawWebhook) {
    let adapter = Adapter::open(kind, SECRET.into(), None, &serde_json::Map::new()).unwrap();
    let draft = Draft {
        id: "SM0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        from: "+14155550100",
        to: "+15005550006",
        text: "Your verification code is 482913. Do not share it with anybody.",
        url: "https://sms.example.com/v1/webhooks/sms?provider=twilio",
        now: DateTime::from_timestamp(1_795_334_400, 0).unwrap(),
        nonce: "0123456789abcdef0123456789abcdef",
        key: None,
    };
    let raw = adapter.compose(&draft).unwrap();
    (adapter, raw)
}

/// Verifies and parses a webhook, as the endpoint does.
fn verify_and_parse(adapter: &Adapter, raw: &RawWebhook) -> usize {
    let now = DateTime::from_timestamp(1_795_334_400, 0).unwrap();
    let verified = adapter.verify(black_box(raw), now).unwrap();
    adapter.parse(&verified).unwrap().len()
}

/// The bytes that Twilio signs: the URL, then names and values.
fn signed(raw: &RawWebhook) -> Vec<u8> {
    let mut fields: Vec<(String, String)> = serde_urlencoded::from_bytes(&raw.body).unwrap();
    fields.sort();
    let fields = fields.into_iter().flat_map(|(name, value)| [name, value]);
    std::iter::once(raw.url.clone()).chain(fields).collect::<String>().into_bytes()
}

fn twilio(criterion: &mut Criterion) {
    let (adapter, raw) = composed("twilio");
    let signed = signed(&raw);
    let mut group = criterion.benchmark_group("twilio");
    group.throughput(Throughput::Elements(1));
    group.bench_function("verify and parse", |bencher| bencher.iter(|| verify_and_parse(&adapter, &raw)));
    group.bench_function("the HMAC alone", |bencher| {
        bencher.iter(|| {
            let mut mac = Hmac::<Sha1>::new_from_slice(SECRET.as_bytes()).unwrap();
            mac.update(black_box(&signed));
            mac.finalize()
        });
    });
    group.finish();
}

fn sinch(criterion: &mut Criterion) {
    let (adapter, raw) = composed("sinch");
    let mut group = criterion.benchmark_group("sinch (JSON)");
    group.throughput(Throughput::Elements(1));
    group.bench_function("verify and parse", |bencher| bencher.iter(|| verify_and_parse(&adapter, &raw)));
    group.bench_function("the HMAC alone", |bencher| {
        bencher.iter(|| {
            let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
            mac.update(black_box(&raw.body));
            mac.finalize()
        });
    });
    group.finish();
}

criterion_group!(benches, twilio, sinch);
criterion_main!(benches);
