//! Connections: lists in pages, the Relay way.

use async_graphql::SimpleObject;

use crate::domain::{ListCursor, PageRequest, Result};

/// Where a page lies in its list.
#[derive(Clone, SimpleObject)]
pub(in crate::graphql) struct PageInfo {
    /// Whether the list goes on after the page.
    pub(super) has_next_page: bool,
    /// Whether the list goes on before the page.
    pub(super) has_previous_page: bool,
    /// The place of the first item. Pass it as `before` for what comes before it.
    pub(super) start_cursor: Option<String>,
    /// The place of the last item. Pass it as `after` for what comes after it.
    pub(super) end_cursor: Option<String>,
}

/// How many items a page has, for counting what a query asks for.
pub(in crate::graphql) fn page_size(first: Option<i32>, last: Option<i32>) -> usize {
    let size = last.or(first).unwrap_or(PageRequest::<()>::DEFAULT);
    usize::try_from(size.clamp(1, PageRequest::<()>::MAX)).unwrap_or(1)
}

/// Reads the four arguments of a list that is ordered by id.
pub(in crate::graphql) fn page_request(
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
) -> Result<PageRequest<ListCursor>> {
    let after = after.map(|text| ListCursor::decode("after", &text)).transpose()?;
    let before = before.map(|text| ListCursor::decode("before", &text)).transpose()?;
    PageRequest::new(first, last, after, before)
}

/// Declares a connection and its edge: how its items are counted in all, and what it knows besides.
macro_rules! connection {
    (
        $connection:ident($connection_name:literal, $connection_doc:literal),
        $edge:ident($edge_name:literal, $edge_doc:literal) of $node:ty,
        filtered by $filter:ty,
        counted by $count:expr
        $(, also $extra_name:ident: $extra:ty, $extra_doc:literal)?
    ) => {
        #[doc = $edge_doc]
        pub(in crate::graphql) struct $edge {
            cursor: String,
            node: $node,
        }

        #[doc = $edge_doc]
        #[async_graphql::Object(name = $edge_name)]
        impl $edge {
            /// The place of the item in the list. Pass it as `after` or `before`.
            async fn cursor(&self) -> &str {
                &self.cursor
            }

            /// The item.
            async fn node(&self) -> &$node {
                &self.node
            }
        }

        #[doc = $connection_doc]
        pub(in crate::graphql) struct $connection {
            edges: Vec<$edge>,
            has_next: bool,
            has_previous: bool,
            filter: $filter,
            $($extra_name: $extra,)?
        }

        impl $connection {
            /// Wraps a page. Cursors and nodes are made of what the domain has.
            pub(in crate::graphql) fn new<C, T>(
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
            /// The items with their places.
            async fn edges(&self) -> &[$edge] {
                &self.edges
            }

            /// The items.
            async fn nodes(&self) -> Vec<&$node> {
                self.edges.iter().map(|edge| &edge.node).collect()
            }

            /// Where the page lies in its list.
            async fn page_info(&self) -> crate::graphql::types::PageInfo {
                crate::graphql::types::PageInfo {
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
            ) -> crate::graphql::answer::Answer<crate::graphql::types::Int64> {
                let count: crate::domain::Result<u64> = ($count)(ctx, &self.filter).await;
                crate::graphql::answer::answer(count.map(crate::graphql::types::Int64::from))
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
