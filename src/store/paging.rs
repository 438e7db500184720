//! Pages of lists that are ordered by id.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::domain::{ListCursor, PageRequest, Side};

/// The order of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    OldestFirst,
    NewestFirst,
}

/// One page, and one item more if the list continues. A page from the end is in reverse order.
pub(super) fn page<E: EntityTrait>(
    mut select: Select<E>,
    id: E::Column,
    order: Order,
    page: &PageRequest<ListCursor>,
) -> Select<E> {
    let ascending = order == Order::OldestFirst;
    if let Some(after) = page.after {
        select = select.filter(if ascending { id.gt(after.0) } else { id.lt(after.0) });
    }
    if let Some(before) = page.before {
        select = select.filter(if ascending { id.lt(before.0) } else { id.gt(before.0) });
    }
    select = match (page.side == Side::First) == ascending {
        true => select.order_by_asc(id),
        false => select.order_by_desc(id),
    };
    select.limit(page.limit + 1)
}
