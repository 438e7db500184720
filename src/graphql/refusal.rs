//! Requests that are refused before anything of them runs.

use std::sync::Arc;

use async_graphql::{Response, ServerError};

use super::error::refusal;
use crate::domain::Error;

/// Why a request is refused.
#[derive(Clone, Debug)]
pub(super) enum Refusal {
    /// For one reason, which may be that of a use case.
    Error(Error),
    /// Because its document is not valid.
    Invalid(Arc<[ServerError]>),
}

impl Refusal {
    /// The response, still to be finished.
    pub(super) fn into_response(self) -> Response {
        match self {
            Self::Error(error) => refusal(error),
            Self::Invalid(errors) => Response::from_errors(errors.to_vec()),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}
