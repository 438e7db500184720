//! The query root.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, Object};

use super::{
    answer::{Answer, answer, app, caller},
    types::{
        ApiKeyView, AuditConnection, AuditFilterInput, AuditView, CountryView, KindView, MessageConnection,
        MessageFilterInput, MessageView, Node, NumberConnection, NumberFilterInput, NumberView, OtpPatternConnection,
        OtpPatternView, OtpView, ProviderConnection, ProviderView, ReportConnection, ReportFilterInput, ReportView,
        SessionView, StatsView, UserConnection, UserFilterInput, UserView, connect_messages, inbox_page, page_request,
        page_size, user_view,
    },
};
use crate::domain::{
    AuditFilter, Error, ListCursor, MessageFilter, NodeId, NumberFilter, ReportFilter, Result, Session,
};

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
            let page = page_request(first, after, last, before)?;
            let numbers = app(ctx).list_numbers(caller(ctx), &filter, &page).await?;
            Ok(NumberConnection::new(numbers, filter, ListCursor::encode, NumberView))
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
    #[graphql(complexity = "50 + child_complexity")]
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
            let filter = MessageFilter::try_from(filter.unwrap_or_default())?;
            let page = inbox_page(ctx, first, after, last, before)?;
            let inbox = app(ctx).list_messages(caller(ctx), &filter, &page).await?;
            Ok(connect_messages(inbox, filter))
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
        let found = async {
            let found = find_nodes(ctx, &[id]).await?.pop().flatten();
            found.ok_or_else(|| Error::not_found("node"))
        };
        answer(found.await)
    }

    /// Any things that you may see, by their ids and in their order; null for one that is not there. Refused as
    /// a whole when an id is of a kind that you may not see at all.
    #[graphql(complexity = "ids.len() * child_complexity")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Their ids: at most 100.")] ids: Vec<ID>,
    ) -> Answer<Vec<Option<Node>>> {
        answer(find_nodes(ctx, &ids).await)
    }

    /// The users, by id. For administrators.
    #[graphql(complexity = "page_size(first, last) * child_complexity")]
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which users.")] filter: Option<UserFilterInput>,
        #[graphql(desc = "How many, from the start: 1 to 100. The default is 20.")] first: Option<i32>,
        #[graphql(desc = "Only those after this.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this.")] before: Option<String>,
    ) -> Answer<UserConnection> {
        let listed = async {
            let filter = filter.unwrap_or_default().into();
            let page = page_request(first, after, last, before)?;
            let users = app(ctx).list_users(caller(ctx), &filter, &page).await?;
            Ok(UserConnection::new(users, filter, ListCursor::encode, user_view))
        };
        answer(listed.await)
    }

    /// The accounts at SMS providers, by id. For administrators.
    #[graphql(complexity = "page_size(first, last) * child_complexity")]
    async fn providers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start: 1 to 100. The default is 20.")] first: Option<i32>,
        #[graphql(desc = "Only those after this.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this.")] before: Option<String>,
    ) -> Answer<ProviderConnection> {
        let listed = async {
            let page = page_request(first, after, last, before)?;
            let providers = app(ctx).list_providers(caller(ctx), &page).await?;
            Ok(ProviderConnection::new(providers, (), ListCursor::encode, ProviderView))
        };
        answer(listed.await)
    }

    /// The kinds of providers that accounts can be added of, with what each needs. For administrators.
    #[graphql(complexity = "10 * child_complexity")]
    async fn provider_kinds(&self, ctx: &Context<'_>) -> Answer<Vec<KindView>> {
        answer(caller(ctx).admin().map(|_| KindView::all()))
    }

    /// Your own patterns of codes, by id. For administrators.
    #[graphql(complexity = "page_size(first, last) * child_complexity")]
    async fn otp_patterns(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start: 1 to 100. The default is 20.")] first: Option<i32>,
        #[graphql(desc = "Only those after this.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this.")] before: Option<String>,
    ) -> Answer<OtpPatternConnection> {
        let listed = async {
            let page = page_request(first, after, last, before)?;
            let patterns = app(ctx).list_otp_patterns(caller(ctx), &page).await?;
            Ok(OtpPatternConnection::new(patterns, (), ListCursor::encode, OtpPatternView))
        };
        answer(listed.await)
    }

    /// What a pattern of codes finds in a text: tries it without adding it, and keeps neither. Null when it finds no
    /// code. For administrators.
    #[graphql(complexity = "1000 + child_complexity")]
    async fn test_otp_pattern(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The pattern, as `createOtpPattern` takes it.")] pattern: String,
        #[graphql(desc = "The text of a message: at most 1,600 bytes, which is what is searched.")] text: String,
    ) -> Answer<Option<OtpView>> {
        let found = app(ctx).test_otp_pattern(caller(ctx), &pattern, &text);
        answer(found.map(|found| found.map(Into::into)))
    }

    /// What became of webhooks, newest first: "where is my SMS?" For administrators.
    #[graphql(complexity = "page_size(first, last) * child_complexity")]
    async fn delivery_reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which reports.")] filter: Option<ReportFilterInput>,
        #[graphql(desc = "How many, from the start: 1 to 100. The default is 20.")] first: Option<i32>,
        #[graphql(desc = "Only those after this.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this.")] before: Option<String>,
    ) -> Answer<ReportConnection> {
        let listed = async {
            caller(ctx).admin()?;
            let filter = ReportFilter::try_from(filter.unwrap_or_default())?;
            let page = page_request(first, after, last, before)?;
            let reports = app(ctx).list_reports(caller(ctx), &filter, &page).await?;
            Ok(ReportConnection::new(reports, filter, ListCursor::encode, ReportView))
        };
        answer(listed.await)
    }

    /// Who changed what, newest first. Entries are kept for a year. For administrators.
    #[graphql(complexity = "page_size(first, last) * child_complexity")]
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries.")] filter: Option<AuditFilterInput>,
        #[graphql(desc = "How many, from the start: 1 to 100. The default is 20.")] first: Option<i32>,
        #[graphql(desc = "Only those after this.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this.")] before: Option<String>,
    ) -> Answer<AuditConnection> {
        let listed = async {
            caller(ctx).admin()?;
            let filter = AuditFilter::try_from(filter.unwrap_or_default())?;
            let page = page_request(first, after, last, before)?;
            let entries = app(ctx).list_audit(caller(ctx), &filter, &page).await?;
            Ok(AuditConnection::new(entries, filter, ListCursor::encode, AuditView))
        };
        answer(listed.await)
    }

    /// The platform in figures. For administrators.
    #[graphql(complexity = "50 + child_complexity")]
    async fn stats(&self, ctx: &Context<'_>) -> Answer<StatsView> {
        answer(app(ctx).get_stats(caller(ctx)).await.map(Into::into))
    }
}

