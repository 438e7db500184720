//! Anything by its id.

use std::collections::HashMap;

use async_graphql::{Context, ID};

use crate::{
    domain::{Error, NodeId, Result},
    graphql::{
        context::{app, caller},
        types::{
            api_key::ApiKeyView, audit::AuditView, blocked_sender::BlockedSenderView, delivery_report::ReportView,
            invitation::InvitationView, lease::LeaseView, message::MessageView, node::Node, number::NumberView,
            otp_pattern::OtpPatternView, pool::PoolView, provider::ProviderView, session::SessionView, user::UserView,
        },
    },
};

/// How many ids one field takes.
const MAX_NODES: usize = 100;

/// The nodes of these ids, in their order: one read of the store for each kind.
pub(super) async fn find_nodes(ctx: &Context<'_>, ids: &[ID]) -> Result<Vec<Option<Node>>> {
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
    /// Reads the nodes of one kind, if any of the ids is of it.
    macro_rules! find {
        ($kind:ident, $find:ident, $view:expr) => {
            let wanted = of!($kind);
            if !wanted.is_empty() {
                let read = Box::pin(app.$find(caller, &wanted)).await?;
                found.extend(read.into_iter().map(|it| (NodeId::$kind(it.id), Node::from($view(it)))));
            }
        };
    }
    find!(Number, find_numbers, NumberView);
    find!(Message, find_messages, MessageView::of);
    find!(Provider, find_providers, ProviderView);
    find!(Report, find_reports, ReportView);
    find!(Audit, find_audit, AuditView);
    find!(OtpPattern, find_otp_patterns, OtpPatternView);
    find!(Pool, find_pools, PoolView);
    find!(Lease, find_leases, LeaseView);
    find!(Invitation, find_invitations, InvitationView);
    find!(BlockedSender, find_blocked_senders, BlockedSenderView);
    let users = of!(User);
    if !users.is_empty() {
        let actor = caller.user()?;
        if actor.is_admin() {
            let read = app.find_users(caller, &users).await?;
            found.extend(read.into_iter().map(|user| (NodeId::User(user.id), Node::from(UserView::from(user)))));
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
    // An id can come more than once.
    Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
}
