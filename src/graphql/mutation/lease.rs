//! Leases: acquiring, renewing and releasing them; and the pools that they are acquired from.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::payload::{DonePayload, done};
use crate::{
    app::{numbers::LeaseRequest, watching::Transport},
    domain::{
        Acquired, Client, Cooldown, CountryCode, Error, Fence, IdempotencyKey, LeaseSource, LeaseTtl, NewPool, NodeId,
        NumberId, PoolChange, PoolName, PoolRule, Result, TicketId, WaitTime,
    },
    graphql::{
        context::{Nullable, app, caller, client, extend_time_limit, nullable},
        types::{
            lease::{LeaseView, TicketView},
            number::NumberView,
            pool::{PoolRuleInput, PoolView},
            scalars::Int64,
        },
    },
};

/// What you want a lease of: a number of a pool, or any of a country.
#[derive(InputObject)]
struct AcquireLeaseInput {
    /// A number of this pool of yours.
    pool: Option<String>,
    /// Instead of a pool: any number of this country that you rent, by ISO 3166-1 alpha-2. If none of them is free, one
    /// more is rented.
    country_code: Option<String>,
    /// How long the lease lasts, unless it is renewed: 5 to 3600 seconds.
    #[graphql(default = 120)]
    ttl_seconds: i32,
    /// How long to wait for a number to be free: 0 to 50 seconds, also for several in one request.
    #[graphql(default = 0)]
    wait_seconds: i32,
    /// The ticket of the last answer, to go on waiting.
    ticket: Option<String>,
    /// Your own name for this request, such as a UUID: whoever repeats it with the same key gets the lease that the
    /// first one acquired. Keys are kept for two days.
    idempotency_key: Option<String>,
}

impl AcquireLeaseInput {
    fn read(&self, client: &Client) -> Result<LeaseRequest> {
        let source = match (&self.pool, &self.country_code) {
            (Some(name), None) => LeaseSource::Pool(PoolName::parse("pool", name)?),
            (None, Some(code)) => LeaseSource::Country(CountryCode::parse("countryCode", code)?),
            _ => return Err(Error::invalid("pool", "give either pool or countryCode")),
        };
        let key = self.idempotency_key.as_deref();
        Ok(LeaseRequest {
            source,
            ttl: LeaseTtl::parse("ttlSeconds", self.ttl_seconds.into())?,
            wait: WaitTime::parse("waitSeconds", self.wait_seconds.into(), WaitTime::MAX)?,
            ticket: self.ticket.as_deref().map(|ticket| TicketId::decode("ticket", ticket)).transpose()?,
            key: key.map(|key| IdempotencyKey::parse("idempotency_key", key)).transpose()?,
            client: client.clone(),
        })
    }
}

/// The number is your worker's, or you have a place in the queue.
#[derive(SimpleObject)]
struct AcquireLeasePayload {
    /// The lease, if a number was free in time.
    lease: Option<LeaseView>,
    /// Otherwise your place in the queue.
    ticket: Option<TicketView>,
}

impl From<Acquired> for AcquireLeasePayload {
    fn from(acquired: Acquired) -> Self {
        match acquired {
            Acquired::Leased(lease) => Self { lease: Some(LeaseView(*lease)), ticket: None },
            Acquired::Waiting(ticket) => Self { lease: None, ticket: Some(TicketView(ticket)) },
        }
    }
}

/// Which lease to renew.
#[derive(InputObject)]
struct RenewLeaseInput {
    /// The lease.
    lease_id: ID,
    /// Its fence.
    fence: Int64,
    /// How long it lasts from now on: 5 to 3600 seconds. By default as long as before.
    ttl_seconds: Option<i32>,
}

/// The lease lasts longer.
#[derive(SimpleObject)]
struct RenewLeasePayload {
    /// The lease.
    lease: LeaseView,
}

/// Which lease to release.
#[derive(InputObject)]
struct ReleaseLeaseInput {
    /// The lease.
    lease_id: ID,
    /// Its fence.
    fence: Int64,
}

/// Which ticket to give up.
#[derive(InputObject)]
struct GiveUpLeaseTicketInput {
    /// The ticket of the last answer.
    ticket: String,
}

