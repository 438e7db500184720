//! One connection, from `connection_init` to the close frame.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_graphql::parser::types::OperationType;
use axum::extract::ws::{Message, WebSocket};
use serde_json::{Map, Value};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
};
use tracing::Instrument;

use super::{
    close::{CloseReason, close, drain},
    event::{Event, work},
    keep_alive::KeepAlive,
    message_budget::MessageBudget,
    operation::{OutboundFrame, ResponseSender, RunningOperation},
    protocol::{ClientMessage, ServerMessage, Subprotocol},
    session::{SessionEvent, next_event, token_of},
};
use crate::{
    app::{
        ClosingTime,
        watching::{ConnectionPermit, SessionGuard, Transport},
    },
    domain::{Actor, Caller, Error, ErrorCode, Result},
    graphql::{
        api::GraphqlApi,
        error::finish,
        execution::RequestContext,
        refusal::Refusal,
        request::{operation::PreparedOperation, parameters::RequestParameters},
        response_budget::EventPermits,
    },
};

/// How long a client may take to send `connection_init`.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may take to read one frame.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);
/// How many operations a connection may have open.
const MAX_OPERATIONS: usize = 100;
/// How many queries and mutations of a connection run at once, or wait to be sent: responses that a client does not
/// read are kept in memory. The others wait their turn.
const MAX_RUNNING: usize = 8;
/// How many events of a connection's subscriptions are made into responses at once, or wait to be sent. The others wait
/// their turn as rows of the store.
const MAX_EVENTS: usize = 8;
/// How many frames wait to be sent, over all operations of a connection.
const FRAME_QUEUE: usize = 8;

pub(super) struct Connection {
    api: Arc<GraphqlApi>,
    cx: RequestContext,
    subprotocol: Subprotocol,
    /// Ends with the session of a user. A guest has none.
    session_guard: Option<SessionGuard>,
    /// The connection counts as one of its caller's for as long as it is open.
    permit: ConnectionPermit,
    /// Whether the client was warned that its token is about to end.
    is_warned: bool,
    is_initialised: bool,
    closing_time: ClosingTime,
    keep_alive: KeepAlive,
    message_budget: MessageBudget,
    socket: WebSocket,
    operations: HashMap<Arc<str>, RunningOperation>,
    tasks: JoinSet<()>,
    frame_sender: mpsc::Sender<Box<OutboundFrame>>,
    frames: mpsc::Receiver<Box<OutboundFrame>>,
    running: Arc<Semaphore>,
    event_permits: Arc<Semaphore>,
    generation: u64,
}

impl Connection {
    pub(super) fn new(
        api: Arc<GraphqlApi>,
        cx: RequestContext,
        subprotocol: Subprotocol,
        permit: ConnectionPermit,
        socket: WebSocket,
    ) -> Self {
        let (frame_sender, frames) = mpsc::channel(FRAME_QUEUE);
        Self {
            closing_time: api.app.closing_time(),
            keep_alive: KeepAlive::new(),
            message_budget: MessageBudget::new(api.app.clock().now()),
            api,
            cx,
            subprotocol,
            session_guard: None,
            permit,
            is_warned: false,
            is_initialised: false,
            socket,
            operations: HashMap::new(),
            tasks: JoinSet::new(),
            frame_sender,
            frames,
            running: Arc::new(Semaphore::new(MAX_RUNNING)),
            event_permits: Arc::new(Semaphore::new(MAX_EVENTS)),
            generation: 0,
        }
    }

    pub(super) async fn run(mut self) {
        let ended = self.serve().await;
        self.tasks.abort_all();
        match ended {
            Ok(()) => drain(&mut self.socket).await,
            Err(reason) => close(self.socket, reason).await,
        }
    }

    /// Serves until the client leaves, or there is a reason to close.
    async fn serve(&mut self) -> Result<(), CloseReason> {
        let app = Arc::clone(&self.api.app);
        let init_timeout = app.clock().sleep(INIT_TIMEOUT);
        tokio::pin!(init_timeout);
        loop {
            let event = tokio::select! {
                biased;
                () = self.closing_time.reached() => Event::ClosingTime,
                () = &mut init_timeout, if !self.is_initialised => Event::InitTimeout,
                event = next_event(&app, &mut self.session_guard, self.is_warned) => Event::Session(event),
                event = work(&mut self.frames, &mut self.socket, &mut self.keep_alive) => event,
            };
            match event {
                Event::ClosingTime => {
                    self.flush().await;
                    return Err(CloseReason::new(1001, "Going away"));
                }
                Event::InitTimeout => return Err(CloseReason::new(4408, "Connection initialisation timeout")),
                Event::Session(SessionEvent::Expiring) => self.warn().await?,
                // No operation is completed: a client that comes back goes on with those that are not.
                Event::Session(SessionEvent::Ended(reason)) => {
                    self.flush().await;
                    return Err(self.forbid(&reason));
                }
                Event::Frame(frame) => self.forward(frame).await?,
                Event::Received(None | Some(Ok(Message::Close(_)))) => return Ok(()),
                Event::Received(Some(Ok(message))) => self.receive(message).await?,
                Event::Received(Some(Err(error))) => return Err(CloseReason::unreadable(error)),
                Event::KeepAlive if self.keep_alive.count_ping() => self.ping().await?,
                Event::KeepAlive => return Ok(()),
            }
        }
    }

