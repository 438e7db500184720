//! More webhooks than the store can take: the excess is refused at once, and the store works for those that still wait.

use std::{
    collections::HashSet,
    convert::Infallible,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use axum::body::Body;
use futures_util::{StreamExt, future::join_all, stream};
use otpwire::domain::{Client, InboundSms, Msisdn, ProviderAccount, Result, Sender, StoreProblem};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
};

use crate::support::{
    Backend, Replica, World,
    client::sms,
    on_both,
    program::{Installation, NUMBER, client, deliver, post},
};

/// A transaction that keeps the store from taking messages. In SQLite any transaction does.
const LOCKED: &str = "UPDATE inboxes SET last_seq = last_seq";
const STORED: &str = "SELECT provider_message_id FROM messages";
const GONE: &str = "SELECT count(*) FROM messages WHERE provider_message_id LIKE 'gone%'";

/// Messages that queue for the store, one webhook each.
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

    /// Puts `count` messages into the queue.
    async fn queue(&self, name: &str, count: usize) -> Vec<Pin<Box<dyn Future<Output = Result<()>> + '_>>> {
        let mut waiting: Vec<Pin<Box<dyn Future<Output = _>>>> = Vec::new();
        for n in 0..count {
            let mut one: Pin<Box<dyn Future<Output = _>>> = Box::pin(self.receive(format!("{name} {n}")));
            // Once polled, the message is in the queue.
            assert!(poll_fn(|cx| Poll::Ready(one.as_mut().poll(cx).is_pending())).await);
            waiting.push(one);
        }
        waiting
    }

    /// Gives the writer a batch, and waits until it is storing it.
    async fn keep_busy(&self, name: &str) -> Vec<Pin<Box<dyn Future<Output = Result<()>> + '_>>> {
        let waiting = self.queue(name, 1).await;
        self.settle().await;
        waiting
    }

    /// Waits until the queue is empty.
    async fn settle(&self) {
        while self.replica.app.count_waiting() > 0 {
            tokio::task::yield_now().await;
        }
    }
}

on_both! {
    async fn messages_beyond_the_queue_are_refused_at_once(world: World) {
        let installation = Installation::new(&world).await.with("OTPWIRE_RECEIVE_QUEUE", "64");
        installation.populate();
        let (serving, log) = installation.serve_with_log(installation.command(&["serve"]));
        installation.rent().await;
        let client = client();
        assert!(post(&client, installation.address, &sms("first", NUMBER, "x")).await);
        let holder = world.hold(LOCKED).await;
        // One batch is being stored and one queue waits. All others get a response while nothing can be stored.
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
        // It recovers at once, and acknowledged messages are stored.
        for n in 400..420 {
            assert!(post(&client, installation.address, &sms(&n.to_string(), NUMBER, "x")).await);
        }
        let there: HashSet<_> = world.column(STORED).await.into_iter().collect();
        assert!(stored.iter().all(|(id, ..)| there.contains(id)));
        // The same error is logged once, not 300 times.
        assert_eq!(log.count(&["the receive queue is full"]), 1, "{}", log.text());
        assert!(log.count(&["failed for now"]) < 12, "{}", log.text());
        drop(serving);
    }

    async fn a_backlog_is_stored_only_for_webhooks_that_still_wait(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        assert_eq!(replica.post_sms(&sms("first", &number, "x")).await.status, 200);
        let line = Line::of(&replica, number).await;
        let holder = world.hold(LOCKED).await;
        let busy = line.keep_busy("busy").await;
        // Two batches whose webhooks have timed out, and behind them a few that wait.
        drop(line.queue("gone", 128).await);
        let waiting = line.queue("waits", 10).await;
        holder.let_go().await;
        for answer in join_all(busy.into_iter().chain(waiting)).await {
            answer.unwrap();
        }
        assert_eq!(world.column(GONE).await, ["0"]);
        assert_eq!(replica.texts(&renter).await.len(), 12);
        // Without a backlog nothing is skipped: the provider may not send it again.
        let holder = world.hold(LOCKED).await;
        let busy = line.keep_busy("busy again").await;
        drop(line.queue("gone", 5).await);
        holder.let_go().await;
        for answer in join_all(busy.into_iter().chain(line.queue("last", 1).await)).await {
            answer.unwrap();
        }
        assert_eq!(world.column(GONE).await, ["5"]);
    }

    async fn a_full_queue_is_reported_for_a_while(world: World) {
        let mut world = world;
        world.settings.receive_queue = 64;
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let line = Line::of(&replica, number).await;
        let holder = world.hold(LOCKED).await;
        let busy = line.keep_busy("busy").await;
        drop(line.queue("gone", 64).await);
        // The refused webhook and, for a while, readiness report that the store is busy.
        let refused = line.receive("refused".to_owned()).await.unwrap_err();
        assert_eq!(refused.store_problem(), Some(StoreProblem::Busy));
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

    async fn a_webhook_with_more_messages_than_the_queue_is_taken_as_a_whole(world: World) {
        let mut world = world;
        world.settings.receive_queue = 64;
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let line = Line::of(&replica, number.clone()).await;
        let (from, to) = (Sender::parse("from", "GOOGLE").unwrap(), Msisdn::parse("to", &number).unwrap());
        let large = |name: &str| -> Vec<_> {
            (0..150).map(|n| InboundSms::new(format!("{name} {n}"), from.clone(), to.clone(), "x")).collect()
        };
        assert_eq!(replica.app.receive(&line.account, large("first")).await.unwrap().len(), 150);
        assert_eq!(world.column("SELECT count(*) FROM messages").await, ["150"]);
        // It waits for an empty queue, and then keeps out others: memory stays bounded.
        let holder = world.hold(LOCKED).await;
        let busy = line.keep_busy("busy").await;
        let waiting = line.queue("waiting", 1).await;
        let refused = replica.app.receive(&line.account, large("second")).await.unwrap_err();
        assert_eq!(refused.store_problem(), Some(StoreProblem::Busy));
        holder.let_go().await;
        for answer in join_all(busy.into_iter().chain(waiting)).await {
            answer.unwrap();
        }
        let holder = world.hold(LOCKED).await;
        let busy = line.keep_busy("busy again").await;
        let second = replica.app.receive(&line.account, large("second"));
        tokio::pin!(second);
        assert!(poll_fn(|cx| Poll::Ready(second.as_mut().poll(cx).is_pending())).await);
        assert_eq!(replica.app.count_waiting(), 64);
        let refused = line.receive("refused".to_owned()).await.unwrap_err();
        assert_eq!(refused.store_problem(), Some(StoreProblem::Busy));
        holder.let_go().await;
        assert_eq!(second.await.unwrap().len(), 150);
        for answer in join_all(busy).await {
            answer.unwrap();
        }
        assert_eq!(replica.app.count_waiting(), 0);
        assert_eq!(world.column("SELECT count(*) FROM messages").await, ["303"]);
    }

    async fn open_webhooks_are_limited(world: World) {
        let mut world = world;
        world.settings.receive_queue = 1;
        let (replica, _) = world.populated().await;
        let posted = async |id: &str| replica.post_sms(&sms(id, "+14155550100", "x")).await.status.as_u16();
        // As many as fit into the queue, and at least a thousand more than may have slow bodies.
        let mut room: Vec<_> = std::iter::from_fn(|| replica.app.reserve_webhook().ok()).collect();
        assert_eq!(room.len(), 2048);
        assert_eq!(posted("1").await, 503);
        room.pop();
        assert_eq!(posted("1").await, 200);
        drop(room);
        // One client network may use a quarter of the slots for slow bodies; an IPv6 subscriber is one network.
        let wait = |address: &str| {
            let client = Client { address: Some(address.parse().unwrap()), user_agent: None };
            std::iter::from_fn(|| replica.app.reserve_body(&client).ok()).collect::<Vec<_>>()
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
        // A webhook whose body has arrived needs no slot.
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
            // It waits once one slot is taken.
            let left = || ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"].map(wait).iter().map(Vec::len).sum::<usize>();
            while left() == 1024 {
                tokio::task::yield_now().await;
            }
            end.send(()).unwrap();
        });
        assert_eq!(answer, 200);
    }
}

