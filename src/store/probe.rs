//! Probing the database: for readiness, and to explain why a pool has no connection.

use std::{
    str::FromStr,
    sync::{Arc, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt, future::WeakShared};
use sea_orm::{DbErr, sqlx::postgres::PgConnectOptions};

use super::{
    Store,
    errors::is_pool_timeout,
    reachability::{PROBE_TIMEOUT, name},
    sqlite_file::file_of,
};
use crate::domain::{Error, Result, StoreProblem};

/// How long a probe waits for the pool before it asks the server itself.
const POOL_PATIENCE: Duration = Duration::from_millis(200);
/// The pause before another connection is tried when one was lost.
const RETRY_PAUSE: Duration = Duration::from_millis(20);

impl Store {
    /// Names the database of a URL for people: its host or its file, and never its password.
    #[must_use]
    pub fn describe(url: &str) -> String {
        match (Self::find_file(url), file_of(url)) {
            (Ok(Some(file)), _) => file.path.display().to_string(),
            (_, Ok(Some(path))) => path.display().to_string(),
            _ if url.starts_with("sqlite:") => "in memory".to_owned(),
            _ => {
                PgConnectOptions::from_str(url).map_or_else(|_| "of database_url".to_owned(), |options| name(&options))
            }
        }
    }

    /// Whether the database answers and has the schema that this program expects, within a second. Probes that are
    /// asked for at the same time are one.
    ///
    /// # Errors
    /// `UNAVAILABLE` when it does not.
    pub async fn probe(&self) -> Result<()> {
        let probe = {
            let mut running = self.probe.lock().unwrap_or_else(PoisonError::into_inner);
            match running.as_ref().and_then(WeakShared::upgrade) {
                Some(probe) => probe,
                None => {
                    let store = self.clone();
                    let probe = async move { store.probe_once().await.map_err(Arc::new) }.boxed().shared();
                    *running = probe.downgrade();
                    probe
                }
            }
        };
        probe.await.map_err(|error| Error::clone(&error))
    }

    async fn probe_once(&self) -> Result<()> {
        let checked = self.check_over_any_connection();
        tokio::pin!(checked);
        let Some(server) = &self.server else {
            return tokio::time::timeout(PROBE_TIMEOUT, checked).await.unwrap_or_else(|_| Err(slow()));
        };
        if let Ok(checked) = tokio::time::timeout(POOL_PATIENCE, &mut checked).await {
            return checked;
        }
        tokio::select! {
            biased;
            checked = &mut checked => checked,
            reached = server.reach() => {
                reached?;
                let left = PROBE_TIMEOUT - POOL_PATIENCE;
                tokio::time::timeout(left, checked).await.unwrap_or_else(|_| Err(slow()))
            }
        }
    }

    /// Checks the database. A connection that was lost while the pool kept it says nothing about the server: the next
    /// one may be good.
    async fn check_over_any_connection(&self) -> Result<()> {
        loop {
            match self.check().await {
                Err(error) if !self.is_sqlite() && error.store_problem() == Some(StoreProblem::Unreachable) => {
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
                checked => return checked,
            }
        }
    }

    /// The error of a pool that got no connection in time, with the reason if the server gives one.
    pub(super) async fn explain(&self, error: DbErr) -> Error {
        let refused = match &self.server {
            Some(server) if is_pool_timeout(&error) => server.reach().await.err(),
            _ => None,
        };
        refused.unwrap_or_else(|| error.into())
    }
}

fn slow() -> Error {
    Error::unavailable("the database did not answer a probe in time").with_store_problem(StoreProblem::Busy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_without_its_password() {
        for (url, name) in [
            ("postgres://otpwire:s3cret@db.example.com:5433/numbers", "numbers at db.example.com:5433"),
            ("postgresql://otpwire:s3cret@db.example.com", "otpwire at db.example.com:5432"),
            ("postgres://otpwire:s3cret@%2Frun%2Fpostgresql/numbers", "numbers at /run/postgresql"),
            ("sqlite::memory:", "in memory"),
        ] {
            assert_eq!(Store::describe(url), name);
        }
        let here = std::env::current_dir().unwrap().canonicalize().unwrap();
        assert_eq!(Store::describe("sqlite:no-such.sqlite"), here.join("no-such.sqlite").display().to_string());
    }
}
