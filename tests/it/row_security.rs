//! Row security: PostgreSQL keeps inboxes apart even without the filter of the application's queries.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement};

use crate::support::{Backend, Postgres, Renter, Replica, World, client::sms};

/// A database session of a test.
struct Session(DatabaseConnection);

impl Session {
    async fn open(url: &str) -> Self {
        let mut options = sea_orm::ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        Self(sea_orm::Database::connect(options).await.unwrap())
    }

    /// A session with the connection option of this program.
    async fn scoped(world: &World) -> Self {
        Self::open(&with_scope(&world.database_url)).await
    }

    async fn run(&self, sql: &str) -> Result<u64, DbErr> {
        Ok(self.0.execute_unprepared(sql).await?.rows_affected())
    }

    /// The texts that the session sees, in order.
    async fn texts(&self, table: &str) -> Result<Vec<String>, DbErr> {
        let sql = format!("SELECT message_content FROM {table} ORDER BY id");
        let rows = self.0.query_all_raw(Statement::from_string(sea_orm::DbBackend::Postgres, sql)).await?;
        rows.iter().map(|row| row.try_get("", "message_content")).collect()
    }
}

fn with_scope(url: &str) -> String {
    format!("{url}?options=-c%20otpwire.scope%3Dnamed")
}

/// Two renters with a message each, and one in quarantine.
async fn set_up(world: &World) -> (Replica, Renter, Renter) {
    let (replica, one) = world.populated().await;
    let other = replica.renter("other@example.com").await;
    let ones = replica.rent(&one, "US", 1).await.1;
    let others = replica.rent(&other, "US", 1).await.1;
    for (to, text) in [(ones.as_str(), "one's"), (&others, "the other's"), ("+4915123456789", "nobody's")] {
        assert_eq!(replica.post_sms(&sms(text, to, text)).await.status, 200);
    }
    (replica, one, other)
}

#[tokio::test]
async fn a_session_sees_and_changes_only_the_inbox_that_it_has_set() {
    let world = World::new(Backend::Cluster).await;
    let (_replica, one, other) = set_up(&world).await;
    let partition = world.column("SELECT DISTINCT tableoid::regclass FROM messages").await.remove(0);
    let session = Session::scoped(&world).await;
    let set_inbox = |renter: &Renter| format!("BEGIN; SET LOCAL otpwire.inbox = '{}'", renter.user.id);
    let insert = |owner: &Renter| {
        format!(
            "INSERT INTO messages (phone_number_id, user_id, assignment_id, inbox_seq, sender_number, message_content,
                                   received_at)
             SELECT phone_number_id, {}, assignment_id, 99, sender_number, 'forged', received_at FROM messages",
            owner.user.id
        )
    };
    for table in ["messages", partition.as_str()] {
        // Without an inbox, nothing is seen or changed.
        assert!(session.texts(table).await.unwrap().is_empty(), "{table}");
        assert_eq!(session.run(&format!("UPDATE {table} SET is_read = true")).await.unwrap(), 0);
        assert_eq!(session.run(&format!("DELETE FROM {table}")).await.unwrap(), 0);
        let forged = format!(
            "INSERT INTO {table} (phone_number_id, user_id, assignment_id, inbox_seq, sender_number, message_content,
                                  received_at)
             VALUES (1, {}, 1, 99, 'X', 'forged', '2026-03-01T12:00:00Z')",
            one.user.id
        );
        assert!(session.run(&forged).await.unwrap_err().to_string().contains("row-level security"));

        session.run(&set_inbox(&one)).await.unwrap();
        assert_eq!(session.texts(table).await.unwrap(), ["one's"]);
        assert_eq!(session.run(&format!("UPDATE {table} SET is_read = true")).await.unwrap(), 1);
        session.run("COMMIT").await.unwrap();
        // The setting ends with its transaction.
        assert!(session.texts(table).await.unwrap().is_empty());

        // A message cannot be put into another user's inbox.
        for statement in [insert(&other), format!("UPDATE {table} SET user_id = {}", other.user.id)] {
            session.run(&set_inbox(&one)).await.unwrap();
            assert!(session.run(&statement).await.unwrap_err().to_string().contains("row-level security"));
            session.run("ROLLBACK").await.unwrap();
        }
        for (setting, seen) in [("scope = 'all'", 3), ("scope = 'none'", 0), ("inbox = ''", 0)] {
            session.run(&format!("BEGIN; SET LOCAL otpwire.{setting}")).await.unwrap();
            assert_eq!(session.texts(table).await.unwrap().len(), seen, "{table}: {setting}");
            session.run("COMMIT").await.unwrap();
        }
        session.run("BEGIN; SET LOCAL otpwire.inbox = 'everybody'").await.unwrap();
        assert!(session.texts(table).await.is_err());
        session.run("ROLLBACK").await.unwrap();
    }
    assert_eq!(world.column("SELECT is_read FROM messages ORDER BY id").await, ["true", "false", "false"]);
}

