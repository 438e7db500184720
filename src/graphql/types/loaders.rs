//! What one request asks for many times, read at once.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_graphql::dataloader::{DataLoader, Loader};

use crate::{
    app::App,
    domain::{Caller, Error, NumberId, Result},
};

/// The loaders of one request, made when they are first used: a subscription keeps its request for
/// as long as it lasts.
pub(in crate::graphql) struct Loaders {
    app: Arc<App>,
    caller: Caller,
    unread: OnceLock<DataLoader<UnreadCounts>>,
}

impl Loaders {
    pub(in crate::graphql) fn new(app: Arc<App>, caller: Caller) -> Self {
        Self { app, caller, unread: OnceLock::new() }
    }

    /// How many unread messages the caller has for a number.
    pub(super) async fn count_unread(&self, number: NumberId) -> Result<i64> {
        let unread = self.unread.get_or_init(|| {
            let counts = UnreadCounts { app: Arc::clone(&self.app), caller: self.caller };
            // Without any delay a loader still gathers what one step of a query asks for.
            DataLoader::new(counts, tokio::spawn).delay(Duration::ZERO)
        });
        let count = unread.load_one(number).await.map_err(Shared::into_error)?;
        Ok(count.unwrap_or(0))
    }
}

/// Counts unread messages of all the numbers that one request asks about.
struct UnreadCounts {
    app: Arc<App>,
    caller: Caller,
}

impl Loader<NumberId> for UnreadCounts {
    type Value = i64;
    type Error = Shared;

    async fn load(&self, numbers: &[NumberId]) -> Result<HashMap<NumberId, i64>, Shared> {
        let counted = self.app.count_unread(&self.caller, numbers).await;
        Ok(counted.map_err(|error| Shared(Arc::new(error)))?.into_iter().collect())
    }
}

/// A failure that several fields share. The last to take it gets the cause with it.
#[derive(Clone)]
struct Shared(Arc<Error>);

impl Shared {
    fn into_error(self) -> Error {
        Arc::try_unwrap(self.0).unwrap_or_else(|shared| Error::new(shared.code(), shared.message()))
    }
}
