//! Whether the database can be reached.
//!
//! A pool that gets no connection says only that it took too long: all of its connections may be in use, or the server
//! may be gone. One connection outside the pool tells the two apart.

use std::{
    str::FromStr,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::{BoxFuture, WeakShared};
use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{Connection, PgConnection, postgres::PgConnectOptions},
};

use crate::domain::{Error, Result, StoreProblem};

/// How long a probe takes at most: less than orchestrators wait for an answer.
pub(super) const PROBE_TIMEOUT: Duration = Duration::from_millis(900);

/// A probe that is under way. Everybody who asks meanwhile gets its result.
pub(super) type SharedProbe = Arc<Mutex<Option<WeakShared<BoxFuture<'static, Result<(), Arc<Error>>>>>>>;

/// A PostgreSQL server.
#[derive(Clone, Debug)]
pub(super) struct Server(Arc<PgConnectOptions>);

impl Server {
    /// # Errors
    /// When the address is malformed.
    pub(super) fn of(url: &str) -> Result<Self> {
        Ok(Self(Arc::new(PgConnectOptions::from_str(url).map_err(Error::unavailable)?)))
    }

    /// Connects once.
    ///
    /// # Errors
    /// Why the server takes no connection.
    pub(super) async fn reach(&self) -> Result<()> {
        let connected = tokio::time::timeout(PROBE_TIMEOUT, PgConnection::connect_with(&self.0)).await;
        let cause = match connected {
            Ok(Ok(connection)) => {
                let _ = tokio::time::timeout(PROBE_TIMEOUT, connection.close()).await;
                return Ok(());
            }
            Ok(Err(refusal)) => refusal,
            Err(_) => std::io::Error::from(std::io::ErrorKind::TimedOut).into(),
        };
        let refused = Error::from(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(cause))));
        let problem = refused.store_problem().unwrap_or(StoreProblem::Unreachable);
        let cause = std::error::Error::source(&refused).map_or_else(|| refused.to_string(), ToString::to_string);
        Err(Error::unavailable(format!("the database {} takes no connection: {cause}", name(&self.0)))
            .with_store_problem(problem))
    }
}

/// The database and the host of an address, without its password.
pub(super) fn name(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or(options.get_username());
    match options.get_socket() {
        Some(folder) => format!("{database} at {}", folder.display()),
        None => format!("{database} at {}:{}", options.get_host(), options.get_port()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_does_not_answer_is_named() {
        // Nothing listens there.
        let gone = Server::of("postgres://otpwire:s3cret@127.0.0.1:9/numbers").unwrap().reach().await.unwrap_err();
        assert_eq!(gone.store_problem(), Some(StoreProblem::Unreachable));
        let cause = std::error::Error::source(&gone).unwrap().to_string();
        assert!(cause.starts_with("the database numbers at 127.0.0.1:9 takes no connection: "), "{cause}");
        assert!(!cause.contains("s3cret"), "{cause}");
        // Something listens, and says nothing.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("postgres://otpwire@{}/numbers", silent.local_addr().unwrap());
        let silent = Server::of(&url).unwrap().reach().await.unwrap_err();
        assert_eq!(silent.store_problem(), Some(StoreProblem::Unreachable));
    }
}
