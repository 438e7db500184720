//! What one request asks for many times, read at once.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_graphql::dataloader::{DataLoader, Loader};
use futures_util::future::BoxFuture;
use tokio::sync::mpsc::UnboundedSender;

use crate::{
    app::{App, watching::Inbox},
    domain::{
        Caller, Error, InboxCursor, NumberId, PageRequest, ProviderAccount, ProviderHealth, ProviderId, Result, User,
        UserId,
    },
};

/// The loaders of one request, made when they are first used: a subscription keeps its request for
/// as long as it lasts.
pub(in crate::graphql) struct Loaders {
    app: Arc<App>,
    caller: Caller,
    loads: Loads,
    reader: OnceLock<DataLoader<Reader>>,
}

/// A look at the store for many at once.
pub(in crate::graphql) type Load = BoxFuture<'static, ()>;

/// Who takes the looks.
#[derive(Clone)]
pub(in crate::graphql) enum Loads {
    /// Whoever runs the request, after each step of it: by then every row has said what it needs.
    Driven(UnboundedSender<Load>),
    /// A task each. For subscriptions, whose events are one row at a time.
    Spawned,
}

impl Loads {
    fn take(&self, load: Load) {
        match self {
            // Nobody waits for a load of a request that is gone.
            Self::Driven(loads) => drop(loads.send(load)),
            Self::Spawned => drop(tokio::spawn(load)),
        }
    }
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

/// How a provider is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct HealthOf(pub(super) ProviderId);

impl Loaders {
    pub(in crate::graphql) fn new(app: Arc<App>, caller: Caller, loads: Loads) -> Self {
        Self { app, caller, loads, reader: OnceLock::new() }
    }

    /// What is there by a key, if it is there.
    pub(super) async fn load<K>(&self, key: K) -> Result<Option<<Reader as Loader<K>>::Value>>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        Reader: Loader<K, Error = Shared>,
    {
        let reader = self.reader.get_or_init(|| {
            let reader = Reader { app: Arc::clone(&self.app), caller: self.caller };
            let loads = self.loads.clone();
            DataLoader::new(reader, move |load| loads.take(load)).delay(Duration::ZERO)
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

impl Loader<HealthOf> for Reader {
    type Value = ProviderHealth;
    type Error = Shared;

    async fn load(&self, wanted: &[HealthOf]) -> Result<HashMap<HealthOf, ProviderHealth>, Shared> {
        let ids: Vec<_> = wanted.iter().map(|wanted| wanted.0).collect();
        let found = self.app.find_health(&self.caller, &ids).await?;
        Ok(wanted.iter().copied().zip(found).collect())
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
        Error::from_shared(&self.0)
    }
}
