//! One GraphQL socket: who it is, what it watches, and how it ends.
//!
//! The socket's own task reads and writes. Each operation has a task beside it, which hands over
//! frames through one short queue, so a busy operation starves nobody, and a client that stops
//! reading stops its operations rather than filling our memory: their watchers then heal from the
//! store when it reads again.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_graphql::parser::types::OperationType;
use axum::{
    extract::{
        WebSocketUpgrade,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket},
    },
    http::{HeaderMap, HeaderValue},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::{Instant, Interval, MissedTickBehavior},
};
use tokio_tungstenite::tungstenite;

use super::{
    Face,
    error::{finish, is_refusal, refusal},
    protocol::{ClientMessage, Close, Dialect, ServerMessage},
    request::{Operation, Parameters},
    run::{Answers, Asker},
};
use crate::{
    app::{
        App,
        watching::{ConnectionPermit, SessionGuard},
    },
    domain::{Caller, Client, Error, ErrorCode},
    http::{ErrorResponse, RequestId, RequestIdentity, bearer_token},
};

/// How long a client may take to introduce itself.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a quiet client is asked whether it is there. One that stays silent for two of these
/// is gone.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long before its access token ends a client is told.
const WARNING: TimeDelta = TimeDelta::seconds(60);
/// How long a client may take to read what it asked for.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);
/// How long we wait for a client's half of the closing handshake.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// The code of a connection that ended without a closing handshake. It is never sent.
const GONE: u16 = 1006;
/// The largest message that is read, in bytes.
const MAX_MESSAGE: usize = 64 * 1024;
/// How many operations a socket may have open.
const MAX_OPERATIONS: usize = 100;
/// How many frames wait for the socket, over all its operations.
const OUTBOX: usize = 8;

/// Agrees on a dialect and takes the socket over.
pub(super) fn accept(
    face: Face,
    request_id: RequestId,
    identity: RequestIdentity,
    headers: &HeaderMap,
    mut upgrade: WebSocketUpgrade,
) -> Response {
    // A token in the upgrade's own header counts until `connection_init` brings another.
    let caller = match identity.caller() {
        Ok(caller) => caller,
        Err(error) => return ErrorResponse(error).into_response(),
    };
    let opened = match face.app.open_connection(&caller, &identity.client) {
        Ok(opened) => opened,
        Err(error) => return ErrorResponse(error).into_response(),
    };
    let dialect = Dialect::preferred(headers);
    if let Some(dialect) = dialect {
        upgrade.set_selected_protocol(HeaderValue::from_static(dialect.name()));
    }
    // Buffers are small because most sockets are idle most of the time.
    let upgrade =
        upgrade.max_message_size(MAX_MESSAGE).max_frame_size(MAX_MESSAGE).read_buffer_size(1024).write_buffer_size(0);
    let sockets = face.sockets.clone();
    upgrade.on_upgrade(move |socket| {
        let serve = async move {
            match dialect {
                Some(dialect) => {
                    let session = Session::new(face, request_id, dialect, caller, identity.client, opened, socket);
                    Box::pin(session.run()).await
                }
                None => close(socket, Close::new(4406, "Subprotocol not acceptable")).await,
            }
        };
        sockets.track_future(serve)
    })
}

/// A frame of an operation on its way to the socket. It travels in a box: the queue has room for more
/// than it holds, and an idle socket should not pay for that.
struct Outgoing {
    id: Arc<str>,
    /// Tells an operation from an earlier one that had the same id.
    generation: u64,
    frame: Utf8Bytes,
    is_last: bool,
}

struct Started {
    generation: u64,
    task: AbortHandle,
}

struct Session {
    face: Face,
    request_id: RequestId,
    dialect: Dialect,
    caller: Caller,
    client: Arc<Client>,
    /// For as long as a user who has introduced himself may be here.
    stay: Option<SessionGuard>,
    /// For as long as the socket counts as one of its caller's.
    opened: ConnectionPermit,
    /// Whether the client was told that its token is about to end.
    is_warned: bool,
    is_ready: bool,
    socket: WebSocket,
    operations: HashMap<Arc<str>, Started>,
    tasks: JoinSet<()>,
    outbox: mpsc::Sender<Box<Outgoing>>,
    outgoing: mpsc::Receiver<Box<Outgoing>>,
    generation: u64,
    heard_at: Instant,
}

