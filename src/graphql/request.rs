//! What a client asks for: read from a body, an address or a frame, and checked before anything runs.

use async_graphql::{
    Request, Value as ConstValue, Variables,
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationDefinition, OperationType},
    },
};
use serde::Deserialize;

use super::{Face, documents::Named, error::syntax_issue, limits, order::Order};
use crate::domain::{Error, ErrorCode, Result};

/// A request, as a body, as the query of an address, or as the payload of a frame.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameters {
    pub(super) query: Option<String>,
    pub(super) document_id: Option<String>,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Option<serde_json::Map<String, serde_json::Value>>,
    pub(super) extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

/// Reads a JSON object. An array would be read as its fields in their order.
pub(super) fn read_object<'de, T: Deserialize<'de>>(text: &'de [u8]) -> serde_json::Result<T> {
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'[') => Err(serde::de::Error::custom("expected an object, not an array")),
        _ => serde_json::from_slice(text),
    }
}

/// The hash of a persisted document.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersistedQuery {
    version: i32,
    sha256_hash: String,
}

impl Parameters {
    /// Whether there is anything to run.
    pub(super) fn names_document(&self) -> bool {
        let hash = || self.extensions.as_ref().is_some_and(|extensions| extensions.contains_key("persistedQuery"));
        self.query.is_some() || self.document_id.is_some() || hash()
    }

    fn hash(&self) -> Result<Option<String>> {
        let Some(given) = self.extensions.as_ref().and_then(|extensions| extensions.get("persistedQuery")) else {
            return Ok(None);
        };
        match PersistedQuery::deserialize(given) {
            Ok(persisted) if persisted.version == 1 => Ok(Some(persisted.sha256_hash)),
            _ => {
                let issue = "must be { version: 1, sha256Hash: … }";
                let error = Error::new(ErrorCode::InvalidRequest, format!("extensions.persistedQuery: {issue}"));
                Err(error.with("field", "extensions.persistedQuery").with("issue", issue))
            }
        }
    }
}

/// What is to run.
pub(super) struct Operation {
    pub(super) request: Request,
    pub(super) kind: OperationType,
    /// How its answers are sorted.
    pub(super) order: Order,
}

impl Face {
    /// Finds the document of a request, checks it against the limits and parses it.
    pub(super) fn read(&self, parameters: Parameters) -> Result<Operation> {
        let hash = parameters.hash()?;
        let named = Named { id: parameters.document_id, hash, text: parameters.query };
        let text = self.documents.find(named)?;
        limits::check_text(&text)?;
        let document = parse_query(&text).map_err(|error| {
            let at = error.positions().next().unwrap_or_default();
            let drawing = error.to_string();
            let expected = syntax_issue(&drawing);
            Error::new(
                ErrorCode::QuerySyntax,
                format!("syntax error at line {}, column {}: {expected}", at.line, at.column),
            )
            .with("line", at.line)
            .with("column", at.column)
        })?;
        limits::check_document(&document, self.options.introspection)?;
        let mut request = Request::new(text);
        if let Some(name) = parameters.operation_name {
            request = request.operation_name(name);
        }
        if let Some(variables) = parameters.variables {
            request = request.variables(Variables::from_json(serde_json::Value::Object(variables)));
        }
        let operation = operation_of(&document, request.operation_name.as_deref());
        if let Some(operation) = operation {
            check_variables(operation, &request.variables)?;
        }
        // One that is not there is refused by the library, with the reason.
        let kind = operation.map_or(OperationType::Query, |operation| operation.ty);
        let order = operation.map(|operation| Order::of(operation, &document)).unwrap_or_default();
        if kind == OperationType::Subscription && order.len() > 1 {
            // The specification's rule, which the library does not check: each would be a watcher more.
            let issue = "a subscription must have one field; open several subscriptions";
            return Err(Error::new(ErrorCode::QueryInvalid, issue));
        }
        request.set_parsed_query(document);
        Ok(Operation { request, kind, order })
    }
}

/// The operation that is to run: the only one, or the one of this name.
fn operation_of<'d>(document: &'d ExecutableDocument, name: Option<&str>) -> Option<&'d OperationDefinition> {
    let mut operations = document.operations.iter();
    let found = match (operations.next(), operations.next()) {
        (Some((_, only)), None) => Some(only),
        _ => {
            let named = |of: Option<&async_graphql::Name>| name.is_some() && name == of.map(|name| name.as_str());
            document.operations.iter().find(|(of, _)| named(*of)).map(|(_, found)| found)
        }
    };
    found.map(|operation| &operation.node)
}

/// Refuses a request without a variable that its operation must have. The library would find out
/// only when a field asks for it.
fn check_variables(operation: &OperationDefinition, variables: &Variables) -> Result<()> {
    let missing = operation.variable_definitions.iter().map(|definition| &definition.node).find(|definition| {
        let is_required = !definition.var_type.node.nullable && definition.default_value.is_none();
        let given = variables.get(&definition.name.node);
        is_required && matches!(given, None | Some(ConstValue::Null))
    });
    match missing {
        Some(definition) => {
            let name = &definition.name.node;
            let issue = format!("the variable ${name} of type {} is required", definition.var_type.node);
            Err(Error::new(ErrorCode::QueryInvalid, issue).with("field", name.as_str()))
        }
        None => Ok(()),
    }
}
