//! The mutation root.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use serde_json::value::to_raw_value;

use super::{
    answer::{Answer, answer, app, caller},
    types::{MessageView, NumberView, UserView},
};
use crate::{
    app::{Registration, receive::Outcome},
    domain::{CountryCode, Error, InboundSms, Msisdn, NodeId, RentalHours, Result, Sender, Wanted},
};

/// What can be changed.
pub(super) struct Mutation;

/// Who you are.
#[derive(InputObject)]
struct RegisterInput {
    /// Your e-mail address.
    email: String,
    /// 8 to 128 characters.
    #[graphql(secret)]
    password: String,
    /// Given name, at most 100 characters.
    first_name: Option<String>,
    /// Family name, at most 100 characters.
    last_name: Option<String>,
}

/// Your new account.
#[derive(SimpleObject)]
struct RegisterPayload {
    /// The account. Log in to use it.
    user: UserView,
}

/// Your account.
#[derive(InputObject)]
struct LogInInput {
    /// Your e-mail address.
    email: String,
    /// Your password.
    #[graphql(secret)]
    password: String,
}

/// You are signed in.
#[derive(SimpleObject)]
struct LogInPayload {
    /// Send this as `Authorization: Bearer …`, and in a socket's `connection_init`.
    access_token: String,
    /// When the token ends.
    expires_at: DateTime<Utc>,
    /// In how many seconds the token ends.
    expires_in: i32,
    /// Your account.
    user: UserView,
}

/// What you want to rent: one number, or any of a country.
#[derive(InputObject)]
struct AssignPhoneNumberInput {
    /// This number.
    phone_number_id: Option<ID>,
    /// Any number of this country, by ISO 3166-1 alpha-2.
    country_code: Option<String>,
    /// For how long: 1 to 24 hours.
    #[graphql(default = 1)]
    duration_hours: i32,
}

impl AssignPhoneNumberInput {
    fn wanted(&self) -> Result<Wanted> {
        match (&self.phone_number_id, &self.country_code) {
            (Some(id), None) => NodeId::number("phoneNumberId", id).map(Wanted::Number),
            (None, Some(code)) => CountryCode::parse("countryCode", code).map(Wanted::AnyOf),
            _ => Err(Error::invalid("phoneNumberId", "give either phoneNumberId or countryCode")),
        }
    }
}

/// The number is yours.
#[derive(SimpleObject)]
struct AssignPhoneNumberPayload {
    /// The number.
    phone_number: NumberView,
}

/// What you give back.
#[derive(InputObject)]
struct ReleasePhoneNumberInput {
    /// A number that you rent now.
    phone_number_id: ID,
}

/// The number is no longer yours.
#[derive(SimpleObject)]
struct ReleasePhoneNumberPayload {
    /// The number.
    phone_number: NumberView,
}

/// What you have read.
#[derive(InputObject)]
struct MarkMessageReadInput {
    /// One of your messages.
    message_id: ID,
}

/// The message is read.
#[derive(SimpleObject)]
struct MarkMessageReadPayload {
    /// The message.
    message: MessageView,
}

/// A message as a provider might bring it.
#[derive(InputObject)]
struct SimulateInboundSmsInput {
    /// One of the platform's numbers: E.164, or a short code.
    to: String,
    /// The sender: a number, a short code, or a name.
    from: String,
    /// The text.
    text: String,
}

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum InboundSmsOutcome {
    /// It is in its renter's inbox.
    Delivered,
    /// It is stored, and nobody's: the number has no renter.
    Quarantined,
    /// The number is not the provider's.
    Unroutable,
    /// It had arrived before.
    Duplicate,
}

/// What became of the message.
#[derive(SimpleObject)]
struct SimulateInboundSmsPayload {
    /// Where it went.
    outcome: InboundSmsOutcome,
    /// The message, when it was delivered.
    message: Option<MessageView>,
}

