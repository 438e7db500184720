//! Reading messages: the reader of codes, and what keeps its mistakes from costing a message.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use crate::domain::{InboundSms, MessageType, Reading, Sender, otp};

// A reader that panics costs a code. Where panics abort it would cost the process.
const _: () = assert!(cfg!(panic = "unwind"), "build otpwire with panic = \"unwind\": a panic must cost one code");

/// How a text of a sender is read.
type Read = dyn Fn(&str, &Sender) -> Reading + Send + Sync;

/// What reads the texts of messages.
#[derive(Clone)]
pub struct Reader(Arc<Read>);

impl Reader {
    /// A reader of another make. The default is [`otp::read`].
    pub fn new(read: impl Fn(&str, &Sender) -> Reading + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// Reads a message. It never fails: a text that the reader cannot cope with is any text, and is counted.
    pub(super) fn read(&self, sms: &InboundSms) -> Reading {
        // The reader keeps nothing from one text to the next that could be left half done.
        let reading = catch_unwind(AssertUnwindSafe(|| (self.0)(&sms.text, &sms.from)));
        let is_sound = |reading: &Reading| match (&reading.otp, reading.message_type) {
            (Some(otp), MessageType::Otp) => otp.is_sound(),
            (None, MessageType::Sms | MessageType::Verification) => true,
            _ => false,
        };
        reading.ok().filter(is_sound).unwrap_or_else(|| {
            metrics::counter!("otpwire_readings_failed_total").increment(1);
            tracing::error!("the reader of codes failed on a message, which is kept without its code");
            Reading::NOTHING
        })
    }
}

impl Default for Reader {
    fn default() -> Self {
        Self::new(|text, sender| otp::read(text, Some(sender)))
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;
    use crate::domain::{Msisdn, Otp, Score};

    fn sms(text: &str) -> InboundSms {
        let (from, to) = (Sender::parse("from", "BANK").unwrap(), Msisdn::parse("to", "+14155550100").unwrap());
        InboundSms::new("1", from, to, text)
    }

    #[test]
    fn a_reader_that_fails_costs_a_code_and_is_counted() {
        let otp = |code: &str| Some(Otp { code: code.to_owned(), service: None, score: Score::of(90) });
        let reader = Reader::new(move |text, _| match text {
            "a code" => Reading { message_type: MessageType::Otp, otp: otp("482913") },
            "a question" => Reading { message_type: MessageType::Verification, otp: None },
            "too long" => Reading { message_type: MessageType::Otp, otp: otp(&"7".repeat(33)) },
            "no code" => Reading { message_type: MessageType::Otp, otp: None },
            "no type" => Reading { message_type: MessageType::Sms, otp: otp("482913") },
            other => panic!("what is `{other}`?"),
        });
        let recorder = PrometheusBuilder::new().build_recorder();
        let metrics = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            assert_eq!(reader.read(&sms("a code")).otp, otp("482913"));
            assert_eq!(reader.read(&sms("a question")).message_type, MessageType::Verification);
            assert!(!metrics.render().contains("otpwire_readings_failed_total"));
            for text in ["too long", "no code", "no type", "482913"] {
                assert_eq!(reader.read(&sms(text)), Reading::NOTHING, "{text}");
            }
        });
        let told = metrics.render();
        assert!(told.contains("otpwire_readings_failed_total 4") && !told.contains("482913"), "{told}");
    }
}
