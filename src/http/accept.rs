//! Which media types a client accepts (RFC 9110, 12.5.1).

use std::cmp::Reverse;

use axum::http::{HeaderMap, header};
use mediatype::{
    MediaType, MediaTypeList, Name, ReadParams,
    names::{_STAR, HTML, Q, TEXT},
};

/// A media range of an `Accept` header.
pub struct MediaRange<'h> {
    /// The type, in which either part may be `*`.
    pub media_type: MediaType<'h>,
    /// In thousandths. 0 is "not acceptable".
    quality: u16,
}

/// How much a client wants a media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Preference {
    /// In thousandths. 0 is "not acceptable".
    pub quality: u16,
    /// The position of the range in the header: the first is the greatest.
    position: Reverse<usize>,
}

impl<'h> MediaRange<'h> {
    /// The ranges of a request, in their order. What is malformed is left out.
    #[must_use]
    pub fn all(headers: &'h HeaderMap) -> Vec<Self> {
        let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(MediaTypeList::new).flatten().map(Self::new).collect()
    }

    fn new(media_type: MediaType<'h>) -> Self {
        // A quality that is not a number is no wish: `as` makes 0 of it.
        let quality = media_type.get_param(Q).map_or(1.0, |quality| quality.as_str().parse().unwrap_or(0.0_f32));
        Self { quality: (quality * 1000.0) as u16, media_type }
    }

    /// Whether it is this very type, and acceptable.
    #[must_use]
    pub fn names(&self, ty: Name<'_>, subty: Name<'_>) -> bool {
        self.quality > 0 && self.media_type.essence() == MediaType::new(ty, subty)
    }

    /// How specific it is for a type that it includes: 2 for the type itself, 1 for `application/*`, 0 for `*/*`.
    /// Parameters are not compared: `application/json; charset=utf-8` includes `application/json`.
    fn specificity_for(&self, offered: &MediaType<'_>) -> Option<u8> {
        let range = self.media_type.essence();
        let is_wildcard = range.subty == _STAR;
        match range {
            _ if range == *offered => Some(2),
            _ if is_wildcard && range.ty == offered.ty => Some(1),
            _ if is_wildcard && range.ty == _STAR => Some(0),
            _ => None,
        }
    }
}

/// What the ranges say of a media type. The most specific range decides, also when it says no.
#[must_use]
pub fn preference(ranges: &[MediaRange<'_>], offered: &MediaType<'_>) -> Option<Preference> {
    let matching = ranges.iter().enumerate().filter_map(|(position, range)| {
        let preference = Preference { quality: range.quality, position: Reverse(position) };
        Some((range.specificity_for(offered)?, Reverse(position), preference))
    });
    matching.max_by_key(|&(specificity, position, _)| (specificity, position)).map(|(_, _, preference)| preference)
}

/// Whether a client names HTML among what it accepts, as a browser does that opens an address.
#[must_use]
pub fn accepts_html(headers: &HeaderMap) -> bool {
    MediaRange::all(headers).iter().any(|range| range.names(TEXT, HTML))
}

/// Whether a client accepts one of these types. One that does not say accepts everything.
#[must_use]
pub fn accepts_any(headers: &HeaderMap, offered: &[MediaType<'_>]) -> bool {
    if !headers.contains_key(header::ACCEPT) {
        return true;
    }
    let ranges = MediaRange::all(headers);
    offered.iter().any(|offered| preference(&ranges, offered).is_some_and(|found| found.quality > 0))
}

#[cfg(test)]
mod tests {
    use mediatype::names::{APPLICATION, JSON};

    use super::*;

    #[test]
    fn a_type_is_accepted_unless_the_header_excludes_it() {
        let json = [MediaType::new(APPLICATION, JSON)];
        for (accept, expected) in [
            ("*/*", true),
            ("text/html, */*;q=.2", true),
            ("application/*", true),
            ("text/html", false),
            ("application/json;q=0", false),
            ("application/json;q=0, */*", false),
            ("application/json;q=0.001, */*;q=0", true),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]);
            assert_eq!(accepts_any(&headers, &json), expected, "{accept}");
        }
        assert!(accepts_any(&HeaderMap::new(), &json));
    }
}
