//! Requests that are refused before anything of them runs.

use std::sync::Arc;

use async_graphql::{Response, ServerError};

use super::error::{MAX_ERRORS, refusal, tell_omitted};
use crate::domain::Error;

/// Why a request is refused.
#[derive(Clone, Debug)]
pub(super) enum Refusal {
    /// For one reason, which may be that of a use case.
    Error(Error),
    /// Because its document is not valid, with the first of its mistakes, and how many more there are.
    Invalid(Arc<[ServerError]>, usize),
}

impl Refusal {
    /// A refusal for the mistakes of a document.
    pub(super) fn of_document(mut errors: Vec<ServerError>) -> Self {
        let omitted = errors.len().saturating_sub(MAX_ERRORS);
        errors.truncate(MAX_ERRORS);
        Self::Invalid(errors.into(), omitted)
    }

    /// The response, still to be finished.
    pub(super) fn into_response(self) -> Response {
        match self {
            Self::Error(error) => refusal(error),
            Self::Invalid(errors, omitted) => {
                let mut response = Response::from_errors(errors.to_vec());
                tell_omitted(&mut response, omitted);
                response
            }
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}
