//! Too much at once, and too little of what is needed: a disk, a connection, a descriptor. The service says so, does
//! what it still can, and goes on by itself when there is enough again.

use std::{
    collections::HashSet,
    convert::Infallible,
    future::{Future, poll_fn},
    pin::Pin,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use axum::body::Body;
use futures_util::{StreamExt, future::join_all, stream};
use otpwire::domain::{Client, InboundSms, Msisdn, ProviderAccount, Reason, Result, Sender};
use sea_orm::ConnectionTrait;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
};

use crate::support::{
    Backend, LOCKS_WAITED_FOR, Postgres, Replica, SECRET, World,
    client::sms,
    on_both, postgres,
    program::{Installation, NUMBER, client, deliver, file_of, post},
};

const STORED: &str = "SELECT provider_message_id FROM messages";

/// Somebody who keeps the store from taking messages, until they are dropped or let go.
struct Holder(sea_orm::DatabaseConnection);

impl Holder {
    async fn take(world: &World) -> Self {
        let mut options = sea_orm::ConnectOptions::new(&world.database_url);
        options.max_connections(1);
        let connection = sea_orm::Database::connect(options).await.unwrap();
        connection
            .execute_unprepared(match world.backend {
                Backend::Embedded => "BEGIN IMMEDIATE",
                Backend::Cluster => "BEGIN; SELECT * FROM inboxes FOR UPDATE",
            })
            .await
            .unwrap();
        Self(connection)
    }

    async fn let_go(self) {
        self.0.execute_unprepared("ROLLBACK").await.unwrap();
        self.0.close().await.unwrap();
    }
}

const GONE: &str = "SELECT count(*) FROM messages WHERE provider_message_id LIKE 'gone%'";

/// Messages that stand in line for the store, one webhook each.
struct Line<'a> {
    replica: &'a Replica,
    account: ProviderAccount,
    number: String,
}

impl<'a> Line<'a> {
    async fn of(replica: &'a Replica, number: String) -> Self {
        Self { replica, account: replica.app.get_provider("sandbox").await.unwrap(), number }
    }

    async fn receive(&self, id: String) -> Result<()> {
        let (from, to) = (Sender::parse("from", "GOOGLE").unwrap(), Msisdn::parse("to", &self.number).unwrap());
        self.replica.app.receive(&self.account, vec![InboundSms::new(&id, from, to, "x")]).await.map(drop)
    }

    /// Puts so many into the queue.
    async fn queue(&self, name: &str, count: usize) -> Vec<Pin<Box<dyn Future<Output = Result<()>> + '_>>> {
        let mut waiting: Vec<Pin<Box<dyn Future<Output = _>>>> = Vec::new();
        for n in 0..count {
            let mut one: Pin<Box<dyn Future<Output = _>>> = Box::pin(self.receive(format!("{name} {n}")));
            // Polled once, a message is in the queue.
            assert!(poll_fn(|cx| Poll::Ready(one.as_mut().poll(cx).is_pending())).await);
            waiting.push(one);
        }
        waiting
    }

    /// Gives the writer something, and waits until it is at it.
    async fn keep_busy(&self, name: &str) -> Vec<Pin<Box<dyn Future<Output = Result<()>> + '_>>> {
        let waiting = self.queue(name, 1).await;
        self.settle().await;
        waiting
    }

    /// Waits until the writer has taken everything.
    async fn settle(&self) {
        while self.replica.app.count_waiting() > 0 {
            tokio::task::yield_now().await;
        }
    }
}

