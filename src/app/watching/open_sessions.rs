//! The credentials with which sockets and streams are open on this replica.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use crate::domain::{Credential, UserId};

/// The users who have something open.
#[derive(Debug, Default)]
pub(super) struct OpenSessions {
    users: Mutex<HashMap<UserId, GuardedUser>>,
}

#[derive(Debug)]
struct GuardedUser {
    changed: watch::Sender<()>,
    /// Their credentials, with how many sockets and streams each has open.
    credentials: Vec<(Credential, usize)>,
}

impl OpenSessions {
    fn users(&self) -> MutexGuard<'_, HashMap<UserId, GuardedUser>> {
        // Nothing panics while it holds the lock.
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn register(&self, user: UserId, credential: Credential) -> watch::Receiver<()> {
        let mut users = self.users();
        let guarded = users
            .entry(user)
            .or_insert_with(|| GuardedUser { changed: watch::Sender::new(()), credentials: Vec::new() });
        match guarded.credentials.iter_mut().find(|(known, _)| *known == credential) {
            Some((_, count)) => *count += 1,
            None => guarded.credentials.push((credential, 1)),
        }
        guarded.changed.subscribe()
    }

    pub(super) fn unregister(&self, user: UserId, credential: Credential) {
        let mut users = self.users();
        let Some(guarded) = users.get_mut(&user) else { return };
        if let Some(index) = guarded.credentials.iter().position(|(known, _)| *known == credential) {
            guarded.credentials[index].1 -= 1;
            if guarded.credentials[index].1 == 0 {
                guarded.credentials.swap_remove(index);
            }
        }
        if guarded.credentials.is_empty() {
            users.remove(&user);
        }
    }

    /// Has everything that is open as this user check its credential again.
    pub(super) fn notify(&self, user: UserId) {
        if let Some(guarded) = self.users().get(&user) {
            guarded.changed.send_replace(());
        }
    }

    /// Has everything that is open check its credential again.
    pub(super) fn notify_all(&self) {
        self.users().values().for_each(|guarded| guarded.changed.send_replace(()));
    }

    /// All users with something open, with their credentials.
    pub(super) fn list(&self) -> Vec<(UserId, Credential)> {
        let users = self.users();
        let shown = |(&user, guarded): (&UserId, &GuardedUser)| {
            guarded.credentials.iter().map(move |&(credential, _)| (user, credential)).collect::<Vec<_>>()
        };
        users.iter().flat_map(shown).collect()
    }
}