    async fn receive(&mut self, message: Message) -> Result<(), CloseReason> {
        self.keep_alive.record_message();
        match message {
            Message::Text(text) => {
                let message = ClientMessage::read(self.subprotocol, &text)?;
                // Boxed, so that an idle connection does not keep room for all of it.
                Box::pin(self.handle(message)).await
            }
            Message::Binary(_) => Err(CloseReason::invalid_message("Invalid message: must be text")),
            // The library answers pings.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => self.count_message(),
        }
    }

    /// Counts a message that starts nothing.
    fn count_message(&mut self) -> Result<(), CloseReason> {
        let is_allowed = self.message_budget.take(self.api.app.clock().now());
        is_allowed.then_some(()).ok_or_else(CloseReason::too_many_messages)
    }

    async fn handle(&mut self, message: ClientMessage) -> Result<(), CloseReason> {
        match message {
            ClientMessage::Init(_) if self.is_initialised => {
                Err(CloseReason::new(4429, "Too many initialisation requests"))
            }
            ClientMessage::Init(payload) => self.initialise(&payload).await,
            ClientMessage::Subscribe { .. } if !self.is_initialised => Err(CloseReason::new(4401, "Unauthorized")),
            ClientMessage::Subscribe { id, parameters } => self.start(id.into(), parameters).await,
            ClientMessage::Complete { id } => self.stop(&id).await,
            ClientMessage::Ping(payload) => {
                self.count_message()?;
                self.reply(&ServerMessage::Pong(payload.as_deref())).await
            }
            ClientMessage::Pong => self.count_message(),
            ClientMessage::Terminate => Err(CloseReason::new(1000, "Terminated")),
        }
    }

    async fn initialise(&mut self, payload: &Map<String, Value>) -> Result<(), CloseReason> {
        if let Some(token) = token_of(payload)
            && let Err(error) = self.authenticate(token).await
        {
            error.log_request();
            let reason = CloseReason::refused(&error);
            if self.subprotocol == Subprotocol::GraphqlWs {
                self.reply(&ServerMessage::ConnectionError { message: &reason.reason }).await?;
            }
            return Err(reason);
        }
        self.session_guard = self.api.app.guard_session(&self.cx.caller).ok();
        self.is_initialised = true;
        self.reply(&ServerMessage::Ack).await?;
        match self.subprotocol {
            Subprotocol::GraphqlTransportWs => Ok(()),
            // Its protocol wants one right after the acknowledgement.
            Subprotocol::GraphqlWs => self.reply(&ServerMessage::KeepAlive).await,
        }
    }

    async fn authenticate(&mut self, token: &str) -> Result<()> {
        let caller = self.api.app.authenticate(token, &self.cx.client).await?;
        self.api.app.reassign_connection(&mut self.permit, &caller, &self.cx.client)?;
        self.cx.caller = caller;
        Ok(())
    }

    async fn start(&mut self, id: Arc<str>, parameters: RequestParameters) -> Result<(), CloseReason> {
        if self.operations.contains_key(&id) {
            return Err(CloseReason::new(4409, format!("Subscriber for {id} already exists")));
        }
        // The rights of a user can change while the connection is open.
        let caller = self.api.app.reauthenticate(&self.cx.caller).await;
        self.update_caller(caller.map_err(|error| self.forbid(&error))?);
        let mut operation = match admit(&self.api, &self.cx, self.operations.len(), parameters).await {
            Ok(operation) => operation,
            Err(refusal) => {
                self.count_message()?;
                let mut response = refusal.into_response();
                finish(&mut response);
                return self.reply(&ServerMessage::Error { id: &id, errors: &response.errors }).await;
            }
        };
        self.message_budget.give();
        self.generation += 1;
        // Forgets the tasks that have ended.
        while self.tasks.try_join_next().is_some() {}
        let mut sender = ResponseSender {
            id: Arc::clone(&id),
            generation: self.generation,
            subprotocol: self.subprotocol,
            frames: self.frame_sender.clone(),
            permit: None,
            event_permits: None,
        };
        let (api, cx, running) = (Arc::clone(&self.api), self.cx.clone(), Arc::clone(&self.running));
        let task = match operation.kind {
            OperationType::Subscription => {
                let permits = EventPermits::new(Arc::clone(&self.event_permits));
                operation.request = operation.request.data(Arc::clone(&permits));
                sender.event_permits = Some(permits);
                self.tasks.spawn(sender.send_all(api.subscribe(operation, &cx, Transport::WebSocket)).in_current_span())
            }
            OperationType::Query | OperationType::Mutation => {
                let run = async move {
                    // The semaphore is never closed.
                    sender.permit = running.acquire_owned().await.ok();
                    let response = api.execute(operation, &cx).await;
                    sender.send_all(Box::pin(tokio_stream::once(response))).await;
                };
                self.tasks.spawn(run.in_current_span())
            }
        };
        self.operations.insert(id, RunningOperation { generation: self.generation, task });
        Ok(())
    }

