//! The OpenAPI 3.1 document of everything under `/v1`: what the handlers declare, completed with what all have in
//! common.
//!
//! A handler lists the error codes that are special to it. This module makes the error responses of them, with
//! statuses, bodies and examples, and adds those that follow from the kind of operation: authentication, a body, rate
//! limits.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ContactBuilder, Content, ContentBuilder, Header, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi,
        OpenApiBuilder, PathItem, Ref, RefOr, Response, ServerBuilder, Type,
        example::ExampleBuilder,
        path::Operation,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
        tag::TagBuilder,
    },
};

use super::{routes::routes, schema};
use crate::domain::{Error, ErrorCode};

/// Responses that operations share, by name.
type Responses = BTreeMap<String, RefOr<Response>>;

/// The extension with the error codes that a handler lists.
const ERRORS: &str = "x-errors";
const BEARER: &str = "BearerAuth";
/// The prefix of every path.
const BASE: &str = "/v1";
const REQUEST_ID: &str = "X-Request-Id";
const RETRY_AFTER: &str = "Retry-After";
const LIMITS: [&str; 4] = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-RateLimit-Window"];

const DESCRIPTION: &str = "Receive SMS on disposable phone numbers.

Register, log in, rent a number with `POST /v1/numbers`, and wait for the code with \
`GET /v1/messages/wait`. Send the access token, or an API key, as `Authorization: Bearer …`.

Every error has the same six fields. `code` is one of a closed set; `message` says what is wrong and what \
would be right. Every answer carries `X-Request-Id`, and how many more requests may be made: guests 10 a \
minute for each address, users of the free plan 100, of the premium plan 500, administrators 1000.";

/// The OpenAPI document of a platform at this address. `webhooks` describes the routes of webhooks.
#[must_use]
pub fn openapi(public_url: &str, webhooks: OpenApi) -> OpenApi {
    let (_, own) = routes().split_for_parts();
    let mut api = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("otpwire")
                .description(Some(DESCRIPTION))
                .version(env!("CARGO_PKG_VERSION"))
                .license(Some(LicenseBuilder::new().name("MIT").identifier(Some("MIT")).build()))
                .contact(Some(ContactBuilder::new().name(Some("The operator of this platform")).build())),
        )
        .servers(Some([ServerBuilder::new().url(format!("{public_url}{BASE}")).build()]))
        .tags(Some(
            [
                ("Authentication", "Getting an account, signing in, and getting back in."),
                ("Users", "Your own account, sessions and API keys."),
                ("Phone Numbers", "Seeing numbers, renting them, giving them back."),
                ("Pools", "Sets of your numbers that pipelines lease from."),
                ("Leases", "A number for one worker at a time, and what arrives meanwhile."),
                ("Messages", "Reading your inbox, and watching it."),
                ("Administration", "Invitations and blocked senders. The rest is in GraphQL and the console."),
                ("Webhooks", "Where SMS providers bring messages."),
            ]
            .map(|(name, description)| TagBuilder::new().name(name).description(Some(description)).build()),
        ))
        .security(Some([SecurityRequirement::new(BEARER, Vec::<String>::new())]))
        .build();
    api.merge(own);
    api.merge(webhooks);
    let components = api.components.get_or_insert_default();
    let mut schemas = vec![(schema::Error::name().into_owned(), schema::Error::schema())];
    schema::Error::schemas(&mut schemas);
    components.schemas.extend(schemas);
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("An access token, or an API key."))
        .build();
    components.security_schemes.insert(BEARER.to_owned(), RefOr::T(SecurityScheme::Http(scheme)));
    components.headers.extend(headers().map(|(name, header)| (name.to_owned(), RefOr::T(header))));
    let paths = std::mem::take(&mut api.paths.paths);
    for (path, mut item) in paths {
        for operation in operations(&mut item) {
            complete_operation(operation, &mut components.responses);
        }
        // Paths are relative to the server, whose address ends in /v1.
        let path = path.strip_prefix(BASE).map(str::to_owned).unwrap_or(path);
        api.paths.paths.insert(path, item);
    }
    api
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete].into_iter().filter_map(Option::as_mut)
}

