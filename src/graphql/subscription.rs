//! The subscription root.

use async_graphql::{Context, ID, Subscription as SubscriptionRoot};
use tokio_stream::{Stream, StreamExt};

use super::{
    context::{Nullable, app, caller, measured, nullable, signal_start},
    error::to_graphql,
    response_budget::paced,
    types::{
        lease::MessageReceived,
        message::{Channel, MessageType},
        number::NumberView,
        scalars::Int64,
    },
};
use crate::{
    app::watching::messages::StartPosition,
    domain::{Fence, MessageFilter, NodeId, Result, Service},
};

/// What can be watched.
pub(super) struct Subscription;

/// What can be watched.
#[SubscriptionRoot]
impl Subscription {
    /// Your messages as they arrive, in order, none left out and none twice. With `after`, those
    /// that came since; a cursor whose successors have expired is refused with `CURSOR_EXPIRED`.
    async fn message_received(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those sent to this number.")] phone_number_id: Option<ID>,
        #[graphql(desc = "Only of these types.")] types: Option<Vec<MessageType>>,
        #[graphql(desc = "Only those through these channels.")] channels: Option<Vec<Channel>>,
        #[graphql(desc = "Only those with a one-time code of this service, without regard to case and accents.")]
        service: Option<String>,
        #[graphql(desc = "The cursor of the last message that you saw.")] after: Option<String>,
    ) -> async_graphql::Result<impl Stream<Item = Nullable<MessageReceived>> + use<>> {
        let watcher = async {
            let filter = MessageFilter {
                phone_number_id: phone_number_id.map(|id| NodeId::number("phoneNumberId", &id)).transpose()?,
                types: types.unwrap_or_default().into_iter().map(Into::into).collect(),
                channels: channels.unwrap_or_default().into_iter().map(Into::into).collect(),
                service: service.map(|service| Service::parse("service", &service)).transpose()?,
                ..MessageFilter::default()
            };
            app(ctx).watch_messages(caller(ctx), filter, StartPosition::after(after)).await
        };
        // Boxed, so that a subscription does not keep room for the future that started it.
        let watcher = Box::pin(watcher).await.map_err(to_graphql)?;
        signal_start(ctx);
        let deliveries = paced(ctx, measured(ctx, watcher).into_stream());
        Ok(deliveries.map(|delivery: Result<_>| nullable(delivery.map(MessageReceived::from))))
    }

    /// What arrives in a lease, from its beginning or after a cursor, in order, none left out and none twice. Ends with
    /// `LEASE_LOST` when the lease ends.
    async fn lease_message_received(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The lease.")] lease_id: ID,
        #[graphql(desc = "Its fence.")] fence: Int64,
        #[graphql(desc = "The cursor of the last message that you saw.")] after: Option<String>,
    ) -> async_graphql::Result<impl Stream<Item = Nullable<MessageReceived>> + use<>> {
        let watcher = async {
            let id = NodeId::lease("leaseId", &lease_id)?;
            let filter = MessageFilter::default();
            app(ctx).watch_lease(caller(ctx), id, Fence(fence.0), filter, after).await
        };
        let watcher = Box::pin(watcher).await.map_err(to_graphql)?;
        signal_start(ctx);
        let deliveries = paced(ctx, measured(ctx, watcher).into_stream());
        Ok(deliveries.map(|delivery: Result<_>| nullable(delivery.map(MessageReceived::from))))
    }

    /// The numbers that you rent, each time that one changes: rented, extended, given back, expired, blocked.
    /// A number that you no longer rent is told of once, as it is then. Administrators may watch any one number.
    async fn phone_number_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only this number.")] phone_number_id: Option<ID>,
    ) -> async_graphql::Result<impl Stream<Item = Nullable<NumberView>> + use<>> {
        let watcher = async {
            let only = phone_number_id.map(|id| NodeId::number("phoneNumberId", &id)).transpose()?;
            app(ctx).watch_numbers(caller(ctx), only).await
        };
        let watcher = Box::pin(watcher).await.map_err(to_graphql)?;
        signal_start(ctx);
        Ok(paced(ctx, watcher.into_stream()).map(|number: Result<_>| nullable(number.map(NumberView))))
    }
}