/// What a pool is to be.
#[derive(InputObject)]
struct CreatePoolInput {
    /// What workers name when they acquire a lease: 1 to 50 characters.
    name: String,
    /// The pause between two leases of one number: 0 to 3600 seconds.
    #[graphql(default = 0)]
    cooldown_seconds: i32,
    /// Which of the numbers that you rent belong to it: with `{}` all, without a rule none.
    rule: Option<PoolRuleInput>,
    /// Numbers that you rent, one by one: at most 100.
    phone_number_ids: Option<Vec<ID>>,
}

/// Your new pool.
#[derive(SimpleObject)]
struct CreatePoolPayload {
    /// The pool.
    pool: PoolView,
}

/// What changes about a pool. What is left out stays.
#[derive(InputObject)]
struct UpdatePoolInput {
    /// One of your pools.
    pool_id: ID,
    /// What workers name when they acquire a lease: 1 to 50 characters.
    name: Option<String>,
    /// The pause between two leases of one number: 0 to 3600 seconds.
    cooldown_seconds: Option<i32>,
    /// The new rule; null removes it.
    rule: MaybeUndefined<PoolRuleInput>,
    /// The numbers that you list, instead of those before: at most 100.
    phone_number_ids: Option<Vec<ID>>,
}

/// The pool as it is now.
#[derive(SimpleObject)]
struct UpdatePoolPayload {
    /// The pool.
    pool: PoolView,
}

/// Which pool to delete.
#[derive(InputObject)]
struct DeletePoolInput {
    /// One of your pools.
    pool_id: ID,
}

/// Which number to grant to which pool.
#[derive(InputObject)]
struct GrantPhoneNumberInput {
    /// The number.
    phone_number_id: ID,
    /// Any user's pool.
    pool_id: ID,
}

/// The number is held for the pool.
#[derive(SimpleObject)]
struct GrantPhoneNumberPayload {
    /// The number.
    phone_number: NumberView,
}

/// Which grant to end.
#[derive(InputObject)]
struct EndPhoneNumberGrantInput {
    /// A number that is granted.
    phone_number_id: ID,
}

/// The number is held for nobody.
#[derive(SimpleObject)]
struct EndPhoneNumberGrantPayload {
    /// The number.
    phone_number: NumberView,
}

fn number_ids(ids: &[ID]) -> Result<Vec<NumberId>> {
    ids.iter().map(|id| NodeId::number("phoneNumberIds", id)).collect()
}

/// Leases and pools. The futures are boxed, so that those of all mutations, which wrap each other, stay small.
#[derive(Default)]
pub(crate) struct LeaseMutation;

/// Leases and pools.
#[Object]
impl LeaseMutation {
    /// A number for one worker: what arrives until the lease ends is read through the lease, and nothing that came
    /// before. When no number is free, who waits is served in order, and a ticket keeps the place for the next request;
    /// without `waitSeconds` and ticket, that is refused with `NO_NUMBER_AVAILABLE`.
    async fn acquire_lease(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you want.")] input: AcquireLeaseInput,
    ) -> Nullable<AcquireLeasePayload> {
        let acquired = async {
            let (app, caller) = (app(ctx), caller(ctx));
            let mut wanted = input.read(client(ctx))?;
            let open = || app.open_connection(caller, client(ctx), Transport::Wait);
            let _permit = (!wanted.wait.is_zero()).then(open).transpose()?;
            wanted.wait = extend_time_limit(ctx, wanted.wait);
            app.acquire_lease(caller, &wanted, &mut app.closing_time_of_request()).await
        };
        nullable(Box::pin(acquired).await.map(Into::into))
    }

    /// Moves the end of a lease. A rental that would end before is extended; 24 hours after it began, both end.
    async fn renew_lease(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lease.")] input: RenewLeaseInput,
    ) -> Nullable<RenewLeasePayload> {
        let renewed = async {
            let id = NodeId::lease("leaseId", &input.lease_id)?;
            let ttl = input.ttl_seconds.map(|ttl| LeaseTtl::parse("ttlSeconds", ttl.into())).transpose()?;
            let lease = app(ctx).renew_lease(caller(ctx), id, Fence(input.fence.0), ttl).await?;
            Ok(RenewLeasePayload { lease: LeaseView(lease) })
        };
        nullable(Box::pin(renewed).await)
    }

