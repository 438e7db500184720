//! Idempotency keys of requests that rent, extend or lease.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, SqlErr};

use super::{
    Tx,
    entity::{
        idempotency_key::{self, Column, Entity},
        number_assignment,
    },
};
use crate::domain::{AssignmentId, Error, IdempotencyKey, LeaseId, NumberId, Result, UserId};

/// A request that was made before with the same idempotency key.
#[derive(Debug)]
pub struct PriorRequest {
    /// What was requested.
    pub request: String,
    /// The number that was rented, or whose rental was extended.
    pub number: NumberId,
    /// Whether that rental has ended.
    pub ended: bool,
    /// The lease that was acquired, if one was.
    pub lease: Option<LeaseId>,
}

impl Tx {
    /// The request that a user made with a key.
    pub async fn find_prior_request(&self, user: UserId, key: &IdempotencyKey) -> Result<Option<PriorRequest>> {
        let found = Entity::find()
            .filter(Column::UserId.eq(user.0))
            .filter(Column::IdempotencyKey.eq(key.as_str()))
            .one(&self.0)
            .await?;
        let Some(found) = found else { return Ok(None) };
        let rental = number_assignment::Entity::find_by_id(found.assignment_id).one(&self.0).await?;
        Ok(rental.map(|rental| PriorRequest {
            request: found.request,
            number: NumberId(rental.phone_number_id),
            ended: rental.ended_at.is_some(),
            lease: found.lease_id.map(LeaseId),
        }))
    }

    /// Stores the outcome of a request with its key.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the same request is being made concurrently: trying again finds it.
    pub async fn insert_idempotency_key(
        &self,
        user: UserId,
        key: &IdempotencyKey,
        request: String,
        assignment: AssignmentId,
        lease: Option<LeaseId>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let row = idempotency_key::ActiveModel {
            user_id: Set(user.0),
            idempotency_key: Set(key.as_str().to_owned()),
            request: Set(request),
            assignment_id: Set(assignment.0),
            created_at: Set(now),
            lease_id: Set(lease.map(|lease| lease.0)),
            ..Default::default()
        };
        match Entity::insert(row).exec_without_returning(&self.0).await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                Err(Error::unavailable(error))
            }
            Err(error) => Err(error.into()),
        }
    }
}
