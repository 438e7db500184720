//! Reading messages: operators' own patterns, the reader of codes, and what keeps their mistakes from costing a
//! message.

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
    store::Store,
};

/// How long messages wait for the patterns. Without new ones they are read with those that are known.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long the patterns may take for a batch. A pattern is linear in the text, and some are slow nevertheless: messages
/// that come after those on which the time was spent are read by the built-in reader alone.
const BUDGET: Duration = Duration::from_millis(200);

// A reader that panics costs a code. Where panics abort it would cost the process.
const _: () = assert!(cfg!(panic = "unwind"), "build otpwire with panic = \"unwind\": a panic must cost one code");

/// How a text of a sender is read.
type Read = dyn Fn(&str, &Sender) -> Extraction + Send + Sync;

/// What reads the texts of messages that no pattern finds a code in.
#[derive(Clone)]
pub struct BuiltInReader(Arc<Read>);

impl BuiltInReader {
    /// A reader of another make. The default is [`otp::read`].
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

/// What knows how to read codes: the patterns, kept for a few seconds or until this replica changes one, and the
/// reader.
#[derive(Debug)]
pub(super) struct CodeReaders {
    store: Store,
    clock: Clock,
    reader: BuiltInReader,
    known: Mutex<Known>,
}

/// The patterns, as they were.
#[derive(Debug, Default)]
struct Known {
    patterns: Arc<CodePatterns>,
    /// When somebody looked, or tried to; never, or they have changed since.
    looked_at: Option<DateTime<Utc>>,
}

impl CodeReaders {
    pub(super) fn new(store: Store, clock: Clock, reader: BuiltInReader) -> Self {
        Self { store, clock, reader, known: Mutex::default() }
    }

    /// What messages are read with now. A store that is away costs what has changed since it was there.
    pub(super) async fn current(&self) -> CodeReader {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        let is_fresh = |at: DateTime<Utc>| (now - at).to_std().is_ok_and(|age| age < MEMORY);
        if !known.looked_at.is_some_and(is_fresh) {
            let looked = tokio::time::timeout(PATIENCE, self.look(&known.patterns));
            let looked = looked.await.map_err(Error::unavailable).flatten();
            known.looked_at = Some(now);
            match looked {
                Ok(patterns) => known.patterns = Arc::new(patterns),
                // The next look is not before its time either, or each batch would wait for a store that is slow.
                Err(error) => error.log("look for patterns of codes"),
            }
        }
        CodeReader { patterns: Arc::clone(&known.patterns), reader: self.reader.clone(), left: Budget::new(BUDGET) }
    }

    /// Reads the patterns. Those that have not changed need not be compiled again.
    async fn look(&self, before: &CodePatterns) -> Result<CodePatterns> {
        let stored = self.store.list_active_otp_patterns().await?;
        let patterns = stored.into_iter().filter_map(|row| Some((compile(&row, before)?, row)));
        Ok(CodePatterns::new(patterns.map(|(compiled, row)| (row, compiled)).collect()))
    }

    /// Looks at the store before the next message is read.
    pub(super) async fn forget_patterns(&self) {
        // Whoever is looking now may have looked too early, and holds the lock until then.
        self.known.lock().await.looked_at = None;
    }
}

/// Compiles a pattern, unless it has been. What was saved was checked: if it no longer passes, a newer version saved
/// it, or somebody did by hand, and the other patterns are good all the same.
fn compile(row: &OtpPattern, before: &CodePatterns) -> Option<Arc<CodePattern>> {
    if let Some(compiled) = before.compiled(&row.pattern) {
        return Some(compiled);
    }
    let compiled = catch_unwind(|| CodePattern::parse("pattern", &row.pattern).ok()).ok().flatten();
    if compiled.is_none() {
        tracing::error!(id = %row.id, "a pattern of codes cannot be used");
    }
    compiled.map(Arc::new)
}

/// What messages are read with.
#[derive(Clone, Debug)]
pub(super) struct CodeReader {
    patterns: Arc<CodePatterns>,
    reader: BuiltInReader,
    left: Budget,
}

/// How much time patterns may still take, in microseconds.
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
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(spent))).ok();
    }
}

impl CodeReader {
    /// Reads a message that an account has brought. It never fails: a text that the reader cannot cope with is any
    /// text, and is counted.
    pub(super) fn read(&self, provider: ProviderId, sms: &InboundSms) -> Extraction {
        // Neither keeps anything from one text to the next that could be left half done.
        let found = catch_unwind(AssertUnwindSafe(|| {
            self.patterns.find(provider, &sms.from, |pattern| self.search(pattern, &sms.text))
        }));
        match found.unwrap_or_else(|_| note_failure(None)) {
            None => self.read_without_patterns(sms),
            Some(PatternMatch { code, service }) => {
                let service = service.map(|service| service.as_str().to_owned());
                let service = service.or_else(|| self.read_without_patterns(sms).otp?.service);
                let otp = Otp { code, service, score: Score::of(100) };
                Extraction { message_type: MessageType::Otp, otp: Some(otp) }
            }
        }
    }

    /// Tries a pattern, as long as there is time for it.
    fn search(&self, pattern: &CodePattern, text: &str) -> Option<PatternMatch> {
        if self.left.is_spent() {
            metrics::counter!("otpwire_patterns_skipped_total").increment(1);
            return None;
        }
        let start = Instant::now();
        let found = pattern.find(text);
        self.left.spend(start.elapsed());
        found
    }

    fn read_without_patterns(&self, sms: &InboundSms) -> Extraction {
        let reading = catch_unwind(AssertUnwindSafe(|| (self.reader.0)(&sms.text, &sms.from)));
        let is_sound = |reading: &Extraction| match (&reading.otp, reading.message_type) {
            (Some(otp), MessageType::Otp) => otp.is_valid(),
            (None, MessageType::Sms | MessageType::Verification) => true,
            _ => false,
        };
        reading.ok().filter(is_sound).unwrap_or_else(|| note_failure(Extraction::NONE))
    }
}

/// Counts a text that could not be coped with, and answers what is read of it instead.
fn note_failure<T>(instead: T) -> T {
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
        CodeReader { patterns: Arc::default(), reader: BuiltInReader::new(read), left: Budget::new(BUDGET) }
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
        reader.left.spend(BUDGET);
        let recorder = PrometheusBuilder::new().build_recorder();
        let metrics = recorder.handle();
        metrics::with_local_recorder(&recorder, || assert_eq!(code().as_deref(), Some("482913")));
        assert!(metrics.render().contains("otpwire_patterns_skipped_total 1"));
    }
}
