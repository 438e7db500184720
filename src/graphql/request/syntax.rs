//! Documents as syntax trees.

use apollo_compiler::{
    ast::Document,
    parser::{LineColumn, Parser, SourceMap, SourceSpan},
};
use async_graphql::Pos;

use crate::domain::{Error, ErrorCode, Result};

/// What the parser calls the text of a document.
const SOURCE_NAME: &str = "document";

/// Parses a document, which has passed the limits on texts.
///
/// # Errors
/// `QUERY_SYNTAX` with the place of the first mistake. The message quotes nothing: a document may hold secrets.
pub(super) fn parse(text: &str) -> Result<Document> {
    Parser::new().parse_ast(text, SOURCE_NAME).map_err(|invalid| {
        let first = invalid.errors.iter().next();
        let at = first.as_ref().and_then(|error| error.line_column_range()).map(|range| to_pos(range.start));
        let at = at.unwrap_or(Pos { line: 1, column: 1 });
        let issue = first.map(|error| plain_issue(&error.error.to_string())).unwrap_or_default();
        Error::new(ErrorCode::QuerySyntax, format!("syntax error at line {}, column {}: {issue}", at.line, at.column))
            .with("line", at.line)
            .with("column", at.column)
    })
}

/// What the parser says, without what it quotes, and with brackets in place of the names that it has for them.
fn plain_issue(message: &str) -> String {
    let message = message.strip_prefix("syntax error: ").unwrap_or(message);
    let (expected, got) = message.split_once(", got ").unwrap_or((message, ""));
    let expected = expected.replace("R_CURLY", "}").replace("R_PAREN", ")").replace("R_BRACK", "]");
    match got {
        "EOF" => format!("{expected}, but the document ends"),
        _ => expected,
    }
}

/// Where a part of a document stands in its text.
pub(super) fn position(location: Option<SourceSpan>, sources: &SourceMap) -> Pos {
    location.and_then(|span| span.line_column(sources)).map(to_pos).unwrap_or_default()
}

fn to_pos(at: LineColumn) -> Pos {
    Pos { line: at.line, column: at.column }
}
