//! Numbers: renting, giving back, extending, blocking and importing.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::{
    app::numbers::Imported,
    domain::{CountryCode, Error, IdempotencyKey, Label, NodeId, NumberChoice, NumberToImport, RentalHours, Result},
    graphql::{
        context::{Nullable, app, caller, client, nullable},
        error::to_graphql,
        types::number::NumberView,
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
    /// Your own name for this request, such as a UUID: whoever repeats it with the same key gets the number
    /// that the first one rented, and rents no other. Keys are kept for two days.
    idempotency_key: Option<String>,
}

impl AssignPhoneNumberInput {
    fn wanted(&self) -> Result<NumberChoice> {
        match (&self.phone_number_id, &self.country_code) {
            (Some(id), None) => NodeId::number("phoneNumberId", id).map(NumberChoice::Exactly),
            (None, Some(code)) => CountryCode::parse("countryCode", code).map(NumberChoice::AnyIn),
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
    /// Your own name for this request, such as a UUID: repeated with the same key, it extends once.
    idempotency_key: Option<String>,
}

/// The number is yours for longer.
#[derive(SimpleObject)]
struct ExtendPhoneNumberPayload {
    /// The number.
    phone_number: NumberView,
}

/// What you call a number.
#[derive(InputObject)]
struct LabelPhoneNumberInput {
    /// A number that you rent now.
    phone_number_id: ID,
    /// 1 to 50 characters; null removes the label.
    label: Option<String>,
}

/// The number has its label.
#[derive(SimpleObject)]
struct LabelPhoneNumberPayload {
    /// The number.
    phone_number: NumberView,
}

/// What a number is to be used for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum PhoneNumberUse {
    /// It can be rented, once it has cooled down.
    Available,
    /// It is out of use.
    Blocked,
}

/// What a number is to be used for.
#[derive(InputObject)]
struct SetPhoneNumberStatusInput {
    /// The number.
    phone_number_id: ID,
    /// Whether it can be rented.
    status: PhoneNumberUse,
}

/// The number.
#[derive(SimpleObject)]
struct SetPhoneNumberStatusPayload {
    /// The number as it is now.
    phone_number: NumberView,
}

/// A number that the platform is to have.
#[derive(InputObject)]
struct PhoneNumberToImport {
    /// E.164, or a short code, or in the national form of its country.
    phone_number: String,
    /// Its country, by ISO 3166-1 alpha-2. A number in E.164 tells it by itself; all others need it, or
    /// `defaultCountryCode`.
    country_code: Option<String>,
}

/// Numbers that the platform is to have.
#[derive(InputObject)]
struct ImportPhoneNumbersInput {
    /// The provider that brings their messages.
    provider_id: ID,
    /// The country of those that are not in E.164 and have no `countryCode`.
    default_country_code: Option<String>,
    /// The numbers: at most 1000. Pass them as a variable.
    numbers: Vec<PhoneNumberToImport>,
}

/// A number that was not imported.
#[derive(SimpleObject)]
struct RejectedPhoneNumber {
    /// Its index among the given numbers, from 0.
    index: i32,
    /// What is wrong with it.
    message: String,
}

/// What became of the numbers.
#[derive(SimpleObject)]
struct ImportPhoneNumbersPayload {
    /// The ids of those that the platform has now.
    added_ids: Vec<ID>,
    /// How many the platform had already. They stay as they are.
    known_count: i32,
    /// Those that are no numbers, or whose country cannot be told.
    rejected: Vec<RejectedPhoneNumber>,
}

impl From<Vec<Imported>> for ImportPhoneNumbersPayload {
    fn from(imported: Vec<Imported>) -> Self {
        let mut payload = Self { added_ids: Vec::new(), known_count: 0, rejected: Vec::new() };
        for (index, outcome) in (0..).zip(imported) {
            match outcome {
                Imported::Added(id) => payload.added_ids.push(NodeId::Number(id).into()),
                Imported::Known => payload.known_count += 1,
                Imported::Rejected(error) => {
                    payload.rejected.push(RejectedPhoneNumber { index, message: to_graphql(error).message });
                }
            }
        }
        payload
    }
}

fn idempotency_key(given: Option<&str>) -> Result<Option<IdempotencyKey>> {
    given.map(|key| IdempotencyKey::parse("idempotency_key", key)).transpose()
}

/// Numbers.
#[derive(Default)]
pub(crate) struct NumberMutation;

/// Numbers.
#[Object]
impl NumberMutation {
    /// Rents a number for 1 to 24 hours.
    async fn assign_phone_number(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you want.")] input: AssignPhoneNumberInput,
    ) -> Nullable<AssignPhoneNumberPayload> {
        let assigned = async {
            let hours = RentalHours::parse("durationHours", Some(input.duration_hours))?;
            let key = idempotency_key(input.idempotency_key.as_deref())?;
            let wanted = input.wanted()?;
            let number = app(ctx).assign_number(caller(ctx), client(ctx), &wanted, hours, key.as_ref()).await?;
            Ok(AssignPhoneNumberPayload { phone_number: NumberView(number) })
        };
        nullable(assigned.await)
    }

