//! What can go wrong, in one closed set of codes that every face shares.

use std::{error::Error as StdError, fmt, time::Instant};

use serde_json::{Map, Value, json};

use crate::log_throttle;

/// The result of a verb.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Declares the codes: name on the wire, HTTP status, title.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $status:literal, $title:literal;)+) => {
        /// What went wrong, as clients tell it. `code` in REST, `extensions.code` in GraphQL.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)+ }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name on the wire.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// A title for people, the `error` of a REST body.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

codes! {
    /// The request cannot be read: malformed JSON, a missing field, a wrong type.
    InvalidRequest = "INVALID_REQUEST", 400, "Invalid Request";
    /// The GraphQL document is not GraphQL.
    QuerySyntax = "GRAPHQL_PARSE_FAILED", 400, "Invalid Request";
    /// The GraphQL document does not fit the schema.
    QueryInvalid = "GRAPHQL_VALIDATION_FAILED", 400, "Invalid Request";
    /// The GraphQL document is nested too deep.
    QueryTooDeep = "QUERY_TOO_DEEP", 400, "Invalid Request";
    /// The GraphQL document asks for too much at once.
    QueryTooComplex = "QUERY_TOO_COMPLEX", 400, "Invalid Request";
    /// The GraphQL document is longer than is read, in bytes or in tokens.
    QueryTooLong = "QUERY_TOO_LONG", 400, "Invalid Request";
    /// The GraphQL document gives too many fields another name.
    TooManyAliases = "TOO_MANY_ALIASES", 400, "Invalid Request";
    /// The GraphQL document has too many directives.
    TooManyDirectives = "TOO_MANY_DIRECTIVES", 400, "Invalid Request";
    /// The batch has more GraphQL requests than one may have.
    BatchTooLarge = "BATCH_TOO_LARGE", 400, "Invalid Request";
    /// The GraphQL document asks about the schema, and the operator does not want that.
    IntrospectionDisabled = "INTROSPECTION_DISABLED", 400, "Invalid Request";
    /// The operation took longer than one may. Whether a mutation was done is not known.
    OperationTimeout = "OPERATION_TIMEOUT", 504, "Gateway Timeout";
    /// The server does not know the document by its hash: send it once with the hash.
    PersistedQueryNotFound = "PERSISTED_QUERY_NOT_FOUND", 400, "Invalid Request";
    /// The document does not have the hash that came with it.
    PersistedQueryMismatch = "PERSISTED_QUERY_MISMATCH", 400, "Invalid Request";
    /// The operator allows only the documents of a list, and this one is not on it.
    DocumentNotAllowed = "DOCUMENT_NOT_ALLOWED", 400, "Invalid Request";
    /// The caller has as many sockets and streams open as they may.
    TooManyConnections = "TOO_MANY_CONNECTIONS", 429, "Too Many Requests";
    /// The key was used for another request, or what it made is over.
    IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED", 422, "Validation Error";
    /// The socket has as many operations open as it may.
    TooManyOperations = "TOO_MANY_OPERATIONS", 429, "Too Many Requests";
    /// The request can be read, and a value breaks a rule.
    ValidationError = "VALIDATION_ERROR", 422, "Validation Error";
    /// No token where one is needed, or one that is not valid.
    Unauthenticated = "UNAUTHENTICATED", 401, "Unauthorized";
    /// The access token was valid and no longer is.
    TokenExpired = "TOKEN_EXPIRED", 401, "Unauthorized";
    /// The e-mail address or the password is wrong. Which one is not told.
    InvalidCredentials = "INVALID_CREDENTIALS", 401, "Unauthorized";
    /// The session was ended: signed out, ended by its user, or its password was changed.
    SessionEnded = "SESSION_ENDED", 401, "Unauthorized";
    /// The refresh token is not one of ours, was used up, or its session is over.
    InvalidRefreshToken = "INVALID_REFRESH_TOKEN", 401, "Unauthorized";
    /// The caller is known and may not do this.
    Forbidden = "FORBIDDEN", 403, "Forbidden";
    /// The API key has no scope for this.
    InsufficientScope = "INSUFFICIENT_SCOPE", 403, "Forbidden";
    /// The account was deactivated.
    AccountDeactivated = "ACCOUNT_DEACTIVATED", 403, "Forbidden";
    /// A webhook's signature is missing or wrong.
    InvalidSignature = "INVALID_SIGNATURE", 403, "Forbidden";
    /// There is no such thing, or it is not the caller's: the two answer alike.
    NotFound = "NOT_FOUND", 404, "Not Found";
    /// No active provider has the name that the webhook gave.
    UnknownProvider = "UNKNOWN_PROVIDER", 404, "Not Found";
    /// The path exists, for other methods.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", 405, "Method Not Allowed";
    /// The client accepts none of the types that there are.
    NotAcceptable = "NOT_ACCEPTABLE", 406, "Not Acceptable";
    /// An account with this e-mail address exists.
    EmailTaken = "EMAIL_TAKEN", 409, "Conflict";
    /// Something with this name or number exists.
    AlreadyExists = "ALREADY_EXISTS", 409, "Conflict";
    /// The number that was asked for cannot be rented now.
    NumberUnavailable = "NUMBER_UNAVAILABLE", 409, "Conflict";
    /// No number of the country can be rented now.
    NoNumberAvailable = "NO_NUMBER_AVAILABLE", 409, "Conflict";
    /// The caller has as many of these as they may have at once.
    LimitReached = "LIMIT_REACHED", 409, "Conflict";
    /// Messages after the cursor have been purged: the client has missed some for good.
    CursorExpired = "CURSOR_EXPIRED", 410, "Gone";
    /// The body is larger than is read.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", 413, "Payload Too Large";
    /// The body is of a type that is not read here.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", 415, "Unsupported Media Type";
    /// More requests than the caller may make in this time.
    RateLimited = "RATE_LIMITED", 429, "Too Many Requests";
    /// A defect of ours, or of something that we depend on. The log has the details.
    Internal = "INTERNAL", 500, "Internal Server Error";
    /// Too much at once, or the database is away. Trying again later is right.
    Unavailable = "UNAVAILABLE", 503, "Service Unavailable";
}

