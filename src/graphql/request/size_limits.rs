//! What is refused before it is validated. Each fragment is visited once, however often it is used, so the time is
//! linear in the document.

use std::collections::HashMap;

use apollo_compiler::ast::{Definition, Document, FragmentDefinition, Selection};

use crate::domain::{Error, ErrorCode, Result};

/// How deep fields may be nested. The standard introspection query is 15 deep.
pub(crate) const MAX_DEPTH: usize = 20;
/// How much a document may ask for: each field counts one, a list counts its page size times what
/// is asked of each item.
pub(crate) const MAX_COMPLEXITY: usize = 10_000;
/// How many fields a document may have with every use of a fragment expanded.
const MAX_FIELDS: u64 = 2_000;
/// How deep selections may be nested, with every use of a fragment expanded: validation walks them recursively.
const MAX_HEIGHT: u64 = 100;
/// How many aliases a document may have, with every use of a fragment expanded.
const MAX_ALIASES: u64 = 100;
/// How many directives a document may have, with every use of a fragment expanded.
const MAX_DIRECTIVES: u64 = 50;
/// How often a document may ask for lists of the schema. The standard introspection query does so nine
/// times.
const MAX_SCHEMA_LISTS: u64 = 20;
/// How deep lists that lead from types to types may be nested: the same bound as that of graphql-js
/// (`MaxIntrospectionDepthRule`).
const MAX_SCHEMA_DEPTH: u64 = 2;

/// Refuses a document that is too large with every use of a fragment expanded, one whose fragments spread themselves,
/// and one that asks about the schema unless the operator allows introspection. Returns how many fields it has,
/// expanded.
///
/// Cycles are refused here because validation does not stop at them: it goes on to compare fields for conflicts, in
/// time that is exponential in the number of fragments of a cycle.
pub(super) fn check_document(document: &Document, introspection: bool) -> Result<u64> {
    let mut fragments: HashMap<&str, &FragmentDefinition> = HashMap::new();
    for fragment in document.definitions.iter().filter_map(Definition::as_fragment_definition) {
        // Validation refuses a second fragment of the same name.
        fragments.entry(&fragment.name).or_insert(fragment);
    }
    let mut counter = SizeCounter { fragments, known: HashMap::new() };
    let operations = document.definitions.iter().filter_map(Definition::as_operation_definition);
    let size = operations.fold(DocumentSize::default(), |size, operation| {
        let own = DocumentSize::of_directives(operation.directives.len());
        size.with(own).with(counter.of(&operation.selection_set, 0))
    });
    // Validation also looks at fragments that no operation uses.
    let fragments = document.definitions.iter().filter_map(Definition::as_fragment_definition);
    let all = fragments.fold(size, |all, fragment| all.with(counter.of_fragment(&fragment.name, 0)));
    if all.is_cyclic {
        let issue = "a fragment must not spread itself, directly or through others";
        return Err(Error::new(ErrorCode::QueryInvalid, issue));
    }
    let refuse = |code, issue: &str, limit: u64| Err(Error::new(code, issue).with("limit", limit));
    if size.fields > MAX_FIELDS {
        return refuse(ErrorCode::QueryTooComplex, "the document asks for too many fields", MAX_FIELDS);
    }
    if all.height > MAX_HEIGHT {
        return refuse(ErrorCode::QueryTooDeep, "the document is nested too deep", MAX_HEIGHT);
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
    Ok(size.fields)
}

/// What a selection has in it, with every use of a fragment expanded.
#[derive(Clone, Copy, Default)]
struct DocumentSize {
    fields: u64,
    aliases: u64,
    directives: u64,
    asks_about_schema: bool,
    /// How often lists of the schema are asked for.
    schema_lists: u64,
    /// How deep those that lead from types to types are nested.
    schema_depth: u64,
    /// How deep selections are nested.
    height: u64,
    /// Whether a fragment spreads itself.
    is_cyclic: bool,
}

impl DocumentSize {
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
            height: self.height.max(other.height),
            is_cyclic: self.is_cyclic || other.is_cyclic,
        }
    }
}

struct SizeCounter<'d> {
    fragments: HashMap<&'d str, &'d FragmentDefinition>,
    /// The sizes of fragments. One that is being visited is cyclic if it is met again.
    known: HashMap<&'d str, DocumentSize>,
}