/// Replicas of the previous version keep working during an upgrade, and so do psql and scripts.
#[tokio::test]
async fn a_session_without_a_scope_sees_everything() {
    let world = World::new(Backend::Cluster).await;
    let (replica, one, _) = set_up(&world).await;
    let session = Session::open(&world.database_url).await;
    assert_eq!(session.texts("messages").await.unwrap().len(), 3);
    // An inbox or a scope that a transaction has set leaves nothing behind.
    session.run(&format!("BEGIN; SET LOCAL otpwire.inbox = '{}'; COMMIT", one.user.id)).await.unwrap();
    session.run("BEGIN; SET LOCAL otpwire.scope = 'named'; COMMIT").await.unwrap();
    assert_eq!(session.texts("messages").await.unwrap().len(), 3);
    let insert = "INSERT INTO messages (phone_number_id, sender_number, message_content, received_at)
                  VALUES (1, 'X', 'an older replica brought it', '2026-03-01T12:00:00Z')";
    assert_eq!(session.run(insert).await.unwrap(), 1);
    world.advance(25 * 3600);
    assert_eq!(world.column("SELECT cleanup_old_messages('2026-03-02T13:00:00Z')").await, ["4"]);
    drop(replica);
}

#[tokio::test]
async fn row_security_applies_to_the_owner_of_the_table() {
    let world = World::new(Backend::Cluster).await;
    let (replica, ..) = set_up(&world).await;
    let facts = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";
    assert_eq!(world.column(facts).await, ["false"]);
    let facts = "SELECT tableowner = current_user FROM pg_tables WHERE tablename = 'messages'";
    assert_eq!(world.column(facts).await, ["true"]);
    // The table, and each of its partitions, including those that are created later.
    world.advance(5 * 24 * 3600);
    replica.app.prepare_partitions().await.unwrap();
    let guarded =
        "SELECT relrowsecurity AND relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = c.oid)
                   FROM pg_class c WHERE relkind IN ('r', 'p') AND relname ~ '^messages'";
    let guarded = world.column(guarded).await;
    assert!(guarded.len() > 5 && guarded.iter().all(|guarded| guarded == "true"), "{guarded:?}");
    assert_eq!(world.store().await.find_row_security_gap().await.unwrap(), None);
}

#[tokio::test]
async fn a_superuser_is_reported() {
    let world = World::new(Backend::Cluster).await;
    let _set_up = set_up(&world).await;
    let superuser = Postgres::superuser_url(&world.database_url);
    assert_eq!(Session::open(&with_scope(&superuser)).await.texts("messages").await.unwrap().len(), 3);
    let store = otpwire::store::Store::connect(&superuser, 2).await.unwrap();
    let gap = store.find_row_security_gap().await.unwrap().unwrap();
    assert!(gap.contains("superuser") && gap.contains("ordinary role"), "{gap}");
}

