//! What one request asks for many times, read at once.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_graphql::dataloader::{DataLoader, Loader};

use crate::{
    app::{App, Inbox},
    domain::{Caller, Error, InboxCursor, NumberId, PageRequest, ProviderAccount, ProviderId, Result, User, UserId},
};

/// The loaders of one request, made when they are first used: a subscription keeps its request for
/// as long as it lasts.
pub(in crate::graphql) struct Loaders {
    app: Arc<App>,
    caller: Caller,
    reader: OnceLock<DataLoader<Reader>>,
}

/// How many messages the caller has for a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct CountOf {
    pub(super) number: NumberId,
    /// Only unread ones.
    pub(super) unread: bool,
}

/// A page of the caller's messages for a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct PageOf {
    pub(super) number: NumberId,
    pub(super) page: PageRequest<InboxCursor>,
}

impl Loaders {
    pub(in crate::graphql) fn new(app: Arc<App>, caller: Caller) -> Self {
        Self { app, caller, reader: OnceLock::new() }
    }

    /// What is there by a key, if it is there.
    pub(super) async fn load<K>(&self, key: K) -> Result<Option<<Reader as Loader<K>>::Value>>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        Reader: Loader<K, Error = Shared>,
    {
        let reader = self.reader.get_or_init(|| {
            let reader = Reader { app: Arc::clone(&self.app), caller: self.caller };
            // Without any delay a loader still gathers what one step of a query asks for.
            DataLoader::new(reader, tokio::spawn).delay(Duration::ZERO)
        });
        reader.load_one(key).await.map_err(Shared::into_error)
    }
}

/// What reads many at once.
pub(super) struct Reader {
    app: Arc<App>,
    caller: Caller,
}

impl Loader<CountOf> for Reader {
    type Value = i64;
    type Error = Shared;

    async fn load(&self, wanted: &[CountOf]) -> Result<HashMap<CountOf, i64>, Shared> {
        let mut counts = HashMap::new();
        for (unread, numbers) in grouped(wanted.iter().map(|count| (count.unread, count.number))) {
            let counted = self.app.count_messages_by_number(&self.caller, &numbers, unread).await?;
            counts.extend(counted.into_iter().map(|(number, count)| (CountOf { number, unread }, count)));
        }
        Ok(counts)
    }
}

impl Loader<PageOf> for Reader {
    type Value = Arc<Inbox>;
    type Error = Shared;

    async fn load(&self, wanted: &[PageOf]) -> Result<HashMap<PageOf, Arc<Inbox>>, Shared> {
        let mut pages = HashMap::new();
        for (page, numbers) in grouped(wanted.iter().map(|wanted| (wanted.page, wanted.number))) {
            let listed = self.app.list_messages_by_number(&self.caller, &numbers, &page).await?;
            pages.extend(listed.into_iter().map(|(number, inbox)| (PageOf { number, page }, Arc::new(inbox))));
        }
        Ok(pages)
    }
}

impl Loader<UserId> for Reader {
    type Value = Arc<User>;
    type Error = Shared;

    async fn load(&self, ids: &[UserId]) -> Result<HashMap<UserId, Arc<User>>, Shared> {
        let found = self.app.find_users(&self.caller, ids).await?;
        Ok(found.into_iter().map(|user| (user.id, Arc::new(user))).collect())
    }
}

impl Loader<ProviderId> for Reader {
    type Value = ProviderAccount;
    type Error = Shared;

    async fn load(&self, ids: &[ProviderId]) -> Result<HashMap<ProviderId, ProviderAccount>, Shared> {
        let found = self.app.find_providers(&self.caller, ids).await?;
        Ok(found.into_iter().map(|account| (account.id, account)).collect())
    }
}

fn grouped<G: Eq + Hash>(wanted: impl Iterator<Item = (G, NumberId)>) -> HashMap<G, Vec<NumberId>> {
    let mut groups: HashMap<G, Vec<NumberId>> = HashMap::new();
    for (group, number) in wanted {
        groups.entry(group).or_default().push(number);
    }
    groups
}

/// A failure that several fields share.
#[derive(Clone)]
pub(super) struct Shared(Arc<Error>);

impl From<Error> for Shared {
    fn from(error: Error) -> Self {
        Self(Arc::new(error))
    }
}

impl Shared {
    fn into_error(self) -> Error {
        Error::again(&self.0)
    }
}
