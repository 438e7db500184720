//! Reading an inbox through a lease: what the feed finds is yielded only for as long as the lease is held.

use super::{
    feed::{Delivery, Feed},
    lease_guard::LeaseGuard,
};
use crate::domain::{Error, InboxCursor, Result};

/// What a watcher of a lease has besides.
#[derive(Debug)]
pub(super) struct LeasedReading {
    guard: LeaseGuard,
    /// A message that was found while the lease was held, to be yielded if it still is. Kept here because the future
    /// that asks may be dropped half-way.
    found: Option<Delivery>,
}

/// The next message, of a lease only for as long as it is held.
pub(super) async fn find_next(feed: &mut Feed, lease: &mut Option<Box<LeasedReading>>) -> Result<Delivery> {
    match lease {
        None => feed.find_next().await,
        // Boxed, so that a watcher without a lease does not keep space for it.
        Some(lease) => Box::pin(lease.find_next(feed)).await,
    }
}

/// The same of those that are stored already.
pub(super) async fn find_stored(feed: &mut Feed, lease: &mut Option<Box<LeasedReading>>) -> Result<Option<Delivery>> {
    let Some(lease) = lease else { return feed.find_stored().await };
    if lease.found.is_none() {
        lease.found = feed.find_stored().await?;
    }
    match lease.found {
        Some(_) => Box::pin(lease.take_found()).await.map(Some),
        None => Ok(None),
    }
}

impl LeasedReading {
    pub(super) fn new(guard: LeaseGuard) -> Self {
        Self { guard, found: None }
    }

    /// The position before what was found and not yielded yet.
    pub(super) fn cursor(&self) -> Option<InboxCursor> {
        let found = self.found.as_ref()?;
        Some(InboxCursor { seq: found.cursor.seq - 1, ..found.cursor })
    }

    async fn find_next(&mut self, feed: &mut Feed) -> Result<Delivery> {
        if self.found.is_none() {
            self.found = Some(tokio::select! {
                biased;
                reason = self.guard.lost() => return Err(reason),
                found = feed.find_next() => found?,
            });
        }
        self.take_found().await
    }

    /// What was found, if the lease is still held.
    async fn take_found(&mut self) -> Result<Delivery> {
        self.guard.confirm().await?;
        self.found.take().ok_or_else(|| Error::internal("nothing was found"))
    }
}
