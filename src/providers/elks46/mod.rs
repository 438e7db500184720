//! 46elks: form posts without a signature, for SMS, MMS and delivery reports.
//!
//! The body of the response is sent to the sender as an SMS, so it is empty.
//!
//! Sources: 46elks's documentation, "Receive SMS", "Receive MMS", "SMS delivery reports".

use chrono::{DateTime, Utc};

use super::{
    Constructor, Kind, Unsigned, UnsignedProvider,
    kit::{
        Ack, CommonSettings, Draft, Form, Item, Malformed, RawWebhook, States, TimeFormat, media_files, message_id,
        payload, read_utc, sender, state_of,
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
    fn message(&self, form: &Form<'_>, id: String) -> Result<InboundSms, Malformed> {
        // An MMS may have no text.
        let text = if form.has("image") { form.find("message")?.unwrap_or_default() } else { form.text("message")? };
        let mut sms = InboundSms::new(
            id,
            sender("from", form.text("from")?)?,
            self.common.recipient("to", Some(form.text("to")?))?,
            text,
        );
        sms.sent_at = time(form, "created")?;
        let names = (1..=InboundSms::MAX_MEDIA).map(|at| if at == 1 { "image".into() } else { format!("image{at}") });
        sms.media = media_files(names.map_while(|name| Some((form.filled(&name).ok()??, None))));
        sms.payload = payload(form);
        Ok(sms)
    }
}

fn status(form: &Form<'_>, id: String, status: &str) -> Result<StatusUpdate, Malformed> {
    Ok(StatusUpdate {
        provider_message_id: id,
        state: state_of(STATES, status),
        provider_status: status.to_owned(),
        phone_number: None,
        at: time(form, "delivered")?,
        error: None,
        payload: payload(form),
    })
}

/// A time in UTC, which is written without an offset.
fn time(form: &Form<'_>, name: &str) -> Result<Option<DateTime<Utc>>, Malformed> {
    Ok(form.find(name)?.and_then(|text| read_utc(text, &TimeFormat::Rfc3339)))
}

impl UnsignedProvider for Elks46 {
    fn parse(&self, raw: &RawWebhook) -> Result<Item, Malformed> {
        let form = &Form::decode(&raw.body);
        let id = message_id("id", form.text("id")?)?;
        match form.filled("status")? {
            Some(word) if !form.has("from") => status(form, id, word).map(Item::Status),
            _ => self.message(form, id).map(Item::Message),
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
