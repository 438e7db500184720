//! Running operations, whichever transport brought them. Here alone an operation that takes too long is ended, and a
//! panic is kept inside its operation.

use std::{panic::AssertUnwindSafe, pin::Pin, sync::Arc};

use async_graphql::{Request, Response, Value, parser::types::OperationType};
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::sync::mpsc;

use super::{
    api::GraphqlApi,
    batching::{BatchRunner, run_with_batches},
    error::{finish, refusal},
    loaders::Loaders,
    request::{normalized::NormalizedOperation, operation::PreparedOperation},
    response_budget::ResponseBudget,
    time_limit::TimeLimit,
};
use crate::{
    app::watching::Transport,
    clock::Clock,
    domain::{Caller, Client, Error, ErrorCode},
};

/// Whom an operation runs for.
#[derive(Clone)]
pub(super) struct RequestContext {
    pub(super) caller: Caller,
    pub(super) client: Arc<Client>,
}

/// The responses of an operation: one, or for a subscription one for each event.
pub(super) type ResponseStream = Pin<Box<dyn Stream<Item = Response> + Send>>;

impl GraphqlApi {
    /// Runs a query or a mutation.
    pub(super) async fn execute(&self, operation: PreparedOperation, cx: &RequestContext) -> Response {
        let PreparedOperation { request, normalized, kind } = operation;
        let running = self.measures.start(kind);
        let (sender, batches) = mpsc::unbounded_channel();
        let mut request =
            self.with_context(request, cx, BatchRunner::Queue(sender)).data(ResponseBudget::of_response());
        let limit = (kind == OperationType::Mutation).then(|| Arc::new(TimeLimit::start(self.app.clock())));
        if let Some(limit) = &limit {
            request = request.data(Arc::clone(limit));
        }
        // Boxed, because it is large: every future around it would have to hold it, and move it over the stack.
        let run = run_with_batches(Box::pin(self.schema.execute(request)), batches);
        let mut response = within_timeout(run, limit.as_deref(), self.app.clock()).await;
        normalized.shape(&mut response);
        let failures = response.errors.iter().filter_map(|error| error.source::<Error>());
        failures.for_each(|error| self.app.record_failure(error));
        running.record_response(&response);
        finish(&mut response);
        response
    }

    /// Runs a subscription whose events go to a transport.
    pub(super) fn subscribe(
        &self,
        operation: PreparedOperation,
        cx: &RequestContext,
        transport: Transport,
    ) -> ResponseStream {
        let PreparedOperation { request, normalized, kind } = operation;
        let running = self.measures.start(kind);
        let request = self.with_context(request, cx, BatchRunner::Spawn).data(ResponseBudget::of_events());
        let request = request.data(transport).data(running.clone());
        events(self.schema.execute_stream(request), Some(normalized))
            .inspect(move |response| running.record_response(response))
            .boxed()
    }

    /// Adds to a request what its resolvers need.
    fn with_context(&self, request: Request, cx: &RequestContext, batches: BatchRunner) -> Request {
        let loaders = Loaders::new(Arc::clone(&self.app), cx.caller, batches);
        request.data(cx.caller).data(Arc::clone(&cx.client)).data(loaders)
    }
}

/// The responses of a subscription, finished. A panic is the last.
fn events(
    responses: impl Stream<Item = Response> + Send,
    normalized: Option<Arc<NormalizedOperation>>,
) -> impl Stream<Item = Response> + Send {
    let mut has_started = false;
    AssertUnwindSafe(responses).catch_unwind().map(move |response| {
        let mut response = response.unwrap_or_else(|_| panicked());
        let is_first = !std::mem::replace(&mut has_started, true);
        if is_first && response.data == Value::Null {
            // The subscription could not start, which is a refusal of the request: nothing of it has run. The
            // library names the path of the field.
            response.errors.iter_mut().for_each(|error| error.path.clear());
        }
        if let Some(normalized) = &normalized {
            normalized.shape(&mut response);
        }
        finish(&mut response);
        response
    })
}

/// The response of an operation, or that it panicked or took too long.
async fn within_timeout(
    operation: impl Future<Output = Response>,
    limit: Option<&TimeLimit>,
    clock: &Clock,
) -> Response {
    tokio::select! {
        biased;
        response = AssertUnwindSafe(operation).catch_unwind() => response.unwrap_or_else(|_| panicked()),
        () = TimeLimit::reached(limit, clock) => {
            let message = "the operation took too long and was given up; whether it was done is not known";
            refusal(Error::new(ErrorCode::OperationTimeout, message))
        }
    }
}

/// The panic hook has logged where it was.
fn panicked() -> Response {
    refusal(Error::internal("an operation panicked"))
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, Object, Schema, Subscription};
    use futures_util::{future, stream};

    use super::*;

    struct Query;

    #[Object]
    impl Query {
        async fn works(&self) -> bool {
            true
        }
    }

    struct PanickingSubscription;

    #[Subscription]
    impl PanickingSubscription {
        async fn panics(&self) -> impl Stream<Item = i32> {
            stream::iter(0..3).map(|n| if n < 2 { n } else { panic!("a defect") })
        }
    }

    fn code(response: &Response) -> String {
        serde_json::to_value(&response.errors[0]).unwrap()["extensions"]["code"].as_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn a_panic_fails_its_operation() {
        let (sender, batches) = mpsc::unbounded_channel();
        BatchRunner::Queue(sender.clone()).run(Box::pin(async { panic!("a defect") }));
        for response in [
            within_timeout(async { panic!("a defect") }, None, &Clock::System).await,
            within_timeout(run_with_batches(future::pending(), batches), None, &Clock::System).await,
        ] {
            assert_eq!(code(&response), "INTERNAL");
            assert!(!response.errors[0].message.contains("defect"));
        }
    }

    #[tokio::test]
    async fn a_panic_ends_its_subscription_with_an_error() {
        let schema = Schema::new(Query, EmptyMutation, PanickingSubscription);
        let responses = schema.execute_stream("subscription { panics }");
        let mut responses = events(responses, None).boxed();
        for _ in 0..2 {
            assert!(responses.next().await.unwrap().errors.is_empty());
        }
        assert_eq!(code(&responses.next().await.unwrap()), "INTERNAL");
        assert!(responses.next().await.is_none());
    }
}
