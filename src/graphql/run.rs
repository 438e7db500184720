//! Running what was asked for, whichever way it came: one place ends what takes too long and keeps a
//! panic inside its operation.

use std::{
    panic::AssertUnwindSafe,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Wake, Waker},
    time::Duration,
};

use async_graphql::{Request, Response, Value};
use futures_util::{FutureExt, Stream, StreamExt, future, stream, task::AtomicWaker};
use tokio::sync::mpsc;

use super::{
    Face,
    error::{finish, refusal},
    order::Order,
    request::Operation,
    types::{Loaders, Loads},
};
use crate::{
    clock::Clock,
    domain::{Caller, Client, Error, ErrorCode},
    http::RequestId,
};

/// How long a query or a mutation may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Who asks, from where, and in which request.
#[derive(Clone)]
pub(super) struct Asker {
    pub(super) caller: Caller,
    pub(super) client: Arc<Client>,
    pub(super) request_id: RequestId,
}

/// The answers of an operation: one, or for a subscription any number.
pub(super) struct Answers {
    responses: Pin<Box<dyn Stream<Item = Response> + Send>>,
    request_id: RequestId,
    /// How the answers are sorted, while they come from the library and are not finished yet.
    live: Option<Order>,
    ended: bool,
}

impl Face {
    /// Runs a query or a mutation.
    pub(super) async fn execute(&self, operation: Operation, asker: &Asker) -> Response {
        let Operation { request, order, .. } = operation;
        let (sender, mut loads) = mpsc::unbounded_channel();
        let request = self.prepare(request, asker, Loads::Driven(sender));
        let loads = stream::poll_fn(move |cx| loads.poll_recv(cx)).for_each_concurrent(None, |load| load);
        let mut response = bounded(gathering(self.schema.execute(request), loads), self.app.clock()).await;
        order.apply(&mut response.data);
        response
            .errors
            .iter()
            .filter_map(|error| error.source::<Error>())
            .for_each(|error| self.app.record_failure(error));
        finish(&mut response, &asker.request_id);
        response
    }

    /// Runs a subscription.
    pub(super) fn subscribe(&self, operation: Operation, asker: &Asker) -> Answers {
        let Operation { request, order, .. } = operation;
        let responses = self.schema.execute_stream(self.prepare(request, asker, Loads::Spawned));
        Answers { responses: responses.boxed(), request_id: asker.request_id.clone(), live: Some(order), ended: false }
    }

    /// A request with what its resolvers need.
    fn prepare(&self, request: Request, asker: &Asker, loads: Loads) -> Request {
        let loaders = Loaders::new(Arc::clone(&self.app), asker.caller, loads);
        request.data(asker.caller).data(Arc::clone(&asker.client)).data(loaders)
    }
}

impl Answers {
    /// The one answer of an operation that has run.
    pub(super) fn of(response: Response, request_id: RequestId) -> Self {
        Self { responses: stream::iter([response]).boxed(), request_id, live: None, ended: false }
    }

    /// The next answer. A panic is the last.
    pub(super) async fn next(&mut self) -> Option<Response> {
        if self.ended {
            return None;
        }
        let next = AssertUnwindSafe(self.responses.next()).catch_unwind().await;
        self.ended = !matches!(next, Ok(Some(_)));
        let mut response = next.unwrap_or_else(|_| Some(panicked()))?;
        if let Some(order) = &self.live {
            if response.data == Value::Null {
                // It could not begin, which is a refusal of the request: nothing of it has run. The library
                // says where the field is.
                response.errors.iter_mut().for_each(|error| error.path.clear());
            }
            order.apply(&mut response.data);
            finish(&mut response, &self.request_id);
        }
        Some(response)
    }
}

/// What an operation answers, or that it panicked or took too long.
async fn bounded(run: impl Future<Output = Response>, clock: &Clock) -> Response {
    tokio::select! {
        biased;
        done = AssertUnwindSafe(run).catch_unwind() => done.unwrap_or_else(|_| panicked()),
        () = clock.sleep(PATIENCE) => {
            let message = "the operation took too long and was given up; whether it was done is not known";
            refusal(Error::new(ErrorCode::OperationTimeout, message))
        }
    }
}

/// Runs something that asks for loads, and takes the loads whenever it can go no further without one. Every
/// row of a list has asked by then, so one look at the store answers all of them.
async fn gathering<T>(run: impl Future<Output = T>, loads: impl Future<Output = ()>) -> T {
    let (mut run, mut loads) = (pin!(run), pin!(loads));
    let step = Arc::new(Step::default());
    let waker = Waker::from(Arc::clone(&step));
    future::poll_fn(move |cx| {
        step.task.register(cx.waker());
        step.goes_on.store(false, Ordering::Relaxed);
        let polled = run.as_mut().poll(&mut Context::from_waker(&waker));
        // A long list is polled a few rows at a time, and wakes itself for the next.
        if polled.is_pending() && !step.goes_on.load(Ordering::Relaxed) {
            // The sender of the loads is part of what runs, so this does not end before it.
            let _ = loads.as_mut().poll(cx);
        }
        polled
    })
    .await
}

/// Tells whether something was woken while it was polled.
#[derive(Default)]
struct Step {
    goes_on: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Step {
    fn wake(self: Arc<Self>) {
        self.goes_on.store(true, Ordering::Relaxed);
        self.task.wake();
    }
}

/// The hook of panics has logged where it was.
fn panicked() -> Response {
    refusal(Error::internal("an operation panicked"))
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, Object, Schema, Subscription};

    use super::*;

    struct Query;

    #[Object]
    impl Query {
        async fn fine(&self) -> &str {
            "fine"
        }
    }

    struct Watch;

    #[Subscription]
    impl Watch {
        async fn panics(&self) -> impl Stream<Item = i32> {
            stream::iter(0..3).map(|n| if n < 2 { n } else { panic!("a defect") })
        }
    }

    fn code(response: &Response) -> String {
        serde_json::to_value(&response.errors[0]).unwrap()["extensions"]["code"].as_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn a_panic_is_a_failure_of_its_operation() {
        for response in [
            bounded(async { panic!("a defect") }, &Clock::System).await,
            bounded(gathering(future::pending(), async { panic!("a defect") }), &Clock::System).await,
        ] {
            assert_eq!(code(&response), "INTERNAL");
            assert!(!response.errors[0].message.contains("defect"));
        }
    }

    #[tokio::test]
    async fn a_panic_is_the_last_answer_of_its_operation() {
        let schema = Schema::new(Query, EmptyMutation, Watch);
        let responses = schema.execute_stream("subscription { panics }").boxed();
        let mut answers =
            Answers { responses, request_id: RequestId("x".into()), live: Some(Order::default()), ended: false };
        for _ in 0..2 {
            assert!(answers.next().await.unwrap().errors.is_empty());
        }
        let last = answers.next().await.unwrap();
        assert_eq!(code(&last), "INTERNAL");
        assert!(answers.next().await.is_none());
    }
}
