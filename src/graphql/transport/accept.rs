//! Which formats a client accepts (RFC 9110, 12.5.1).

use axum::http::{HeaderMap, header};
use mediatype::{
    MediaType, Name, ReadParams,
    names::{APPLICATION, EVENT_STREAM, JSON, MIXED, MULTIPART, TEXT},
};

use crate::{
    domain::{Error, ErrorCode, Result},
    http::{MediaRange, preference},
};

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
        let rated = formats.filter_map(|format| Some((preference(ranges, &format.media_type())?, format)));
        let acceptable = rated.filter(|(preference, _)| preference.quality > 0);
        acceptable.max_by_key(|&(preference, _)| preference).map(|(_, format)| format)
    }

    /// The format of refusals. They need one for every client, also for one that accepts neither: then it is
    /// `application/json`, unless the client excludes just that.
    pub(super) fn of_refusals(headers: &HeaderMap) -> Self {
        let ranges = MediaRange::all(headers);
        let is_excluded =
            |format: Self| preference(&ranges, &format.media_type()).is_some_and(|preference| preference.quality == 0);
        match Self::preferred(&ranges) {
            Some(preferred) => preferred,
            None if is_excluded(Self::Json) && !is_excluded(Self::GraphqlResponseJson) => Self::GraphqlResponseJson,
            None => Self::Json,
        }
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
    #[test]
    fn refusals_have_a_format_for_everybody() {
        use ResponseFormat::{GraphqlResponseJson, Json};
        for (accept, expected) in [
            ("application/json", Json),
            ("application/graphql-response+json", GraphqlResponseJson),
            ("text/html", Json),
            ("text/event-stream", Json),
            ("application/json;q=0", GraphqlResponseJson),
            ("application/json;q=0, text/event-stream", GraphqlResponseJson),
            ("*/*;q=0", Json),
            ("", Json),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]);
            assert_eq!(ResponseFormat::of_refusals(&headers), expected, "{accept}");
        }
        assert_eq!(ResponseFormat::of_refusals(&HeaderMap::new()), Json);
    }
}
