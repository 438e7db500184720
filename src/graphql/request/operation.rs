//! An operation that may run: its document was found and is valid, and its variables have values of their types.

use std::sync::Arc;

use async_graphql::{Request, parser::types::OperationType};

use super::{normalized::NormalizedOperation, parameters::RequestParameters};
use crate::{
    domain::{Error, ErrorCode, Result},
    graphql::{api::GraphqlApi, refusal::Refusal},
};

/// An operation that may run.
pub(crate) struct PreparedOperation {
    pub(crate) request: Request,
    pub(crate) kind: OperationType,
    /// The operation, which gives its responses their form.
    pub(crate) normalized: Arc<NormalizedOperation>,
}

impl GraphqlApi {
    /// Finds the document of a request and prepares the operation that the request names.
    ///
    /// # Errors
    /// Why nothing of the request may run.
    pub(crate) fn prepare(&self, mut parameters: RequestParameters) -> Result<PreparedOperation, Refusal> {
        let text = self.documents.find(parameters.take_document()?)?;
        let plan = self.plans.find(&text)?;
        let operation = plan.operation(parameters.operation_name.as_deref())?;
        let variables = plan.coerce(operation, parameters.variables.unwrap_or_default())?;
        let normalized = plan.normalize(operation, &variables)?;
        if normalized.kind == OperationType::Subscription && normalized.fields.len() != 1 {
            // <https://spec.graphql.org/October2021/#sec-Single-root-field>: each field would be one more watcher.
            let issue = "a subscription must have one field; open several subscriptions";
            return Err(Error::new(ErrorCode::QueryInvalid, issue).into());
        }
        let mut request = Request::new("");
        request.set_parsed_query(normalized.bind(&variables));
        Ok(PreparedOperation { request, kind: normalized.kind, normalized })
    }
}
