//! Validation, by the rules of the specification (<https://spec.graphql.org/October2021/#sec-Validation>).
//!
//! async-graphql compares fields for conflicts at one level only, lets variables into positions that they may not have,
//! and does not look at `__typename`. So apollo-compiler decides; what is wrong is then told in async-graphql's words
//! where it has some, because they suggest the name that was meant.

use std::sync::{Arc, LazyLock};

use apollo_compiler::{
    ExecutableDocument,
    ast::Document,
    validation::{DiagnosticList, Valid},
};
use async_graphql::{
    Request, Response, ServerError,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute},
};
use futures_util::FutureExt;

use super::{
    input_positions::{self, NonNullVariables},
    syntax::position,
};
use crate::graphql::{
    definitions::DEFINITIONS,
    options::Options,
    schema::{self, OtpwireSchema},
};

/// Rules of apollo-compiler that are stricter than the specification of October 2021: a response key that is repeated
/// is one field, and root fields may have conditions. `operation` checks the root of a subscription itself.
const STRICTER_RULES: [&str; 2] = ["SubscriptionUsesMultipleFields", "SubscriptionUsesConditionalSelection"];

/// A document that is valid, and for each of its operations the variables that must not be null.
pub(super) type Validated = (Valid<ExecutableDocument>, Vec<NonNullVariables>);

/// Validates a document, which has passed the limits on documents.
///
/// # Errors
/// What is wrong with it.
pub(super) fn validate(document: &Document, text: &str, suggestions: bool) -> Result<Validated, Vec<ServerError>> {
    let validated = match document.to_executable_validate(&DEFINITIONS.schema) {
        Ok(valid) => Ok(valid),
        Err(invalid) if invalid.errors.iter().all(|error| is_stricter(error.error.unstable_error_name())) => {
            Ok(Valid::assume_valid(invalid.partial))
        }
        Err(invalid) => Err(errors_of(&invalid.errors)),
    };
    let checked = validated.and_then(|valid| input_positions::check(&valid).map(|non_null| (valid, non_null)));
    checked.map_err(|errors| match worded_by_library(text, suggestions) {
        worded if worded.is_empty() => errors,
        worded => worded,
    })
}

fn is_stricter(rule: Option<&str>) -> bool {
    rule.is_some_and(|rule| STRICTER_RULES.contains(&rule))
}

fn errors_of(errors: &DiagnosticList) -> Vec<ServerError> {
    errors
        .iter()
        .filter(|diagnostic| !is_stricter(diagnostic.error.unstable_error_name()))
        .map(|diagnostic| {
            let location = apollo_compiler::diagnostic::ToCliReport::location(diagnostic.error);
            let message = diagnostic.error.to_string();
            ServerError::new(message, location.map(|span| position(Some(span), diagnostic.sources)))
        })
        .collect()
}

/// Ends every execution before it begins, so that only validation is left of it.
struct ValidationOnly;

impl ExtensionFactory for ValidationOnly {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for ValidationOnly {
    async fn execute(&self, _: &ExtensionContext<'_>, _: Option<&str>, _: NextExecute<'_>) -> Response {
        Response::default()
    }
}

/// What the library finds wrong with a document.
fn worded_by_library(text: &str, suggestions: bool) -> Vec<ServerError> {
    static VALIDATORS: LazyLock<[OtpwireSchema; 2]> = LazyLock::new(|| {
        [false, true].map(|suggestions| {
            schema::builder(&Options { suggestions, ..Options::default() }).extension(ValidationOnly).finish()
        })
    });
    // Nothing waits where nothing is executed.
    let response = VALIDATORS[usize::from(suggestions)].execute(Request::new(text)).now_or_never();
    // Errors without a place are about the request, such as one that names none of several operations.
    response.unwrap_or_default().errors.into_iter().filter(|error| !error.locations.is_empty()).collect()
}
