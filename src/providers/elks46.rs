//! 46elks: form posts without a signature, for messages with and without pictures and for delivery reports.
//!
//! What the answer to a message says is sent back to its sender, so the answer is empty.
//!
//! Sources: 46elks's documentation, "Receive SMS", "Receive MMS", "SMS delivery reports".

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Form, Item, Malformed, Outgoing, RawWebhook, Reading, Rejected, States, TimeFormat,
        Verified, media, message_id, one, payload, read_utc, sender, state_of,
    },
};
use crate::domain::{DeliveryState, InboundSms, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "elks46",
    title: "46elks",
    secret: "a long random text of your own, which the webhook address carries as `token` or as a password",
    settings: &[],
    api_endpoint: "https://api.46elks.com",
    open: Opener::Code(|setup| {
        setup.has_no_own()?;
        Ok(Box::new(Elks46 { secret: setup.secret, common: setup.common }))
    }),
};

const STATES: &States = &[
    (DeliveryState::Sent, &["sent"]),
    (DeliveryState::Delivered, &["delivered"]),
    (DeliveryState::Undelivered, &["failed"]),
];

/// The adapter.
pub struct Elks46 {
    secret: SecretString,
    common: Common,
}

impl Elks46 {
    fn read(&self, form: &Form<'_>) -> Result<Item, Malformed> {
        let id = message_id("id", form.text("id")?)?;
        // Times are in UTC, and do not say so.
        let time = |name| form.find(name).map(|text| text.and_then(|text| read_utc(text, &TimeFormat::Rfc3339)));
        if let Some(status) = form.filled("status")?.filter(|_| !form.has("from")) {
            return Ok(Item::Status(StatusUpdate {
                provider_message_id: id,
                state: state_of(STATES, status),
                provider_status: status.to_owned(),
                phone_number: None,
                at: time("delivered")?,
                error: None,
                payload: payload(form),
            }));
        }
        let images = (1..=InboundSms::MAX_MEDIA).map_while(|at| {
            let name = if at == 1 { "image".to_owned() } else { format!("image{at}") };
            form.filled(&name).ok().flatten()
        });
        let media: Vec<_> = images.filter_map(|url| media(url, None)).collect();
        // A picture may come without a word.
        let text = if form.has("image") { form.find("message")?.unwrap_or_default() } else { form.text("message")? };
        let mut sms = InboundSms::new(
            id,
            sender("from", form.text("from")?)?,
            self.common.recipient("to", Some(form.text("to")?))?,
            text,
        );
        sms.sent_at = time("created")?;
        sms.media = media;
        sms.payload = payload(form);
        Ok(Item::Message(sms))
    }
}

impl Provider for Elks46 {
    fn shows_secret(&self) -> bool {
        true
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, _now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        raw.must_be_form()?;
        Verified::by_secret(raw, &self.secret)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        one(self.read(&Form::decode(&webhook.raw().body)))
    }

    fn ack(&self) -> Ack {
        Ack::text("")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let fields = [
            ("direction", "incoming"),
            ("id", draft.id),
            ("from", draft.from),
            ("to", draft.to),
            ("created", &draft.now.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()),
            ("message", draft.text),
        ];
        Ok(Outgoing::form(draft.url, &fields, &[]).with_token(&self.secret))
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use serde_json::Value;

    use super::*;
    use crate::providers::testing::{adapter, webhook};

    const MESSAGE: &str = "direction=incoming&id=sf8425555e5d8db61dda7a7b3f1b91bdb&from=%2B46706861004&to=%2B46706860000\
                           &created=2018-07-13T13%3A57%3A23.741000";

    fn parse(body: &str) -> Result<Item, Malformed> {
        let raw = webhook("https://a/?token=secret", &[("content-type", Form::TYPE)], body.as_bytes());
        let elks = adapter("elks46", "secret", Value::Null);
        elks.parse(&Verified::unchecked(&raw)).map(|mut items| items.remove(0))?
    }

    fn message(body: &str) -> InboundSms {
        match parse(body) {
            Ok(Item::Message(sms)) => sms,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_message_is_read() {
        let sms = message(&format!("{MESSAGE}&message=Hello%20how%20are%20you%3F"));
        assert_eq!(sms.text, "Hello how are you?");
        assert_eq!((sms.from.as_str(), sms.to.as_str()), ("+46706861004", "+46706860000"));
        assert_eq!(sms.sent_at, DateTime::from_timestamp_millis(1_531_490_243_741));
        assert!(sms.media.is_empty());
        // What has a sender is no report, should messages ever have a status.
        assert_eq!(message(&format!("{MESSAGE}&message=x&status=received")).text, "x");
        assert_eq!(parse(MESSAGE).unwrap_err().field, "message");
        assert_eq!(parse("id=&from=1&to=12345&message=x").unwrap_err().field, "id");
    }

    #[test]
    fn pictures_are_remembered() {
        let sms = message(&format!("{MESSAGE}&image=https%3A%2F%2Fa%2F1.jpg&image2=https%3A%2F%2Fa%2F2.jpg"));
        let urls: Vec<_> = sms.media.iter().map(|media| media.url.as_str()).collect();
        assert_eq!((sms.text.as_str(), urls), ("", vec!["https://a/1.jpg", "https://a/2.jpg"]));
    }

    #[test]
    fn a_delivery_report_is_read() {
        let report = |rest: &str| match parse(&format!("id=s1&{rest}")) {
            Ok(Item::Status(update)) => (update.state, update.at.map(|at| at.timestamp())),
            other => panic!("{other:?}"),
        };
        let delivered = "status=delivered&delivered=2018-07-13T13%3A57%3A23.741000";
        assert_eq!(report(delivered), (Some(DeliveryState::Delivered), Some(1_531_490_243)));
        assert_eq!(report("status=failed"), (Some(DeliveryState::Undelivered), None));
        assert_eq!(report("status=novel"), (None, None));
    }

    #[test]
    fn the_answer_is_empty_and_the_secret_may_be_a_password() {
        let elks = adapter("elks46", "secret", Value::Null);
        assert_eq!(elks.ack().body, "");
        let basic = |password| format!("Basic {}", STANDARD.encode(format!("elks:{password}")));
        let verify = |password| {
            let headers = [("content-type", Form::TYPE), ("authorization", &*basic(password))];
            elks.verify(&webhook("https://a/", &headers, b""), DateTime::UNIX_EPOCH).map(drop)
        };
        assert_eq!(verify("secret"), Ok(()));
        assert_eq!(verify("guess"), Err(Rejected::WrongSecret));
    }
}
