//! Guards for documents from strangers.
//!
//! The parser and the library's own checks walk documents recursively and expand every use of a
//! fragment, so a few hundred bytes could cost the stack or minutes of work. What is checked here
//! is checked before them, in time linear in the document.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet},
};

use crate::domain::{Error, ErrorCode, Result};

/// How deep fields may be nested. The standard introspection query is 15 deep.
pub(super) const MAX_DEPTH: usize = 20;
/// How much a document may ask for: each field counts one, a list counts its page size times what
/// is asked of each item.
pub(super) const MAX_COMPLEXITY: usize = 10_000;
/// How many directives a document may have, once every use of a fragment is written out.
const MAX_DIRECTIVES: u64 = 50;
/// How many fields a document may give another name, once every use of a fragment is written out.
const MAX_ALIASES: u64 = 100;
/// The longest document, in bytes. The standard introspection query has less than 2,000.
pub(super) const MAX_DOCUMENT: usize = 32 * 1024;
/// How many tokens a document may have.
const MAX_TOKENS: usize = 4_000;
/// How often a document may ask for lists of the schema. The standard introspection query does so nine
/// times.
const MAX_SCHEMA_LISTS: u64 = 20;
/// How deep lists that lead from types to types may be nested: the same bound as that of graphql-js
/// (`MaxIntrospectionDepthRule`).
const MAX_SCHEMA_DEPTH: u64 = 2;
/// How deep brackets of any kind may be nested.
const MAX_NESTING: usize = 48;
/// How many fields a document may have once every use of a fragment is written out.
const MAX_FIELDS: u64 = 2_000;

/// Refuses what must not even be parsed: a document that is too long, or nested too deep.
pub(super) fn check_text(document: &str) -> Result<()> {
    if document.len() > MAX_DOCUMENT {
        let issue = format!("the document must have at most {MAX_DOCUMENT} bytes");
        return Err(Error::new(ErrorCode::QueryTooLong, issue).with("limit", MAX_DOCUMENT));
    }
    let (mut depth, mut tokens) = (0_usize, 0_usize);
    let mut rest = document.as_bytes();
    while let [byte, after @ ..] = rest {
        // How many bytes the token has besides its first.
        let length = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                rest = after;
                continue;
            }
            b'#' => {
                let end = after.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
                rest = &after[end.unwrap_or(after.len())..];
                continue;
            }
            b'"' => string_length(after).ok_or_else(unclosed)?,
            byte if is_word(*byte) => after.iter().take_while(|byte| is_word(**byte)).count(),
            b'(' | b'[' | b'{' => {
                depth += 1;
                0
            }
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                0
            }
            _ => 0,
        };
        tokens += 1;
        rest = &after[length..];
        if depth > MAX_NESTING {
            return Err(
                Error::new(ErrorCode::QueryTooDeep, "the document is nested too deep").with("limit", MAX_NESTING)
            );
        }
        if tokens > MAX_TOKENS {
            let issue = format!("the document must have at most {MAX_TOKENS} tokens");
            return Err(Error::new(ErrorCode::QueryTooLong, issue).with("limit", MAX_TOKENS));
        }
    }
    Ok(())
}

/// What names and numbers are made of.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// How long a string is after its first quote. One that is not closed has no length: the parser would go
/// back and look at what is inside, which nobody has counted.
fn string_length(after: &[u8]) -> Option<usize> {
    let (quote, mut at) = match after {
        [b'"', b'"', ..] => (&b"\"\"\""[..], 2),
        _ => (&b"\""[..], 0),
    };
    let is_block = quote.len() == 3;
    loop {
        match after.get(at..)? {
            rest if rest.starts_with(quote) => return Some(at + quote.len()),
            [b'\\', b'"', b'"', b'"', ..] if is_block => at += 4,
            [b'\\', _, ..] if !is_block => at += 2,
            [b'\r' | b'\n', ..] if !is_block => {
                return None;
            }
            [] => return None,
            _ => at += 1,
        }
    }
}

fn unclosed() -> Error {
    Error::new(ErrorCode::QuerySyntax, "syntax error: a string is not closed")
}

