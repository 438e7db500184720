//! Numbers and countries.

use async_graphql::{
    Context, Enum, ID, InputObject, Object,
    connection::{Connection, Edge},
};
use chrono::{DateTime, Utc};

use super::{Int64, Loaders, MessageConnection, connect_messages};
use crate::{
    domain::{
        self, Country, CountryCode, InboxCursor, ListCursor, MessageFilter, NodeId, Number, NumberFilter, PageRequest,
        Result,
    },
    graphql::answer::{Answer, answer, app, caller},
};

/// What a number can be used for now.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::NumberStatus")]
pub(in crate::graphql) enum PhoneNumberStatus {
    /// It can be rented.
    Available,
    /// Somebody has rented it.
    Assigned,
    /// Its rental is over and it cools down.
    Expired,
    /// An administrator took it out of use.
    Blocked,
}

/// A number that the platform owns.
pub(in crate::graphql) struct NumberView(pub(in crate::graphql) Number);

/// A number that the platform owns.
#[Object(name = "PhoneNumber")]
impl NumberView {
    /// The id, unique over everything.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::Number(self.0.id).to_string().into()
    }

    /// The id that the REST API uses.
    async fn database_id(&self) -> i32 {
        self.0.id.0
    }

    /// The number: E.164, or a short code.
    async fn phone_number(&self) -> &str {
        self.0.phone_number.as_str()
    }

    /// Its country, by ISO 3166-1 alpha-2.
    async fn country_code(&self) -> &str {
        self.0.country_code.as_str()
    }

    /// What it can be used for now.
    async fn status(&self) -> PhoneNumberStatus {
        self.0.status.into()
    }

    /// When the rental began, while it is rented.
    async fn assigned_at(&self) -> Option<DateTime<Utc>> {
        self.0.assigned_at
    }

    /// When the rental ends, while it is rented.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at
    }

    /// When the platform got the number.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Your messages that were sent to this number, newest first.
    #[graphql(complexity = "page_size(first, last) * child_complexity")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the newest on: 1 to 100. The default is 20.")] first: Option<i32>,
        #[graphql(desc = "Only older ones than this.")] after: Option<String>,
        #[graphql(desc = "How many, from the oldest back: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only newer ones than this.")] before: Option<String>,
    ) -> Answer<MessageConnection> {
        let filter = MessageFilter { phone_number_id: Some(self.0.id), ..MessageFilter::default() };
        answer(list_messages(ctx, filter, first, after, last, before).await)
    }

    /// How many of your messages to this number are unread.
    #[graphql(complexity = "5")]
    async fn unread_count(&self, ctx: &Context<'_>) -> Answer<i32> {
        let count = ctx.data_unchecked::<Loaders>().count_unread(self.0.id).await;
        answer(count.map(|count| count.try_into().unwrap_or(i32::MAX)))
    }
}

/// How many items a page has, for counting what a query asks for.
pub(in crate::graphql) fn page_size(first: Option<i32>, last: Option<i32>) -> usize {
    let size = last.or(first).unwrap_or(PageRequest::<()>::DEFAULT);
    usize::try_from(size.clamp(1, PageRequest::<()>::MAX)).unwrap_or(1)
}

/// A page of the caller's messages.
pub(in crate::graphql) async fn list_messages(
    ctx: &Context<'_>,
    filter: MessageFilter,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
) -> Result<MessageConnection> {
    let owner = caller(ctx).user()?.user_id;
    let after = after.map(|text| InboxCursor::decode("after", &text, owner)).transpose()?;
    let before = before.map(|text| InboxCursor::decode("before", &text, owner)).transpose()?;
    let page = PageRequest::new(first, last, after, before)?;
    let inbox = app(ctx).list_messages(caller(ctx), &filter, &page).await?;
    Ok(connect_messages(inbox, filter))
}

/// Which numbers to list.
#[derive(Default, InputObject)]
#[graphql(name = "PhoneNumberFilter")]
pub(in crate::graphql) struct NumberFilterInput {
    /// Only of this country, by ISO 3166-1 alpha-2.
    country_code: Option<String>,
    /// Only with this status.
    status: Option<PhoneNumberStatus>,
    /// Only those that you rent now.
    #[graphql(default)]
    mine: bool,
}

impl TryFrom<NumberFilterInput> for NumberFilter {
    type Error = domain::Error;

    fn try_from(input: NumberFilterInput) -> Result<Self> {
        Ok(Self {
            country_code: input.country_code.map(|code| CountryCode::parse("filter.countryCode", &code)).transpose()?,
            status: input.status.map(Into::into),
            mine: input.mine,
        })
    }
}

/// What a list of numbers knows besides its page.
pub(in crate::graphql) struct NumberFields {
    filter: NumberFilter,
}

#[Object]
impl NumberFields {
    /// How many numbers the list has on all its pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Answer<Int64> {
        let counted = app(ctx).count_numbers(caller(ctx), &self.filter).await;
        answer(counted.map(|count| Int64(count.try_into().unwrap_or(i64::MAX))))
    }
}

/// A page of numbers.
pub(in crate::graphql) type NumberConnection = Connection<String, NumberView, NumberFields>;

/// Wraps a page of numbers.
pub(in crate::graphql) fn connect_numbers(
    page: domain::Connection<ListCursor, Number>,
    filter: NumberFilter,
) -> NumberConnection {
    let mut connection = Connection::with_additional_fields(page.has_previous, page.has_next, NumberFields { filter });
    let edges = page.edges.into_iter();
    connection.edges.extend(edges.map(|edge| Edge::new(edge.cursor.encode(), NumberView(edge.node))));
    connection
}

/// A country that there are numbers of.
pub(in crate::graphql) struct CountryView(pub(in crate::graphql) Country);

/// A country that there are numbers of.
#[Object(name = "Country")]
impl CountryView {
    /// ISO 3166-1 alpha-2.
    async fn code(&self) -> &str {
        self.0.code.as_str()
    }

    /// How many of its numbers can be rented now.
    async fn available_count(&self) -> i32 {
        self.0.available.try_into().unwrap_or(i32::MAX)
    }
}
