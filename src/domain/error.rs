//! The error type of the use cases.
//!
//! What clients see ([`ErrorCode`], message, details) and what the log gets (cause, [`StoreProblem`]) are separate
//! fields, and the second never reaches the first.

use std::{
    error::Error as StdError,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Map, Value, json};

use super::ErrorCode;
use crate::log_throttle;

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What is wrong with the database, for the operator: each problem has its own remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreProblem {
    /// The database cannot be reached.
    Unreachable,
    /// The database is slow, or has no connection to spare.
    Busy,
    /// The disk is full.
    DiskFull,
    /// The database accepts no writes.
    ReadOnly,
    /// The data is damaged.
    Corrupt,
    /// Reading or writing the database's files fails.
    IoError,
}

impl StoreProblem {
    /// The word that logs and the readiness check show.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "away",
            Self::Busy => "busy",
            Self::DiskFull => "full",
            Self::ReadOnly => "read_only",
            Self::Corrupt => "corrupt",
            Self::IoError => "failing",
        }
    }
}

/// A failed use case: a code, a message and details for the client, and a cause for the log.
///
/// [`fmt::Display`] shows the public message alone; the cause is the [`source`](StdError::source).
#[derive(Clone, Debug)]
pub struct Error {
    code: ErrorCode,
    message: String,
    details: Map<String, Value>,
    store_problem: Option<StoreProblem>,
    cause: Option<Arc<dyn StdError + Send + Sync>>,
}

type Cause = Box<dyn StdError + Send + Sync>;

impl Error {
    /// The detail that says after how many seconds a client may retry.
    pub const RETRY_AFTER: &str = "retry_after";

    /// An error with a message for the client: a sentence without a full stop.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Map::new(), store_problem: None, cause: None }
    }

    /// `VALIDATION_ERROR`: which field breaks a rule, and which rule.
    #[must_use]
    pub fn invalid(field: &str, issue: impl Into<String>) -> Self {
        let issue = issue.into();
        Self::new(ErrorCode::ValidationError, format!("{field}: {issue}")).with("field", field).with("issue", issue)
    }

    /// `NOT_FOUND`: the object does not exist, or the caller may not see it.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("{what} not found"))
    }

    /// `INTERNAL`: a bug. The client learns nothing about it; the log gets the cause.
    #[must_use]
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self {
            cause: Some(Arc::from(cause.into())),
            ..Self::new(ErrorCode::Internal, "something went wrong on our side; it has been logged")
        }
    }

    /// `UNAVAILABLE`: overload, or a dependency is down. The client should retry.
    #[must_use]
    pub fn unavailable(cause: impl Into<Cause>) -> Self {
        Self {
            cause: Some(Arc::from(cause.into())),
            ..Self::new(ErrorCode::Unavailable, "the service is busy; try again in a moment")
        }
    }

    /// `RATE_LIMITED`: the client may retry after `retry_after`.
    #[must_use]
    pub fn rate_limited(message: impl Into<String>, retry_after: Duration) -> Self {
        // Rounded up, so that a client that waits exactly this long is not too early.
        let seconds = retry_after.as_millis().div_ceil(1000).max(1);
        Self::new(ErrorCode::RateLimited, message).with(Self::RETRY_AFTER, u64::try_from(seconds).unwrap_or(u64::MAX))
    }

    /// With another message for the client.
    #[must_use]
    pub fn with_message(self, message: impl Into<String>) -> Self {
        Self { message: message.into(), ..self }
    }

    /// Adds a detail for the client.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }

    /// Adds what is wrong with the database, for the log.
    #[must_use]
    pub fn with_store_problem(mut self, problem: StoreProblem) -> Self {
        self.store_problem = Some(problem);
        self
    }

    /// What is wrong with the database, if that is why this failed.
    #[must_use]
    pub fn store_problem(&self) -> Option<StoreProblem> {
        self.store_problem
    }

    /// The code for the client.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
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

    /// Whether the fault is the server's rather than the client's.
    #[must_use]
    pub fn is_server_error(&self) -> bool {
        self.code.status() >= 500
    }

    /// Logs the error, once, where it leaves the application: at the error level when it is a bug, as a warning when a
    /// dependency is down, and for debugging when the client is at fault. `task` is the name of what failed; for a
    /// request there is [`Error::log_request`].
    ///
    /// A dependency that is down fails thousands of requests: the same cause is logged every ten seconds, with the
    /// number of times it occurred since.
    pub fn log(&self, task: &str) {
        self.log_of(Some(task));
    }

    /// Logs the error of a request, which the span of the request names.
    pub fn log_request(&self) {
        self.log_of(None);
    }

    fn log_of(&self, task: Option<&str>) {
        let code = self.code.name();
        let causes = self.cause.as_deref().map(|cause| CauseChain(cause).to_string()).unwrap_or_default();
        let reason = self.store_problem.map(StoreProblem::as_str);
        match self.code {
            ErrorCode::Unavailable => match log_throttle::record(&causes, Instant::now()) {
                Some(times) => tracing::warn!(task, code, reason, causes, times, "failed for now"),
                None => tracing::debug!(task, code, reason, causes, "failed for now"),
            },
            _ if self.is_server_error() => tracing::error!(task, code, causes, "failed"),
            // `message` is the name that tracing gives to the text of a line.
            _ => tracing::debug!(task, code, why = %self.message, "refused"),
        }
    }

    /// The body of a REST error response: its six fields.
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

/// An error and its sources on one line.
struct CauseChain<'a>(&'a (dyn StdError + 'static));

impl fmt::Display for CauseChain<'_> {
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
