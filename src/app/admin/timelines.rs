//! Where a message is: when it passed each stage on its way.

use crate::{
    app::App,
    domain::{Caller, Error, MessageId, Result, Timeline},
};

impl App {
    /// The timeline of any message, with times alone: not who sent it, to whom, or what it says.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is no such message, or it is gone.
    pub async fn get_timeline(&self, cx: &Caller, id: MessageId) -> Result<Timeline> {
        cx.admin()?;
        self.find_timeline(id).await
    }

    /// The same for the operator at the machine.
    ///
    /// # Errors
    /// As [`App::get_timeline`].
    pub async fn get_timeline_as_operator(&self, id: MessageId) -> Result<Timeline> {
        self.find_timeline(id).await
    }

    async fn find_timeline(&self, id: MessageId) -> Result<Timeline> {
        // What this replica knows by now. The others write within a second.
        self.timelines.flush().await;
        let found = self.store.find_timeline(id, self.expired_before()).await?;
        found.ok_or_else(|| Error::not_found("message"))
    }
}