/// Adds to an operation the error responses and headers that it does not declare itself.
fn complete_operation(operation: &mut Operation, shared: &mut Responses) {
    let named = operation.extensions.as_mut().and_then(|extensions| extensions.remove(ERRORS));
    let mut codes: Vec<ErrorCode> =
        named.as_ref().and_then(Value::as_array).into_iter().flatten().map(code_of).collect();
    let is_open = operation
        .security
        .as_ref()
        .is_some_and(|security| security.iter().all(|one| *one == SecurityRequirement::default()));
    if is_open {
        operation.security = Some(Vec::new());
    } else {
        codes.extend([
            ErrorCode::Unauthenticated,
            ErrorCode::TokenExpired,
            ErrorCode::SessionEnded,
            ErrorCode::AccountDeactivated,
        ]);
    }
    if operation.request_body.is_some() {
        codes.extend([ErrorCode::InvalidRequest, ErrorCode::PayloadTooLarge, ErrorCode::UnsupportedMediaType]);
    }
    let is_webhook = operation.tags.iter().flatten().any(|tag| tag == "Webhooks");
    if !is_webhook {
        codes.extend([ErrorCode::RateLimited, ErrorCode::NotAcceptable]);
        codes.extend(operation.request_body.as_ref().map(|_| ErrorCode::RequestTimeout));
    }
    let mut by_status: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
    for code in codes {
        let same = by_status.entry(code.status()).or_default();
        if !same.contains(&code) {
            same.push(code);
        }
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            add_headers(response, !is_webhook);
        }
    }
    let errors = by_status.into_iter().map(|(status, codes)| (status.to_string(), codes));
    let server_errors = ("default".to_owned(), vec![ErrorCode::Internal, ErrorCode::Unavailable]);
    for (status, codes) in errors.chain([server_errors]) {
        // Responses with the same codes share one component.
        let names = codes.iter().map(|code| code.name()).chain(is_webhook.then_some("WEBHOOK"));
        let name = names.collect::<Vec<_>>().join(".");
        let reference = Ref::new(format!("#/components/responses/{name}"));
        shared.entry(name).or_insert_with(|| {
            let mut response = error_response(&codes);
            add_headers(&mut response, !is_webhook);
            if codes.iter().any(|code| matches!(code, ErrorCode::RateLimited | ErrorCode::Unavailable)) {
                reference_header(&mut response, RETRY_AFTER);
            }
            RefOr::T(response)
        });
        operation.responses.responses.insert(status, RefOr::Ref(reference));
    }
}

fn code_of(name: &Value) -> ErrorCode {
    let known = ErrorCode::ALL.iter().find(|code| Some(code.name()) == name.as_str());
    // A misspelled code becomes an internal error, which a test of the document finds.
    *known.unwrap_or(&ErrorCode::Internal)
}

/// The response for errors that share a status, with an example of each.
fn error_response(codes: &[ErrorCode]) -> Response {
    let examples = codes.iter().map(|&code| {
        let mut example = Error::new(code, meaning(code));
        if code == ErrorCode::ValidationError {
            example = Error::invalid("limit", "must be from 1 to 100");
        }
        if code == ErrorCode::CursorExpired {
            example = example.with("oldest_cursor", "AQAAAAcAAAAAAAAAKg");
        }
        if code == ErrorCode::RateLimited {
            example = Error::rate_limited(meaning(code), std::time::Duration::from_secs(7));
        }
        let at = chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(1_704_110_400);
        let example = ExampleBuilder::new().value(Some(example.body(at, "req_123456789"))).build();
        (code.name().to_owned(), RefOr::T(example))
    });
    let content: Content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(schema::Error::name())))
        .examples_from_iter(examples)
        .build();
    let titles = codes.iter().map(|code| meaning(*code)).collect::<Vec<_>>().join("; or ");
    let mut response = Response::new(titles);
    response.content.insert("application/json".to_owned(), RefOr::T(content));
    response
}

