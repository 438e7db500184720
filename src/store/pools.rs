//! Pools of numbers.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QuerySelect, SqlErr,
    sea_query::LockType,
};

use super::{
    AsOf, Store, Tx,
    entity::{
        phone_number,
        pool::{self, Column, Entity, Model},
        pool_number,
    },
    sql::{execute, query},
};
use crate::domain::{
    Cooldown, CountryCode, Error, ErrorCode, Label, NewPool, NumberId, Pool, PoolChange, PoolId, PoolName, PoolRule,
    Result, UserId,
};

/// The condition that a number `n` that the user of a pool `p` rents belongs to the pool. A granted number is held for
/// one pool alone.
pub(super) const IS_MEMBER: &str = "n.granted_pool_id = p.id OR n.granted_pool_id IS NULL AND (
    p.has_rule AND (p.country_code IS NULL OR p.country_code = n.country_code)
        AND (p.label IS NULL OR p.label = n.label)
    OR EXISTS (SELECT 1 FROM pool_numbers m WHERE m.pool_id = p.id AND m.phone_number_id = n.id))";

fn rule_of(row: &Model) -> Option<PoolRule> {
    row.has_rule.then(|| PoolRule {
        country_code: row.country_code.clone().map(CountryCode::stored),
        label: row.label.clone().map(Label::stored),
    })
}

fn taken(error: sea_orm::DbErr) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            Error::new(ErrorCode::AlreadyExists, "you have a pool of this name").with("field", "name")
        }
        _ => error.into(),
    }
}

impl Store {
    /// The pools of a user, by name, with what is in them now.
    pub async fn list_pools(&self, user: UserId, at: AsOf) -> Result<Vec<Pool>> {
        #[derive(FromQueryResult)]
        struct Counted {
            id: i32,
            numbers: i64,
            leased: i64,
            waiting: i64,
        }
        let select = Entity::find().filter(Column::UserId.eq(user.0));
        let mut rows = select.all(&self.read).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        rows.sort_by(|one, other| one.name.cmp(&other.name));
        let is_rented = "n.user_id = p.user_id AND n.status = 'assigned' AND n.expires_at > $2";
        let sql = format!(
            "SELECT p.id,
                    (SELECT count(*) FROM phone_numbers n WHERE {is_rented} AND ({IS_MEMBER})) AS numbers,
                    (SELECT count(*) FROM phone_numbers n JOIN leases l ON l.phone_number_id = n.id
                     WHERE {is_rented} AND ({IS_MEMBER}) AND l.ended_at IS NULL AND l.expires_at > $2) AS leased,
                    (SELECT count(*) FROM lease_tickets t WHERE t.pool_id = p.id AND t.expires_at > $2) AS waiting
             FROM pools p WHERE p.user_id = $1"
        );
        let counted: Vec<Counted> = query(&self.read, sql, [user.0.into(), at.now.into()]).await?;
        let counted: BTreeMap<i32, Counted> = counted.into_iter().map(|row| (row.id, row)).collect();
        let ids = || rows.iter().map(|row| row.id);
        let listed = pool_number::Entity::find().filter(pool_number::Column::PoolId.is_in(ids()));
        let listed = listed.all(&self.read).await?;
        let granted = phone_number::Entity::find().filter(phone_number::Column::GrantedPoolId.is_in(ids()));
        let granted = granted.all(&self.read).await?;
        let sorted = |ids: Vec<i32>| {
            let mut ids: Vec<_> = ids.into_iter().map(NumberId).collect();
            ids.sort_unstable();
            ids
        };
        let view = |row: &Model| {
            let count = |of: fn(&Counted) -> i64| counted.get(&row.id).map(of).unwrap_or_default().unsigned_abs();
            let listed = listed.iter().filter(|number| number.pool_id == row.id);
            let granted = granted.iter().filter(|number| number.granted_pool_id == Some(row.id));
            Pool {
                id: PoolId(row.id),
                name: PoolName::stored(row.name.clone()),
                cooldown: Cooldown::stored(row.cooldown_seconds),
                rule: rule_of(row),
                number_ids: sorted(listed.map(|number| number.phone_number_id).collect()),
                granted_ids: sorted(granted.map(|number| number.id).collect()),
                numbers: count(|row| row.numbers),
                leased: count(|row| row.leased),
                waiting: count(|row| row.waiting),
            }
        };
        Ok(rows.iter().map(view).collect())
    }
}

impl Store {
    /// Forgets of at most so many ended leases that they were acquired from a user's pool. Returns of how many.
    ///
    /// Leases are kept for weeks, and deleting a pool would otherwise change all of its at once, while everything else
    /// that writes waits.
    pub async fn detach_ended_leases(&self, user: UserId, pool: PoolId, limit: u32) -> Result<u64> {
        let sql = "UPDATE leases SET pool_id = NULL WHERE id IN (
                       SELECT l.id FROM leases l JOIN pools p ON p.id = l.pool_id
                       WHERE l.pool_id = $1 AND p.user_id = $2 AND l.ended_at IS NOT NULL LIMIT $3)";
        let values = [pool.0.into(), user.0.into(), i64::from(limit).into()];
        Ok(execute(&self.write, sql.to_owned(), values).await?)
    }
}