/// Deleting a user or a number deletes its messages, even if the session does not see them.
#[tokio::test]
async fn messages_are_deleted_with_their_user_or_number() {
    let world = World::new(Backend::Cluster).await;
    let (_replica, one, _) = set_up(&world).await;
    let session = Session::scoped(&world).await;
    session.run(&format!("DELETE FROM users WHERE id = {}", one.user.id)).await.unwrap();
    let left = "SELECT message_content FROM messages ORDER BY id";
    assert_eq!(world.column(left).await, ["the other's", "nobody's"]);
    session.run("DELETE FROM phone_numbers").await.unwrap();
    assert!(world.column(left).await.is_empty());
}

#[cfg(feature = "fault-injection")]
mod without_the_filter {
    use std::process::Stdio;

    use otpwire::domain::{InboxCursor, UserId};
    use serde_json::{Value, json};

    use crate::support::{
        Backend, Postgres, World,
        client::sms,
        on_both,
        program::{Installation, PASSWORD, post},
        socket::Socket,
    };

    const NUMBER: &str = "+14155550100";
    const OWN: [&str; 2] = ["own, the first", "own, the last"];
    const FOREIGN: &str = "foreign";

    /// Whether an answer of an API shows another user's message.
    fn shows(answer: &str) -> bool {
        assert!(answer.contains(OWN[1]) || answer.contains("NOT_FOUND"), "{answer}");
        answer.contains(FOREIGN)
    }

    /// The events of a stream, up to the last of the user's own messages.
    async fn stream(installation: &Installation, token: &str, after: &str) -> String {
        let url = format!("http://{}/v1/messages/stream?after={after}", installation.address);
        let client = otpwire::fetch::client().unwrap().build().unwrap();
        let mut events = client.get(url).bearer_auth(token).send().await.unwrap();
        let mut text = String::new();
        while !text.contains(OWN[1]) {
            text.push_str(&String::from_utf8_lossy(&events.chunk().await.unwrap().unwrap()));
        }
        text
    }

    async fn subscription(installation: &Installation, token: &str, after: &str) -> String {
        let mut socket = Socket::open(installation.address, "graphql-transport-ws").await;
        socket.send(json!({ "type": "connection_init", "payload": { "token": token } })).await;
        assert_eq!(socket.receive().await["type"], "connection_ack");
        socket.watch(Some(after)).await;
        let mut texts = String::new();
        while !texts.contains(OWN[1]) {
            texts.push_str(&socket.next_message().await.0);
        }
        texts
    }

