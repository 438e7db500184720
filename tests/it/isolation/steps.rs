//! Steps of users and administrators, each checked against the model.

use chrono::TimeDelta;
use otpwire::domain::InboxCursor;
use serde_json::json;

use super::{
    History, NUMBERS, USERS,
    model::{Filter, Model, RETENTION, Rental, Status},
};

impl History {
    pub(super) async fn rent(&mut self, user: usize, number: usize) {
        let now = self.now();
        let hours = 1 + self.rng.below(3);
        let by_country = self.rng.below(3) == 0;
        let country = |number: usize| if NUMBERS[number].starts_with("+49") { "DE" } else { "US" };
        let is_free = |model: &Model, number: usize| model.numbers[number].is_free_for(user, now);
        let wanted = match by_country {
            true => json!({ "countryCode": country(number), "durationHours": hours }),
            false => json!({ "phoneNumberId": format!("num_{}", number + 1), "durationHours": hours }),
        };
        self.trace(&format!("user {user} rents {wanted}"));
        let query = "mutation($input: AssignPhoneNumberInput!) {
            assignPhoneNumber(input: $input) { phoneNumber { databaseId } } }";
        let got = self.request(user, query, json!({ "input": wanted })).await;
        let candidates = (0..NUMBERS.len()).filter(|&other| match by_country {
            true => country(other) == country(number),
            false => other == number,
        });
        let free: Vec<_> = candidates.filter(|&number| is_free(&self.model, number)).collect();
        if free.is_empty() {
            let code = if by_country { "NO_NUMBER_AVAILABLE" } else { "NUMBER_UNAVAILABLE" };
            assert_eq!(got.unwrap_err(), code);
            return;
        }
        let got = got.unwrap()["assignPhoneNumber"]["phoneNumber"]["databaseId"].as_u64().unwrap();
        let got = usize::try_from(got).unwrap() - 1;
        assert!(free.contains(&got), "{got} is not free");
        let end = now + TimeDelta::hours(i64::try_from(hours).unwrap());
        self.model.numbers[got].rental = Some(Rental { user, start: now, end });
    }

    pub(super) async fn release(&mut self, user: usize, number: usize) {
        self.trace(&format!("user {user} gives back number {number}"));
        let now = self.now();
        let query = "mutation($id: ID!) { releasePhoneNumber(input: { phoneNumberId: $id }) { phoneNumber { id } } }";
        let done = self.request(user, query, json!({ "id": format!("num_{}", number + 1) })).await;
        match self.model.numbers[number].status(now) {
            Status::Assigned { to } if to == user => {
                done.unwrap();
                self.model.numbers[number].end(now);
            }
            Status::Available => assert_eq!(done.unwrap_err(), "FORBIDDEN"),
            _ => assert_eq!(done.unwrap_err(), "NOT_FOUND"),
        }
    }

    pub(super) async fn extend(&mut self, user: usize, number: usize) {
        self.trace(&format!("user {user} extends number {number}"));
        let now = self.now();
        let query = "mutation($id: ID!) { extendPhoneNumber(input: { phoneNumberId: $id }) { phoneNumber { id } } }";
        let done = self.request(user, query, json!({ "id": format!("num_{}", number + 1) })).await;
        let status = self.model.numbers[number].status(now);
        match self.model.numbers[number].rental.as_mut() {
            Some(rental) if status == (Status::Assigned { to: user }) => {
                let end = rental.end + TimeDelta::hours(1);
                if end > rental.start + TimeDelta::hours(24) {
                    assert_eq!(done.unwrap_err(), "VALIDATION_ERROR");
                } else {
                    done.unwrap();
                    rental.end = end;
                }
            }
            _ if status == Status::Available => assert_eq!(done.unwrap_err(), "FORBIDDEN"),
            _ => assert_eq!(done.unwrap_err(), "NOT_FOUND"),
        }
    }

    pub(super) async fn set_blocked(&mut self, number: usize) {
        let now = self.now();
        let blocked = !self.model.numbers[number].blocked;
        self.trace(&format!("number {number} is {}", if blocked { "blocked" } else { "put back" }));
        let query = "mutation($id: ID!, $status: PhoneNumberUse!) {
            setPhoneNumberStatus(input: { phoneNumberId: $id, status: $status }) { phoneNumber { id } } }";
        let status = if blocked { "BLOCKED" } else { "AVAILABLE" };
        let variables = json!({ "id": format!("num_{}", number + 1), "status": status });
        self.request(USERS, query, variables).await.unwrap();
        self.model.numbers[number].end(now);
        self.model.numbers[number].blocked = blocked;
    }

    pub(super) async fn mark_read(&mut self, user: usize, number: usize) {
        let now = self.now();
        let number = (self.rng.below(2) == 0).then_some(number);
        let seq = self.any_seq(user);
        self.trace(&format!("user {user} has read everything up to {seq} of {number:?}"));
        let query = "mutation($number: ID, $upTo: String) {
            markAllMessagesRead(input: { phoneNumberId: $number, upTo: $upTo }) { markedCount } }";
        let up_to = InboxCursor { inbox: self.renters[user].user.id, seq }.encode();
        let named = number.map(|number| format!("num_{}", number + 1));
        let marked = self.request(user, query, json!({ "number": named, "upTo": up_to })).await.unwrap();
        let mut count = 0;
        for message in &mut self.model.messages {
            let is_selected = message.position.is_some_and(|(owner, position)| owner == user && position <= seq)
                && number.is_none_or(|number| number == message.number)
                && message.received_at > now - RETENTION;
            if is_selected && !message.is_read {
                message.is_read = true;
                count += 1;
            }
        }
        assert_eq!(marked["markAllMessagesRead"]["markedCount"], count);
    }

    pub(super) async fn delete(&mut self, user: usize) {
        let now = self.now();
        let inbox = self.model.inbox(user, Filter::default(), now);
        let Some(id) = self.rng.pick(&inbox).map(|message| message.id) else { return };
        self.trace(&format!("user {user} deletes msg_{id}"));
        let query = "mutation($id: ID!) { deleteMessage(input: { messageId: $id }) { deletedMessageId } }";
        self.request(user, query, json!({ "id": format!("msg_{id}") })).await.unwrap();
        self.model.delete(id);
    }
}
