//! Validation of the fields that every provider sends: sender, message id, delivery state and media.

use super::{Malformed, join_texts};
use crate::domain::{DeliveryState, InboundSms, Media, Sender};

/// Parses a sender. It stays as the provider writes it, without the scheme of a `tel:` URI.
pub(in crate::providers) fn sender(field: &str, text: &str) -> Result<Sender, Malformed> {
    Ok(Sender::parse(field, &join_texts([text.strip_prefix("tel:").unwrap_or(text)]))?)
}

/// Checks the provider's message id.
pub(in crate::providers) fn message_id(field: &str, text: &str) -> Result<String, Malformed> {
    let id = join_texts([text]);
    InboundSms::check_id(field, &id)?;
    Ok(id)
}

/// A provider's names of the delivery states.
pub(in crate::providers) type States = [(DeliveryState, &'static [&'static str])];

/// The delivery state with this name, ignoring case; none if the name is unknown.
pub(in crate::providers) fn state_of(states: &States, name: &str) -> Option<DeliveryState> {
    let has_name = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    states.iter().find(|(_, names)| has_name(names)).map(|(state, _)| *state)
}

/// The longest URL of a file, in bytes.
const MAX_URL: usize = 2_000;
/// The longest content type of a file, in bytes.
const MAX_CONTENT_TYPE: usize = 100;

/// A file that came with a message. None unless the URL is `http` or `https` and of a reasonable length.
pub(in crate::providers) fn media_file(url: &str, content_type: Option<&str>) -> Option<Media> {
    let is_link = url.len() <= MAX_URL && (url.starts_with("https://") || url.starts_with("http://"));
    let is_plain = |text: &&str| !text.is_empty() && text.bytes().all(|b| (b' '..=b'~').contains(&b));
    let content_type = content_type.filter(|text| text.len() <= MAX_CONTENT_TYPE && is_plain(text));
    is_link.then(|| Media { url: InboundSms::storable(url), content_type: content_type.map(str::to_owned) })
}

/// The files that came with a message, given as URL and content type: those that are usable, up to
/// [`InboundSms::MAX_MEDIA`].
pub(in crate::providers) fn media_files<'a>(files: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Vec<Media> {
    let files = files.into_iter().filter_map(|(url, content_type)| media_file(url, content_type));
    files.take(InboundSms::MAX_MEDIA).collect()
}
