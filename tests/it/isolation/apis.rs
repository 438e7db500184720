//! Compares what each API shows a user with the model.

use otpwire::domain::InboxCursor;
use serde_json::{Value, json};

use super::{
    History,
    model::{Filter, Message, Status},
    watchers::{Feed, query_of},
};

const EVERYTHING: &str = "query($ids: [ID!]!, $codes: MessageFilter, $one: MessageFilter) {
    messages(first: 100) { totalCount latestCursor nodes { messageContent isRead } }
    oldest: messages(last: 2) { nodes { messageContent } }
    codes: messages(first: 100, filter: $codes) { totalCount nodes { messageContent } }
    one: messages(first: 100, filter: $one) { totalCount nodes { messageContent } }
    unread: messages(filter: { isRead: false }) { totalCount }
    phoneNumbers(first: 5, filter: { mine: true }) {
        nodes { id unreadCount messages(first: 100) { totalCount nodes { messageContent } } } }
    nodes(ids: $ids) { ... on Message { messageContent } } }";

fn texts(messages: &[&Message]) -> Vec<String> {
    messages.iter().rev().map(|message| message.text.clone()).collect()
}

fn shown(list: &Value) -> Vec<String> {
    let nodes = list["nodes"].as_array().into_iter().flatten();
    nodes.map(|node| node["messageContent"].as_str().unwrap_or("nothing").to_owned()).collect()
}

impl History {
    /// Over GraphQL: the lists, counts and nodes that the user sees.
    pub(super) async fn check_graphql(&mut self, user: usize) {
        let now = self.now();
        let number = self.rng.below(self.model.numbers.len());
        let replica = self.any_replica();
        let (model, who) = (&self.model, &self.renters[user]);
        let known = model.messages.iter().map(|message| message.id).chain(model.gone.iter().copied());
        let mut ids: Vec<_> = known.collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids.truncate(100);
        let named: Vec<_> = ids.iter().map(|id| format!("msg_{id}")).collect();
        let one = json!({ "phoneNumberId": format!("num_{}", number + 1) });
        let data = self.replicas[replica]
            .data(who, EVERYTHING, json!({ "ids": named, "codes": { "types": ["OTP"] }, "one": one }))
            .await;

        let all = model.inbox(user, Filter::default(), now);
        assert_eq!(shown(&data["messages"]), texts(&all), "the list of user {user}");
        assert_eq!(data["messages"]["totalCount"], all.len());
        let end = InboxCursor { inbox: who.user.id, seq: model.ends[user].0 }.encode();
        assert_eq!(data["messages"]["latestCursor"], end, "the last cursor of user {user}");
        let read: Vec<_> = all.iter().rev().map(|message| json!(message.is_read)).collect();
        let nodes = data["messages"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.iter().map(|node| node["isRead"].clone()).collect::<Vec<_>>(), read);
        assert_eq!(shown(&data["oldest"]), texts(&all[..all.len().min(2)]));
        assert_eq!(data["unread"]["totalCount"], all.iter().filter(|message| !message.is_read).count());
        for (list, filter) in [
            ("codes", Filter { only_codes: true, ..Filter::default() }),
            ("one", Filter { number: Some(number), ..Filter::default() }),
        ] {
            let expected = model.inbox(user, filter, now);
            assert_eq!(shown(&data[list]), texts(&expected), "{list} of user {user}");
            assert_eq!(data[list]["totalCount"], expected.len());
        }

        let rented: Vec<_> = model.rented(user, now);
        let numbers = data["phoneNumbers"]["nodes"].as_array().unwrap();
        assert_eq!(numbers.len(), rented.len(), "the numbers of user {user}: {numbers:?}");
        for (shows, &number) in numbers.iter().zip(&rented) {
            let expected = model.inbox(user, Filter { number: Some(number), ..Filter::default() }, now);
            assert_eq!(shows["id"], format!("num_{}", number + 1));
            assert_eq!(shown(&shows["messages"]), texts(&expected), "the messages of a number of user {user}");
            assert_eq!(shows["messages"]["totalCount"], expected.len());
            assert_eq!(shows["unreadCount"], expected.iter().filter(|message| !message.is_read).count());
        }

        // Of all messages that exist or did, `nodes` returns exactly their own.
        for (id, node) in ids.iter().zip(data["nodes"].as_array().unwrap()) {
            let message = model.messages.iter().find(|message| message.id == *id);
            let visible = message.filter(|message| model.is_visible(user, message, now));
            let expected = visible.map_or(Value::Null, |message| json!({ "messageContent": message.text }));
            assert_eq!(*node, expected, "user {user} asks for msg_{id}");
        }
    }