on_both! {
    async fn what_exceeds_the_queue_is_refused_at_once(world: World) {
        let installation = Installation::new(&world).await.with("OTPWIRE_RECEIVE_QUEUE", "64");
        installation.furnish();
        let (serving, log) = installation.serve_with_log(installation.command(&["serve"]));
        installation.rent().await;
        let client = client();
        assert!(post(&client, installation.address, &sms("first", NUMBER, "x")).await);
        let holder = Holder::take(&world).await;
        // One batch can be under way and one queue be waiting. All others are answered while nothing can be stored.
        let answered = Arc::new(AtomicUsize::new(0));
        let posts = (0..400).map(|n| {
            let (client, address, answered) = (client.clone(), installation.address, Arc::clone(&answered));
            tokio::spawn(async move {
                let id = n.to_string();
                let answer = deliver(&client, address, "sandbox", &sms(&id, NUMBER, &id)).await.unwrap();
                answered.fetch_add(1, Ordering::SeqCst);
                let pause = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
                (id, answer.status().as_u16(), pause)
            })
        });
        let posts: Vec<_> = posts.collect();
        while answered.load(Ordering::SeqCst) < 400 - 64 - 64 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        holder.let_go().await;
        let answers: Vec<_> = join_all(posts).await.into_iter().map(Result::unwrap).collect();
        let (stored, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(_, status, _)| *status == 200);
        assert!(refused.iter().all(|(_, status, pause)| *status == 503 && pause.is_some()));
        let pauses: HashSet<_> = refused.iter().map(|(_, _, pause)| pause.clone().unwrap()).collect();
        assert_eq!(pauses.len(), 4, "all would come back together: {pauses:?}");
        // It goes on at once, and what was acknowledged is there.
        for n in 400..420 {
            assert!(post(&client, installation.address, &sms(&n.to_string(), NUMBER, "x")).await);
        }
        let there: HashSet<_> = world.column(STORED).await.into_iter().collect();
        assert!(stored.iter().all(|(id, ..)| there.contains(id)));
        // What is the same for all of them is told once, not 300 times.
        assert_eq!(log.count(&["the receive queue is full"]), 1, "{}", log.text());
        assert!(log.count(&["failed for now"]) < 12, "{}", log.text());
        drop(serving);
    }

    async fn a_backlog_is_worked_off_for_those_who_still_wait(world: World) {
        let (replica, renter) = world.furnished().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        assert_eq!(replica.post_sms(&sms("first", &number, "x")).await.status, 200);
        let line = Line::of(&replica, number).await;
        let holder = Holder::take(&world).await;
        let busy = line.keep_busy("busy").await;
        // Two batches whose webhooks have given up, and behind them a few that wait.
        drop(line.queue("gone", 128).await);
        let waiting = line.queue("waits", 10).await;
        holder.let_go().await;
        for answer in join_all(busy.into_iter().chain(waiting)).await {
            answer.unwrap();
        }
        assert_eq!(world.column(GONE).await, ["0"]);
        assert_eq!(replica.texts(&renter).await.len(), 12);
        // Without a backlog nothing is passed over: a provider may not send it again.
        let holder = Holder::take(&world).await;
        let busy = line.keep_busy("busy again").await;
        drop(line.queue("gone", 5).await);
        holder.let_go().await;
        for answer in join_all(busy.into_iter().chain(line.queue("last", 1).await)).await {
            answer.unwrap();
        }
        assert_eq!(world.column(GONE).await, ["5"]);
    }

    async fn a_queue_that_is_full_is_told_for_a_while(world: World) {
        let mut world = world;
        world.settings.receive_queue = 64;
        let (replica, renter) = world.furnished().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let line = Line::of(&replica, number).await;
        let holder = Holder::take(&world).await;
        let busy = line.keep_busy("busy").await;
        drop(line.queue("gone", 64).await);
        // Who is refused is told that the store is busy, and so is the operator, for a while.
        let refused = line.receive("refused".to_owned()).await.unwrap_err();
        assert_eq!(refused.reason(), Some(Reason::Busy));
        assert_eq!(replica.get("/readyz").await.json()["store"], "busy");
        holder.let_go().await;
        for answer in join_all(busy).await {
            answer.unwrap();
        }
        line.settle().await;
        line.receive("last".to_owned()).await.unwrap();
        assert_eq!(world.column(GONE).await, ["0"]);
        world.advance(10);
        let told = replica.get("/readyz").await.json();
        assert_eq!((&told["status"], &told["store"]), (&"ok".into(), &"ok".into()));
    }

    async fn there_is_room_for_so_many_webhooks_and_no_more(world: World) {
        let mut world = world;
        world.settings.receive_queue = 1;
        let (replica, _) = world.furnished().await;
        let posted = async |id: &str| replica.post_sms(&sms(id, "+14155550100", "x")).await.status.as_u16();
        // As many as a queue of that length has; no less than those whose bodies are to come, and a thousand more.
        let mut room: Vec<_> = std::iter::from_fn(|| replica.app.enter_webhook().ok()).collect();
        assert_eq!(room.len(), 2048);
        assert_eq!(posted("1").await, 503);
        room.pop();
        assert_eq!(posted("1").await, 200);
        drop(room);
        // One place has a quarter of what there is for those whose bodies are to come; an IPv6 subscriber is one place.
        let wait = |address: &str| {
            let client = Client { address: Some(address.parse().unwrap()), user_agent: None };
            std::iter::from_fn(|| replica.app.await_body(&client).ok()).collect::<Vec<_>>()
        };
        let mut awaited = Vec::new();
        for (address, count) in [("2001:db8::1", 256), ("2001:db8::2", 0), ("192.0.2.1", 256), ("192.0.2.2", 256)] {
            let waiting = wait(address);
            assert_eq!(waiting.len(), count, "{address}");
            awaited.extend(waiting);
        }
        assert_eq!(posted("2").await, 200);
        awaited.extend(wait("192.0.2.3"));
        assert_eq!(awaited.len(), 1024);
        // Whose body is there waits for nothing.
        assert_eq!(posted("3").await, 200);
        let slow = async |id: &str, end: oneshot::Receiver<()>| {
            let whole = sms(id, "+14155550100", "x").to_string().into_bytes();
            let (begin, rest) = (whole[..9].to_vec(), whole[9..].to_vec());
            let late = stream::once(async move {
                let _ = end.await;
                rest
            });
            let body = Body::from_stream(stream::iter([begin]).chain(late).map(Ok::<_, Infallible>));
            replica.post_signed_as(&whole, body).await.status.as_u16()
        };
        let (end, ended) = oneshot::channel();
        assert_eq!(slow("4", ended).await, 503);
        drop(end);
        awaited.clear();
        let (end, ended) = oneshot::channel();
        let (answer, ()) = tokio::join!(slow("4", ended), async {
            // It has begun to wait when one place is taken.
            let left = || ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"].map(wait).iter().map(Vec::len).sum::<usize>();
            while left() == 1024 {
                tokio::task::yield_now().await;
            }
            end.send(()).unwrap();
        });
        assert_eq!(answer, 200);
    }

    /// The log is on the same disk, often. It must not take the server with it.
    async fn a_log_that_cannot_be_written_costs_its_lines(world: World) {
        let installation = Installation::new(&world).await.with("OTPWIRE_LOG", "trace");
        installation.furnish();
        let mut command = installation.command(&["serve"]);
        command.stderr(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
        let serving = installation.start(command);
        let token = installation.rent().await;
        for n in 0..10 {
            installation.post_until_stored(&n.to_string()).await;
        }
        assert_eq!(installation.count_messages(&token).await, 10);
        serving.stop();
    }
}

/// Those who wait longest are served first, so while more comes than the store takes, all have waited long when their
/// turn comes. What the store does must nevertheless be for webhooks that hear of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_lasting_overload_the_work_is_not_in_vain() {
    let world = World::new(Backend::Cluster).await;
    let installation = Installation::new(&world).await;
    installation.furnish();
    let serving = installation.serve();
    installation.rent().await;
    // A store that takes one batch of 64 in a second, while a thousand wait: sixteen seconds of work.
    world
        .sql(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.8); RETURN NULL; END';
             CREATE TRIGGER slow AFTER INSERT ON messages FOR EACH STATEMENT EXECUTE FUNCTION slow()",
        )
        .await;
    let (stop, acknowledged) = (tokio_util::sync::CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
    let client = client();
    let providers = (0..1500).map(|provider| {
        let (client, address, stop) = (client.clone(), installation.address, stop.clone());
        let acknowledged = Arc::clone(&acknowledged);
        tokio::spawn(stop.run_until_cancelled_owned(async move {
            for n in 0.. {
                let id = format!("{provider}-{n}");
                while !post(&client, address, &sms(&id, NUMBER, "x")).await {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
                acknowledged.fetch_add(1, Ordering::SeqCst);
            }
        }))
    });
    let providers: Vec<_> = providers.collect();
    let mut words = HashSet::new();
    let stored = loop {
        words.insert(installation.readiness().await.1["store"].to_string());
        let stored: usize = world.column("SELECT count(*) FROM messages").await[0].parse().unwrap();
        if stored >= 18 * 64 {
            break stored;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    // One batch may be committed and not answered yet.
    let acknowledged = acknowledged.load(Ordering::SeqCst) + 64;
    stop.cancel();
    join_all(providers).await;
    assert!(acknowledged * 10 >= stored * 9, "of {stored} messages that were stored, {acknowledged} were acknowledged");
    assert!(words.contains("\"busy\""), "{words:?}");
    world.sql("DROP TRIGGER slow ON messages").await;
    installation.post_until_stored("last").await;
    installation.wait_until_store_is("ok").await;
    serving.stop();
}

/// Nothing is known of a webhook whose body does not come, so nothing is wrong with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let world = World::new(Backend::Embedded).await;
    let installation = Installation::new(&world).await;
    installation.furnish();
    let serving = installation.serve();
    let mut slow = TcpStream::connect(installation.address).await.unwrap();
    let head =
        "POST /v1/webhooks/sms?provider=sandbox HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 9\r\n\r\n{";
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: "), "{answer}");
    serving.stop();
}

/// A disk that takes no more, and then does again, under the same process.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_embedded_database_that_cannot_grow_is_told_and_mended() {
    let world = World::new(Backend::Embedded).await;
    let installation = Installation::new(&world).await.with("OTPWIRE_LOG", "info");
    installation.furnish();
    // Writing beyond the limit fails instead of ending the process, as on a full disk.
    let command = installation.server_by("trap '' XFSZ; exec \"$0\" serve");
    let (serving, log) = installation.serve_with_log(command);
    let token = installation.rent().await;
    for n in 0..5 {
        installation.post_until_stored(&n.to_string()).await;
    }
    for round in 0..3 {
        let before = installation.count_messages(&token).await;
        serving.limit("--fsize=4096:unlimited");
        let client = client();
        for n in 0..20 {
            let message = sms(&format!("full {round} {n}"), NUMBER, "x");
            let answer = deliver(&client, installation.address, "sandbox", &message).await.unwrap();
            assert_eq!(answer.status(), 503);
            assert!(answer.headers().contains_key("retry-after"));
        }
        assert_eq!(installation.count_messages(&token).await, before, "reading goes on");
        let (status, told) = installation.readiness().await;
        assert_eq!((status, &told["status"]), (200, &"degraded".into()));
        assert!(["full", "failing"].contains(&told["store"].as_str().unwrap()), "{told}");
        serving.limit("--fsize=unlimited:unlimited");
        // Readiness needs no message to see that it is over.
        installation.wait_until_store_is("ok").await;
        installation.post_until_stored(&format!("again {round}")).await;
        assert_eq!(installation.count_messages(&token).await, before + 1);
    }
    assert_eq!(world.column("SELECT integrity_check FROM pragma_integrity_check").await, ["ok"]);
    assert!(log.count(&["messages are stored again"]) >= 1, "{}", log.text());
    assert!(log.count(&["failed for now"]) < 12, "{}", log.text());
    serving.stop();
}

/// A real file system that is really full, where the test may make one.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_is_called_full() {
    // A name space of its own: the file system is gone with the server.
    let may = Command::new("unshare").args(["-rm", "true"]).status();
    if !may.is_ok_and(|status| status.success()) {
        eprintln!("no file system can be made here; the test before this one shows the same with a limit");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display();
    let installation = Installation::over(&format!("sqlite:{path}/otpwire.sqlite")).with("OTPWIRE_LOG", "info");
    let fill = format!(
        "mount -t tmpfs -o size=3m none {path} && \"$0\" migrate up >/dev/null \
         && echo \"{SECRET}\" | \"$0\" admin add-provider --kind sandbox --name sandbox >/dev/null \
         && echo '{NUMBER}' | \"$0\" admin import-numbers --provider sandbox - >/dev/null \
         && echo 'correct horse battery' | \"$0\" admin create-user --email renter@example.com >/dev/null \
         && exec \"$0\" serve"
    );
    let mut command = Command::new("unshare");
    command.args(["-rm", "/bin/sh", "-c", &fill, env!("CARGO_BIN_EXE_otpwire")]);
    let (serving, log) = installation.serve_with_log(installation.surround(command, &[]));
    let token = installation.rent().await;
    installation.post_until_stored("0").await;
    let filler = format!("/proc/{}/root{path}/filler", serving.id());
    // Until not even a byte more fits.
    let mut bytes = vec![0; 4 << 20];
    while !bytes.is_empty() {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&filler).unwrap();
        if std::io::Write::write_all(&mut &file, &bytes).is_err() {
            bytes.truncate(bytes.len() / 2);
        }
    }
    // What the log has room for already, it still takes.
    let mut n = 0;
    let client = client();
    while post(&client, installation.address, &sms(&format!("fits {n}"), NUMBER, "x")).await {
        n += 1;
    }
    installation.wait_until_store_is("full").await;
    assert!(log.count(&["reason=\"full\"", "database or disk is full"]) >= 1, "{}", log.text());
    assert_eq!(installation.count_messages(&token).await, 1 + n);
    std::fs::remove_file(&filler).unwrap();
    installation.wait_until_store_is("ok").await;
    installation.post_until_stored("last").await;
    assert_eq!(installation.count_messages(&token).await, 2 + n);
    serving.stop();
}