    /// Ends a lease: its number is free for the next worker, after the pause of its pool. The number stays rented.
    async fn release_lease(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lease.")] input: ReleaseLeaseInput,
    ) -> Nullable<DonePayload> {
        let released = async {
            let id = NodeId::lease("leaseId", &input.lease_id)?;
            app(ctx).release_lease(caller(ctx), id, Fence(input.fence.0)).await
        };
        done(Box::pin(released).await, "the lease has ended")
    }

    /// Gives up your place in a queue: who waits behind it moves up at once, and not when the ticket expires.
    async fn give_up_lease_ticket(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ticket.")] input: GiveUpLeaseTicketInput,
    ) -> Nullable<DonePayload> {
        let given_up = async {
            let ticket = TicketId::decode("ticket", &input.ticket)?;
            app(ctx).give_up_ticket(caller(ctx), ticket).await
        };
        done(Box::pin(given_up).await, "your place in the queue is given up")
    }

    /// Creates a pool: it has the numbers that you rent and the rule finds, those that you list, and those that an
    /// administrator grants it.
    async fn create_pool(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: CreatePoolInput,
    ) -> Nullable<CreatePoolPayload> {
        let created = async {
            let new = NewPool {
                name: PoolName::parse("name", &input.name)?,
                cooldown: Cooldown::parse("cooldownSeconds", input.cooldown_seconds.into())?,
                rule: input.rule.map(PoolRule::try_from).transpose()?,
                numbers: number_ids(&input.phone_number_ids.unwrap_or_default())?,
            };
            let pool = app(ctx).create_pool(caller(ctx), &new).await?;
            Ok(CreatePoolPayload { pool: PoolView(pool) })
        };
        nullable(Box::pin(created).await)
    }

    /// Changes a pool. Leases go on.
    async fn update_pool(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdatePoolInput,
    ) -> Nullable<UpdatePoolPayload> {
        let updated = async {
            let id = NodeId::pool("poolId", &input.pool_id)?;
            let cooldown = input.cooldown_seconds.map(|seconds| Cooldown::parse("cooldownSeconds", seconds.into()));
            let change = PoolChange {
                name: input.name.map(|name| PoolName::parse("name", &name)).transpose()?,
                cooldown: cooldown.transpose()?,
                rule: match input.rule {
                    MaybeUndefined::Undefined => None,
                    MaybeUndefined::Null => Some(None),
                    MaybeUndefined::Value(rule) => Some(Some(rule.try_into()?)),
                },
                numbers: input.phone_number_ids.as_deref().map(number_ids).transpose()?,
            };
            let pool = app(ctx).update_pool(caller(ctx), id, &change).await?;
            Ok(UpdatePoolPayload { pool: PoolView(pool) })
        };
        nullable(Box::pin(updated).await)
    }

    /// Deletes a pool. Leases of its numbers go on, except of granted ones, which are given back.
    async fn delete_pool(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which pool.")] input: DeletePoolInput,
    ) -> Nullable<DonePayload> {
        let deleted = async {
            let id = NodeId::pool("poolId", &input.pool_id)?;
            app(ctx).delete_pool(caller(ctx), id).await
        };
        done(Box::pin(deleted).await, "the pool is deleted")
    }

    /// Holds a number for a user's pool: nobody else can rent it, and the user rents it without an end. For
    /// administrators.
    async fn grant_phone_number(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which number, and to which pool.")] input: GrantPhoneNumberInput,
    ) -> Nullable<GrantPhoneNumberPayload> {
        let granted = async {
            caller(ctx).admin()?;
            let number = NodeId::number("phoneNumberId", &input.phone_number_id)?;
            let pool = NodeId::pool("poolId", &input.pool_id)?;
            let number = app(ctx).grant_number(caller(ctx), pool, number).await?;
            Ok(GrantPhoneNumberPayload { phone_number: NumberView(number) })
        };
        nullable(Box::pin(granted).await)
    }

    /// Ends the grant of a number, and the lease of it. For administrators.
    async fn end_phone_number_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which grant.")] input: EndPhoneNumberGrantInput,
    ) -> Nullable<EndPhoneNumberGrantPayload> {
        let ended = async {
            caller(ctx).admin()?;
            let number = NodeId::number("phoneNumberId", &input.phone_number_id)?;
            let number = app(ctx).end_grant(caller(ctx), number).await?;
            Ok(EndPhoneNumberGrantPayload { phone_number: NumberView(number) })
        };
        nullable(Box::pin(ended).await)
    }
}