    /// The same over REST: the list, and `wait` with a cursor or a time.
    pub(super) async fn check_rest(&mut self, user: usize) {
        let now = self.now();
        let filter = self.any_filter();
        let seq = self.any_seq(user);
        let replica = self.any_replica();
        let (model, who, replica) = (&self.model, &self.renters[user], &self.replicas[replica]);
        let query = query_of(filter);
        let get = |path: String| async move { replica.rest(Some(&who.token), &format!("GET /v1/{path}"), None).await };

        let list = get(format!("messages?limit=100{query}")).await.json();
        let listed = list["messages"].as_array().unwrap().iter();
        let listed: Vec<_> = listed.map(|message| message["message_content"].as_str().unwrap().to_owned()).collect();
        let expected = model.inbox(user, filter, now);
        assert_eq!((listed, &list["total"]), (texts(&expected), &json!(expected.len())), "user {user}, {filter:?}");

        let after = InboxCursor { inbox: who.user.id, seq }.encode();
        let answer = get(format!("messages/wait?timeout=0&after={after}{query}")).await;
        let concerned = filter.number.is_none_or(|number| model.concerns(user, number, now));
        match model.after(user, seq, filter, now) {
            _ if !concerned => assert_eq!(answer.error(404), "NOT_FOUND"),
            None => assert_eq!(answer.error(410), "CURSOR_EXPIRED"),
            Some(later) => match later.first() {
                None => assert_eq!(answer.status, 204, "user {user} waits: {}", answer.text()),
                Some(first) => {
                    assert_eq!(answer.json()["message"]["message_content"], first.text, "user {user} waits");
                    assert_eq!(answer.json()["cursor"], answer.header("x-cursor"));
                }
            },
        }
        // From a time long ago, `wait` returns the oldest message.
        let answer = get(format!("messages/wait?timeout=0&since=2020-01-01T00:00:00Z{query}")).await;
        match expected.first() {
            _ if !concerned => assert_eq!(answer.error(404), "NOT_FOUND"),
            None => assert_eq!(answer.status, 204, "user {user} waits: {}", answer.text()),
            Some(first) => assert_eq!(answer.json()["message"]["message_content"], first.text, "user {user} waits"),
        }
    }

    /// Messages of other users, and in quarantine, are refused in the same way as ids that never existed.
    pub(super) async fn check_foreign(&mut self, user: usize) {
        let now = self.now();
        let at = self.any_replica();
        let foreign: Vec<i64> = self
            .model
            .messages
            .iter()
            .filter(|message| !self.model.is_visible(user, message, now))
            .map(|message| message.id)
            .chain(self.model.gone.iter().copied())
            .collect();
        let id = *self.rng.pick(&foreign).unwrap_or(&777_777);
        let other = (user + 1 + self.rng.below(self.renters.len() - 1)) % self.renters.len();
        let (who, replica) = (&self.renters[user], &self.replicas[at]);
        for query in [
            "query($id: ID!) { message(id: $id) { messageContent } }",
            "query($id: ID!) { node(id: $id) { id } }",
            "mutation($id: ID!) { markMessageRead(input: { messageId: $id }) { message { messageContent } } }",
            "mutation($id: ID!) { deleteMessage(input: { messageId: $id }) { deletedMessageId } }",
        ] {
            let request = async |id: i64| {
                let answer = replica.graphql(Some(who), query, json!({ "id": format!("msg_{id}") })).await;
                answer.to_string().replace(&format!("msg_{id}"), "msg_N")
            };
            let answer = request(id).await;
            assert!(answer.contains("NOT_FOUND"), "user {user}, msg_{id}, {query}: {answer}");
            assert_eq!(answer, request(888_888).await, "{query}");
        }
        let read = replica.rest(Some(&who.token), &format!("PATCH /v1/messages/{id}/read"), None).await;
        assert_eq!(read.error(404), "NOT_FOUND");

        // A cursor of another inbox is refused like an invalid one.
        let theirs = InboxCursor { inbox: self.renters[other].user.id, seq: self.model.ends[other].1 }.encode();
        let refusal = async |cursor: &str| {
            let list = "query($after: String) { messages(after: $after) { nodes { id } } }";
            let list = replica.graphql(Some(who), list, json!({ "after": cursor })).await;
            let path = format!("GET /v1/messages/wait?timeout=0&after={cursor}");
            let wait = replica.rest(Some(&who.token), &path, None).await;
            assert_eq!(wait.error(422), "VALIDATION_ERROR");
            (list.to_string(), wait.json()["message"].clone(), wait.json()["details"].clone())
        };
        let answer = refusal(&theirs).await;
        assert!(answer.0.contains("VALIDATION_ERROR"), "{answer:?}");
        assert_eq!(answer, refusal("AQAAAAcAAAAAAAAAKg").await);
        let refused = Feed::stream(replica, who, Filter::default(), &theirs).await.err();
        assert_eq!(refused.as_deref(), Some("VALIDATION_ERROR"));
        let address = self.addresses[self.rng.below(self.addresses.len())];
        let mut socket =
            Feed::socket(address, who, Filter::default(), &theirs).await.unwrap_or_else(|code| panic!("{code}"));
        assert_eq!(socket.next().await.0, "VALIDATION_ERROR");
        self.check_numbers(user, at).await;
    }

    /// A number that another user rents looks as if it did not exist.
    async fn check_numbers(&self, user: usize, replica: usize) {
        let (who, now) = (&self.renters[user], self.now());
        for (at, number) in self.model.numbers.iter().enumerate() {
            let query = "query($id: ID!) { phoneNumber(id: $id) { id } }";
            let answer =
                self.replicas[replica].graphql(Some(who), query, json!({ "id": format!("num_{}", at + 1) })).await;
            let visible = match number.status(now) {
                Status::Available => true,
                Status::Assigned { to } => to == user,
                Status::CoolingDown | Status::Blocked => false,
            };
            assert_eq!(answer.get("errors").is_none(), visible, "user {user}: {answer}");
        }
    }
}
