//! ClickSend: a form post, a GET or flat JSON, as the inbound rule's `webhook_type` says, without a signature.
//!
//! `from` and `body` are always there; everything else is read where it is. Receipts go through the same readers.
//!
//! Sources: ClickSend's documentation, "SMS automations" and "SMS delivery receipts".

use chrono::{DateTime, Utc};
use http::Method;
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
    word: "clicksend",
    title: "ClickSend",
    secret: "a long random text of your own, which the webhook address carries as `token`",
    settings: &[],
    api_endpoint: "https://rest.clicksend.com",
    open: Opener::Code(|setup| {
        setup.has_no_own()?;
        Ok(Box::new(ClickSend { secret: setup.secret, common: setup.common }))
    }),
};

/// ClickSend's codes and words. 300 is left out: it is a failure, and not known to be the last word.
const STATES: &States = &[
    (DeliveryState::Queued, &["queued"]),
    (DeliveryState::Sent, &["200", "sent"]),
    (DeliveryState::Delivered, &["201", "delivered"]),
    (DeliveryState::Undelivered, &["301", "undelivered"]),
    (DeliveryState::Failed, &["failed", "cancelled"]),
];

/// The adapter.
pub struct ClickSend {
    secret: SecretString,
    common: Common,
}

impl ClickSend {
    fn read(&self, form: &Form<'_>) -> Result<Item, Malformed> {
        let at = form.find("timestamp")?.and_then(|text| read_time(text, &TimeFormat::Unix));
        if !form.has("body") && (form.has("status_code") || form.has("status")) {
            let (_, status) = form.first_of(&["status_code", "status"])?;
            return Ok(Item::Status(StatusUpdate {
                provider_message_id: message_id("message_id", form.text("message_id")?)?,
                state: state_of(STATES, status),
                provider_status: status.to_owned(),
                phone_number: form.filled("to")?.and_then(|to| self.common.recipient("to", Some(to)).ok()),
                at,
                error: form.first_of(&["error_code", "error_text"]).ok().map(|(_, error)| error.to_owned()),
                payload: payload(form),
            }));
        }
        let id = form.filled("message_id")?.map(|id| message_id("message_id", id)).transpose()?;
        let mut sms = InboundSms::new(
            id.unwrap_or_default(),
            sender("from", form.text("from")?)?,
            self.common.recipient("to", form.find("to")?)?,
            form.text("body")?,
        );
        sms.sent_at = at;
        sms.payload = payload(form);
        Ok(Item::Message(sms))
    }
}

impl Provider for ClickSend {
    fn shows_secret(&self) -> bool {
        true
    }

    fn methods(&self) -> &[Method] {
        &[Method::POST, Method::GET]
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, _now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        raw.must_be_flat()?;
        Verified::by_secret(raw, &self.secret)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        one(self.read(&webhook.raw().flat()?.without_ours()))
    }

    fn ack(&self) -> Ack {
        Ack::text("OK")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let fields = [
            ("message", draft.text),
            ("message_id", draft.id),
            ("body", draft.text),
            ("to", draft.to),
            ("from", draft.from),
            ("timestamp", &draft.now.timestamp().to_string()),
            ("custom_string", ""),
            ("user_id", "1"),
        ];
        Ok(Outgoing::form(draft.url, &fields, &[]).with_token(&self.secret))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::providers::testing::{adapter, webhook};

    fn parse(raw: &RawWebhook) -> Result<Item, Malformed> {
        let clicksend = adapter("clicksend", "secret", json!({ "to": "+15005550006" }));
        clicksend.parse(&Verified::unchecked(raw)).map(|mut items| items.remove(0))?
    }

    #[test]
    fn a_message_comes_in_each_of_three_ways() {
        let query = "from=%2B14155550100&to=%2B15005550007&body=482913&message_id=0DCF&timestamp=1795334400&user_id=1";
        let mut get = webhook(&format!("https://a/?provider=x&token=secret&{query}"), &[], b"");
        get.method = Method::GET;
        let json = r#"{"from":"+14155550100","to":15005550007,"body":"482913","message_id":"0DCF","timestamp":1795334400,
                       "custom_string":null}"#;
        for raw in [
            webhook("https://a/", &[("content-type", Form::TYPE)], query.as_bytes()),
            get,
            webhook("https://a/", &[("content-type", "application/json")], json.as_bytes()),
        ] {
            let Ok(Item::Message(sms)) = parse(&raw) else { panic!("{raw:?}") };
            assert_eq!((sms.provider_message_id.as_str(), sms.text.as_str()), ("0DCF", "482913"));
            assert_eq!((sms.from.as_str(), sms.to.as_str()), ("+14155550100", "+15005550007"));
            assert_eq!(sms.sent_at, DateTime::from_timestamp(1_795_334_400, 0));
            assert!(!sms.payload.get().contains("secret"));
        }
    }

    #[test]
    fn sender_and_text_are_enough() {
        let form = |body: &str| parse(&webhook("https://a/", &[("content-type", Form::TYPE)], body.as_bytes()));
        let Ok(Item::Message(sms)) = form("from=BANK&body=&status=Received") else { panic!() };
        assert_eq!((sms.provider_message_id.as_str(), sms.text.as_str(), sms.sent_at), ("", "", None));
        assert_eq!(sms.to.as_str(), "+15005550006");
        for (body, field) in
            [("from=1", "body"), ("body=1", "from"), ("from=1&body=x&to=y", "to"), ("status=x", "message_id")]
        {
            assert_eq!(form(body).unwrap_err().field, field, "{body}");
        }
    }

    #[test]
    fn a_receipt_is_read() {
        let form = |body: &str| parse(&webhook("https://a/", &[("content-type", Form::TYPE)], body.as_bytes()));
        let status = |code: &str| {
            let body = format!("message_id=0DCF&status={code}&status_code={code}&error_code=&error_text=absent");
            let Ok(Item::Status(update)) = form(&body) else { panic!("{body}") };
            assert_eq!((update.provider_message_id.as_str(), update.error.as_deref()), ("0DCF", Some("absent")));
            assert_eq!(update.provider_status, code);
            update.state
        };
        assert_eq!(status("201"), Some(DeliveryState::Delivered));
        assert_eq!(status("301"), Some(DeliveryState::Undelivered));
        // A receipt of the delivery may follow.
        assert_eq!(status("300"), None);
        let Ok(Item::Status(update)) = form("message_id=0DCF&status=Delivered") else { panic!() };
        assert_eq!(update.state, Some(DeliveryState::Delivered));
    }
}
