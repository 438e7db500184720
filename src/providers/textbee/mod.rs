//! textbee: JSON posts about the messages of an Android phone, signed with the subscription's signing secret.
//!
//! `X-Signature` is HMAC-SHA256 over the body, in hexadecimal digits. There is no timestamp: a repeated webhook is
//! recognised by its message id. But the app may upload one SMS twice, and then it has two ids
//! (github.com/textbee/textbee/issues/159): such copies have one sender, one text and one `receivedAt`. A message names
//! the device that received it, and not the number.
//!
//! Sources: textbee's own server (github.com/vernu/textbee, `api/src/webhook`), and its app (`SMSBroadcastReceiver`),
//! where `receivedAt` is the time in the SMS, which the operator has set.

use chrono::{DateTime, SecondsFormat, Utc};
use secrecy::SecretString;
use serde_json::json;

use super::{
    Constructor, Kind, Provider,
    kit::{
        CommonSettings, Draft, Hash, Item, JsonNode, Malformed, ParsedWebhook, RawWebhook, Rejected, Required, States,
        TimeFormat, Verified, encode_hex, message_id, parse_json, payload, read_time, sender, single, state_of,
        status_id,
    },
};
use crate::domain::{DeliveryState, InboundSms, Result, StatusUpdate};

pub(super) static KIND: Kind = Kind {
    word: "textbee",
    title: "textbee",
    secret: "the signing secret of the webhook subscription, which you choose",
    settings: &[],
    api_endpoint: "https://api.textbee.dev",
    open: Constructor::Code(|setup| {
        setup.refuse_settings()?;
        Ok(Box::new(Textbee { secret: setup.secret, common: setup.common }))
    }),
};

const SIGNATURE: &str = "x-signature";

const STATES: &States = &[
    (DeliveryState::Sent, &["MESSAGE_SENT"]),
    (DeliveryState::Delivered, &["MESSAGE_DELIVERED"]),
    (DeliveryState::Failed, &["MESSAGE_FAILED"]),
];

struct Textbee {
    secret: SecretString,
    common: CommonSettings,
}

impl Textbee {
    fn message(&self, event: &JsonNode<'_>) -> Result<InboundSms, Malformed> {
        let device = event.text("/deviceId");
        let required = Required {
            id: event.text("/smsId").and_then(|id| message_id("smsId", id)),
            from: event.scalar("/sender").and_then(|from| sender("sender", &from)),
            to: device.and_then(|device| self.common.recipient_of_device("deviceId", &[device])),
            text: event.text("/message").map(Into::into),
        };
        let mut sms = required.message()?;
        let at = event.first_filled(&["/receivedAt"]);
        sms.sent_at = at.and_then(|time| read_time(time, &TimeFormat::Rfc3339));
        // It is the time of the operator.
        sms.has_foreign_clock = true;
        sms.may_return = true;
        sms.payload = payload(event.value());
        Ok(sms)
    }

    fn status(&self, event: &JsonNode<'_>, status: &str) -> Result<StatusUpdate, Malformed> {
        let phone_number = self.common.reported_recipient(event.first_scalar(&["/recipient"]).as_deref());
        let id = event.text("/smsId").and_then(|id| message_id("smsId", id));
        let at = event.first_filled(&["/failedAt", "/deliveredAt", "/sentAt"]);
        let error = event.first_scalar(&["/errorMessage", "/errorCode"]);
        Ok(StatusUpdate {
            provider_message_id: status_id(id, phone_number.as_ref())?,
            state: state_of(STATES, status),
            provider_status: status.to_owned(),
            phone_number,
            at: at.and_then(|at| read_time(at, &TimeFormat::Rfc3339)),
            error: error.map(|error| InboundSms::storable(&error)),
            payload: payload(event.value()),
        })
    }
}

impl Provider for Textbee {
    fn is_secret_chosen(&self) -> bool {
        true
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, _now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        let presented = raw.hex_header(SIGNATURE)?;
        Verified::by_mac(raw, [Hash::Sha256.hmac(&self.secret, &[&raw.body])], &presented)
    }

    fn parse(&self, webhook: &Verified<'_>) -> ParsedWebhook {
        let event = parse_json(&webhook.raw().body)?;
        let event = JsonNode::root(&event);
        single(match event.text("/webhookEvent")? {
            "MESSAGE_RECEIVED" => self.message(&event).map(Item::Message),
            // `UNKNOWN_STATE` is textbee's name of a state that it does not know itself.
            status @ ("MESSAGE_SENT" | "MESSAGE_DELIVERED" | "MESSAGE_FAILED" | "UNKNOWN_STATE") => {
                self.status(&event, status).map(Item::Status)
            }
            _ => Ok(Item::Ignored),
        })
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let is_recipient = |number: &str| Draft::without_plus(number) == Draft::without_plus(draft.to);
        let device = self.common.to_map.iter().find(|(_, number)| is_recipient(number));
        let body = json!({
            "smsId": draft.id,
            "message": draft.text,
            "deviceId": device.map_or("65f1c0ffee65f1c0ffee65f1", |(device, _)| device),
            "webhookSubscriptionId": "65f1beef65f1beef65f1beef",
            "webhookEvent": "MESSAGE_RECEIVED",
            "idempotencyKey": draft.nonce,
            "sender": draft.from,
            "receivedAt": draft.now.to_rfc3339_opts(SecondsFormat::Millis, true),
        });
        let raw = RawWebhook::json_post(draft.url, &body);
        let signature = encode_hex(&Hash::Sha256.hmac(&self.secret, &[&raw.body]));
        Ok(raw.with_header(SIGNATURE, &signature))
    }
}

#[cfg(test)]
mod tests;