    on_both! {
        /// The program without the filter in its queries: on SQLite every user sees everything, which shows that the
        /// filter is really gone; on PostgreSQL no user sees more than before.
        async fn row_security_holds(world: World) {
            let installation = Installation::new(&world).await;
            let installation = installation.with("OTPWIRE_FAULT_INJECTION", "[inbox_filter]").with("OTPWIRE_COOL_DOWN_MINUTES", "0");
            installation.populate();
            installation.succeed(&["admin", "create-user", "--email", "other@example.com"], PASSWORD);
            let _serving = installation.serve();
            let client = otpwire::fetch::client().unwrap().build().unwrap();
            let rent = "mutation { assignPhoneNumber(input: { countryCode: \"US\" }) { phoneNumber { id } } }";

            // One user rents the number, gets a message and releases it; then the other rents it.
            let one = installation.log_in_as("renter@example.com").await;
            let other = installation.log_in_as("other@example.com").await;
            installation.graphql(Some(&one), rent).await;
            assert!(post(&client, installation.address, &sms("1", NUMBER, FOREIGN)).await);
            let release = "mutation { releasePhoneNumber(input: { phoneNumberId: \"num_1\" }) { phoneNumber { id } } }";
            installation.graphql(Some(&one), release).await;
            installation.graphql(Some(&other), rent).await;
            for (id, text) in [("2", OWN[0]), ("3", OWN[1])] {
                assert!(post(&client, installation.address, &sms(id, NUMBER, text)).await);
            }

            let is_open = world.backend == Backend::Embedded;
            let graphql = async |query: &str| installation.try_graphql(Some(&other), query).await.to_string();
            let rest = async |path: &str| {
                let url = format!("http://{}/v1/{path}", installation.address);
                client.get(url).bearer_auth(&other).send().await.unwrap().text().await.unwrap()
            };
            for query in [
                "{ messages { nodes { messageContent } } }",
                "{ messages(last: 100, filter: { phoneNumberId: \"num_1\" }) { nodes { messageContent } } }",
                "{ phoneNumber(id: \"num_1\") { messages { nodes { messageContent } } } }",
                "{ phoneNumbers(filter: { mine: true }) { nodes { messages { nodes { messageContent } } } } }",
                "{ message(id: \"msg_1\") { messageContent } m: message(id: \"msg_3\") { messageContent } }",
                "{ node(id: \"msg_1\") { ... on Message { messageContent } } m: message(id: \"msg_3\") { messageContent } }",
                "{ nodes(ids: [\"msg_1\", \"msg_3\"]) { ... on Message { messageContent } } }",
            ] {
                assert_eq!(shows(&graphql(query).await), is_open, "{query}");
            }
            let counts = "{ messages { totalCount } phoneNumber(id: \"num_1\") { unreadCount messages { totalCount } } }";
            let counted = if is_open { 3 } else { 2 };
            let data = installation.graphql(Some(&other), counts).await;
            assert_eq!(data["messages"]["totalCount"], counted);
            assert_eq!(data["phoneNumber"], json!({ "unreadCount": counted, "messages": { "totalCount": counted } }));

            let list: Value = serde_json::from_str(&rest("messages").await).unwrap();
            assert_eq!((list["total"] == 3, shows(&list.to_string())), (is_open, is_open), "{list}");
            let beginning = InboxCursor { inbox: UserId(2), seq: 0 }.encode();
            assert_eq!(shows(&stream(&installation, &other, &beginning).await), is_open);
            assert_eq!(shows(&subscription(&installation, &other, &beginning).await), is_open);
            // Waiting answers with the first message: on SQLite that may be the other user's, which has the same
            // sequence.
            let since = rest("messages/wait?since=2026-01-01T00:00:00Z&timeout=0").await;
            assert!(is_open || since.contains(OWN[0]), "{since}");

            // The same for changes.
            for mutation in [
                "mutation { markMessageRead(input: { messageId: \"msg_1\" }) { message { isRead } } }",
                "mutation { deleteMessage(input: { messageId: \"msg_1\" }) { deletedMessageId } }",
            ] {
                let refused = graphql(mutation).await.contains("NOT_FOUND");
                assert_eq!(refused, !is_open, "{mutation}");
            }
            let all = "mutation { markAllMessagesRead(input: {}) { markedCount } }";
            assert_eq!(installation.graphql(Some(&other), all).await["markAllMessagesRead"]["markedCount"], 2);
            let left = world.column("SELECT is_read FROM messages WHERE message_content = 'foreign'").await;
            assert_eq!(left, if is_open { vec![] } else { vec!["false".to_owned()] });
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn serve_warns_about_a_superuser() {
        let mut world = World::new(Backend::Cluster).await;
        for (is_superuser, warnings) in [(false, 0), (true, 1)] {
            if is_superuser {
                world.database_url = Postgres::superuser_url(&world.database_url);
            }
            let installation = Installation::new(&world).await;
            let mut serving =
                installation.command(&["serve"]).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            while std::net::TcpStream::connect(installation.address).is_err() {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            while installation.command(&["health"]).output().unwrap().status.code() != Some(0) {}
            serving.kill().unwrap();
            let output = serving.wait_with_output().unwrap();
            let log = [output.stdout, output.stderr].concat();
            let log = String::from_utf8_lossy(&log);
            assert_eq!(log.matches("row-level security does not bind").count(), warnings, "{log}");
        }
    }
}