impl Session {
    fn new(
        face: Face,
        request_id: RequestId,
        dialect: Dialect,
        caller: Caller,
        client: Arc<Client>,
        opened: ConnectionPermit,
        socket: WebSocket,
    ) -> Self {
        let (outbox, outgoing) = mpsc::channel(OUTBOX);
        Self {
            face,
            request_id,
            dialect,
            caller,
            client,
            stay: None,
            opened,
            is_warned: false,
            is_ready: false,
            socket,
            operations: HashMap::new(),
            tasks: JoinSet::new(),
            outbox,
            outgoing,
            generation: 0,
            heard_at: Instant::now(),
        }
    }

    async fn run(mut self) {
        let ended = self.serve().await;
        self.tasks.abort_all();
        if let Err(reason) = ended {
            if self.dialect == Dialect::Legacy && reason.code == 4403 && !self.is_ready {
                let refused = ServerMessage::ConnectionError { message: &reason.reason }.encode(self.dialect);
                let _ = self.socket.send(Message::Text(refused)).await;
            }
            close(self.socket, reason).await;
        } else {
            // The client closes: reading on lets our half of the handshake out.
            rest(&mut self.socket).await;
        }
    }

    /// Serves until the client leaves, or there is a reason to close.
    async fn serve(&mut self) -> Result<(), Close> {
        let app = Arc::clone(&self.face.app);
        let mut keep_alive = keep_alive();
        let init_timeout = app.clock().sleep(INIT_TIMEOUT);
        tokio::pin!(init_timeout);
        loop {
            tokio::select! {
                () = app.shutdown_started() => {
                    self.flush().await;
                    return Err(Close::new(1001, "Going away"));
                }
                () = &mut init_timeout, if !self.is_ready => {
                    return Err(Close::new(4408, "Connection initialisation timeout"));
                }
                turn = turn_of(&app, &mut self.stay, self.is_warned) => match turn {
                    Turn::Warning => self.warn().await?,
                    Turn::End(reason) => {
                        self.flush().await;
                        return Err(self.refuse(&reason));
                    }
                },
                Some(outgoing) = self.outgoing.recv() => self.forward(outgoing).await?,
                received = self.socket.recv() => match received {
                    Some(Ok(message)) => {
                        self.heard_at = Instant::now();
                        match message {
                            Message::Text(text) => {
                                let message = ClientMessage::read(self.dialect, &text)?;
                                // Boxed, so that an idle socket does not keep room for all of it.
                                Box::pin(self.handle(message)).await?;
                            }
                            Message::Binary(_) => return Err(Close::new(4400, "Invalid message: must be text")),
                            // The library answers pings and the closing handshake.
                            Message::Ping(_) | Message::Pong(_) => {}
                            Message::Close(_) => return Ok(()),
                        }
                    }
                    Some(Err(error)) => return Err(unreadable(error)),
                    None => return Ok(()),
                },
                _ = keep_alive.tick() => {
                    if self.heard_at.elapsed() >= KEEP_ALIVE * 2 {
                        return Ok(());
                    }
                    self.send(Message::Ping(Vec::new().into())).await?;
                }
            }
        }
    }

    async fn handle(&mut self, message: ClientMessage) -> Result<(), Close> {
        match message {
            ClientMessage::Init(_) if self.is_ready => Err(Close::new(4429, "Too many initialisation requests")),
            ClientMessage::Init(payload) => {
                if let Some(token) = token_of(&payload) {
                    let caller = self.face.app.authenticate(token, &self.client).await;
                    self.caller = caller.map_err(|error| self.refuse(&error))?;
                    let opened = self.face.app.open_connection(&self.caller, &self.client);
                    self.opened = opened.map_err(|error| self.refuse(&error))?;
                }
                self.stay = self.face.app.guard_session(&self.caller).ok();
                self.is_ready = true;
                self.say(&ServerMessage::Ack).await
            }
            ClientMessage::Subscribe { .. } if !self.is_ready => Err(Close::new(4401, "Unauthorized")),
            ClientMessage::Subscribe { id, parameters } => self.start(id.into(), parameters).await,
            ClientMessage::Complete { id } => {
                if let Some(operation) = self.operations.remove(id.as_str()) {
                    operation.task.abort();
                    if self.dialect == Dialect::Legacy {
                        // The older dialect echoes; in the newer one the client has had the last word.
                        return self.say(&ServerMessage::Complete { id: &id }).await;
                    }
                }
                Ok(())
            }
            ClientMessage::Ping(payload) => self.say(&ServerMessage::Pong(payload.as_deref())).await,
            ClientMessage::Pong => Ok(()),
            ClientMessage::Terminate => Err(Close::new(1000, "Terminated")),
        }
    }

