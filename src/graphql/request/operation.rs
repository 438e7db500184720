//! An operation that may run: its document was found, checked against the limits and parsed.

use async_graphql::{
    Name, Request, Value as ConstValue, Variables,
    parser::{
        Error as ParserError, parse_query,
        types::{ExecutableDocument, OperationDefinition, OperationType},
    },
};
use serde_json::Value;

use super::{field_order::FieldOrder, parameters::RequestParameters, size_limits, text_limits};
use crate::{
    domain::{Error, ErrorCode, Result},
    graphql::{api::GraphqlApi, error::syntax_issue},
};

/// An operation that may run.
pub(crate) struct PreparedOperation {
    pub(crate) request: Request,
    pub(crate) kind: OperationType,
    /// How its responses are sorted.
    pub(crate) field_order: FieldOrder,
}

impl GraphqlApi {
    /// Finds the document of a request, checks it against the limits and parses it.
    pub(crate) fn prepare(&self, mut parameters: RequestParameters) -> Result<PreparedOperation> {
        let text = self.documents.find(parameters.take_document()?)?;
        text_limits::check_text(&text)?;
        let document = parse_query(&text).map_err(syntax_error)?;
        size_limits::check_document(&document, self.introspection)?;
        let mut request = Request::new(text);
        if let Some(name) = parameters.operation_name {
            request = request.operation_name(name);
        }
        if let Some(variables) = parameters.variables {
            request = request.variables(Variables::from_json(Value::Object(variables)));
        }
        let operation = find_operation(&document, request.operation_name.as_deref());
        if let Some(operation) = operation {
            check_variables(operation, &request.variables)?;
        }
        // The library refuses a request for an operation that the document does not have.
        let kind = operation.map_or(OperationType::Query, |operation| operation.ty);
        let field_order = operation.map(|operation| FieldOrder::of(operation, &document)).unwrap_or_default();
        if kind == OperationType::Subscription && field_order.len() > 1 {
            // <https://spec.graphql.org/October2021/#sec-Single-root-field>, which the library does not check: each
            // field would be one more watcher.
            let issue = "a subscription must have one field; open several subscriptions";
            return Err(Error::new(ErrorCode::QueryInvalid, issue));
        }
        request.set_parsed_query(document);
        Ok(PreparedOperation { request, kind, field_order })
    }
}

fn syntax_error(error: ParserError) -> Error {
    let at = error.positions().next().unwrap_or_default();
    let message = error.to_string();
    let expected = syntax_issue(&message);
    Error::new(ErrorCode::QuerySyntax, format!("syntax error at line {}, column {}: {expected}", at.line, at.column))
        .with("line", at.line)
        .with("column", at.column)
}

/// The only operation of a document, or the one of this name.
fn find_operation<'d>(document: &'d ExecutableDocument, name: Option<&str>) -> Option<&'d OperationDefinition> {
    let mut operations = document.operations.iter();
    let found = match (operations.next(), operations.next()) {
        (Some((_, only)), None) => Some(only),
        _ => {
            let has_name = |of: Option<&Name>| name.is_some() && name == of.map(Name::as_str);
            document.operations.iter().find(|(of, _)| has_name(*of)).map(|(_, found)| found)
        }
    };
    found.map(|operation| &operation.node)
}

/// Refuses a request without a variable that its operation requires. The library would only find out when a field
/// reads the variable.
fn check_variables(operation: &OperationDefinition, variables: &Variables) -> Result<()> {
    let missing = operation.variable_definitions.iter().map(|definition| &definition.node).find(|definition| {
        let is_required = !definition.var_type.node.nullable && definition.default_value.is_none();
        let value = variables.get(&definition.name.node);
        is_required && matches!(value, None | Some(ConstValue::Null))
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
