//! The task that publishes the events of this replica.

use chrono::{DateTime, Utc};
use redis::{Client, aio::MultiplexedConnection};
use tokio::sync::{mpsc, oneshot};

use super::{
    super::event::{Committed, Event},
    channels::ChannelNames,
    connection::connect,
};
use crate::{
    domain::{Message, NumberId, TicketId, UserId},
    tracer::Span,
};

/// Something to publish.
#[derive(Debug)]
pub(super) enum Publication {
    /// A batch of messages, and when it was committed.
    Messages(Vec<Committed>, DateTime<Utc>),
    /// The rights of a user have changed.
    UserChange(UserId),
    /// A number has changed.
    NumberChange(NumberId, Option<UserId>),
    /// Leases of a number have changed, or a pool.
    LeaseChange(Option<NumberId>, Vec<TicketId>),
    /// Nothing. The publisher answers when it has sent everything before it.
    Flush(oneshot::Sender<()>),
}

impl Publication {
    /// The number of events in it.
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Messages(messages, _) => messages.len() as u64,
            Self::UserChange(_) | Self::NumberChange(..) | Self::LeaseChange(..) => 1,
            Self::Flush(_) => 0,
        }
    }

    /// Notes in the spans of its messages that they were not sent.
    fn fail(&mut self) {
        if let Self::Messages(messages, _) = self {
            messages.iter_mut().filter_map(|committed| committed.span.as_mut()).for_each(Span::fail);
        }
    }

    /// The commands that publish it.
    fn commands(&self, channels: &ChannelNames) -> serde_json::Result<redis::Pipeline> {
        let mut pipeline = redis::pipe();
        match self {
            Self::Messages(messages, committed_at) => {
                for Committed { message, span } in messages {
                    let traceparent = span.as_ref().map(|span| span.context().to_traceparent());
                    let committed_at = Some(*committed_at);
                    let event = Event::Message { message: message.as_ref(), committed_at, traceparent };
                    let event = serde_json::to_vec(&event)?;
                    pipeline.publish(channels.inbox(message.user_id), event).ignore();
                }
            }
            Self::UserChange(user) => {
                let event = serde_json::to_vec(&Event::<Message>::UserChanged { user: *user })?;
                pipeline.publish(channels.users(), event).ignore();
            }
            Self::NumberChange(number, renter) => {
                let event = Event::<Message>::NumberChanged { number: *number, renter: *renter };
                pipeline.publish(channels.users(), serde_json::to_vec(&event)?).ignore();
            }
            Self::LeaseChange(number, tickets) => {
                let event = Event::<Message>::LeaseChanged { number: *number, tickets: tickets.clone() };
                pipeline.publish(channels.users(), serde_json::to_vec(&event)?).ignore();
            }
            Self::Flush(_) => {}
        }
        Ok(pipeline)
    }
}

/// Publishes what the queue delivers, one pipeline per batch, until the queue is closed. A batch that cannot be sent is
/// counted and dropped: keeping it would only delay the next one, and its subscriptions recover without it.
pub(super) async fn publish(
    client: Client,
    channels: ChannelNames,
    mut connection: Option<MultiplexedConnection>,
    mut queue: mpsc::Receiver<Publication>,
) {
    while let Some(mut publication) = queue.recv().await {
        if let Publication::Flush(flushed) = publication {
            let _ = flushed.send(());
            continue;
        }
        let pipeline = match publication.commands(&channels) {
            Ok(pipeline) if pipeline.is_empty() => continue,
            Ok(pipeline) => pipeline,
            Err(error) => {
                tracing::error!(%error, "failed to encode an event");
                continue;
            }
        };
        let sent = async {
            if connection.is_none() {
                connection = Some(connect(&client).await?);
            }
            match connection.as_mut() {
                Some(connection) => pipeline.query_async::<()>(connection).await,
                None => Ok(()),
            }
        };
        if let Err(error) = sent.await {
            connection = None;
            publication.fail();
            metrics::counter!("otpwire_bus_failed_total").increment(publication.len());
            tracing::warn!(
                %error,
                events = publication.len(),
                "failed to publish; subscriptions on other replicas will recover from the store"
            );
        }
    }
}