/// Runs statements on one connection.
async fn run(database: &str, statements: &[&str]) {
    let mut options = sea_orm::ConnectOptions::new(database);
    options.max_connections(1);
    let connection = sea_orm::Database::connect(options).await.unwrap();
    for statement in statements {
        connection.execute_unprepared(statement).await.unwrap();
    }
    connection.close().await.unwrap();
}

fn name_of(database_url: &str) -> &str {
    database_url.rsplit('/').next().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgresql_that_is_full_is_told_and_mended() {
    let world = World::new(Backend::Cluster).await;
    let installation = Installation::new(&world).await.with("OTPWIRE_LOG", "info");
    installation.furnish();
    let (serving, log) = installation.serve_with_log(installation.command(&["serve"]));
    let token = installation.rent().await;
    installation.post_until_stored("0").await;
    let refuse = "BEGIN RAISE EXCEPTION ''could not extend file'' USING ERRCODE = ''53100''; END";
    world
        .sql(&format!(
            "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS '{refuse}';
             CREATE TRIGGER no_space BEFORE INSERT ON messages FOR EACH STATEMENT EXECUTE FUNCTION no_space();
             CREATE TRIGGER no_space BEFORE INSERT ON api_rate_limits FOR EACH STATEMENT EXECUTE FUNCTION no_space()"
        ))
        .await;
    let client = client();
    for n in 0..20 {
        let answer = deliver(&client, installation.address, "sandbox", &sms(&format!("full {n}"), NUMBER, "x")).await;
        assert_eq!(answer.unwrap().status(), 503);
    }
    installation.wait_until_store_is("full").await;
    assert_eq!(installation.readiness().await.0, 200);
    assert_eq!(installation.count_messages(&token).await, 1);
    world.sql("DROP FUNCTION no_space CASCADE").await;
    installation.wait_until_store_is("ok").await;
    installation.post_until_stored("last").await;
    assert_eq!(installation.count_messages(&token).await, 2);
    assert!(log.count(&["reason=\"full\"", "could not extend file"]) >= 1, "{}", log.text());
    assert!(log.count(&["failed for now"]) < 12, "{}", log.text());
    serving.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgresql_that_takes_no_changes_is_told_and_mended() {
    let world = World::new(Backend::Cluster).await;
    let installation = Installation::new(&world).await;
    installation.furnish();
    let serving = installation.serve();
    let token = installation.rent().await;
    installation.post_until_stored("0").await;
    let database = name_of(&world.database_url);
    let read_only = async |wish: &str| {
        let set = format!("ALTER DATABASE {database} SET default_transaction_read_only = {wish}");
        let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'");
        run(&postgres().await.url("postgres"), &[&set, &end]).await;
    };
    read_only("on").await;
    let client = client();
    let refused = async {
        loop {
            let answer = deliver(&client, installation.address, "sandbox", &sms("refused", NUMBER, "x")).await.unwrap();
            assert_eq!(answer.status(), 503);
            if installation.readiness().await.1["store"] == "read_only" {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), refused).await.expect("it does not say so");
    assert_eq!(installation.count_messages(&token).await, 1);
    read_only("off").await;
    installation.wait_until_store_is("ok").await;
    installation.post_until_stored("last").await;
    assert_eq!(installation.count_messages(&token).await, 2);
    serving.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_all_taken_do_not_keep_messages_out() {
    let world = World::new(Backend::Cluster).await;
    let role = format!("limited_{}", name_of(&world.database_url));
    // Roles are the superuser's to make.
    let superuser = Postgres::superuser_url(&world.database_url);
    run(&superuser, &[&format!("CREATE ROLE {role} LOGIN CONNECTION LIMIT 0; GRANT otpwire TO {role}")]).await;
    let limited = world.database_url.replace("otpwire@", &format!("{role}@"));
    let operator = Installation::new(&world).await;
    operator.furnish();
    operator.succeed(&["admin", "add-provider", "--kind", "sandbox", "--name", "other"], SECRET);
    let installation =
        Installation::new(&world).await.with("OTPWIRE_DATABASE_URL", limited).with("OTPWIRE_DATABASE_CONNECTIONS", "2");
    // At the start it says why.
    let said = installation.fail(&["serve"], "");
    assert!(said.contains("cannot open the database") && said.contains("too many connections for role"), "{said}");
    run(&superuser, &[&format!("ALTER ROLE {role} CONNECTION LIMIT 8")]).await;
    let (serving, log) = installation.serve_with_log(installation.command(&["serve"]));
    let token = installation.rent().await;
    // Everything that has to do with users waits, with every connection of the pool.
    let mut options = sea_orm::ConnectOptions::new(&world.database_url);
    options.max_connections(1);
    let holder = sea_orm::Database::connect(options).await.unwrap();
    holder.execute_unprepared("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let address = installation.address;
    let log_in = move |n: usize| {
        let body = format!(r#"{{"email":"nobody-{n}@example.com","password":"wrong horse battery"}}"#);
        let request = client().post(format!("http://{address}/v1/auth/login"));
        request.header("content-type", "application/json").body(body).send()
    };
    // More come all the time, so whoever had to wait for one of those connections would wait in vain.
    let stop = tokio_util::sync::CancellationToken::new();
    let askers = (0..12).map(|n| {
        let stop = stop.clone();
        tokio::spawn(async move {
            let mut answers = Vec::new();
            while !stop.is_cancelled() {
                let answer = log_in(n).await.unwrap();
                answers.push((answer.status().as_u16(), answer.headers().contains_key("retry-after")));
            }
            answers
        })
    });
    let askers: Vec<_> = askers.collect();
    while world.column(LOCKS_WAITED_FOR).await != ["2"] {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // A provider that nobody has asked for yet, too.
    let messages = ["sandbox", "other"].map(async |provider| {
        let message = sms(&format!("meanwhile, by {provider}"), NUMBER, "x");
        let answer = deliver(&client(), installation.address, provider, &message).await.unwrap();
        assert_eq!(answer.status(), 200, "{provider}");
    });
    join_all(messages).await;
    stop.cancel();
    for asker in join_all(askers).await {
        assert!(asker.unwrap().iter().all(|answer| *answer == (503, true)));
    }
    assert!(log.count(&["all of database_connections are in use"]) >= 1, "{}", log.text());
    holder.execute_unprepared("ROLLBACK").await.unwrap();
    assert_eq!(log_in(12).await.unwrap().status(), 401);
    assert!(installation.count_messages(&token).await >= 1);
    // The server takes no more connections, and then does again.
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'");
    run(&superuser, &[&format!("ALTER ROLE {role} CONNECTION LIMIT 0; {end}")]).await;
    let answer = deliver(&client(), installation.address, "sandbox", &sms("refused", NUMBER, "x")).await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(installation.readiness().await.0, 503);
    run(&superuser, &[&format!("ALTER ROLE {role} CONNECTION LIMIT 8")]).await;
    installation.post_until_stored("last").await;
    installation.wait_until_store_is("ok").await;
    serving.stop();
}

#[cfg(target_os = "linux")]
mod descriptors {
    use std::{fs, io::Write as _, net::TcpStream};

    use super::*;
    use crate::support::program::Serving;

    fn open_files(serving: &Serving) -> usize {
        fs::read_dir(format!("/proc/{}/fd", serving.id())).unwrap().count()
    }

    /// How long it has kept a processor busy, in hundredths of a second.
    fn busy(serving: &Serving) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", serving.id())).unwrap();
        let fields: Vec<_> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn without_descriptors_what_is_open_goes_on() {
        let world = World::new(Backend::Cluster).await;
        let installation = Installation::new(&world).await;
        installation.furnish();
        let (serving, log) = installation.serve_with_log(installation.command(&["serve"]));
        let token = installation.rent().await;
        let known = client();
        assert!(post(&known, installation.address, &sms("0", NUMBER, "x")).await);
        serving.limit(&format!("--nofile={}:", open_files(&serving) + 4));
        // More than there are descriptors for. Each is open for its client, and none is served.
        let crowd: Vec<_> = (0..32).map(|_| TcpStream::connect(installation.address).unwrap()).collect();
        let told = async {
            while log.count(&["Too many open files"]) == 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), told).await.expect("the log does not say so");
        let before = busy(&serving);
        for n in 1..20 {
            assert!(post(&known, installation.address, &sms(&n.to_string(), NUMBER, "x")).await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // Trying without a pause would take all of a processor: a hundred hundredths and more.
        assert!(busy(&serving) - before < 80, "it spins");
        assert!(log.count(&["Too many open files"]) < 8, "{}", log.text());
        drop(crowd);
        serving.limit("--nofile=4096:");
        assert_eq!(installation.count_messages(&token).await, 20);
        installation.post_until_stored("last").await;
        serving.stop();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn as_many_as_the_system_allows_are_taken() {
        let world = World::new(Backend::Embedded).await;
        let installation = Installation::new(&world).await.with("OTPWIRE_LOG", "info");
        installation.furnish();
        let command = installation.server_by("ulimit -Sn 64; ulimit -Hn 3000; exec \"$0\" serve");
        let (serving, log) = installation.serve_with_log(command);
        let limits = fs::read_to_string(format!("/proc/{}/limits", serving.id())).unwrap();
        let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
        assert!(files.contains("3000                 3000"), "{files}");
        assert!(log.count(&["open files", "3000"]) == 1, "{}", log.text());
        // It uses them.
        let crowd: Vec<_> = (0..200).map(|_| TcpStream::connect(installation.address).unwrap()).collect();
        for mut one in &crowd {
            one.write_all(b"GET /healthz HTTP/1.1\r\n").unwrap();
        }
        while open_files(&serving) < 200 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        serving.stop();
    }
}

/// A file that nobody may write is told of at the start.
#[tokio::test]
async fn a_database_that_must_not_be_written_is_refused_at_the_start() {
    let world = World::new(Backend::Embedded).await;
    let url = format!("{}?mode=ro", world.database_url);
    let said = Installation::over(&url).fail(&["serve"], "");
    assert!(said.contains("`mode=ro` does not go"), "{said}");
    let file = file_of(&world.database_url);
    let mut rights = std::fs::metadata(file).unwrap().permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(file, rights).unwrap();
    if std::fs::OpenOptions::new().write(true).open(file).is_ok() {
        // Rights do not bind this user.
        return;
    }
    let said = Installation::over(&world.database_url).fail(&["serve"], "");
    assert!(said.contains("cannot write") && said.contains("otpwire.sqlite"), "{said}");
}
