//! The bare baseline of GraphQL: the transports of async-graphql-axum over a schema that reads nothing, in a process of
//! its own. It has our field names, so that the same clients can ask both.

use std::{
    net::{SocketAddr, TcpListener},
    process::{Child, Command},
};

use async_graphql::{EmptyMutation, Object, Schema, SimpleObject, Subscription as SubscriptionRoot};
use async_graphql_axum::{GraphQL, GraphQLSubscription};
use axum::{Router, routing::get_service};
use futures_util::{Stream, stream};

use crate::server::{memory_kib, wait_for};

/// The first argument of the process that serves.
const ARGUMENT: &str = "serve-baseline";

struct Query;

#[derive(SimpleObject)]
struct User {
    id: &'static str,
    email: &'static str,
}

#[Object]
impl Query {
    async fn viewer(&self) -> User {
        User { id: "usr_1", email: "renter0@example.com" }
    }
}

#[derive(SimpleObject)]
struct MessageReceived {
    message: Message,
}

#[derive(SimpleObject)]
struct Message {
    message_content: &'static str,
}

struct Subscription;

#[SubscriptionRoot]
impl Subscription {
    async fn message_received(&self) -> impl Stream<Item = MessageReceived> {
        stream::pending()
    }
}

/// Serves for ever, if this process was started to.
pub(crate) async fn serve_if_asked() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some(ARGUMENT) {
        return;
    }
    let listener = tokio::net::TcpListener::bind(arguments.next().unwrap()).await.unwrap();
    let schema = Schema::new(Query, EmptyMutation, Subscription);
    let websocket = get_service(GraphQLSubscription::new(schema.clone()));
    let router = Router::new().route("/graphql", websocket.post_service(GraphQL::new(schema)));
    axum::serve(listener, router).await.unwrap();
}

/// The process that serves.
pub(crate) struct Baseline {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Drop for Baseline {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Baseline {
    pub(crate) fn start() -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let program = std::env::current_exe().unwrap();
        let process = Command::new(program).args([ARGUMENT, &address.to_string()]).spawn().unwrap();
        wait_for(address);
        Self { process, address }
    }

    /// Its resident memory, in KiB.
    pub(crate) fn memory_kib(&self) -> i64 {
        memory_kib(&self.process)
    }
}