/// The headers of responses.
fn headers() -> impl Iterator<Item = (&'static str, Header)> {
    let [limit, remaining, reset, window] = LIMITS;
    let headers = [
        (REQUEST_ID, "The id of this request, in logs too", Type::String, json!("req_123456789")),
        (limit, "How many requests may be made in the window", Type::Integer, json!(100)),
        (remaining, "How many more may be made now", Type::Integer, json!(95)),
        (
            reset,
            "When the oldest request leaves the window, in seconds since 1970",
            Type::Integer,
            json!(1_640_995_200),
        ),
        (window, "How long the window is, in seconds", Type::Integer, json!(60)),
        (RETRY_AFTER, "In how many seconds to try again", Type::Integer, json!(7)),
    ];
    headers.into_iter().map(|(name, description, kind, example)| {
        let mut header = Header::new(ObjectBuilder::new().schema_type(kind).examples([example]).build());
        header.description = Some(description.to_owned());
        (name, header)
    })
}

fn add_headers(response: &mut Response, is_limited: bool) {
    let limits = LIMITS.iter().filter(|_| is_limited);
    for name in limits.chain([&REQUEST_ID]) {
        reference_header(response, name);
    }
}

fn reference_header(response: &mut Response, header: &str) {
    let reference = RefOr::Ref(Ref::new(format!("#/components/headers/{header}")));
    response.headers.insert(header.to_owned(), reference);
}

/// What a code means, for readers of the document.
fn meaning(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InvalidRequest => "the request cannot be read: malformed, a missing field, a wrong type",
        ErrorCode::ValidationError => "a value breaks a rule",
        ErrorCode::Unauthenticated => "no credential, or one that is not valid",
        ErrorCode::TokenExpired => "the access token has expired",
        ErrorCode::SessionEnded => "the session was ended",
        ErrorCode::InvalidCredentials => "the e-mail address or the password is wrong",
        ErrorCode::InvalidRefreshToken => "the refresh token is not valid",
        ErrorCode::Forbidden => "you may not do this",
        ErrorCode::InsufficientScope => "the API key has no scope for this",
        ErrorCode::EmailNotVerified => "your e-mail address has to be verified first",
        ErrorCode::RegistrationClosed => "nobody may make an account, or nobody without an invitation",
        ErrorCode::InvitationInvalid => "the invitation is not valid",
        ErrorCode::AccountDeactivated => "the account was deactivated",
        ErrorCode::InvalidSignature => "the signature is missing or wrong",
        ErrorCode::NotFound => "there is no such thing, or it is not yours",
        ErrorCode::UnknownProvider => "no active provider has this name",
        ErrorCode::EmailTaken => "an account with this e-mail address exists",
        ErrorCode::NumberUnavailable => "the number cannot be rented now",
        ErrorCode::LimitReached => "you have as many as you may have at once",
        ErrorCode::NoNumberAvailable => "no number is free now; see Retry-After",
        ErrorCode::AlreadyExists => "you have one of this name",
        ErrorCode::LeaseLost => "the lease has ended, or the fence is not the newest",
        ErrorCode::CursorExpired => "messages after the cursor have expired",
        ErrorCode::NotAcceptable => "nothing that is answered here is accepted",
        ErrorCode::RequestTimeout => "the body did not arrive in time",
        ErrorCode::PayloadTooLarge => "the body is too large",
        ErrorCode::UnsupportedMediaType => "the body is of a type that is not read here",
        ErrorCode::RateLimited => "too many requests in this time; see Retry-After",
        ErrorCode::Unavailable => "the service is busy; try again in a moment",
        _ => "something went wrong on our side",
    }
}
