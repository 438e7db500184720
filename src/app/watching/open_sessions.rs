//! The credentials with which sockets and streams are open on this replica.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use crate::{
    domain::{Actor, Credential, Role, UserId},
    store::PresentedCredential,
};

/// The users who have something open.
#[derive(Debug, Default)]
pub(super) struct OpenSessions {
    users: Mutex<HashMap<UserId, GuardedUser>>,
}

#[derive(Debug)]
struct GuardedUser {
    changed: watch::Sender<()>,
    /// Their credentials, each with whether it came with the rights of an administrator, and how many sockets and
    /// streams it has open.
    credentials: Vec<(Credential, bool, usize)>,
}

impl OpenSessions {
    fn users(&self) -> MutexGuard<'_, HashMap<UserId, GuardedUser>> {
        // Nothing panics while it holds the lock.
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn register(&self, actor: &Actor) -> watch::Receiver<()> {
        let (credential, is_admin) = (actor.credential, actor.is_admin());
        let mut users = self.users();
        let guarded = users
            .entry(actor.user_id)
            .or_insert_with(|| GuardedUser { changed: watch::Sender::new(()), credentials: Vec::new() });
        match guarded.credentials.iter_mut().find(|(known, admin, _)| (*known, *admin) == (credential, is_admin)) {
            Some((_, _, count)) => *count += 1,
            None => guarded.credentials.push((credential, is_admin, 1)),
        }
        guarded.changed.subscribe()
    }

    pub(super) fn unregister(&self, actor: &Actor) {
        let (user, shown) = (actor.user_id, (actor.credential, actor.is_admin()));
        let mut users = self.users();
        let Some(guarded) = users.get_mut(&user) else { return };
        if let Some(index) = guarded.credentials.iter().position(|(known, admin, _)| (*known, *admin) == shown) {
            guarded.credentials[index].2 -= 1;
            if guarded.credentials[index].2 == 0 {
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

    /// The credentials of all users with something open.
    pub(super) fn list(&self) -> Vec<PresentedCredential> {
        let users = self.users();
        let shown = |(&user, guarded): (&UserId, &GuardedUser)| {
            let presented = guarded.credentials.iter();
            presented
                .map(move |&(credential, is_admin, _)| {
                    // Of what is open, only that of administrators depends on the rights of its user.
                    PresentedCredential { user, credential, role: is_admin.then_some(Role::Admin), plan: None }
                })
                .collect::<Vec<_>>()
        };
        users.iter().flat_map(shown).collect()
    }
}
