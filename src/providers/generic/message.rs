//! The items of a document: messages and delivery reports, field by field.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    pointer::{Pointers, scalar},
    settings::{Condition, Settings, StatusFields},
};
use crate::{
    domain::{InboundSms, Msisdn, Part, StatusUpdate},
    providers::kit::{CommonSettings, Item, Malformed, media_files, message_id, payload, read_time, read_utc, sender},
};

/// An item of a document, with its own pointer for error messages.
pub(super) struct Entry<'a> {
    pub(super) value: &'a Value,
    pub(super) path: String,
}

impl<'a> Entry<'a> {
    fn wrong(&self, pointers: &Pointers, issue: &str) -> Malformed {
        Malformed::new(format!("{}{}", self.path, pointers.name()), issue)
    }

    /// The first string or whole number at these pointers that is not blank.
    fn find(&self, pointers: &Pointers) -> Result<Option<Cow<'a, str>>, Malformed> {
        for value in pointers.iter().flat_map(|pointer| pointer.all(self.value)) {
            let text = scalar(value).ok_or_else(|| self.wrong(pointers, "must be a text or a whole number"))?;
            if !text.trim().is_empty() {
                return Ok(Some(text.trim().to_owned().into()));
            }
        }
        Ok(None)
    }

    /// [`Entry::find`] for an optional setting.
    fn find_any(&self, pointers: Option<&Pointers>) -> Result<Option<Cow<'a, str>>, Malformed> {
        pointers.map_or(Ok(None), |pointers| self.find(pointers))
    }

    /// Every value at the first of these pointers that has any.
    fn texts(&self, pointers: &Pointers) -> Result<Vec<Cow<'a, str>>, Malformed> {
        let found = pointers.iter().map(|pointer| pointer.all(self.value)).find(|found| !found.is_empty());
        let text = |value| scalar(value).ok_or_else(|| self.wrong(pointers, "must be a text"));
        found.unwrap_or_default().into_iter().map(text).collect()
    }

    /// An optional whole number; none if it is no number.
    fn number<N: std::str::FromStr>(&self, pointers: Option<&Pointers>) -> Option<N> {
        self.find_any(pointers).ok().flatten()?.parse().ok()
    }

    fn meets(&self, conditions: &[Condition]) -> bool {
        conditions.iter().all(|condition| condition.holds(self.value))
    }
}

/// Parses items as the account's settings describe them.
pub(super) struct ItemParser<'s> {
    pub(super) settings: &'s Settings,
    pub(super) common: &'s CommonSettings,
}

impl ItemParser<'_> {
    pub(super) fn parse(&self, entry: &Entry<'_>) -> Result<Item, Malformed> {
        if let Some(fields) = &self.settings.status
            && entry.meets(&fields.conditions)
            && let Some(status) = entry.find(&fields.path)?
        {
            return self.status(entry, fields, &status).map(Item::Status);
        }
        match entry.meets(&self.settings.conditions) {
            true => self.message(entry).map(Item::Message),
            false => Ok(Item::Ignored),
        }
    }

    fn message(&self, entry: &Entry<'_>) -> Result<InboundSms, Malformed> {
        let (fields, defaults) = (&self.settings.fields, &self.settings.defaults);
        let from = entry.find(&fields.from)?.or(defaults.from.as_deref().map(Cow::Borrowed));
        let from = from.ok_or_else(|| entry.wrong(&fields.from, "is missing"))?;
        // A message without an id is still accepted: some gateways leave it out now and then.
        let id = match entry.find_any(fields.id.as_ref())? {
            Some(id) => message_id(fields.id.as_ref().map_or("id", Pointers::name), &id)?,
            None => String::new(),
        };
        let text = self.text(entry)?;
        let mut sms = InboundSms::new(id, sender(fields.from.name(), &from)?, self.recipient(entry)?, &text);
        sms.sent_at = self.time(entry, fields.timestamp.as_ref());
        sms.segments = entry.number(fields.segments.as_ref());
        if let Some(media) = &fields.media {
            let types = fields.media_type.as_ref().and_then(|types| entry.texts(types).ok()).unwrap_or_default();
            let urls = entry.texts(media).unwrap_or_default();
            // The limit on files counts unusable ones too.
            let files = urls.iter().enumerate().take(InboundSms::MAX_MEDIA);
            sms.media = media_files(files.map(|(at, url)| (url.as_ref(), types.get(at).map(AsRef::as_ref))));
        }
        sms.part = self.part(entry);
        sms.may_return = self.settings.may_return;
        sms.payload = payload(entry.value);
        Ok(sms)
    }

    fn text(&self, entry: &Entry<'_>) -> Result<String, Malformed> {
        let fields = &self.settings.fields;
        let pieces = entry.texts(&fields.text)?;
        if pieces.is_empty() {
            let default = self.settings.defaults.text.clone();
            return default.ok_or_else(|| entry.wrong(&fields.text, "is missing"));
        }
        let charset = entry.find_any(fields.charset.as_ref())?;
        let decode = |piece: Cow<'_, str>| self.settings.text_encoding.decode(&piece, charset.as_deref());
        pieces.into_iter().map(decode).collect::<Result<_, _>>().map_err(|issue| entry.wrong(&fields.text, issue))
    }

    fn recipient(&self, entry: &Entry<'_>) -> Result<Msisdn, Malformed> {
        let fields = &self.settings.fields;
        let device = fields.device.as_ref().and_then(|device| device.fill(entry.value));
        let device = device.filter(|name| self.common.to_map.contains_key(name)).map(Cow::Owned);
        let named = match device {
            Some(device) => Some(device),
            None => entry.find_any(fields.to.as_ref())?,
        };
        self.common.recipient(fields.to.as_ref().map_or("to", Pointers::name), named.as_deref())
    }

    fn time(&self, entry: &Entry<'_>, pointers: Option<&Pointers>) -> Option<DateTime<Utc>> {
        let text = entry.find_any(pointers).ok().flatten()?;
        let read = if self.settings.timestamp_utc { read_utc } else { read_time };
        read(&text, self.settings.time_format())
    }

    fn part(&self, entry: &Entry<'_>) -> Option<Part> {
        let fields = &self.settings.fields;
        let (number, count): (u8, u8) = (entry.number(fields.part.as_ref())?, entry.number(fields.parts.as_ref())?);
        let reference = entry.find_any(fields.part_ref.as_ref()).ok().flatten()?.into_owned();
        (count > 1 && (1..=count).contains(&number)).then_some(Part { reference, number, count })
    }

    fn status(&self, entry: &Entry<'_>, fields: &StatusFields, status: &str) -> Result<StatusUpdate, Malformed> {
        let id = entry.find(&fields.id)?.ok_or_else(|| entry.wrong(&fields.id, "is missing"))?;
        let to = entry.find_any(fields.to.as_ref())?;
        Ok(StatusUpdate {
            provider_message_id: message_id(fields.id.name(), &id)?,
            state: fields.state(status),
            provider_status: status.to_owned(),
            phone_number: self.common.reported_recipient(to.as_deref()),
            at: self.time(entry, fields.at.as_ref()),
            error: entry.find_any(fields.error.as_ref())?.map(Cow::into_owned),
            payload: payload(entry.value),
        })
    }
}