    async fn start(&mut self, id: Arc<str>, parameters: Parameters) -> Result<(), Close> {
        if self.operations.contains_key(&id) {
            return Err(Close::new(4409, format!("Subscriber for {id} already exists")));
        }
        // What a user may do can change while the socket is open.
        self.caller = self.face.app.reauthenticate(&self.caller).await.map_err(|error| self.refuse(&error))?;
        let is_full = self.operations.len() >= MAX_OPERATIONS;
        let operation = match admit(&self.face, &self.caller, &self.client, is_full, parameters).await {
            Ok(admitted) => admitted,
            Err(error) => {
                let mut response = refusal(error);
                finish(&mut response, &self.request_id);
                return self.say(&ServerMessage::Error { id: &id, errors: &response.errors }).await;
            }
        };
        self.generation += 1;
        // Tasks that have ended are let go of as new ones start.
        while self.tasks.try_join_next().is_some() {}
        let run = Run {
            id: Arc::clone(&id),
            generation: self.generation,
            dialect: self.dialect,
            outbox: self.outbox.clone(),
        };
        let asker =
            Asker { caller: self.caller, client: Arc::clone(&self.client), request_id: self.request_id.clone() };
        let face = self.face.clone();
        let task = match operation.kind {
            OperationType::Subscription => self.tasks.spawn(run.forward(face.subscribe(operation, &asker))),
            OperationType::Query | OperationType::Mutation => self.tasks.spawn(async move {
                let response = face.execute(operation, &asker).await;
                run.forward(Answers::of(response, asker.request_id)).await;
            }),
        };
        self.operations.insert(id, Started { generation: self.generation, task });
        Ok(())
    }

    /// Tells the client that its token is about to end, so that it can come back with another before it
    /// is sent away. The older dialect has no word for it.
    async fn warn(&mut self) -> Result<(), Close> {
        self.is_warned = true;
        match &self.stay {
            Some(stay) if self.dialect == Dialect::Modern => {
                let token_expires_at = stay.expires_at();
                self.say(&ServerMessage::Ping { token_expires_at }).await
            }
            _ => Ok(()),
        }
    }

    /// Passes a frame of an operation on, unless the client has ended it meanwhile.
    async fn forward(&mut self, outgoing: Box<Outgoing>) -> Result<(), Close> {
        let current = self.operations.get(&outgoing.id).map(|operation| operation.generation);
        if current != Some(outgoing.generation) {
            return Ok(());
        }
        if outgoing.is_last {
            self.operations.remove(&outgoing.id);
        }
        self.send(Message::Text(outgoing.frame)).await
    }

    /// Passes on what is waiting already, and not what comes meanwhile.
    async fn flush(&mut self) {
        for _ in 0..self.outgoing.len() {
            let Ok(outgoing) = self.outgoing.try_recv() else { return };
            if self.forward(outgoing).await.is_err() {
                return;
            }
        }
    }

    /// The reason to close for somebody who may not be here.
    fn refuse(&self, error: &Error) -> Close {
        error.log(&self.request_id.0);
        match error.code() {
            ErrorCode::TooManyConnections => Close::new(1013, format!("Try again later: {error}")),
            _ if error.is_server_error() => Close::new(1013, "Try again later"),
            _ => Close::new(4403, format!("Forbidden: {error}")),
        }
    }

