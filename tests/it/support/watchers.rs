//! Watchers of an inbox through the application, without an API in between.

use otpwire::{
    app::watching::messages::{Delivery, StartPosition, Watcher},
    domain::{Caller, Client, InboxCursor, MessageFilter, Result},
};

use super::{PATIENCE, Renter, Replica};

impl Replica {
    /// The caller whom a renter's access token authenticates.
    pub(crate) async fn caller(&self, renter: &Renter) -> Caller {
        self.app.authenticate(&renter.token, &Client::default()).await.unwrap()
    }

    /// Watches a renter's inbox after a cursor, or from now on.
    pub(crate) async fn watch(&self, renter: &Renter, after: Option<String>) -> Result<Watcher> {
        let caller = self.caller(renter).await;
        self.app.watch_messages(&caller, MessageFilter::default(), StartPosition::after(after)).await
    }
}

/// The next delivery, which must come in time.
pub(crate) async fn next_delivery(watcher: &mut Watcher) -> Delivery {
    let delivery = tokio::time::timeout(PATIENCE, watcher.next()).await.expect("no delivery in time");
    delivery.expect("the watcher ended").unwrap()
}

/// The texts of the next deliveries.
pub(crate) async fn next_texts(watcher: &mut Watcher, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    while texts.len() < count {
        texts.push(next_delivery(watcher).await.message.message_content.clone());
    }
    texts
}

/// The cursor of a sequence in a renter's inbox.
pub(crate) fn cursor_at(renter: &Renter, seq: i64) -> String {
    InboxCursor { inbox: renter.user.id, seq }.encode()
}