/// Refuses documents that grow too large once every use of a fragment is written out, and, where the
/// operator wants that, those that ask about the schema. Each fragment is visited once, whatever the
/// number of its uses.
pub(super) fn check_document(document: &ExecutableDocument, introspection: bool) -> Result<()> {
    let mut sizes = Sizes { fragments: &document.fragments, known: HashMap::new() };
    let operations = document.operations.iter().map(|(_, operation)| &operation.node);
    let size = operations.fold(Size::default(), |size, operation| {
        let own = Size::of_directives(operation.directives.len());
        size.with(own).with(sizes.of(&operation.selection_set.node, 0))
    });
    let refuse = |code, issue: &str, limit: u64| Err(Error::new(code, issue).with("limit", limit));
    if size.fields > MAX_FIELDS {
        return refuse(ErrorCode::QueryTooComplex, "the document asks for too many fields", MAX_FIELDS);
    }
    if size.aliases > MAX_ALIASES {
        return refuse(ErrorCode::TooManyAliases, "the document has too many aliases", MAX_ALIASES);
    }
    if size.directives > MAX_DIRECTIVES {
        return refuse(ErrorCode::TooManyDirectives, "the document has too many directives", MAX_DIRECTIVES);
    }
    if size.schema_depth > MAX_SCHEMA_DEPTH || size.schema_lists > MAX_SCHEMA_LISTS {
        return refuse(ErrorCode::QueryTooComplex, "the document asks for too much of the schema", MAX_SCHEMA_LISTS);
    }
    if size.asks_about_schema && !introspection {
        let message = "this server does not tell its schema; its operator has turned introspection off";
        return Err(Error::new(ErrorCode::IntrospectionDisabled, message));
    }
    Ok(())
}

/// What a selection has in it, once every use of a fragment is written out.
#[derive(Clone, Copy, Default)]
struct Size {
    fields: u64,
    aliases: u64,
    directives: u64,
    asks_about_schema: bool,
    /// How often lists of the schema are asked for.
    schema_lists: u64,
    /// How deep those that lead from types to types are nested.
    schema_depth: u64,
}

impl Size {
    fn of_directives(count: usize) -> Self {
        Self { directives: count as u64, ..Self::default() }
    }

    fn with(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            asks_about_schema: self.asks_about_schema || other.asks_about_schema,
            schema_lists: self.schema_lists.saturating_add(other.schema_lists),
            schema_depth: self.schema_depth.max(other.schema_depth),
        }
    }
}

struct Sizes<'d> {
    fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    /// The sizes of fragments; one that is being visited counts as empty, which ends cycles. The
    /// library refuses those with a message of its own.
    known: HashMap<&'d str, Size>,
}

