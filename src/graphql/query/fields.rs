//! What can be read besides the lists by id.
//!
//! Use cases are boxed: the future of a field has room for the largest of all fields of its object, and the library
//! moves it several times for each.

use async_graphql::{Context, ID, Object};

use super::node::find_nodes;
use crate::{
    domain::{Error, Fence, MessageFilter, NodeId, Session},
    graphql::{
        context::{Nullable, app, caller, nullable},
        pagination::{PageArguments, page_size},
        types::{
            api_key::ApiKeyView,
            invitation::RegistrationView,
            lease::LeaseView,
            message::{MessageConnection, MessageFilterInput, MessageView, OtpView, connect_messages},
            node::Node,
            number::{CountryView, NumberView},
            pool::PoolView,
            provider_kind::KindView,
            scalars::Int64,
            session::SessionView,
            stats::StatsView,
            timeline::TimelineView,
            user::UserView,
        },
    },
};

#[derive(Default)]
pub(super) struct QueryFields;

#[Object]
impl QueryFields {
    /// Who may make an account. For everybody.
    async fn registration(&self, ctx: &Context<'_>) -> Nullable<RegistrationView> {
        nullable(Ok(RegistrationView::of(app(ctx))))
    }

    /// Your account.
    async fn viewer(&self, ctx: &Context<'_>) -> Nullable<UserView> {
        nullable(Box::pin(app(ctx).viewer_account(caller(ctx))).await.map(UserView))
    }

    /// Your sessions, the one that was used last first.
    #[graphql(complexity = "20 * child_complexity")]
    async fn sessions(&self, ctx: &Context<'_>) -> Nullable<Vec<SessionView>> {
        let listed = Box::pin(app(ctx).list_sessions(caller(ctx))).await;
        nullable(listed.map(|(sessions, current)| {
            let view = |session: Session| SessionView { is_current: session.id == current, session };
            sessions.into_iter().map(view).collect()
        }))
    }

    /// Your API keys, the newest first.
    #[graphql(complexity = "20 * child_complexity")]
    async fn api_keys(&self, ctx: &Context<'_>) -> Nullable<Vec<ApiKeyView>> {
        let listed = Box::pin(app(ctx).list_api_keys(caller(ctx))).await;
        nullable(listed.map(|keys| keys.into_iter().map(ApiKeyView).collect()))
    }

    /// One number that you can rent, or rent now.
    async fn phone_number(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ID) -> Nullable<NumberView> {
        let found = async {
            let id = NodeId::number("id", &id)?;
            app(ctx).get_number(caller(ctx), id).await.map(NumberView)
        };
        nullable(Box::pin(found).await)
    }

    /// The countries that there are numbers of.
    #[graphql(complexity = "50 + child_complexity")]
    async fn countries(&self, ctx: &Context<'_>) -> Nullable<Vec<CountryView>> {
        let listed = Box::pin(app(ctx).list_countries(caller(ctx))).await;
        nullable(listed.map(|countries| countries.into_iter().map(CountryView).collect()))
    }

    /// Your pools, by name. Administrators may see those of any user.
    #[graphql(complexity = "20 * child_complexity")]
    async fn pools(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The pools of this user. For administrators.")] user_id: Option<ID>,
    ) -> Nullable<Vec<PoolView>> {
        let listed = async {
            let user = user_id.map(|id| NodeId::user("userId", &id)).transpose()?;
            app(ctx).list_pools(caller(ctx), user).await
        };
        nullable(Box::pin(listed).await.map(|pools| pools.into_iter().map(PoolView).collect()))
    }

    /// The leases that your workers hold now, oldest first.
    #[graphql(complexity = "20 * child_complexity")]
    async fn leases(&self, ctx: &Context<'_>) -> Nullable<Vec<LeaseView>> {
        let listed = Box::pin(app(ctx).list_leases(caller(ctx))).await;
        nullable(listed.map(|leases| leases.into_iter().map(LeaseView).collect()))
    }

