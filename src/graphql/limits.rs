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

use crate::domain::{Code, Error, Result};

/// How deep fields may be nested. The standard introspection query is 15 deep.
pub(super) const MAX_DEPTH: usize = 20;
/// How much a document may ask for: each field counts one, a list counts its page size times what
/// is asked of each item.
pub(super) const MAX_COMPLEXITY: usize = 10_000;
/// How many directives a field may have.
pub(super) const MAX_DIRECTIVES: usize = 16;
/// The longest document, in bytes. The standard introspection query has less than 2,000.
pub(super) const MAX_DOCUMENT: usize = 32 * 1024;
/// How deep brackets of any kind may be nested.
const MAX_NESTING: usize = 48;
/// How many fields a document may have once every use of a fragment is written out.
const MAX_FIELDS: u64 = 2_000;

/// Refuses what must not even be parsed: a document that is too long, or nested too deep.
///
/// Strings and comments are scanned like everything else. A document with 48 unmatched brackets in
/// its strings is refused too, and can pass them as variables.
pub(super) fn check_text(document: &str) -> Result<()> {
    if document.len() > MAX_DOCUMENT {
        let issue = format!("the document must have at most {MAX_DOCUMENT} bytes");
        return Err(Error::new(Code::QueryTooComplex, issue).with("limit", MAX_DOCUMENT));
    }
    let mut depth = 0_usize;
    for byte in document.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_NESTING {
            return Err(Error::new(Code::QueryTooDeep, "the document is nested too deep").with("limit", MAX_NESTING));
        }
    }
    Ok(())
}

/// Refuses documents that grow too large once every use of a fragment is written out. Each fragment
/// is visited once, whatever the number of its uses.
pub(super) fn check_size(document: &ExecutableDocument) -> Result<()> {
    let mut sizes = Sizes { fragments: &document.fragments, known: HashMap::new() };
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let size = operations.fold(0, |size: u64, operation| size.saturating_add(sizes.of(operation, 0)));
    if size > MAX_FIELDS {
        return Err(
            Error::new(Code::QueryTooComplex, "the document asks for too many fields").with("limit", MAX_FIELDS)
        );
    }
    Ok(())
}

struct Sizes<'d> {
    fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    /// The sizes of fragments; one that is being visited counts as empty, which ends cycles. The
    /// library refuses those with a message of its own.
    known: HashMap<&'d str, u64>,
}

impl<'d> Sizes<'d> {
    /// The size of a selection that is inside so many fragments.
    fn of(&mut self, set: &'d SelectionSet, inside: usize) -> u64 {
        let sizes = set.items.iter().map(|item| match &item.node {
            Selection::Field(field) => 1 + self.of(&field.node.selection_set.node, inside),
            Selection::InlineFragment(inline) => 1 + self.of(&inline.node.selection_set.node, inside),
            // A use counts by itself, also of a fragment that is empty or not there.
            Selection::FragmentSpread(spread) => {
                self.of_fragment(&spread.node.fragment_name.node, inside + 1).saturating_add(1)
            }
        });
        sizes.fold(0, u64::saturating_add)
    }

    fn of_fragment(&mut self, name: &'d Name, inside: usize) -> u64 {
        if inside > MAX_DEPTH {
            return MAX_FIELDS + 1;
        }
        if let Some(&size) = self.known.get(name.as_str()) {
            return size;
        }
        let Some(fragment) = self.fragments.get(name) else { return 0 };
        self.known.insert(name, 0);
        let size = self.of(&fragment.node.selection_set.node, inside);
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
        assert_eq!(check_text(&"{a".repeat(49)).unwrap_err().code(), Code::QueryTooDeep);
        assert_eq!(check_text(&format!("{{a(x: {})}}", "[".repeat(1500))).unwrap_err().code(), Code::QueryTooDeep);
        assert_eq!(check_text(&" ".repeat(MAX_DOCUMENT + 1)).unwrap_err().code(), Code::QueryTooComplex);
    }

    #[test]
    fn fragments_are_counted_where_they_are_used() {
        let bomb = |levels: usize, end: &str| {
            let fragments: String = (0..levels)
                .map(|n| format!("fragment f{n} on Query {{ ...f{next} ...f{next} }} ", next = n + 1))
                .collect();
            let text = format!("{{ ...f0 }} {fragments} {end}");
            check_size(&async_graphql::parser::parse_query(text).unwrap())
        };
        assert!(bomb(8, "fragment f8 on Query { __typename }").is_ok());
        assert_eq!(bomb(12, "fragment f12 on Query { __typename }").unwrap_err().code(), Code::QueryTooComplex);
        // The last fragment is not there: the library would find out after it has walked all uses.
        assert_eq!(bomb(12, "").unwrap_err().code(), Code::QueryTooComplex);
        let chain: String = (0..1000).map(|n| format!("fragment f{n} on Query {{ ...f{} }} ", n + 1)).collect();
        let chain = format!("{{ ...f0 }} {chain}");
        assert!(check_size(&async_graphql::parser::parse_query(chain).unwrap()).is_err());
        let many = "query { a } ".repeat(2001).replace("query", "query q");
        let many: String = many.split("query q").skip(1).enumerate().map(|(n, q)| format!("query q{n}{q}")).collect();
        assert!(check_size(&async_graphql::parser::parse_query(many).unwrap()).is_err());
        let cycle = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
        assert!(check_size(&async_graphql::parser::parse_query(cycle).unwrap()).is_ok());
    }
}
