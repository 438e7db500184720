//! Reading one-time codes: operators' patterns first, then the built-in reader. A failure of either costs the code,
//! never the message.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use crate::{
    app::settings::MEMORY,
    clock::Clock,
    domain::{
        CodePattern, CodePatterns, Error, Extraction, InboundSms, MessageType, Otp, OtpPattern, PatternMatch,
        ProviderId, Result, Score, Sender, otp,
    },
    fault_injection::{self, Guarantee},
    store::Store,
};

/// How long a batch waits for patterns to be loaded. After that it uses the patterns that were loaded last.
const LOAD_TIMEOUT: Duration = Duration::from_secs(1);

/// How much time patterns may spend on one batch. A pattern is linear in the text, but some are slow all the same.
/// Once the budget is spent, the rest of the batch is read by the built-in reader alone.
const PATTERN_BUDGET: Duration = Duration::from_millis(200);

// A panic in the reader is caught and costs one code. With panic = "abort" it would cost the process.
const _: () = assert!(cfg!(panic = "unwind"), "build otpwire with panic = \"unwind\": a panic must cost one code");

/// Reads a text from a sender.
type ReadFn = dyn Fn(&str, &Sender) -> Extraction + Send + Sync;

/// Reads messages in which no pattern finds a code.
#[derive(Clone)]
pub struct BuiltInReader(Arc<ReadFn>);

impl BuiltInReader {
    /// Replaces the default, [`otp::read`].
    pub fn new(read: impl Fn(&str, &Sender) -> Extraction + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }
}

impl Default for BuiltInReader {
    fn default() -> Self {
        Self::new(|text, sender| otp::read(text, Some(sender)))
    }
}

impl fmt::Debug for BuiltInReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BuiltInReader")
    }
}

/// Provides the [`CodeReader`] for each batch. Patterns are cached for a few seconds, or until this replica changes
/// one.
#[derive(Debug)]
pub(super) struct CodeReaderSource {
    store: Store,
    clock: Clock,
    reader: BuiltInReader,
    loaded: Mutex<LoadedPatterns>,
}

/// The patterns as they were loaded last.
#[derive(Debug, Default)]
struct LoadedPatterns {
    patterns: Arc<CodePatterns>,
    /// When they were loaded, or loading was tried. `None` if never, or if they have changed since.
    loaded_at: Option<DateTime<Utc>>,
}

impl CodeReaderSource {
    pub(super) fn new(store: Store, clock: Clock, reader: BuiltInReader) -> Self {
        Self { store, clock, reader, loaded: Mutex::default() }
    }

    /// The reader to use now. While the store is away this is the one with the patterns loaded last.
    pub(super) async fn current(&self) -> CodeReader {
        let mut loaded = self.loaded.lock().await;
        let now = self.clock.now();
        let is_fresh = |at: DateTime<Utc>| (now - at).to_std().is_ok_and(|age| age < MEMORY);
        if !loaded.loaded_at.is_some_and(is_fresh) {
            let result = tokio::time::timeout(LOAD_TIMEOUT, self.load(&loaded.patterns));
            let result = result.await.map_err(Error::unavailable).flatten();
            loaded.loaded_at = Some(now);
            match result {
                Ok(patterns) => loaded.patterns = Arc::new(patterns),
                // A failed load counts as a load: otherwise each batch would wait for a slow store.
                Err(error) => error.log("load code patterns"),
            }
        }
        CodeReader {
            patterns: Arc::clone(&loaded.patterns),
            reader: self.reader.clone(),
            budget: Budget::new(PATTERN_BUDGET),
        }
    }

    /// Loads the patterns, reusing the compiled form of those that have not changed.
    async fn load(&self, before: &CodePatterns) -> Result<CodePatterns> {
        let stored = self.store.list_active_otp_patterns().await?;
        let patterns = stored.into_iter().filter_map(|row| Some((compile(&row, before)?, row)));
        Ok(CodePatterns::new(patterns.map(|(compiled, row)| (row, compiled)).collect()))
    }

    /// Makes the next batch load the patterns again.
    pub(super) async fn invalidate_patterns(&self) {
        // A load in progress may have read too early; it holds the lock until it is done.
        self.loaded.lock().await.loaded_at = None;
    }
}

/// Compiles a pattern, or reuses its compiled form. Patterns are checked when they are saved; one that fails now was
/// saved by a newer version or by hand, and must not keep the others from working.
fn compile(row: &OtpPattern, before: &CodePatterns) -> Option<Arc<CodePattern>> {
    if let Some(compiled) = before.compiled(&row.pattern) {
        return Some(compiled);
    }
    let compiled = catch_unwind(|| CodePattern::parse("pattern", &row.pattern).ok()).ok().flatten();
    if compiled.is_none() {
        tracing::error!(id = %row.id, "a code pattern cannot be used");
    }
    compiled.map(Arc::new)
}

/// Reads the codes of one batch.
#[derive(Clone, Debug)]
pub(super) struct CodeReader {
    patterns: Arc<CodePatterns>,
    reader: BuiltInReader,
    budget: Budget,
}

/// The time that patterns may still spend on this batch, in microseconds.
#[derive(Clone, Debug)]
struct Budget(Arc<AtomicU64>);

impl Budget {
    fn new(time: Duration) -> Self {
        Self(Arc::new(AtomicU64::new(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))))
    }

    fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    fn spend(&self, time: Duration) {
        let spent = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |budget| Some(budget.saturating_sub(spent))).ok();
    }
}

