//! 46elks: form posts without a signature, for SMS, MMS and delivery reports.
//!
//! The body of the response is sent to the sender as an SMS, so it is empty.
//!
//! Sources: 46elks's documentation, "Receive SMS", "Receive MMS", "SMS delivery reports".

use chrono::{DateTime, Utc};

use super::{
    Constructor, Kind, Unsigned, UnsignedProvider,
    kit::{
        Ack, CommonSettings, Draft, Form, Item, Malformed, RawWebhook, Required, States, TimeFormat, media_files,
        message_id, payload, read_utc, sender, state_of,
    },
};
use crate::domain::{DeliveryState, InboundSms, StatusUpdate};

pub(super) static KIND: Kind = Kind {
    word: "elks46",
    title: "46elks",
    secret: "a long random text of your own, which the webhook address carries as `token` or as a password",
    settings: &[],
    api_endpoint: "https://api.46elks.com",
    open: Constructor::Code(|setup| {
        setup.refuse_settings()?;
        Unsigned::open(setup, |setup| Ok(Elks46 { common: setup.common.clone() }))
    }),
};

const STATES: &States = &[
    (DeliveryState::Sent, &["sent"]),
    (DeliveryState::Delivered, &["delivered"]),
    (DeliveryState::Undelivered, &["failed"]),
];

struct Elks46 {
    common: CommonSettings,
}

impl Elks46 {
    fn message(&self, form: &Form<'_>) -> Result<InboundSms, Malformed> {
        // An MMS may have no text.
        let text = match form.has("image") {
            true => form.find("message").map(Option::unwrap_or_default),
            false => form.text("message"),
        };
        let required = Required {
            id: id(form),
            from: form.text("from").and_then(|from| sender("from", from)),
            to: form.text("to").and_then(|to| self.common.recipient("to", Some(to))),
            text: text.map(Into::into),
        };
        let mut sms = required.message()?;
        sms.sent_at = time(form, "created");
        let names = (1..=InboundSms::MAX_MEDIA).map(|at| if at == 1 { "image".into() } else { format!("image{at}") });
        sms.media = media_files(names.map_while(|name| Some((form.filled(&name).ok()??, None))));
        sms.payload = payload(form);
        Ok(sms)
    }
}

fn id(form: &Form<'_>) -> Result<String, Malformed> {
    form.text("id").and_then(|id| message_id("id", id))
}

fn status(form: &Form<'_>, status: &str) -> Result<StatusUpdate, Malformed> {
    Ok(StatusUpdate {
        provider_message_id: id(form)?,
        state: state_of(STATES, status),
        provider_status: status.to_owned(),
        phone_number: None,
        at: time(form, "delivered"),
        error: None,
        payload: payload(form),
    })
}

/// A time in UTC, which is written without an offset.
fn time(form: &Form<'_>, name: &str) -> Option<DateTime<Utc>> {
    form.known(name).and_then(|text| read_utc(text, &TimeFormat::Rfc3339))
}

impl UnsignedProvider for Elks46 {
    fn parse(&self, raw: &RawWebhook) -> Result<Item, Malformed> {
        let form = &Form::decode(&raw.body);
        match form.known("status") {
            Some(word) if !form.has("from") => status(form, word).map(Item::Status),
            _ => self.message(form).map(Item::Message),
        }
    }

    fn ack(&self) -> Ack {
        Ack::text("")
    }

    fn compose(&self, draft: &Draft<'_>) -> RawWebhook {
        let fields = [
            ("direction", "incoming"),
            ("id", draft.id),
            ("from", draft.from),
            ("to", draft.to),
            ("created", &draft.now.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()),
            ("message", draft.text),
        ];
        RawWebhook::form_post(draft.url, &fields)
    }
}

#[cfg(test)]
mod tests;