    /// A lease that your worker holds. Refused with `LEASE_LOST` when it has ended, or the fence is not the newest.
    async fn lease(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
        #[graphql(desc = "Its fence.")] fence: Int64,
    ) -> Nullable<LeaseView> {
        let found = async {
            let id = NodeId::lease("id", &id)?;
            app(ctx).get_lease(caller(ctx), id, Fence(fence.0)).await.map(LeaseView)
        };
        nullable(Box::pin(found).await)
    }

    /// Your messages, newest first.
    #[graphql(complexity = "page_size(first, last) * child_complexity")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which messages.")] filter: Option<MessageFilterInput>,
        #[graphql(desc = "How many, from the newest on: 0 to 100. The default is 20.")] first: Option<i32>,
        #[graphql(desc = "Only older ones than this.")] after: Option<String>,
        #[graphql(desc = "How many, from the oldest back: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only newer ones than this.")] before: Option<String>,
    ) -> Nullable<MessageConnection> {
        let listed = async {
            let filter = MessageFilter::try_from(filter.unwrap_or_default())?;
            let page = PageArguments { first, after, last, before }.of_inbox(ctx)?;
            let inbox = app(ctx).list_messages(caller(ctx), &filter, &page).await?;
            Ok(connect_messages(inbox, filter))
        };
        nullable(Box::pin(listed).await)
    }

    /// One of your messages.
    async fn message(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ID) -> Nullable<MessageView> {
        let found = async {
            let id = NodeId::message("id", &id)?;
            app(ctx).get_message(caller(ctx), id).await.map(MessageView::of)
        };
        nullable(Box::pin(found).await)
    }

    /// Anything that you may see, by its id.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ID) -> Nullable<Node> {
        let found = async {
            let found = find_nodes(ctx, &[id]).await?.pop().flatten();
            found.ok_or_else(|| Error::not_found("node"))
        };
        nullable(Box::pin(found).await)
    }

    /// Any things that you may see, by their ids and in their order; null for one that is not there. Refused as
    /// a whole when an id is of a kind that you may not see at all.
    #[graphql(complexity = "ids.len() * child_complexity")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Their ids: at most 100.")] ids: Vec<ID>,
    ) -> Nullable<Vec<Option<Node>>> {
        nullable(Box::pin(find_nodes(ctx, &ids)).await)
    }

    /// The kinds of providers that accounts can be added of, with what each needs. For administrators.
    #[graphql(complexity = "10 * child_complexity")]
    async fn provider_kinds(&self, ctx: &Context<'_>) -> Nullable<Vec<KindView>> {
        nullable(caller(ctx).admin().map(|_| KindView::all()))
    }

    /// What a code pattern finds in a text: tries it without adding it, and keeps neither. Null when it finds no
    /// code. For administrators.
    #[graphql(complexity = "1000 + child_complexity")]
    async fn test_otp_pattern(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The pattern, as `createOtpPattern` takes it.")] pattern: String,
        #[graphql(desc = "The text of a message: at most 1,600 bytes, which is what is searched.")] text: String,
    ) -> Nullable<Option<OtpView>> {
        let found = app(ctx).test_otp_pattern(caller(ctx), &pattern, &text);
        nullable(found.map(|found| found.map(Into::into)))
    }

    /// When a message passed each stage between its provider and its reader: times alone, of anybody's message. For
    /// administrators.
    #[graphql(complexity = "20 + child_complexity")]
    async fn message_timeline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the message.")] message_id: ID,
    ) -> Nullable<TimelineView> {
        let found = async {
            caller(ctx).admin()?;
            let id = NodeId::message("messageId", &message_id)?;
            app(ctx).get_timeline(caller(ctx), id).await.map(Into::into)
        };
        nullable(Box::pin(found).await)
    }

    /// The platform in figures. For administrators.
    #[graphql(complexity = "50 + child_complexity")]
    async fn stats(&self, ctx: &Context<'_>) -> Nullable<StatsView> {
        nullable(Box::pin(app(ctx).get_stats(caller(ctx))).await.map(Into::into))
    }
}
