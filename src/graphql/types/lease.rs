//! Leases.

use async_graphql::{Context, ID, Object, SimpleObject};

use super::{
    message::MessageView,
    scalars::{Int64, Time},
};
use crate::{
    app::watching::messages::Delivery,
    domain::{Error, Lease, NodeId, Ticket},
    graphql::{
        context::{Nullable, app, caller, nullable},
        pagination::page_size,
    },
};

/// A message that has just arrived, or that you had not seen yet.
#[derive(SimpleObject)]
pub(crate) struct MessageReceived {
    /// Keep this, and pass it as `after` when you come back.
    cursor: String,
    /// The message.
    message: MessageView,
}

impl From<Delivery> for MessageReceived {
    fn from(delivery: Delivery) -> Self {
        Self { cursor: delivery.cursor.encode(), message: MessageView::of(delivery.message) }
    }
}

/// One worker's hold on a number.
#[derive(Clone)]
pub(crate) struct LeaseView(pub(crate) Lease);

/// One worker's hold on a number.
#[Object(name = "Lease")]
impl LeaseView {
    /// The id, unique over everything.
    pub(crate) async fn id(&self) -> ID {
        NodeId::Lease(self.0.id).into()
    }

    /// The id that the REST API uses.
    async fn database_id(&self) -> Int64 {
        Int64(self.0.id.0)
    }

    /// Grows with each lease of this number. Whatever is done through the lease names it.
    async fn fence(&self) -> Int64 {
        Int64(self.0.fence.0)
    }

    /// The number: E.164, or a short code.
    async fn phone_number(&self) -> &str {
        self.0.phone_number.as_str()
    }

    /// The id of the number.
    async fn phone_number_id(&self) -> ID {
        NodeId::Number(self.0.number_id).into()
    }

    /// The country of the number, by ISO 3166-1 alpha-2.
    async fn country_code(&self) -> &str {
        self.0.country_code.as_str()
    }

    /// The pool that it was acquired from, if it was and the pool is still there.
    async fn pool(&self) -> Option<&str> {
        self.0.pool.as_ref().map(|pool| pool.as_str())
    }

    /// From before anything of this lease could arrive.
    async fn cursor(&self) -> String {
        self.0.cursor.encode()
    }

    /// When it began.
    async fn starts_at(&self) -> Time {
        self.0.started_at.into()
    }

    /// When it ends, unless it is renewed.
    async fn expires_at(&self) -> Time {
        self.0.expires_at.into()
    }

    /// How long it was acquired or last renewed for.
    async fn ttl_seconds(&self) -> i32 {
        self.0.ttl.seconds().into()
    }

    /// How many messages have reached the number and belong to no lease, since the one before this ended: they were
    /// late, were sent before, or came in between.
    async fn unclaimed_messages(&self) -> i32 {
        self.0.unclaimed_messages.try_into().unwrap_or(i32::MAX)
    }

    /// What has arrived in the lease, oldest first.
    #[graphql(complexity = "page_size(first, None) * child_complexity")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100. The default is 20.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Nullable<Vec<MessageReceived>> {
        let read = async {
            let (lease, first) = (&self.0, first.unwrap_or(20));
            if !(1..=100).contains(&first) {
                return Err(Error::invalid("first", "must be from 1 to 100"));
            }
            let (app, caller) = (app(ctx), caller(ctx));
            app.list_lease_messages(caller, lease.id, lease.fence, after.as_deref(), first.into()).await
        };
        nullable(read.await.map(|read| read.messages.into_iter().map(MessageReceived::from).collect()))
    }
}

/// A place in the queue for a lease.
pub(crate) struct TicketView(pub(crate) Ticket);

/// A place in the queue for a lease.
#[Object(name = "LeaseTicket")]
impl TicketView {
    /// Pass it to `acquireLease` to go on waiting.
    async fn ticket(&self) -> String {
        self.0.id.encode()
    }

    /// 1 is served next.
    async fn position(&self) -> i32 {
        self.0.position.try_into().unwrap_or(i32::MAX)
    }

    /// Until then your place is kept.
    async fn expires_at(&self) -> Time {
        self.0.expires_at.into()
    }
}
