//! The query root.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::{
    answer::{Answer, answer, app, caller},
    types::{
        ApiKeyView, CountryView, MessageConnection, MessageFilterInput, MessageView, Node, NumberConnection,
        NumberFilterInput, NumberView, SessionView, UserView, connect_numbers, list_messages, page_size,
    },
};
use crate::domain::{Error, ListCursor, NodeId, NumberFilter, PageRequest, Result, Session};

/// What can be read.
pub(super) struct Query;

/// What can be read.
#[Object]
impl Query {
    /// Your account.
    async fn viewer(&self, ctx: &Context<'_>) -> Answer<UserView> {
        answer(app(ctx).viewer_account(caller(ctx)).await.map(UserView))
    }

    /// Your sessions, the one that was used last first.
    #[graphql(complexity = "20 * child_complexity")]
    async fn sessions(&self, ctx: &Context<'_>) -> Answer<Vec<SessionView>> {
        let listed = app(ctx).list_sessions(caller(ctx)).await;
        answer(listed.map(|(sessions, current)| {
            let view = |session: Session| SessionView { is_current: session.id == current, session };
            sessions.into_iter().map(view).collect()
        }))
    }

    /// Your API keys, the newest first.
    #[graphql(complexity = "20 * child_complexity")]
    async fn api_keys(&self, ctx: &Context<'_>) -> Answer<Vec<ApiKeyView>> {
        let listed = app(ctx).list_api_keys(caller(ctx)).await;
        answer(listed.map(|keys| keys.into_iter().map(ApiKeyView).collect()))
    }

    /// The numbers that you can rent and those that you rent now; for administrators, all.
    #[graphql(complexity = "page_size(first, last) * child_complexity")]
    async fn phone_numbers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which numbers.")] filter: Option<NumberFilterInput>,
        #[graphql(desc = "How many, from the start: 1 to 100. The default is 20.")] first: Option<i32>,
        #[graphql(desc = "Only those after this.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this.")] before: Option<String>,
    ) -> Answer<NumberConnection> {
        let listed = async {
            let filter = NumberFilter::try_from(filter.unwrap_or_default())?;
            let after = after.map(|text| ListCursor::decode("after", &text)).transpose()?;
            let before = before.map(|text| ListCursor::decode("before", &text)).transpose()?;
            let page = PageRequest::new(first, last, after, before)?;
            let numbers = app(ctx).list_numbers(caller(ctx), &filter, &page).await?;
            Ok(connect_numbers(numbers, filter))
        };
        answer(listed.await)
    }

    /// One number that you can rent, or rent now.
    async fn phone_number(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ID) -> Answer<NumberView> {
        let found = async {
            let id = NodeId::number("id", &id)?;
            app(ctx).get_number(caller(ctx), id).await.map(NumberView)
        };
        answer(found.await)
    }

    /// The countries that there are numbers of.
    async fn countries(&self, ctx: &Context<'_>) -> Answer<Vec<CountryView>> {
        let listed = app(ctx).list_countries(caller(ctx)).await;
        answer(listed.map(|countries| countries.into_iter().map(CountryView).collect()))
    }

    /// Your messages, newest first.
    #[graphql(complexity = "page_size(first, last) * child_complexity")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which messages.")] filter: Option<MessageFilterInput>,
        #[graphql(desc = "How many, from the newest on: 1 to 100. The default is 20.")] first: Option<i32>,
        #[graphql(desc = "Only older ones than this.")] after: Option<String>,
        #[graphql(desc = "How many, from the oldest back: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only newer ones than this.")] before: Option<String>,
    ) -> Answer<MessageConnection> {
        let listed = async {
            let filter = filter.unwrap_or_default().try_into()?;
            list_messages(ctx, filter, first, after, last, before).await
        };
        answer(listed.await)
    }

    /// One of your messages.
    async fn message(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ID) -> Answer<MessageView> {
        let found = async {
            let id = NodeId::message("id", &id)?;
            app(ctx).get_message(caller(ctx), id).await.map(|message| MessageView(Arc::new(message)))
        };
        answer(found.await)
    }

    /// Anything that you may see, by its id.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ID) -> Answer<Node> {
        answer(find_node(ctx, &id).await)
    }
}

async fn find_node(ctx: &Context<'_>, id: &str) -> Result<Node> {
    match id.parse()? {
        NodeId::Number(id) => app(ctx).get_number(caller(ctx), id).await.map(|number| Node::from(NumberView(number))),
        NodeId::Message(id) => {
            let message = app(ctx).get_message(caller(ctx), id).await?;
            Ok(Node::from(MessageView(Arc::new(message))))
        }
        NodeId::User(id) if caller(ctx).user()?.user_id == id => {
            app(ctx).viewer_account(caller(ctx)).await.map(|user| Node::from(UserView(user)))
        }
        NodeId::Session(id) => {
            let (sessions, current) = app(ctx).list_sessions(caller(ctx)).await?;
            let found = sessions.into_iter().find(|session| session.id == id);
            let session = found.ok_or_else(|| Error::not_found("node"))?;
            Ok(Node::from(SessionView { is_current: session.id == current, session }))
        }
        NodeId::ApiKey(id) => {
            let found = app(ctx).list_api_keys(caller(ctx)).await?.into_iter().find(|key| key.id == id);
            found.map(|key| Node::from(ApiKeyView(key))).ok_or_else(|| Error::not_found("node"))
        }
        NodeId::User(_) | NodeId::Provider(_) => Err(Error::not_found("node")),
    }
}
