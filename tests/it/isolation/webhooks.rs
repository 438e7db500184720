//! Steps of providers: webhooks at the same time, late, repeated, and at any replica.

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use futures_util::future::join_all;
use otpwire::domain::InboxCursor;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{
    History, NUMBERS,
    model::{Filter, Message},
    watchers::query_of,
};
use crate::support::{PATIENCE, client::sms};

/// A webhook that is not posted yet.
#[derive(Clone)]
pub(super) struct Draft {
    body: Value,
    number: usize,
    sent_at: Option<DateTime<Utc>>,
}

impl History {
    /// A message with a time of sending around the rental of its number, now, or none.
    pub(super) fn draft(&mut self, number: usize) -> Draft {
        let now = self.now();
        self.drafted += 1;
        let start = self.model.numbers[number].rental.map_or(now, |rental| rental.start).trunc_subsecs(0);
        let end = self.model.numbers[number].rental.map_or(now, |rental| rental.end).trunc_subsecs(0);
        let sent_at = match self.rng.below(8) {
            0 => Some(start),
            1 => Some(start - TimeDelta::seconds(120)),
            2 => Some(end - TimeDelta::seconds(1)),
            3 if self.rng.below(2) == 0 => Some(start - TimeDelta::seconds(121)),
            3 => Some(now.trunc_subsecs(0) - TimeDelta::hours(2)),
            4 | 5 => Some(now.trunc_subsecs(0)),
            _ => None,
        };
        let text = match self.rng.below(2) {
            0 => format!("Your verification code is {}", 100_000 + self.drafted),
            _ => format!("See you at eight, {}", self.drafted),
        };
        let mut body = sms(&self.drafted.to_string(), NUMBERS[number], &text);
        if let Some(sent_at) = sent_at {
            body["sent_at"] = json!(sent_at.to_rfc3339());
        }
        Draft { body, number, sent_at }
    }

    /// Posts some webhooks at the same time, at any replica: new ones, late ones and repeated ones. Others are kept, to
    /// be posted late.
    pub(super) async fn post(&mut self) {
        let mut burst = Vec::new();
        for _ in 0..=self.rng.below(3) {
            let number = self.rng.below(NUMBERS.len());
            let draft = self.draft(number);
            match self.rng.below(5) {
                0 => self.late.push(draft),
                _ => burst.push(draft),
            }
        }
        while !self.late.is_empty() && self.rng.below(3) == 0 {
            let at = self.rng.below(self.late.len());
            burst.push(self.late.swap_remove(at));
        }
        let twice: Vec<_> = burst.iter().chain(&self.posted).cloned().collect();
        let again = if self.rng.below(2) == 0 { self.rng.pick(&twice).cloned() } else { None };
        self.post_all(burst, again).await;
    }

    /// Posts new webhooks, and perhaps a repeated one, at the same time, and checks what is stored.
    async fn post_all(&mut self, burst: Vec<Draft>, again: Option<Draft>) {
        let now = self.now();
        let all: Vec<_> = burst.iter().chain(&again).cloned().collect();
        for draft in &all {
            self.trace(&format!("a webhook with {}", draft.body));
        }
        let at: Vec<_> = all.iter().map(|_| self.any_replica()).collect();
        let posts = all.iter().zip(at).map(|(draft, at)| self.replicas[at].post_sms(&draft.body));
        for answer in join_all(posts).await {
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        // The model says whose each message is; the order of concurrent ones is the store's choice.
        let stored =
            "SELECT provider_message_id || '|' || id || '|' || coalesce(user_id, 0) || '|' || coalesce(inbox_seq, 0)
                      FROM messages ORDER BY inbox_seq, id";
        for line in self.world.column(stored).await {
            let [name, id, owner, seq] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
            let Some(draft) = burst.iter().find(|draft| draft.body["id"] == name) else { continue };
            let (id, seq) = (id.parse().unwrap(), seq.parse().unwrap());
            let expected = self.model.numbers[draft.number].owner(now, draft.sent_at);
            let inbox = expected.map_or(0, |user| self.renters[user].user.id.0);
            assert_eq!(owner, inbox.to_string(), "message {name} is in the wrong inbox (0: in quarantine)");
            if let Some(user) = expected {
                self.model.ends[user].0 += 1;
                assert_eq!(seq, self.model.ends[user].0, "the sequence of message {name}");
            }
            let text = draft.body["text"].as_str().unwrap().to_owned();
            let is_code = text.starts_with("Your");
            let (position, number) = (expected.map(|user| (user, seq)), draft.number);
            let message = Message { id, text, number, is_code, position, received_at: now, is_read: false };
            for watcher in &mut self.watchers {
                if expected == Some(watcher.user) && watcher.filter.matches(&message) {
                    watcher.expect(&message).await;
                }
            }
            assert!(self.model.messages.iter().all(|other| other.id != id), "message {name} is stored twice");
            self.model.messages.push(message);
        }
        for draft in &burst {
            let text = draft.body["text"].as_str().unwrap();
            let copies = self.model.messages.iter().filter(|message| message.text == text).count();
            assert_eq!(copies, 1, "{text}");
        }
        self.posted.extend(burst);
    }

    /// A long poll on one replica gets a code that is posted to another.
    pub(super) async fn wait(&mut self, user: usize, number: usize) {
        let (filter, end) = (Filter { number: Some(number), only_codes: true }, self.model.ends[user].0);
        let after = InboxCursor { inbox: self.renters[user].user.id, seq: end }.encode();
        let path = format!("/v1/messages/wait?timeout=60&after={after}{}", query_of(filter));
        let replica = self.any_replica();
        let replica = self.replicas[replica].router.clone();
        let request = Request::get(path)
            .header("authorization", format!("Bearer {}", self.renters[user].token))
            .body(Body::empty())
            .unwrap();
        let waiting = tokio::spawn(replica.oneshot(request));
        let mut draft = self.draft(number);
        draft.body["text"] = json!(format!("Your verification code is {}", 500_000 + self.drafted));
        draft.sent_at = None;
        draft.body.as_object_mut().unwrap().remove("sent_at");
        let text = draft.body["text"].clone();
        self.post_all(vec![draft], None).await;
        let answer = tokio::time::timeout(PATIENCE, waiting).await.expect("no answer in time");
        let body = to_bytes(answer.unwrap().unwrap().into_body(), usize::MAX).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["message"]["message_content"], text);
    }
}