/// What can be changed.
#[Object]
impl Mutation {
    /// Makes an account.
    #[graphql(complexity = "2_000 + child_complexity")]
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who you are.")] input: RegisterInput,
    ) -> Answer<RegisterPayload> {
        let registration = Registration {
            email: input.email,
            password: input.password.into(),
            first_name: input.first_name,
            last_name: input.last_name,
        };
        let registered = app(ctx).register(registration).await;
        answer(registered.map(|user| RegisterPayload { user: UserView(Arc::new(user)) }))
    }

    /// Signs you in.
    #[graphql(complexity = "2_000 + child_complexity")]
    async fn log_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Your account.")] input: LogInInput,
    ) -> Answer<LogInPayload> {
        let signed_in = app(ctx).log_in(&input.email, input.password.into()).await;
        let now = app(ctx).clock().now();
        answer(signed_in.map(|signed_in| LogInPayload {
            access_token: signed_in.access_token,
            expires_at: signed_in.expires_at,
            expires_in: (signed_in.expires_at - now).num_seconds().try_into().unwrap_or(i32::MAX),
            user: UserView(signed_in.user),
        }))
    }

    /// Rents a number for 1 to 24 hours.
    async fn assign_phone_number(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you want.")] input: AssignPhoneNumberInput,
    ) -> Answer<AssignPhoneNumberPayload> {
        let assigned = async {
            let hours = RentalHours::parse("durationHours", Some(input.duration_hours))?;
            let number = app(ctx).assign_number(caller(ctx), &input.wanted()?, hours).await?;
            Ok(AssignPhoneNumberPayload { phone_number: NumberView(number) })
        };
        answer(assigned.await)
    }

    /// Gives a number back before its time.
    async fn release_phone_number(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you give back.")] input: ReleasePhoneNumberInput,
    ) -> Answer<ReleasePhoneNumberPayload> {
        let released = async {
            let id = NodeId::number("phoneNumberId", &input.phone_number_id)?;
            let number = app(ctx).release_number(caller(ctx), id).await?;
            Ok(ReleasePhoneNumberPayload { phone_number: NumberView(number) })
        };
        answer(released.await)
    }

    /// Marks one of your messages as read.
    async fn mark_message_read(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you have read.")] input: MarkMessageReadInput,
    ) -> Answer<MarkMessageReadPayload> {
        let marked = async {
            let id = NodeId::message("messageId", &input.message_id)?;
            let message = app(ctx).mark_message_read(caller(ctx), id).await?;
            Ok(MarkMessageReadPayload { message: MessageView(Arc::new(message)) })
        };
        answer(marked.await)
    }

    /// Receives a message as if the number's provider had brought it. For administrators.
    async fn simulate_inbound_sms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message.")] input: SimulateInboundSmsInput,
    ) -> Answer<SimulateInboundSmsPayload> {
        let simulated = async {
            caller(ctx).admin()?;
            let sms = InboundSms {
                provider_message_id: String::new(),
                from: Sender::parse("from", &input.from)?,
                to: Msisdn::parse("to", &input.to)?,
                text: InboundSms::storable(&input.text),
                sent_at: None,
                payload: to_raw_value(&serde_json::json!({ "simulated": true })).map_err(Error::internal)?,
            };
            app(ctx).simulate_inbound(caller(ctx), sms).await
        };
        answer(simulated.await.map(|outcome| match outcome {
            Outcome::Delivered(message) => {
                SimulateInboundSmsPayload { outcome: InboundSmsOutcome::Delivered, message: Some(MessageView(message)) }
            }
            Outcome::Quarantined(_) => {
                SimulateInboundSmsPayload { outcome: InboundSmsOutcome::Quarantined, message: None }
            }
            Outcome::Unroutable => SimulateInboundSmsPayload { outcome: InboundSmsOutcome::Unroutable, message: None },
            Outcome::Duplicate(_) => SimulateInboundSmsPayload { outcome: InboundSmsOutcome::Duplicate, message: None },
        }))
    }
}
