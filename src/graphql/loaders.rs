//! Loaders: what many rows of one request ask for, read at once.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_graphql::dataloader::{DataLoader, Loader};

use super::batching::BatchRunner;
use crate::{
    app::{App, watching::Inbox},
    domain::{
        Caller, Error, InboxCursor, NumberId, PageRequest, ProviderAccount, ProviderHealth, ProviderId, Result, User,
        UserId,
    },
};

/// The loaders of one request, made when they are first used: a subscription keeps its request for
/// as long as it lasts.
pub(super) struct Loaders {
    app: Arc<App>,
    caller: Caller,
    batches: BatchRunner,
    loader: OnceLock<DataLoader<StoreLoader>>,
}

/// How many messages the caller has for a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct MessageCountKey {
    pub(super) number: NumberId,
    /// Only unread ones.
    pub(super) unread: bool,
}

/// A page of the caller's messages for a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct MessagePageKey {
    pub(super) number: NumberId,
    pub(super) page: PageRequest<InboxCursor>,
}

/// The health of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ProviderHealthKey(pub(super) ProviderId);

impl Loaders {
    pub(super) fn new(app: Arc<App>, caller: Caller, batches: BatchRunner) -> Self {
        Self { app, caller, batches, loader: OnceLock::new() }
    }

    /// The value of a key, if there is one.
    pub(super) async fn load<K>(&self, key: K) -> Result<Option<<StoreLoader as Loader<K>>::Value>>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        StoreLoader: Loader<K, Error = SharedError>,
    {
        let loader = self.loader.get_or_init(|| {
            let loader = StoreLoader { app: Arc::clone(&self.app), caller: self.caller };
            let batches = self.batches.clone();
            DataLoader::new(loader, move |batch| batches.run(batch)).delay(Duration::ZERO)
        });
        loader.load_one(key).await.map_err(SharedError::into_error)
    }

    /// The value of a key that a row may not have.
    pub(super) async fn load_optional<K>(&self, key: Option<K>) -> Result<Option<<StoreLoader as Loader<K>>::Value>>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        StoreLoader: Loader<K, Error = SharedError>,
    {
        match key {
            Some(key) => self.load(key).await,
            None => Ok(None),
        }
    }
}

/// Reads the values of many keys from the store.
pub(super) struct StoreLoader {
    app: Arc<App>,
    caller: Caller,
}

impl Loader<MessageCountKey> for StoreLoader {
    type Value = i64;
    type Error = SharedError;

    async fn load(&self, wanted: &[MessageCountKey]) -> Result<HashMap<MessageCountKey, i64>, SharedError> {
        let mut counts = HashMap::new();
        for (unread, numbers) in grouped(wanted.iter().map(|count| (count.unread, count.number))) {
            let counted = self.app.count_messages_by_number(&self.caller, &numbers, unread).await?;
            counts.extend(counted.into_iter().map(|(number, count)| (MessageCountKey { number, unread }, count)));
        }
        Ok(counts)
    }
}

impl Loader<MessagePageKey> for StoreLoader {
    type Value = Arc<Inbox>;
    type Error = SharedError;

    async fn load(&self, wanted: &[MessagePageKey]) -> Result<HashMap<MessagePageKey, Arc<Inbox>>, SharedError> {
        let mut pages = HashMap::new();
        for (page, numbers) in grouped(wanted.iter().map(|wanted| (wanted.page, wanted.number))) {
            let listed = self.app.list_messages_by_number(&self.caller, &numbers, &page).await?;
            pages.extend(listed.into_iter().map(|(number, inbox)| (MessagePageKey { number, page }, Arc::new(inbox))));
        }
        Ok(pages)
    }
}

impl Loader<UserId> for StoreLoader {
    type Value = Arc<User>;
    type Error = SharedError;

    async fn load(&self, ids: &[UserId]) -> Result<HashMap<UserId, Arc<User>>, SharedError> {
        let found = self.app.find_users(&self.caller, ids).await?;
        Ok(found.into_iter().map(|user| (user.id, Arc::new(user))).collect())
    }
}

impl Loader<ProviderId> for StoreLoader {
    type Value = ProviderAccount;
    type Error = SharedError;

    async fn load(&self, ids: &[ProviderId]) -> Result<HashMap<ProviderId, ProviderAccount>, SharedError> {
        let found = self.app.find_providers(&self.caller, ids).await?;
        Ok(found.into_iter().map(|account| (account.id, account)).collect())
    }
}

impl Loader<ProviderHealthKey> for StoreLoader {
    type Value = ProviderHealth;
    type Error = SharedError;

    async fn load(
        &self,
        wanted: &[ProviderHealthKey],
    ) -> Result<HashMap<ProviderHealthKey, ProviderHealth>, SharedError> {
        let ids: Vec<_> = wanted.iter().map(|wanted| wanted.0).collect();
        let found = self.app.find_health(&self.caller, &ids).await?;
        Ok(wanted.iter().copied().zip(found).collect())
    }
}

/// The numbers of each group.
fn grouped<G: Eq + Hash>(wanted: impl Iterator<Item = (G, NumberId)>) -> HashMap<G, Vec<NumberId>> {
    let mut groups: HashMap<G, Vec<NumberId>> = HashMap::new();
    for (group, number) in wanted {
        groups.entry(group).or_default().push(number);
    }
    groups
}

/// A failure that several fields share.
#[derive(Clone)]
pub(super) struct SharedError(Arc<Error>);

impl From<Error> for SharedError {
    fn from(error: Error) -> Self {
        Self(Arc::new(error))
    }
}

impl SharedError {
    fn into_error(self) -> Error {
        Error::clone(&self.0)
    }
}