/// How many things can be asked for by their ids at once.
const MAX_NODES: usize = 100;

/// What is there of these, in their order: one look at the store for each kind.
async fn find_nodes(ctx: &Context<'_>, ids: &[ID]) -> Result<Vec<Option<Node>>> {
    if ids.len() > MAX_NODES {
        return Err(Error::invalid("ids", format!("must be at most {MAX_NODES} ids")));
    }
    let ids = ids.iter().map(|id| id.parse()).collect::<Result<Vec<NodeId>>>()?;
    let (app, caller) = (app(ctx), caller(ctx));
    let mut found: HashMap<NodeId, Node> = HashMap::new();
    /// The ids of one kind.
    macro_rules! of {
        ($kind:ident) => {
            ids.iter().filter_map(|id| if let NodeId::$kind(id) = id { Some(*id) } else { None }).collect::<Vec<_>>()
        };
    }
    /// Reads what there is of one kind, if any is asked for.
    macro_rules! find {
        ($kind:ident, $find:ident, $view:expr) => {
            let wanted = of!($kind);
            if !wanted.is_empty() {
                let read = app.$find(caller, &wanted).await?;
                found.extend(read.into_iter().map(|it| (NodeId::$kind(it.id), Node::from($view(it)))));
            }
        };
    }
    find!(Number, find_numbers, NumberView);
    find!(Message, find_messages, |message| MessageView(Arc::new(message)));
    find!(Provider, find_providers, ProviderView);
    find!(Report, find_reports, ReportView);
    find!(Audit, find_audit, AuditView);
    find!(OtpPattern, find_otp_patterns, OtpPatternView);
    let users = of!(User);
    if !users.is_empty() {
        let actor = caller.user()?;
        if actor.is_admin() {
            let read = app.find_users(caller, &users).await?;
            found.extend(read.into_iter().map(|user| (NodeId::User(user.id), Node::from(user_view(user)))));
        } else if users.contains(&actor.user_id) {
            let user = UserView(app.viewer_account(caller).await?);
            found.insert(NodeId::User(actor.user_id), Node::from(user));
        }
    }
    if !of!(Session).is_empty() {
        let (sessions, current) = app.list_sessions(caller).await?;
        found.extend(sessions.into_iter().map(|session| {
            let view = SessionView { is_current: session.id == current, session };
            (NodeId::Session(view.session.id), Node::from(view))
        }));
    }
    if !of!(ApiKey).is_empty() {
        let keys = app.list_api_keys(caller).await?;
        found.extend(keys.into_iter().map(|key| (NodeId::ApiKey(key.id), Node::from(ApiKeyView(key)))));
    }
    // An id that is asked for twice is answered twice.
    Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
}
