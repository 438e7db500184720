//! Which formats a client accepts (RFC 9110, 12.5.1).

use std::cmp::Reverse;

use axum::http::{HeaderMap, header};
use mediatype::{
    MediaType, MediaTypeList, Name, ReadParams,
    names::{_STAR, APPLICATION, EVENT_STREAM, HTML, JSON, MIXED, MULTIPART, Q, TEXT},
};

use crate::domain::{Error, ErrorCode, Result};

/// The format of a single response: a JSON body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseFormat {
    /// `application/json`: the status is 200 whenever the request could be read.
    Json,
    /// `application/graphql-response+json`: a request that is refused has the status of its error.
    GraphqlResponseJson,
}

/// The format of a stream of responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StreamFormat {
    /// `text/event-stream`.
    ServerSentEvents,
    /// `multipart/mixed`. Clients of Apollo's protocol know heartbeats; others would take them for responses.
    Multipart { heartbeats: bool },
}

/// The formats that a client accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Accepted {
    /// The format that it prefers for a single response.
    pub(super) single: Option<ResponseFormat>,
    /// The format for a stream, which a client has to name: a wildcard does not include streams. Events come before
    /// parts, because every client that takes both handles events better.
    pub(super) stream: Option<StreamFormat>,
}

const GRAPHQL_RESPONSE: Name<'_> = Name::new_unchecked("graphql-response");
const SUBSCRIPTION_SPEC: Name<'_> = Name::new_unchecked("subscriptionSpec");

impl Accepted {
    /// The formats of an `Accept` header. A client without one gets `application/json`, as the oldest clients expect.
    pub(super) fn from_headers(headers: &HeaderMap) -> Self {
        if headers.get(header::ACCEPT).is_none() {
            return Self { single: Some(ResponseFormat::Json), stream: None };
        }
        let ranges = MediaRange::all(headers);
        Self { single: ResponseFormat::preferred(&ranges), stream: StreamFormat::preferred(&ranges) }
    }

    /// Refuses a client that accepts no format of ours.
    pub(super) fn or_refuse(self) -> Result<Self> {
        if self.single.is_some() || self.stream.is_some() {
            return Ok(self);
        }
        let message = "this address answers application/graphql-response+json or application/json, and streams \
                       text/event-stream or multipart/mixed; accept one of them";
        Err(Error::new(ErrorCode::NotAcceptable, message))
    }
}

/// Whether a client asks for a page, as browsers do.
pub(super) fn accepts_html(headers: &HeaderMap) -> bool {
    MediaRange::all(headers).iter().any(|range| range.names(TEXT, HTML))
}

impl ResponseFormat {
    fn media_type(self) -> MediaType<'static> {
        match self {
            Self::Json => MediaType::new(APPLICATION, JSON),
            Self::GraphqlResponseJson => MediaType::from_parts(APPLICATION, GRAPHQL_RESPONSE, Some(JSON), &[]),
        }
    }

    /// The format with the highest quality. Of equals, the one whose range comes first in the header; of two in one
    /// range, `application/json`.
    fn preferred(ranges: &[MediaRange<'_>]) -> Option<Self> {
        let formats = [Self::GraphqlResponseJson, Self::Json].into_iter();
        let rated = formats.filter_map(|format| {
            let media_type = format.media_type();
            let matching = ranges.iter().enumerate().filter_map(|(position, range)| {
                Some((range.specificity_for(&media_type)?, Reverse(position), range.quality))
            });
            // The most specific range decides, also when it says no.
            let (_, position, quality) = matching.max()?;
            (quality > 0).then_some((quality, position, format))
        });
        rated.max_by_key(|&(quality, position, _)| (quality, position)).map(|(_, _, format)| format)
    }
}

impl StreamFormat {
    fn preferred(ranges: &[MediaRange<'_>]) -> Option<Self> {
        if ranges.iter().any(|range| range.names(TEXT, EVENT_STREAM)) {
            return Some(Self::ServerSentEvents);
        }
        let multipart = ranges.iter().find(|range| range.names(MULTIPART, MIXED))?;
        Some(Self::Multipart { heartbeats: multipart.media_type.get_param(SUBSCRIPTION_SPEC).is_some() })
    }
}

/// A media range of an `Accept` header.
struct MediaRange<'h> {
    media_type: MediaType<'h>,
    /// In thousandths. 0 is "not acceptable".
    quality: u16,
}

impl<'h> MediaRange<'h> {
    /// The ranges of a request, in their order. What is malformed is left out.
    fn all(headers: &'h HeaderMap) -> Vec<Self> {
        let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(MediaTypeList::new).flatten().map(Self::new).collect()
    }

    fn new(media_type: MediaType<'h>) -> Self {
        // A quality that is not a number is no wish: `as` makes 0 of it.
        let quality = media_type.get_param(Q).map_or(1.0, |quality| quality.as_str().parse().unwrap_or(0.0_f32));
        Self { quality: (quality * 1000.0) as u16, media_type }
    }

    /// Whether it is this very type, and acceptable.
    fn names(&self, ty: Name<'_>, subty: Name<'_>) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(accept: &str) -> Accepted {
        let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]);
        Accepted::from_headers(&headers)
    }

    #[test]
    fn quality_then_position_decides() {
        use ResponseFormat::{GraphqlResponseJson, Json};
        for (accept, expected) in [
            ("*/*", Some(Json)),
            ("application/*", Some(Json)),
            ("application/json", Some(Json)),
            ("Application/JSON ; Q=0.5", Some(Json)),
            ("application/json; charset=utf-8", Some(Json)),
            ("application/graphql-response+json", Some(GraphqlResponseJson)),
            ("application/graphql-response+json, application/json", Some(GraphqlResponseJson)),
            ("application/json, application/graphql-response+json", Some(Json)),
            ("application/json;q=0.1 , application/graphql-response+json;q=0.2", Some(GraphqlResponseJson)),
            ("application/json;q=0.1, */*;q=0.5", Some(GraphqlResponseJson)),
            // The more specific range decides.
            ("application/json;q=0, */*", Some(GraphqlResponseJson)),
            ("*/*, application/graphql-response+json;q=0", Some(Json)),
            ("application/json;q=0, application/graphql-response+json;q=0, */*", None),
            ("application/json;q=x", None),
            ("application/json;q=nan", None),
            ("text/html, image/*", None),
            ("nonsense, application/json", Some(Json)),
            ("", None),
        ] {
            assert_eq!(accepted(accept).single, expected, "{accept}");
        }
        assert_eq!(Accepted::from_headers(&HeaderMap::new()).single, Some(Json));
    }

    #[test]
    fn a_stream_has_to_be_named() {
        use StreamFormat::{Multipart, ServerSentEvents};
        for (accept, expected) in [
            ("*/*", None),
            ("text/*, multipart/*", None),
            ("text/event-stream", Some(ServerSentEvents)),
            ("multipart/mixed, text/event-stream;q=0.1", Some(ServerSentEvents)),
            ("text/event-stream;q=0, multipart/mixed", Some(Multipart { heartbeats: false })),
            ("multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0", Some(Multipart { heartbeats: true })),
            ("multipart/mixed;deferSpec=20220824", Some(Multipart { heartbeats: false })),
            ("multipart/mixed;q=0", None),
        ] {
            assert_eq!(accepted(accept).stream, expected, "{accept}");
        }
    }
}
