//! Africa's Talking: form posts without a signature.
//!
//! Messages, delivery reports and other notifications may all be posted to one URL, and are told apart by their
//! fields. `from` may be the name of a network, and `to` is usually a short code.
//!
//! Sources: Africa's Talking's documentation, "SMS notifications" and "Delivery reports".

use super::{
    Constructor, Kind, Unsigned, UnsignedProvider,
    kit::{
        CommonSettings, Draft, Form, Item, Malformed, RawWebhook, Required, States, TimeFormat, message_id, payload,
        read_time, sender, state_of, status_id,
    },
};
use crate::domain::{DeliveryState, InboundSms, StatusUpdate};

pub(super) static KIND: Kind = Kind {
    word: "africastalking",
    title: "Africa's Talking",
    secret: "a long random text of your own, which the webhook address carries as `token`",
    settings: &[],
    api_endpoint: "https://api.africastalking.com",
    open: Constructor::Code(|setup| {
        setup.refuse_settings()?;
        Unsigned::open(setup, |setup| Ok(AfricasTalking { common: setup.common.clone() }))
    }),
};

const STATES: &States = &[
    (DeliveryState::Queued, &["Buffered"]),
    (DeliveryState::Sent, &["Sent", "Submitted"]),
    (DeliveryState::Delivered, &["Success"]),
    (DeliveryState::Undelivered, &["Failed", "Expired", "AbsentSubscriber"]),
    (DeliveryState::Failed, &["Rejected"]),
];

struct AfricasTalking {
    common: CommonSettings,
}

impl AfricasTalking {
    fn message(&self, form: &Form<'_>) -> Result<InboundSms, Malformed> {
        let required = Required {
            id: form.text("id").and_then(|id| message_id("id", id)),
            from: form.text("from").and_then(|from| sender("from", from)),
            to: form.text("to").and_then(|to| self.common.recipient("to", Some(to))),
            text: form.text("text").map(Into::into),
        };
        let mut sms = required.message()?;
        // The date may also come in a format without an offset, which is not read.
        sms.sent_at = form.known("date").and_then(|date| read_time(date, &TimeFormat::Rfc3339));
        sms.payload = payload(form);
        Ok(sms)
    }

    fn status(&self, form: &Form<'_>, status: &str) -> Result<StatusUpdate, Malformed> {
        let phone_number = self.common.reported_recipient(form.known("phoneNumber"));
        let id = form.text("id").and_then(|id| message_id("id", id));
        Ok(StatusUpdate {
            provider_message_id: status_id(id, phone_number.as_ref())?,
            state: state_of(STATES, status),
            provider_status: status.to_owned(),
            phone_number,
            at: None,
            error: form.known("failureReason").map(str::to_owned),
            payload: payload(form),
        })
    }
}

impl UnsignedProvider for AfricasTalking {
    fn parse(&self, raw: &RawWebhook) -> Result<Item, Malformed> {
        let form = &Form::decode(&raw.body);
        if form.has("text") || form.has("from") {
            self.message(form).map(Item::Message)
        } else if let Some(status) = form.filled("status")? {
            self.status(form, status).map(Item::Status)
        } else if form.has("phoneNumber") {
            // A subscription, or an opt-out.
            Ok(Item::Ignored)
        } else {
            Err(Malformed::new("text", "is missing"))
        }
    }

    fn compose(&self, draft: &Draft<'_>) -> RawWebhook {
        let fields = [
            ("linkId", "03090445075804249226"),
            ("text", draft.text),
            ("to", draft.to),
            ("id", draft.id),
            ("date", &draft.now.format("%Y-%m-%d %H:%M:%S").to_string()),
            ("from", draft.from),
            ("networkCode", "63902"),
            ("cost", "None"),
        ];
        RawWebhook::form_post(draft.url, &fields)
    }
}

#[cfg(test)]
mod tests;