/// The queue is first in, first out, so under lasting overload every webhook has waited long when it is stored. Its
/// provider must nevertheless still be there to get the acknowledgement.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_lasting_overload_stored_webhooks_are_acknowledged() {
    let world = World::new(Backend::Cluster).await;
    let installation = Installation::new(&world).await;
    installation.populate();
    let serving = installation.serve();
    installation.rent().await;
    // A store that takes two batches of 64 a second at most, while 1,200 webhooks wait: nine seconds of work and more,
    // of which a webhook waits six before it is skipped.
    world
        .sql(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END';
             CREATE TRIGGER slow AFTER INSERT ON messages FOR EACH STATEMENT EXECUTE FUNCTION slow()",
        )
        .await;
    let stop = tokio_util::sync::CancellationToken::new();
    let client = client();
    let providers = (0..1200).map(|provider| {
        let (client, address, stop) = (client.clone(), installation.address, stop.clone());
        tokio::spawn(async move {
            let mut acknowledged = 0;
            while !stop.is_cancelled() {
                let id = format!("{provider}-{acknowledged}");
                match post(&client, address, &sms(&id, NUMBER, "x")).await {
                    true => acknowledged += 1,
                    false => drop(stop.run_until_cancelled(tokio::time::sleep(Duration::from_millis(500))).await),
                }
            }
            acknowledged
        })
    });
    let providers: Vec<_> = providers.collect();
    let mut words = HashSet::new();
    let count = async || world.column("SELECT count(*) FROM messages").await[0].parse::<usize>().unwrap();
    while count().await < 20 * 64 {
        words.insert(installation.readiness().await.1["store"].to_string());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Counted once every webhook has its answer: however late this process gets to read it, it is one.
    stop.cancel();
    let acknowledged: usize = join_all(providers).await.into_iter().map(Result::unwrap).sum();
    let stored = count().await;
    assert!(acknowledged * 10 >= stored * 9, "of {stored} messages that were stored, {acknowledged} were acknowledged");
    assert!(words.contains("\"busy\""), "{words:?}");
    world.sql("DROP TRIGGER slow ON messages").await;
    installation.post_until_stored("last").await;
    installation.wait_until_store_is("ok").await;
    serving.stop();
}

/// A webhook whose body does not arrive is not invalid, so it gets a 503 and is sent again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_body_times_out() {
    let world = World::new(Backend::Embedded).await;
    let installation = Installation::new(&world).await;
    installation.populate();
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