impl Tx {
    /// Locks a pool of a user by its name: one lease of it is acquired at a time, which keeps the order of its queue.
    pub async fn lock_pool(&self, user: UserId, name: &PoolName) -> Result<Option<(PoolId, Cooldown)>> {
        let select = Entity::find().filter(Column::UserId.eq(user.0)).filter(Column::Name.eq(name.as_str()));
        let row = select.lock(LockType::NoKeyUpdate).one(&self.0).await?;
        Ok(row.map(|row| (PoolId(row.id), Cooldown::stored(row.cooldown_seconds))))
    }

    /// Locks a pool by its id. Returns its user.
    pub async fn lock_pool_by_id(&self, id: PoolId) -> Result<Option<UserId>> {
        let row = Entity::find_by_id(id.0).lock(LockType::NoKeyUpdate).one(&self.0).await?;
        Ok(row.map(|row| UserId(row.user_id)))
    }

    /// How many pools a user has.
    pub async fn count_pools(&self, user: UserId) -> Result<u64> {
        Ok(Entity::find().filter(Column::UserId.eq(user.0)).count(&self.0).await?)
    }

    /// Adds a pool.
    ///
    /// # Errors
    /// `ALREADY_EXISTS` when the user has one of this name.
    pub async fn insert_pool(&self, user: UserId, new: &NewPool, now: DateTime<Utc>) -> Result<PoolId> {
        let (has_rule, country, label) = rule_columns(new.rule.as_ref());
        let row = pool::ActiveModel {
            user_id: Set(user.0),
            name: Set(new.name.as_str().to_owned()),
            cooldown_seconds: Set(new.cooldown.seconds().into()),
            has_rule: Set(has_rule),
            country_code: Set(country),
            label: Set(label),
            created_at: Set(now),
            ..Default::default()
        };
        let id = Entity::insert(row).exec(&self.0).await.map_err(taken)?.last_insert_id;
        self.insert_pool_numbers(PoolId(id), &new.numbers).await?;
        Ok(PoolId(id))
    }

    /// Changes a locked pool.
    ///
    /// # Errors
    /// `ALREADY_EXISTS` when the user has another one of this name.
    pub async fn update_pool(&self, id: PoolId, change: &PoolChange) -> Result<()> {
        let mut row = pool::ActiveModel {
            id: Unchanged(id.0),
            name: change.name.as_ref().map_or(NotSet, |name| Set(name.as_str().to_owned())),
            cooldown_seconds: change.cooldown.map_or(NotSet, |cooldown| Set(cooldown.seconds().into())),
            ..Default::default()
        };
        if let Some(rule) = &change.rule {
            let (has_rule, country, label) = rule_columns(rule.as_ref());
            (row.has_rule, row.country_code, row.label) = (Set(has_rule), Set(country), Set(label));
        }
        if change.name.is_some() || change.cooldown.is_some() || change.rule.is_some() {
            Entity::update(row).exec(&self.0).await.map_err(taken)?;
        }
        if let Some(numbers) = &change.numbers {
            let all = pool_number::Entity::delete_many().filter(pool_number::Column::PoolId.eq(id.0));
            all.exec(&self.0).await?;
            self.insert_pool_numbers(id, numbers).await?;
        }
        Ok(())
    }

    async fn insert_pool_numbers(&self, pool: PoolId, numbers: &[NumberId]) -> Result<()> {
        let distinct: HashSet<NumberId> = numbers.iter().copied().collect();
        if distinct.is_empty() {
            return Ok(());
        }
        let rows = distinct
            .into_iter()
            .map(|number| pool_number::ActiveModel { pool_id: Set(pool.0), phone_number_id: Set(number.0) });
        pool_number::Entity::insert_many(rows).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// The numbers that are granted to a pool.
    pub async fn list_granted(&self, pool: PoolId) -> Result<Vec<NumberId>> {
        let select = phone_number::Entity::find().filter(phone_number::Column::GrantedPoolId.eq(pool.0));
        Ok(select.all(&self.0).await?.into_iter().map(|row| NumberId(row.id)).collect())
    }

    /// Deletes a locked pool. What refers to it is changed with it: see [`Store::detach_ended_leases`].
    pub async fn delete_pool(&self, id: PoolId) -> Result<()> {
        Entity::delete_by_id(id.0).exec(&self.0).await?;
        Ok(())
    }
}

fn rule_columns(rule: Option<&PoolRule>) -> (bool, Option<String>, Option<String>) {
    let country = rule.and_then(|rule| rule.country_code.as_ref()).map(|code| code.as_str().to_owned());
    let label = rule.and_then(|rule| rule.label.as_ref()).map(|label| label.as_str().to_owned());
    (rule.is_some(), country, label)
}
