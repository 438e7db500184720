//! The items of a document: messages and delivery reports, field by field.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    pointer::{Pointers, scalar},
    settings::{Condition, Settings, StatusFields, TimestampClock},
};
use crate::{
    domain::{Channel, InboundSms, Media, Msisdn, Part, Sender, StatusUpdate},
    providers::kit::{
        CommonSettings, Item, Malformed, Required, media_files, message_id, payload, read_time, read_utc, sender,
        status_id,
    },
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
        let fields = &self.settings.fields;
        let media = self.media(entry);
        let text = match self.text(entry, !media.is_empty()) {
            // The one text of the message is the address of a file.
            Ok(text) if media.iter().any(|file| file.url == text) => Ok(String::new()),
            text => text,
        };
        let required = Required {
            id: self.id(entry),
            from: self.from(entry),
            to: self.recipient(entry),
            text: text.map(Into::into),
        };
        let mut sms = required.message()?;
        let channel = entry.find_any(fields.channel.as_ref()).ok().flatten();
        sms.channel = channel.map_or(sms.channel, |channel| Channel::named(&channel));
        sms.sent_at = self.time(entry, fields.timestamp.as_ref());
        sms.has_foreign_clock = self.settings.timestamp_clock == TimestampClock::Operator;
        sms.segments = entry.number(fields.segments.as_ref());
        sms.media = media;
        sms.part = self.part(entry);
        sms.may_return = self.settings.may_return;
        sms.payload = payload(entry.value);
        Ok(sms)
    }

    /// The id. A message without one is still accepted: some gateways leave it out now and then.
    fn id(&self, entry: &Entry<'_>) -> Result<String, Malformed> {
        let pointers = self.settings.fields.id.as_ref();
        match entry.find_any(pointers)? {
            Some(id) => message_id(pointers.map_or("id", Pointers::name), &id),
            None => Ok(String::new()),
        }
    }

    fn from(&self, entry: &Entry<'_>) -> Result<Sender, Malformed> {
        let pointers = &self.settings.fields.from;
        let from = entry.find(pointers)?.or(self.settings.defaults.from.as_deref().map(Cow::Borrowed));
        sender(pointers.name(), &from.ok_or_else(|| entry.wrong(pointers, "is missing"))?)
    }

    fn media(&self, entry: &Entry<'_>) -> Vec<Media> {
        let fields = &self.settings.fields;
        let Some(media) = &fields.media else { return Vec::new() };
        let types = fields.media_type.as_ref().and_then(|types| entry.texts(types).ok()).unwrap_or_default();
        let urls = entry.texts(media).unwrap_or_default();
        // The limit on files counts unusable ones too.
        let files = urls.iter().enumerate().take(InboundSms::MAX_MEDIA);
        media_files(files.map(|(at, url)| (url.as_ref(), types.get(at).map(AsRef::as_ref))))
    }

    /// The text, which a message with files can do without.
    fn text(&self, entry: &Entry<'_>, has_media: bool) -> Result<String, Malformed> {
        let fields = &self.settings.fields;
        let pieces = entry.texts(&fields.text)?;
        if pieces.is_empty() {
            let default = self.settings.defaults.text.clone().or(has_media.then(String::new));
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
        let phone_number = self.common.reported_recipient(entry.find_any(fields.to.as_ref()).ok().flatten().as_deref());
        let id = entry.find(&fields.id).and_then(|id| id.ok_or_else(|| entry.wrong(&fields.id, "is missing")));
        let id = id.and_then(|id| message_id(fields.id.name(), &id));
        Ok(StatusUpdate {
            provider_message_id: status_id(id, phone_number.as_ref())?,
            state: fields.state(status),
            provider_status: status.to_owned(),
            phone_number,
            at: self.time(entry, fields.at.as_ref()),
            error: entry.find_any(fields.error.as_ref()).ok().flatten().map(Cow::into_owned),
            payload: payload(entry.value),
        })
    }
}