    async fn say(&mut self, message: &ServerMessage<'_>) -> Result<(), Close> {
        let frame = message.encode(self.dialect);
        self.send(Message::Text(frame)).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Close> {
        // A client that reads nothing for this long is not waited for: it would outstay its token.
        let sent = tokio::time::timeout(SEND_TIMEOUT, self.socket.send(message)).await;
        sent.is_ok_and(|sent| sent.is_ok()).then_some(()).ok_or(Close::new(GONE, "the client is gone"))
    }
}

/// An operation that runs.
struct Run {
    id: Arc<str>,
    generation: u64,
    dialect: Dialect,
    outbox: mpsc::Sender<Box<Outgoing>>,
}

impl Run {
    async fn forward(self, mut answers: Answers) {
        while let Some(response) = answers.next().await {
            if is_refusal(&response) {
                self.hand_over(&ServerMessage::Error { id: &self.id, errors: &response.errors }, true).await;
                return;
            }
            if !self.hand_over(&ServerMessage::Next { id: &self.id, response: &response }, false).await {
                return;
            }
        }
        self.hand_over(&ServerMessage::Complete { id: &self.id }, true).await;
    }

    /// Answers whether the socket is still there.
    async fn hand_over(&self, message: &ServerMessage<'_>, is_last: bool) -> bool {
        let frame = message.encode(self.dialect);
        let outgoing = Outgoing { id: Arc::clone(&self.id), generation: self.generation, frame, is_last };
        self.outbox.send(Box::new(outgoing)).await.is_ok()
    }
}

/// Counts an operation and reads it.
async fn admit(
    face: &Face,
    caller: &Caller,
    client: &Client,
    is_full: bool,
    parameters: Parameters,
) -> Result<Operation, Error> {
    if is_full {
        let message = "this socket has as many operations open as it may";
        return Err(Error::new(ErrorCode::TooManyOperations, message).with("limit", MAX_OPERATIONS));
    }
    face.app.must_admit(caller, client, 1).await?;
    face.read(parameters)
}

/// The token that a client introduces itself with: `Authorization` or `authorization`, with or
/// without the scheme, or `token`.
fn token_of(payload: &serde_json::Map<String, serde_json::Value>) -> Option<&str> {
    let given = |name: &str| payload.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty());
    let text = ["Authorization", "authorization", "token"].into_iter().find_map(given)?;
    Some(bearer_token(text).unwrap_or(text))
}

/// What becomes of somebody's stay.
enum Turn {
    /// Their access token is about to end.
    Warning,
    /// They may no longer be here.
    End(Error),
}

/// Returns when a user is to be warned, or may no longer be here; a guest may stay.
async fn turn_of(app: &App, stay: &mut Option<SessionGuard>, is_warned: bool) -> Turn {
    let Some(stay) = stay else { return std::future::pending().await };
    let warn_at = stay.expires_at() - WARNING;
    tokio::select! {
        biased;
        reason = stay.ended() => Turn::End(reason),
        () = app.clock().sleep_until(warn_at), if !is_warned => Turn::Warning,
    }
}

fn keep_alive() -> Interval {
    let mut interval = tokio::time::interval_at(Instant::now() + KEEP_ALIVE, KEEP_ALIVE);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// Sends a close frame and waits a little for the client's: leaving first could cut off what is
/// still on its way to it.
async fn close(mut socket: WebSocket, reason: Close) {
    if reason.code == GONE {
        return;
    }
    let frame = CloseFrame { code: reason.code, reason: reason.reason.into() };
    let sent = tokio::time::timeout(CLOSE_TIMEOUT, socket.send(Message::Close(Some(frame)))).await;
    if sent.is_ok_and(|sent| sent.is_ok()) {
        rest(&mut socket).await;
    }
}

/// Reads what is left, for a little while.
async fn rest(socket: &mut WebSocket) {
    let rest = async { while let Some(Ok(_)) = socket.recv().await {} };
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, rest).await;
}

/// Why a frame could not be read (RFC 6455, 7.4.1).
fn unreadable(error: axum::Error) -> Close {
    match error.into_inner().downcast::<tungstenite::Error>().as_deref() {
        Ok(tungstenite::Error::Capacity(_)) => Close::new(1009, "Message too big"),
        Ok(tungstenite::Error::Utf8(_)) => Close::new(1007, "Invalid UTF-8"),
        Ok(tungstenite::Error::Protocol(_)) => Close::new(1002, "Protocol error"),
        _ => Close::new(GONE, "the client is gone"),
    }
}