    /// Gives a number back before its time.
    async fn release_phone_number(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you give back.")] input: ReleasePhoneNumberInput,
    ) -> Nullable<ReleasePhoneNumberPayload> {
        let released = async {
            let id = NodeId::number("phoneNumberId", &input.phone_number_id)?;
            let number = app(ctx).release_number(caller(ctx), id).await?;
            Ok(ReleasePhoneNumberPayload { phone_number: NumberView(number) })
        };
        nullable(released.await)
    }

    /// Moves the end of a rental, up to 24 hours after its start.
    async fn extend_phone_number(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How long you keep it.")] input: ExtendPhoneNumberInput,
    ) -> Nullable<ExtendPhoneNumberPayload> {
        let extended = async {
            let id = NodeId::number("phoneNumberId", &input.phone_number_id)?;
            let hours = RentalHours::parse("durationHours", Some(input.duration_hours))?;
            let key = idempotency_key(input.idempotency_key.as_deref())?;
            let number = app(ctx).extend_number(caller(ctx), id, hours, key.as_ref()).await?;
            Ok(ExtendPhoneNumberPayload { phone_number: NumberView(number) })
        };
        nullable(extended.await)
    }

    /// Sets or removes what you call a number, for as long as you rent it. Pools find numbers by it.
    async fn label_phone_number(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you call it.")] input: LabelPhoneNumberInput,
    ) -> Nullable<LabelPhoneNumberPayload> {
        let labelled = async {
            let id = NodeId::number("phoneNumberId", &input.phone_number_id)?;
            let label = input.label.map(|label| Label::parse("label", &label)).transpose()?;
            let number = app(ctx).label_number(caller(ctx), id, label.as_ref()).await?;
            Ok(LabelPhoneNumberPayload { phone_number: NumberView(number) })
        };
        nullable(labelled.await)
    }

    /// Takes a number out of use, which ends a rental of it, or puts it back. For administrators.
    async fn set_phone_number_status(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be used for.")] input: SetPhoneNumberStatusInput,
    ) -> Nullable<SetPhoneNumberStatusPayload> {
        let set = async {
            caller(ctx).admin()?;
            let id = NodeId::number("phoneNumberId", &input.phone_number_id)?;
            let blocked = input.status == PhoneNumberUse::Blocked;
            let number = app(ctx).set_number_blocked(caller(ctx), id, blocked).await?;
            Ok(SetPhoneNumberStatusPayload { phone_number: NumberView(number) })
        };
        nullable(set.await)
    }

    /// Adds numbers of a provider, and tells of each that could not be. For administrators.
    async fn import_phone_numbers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The numbers.")] input: ImportPhoneNumbersInput,
    ) -> Nullable<ImportPhoneNumbersPayload> {
        let imported = async {
            caller(ctx).admin()?;
            let provider = NodeId::provider("providerId", &input.provider_id)?;
            let country = input.default_country_code;
            let country = country.map(|code| CountryCode::parse("defaultCountryCode", &code)).transpose()?;
            let numbers = input
                .numbers
                .into_iter()
                .map(|number| NumberToImport { phone_number: number.phone_number, country_code: number.country_code });
            app(ctx).import_numbers(caller(ctx), provider, country.as_ref(), numbers.collect()).await
        };
        nullable(imported.await.map(Into::into))
    }
}
