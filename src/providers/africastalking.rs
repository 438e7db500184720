//! Africa's Talking: form posts without a signature.
//!
//! Messages, delivery reports and the other notifications may all be sent to one address, and are told apart by
//! their fields. `from` may be a network's name, and `to` is mostly a short code.
//!
//! Sources: Africa's Talking's documentation, "SMS notifications" and "Delivery reports".

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Common, Draft, Form, Item, Malformed, Outgoing, RawWebhook, Reading, Rejected, States, TimeFormat,
        Verified, message_id, one, payload, read_time, sender, state_of,
    },
};
use crate::domain::{DeliveryState, InboundSms, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "africastalking",
    title: "Africa's Talking",
    secret: "a long random text of your own, which the webhook address carries as `token`",
    settings: &[],
    api_endpoint: "https://api.africastalking.com",
    open: Opener::Code(|setup| {
        setup.has_no_own()?;
        Ok(Box::new(AfricasTalking { secret: setup.secret, common: setup.common }))
    }),
};

const STATES: &States = &[
    (DeliveryState::Queued, &["Buffered"]),
    (DeliveryState::Sent, &["Sent", "Submitted"]),
    (DeliveryState::Delivered, &["Success"]),
    (DeliveryState::Undelivered, &["Failed", "Expired", "AbsentSubscriber"]),
    (DeliveryState::Failed, &["Rejected"]),
];

/// How times are written where they are not RFC 3339.
const TIME: &str = "%Y-%m-%d %H:%M:%S";

/// The adapter.
pub struct AfricasTalking {
    secret: SecretString,
    common: Common,
}

impl AfricasTalking {
    fn read(&self, form: &Form<'_>) -> Result<Item, Malformed> {
        if form.has("text") || form.has("from") {
            self.message(form).map(Item::Message)
        } else if let Some(status) = form.filled("status")? {
            let phone = form.filled("phoneNumber")?;
            Ok(Item::Status(StatusUpdate {
                provider_message_id: message_id("id", form.text("id")?)?,
                state: state_of(STATES, status),
                provider_status: status.to_owned(),
                phone_number: phone.and_then(|phone| self.common.recipient("phoneNumber", Some(phone)).ok()),
                at: None,
                error: form.filled("failureReason")?.map(str::to_owned),
                payload: payload(form),
            }))
        } else if form.has("phoneNumber") {
            // Somebody has subscribed to something, or does not want to be written to any more.
            Ok(Item::Nothing)
        } else {
            Err(Malformed::new("text", "is missing"))
        }
    }

    fn message(&self, form: &Form<'_>) -> Result<InboundSms, Malformed> {
        let mut sms = InboundSms::new(
            message_id("id", form.text("id")?)?,
            sender("from", form.text("from")?)?,
            self.common.recipient("to", Some(form.text("to")?))?,
            form.text("text")?,
        );
        // The other way in which it comes does not say its zone.
        sms.sent_at = form.find("date")?.and_then(|date| read_time(date, &TimeFormat::Rfc3339));
        sms.payload = payload(form);
        Ok(sms)
    }
}

impl Provider for AfricasTalking {
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
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let fields = [
            ("linkId", "03090445075804249226"),
            ("text", draft.text),
            ("to", draft.to),
            ("id", draft.id),
            ("date", &draft.now.format(TIME).to_string()),
            ("from", draft.from),
            ("networkCode", "63902"),
            ("cost", "None"),
        ];
        Ok(Outgoing::form(draft.url, &fields, &[]).with_token(&self.secret))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::providers::testing::{adapter, webhook};

    fn parse(body: &str) -> Result<Item, Malformed> {
        let raw = webhook("https://a/?token=secret", &[("content-type", Form::TYPE)], body.as_bytes());
        let adapter = adapter("africastalking", "secret", Value::Null);
        adapter.parse(&Verified::unchecked(&raw)).map(|mut items| items.remove(0))?
    }

    #[test]
    fn a_message_is_read_whatever_the_format_of_its_time() {
        for (date, sent_at) in [
            ("2026-11-22+08%3A00%3A00", None),
            ("2026-11-22T08%3A00%3A00Z", Some(1_795_334_400)),
            ("22.11.2026", None),
        ] {
            let body = format!(
                "linkId=03090445075804249226&text=Your+code+is+482913&to=21512&id=ec9adc86-51d5-4bc8-8eb0-d8ab0bb53dc3\
                 &date={date}&from=Safaricom&networkCode=63902&cost=None"
            );
            let Ok(Item::Message(sms)) = parse(&body) else { panic!("{body}") };
            assert_eq!(sms.sent_at.map(|time| time.timestamp()), sent_at);
            assert_eq!((sms.from.as_str(), sms.to.as_str()), ("Safaricom", "21512"));
            assert_eq!(sms.provider_message_id, "ec9adc86-51d5-4bc8-8eb0-d8ab0bb53dc3");
            assert_eq!(sms.text, "Your code is 482913");
        }
        for (body, field) in [
            ("text=x&to=21512&from=1", "id"),
            ("text=x&to=21512&id=1", "from"),
            ("text=x&id=1&from=1", "to"),
            ("to=21512&id=1&from=1", "text"),
            ("", "text"),
        ] {
            assert_eq!(parse(body).unwrap_err().field, field, "{body}");
        }
    }

    #[test]
    fn a_delivery_report_is_read() {
        let report = |status: &str| {
            let body = format!(
                "id=ATXid_1&status={status}&phoneNumber=%2B254791541111&networkCode=63902&failureReason=UserInBlackList"
            );
            let Ok(Item::Status(update)) = parse(&body) else { panic!("{body}") };
            assert_eq!((update.provider_message_id.as_str(), update.provider_status.as_str()), ("ATXid_1", status));
            assert_eq!(update.phone_number.unwrap().as_str(), "+254791541111");
            assert_eq!(update.error.as_deref(), Some("UserInBlackList"));
            update.state
        };
        assert_eq!(report("Success"), Some(DeliveryState::Delivered));
        assert_eq!(report("Failed"), Some(DeliveryState::Undelivered));
        assert_eq!(report("Rejected"), Some(DeliveryState::Failed));
        assert_eq!(report("Novel"), None);
    }

    #[test]
    fn other_notifications_say_nothing() {
        for body in [
            "senderId=BANK&phoneNumber=%2B254791541111",
            "phoneNumber=%2B254791541111&shortCode=21512&keyword=news&updateType=addition",
        ] {
            assert!(matches!(parse(body), Ok(Item::Nothing)), "{body}");
        }
    }
}
