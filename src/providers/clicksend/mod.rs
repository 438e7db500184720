//! ClickSend: a form post, a GET or flat JSON, as the inbound rule's `webhook_type` says, without a signature.
//!
//! Only `from` and `body` are always present. Delivery receipts have the same encodings.
//!
//! Sources: ClickSend's documentation, "SMS automations" and "SMS delivery receipts".

use http::Method;

use super::{
    Constructor, Kind, Unsigned, UnsignedProvider,
    kit::{
        CommonSettings, Draft, Item, Malformed, RawWebhook, Rejected, Required, States, TimeFormat, message_id,
        payload, read_time, sender, state_of, status_id,
    },
};
use crate::domain::{DeliveryState, StatusUpdate};

pub(super) static KIND: Kind = Kind {
    word: "clicksend",
    title: "ClickSend",
    secret: "a long random text of your own, which the webhook address carries as `token`",
    settings: &[],
    api_endpoint: "https://rest.clicksend.com",
    open: Constructor::Code(|setup| {
        setup.refuse_settings()?;
        Unsigned::open(setup, |setup| Ok(ClickSend { common: setup.common.clone() }))
    }),
};

/// ClickSend's codes and names. 300 is left out: it is a temporary failure, after which a delivery may follow.
const STATES: &States = &[
    (DeliveryState::Queued, &["queued"]),
    (DeliveryState::Sent, &["200", "sent"]),
    (DeliveryState::Delivered, &["201", "delivered"]),
    (DeliveryState::Undelivered, &["301", "undelivered"]),
    (DeliveryState::Failed, &["failed", "cancelled"]),
];

struct ClickSend {
    common: CommonSettings,
}

impl UnsignedProvider for ClickSend {
    fn methods(&self) -> &[Method] {
        &[Method::POST, Method::GET]
    }

    fn check_type(&self, raw: &RawWebhook) -> Result<(), Rejected> {
        raw.require_fields()
    }

    fn parse(&self, raw: &RawWebhook) -> Result<Item, Malformed> {
        let form = &raw.fields()?.without_platform_parameters();
        let at = form.known("timestamp").and_then(|text| read_time(text, &TimeFormat::Unix));
        if !form.has("body") && (form.has("status_code") || form.has("status")) {
            let (_, status) = form.first_of(&["status_code", "status"])?;
            let phone_number = self.common.reported_recipient(form.known("to"));
            let id = form.text("message_id").and_then(|id| message_id("message_id", id));
            return Ok(Item::Status(StatusUpdate {
                provider_message_id: status_id(id, phone_number.as_ref())?,
                state: state_of(STATES, status),
                provider_status: status.to_owned(),
                phone_number,
                at,
                error: form.first_of(&["error_code", "error_text"]).ok().map(|(_, error)| error.to_owned()),
                payload: payload(form),
            }));
        }
        let id = form.filled("message_id");
        let required = Required {
            id: id.and_then(|id| id.map_or(Ok(String::new()), |id| message_id("message_id", id))),
            from: form.text("from").and_then(|from| sender("from", from)),
            to: form.find("to").and_then(|to| self.common.recipient("to", to)),
            text: form.text("body").map(Into::into),
        };
        let mut sms = required.message()?;
        sms.sent_at = at;
        sms.payload = payload(form);
        Ok(Item::Message(sms))
    }

    fn compose(&self, draft: &Draft<'_>) -> RawWebhook {
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
        RawWebhook::form_post(draft.url, &fields)
    }
}

#[cfg(test)]
mod tests;
