//! What is at hand, resolved at once and in the order of the document.
//!
//! The library makes a task of each field of each object and of each item of each list, so that those that wait do so
//! together. For a page of messages, whose fields wait for nothing, that would take longer than reading it from the
//! database. Here each is polled once, in order; only those that wait then do so together.

use std::{borrow::Cow, task::Poll};

use async_graphql::{
    ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::{Field, Selection},
    registry::Registry,
    resolver_utils::{ContainerType, resolve_container},
};
use futures_util::{future::join_all, poll};

/// The fields of an object that need no future: they wait for nothing, and nothing is selected of them.
pub(crate) trait Leaves {
    /// The value of a field. None if it is not one of these, or cannot be had: resolving it tells why.
    fn leaf(&self, ctx: &ContextSelectionSet<'_>, field: &str) -> Option<Value>;
}

/// Resolves an object whose fields wait for nothing.
pub(crate) async fn resolve_in_order<T: ContainerType + Leaves>(
    object: &T,
    ctx: &ContextSelectionSet<'_>,
) -> ServerResult<Value> {
    let mut resolved: IndexMap<Name, Value> = IndexMap::with_capacity(ctx.item.node.items.len());
    for selection in &ctx.item.node.items {
        // An operation is normalised before it gets here: what is selected of a concrete type are fields, each once.
        let Selection::Field(field) = &selection.node else { return resolve_container(ctx, object).await };
        let name = field.node.name.node.as_str();
        let value = match object.leaf(ctx, name) {
            Some(value) => Ok(Some(value)),
            None if name == "__typename" => Ok(Some(Value::String(T::type_name().into_owned()))),
            None => object.resolve_field(&ctx.with_field(field)).await,
        };
        match value {
            Ok(value) => drop(resolved.insert(field.node.response_key().node.clone(), value.unwrap_or_default())),
            Err(error) => ctx.add_error(error),
        }
    }
    Ok(Value::Object(resolved))
}

/// The items of a list.
pub(crate) struct Items<I>(pub(crate) I);

impl<I, T> OutputType for Items<I>
where
    I: Iterator<Item = T> + Clone + Send + Sync,
    T: OutputType,
{
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let resolve = async |index: usize, item: T| {
            let ctx = ctx.with_index(index);
            item.resolve(&ctx, field).await.map_err(|error| ctx.set_error_path(error))
        };
        let mut values = Vec::with_capacity(self.0.size_hint().0);
        let mut waiting = Vec::new();
        for (index, item) in self.0.clone().enumerate() {
            let mut item = Box::pin(resolve(index, item));
            if let Poll::Ready(value) = poll!(&mut item) {
                values.push(value?);
            } else {
                values.push(Value::Null);
                waiting.push(async move { (index, item.await) });
            }
        }
        for (index, value) in join_all(waiting).await {
            values[index] = value?;
        }
        Ok(Value::List(values))
    }
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
