//! Renting numbers.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::{
    domain::{CountryCode, Error, NodeId, RentalHours, Result, Wanted},
    graphql::{
        answer::{Answer, answer, app, caller},
        types::NumberView,
    },
};

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

/// How long you keep a number.
#[derive(InputObject)]
struct ExtendPhoneNumberInput {
    /// A number that you rent now.
    phone_number_id: ID,
    /// By how much: 1 to 24 hours. A rental may last 24 hours in all.
    #[graphql(default = 1)]
    duration_hours: i32,
}

/// The number is yours for longer.
#[derive(SimpleObject)]
struct ExtendPhoneNumberPayload {
    /// The number.
    phone_number: NumberView,
}

/// Numbers.
#[derive(Default)]
pub(in crate::graphql) struct NumberMutation;

/// Numbers.
#[Object]
impl NumberMutation {
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

    /// Moves the end of a rental, up to 24 hours after its start.
    async fn extend_phone_number(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How long you keep it.")] input: ExtendPhoneNumberInput,
    ) -> Answer<ExtendPhoneNumberPayload> {
        let extended = async {
            let id = NodeId::number("phoneNumberId", &input.phone_number_id)?;
            let hours = RentalHours::parse("durationHours", Some(input.duration_hours))?;
            let number = app(ctx).extend_number(caller(ctx), id, hours).await?;
            Ok(ExtendPhoneNumberPayload { phone_number: NumberView(number) })
        };
        answer(extended.await)
    }
}
