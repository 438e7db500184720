//! What is wrong with the store, as far as this replica has met it, so that the operator can be told.

use std::sync::{Mutex, PoisonError};

use super::App;
use crate::domain::{Code, Error, Reason, Result};

/// Why messages cannot be stored, until one is.
#[derive(Debug, Default)]
pub(super) struct Trouble(Mutex<Option<Reason>>);

impl Trouble {
    pub(super) fn note(&self, error: &Error) {
        // Whatever else happens, what is damaged stays damaged until somebody has mended it.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *known != Some(Reason::Corrupt) {
            *known = Some(error.reason().unwrap_or(Reason::Busy));
        }
    }

    pub(super) fn is_over(&self) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.take_if(|reason| *reason != Reason::Corrupt).is_some() {
            tracing::info!("messages are stored again");
        }
    }

    fn reason(&self) -> Option<Reason> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Why messages cannot be stored, if the last one could not.
    #[must_use]
    pub fn trouble(&self) -> Option<Reason> {
        self.trouble.reason()
    }

    /// Takes note of a failure that was met anywhere: what is damaged is damaged for everybody.
    pub fn heed(&self, error: &Error) {
        if error.reason() == Some(Reason::Corrupt) {
            self.trouble.note(error);
        }
    }

    /// Tries whether the store takes changes again, if the last message could not be stored: a replica that is told
    /// to be in trouble may get no message that would show that the trouble is over.
    ///
    /// # Errors
    /// When the store is there and refuses.
    pub async fn try_store_again(&self) -> Result<()> {
        if self.trouble().is_none_or(|reason| reason == Reason::Corrupt) {
            return Ok(());
        }
        match self.store.try_writing(self.clock.now()).await {
            Err(error) if error.code() == Code::Unavailable => {
                self.trouble.note(&error);
                error.log("try the store again");
                Ok(())
            }
            tried => {
                self.trouble.is_over();
                tried
            }
        }
    }
}