impl<'d> Sizes<'d> {
    /// The size of a selection that is inside so many fragments.
    fn of(&mut self, set: &'d SelectionSet, inside: usize) -> Size {
        set.items.iter().fold(Size::default(), |size, item| {
            let one = Size { fields: 1, ..Size::default() };
            size.with(one).with(match &item.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let name = field.name.node.as_str();
                    // Types have these, and these have types: each turn multiplies the answer.
                    let leads_on = matches!(name, "fields" | "inputFields" | "interfaces" | "possibleTypes");
                    let own = Size {
                        aliases: u64::from(field.alias.is_some()),
                        asks_about_schema: matches!(name, "__schema" | "__type"),
                        schema_lists: u64::from(
                            leads_on || matches!(name, "types" | "args" | "enumValues" | "directives"),
                        ),
                        ..Size::of_directives(field.directives.len())
                    };
                    let size = own.with(self.of(&field.selection_set.node, inside));
                    Size { schema_depth: size.schema_depth + u64::from(leads_on), ..size }
                }
                Selection::InlineFragment(inline) => Size::of_directives(inline.node.directives.len())
                    .with(self.of(&inline.node.selection_set.node, inside)),
                // A use counts by itself, also of a fragment that is empty or not there.
                Selection::FragmentSpread(spread) => Size::of_directives(spread.node.directives.len())
                    .with(self.of_fragment(&spread.node.fragment_name.node, inside + 1)),
            })
        })
    }

    fn of_fragment(&mut self, name: &'d Name, inside: usize) -> Size {
        if inside > MAX_DEPTH {
            return Size { fields: MAX_FIELDS + 1, ..Size::default() };
        }
        if let Some(&size) = self.known.get(name.as_str()) {
            return size;
        }
        let Some(fragment) = self.fragments.get(name) else { return Size::default() };
        self.known.insert(name, Size::default());
        let own = Size::of_directives(fragment.node.directives.len());
        let size = own.with(self.of(&fragment.node.selection_set.node, inside));
        self.known.insert(name, size);
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_refused_before_parsing() {
        assert!(check_text(&"{a".repeat(48)).is_ok());
        assert_eq!(check_text(&"{a".repeat(49)).unwrap_err().code(), ErrorCode::QueryTooDeep);
        assert_eq!(check_text(&format!("{{a(x: {})}}", "[".repeat(1500))).unwrap_err().code(), ErrorCode::QueryTooDeep);
        assert_eq!(check_text(&" ".repeat(MAX_DOCUMENT + 1)).unwrap_err().code(), ErrorCode::QueryTooLong);
    }

    #[test]
    fn what_a_string_hides_is_not_parsed() {
        // The parser takes the first two quotes of an open block string for an empty one, and goes on.
        for document in ["{a(x: [\"\"\"\" [[[ ])}", "{a(x: \"\\", "{a(x: \"\n[\")}", "\"\"\"", "\""] {
            assert_eq!(check_text(document).unwrap_err().code(), ErrorCode::QuerySyntax, "{document}");
        }
        for document in ["\"\"", "\"\"\"\"\"\"", "\"\"\" \\\"\"\" \"\"\"", "\"\\\"\"", "# \"\n{a}"] {
            assert!(check_text(document).is_ok(), "{document}");
        }
    }

    #[test]
    fn the_schema_is_told_once() {
        let check = |text: &str| check_document(&async_graphql::parser::parse_query(text).unwrap(), true);
        let turns = |n: usize| {
            format!(
                "{{ __schema {{ types {{ {} name {} }} }} }}",
                "interfaces { possibleTypes { ".repeat(n),
                "} }".repeat(n)
            )
        };
        assert!(check(&turns(1)).is_ok());
        assert_eq!(check(&turns(2)).unwrap_err().code(), ErrorCode::QueryTooComplex);
        let hidden = "{ __schema { types { ...a } } } fragment a on __Type { fields { type { ...b } } }
                      fragment b on __Type { fields { type { fields { name } } } }";
        assert_eq!(check(hidden).unwrap_err().code(), ErrorCode::QueryTooComplex);
        let often: String = (0..21).map(|n| format!("a{n}: types {{ name }} ")).collect();
        assert_eq!(check(&format!("{{ __schema {{ {often} }} }}")).unwrap_err().code(), ErrorCode::QueryTooComplex);
    }

    #[test]
    fn fragments_are_counted_where_they_are_used() {
        let bomb = |levels: usize, end: &str| {
            let fragments: String = (0..levels)
                .map(|n| format!("fragment f{n} on Query {{ ...f{next} ...f{next} }} ", next = n + 1))
                .collect();
            let text = format!("{{ ...f0 }} {fragments} {end}");
            check_document(&async_graphql::parser::parse_query(text).unwrap(), true)
        };
        assert!(bomb(8, "fragment f8 on Query { __typename }").is_ok());
        assert_eq!(bomb(12, "fragment f12 on Query { __typename }").unwrap_err().code(), ErrorCode::QueryTooComplex);
        // The last fragment is not there: the library would find out after it has walked all uses.
        assert_eq!(bomb(12, "").unwrap_err().code(), ErrorCode::QueryTooComplex);
        let chain: String = (0..1000).map(|n| format!("fragment f{n} on Query {{ ...f{} }} ", n + 1)).collect();
        let chain = format!("{{ ...f0 }} {chain}");
        assert!(check_document(&async_graphql::parser::parse_query(chain).unwrap(), true).is_err());
        let many = "query { a } ".repeat(2001).replace("query", "query q");
        let many: String = many.split("query q").skip(1).enumerate().map(|(n, q)| format!("query q{n}{q}")).collect();
        assert!(check_document(&async_graphql::parser::parse_query(many).unwrap(), true).is_err());
        let cycle = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
        assert!(check_document(&async_graphql::parser::parse_query(cycle).unwrap(), true).is_ok());
    }
}