    /// Takes over the rights that the caller has now. An administrator's guard ends the connection when they are one no
    /// longer, so it stays until it does.
    fn update_caller(&mut self, caller: Caller) {
        let is_admin = |caller: &Caller| caller.user().is_ok_and(Actor::is_admin);
        if is_admin(&caller) && !is_admin(&self.cx.caller) {
            self.session_guard = self.api.app.guard_session(&caller).ok();
        }
        self.cx.caller = caller;
    }

    async fn stop(&mut self, id: &str) -> Result<(), CloseReason> {
        let Some(operation) = self.operations.remove(id) else { return self.count_message() };
        operation.task.abort();
        match self.subprotocol {
            // The client's `complete` is the last message of the operation.
            Subprotocol::GraphqlTransportWs => Ok(()),
            Subprotocol::GraphqlWs => self.reply(&ServerMessage::Complete { id }).await,
        }
    }

    /// Warns the client that its token is about to end, so that it can reconnect with another before the connection is
    /// closed. The older subprotocol has no message for it.
    async fn warn(&mut self) -> Result<(), CloseReason> {
        self.is_warned = true;
        match &self.session_guard {
            Some(guard) if self.subprotocol == Subprotocol::GraphqlTransportWs => {
                let token_expires_at = guard.expires_at();
                self.reply(&ServerMessage::Ping { token_expires_at }).await
            }
            _ => Ok(()),
        }
    }

    async fn ping(&mut self) -> Result<(), CloseReason> {
        if self.subprotocol == Subprotocol::GraphqlWs && self.is_initialised {
            self.reply(&ServerMessage::KeepAlive).await?;
        }
        self.send(Message::Ping(Vec::new().into())).await
    }

    /// Sends a frame of an operation, unless the client has stopped the operation meanwhile.
    async fn forward(&mut self, frame: Box<OutboundFrame>) -> Result<(), CloseReason> {
        let current = self.operations.get(&frame.id).map(|operation| operation.generation);
        if current != Some(frame.generation) {
            return Ok(());
        }
        if frame.is_last {
            self.operations.remove(&frame.id);
        }
        self.send(Message::Text(frame.text)).await
    }

    /// Sends the frames that are queued already, and not those that come meanwhile.
    async fn flush(&mut self) {
        for _ in 0..self.frames.len() {
            let Ok(frame) = self.frames.try_recv() else { return };
            if self.forward(frame).await.is_err() {
                return;
            }
        }
    }

    /// Logs why a caller may not be connected.
    fn forbid(&self, error: &Error) -> CloseReason {
        error.log_request();
        CloseReason::forbidden(error)
    }

    async fn reply(&mut self, message: &ServerMessage<'_>) -> Result<(), CloseReason> {
        let text = message.encode(self.subprotocol);
        self.send(Message::Text(text)).await
    }

    async fn send(&mut self, message: Message) -> Result<(), CloseReason> {
        // A client that reads nothing would otherwise stay connected beyond the end of its token.
        let sent = tokio::time::timeout(SEND_TIMEOUT, self.socket.send(message)).await;
        sent.is_ok_and(|sent| sent.is_ok()).then_some(()).ok_or_else(CloseReason::gone)
    }
}

/// Counts an operation against the limits of its connection and of its caller, and prepares it.
async fn admit(
    api: &GraphqlApi,
    cx: &RequestContext,
    open_operations: usize,
    parameters: RequestParameters,
) -> Result<PreparedOperation, Refusal> {
    if open_operations >= MAX_OPERATIONS {
        let message = "this socket has as many operations open as it may";
        return Err(Error::new(ErrorCode::TooManyOperations, message).with("limit", MAX_OPERATIONS).into());
    }
    api.app.must_admit(&cx.caller, &cx.client, 1).await?;
    let prepared = api.prepare(parameters)?;
    let further = prepared.normalized.cost() - 1;
    if further > 0 {
        api.app.must_admit(&cx.caller, &cx.client, further).await?;
    }
    Ok(prepared)
}