impl<'d> SizeCounter<'d> {
    /// The size of a selection inside `nesting` fragments.
    fn of(&mut self, selections: &'d [Selection], nesting: usize) -> DocumentSize {
        selections.iter().fold(DocumentSize::default(), |size, selection| {
            let one = DocumentSize { fields: 1, ..DocumentSize::default() };
            let below = match selection {
                Selection::Field(field) => {
                    let name = field.name.as_str();
                    // Types have these, and these have types: each level multiplies the response.
                    let leads_to_types = matches!(name, "fields" | "inputFields" | "interfaces" | "possibleTypes");
                    let own = DocumentSize {
                        aliases: u64::from(field.alias.is_some()),
                        asks_about_schema: matches!(name, "__schema" | "__type"),
                        schema_lists: u64::from(
                            leads_to_types || matches!(name, "types" | "args" | "enumValues" | "directives"),
                        ),
                        ..DocumentSize::of_directives(field.directives.len())
                    };
                    let size = own.with(self.of(&field.selection_set, nesting));
                    DocumentSize { schema_depth: size.schema_depth + u64::from(leads_to_types), ..size }
                }
                Selection::InlineFragment(inline) => {
                    DocumentSize::of_directives(inline.directives.len()).with(self.of(&inline.selection_set, nesting))
                }
                // A spread counts by itself, also of a fragment that is empty or not defined.
                Selection::FragmentSpread(spread) => DocumentSize::of_directives(spread.directives.len())
                    .with(self.of_fragment(&spread.fragment_name, nesting + 1)),
            };
            size.with(one).with(DocumentSize { height: below.height + 1, ..below })
        })
    }

    fn of_fragment(&mut self, name: &'d str, nesting: usize) -> DocumentSize {
        if nesting > MAX_DEPTH {
            return DocumentSize { height: MAX_HEIGHT + 1, ..DocumentSize::default() };
        }
        if let Some(&size) = self.known.get(name) {
            return size;
        }
        let Some(&fragment) = self.fragments.get(name) else { return DocumentSize::default() };
        self.known.insert(name, DocumentSize { is_cyclic: true, ..DocumentSize::default() });
        let own = DocumentSize::of_directives(fragment.directives.len());
        let size = own.with(self.of(&fragment.selection_set, nesting));
        self.known.insert(name, size);
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::request::syntax::parse;

    #[test]
    fn introspection_that_multiplies_is_refused() {
        let check = |text: &str| check_document(&parse(text).unwrap(), true);
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
            check_document(&parse(&text).unwrap(), true)
        };
        assert!(bomb(8, "fragment f8 on Query { __typename }").is_ok());
        assert_eq!(bomb(12, "fragment f12 on Query { __typename }").unwrap_err().code(), ErrorCode::QueryTooComplex);
        // The last fragment is not there: the library would find out after it has walked all uses.
        assert_eq!(bomb(12, "").unwrap_err().code(), ErrorCode::QueryTooComplex);
        let chain: String = (0..1000).map(|n| format!("fragment f{n} on Query {{ ...f{} }} ", n + 1)).collect();
        let chain = format!("{{ ...f0 }} {chain}");
        assert!(check_document(&parse(&chain).unwrap(), true).is_err());
        let many = "query { a } ".repeat(2001).replace("query", "query q");
        let many: String = many.split("query q").skip(1).enumerate().map(|(n, q)| format!("query q{n}{q}")).collect();
        assert!(check_document(&parse(&many).unwrap(), true).is_err());
        for cycle in [
            "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
            "{ b } fragment a on Query { c { ...a } }",
            // Its fields are compared in ever new combinations.
            "{ __schema { types { ...a } } } fragment a on __Type { x: ofType { ...b } y: ofType { ...a ...b } }
             fragment b on __Type { x: ofType { ...a } y: ofType { ...b ...a } }",
        ] {
            assert_eq!(check_document(&parse(cycle).unwrap(), true).unwrap_err().code(), ErrorCode::QueryInvalid);
        }
        let deep = |levels: usize| {
            format!(
                "{{ ...f0 }} {}",
                (0..levels)
                    .map(|n| {
                        format!("fragment f{n} on Query {{ {}...f{}{} }} ", "a { ".repeat(20), n + 1, " }".repeat(20))
                    })
                    .collect::<String>()
            )
        };
        assert!(check_document(&parse(&deep(3)).unwrap(), true).is_ok());
        assert_eq!(check_document(&parse(&deep(6)).unwrap(), true).unwrap_err().code(), ErrorCode::QueryTooDeep);
    }
}
