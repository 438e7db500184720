//! The cost of reading codes, from the texts of the project and from hostile ones.
//!
//! `cargo bench --bench codes`. Hostile texts of 20 kB should take twice as long as those of 10 kB.
#![expect(clippy::unwrap_used, reason = "a failed bench stops")]

use std::{hint::black_box, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use otpwire::domain::otp;

fn texts() -> Vec<String> {
    let lines = include_str!("../tests/data/codes.jsonl").lines();
    lines
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["text"].as_str().unwrap().to_owned())
        .collect()
}

fn real(criterion: &mut Criterion) {
    let mut texts = texts();
    let mut group = criterion.benchmark_group("real");
    group.measurement_time(Duration::from_secs(3));
    group.throughput(Throughput::Elements(texts.len() as u64));
    group.bench_function("all texts, in turn", |bencher| {
        bencher.iter(|| {
            for text in &texts {
                black_box(otp::read(text, None));
            }
        });
    });
    // The same text repeatedly: the cost with warm caches.
    texts.sort_by_key(String::len);
    for (name, part) in [("a short text", 25), ("a text of middle length", 50), ("a long text", 99)] {
        let text = &texts[texts.len() * part / 100];
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| otp::read(black_box(text), None)));
    }
    group.finish();
}

fn hostile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hostile");
    group.measurement_time(Duration::from_secs(2));
    for part in ["7", "a.", "1 ", "12-", "code 1234 ", "https://a", "kod", "@a#", "รหัส", "Aa ", "【"] {
        for size in [10_000, 20_000] {
            let text = part.repeat(size / part.len());
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_with_input(BenchmarkId::new(part, size), &text, |bencher, text| {
                bencher.iter(|| otp::read(black_box(text), None));
            });
        }
    }
    // With a code at the start, the names in a text are examined as well.
    for part in ["ab1", "ab/", "Ab ", "ا1"] {
        for size in [10_000, 20_000] {
            let text = format!("Your OTP code is 482913 https://x/{}", part.repeat(size / part.len()));
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_with_input(BenchmarkId::new(format!("{part} behind a code"), size), &text, |bencher, text| {
                bencher.iter(|| otp::read(black_box(text), None));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, real, hostile);
criterion_main!(benches);