impl CodeReader {
    /// Reads a message. Never fails: a text on which the reader fails is an ordinary message, and is counted.
    pub(super) fn read(&self, provider: ProviderId, sms: &InboundSms) -> Extraction {
        // Neither patterns nor reader keep state between texts that a panic could leave inconsistent.
        let found = catch_unwind(AssertUnwindSafe(|| {
            self.patterns.find(provider, &sms.from, |pattern| self.search(pattern, &sms.text))
        }));
        match found.unwrap_or_else(|_| count_failure(None)) {
            None => self.read_without_patterns(sms),
            Some(PatternMatch { code, service }) => {
                let service = service.map(|service| service.as_str().to_owned());
                let service = service.or_else(|| self.read_without_patterns(sms).otp?.service);
                let otp = Otp { code, service, score: Score::of(100) };
                Extraction { message_type: MessageType::Otp, otp: Some(otp) }
            }
        }
    }

    /// Tries a pattern while the budget lasts.
    fn search(&self, pattern: &CodePattern, text: &str) -> Option<PatternMatch> {
        if self.budget.is_spent() {
            metrics::counter!("otpwire_patterns_skipped_total").increment(1);
            return None;
        }
        let start = Instant::now();
        let found = pattern.find(text);
        self.budget.spend(start.elapsed());
        found
    }

    fn read_without_patterns(&self, sms: &InboundSms) -> Extraction {
        let reading = catch_unwind(AssertUnwindSafe(|| {
            assert!(!fault_injection::is_disabled(Guarantee::Reading), "a defect of the reader with {}", sms.text);
            (self.reader.0)(&sms.text, &sms.from)
        }));
        let is_sound = |reading: &Extraction| match (&reading.otp, reading.message_type) {
            (Some(otp), MessageType::Otp) => otp.is_valid(),
            (None, MessageType::Sms | MessageType::Verification) => true,
            _ => false,
        };
        reading.ok().filter(is_sound).unwrap_or_else(|| count_failure(Extraction::NONE))
    }
}

/// Counts a failure of the reader and returns `instead`.
fn count_failure<T>(instead: T) -> T {
    metrics::counter!("otpwire_readings_failed_total").increment(1);
    tracing::error!("the reader of codes failed on a message, which is kept all the same");
    instead
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;
    use crate::domain::{Msisdn, Otp, OtpPatternId, Score};

    fn sms(text: &str) -> InboundSms {
        let (from, to) = (Sender::parse("from", "BANK").unwrap(), Msisdn::parse("to", "+14155550100").unwrap());
        InboundSms::new("1", from, to, text)
    }

    fn reader(read: impl Fn(&str, &Sender) -> Extraction + Send + Sync + 'static) -> CodeReader {
        CodeReader { patterns: Arc::default(), reader: BuiltInReader::new(read), budget: Budget::new(PATTERN_BUDGET) }
    }

    #[test]
    fn a_reader_that_fails_costs_a_code_and_is_counted() {
        let otp = |code: &str| Some(Otp { code: code.to_owned(), service: None, score: Score::of(90) });
        let reader = reader(move |text, _| match text {
            "a code" => Extraction { message_type: MessageType::Otp, otp: otp("482913") },
            "a question" => Extraction { message_type: MessageType::Verification, otp: None },
            "too long" => Extraction { message_type: MessageType::Otp, otp: otp(&"7".repeat(33)) },
            "no code" => Extraction { message_type: MessageType::Otp, otp: None },
            "no type" => Extraction { message_type: MessageType::Sms, otp: otp("482913") },
            other => panic!("what is `{other}`?"),
        });
        let read = |text| reader.read(ProviderId(1), &sms(text));
        let recorder = PrometheusBuilder::new().build_recorder();
        let metrics = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            assert_eq!(read("a code").otp, otp("482913"));
            assert_eq!(read("a question").message_type, MessageType::Verification);
            assert!(!metrics.render().contains("otpwire_readings_failed_total"));
            for text in ["too long", "no code", "no type", "482913"] {
                assert_eq!(read(text), Extraction::NONE, "{text}");
            }
        });
        let told = metrics.render();
        assert!(told.contains("otpwire_readings_failed_total 4") && !told.contains("482913"), "{told}");
    }

    #[test]
    fn patterns_that_took_their_time_are_skipped_and_the_reader_is_not() {
        let row = OtpPattern {
            id: OtpPatternId(1),
            provider_id: None,
            sender: Some(Sender::parse("sender", "BANK").unwrap()),
            pattern: "TAN (?<code>[0-9]{4})".to_owned(),
            service: None,
            is_active: true,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        };
        let compiled = compile(&row, &CodePatterns::default()).unwrap();
        let otp = Some(Otp { code: "482913".to_owned(), service: None, score: Score::of(90) });
        let built_in = otp.clone();
        let reader = CodeReader {
            patterns: Arc::new(CodePatterns::new(vec![(row, compiled)])),
            ..reader(move |_, _| Extraction { message_type: MessageType::Otp, otp: built_in.clone() })
        };
        let code = || reader.read(ProviderId(1), &sms("TAN 1234")).otp.map(|otp| otp.code);
        assert_eq!(code().as_deref(), Some("1234"));
        reader.budget.spend(PATTERN_BUDGET);
        let recorder = PrometheusBuilder::new().build_recorder();
        let metrics = recorder.handle();
        metrics::with_local_recorder(&recorder, || assert_eq!(code().as_deref(), Some("482913")));
        assert!(metrics.render().contains("otpwire_patterns_skipped_total 1"));
    }
}
