//! Connections to Redis.

use std::time::Duration;

use redis::{AsyncConnectionConfig, Client, RedisResult, aio::MultiplexedConnection};

/// How long an answer of Redis may take before the connection is given up.
pub(super) const TIMEOUT: Duration = Duration::from_secs(2);

pub(super) async fn connect(client: &Client) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new().set_connection_timeout(Some(TIMEOUT)).set_response_timeout(Some(TIMEOUT));
    client.get_multiplexed_async_connection_with_config(&config).await
}

/// The outcome of an operation of Redis, which fails when it takes too long.
pub(super) async fn in_time<T>(operation: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    let timed_out = |_| redis::RedisError::from((redis::ErrorKind::Io, "no answer in time"));
    tokio::time::timeout(TIMEOUT, operation).await.map_err(timed_out)?
}
