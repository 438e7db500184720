//! Validation of an account's settings, beyond what their types do.

use http::{HeaderValue, Method};

use super::{
    pointer::{Pointer, Pointers},
    settings::{Body, Fields, Reply, Settings, StatusFields},
    template::DeviceTemplate,
};
use crate::{
    domain::{Msisdn, Result, Sender},
    providers::kit::refuse_setting,
};

/// The most entries of `where` and of `status.where`.
const MAX_CONDITIONS: usize = 20;
/// The most entries of `status.map`.
const MAX_STATES: usize = 200;
/// The longest `reply.body`, in characters.
const MAX_REPLY: usize = 1_000;

/// Validates what the types alone do not.
pub(super) fn check(settings: &Settings) -> Result<()> {
    if settings.methods().contains(&Method::GET) && !matches!(settings.body, Body::Form | Body::Query) {
        return Err(refuse_setting("method", "a GET has no body: `body` must be query or form"));
    }
    if let Some(items) = &settings.items {
        if matches!(settings.body, Body::Form | Body::Query | Body::Text) {
            return Err(refuse_setting("items", "can only be in a body of json or xml"));
        }
        if items.has_wildcard() {
            return Err(refuse_setting("items", "must be one list, without `*`"));
        }
    }
    for (name, pointer) in pointers(settings) {
        check_pointer(settings, &name, pointer)?;
    }
    if settings.timestamp_format.as_ref().is_some_and(|format| !format.is_valid()) {
        let issue = "must be rfc3339, unix, unix_ms, or a pattern such as %Y-%m-%d %H:%M:%S";
        return Err(refuse_setting("timestamp_format", issue));
    }
    if let Some(from) = &settings.defaults.from {
        Sender::parse("configuration.defaults.from", from)?;
    }
    if let Some(to) = &settings.defaults.to {
        Msisdn::parse("configuration.defaults.to", to)?;
    }
    let status = settings.status.as_ref();
    let lists = [
        ("where", settings.conditions.len(), MAX_CONDITIONS),
        ("status.where", status.map_or(0, |status| status.conditions.len()), MAX_CONDITIONS),
        ("status.map", status.map_or(0, |status| status.map.len()), MAX_STATES),
    ];
    for (name, length, most) in lists {
        if length > most {
            return Err(refuse_setting(name, format!("must have at most {most} entries")));
        }
    }
    check_reply(&settings.reply)
}

/// Refuses a pointer to something that a body of this encoding cannot have.
fn check_pointer(settings: &Settings, name: &str, pointer: &Pointer) -> Result<()> {
    let [first, rest @ ..] = pointer.steps() else {
        // An item of a list may be a value itself.
        return match settings.items {
            Some(_) => Ok(()),
            None => Err(refuse_setting(name, "must lead to something in the document")),
        };
    };
    let is_flat = rest.iter().all(|step| step == "*");
    let reachable = match settings.body {
        Body::Json | Body::Xml => Ok(()),
        Body::Form | Body::Query if is_flat => Ok(()),
        Body::Form | Body::Query => Err("must be the name of a field, as in /from: a form has one level"),
        Body::Text if first == "body" && is_flat || first == "query" && rest.len() == 1 => Ok(()),
        Body::Text => Err("must be /body, or a parameter of the address, as in /query/from"),
    };
    reachable.map_err(|issue| refuse_setting(name, issue))
}

/// Every pointer, with the name of its setting.
fn pointers(settings: &Settings) -> Vec<(String, &Pointer)> {
    let Fields {
        id,
        from,
        to,
        device,
        text,
        charset,
        timestamp,
        channel,
        segments,
        media,
        media_type,
        part,
        parts,
        part_ref,
    } = &settings.fields;
    let mut named = vec![
        ("fields.id", id.as_ref()),
        ("fields.from", Some(from)),
        ("fields.to", to.as_ref()),
        ("fields.text", Some(text)),
        ("fields.charset", charset.as_ref()),
        ("fields.timestamp", timestamp.as_ref()),
        ("fields.channel", channel.as_ref()),
        ("fields.segments", segments.as_ref()),
        ("fields.media", media.as_ref()),
        ("fields.media_type", media_type.as_ref()),
        ("fields.part", part.as_ref()),
        ("fields.parts", parts.as_ref()),
        ("fields.part_ref", part_ref.as_ref()),
    ];
    if let Some(StatusFields { path, id, to, at, error, .. }) = &settings.status {
        let status = [Some(path), Some(id), to.as_ref(), at.as_ref(), error.as_ref()];
        named.extend(["status.path", "status.id", "status.to", "status.at", "status.error"].into_iter().zip(status));
    }
    let fields = named.into_iter().flat_map(|(name, pointers)| {
        pointers.into_iter().flat_map(Pointers::iter).map(move |pointer| (name.to_owned(), pointer))
    });
    let device = device.iter().flat_map(DeviceTemplate::pointers).map(|pointer| ("fields.device".to_owned(), pointer));
    let conditions = settings.conditions.iter().enumerate().map(|(at, condition)| (format!("where[{at}]"), condition));
    let of_status = settings.status.iter().flat_map(|status| &status.conditions).enumerate();
    let of_status = of_status.map(|(at, condition)| (format!("status.where[{at}]"), condition));
    let conditions = conditions.chain(of_status).map(|(name, condition)| (format!("{name}.path"), &condition.path));
    fields.chain(device).chain(conditions).collect()
}

fn check_reply(reply: &Reply) -> Result<()> {
    if !(200..=299).contains(&reply.status) {
        return Err(refuse_setting("reply.status", "must be from 200 to 299"));
    }
    if reply.body.chars().count() > MAX_REPLY {
        return Err(refuse_setting("reply.body", format!("must have at most {MAX_REPLY} characters")));
    }
    if !reply.body.is_empty() && matches!(reply.status, 204 | 205) {
        return Err(refuse_setting("reply.body", "must be empty where the status is 204 or 205"));
    }
    match &reply.content_type {
        Some(text) if !text.contains('/') || HeaderValue::from_str(text).is_err() => {
            Err(refuse_setting("reply.content_type", "must be a type such as text/plain"))
        }
        _ => Ok(()),
    }
}
