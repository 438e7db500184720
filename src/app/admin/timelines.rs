//! Where a message is: when it passed each stage on its way.

use crate::{
    app::App,
    domain::{Administrator, Error, MessageId, Result, Timeline},
};

impl App {
    /// The timeline of any message, with times alone: not who sent it, to whom, or what it says.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is no such message, or it is gone.
    pub async fn get_timeline(&self, cx: &dyn Administrator, id: MessageId) -> Result<Timeline> {
        cx.administrator()?;
        // What this replica knows by now. The others write within a second.
        self.timelines.flush().await;
        let found = self.store.find_timeline(id, self.expired_before()).await?;
        found.ok_or_else(|| Error::not_found("message"))
    }
}
