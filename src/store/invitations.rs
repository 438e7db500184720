//! Invitations to make an account.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, sea_query::LockType,
};

use super::{
    Store, Tx,
    entity::invitation::{ActiveModel, Column, Entity, Model},
    paging::{self, Order},
    sql::execute,
};
use crate::domain::{
    Edge, Email, Error, Invitation, InvitationId, ListCursor, NewInvitation, PageRequest, Result, UserId,
};

fn read(row: Model) -> Result<Invitation> {
    Ok(Invitation {
        id: InvitationId(row.id),
        email: row.email,
        plan: row.plan.parse().map_err(Error::internal)?,
        is_mailed: row.is_mailed,
        created_by: row.created_by.map(UserId),
        created_at: row.created_at,
        expires_at: row.expires_at,
        used_by: row.used_by.map(UserId),
        used_at: row.used_at,
    })
}

fn usable(digest: &str, now: DateTime<Utc>) -> Select<Entity> {
    Entity::find()
        .filter(Column::TokenDigest.eq(digest))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
}

impl Store {
    /// One page of the invitations, newest first, and one more if the list continues.
    pub async fn list_invitations(&self, page: &PageRequest<ListCursor>) -> Result<Vec<Edge<ListCursor, Invitation>>> {
        let rows = paging::page(Entity::find(), Column::Id, Order::NewestFirst, page).all(&self.read).await?;
        rows.into_iter().map(|row| Ok(Edge { cursor: ListCursor(row.id.into()), node: read(row)? })).collect()
    }

    /// Every invitation, newest first. There are no more than [`NewInvitation::MAX`].
    pub async fn list_all_invitations(&self) -> Result<Vec<Invitation>> {
        let rows = Entity::find().order_by_desc(Column::Id).all(&self.read).await?;
        rows.into_iter().map(read).collect()
    }

    /// The number of invitations.
    pub async fn count_invitations(&self) -> Result<u64> {
        Ok(Entity::find().count(&self.read).await?)
    }

    /// Invitations, by their ids.
    pub async fn find_invitations(&self, ids: &[InvitationId]) -> Result<Vec<Invitation>> {
        let select = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
        select.all(&self.read).await?.into_iter().map(read).collect()
    }

    /// The invitation that a token is good for now.
    pub async fn find_usable_invitation(&self, digest: &str, now: DateTime<Utc>) -> Result<Option<Invitation>> {
        usable(digest, now).one(&self.read).await?.map(read).transpose()
    }
}

impl Tx {
    /// The number of invitations. No other transaction adds one until this one ends.
    pub async fn lock_invitations(&self) -> Result<u64> {
        // SQLite has one writer.
        if self.0.get_database_backend() == DbBackend::Postgres {
            execute(&self.0, "LOCK TABLE invitations IN SHARE ROW EXCLUSIVE MODE".to_owned(), []).await?;
        }
        Ok(Entity::find().count(&self.0).await?)
    }

    /// Adds an invitation with the digest of its token.
    pub async fn insert_invitation(
        &self,
        by: Option<UserId>,
        new: &NewInvitation,
        digest: &str,
        now: DateTime<Utc>,
    ) -> Result<Invitation> {
        let row = ActiveModel {
            token_digest: Set(digest.to_owned()),
            email: Set(new.email.as_ref().map(|email: &Email| email.as_str().to_owned())),
            plan: Set(new.plan.as_str().to_owned()),
            is_mailed: Set(new.is_mailed),
            created_by: Set(by.map(|id| id.0)),
            created_at: Set(now),
            expires_at: Set(now + new.lifetime),
            ..Default::default()
        };
        read(Entity::insert(row).exec_with_returning(&self.0).await?)
    }

    /// Locks the invitation that a token is good for now: of two who use it at once, the second finds it used.
    pub async fn lock_usable_invitation(&self, digest: &str, now: DateTime<Utc>) -> Result<Option<Invitation>> {
        usable(digest, now).lock(LockType::NoKeyUpdate).one(&self.0).await?.map(read).transpose()
    }

    /// Marks a locked invitation as used.
    pub async fn set_invitation_used(&self, id: InvitationId, user: UserId, now: DateTime<Utc>) -> Result<()> {
        let row =
            ActiveModel { id: Set(id.0), used_by: Set(Some(user.0)), used_at: Set(Some(now)), ..Default::default() };
        Entity::update(row).exec(&self.0).await?;
        Ok(())
    }

    /// Deletes an invitation. Returns whether it existed.
    pub async fn delete_invitation(&self, id: InvitationId) -> Result<bool> {
        Ok(Entity::delete_by_id(id.0).exec(&self.0).await?.rows_affected == 1)
    }
}
