//! The connection to Redis, which requests use while there is one.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use redis::{AsyncConnectionConfig, Client, RedisError, RedisResult, aio::MultiplexedConnection};

use crate::domain::{Error, Result};

/// How long after a failure of Redis to try a new connection.
const RETRY: Duration = Duration::from_secs(1);

/// A connection that is opened again when it was lost. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct RedisConnection {
    client: Client,
    timeout: Duration,
    state: Arc<Mutex<State>>,
}

/// The connection, or when to try a new one.
#[derive(Debug)]
struct State {
    connection: Option<MultiplexedConnection>,
    retry_at: Option<Instant>,
}

impl RedisConnection {
    /// Connects if it can. `timeout` is how long Redis may take before it counts as away.
    pub(super) async fn init(url: &str, timeout: Duration) -> Result<Self> {
        let client = Client::open(url).map_err(Error::unavailable)?;
        let connection = connect(&client, timeout).await.ok();
        Ok(Self { client, timeout, state: Arc::new(Mutex::new(State { connection, retry_at: None })) })
    }

    /// The connection, if there is one. No request waits for a new one: it is opened in the background, from time to
    /// time.
    pub(super) fn get(&self) -> Option<MultiplexedConnection> {
        let mut state = self.lock();
        if let Some(connection) = &state.connection {
            return Some(connection.clone());
        }
        // The time since an instant in the future is zero.
        if state.retry_at.is_none_or(|retry_at| !retry_at.elapsed().is_zero()) {
            state.retry_at = Some(Instant::now() + RETRY);
            let this = self.clone();
            tokio::spawn(async move {
                if let Ok(connection) = connect(&this.client, this.timeout).await {
                    this.lock().connection = Some(connection);
                }
            });
        }
        None
    }

    /// Gives up a connection that has failed.
    pub(super) fn lose(&self, error: &RedisError) {
        let mut state = self.lock();
        if state.connection.take().is_some() {
            tracing::warn!(%error, "lost the connection to Redis; this replica limits requests by itself meanwhile");
        }
        state.retry_at = Some(Instant::now() + RETRY);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(client: &Client, timeout: Duration) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new().set_connection_timeout(Some(timeout)).set_response_timeout(Some(timeout));
    client.get_multiplexed_async_connection_with_config(&config).await
}
