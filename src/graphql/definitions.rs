//! The types of the schema as the validation and the coercion of requests look them up. They are read from the schema
//! that the library exports, once.

use std::{collections::HashMap, sync::LazyLock};

use apollo_compiler::{
    Name, Schema,
    schema::{ExtendedType, NamedType},
    validation::Valid,
};

use super::schema::sdl;

/// The types of the schema.
pub(super) struct Definitions {
    pub(super) schema: Valid<Schema>,
    /// The object types that a value of an abstract type may have.
    possible_types: HashMap<NamedType, Vec<Name>>,
}

/// The types of our schema.
pub(super) static DEFINITIONS: LazyLock<Definitions> = LazyLock::new(|| Definitions::parse(sdl()));

impl Definitions {
    /// # Panics
    /// If the text is no valid schema.
    fn parse(sdl: String) -> Self {
        let schema = match Schema::parse_and_validate(sdl, "schema.graphql") {
            Ok(schema) => schema,
            Err(invalid) => panic!("the schema is not valid: {}", invalid.errors),
        };
        let objects = || schema.types.iter().filter(|(_, ty)| ty.is_object()).map(|(name, _)| name);
        let abstract_types = schema.types.iter().filter(|(_, ty)| is_abstract(ty)).map(|(name, _)| name);
        let possible_types = abstract_types
            .map(|name| (name.clone(), objects().filter(|object| schema.is_subtype(name, object)).cloned().collect()))
            .collect();
        Self { schema, possible_types }
    }

    /// The object types that a value of this type may have, if the type is abstract.
    pub(super) fn possible_types(&self, name: &str) -> Option<&[Name]> {
        self.possible_types.get(name).map(Vec::as_slice)
    }

    /// Whether a fragment on a type applies to an object of another.
    pub(super) fn applies(&self, condition: &str, object: &str) -> bool {
        condition == object || self.schema.is_subtype(condition, object)
    }
}

fn is_abstract(ty: &ExtendedType) -> bool {
    ty.is_interface() || ty.is_union()
}
