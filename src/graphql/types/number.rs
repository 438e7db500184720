//! Numbers and countries.

use async_graphql::{Context, Enum, ID, InputObject, Object};

use super::{
    message::{MessageConnection, connect_messages},
    provider::ProviderView,
    scalars::{Int64, Time},
    user::UserView,
};
use crate::{
    app::watching::Inbox,
    domain::{self, Country, CountryCode, Error, MessageFilter, NodeId, Number, NumberFilter, Result},
    graphql::{
        context::{Nullable, app, caller, loaders, nullable},
        loaders::{MessageCountKey, MessagePageKey},
        pagination::{PageArguments, connection, page_size},
    },
};

/// What a number can be used for now.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::NumberStatus")]
pub(crate) enum PhoneNumberStatus {
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
#[derive(Clone)]
pub(crate) struct NumberView(pub(crate) Number);

/// A number that the platform owns.
#[Object(name = "PhoneNumber")]
impl NumberView {
    /// The id, unique over everything.
    pub(crate) async fn id(&self) -> ID {
        NodeId::Number(self.0.id).into()
    }

    /// The id that the REST API uses.
    async fn database_id(&self) -> Int64 {
        self.0.id.0.into()
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
    async fn assigned_at(&self) -> Option<Time> {
        self.0.assigned_at.map(Time)
    }

    /// When the rental ends, while it is rented. A granted number has no end.
    async fn expires_at(&self) -> Option<Time> {
        self.0.expires_at.map(Time)
    }

    /// What you call it, for as long as you rent it.
    async fn label(&self) -> Option<&str> {
        self.0.label.as_ref().map(|label| label.as_str())
    }

    /// Whether an administrator has granted it to a pool: then it is rented without an end.
    async fn is_granted(&self) -> bool {
        self.0.granted_pool_id.is_some()
    }

    /// When the platform got the number.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// Your messages that were sent to this number, newest first.
    #[graphql(complexity = "page_size(first, last) * child_complexity")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the newest on: 0 to 100. The default is 20.")] first: Option<i32>,
        #[graphql(desc = "Only older ones than this.")] after: Option<String>,
        #[graphql(desc = "How many, from the oldest back: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only newer ones than this.")] before: Option<String>,
    ) -> Nullable<MessageConnection> {
        let listed = async {
            let page = PageArguments { first, after, last, before }.of_inbox(ctx)?;
            let inbox = loaders(ctx).load(MessagePageKey { number: self.0.id, page }).await?;
            let inbox = inbox.ok_or_else(|| Error::internal("the page of a number was not loaded"))?;
            let filter = MessageFilter { phone_number_id: Some(self.0.id), ..MessageFilter::default() };
            Ok(connect_messages(Inbox::clone(&inbox), filter))
        };
        nullable(listed.await)
    }

    /// How many of your messages to this number are unread.
    #[graphql(complexity = "5")]
    async fn unread_count(&self, ctx: &Context<'_>) -> Nullable<i32> {
        let count = loaders(ctx).load(MessageCountKey { number: self.0.id, unread: true }).await;
        nullable(count.map(|count| count.unwrap_or(0).try_into().unwrap_or(i32::MAX)))
    }

    /// The provider that brings its messages. For administrators.
    #[graphql(complexity = "1 + child_complexity")]
    async fn provider(&self, ctx: &Context<'_>) -> Nullable<Option<ProviderView>> {
        let found = async {
            caller(ctx).admin()?;
            Ok(loaders(ctx).load_optional(self.0.provider_id).await?.map(ProviderView))
        };
        nullable(found.await)
    }

    /// Who rents it now. For administrators.
    #[graphql(complexity = "1 + child_complexity")]
    async fn renter(&self, ctx: &Context<'_>) -> Nullable<Option<UserView>> {
        let found = async {
            caller(ctx).admin()?;
            Ok(loaders(ctx).load_optional(self.0.user_id).await?.map(UserView))
        };
        nullable(found.await)
    }
}

/// Which numbers to list.
#[derive(Default, InputObject)]
#[graphql(name = "PhoneNumberFilter")]
pub(crate) struct NumberFilterInput {
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
            provider_id: None,
            mine: input.mine,
        })
    }
}

connection! {
    NumberConnection("PhoneNumberConnection", "A page of numbers, by id."),
    NumberEdge("PhoneNumberEdge", "A number and its cursor.") of NumberView,
    filtered by NumberFilter,
    counted by async |ctx: &Context<'_>, filter: &NumberFilter| app(ctx).count_numbers(caller(ctx), filter).await
}

/// A country that there are numbers of.
pub(crate) struct CountryView(pub(crate) Country);

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
