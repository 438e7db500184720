//! Lists in pages, as Relay's connections (<https://relay.dev/graphql/connections.htm>).

use async_graphql::{Context, SimpleObject};

use super::context::caller;
use crate::domain::{InboxCursor, ListCursor, PageRequest, Result};

/// Where a page lies in its list.
#[derive(Clone, SimpleObject)]
pub(crate) struct PageInfo {
    /// Whether the list goes on after the page.
    pub(super) has_next_page: bool,
    /// Whether the list goes on before the page.
    pub(super) has_previous_page: bool,
    /// The cursor of the first item. Pass it as `before` for what comes before it.
    pub(super) start_cursor: Option<String>,
    /// The cursor of the last item. Pass it as `after` for what comes after it.
    pub(super) end_cursor: Option<String>,
}

/// How many items a page has, for the complexity of a query.
pub(super) fn page_size(first: Option<i32>, last: Option<i32>) -> usize {
    let size = last.or(first).unwrap_or(PageRequest::<()>::DEFAULT);
    usize::try_from(size.clamp(1, PageRequest::<()>::MAX)).unwrap_or(1)
}

/// The four arguments of a connection.
pub(super) struct PageArguments {
    pub(super) first: Option<i32>,
    pub(super) after: Option<String>,
    pub(super) last: Option<i32>,
    pub(super) before: Option<String>,
}

impl PageArguments {
    /// The page of a list that is ordered by id.
    pub(super) fn by_id(self) -> Result<PageRequest<ListCursor>> {
        self.read(ListCursor::decode)
    }

    /// The page of the caller's inbox.
    pub(super) fn of_inbox(self, ctx: &Context<'_>) -> Result<PageRequest<InboxCursor>> {
        let owner = caller(ctx).user()?.user_id;
        self.read(|name, text| InboxCursor::decode(name, text, owner))
    }

    fn read<C>(self, decode: impl Fn(&str, &str) -> Result<C>) -> Result<PageRequest<C>> {
        let after = self.after.map(|text| decode("after", &text)).transpose()?;
        let before = self.before.map(|text| decode("before", &text)).transpose()?;
        PageRequest::new(self.first, self.last, after, before)
    }
}

/// Declares a connection and its edge: its filter, how its items are counted, and a field that it may have besides.
macro_rules! connection {
    (
        $connection:ident($connection_name:literal, $connection_doc:literal),
        $edge:ident($edge_name:literal, $edge_doc:literal) of $node:ty,
        filtered by $filter:ty,
        counted by $count:expr
        $(, also $extra_name:ident: $extra:ty, $extra_doc:literal)?
    ) => {
        #[doc = $edge_doc]
        pub(crate) struct $edge {
            cursor: String,
            node: $node,
        }

        #[doc = $edge_doc]
        #[async_graphql::Object(name = $edge_name)]
        impl $edge {
            /// The cursor of the item. Pass it as `after` or `before`.
            async fn cursor(&self) -> &str {
                &self.cursor
            }

            /// The item.
            async fn node(&self) -> &$node {
                &self.node
            }
        }

        #[doc = $connection_doc]
        pub(crate) struct $connection {
            edges: Vec<$edge>,
            has_next: bool,
            has_previous: bool,
            filter: $filter,
            $($extra_name: $extra,)?
        }

        impl $connection {
            /// Wraps a page of the domain's cursors and items.
            pub(crate) fn new<C, T>(
                page: crate::domain::Connection<C, T>,
                filter: $filter,
                $($extra_name: $extra,)?
                cursor: impl Fn(C) -> String,
                node: impl Fn(T) -> $node,
            ) -> Self {
                let edges = page.edges.into_iter();
                let edges = edges.map(|edge| $edge { cursor: cursor(edge.cursor), node: node(edge.node) });
                Self {
                    edges: edges.collect(),
                    has_next: page.has_next,
                    has_previous: page.has_previous,
                    filter,
                    $($extra_name,)?
                }
            }
        }

        #[doc = $connection_doc]
        #[async_graphql::Object(name = $connection_name)]
        impl $connection {
            /// The items with their cursors.
            async fn edges(&self) -> crate::graphql::in_order::Items<std::slice::Iter<'_, $edge>> {
                crate::graphql::in_order::Items(self.edges.iter())
            }

            /// The items.
            async fn nodes(
                &self,
            ) -> crate::graphql::in_order::Items<std::iter::Map<std::slice::Iter<'_, $edge>, fn(&$edge) -> &$node>> {
                crate::graphql::in_order::Items(self.edges.iter().map(|edge| &edge.node))
            }

            /// Where the page lies in its list.
            async fn page_info(&self) -> crate::graphql::pagination::PageInfo {
                crate::graphql::pagination::PageInfo {
                    has_next_page: self.has_next,
                    has_previous_page: self.has_previous,
                    start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
                    end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
                }
            }

            /// How many items the list has on all its pages.
            #[graphql(complexity = "5")]
            async fn total_count(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> crate::graphql::context::Nullable<crate::graphql::types::scalars::Int64> {
                let count: crate::domain::Result<u64> = ($count)(ctx, &self.filter).await;
                crate::graphql::context::nullable(count.map(crate::graphql::types::scalars::Int64::from))
            }

            $(
                #[doc = $extra_doc]
                async fn $extra_name(&self) -> &$extra {
                    &self.$extra_name
                }
            )?
        }
    };
}
pub(super) use connection;

/// Declares the fields of an object that list something by id, each with the four arguments of a connection and perhaps
/// a filter.
macro_rules! list_fields {
    (
        $object:ty:
        $(
            $(#[doc = $doc:literal])+
            $field:ident($($filter:ident: $filter_type:ty = $filter_doc:literal)?) -> $connection:ty,
            |$ctx:ident, $page:ident| $list:block
        )+
    ) => {
        #[async_graphql::Object]
        impl $object {$(
            $(#[doc = $doc])+
            #[graphql(complexity = "crate::graphql::pagination::page_size(first, last) * child_complexity")]
            async fn $field(
                &self,
                $ctx: &async_graphql::Context<'_>,
                $(#[graphql(desc = $filter_doc)] $filter: Option<$filter_type>,)?
                #[graphql(desc = "How many, from the start: 0 to 100. The default is 20.")] first: Option<i32>,
                #[graphql(desc = "Only those after this.")] after: Option<String>,
                #[graphql(desc = "How many, from the end: 0 to 100.")] last: Option<i32>,
                #[graphql(desc = "Only those before this.")] before: Option<String>,
            ) -> crate::graphql::context::Nullable<$connection> {
                $(let $filter = $filter.unwrap_or_default();)?
                let $page = crate::graphql::pagination::PageArguments { first, after, last, before };
                // Boxed, as in `query::fields`.
                let listed = Box::pin(async { $list });
                crate::graphql::context::nullable(listed.await)
            }
        )+}
    };
}
pub(super) use list_fields;