/// Why the store does not do its work, for the operator: each is mended elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It cannot be reached.
    Away,
    /// It takes too long, or has no connection to spare.
    Busy,
    /// The disk is full.
    Full,
    /// It takes no changes.
    ReadOnly,
    /// What it holds is damaged.
    Corrupt,
    /// Reading or writing its files fails.
    Failing,
}

impl Reason {
    /// The reason in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Busy => "busy",
            Self::Full => "full",
            Self::ReadOnly => "read_only",
            Self::Corrupt => "corrupt",
            Self::Failing => "failing",
        }
    }
}

/// A failure of a verb: a code and a message for the client, and the cause for the log.
///
/// The cause is never part of what clients see: [`fmt::Display`] shows the public message alone.
#[derive(Debug)]
pub struct Error {
    code: Code,
    message: String,
    details: Map<String, Value>,
    reason: Option<Reason>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A failure with a message for the client: a sentence without a full stop.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Map::new(), reason: None, cause: None }
    }

    /// A value that breaks a rule: which field, and what is wrong with it.
    #[must_use]
    pub fn invalid(field: &str, issue: impl Into<String>) -> Self {
        let issue = issue.into();
        Self::new(Code::ValidationError, format!("{field}: {issue}")).with("field", field).with("issue", issue)
    }

    /// The thing is not there, or not the caller's to see.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("{what} not found"))
    }

    /// A defect. The client learns nothing about it; the log gets the cause.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            cause: Some(cause.into()),
            ..Self::new(Code::Internal, "something went wrong on our side; it has been logged")
        }
    }

    /// Too much at once, or a part that we need is away: the client should try again.
    #[must_use]
    pub fn unavailable(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..Self::new(Code::Unavailable, "the service is busy; try again in a moment") }
    }

    /// More than the caller may do in this time: when it is worth trying again.
    #[must_use]
    pub fn rate_limited(message: impl Into<String>, retry_after: std::time::Duration) -> Self {
        // Rounded up: a client that waits as long as it is told must not be early.
        let seconds = retry_after.as_millis().div_ceil(1000).max(1);
        Self::new(Code::RateLimited, message).with(Self::RETRY_AFTER, u64::try_from(seconds).unwrap_or(u64::MAX))
    }

    /// The name of the detail that says in how many seconds a client may try again.
    pub const RETRY_AFTER: &str = "retry_after";

    /// The same failure for one more who meets it. The cause goes along, for the log.
    #[must_use]
    pub fn again(error: &std::sync::Arc<Self>) -> Self {
        Self {
            code: error.code,
            message: error.message.clone(),
            details: error.details.clone(),
            reason: error.reason,
            cause: error.cause.is_some().then(|| Box::new(Again(std::sync::Arc::clone(error))) as _),
        }
    }

    /// Adds a detail that clients can read.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }

    /// Says what is wrong with the store. Clients do not see it.
    #[must_use]
    pub fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// What is wrong with the store, if it is that.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.reason
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The message for the client.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The details for the client.
    #[must_use]
    pub fn details(&self) -> &Map<String, Value> {
        &self.details
    }

    /// Whether the fault is ours rather than the caller's.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.code.status() >= 500
    }

    /// Writes the failure to the log, at the boundary: as an error when it is a defect, as a warning
    /// when something that we need is away, and for developers alone when it is the caller's mistake.
    /// `context` is the id of the request, or the name of what failed without one.
    ///
    /// What is away fails every request, and often thousands of them: the same cause has a line every ten seconds,
    /// which says how often it was met since the last one.
    pub fn log(&self, context: &str) {
        let code = self.code.name();
        let causes = self.cause.as_deref().map(|cause| Causes(cause).to_string()).unwrap_or_default();
        let reason = self.reason.map(Reason::word);
        match self.code {
            Code::Unavailable => match log_throttle::note(&causes, Instant::now()) {
                Some(times) => tracing::warn!(context, code, reason, causes, times, "failed for now"),
                None => tracing::debug!(context, code, reason, causes, "failed for now"),
            },
            _ if self.is_ours() => tracing::error!(context, code, causes, "failed"),
            _ => tracing::debug!(context, code, message = %self.message, "refused"),
        }
    }

    /// The six fields of a REST error body.
    #[must_use]
    pub fn body(&self, timestamp: chrono::DateTime<chrono::Utc>, request_id: &str) -> Value {
        json!({
            "error": self.code.title(),
            "message": self.message,
            "code": self.code.name(),
            "details": self.details,
            "timestamp": timestamp,
            "request_id": request_id,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

/// The cause of a failure that several meet.
#[derive(Debug)]
struct Again(std::sync::Arc<Error>);

impl fmt::Display for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.source() {
            Some(cause) => write!(f, "{cause}"),
            None => f.write_str(&self.0.message),
        }
    }
}

impl StdError for Again {}

/// A cause and its causes on one line.
struct Causes<'a>(&'a (dyn StdError + 'static));

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(cause) = next {
            write!(f, ": {cause}")?;
            next = cause.source();
        }
        Ok(())
    }
}
