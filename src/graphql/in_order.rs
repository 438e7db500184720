//! Objects whose fields are at hand, resolved one after another.
//!
//! The library makes a task of each field of each object, so that those that wait do so together. For a page of
//! messages, whose fields wait for nothing, that would take longer than reading it from the database.

use async_graphql::{
    ContextSelectionSet, Name, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::Selection,
    resolver_utils::{ContainerType, resolve_container},
};

/// Resolves an object whose fields wait for nothing.
pub(crate) async fn resolve_in_order<T: ContainerType>(
    object: &T,
    ctx: &ContextSelectionSet<'_>,
) -> ServerResult<Value> {
    let mut resolved: IndexMap<Name, Value> = IndexMap::with_capacity(ctx.item.node.items.len());
    for selection in &ctx.item.node.items {
        // An operation is normalised before it gets here: what is selected of a concrete type are fields, each once.
        let Selection::Field(field) = &selection.node else { return resolve_container(ctx, object).await };
        let value = match field.node.name.node.as_str() {
            "__typename" => Ok(Some(Value::String(T::type_name().into_owned()))),
            _ => object.resolve_field(&ctx.with_field(field)).await,
        };
        match value {
            Ok(value) => drop(resolved.insert(field.node.response_key().node.clone(), value.unwrap_or_default())),
            Err(error) => ctx.add_error(error),
        }
    }
    Ok(Value::Object(resolved))
}

/// Declares an object as a wrapper of another one that has its fields, which are resolved in order.
macro_rules! in_order {
    ($object:ident, $fields:ident) => {
        impl async_graphql::resolver_utils::ContainerType for $object {
            async fn resolve_field(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> async_graphql::ServerResult<Option<async_graphql::Value>> {
                self.0.resolve_field(ctx).await
            }
        }

        impl async_graphql::OutputType for $object {
            fn type_name() -> std::borrow::Cow<'static, str> {
                $fields::type_name()
            }

            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                $fields::create_type_info(registry)
            }

            async fn resolve(
                &self,
                ctx: &async_graphql::ContextSelectionSet<'_>,
                _: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> async_graphql::ServerResult<async_graphql::Value> {
                $crate::graphql::in_order::resolve_in_order(&self.0, ctx).await
            }
        }

        impl async_graphql::ObjectType for $object {}
    };
}
pub(crate) use in_order;
