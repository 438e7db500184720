//! Tokens that are sent by mail, to verify an address or to set a new password. Only their digests are stored.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Select,
    sea_query::{Expr, LockType},
};

use super::{
    Store, Tx,
    entity::user::{self, Column, Entity},
    users::read,
};
use crate::domain::{Email, Result, User, UserId};

fn find_by_reset_token(digest: &str, now: DateTime<Utc>) -> Select<Entity> {
    Entity::find()
        .filter(Column::PasswordResetToken.eq(digest))
        .filter(Column::PasswordResetExpires.gt(now))
        .filter(Column::IsActive.eq(true))
}

impl Store {
    /// Stores the digest of a verification token for an active account whose address is not verified. Returns whether
    /// there is one.
    pub async fn set_verification_token(&self, email: &Email, digest: &str, expires: DateTime<Utc>) -> Result<bool> {
        for spelling in email.spellings() {
            let update = Entity::update_many()
                .col_expr(Column::EmailVerificationToken, Expr::value(digest))
                .col_expr(Column::EmailVerificationExpires, Expr::value(expires))
                .filter(Column::Email.eq(spelling))
                .filter(Column::IsActive.eq(true))
                .filter(Column::EmailVerified.eq(false));
            if update.exec(&self.write).await?.rows_affected > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Stores the digest of a token for a new password of an active account. Returns whether there is one.
    pub async fn set_reset_token(&self, email: &Email, digest: &str, expires: DateTime<Utc>) -> Result<bool> {
        for spelling in email.spellings() {
            let update = Entity::update_many()
                .col_expr(Column::PasswordResetToken, Expr::value(digest))
                .col_expr(Column::PasswordResetExpires, Expr::value(expires))
                .filter(Column::Email.eq(spelling))
                .filter(Column::IsActive.eq(true));
            if update.exec(&self.write).await?.rows_affected > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The user whose token for a new password is valid now. It is not used up.
    pub async fn find_reset(&self, digest: &str, now: DateTime<Utc>) -> Result<Option<User>> {
        let row = find_by_reset_token(digest, now).one(&self.read).await?;
        Ok(row.map(read).transpose()?.map(|login| login.user))
    }
}

impl Tx {
    /// Locks the user whose verification token is valid now.
    pub async fn lock_verification(&self, digest: &str, now: DateTime<Utc>) -> Result<Option<User>> {
        let select = Entity::find()
            .filter(Column::EmailVerificationToken.eq(digest))
            .filter(Column::EmailVerificationExpires.gt(now))
            .lock(LockType::NoKeyUpdate);
        Ok(select.one(&self.0).await?.map(read).transpose()?.map(|login| login.user))
    }

    /// Locks the user whose token for a new password is valid now.
    pub async fn lock_reset(&self, digest: &str, now: DateTime<Utc>) -> Result<Option<User>> {
        let select = find_by_reset_token(digest, now).lock(LockType::NoKeyUpdate);
        Ok(select.one(&self.0).await?.map(read).transpose()?.map(|login| login.user))
    }

    /// Sets the password of a user. A token for a new one is void after that.
    pub async fn set_password(&self, id: UserId, password_hash: String) -> Result<()> {
        let row = user::ActiveModel {
            id: Set(id.0),
            password_hash: Set(password_hash),
            password_reset_token: Set(None),
            password_reset_expires: Set(None),
            ..Default::default()
        };
        Entity::update(row).exec(&self.0).await?;
        Ok(())
    }

    /// Marks the address of a user as verified. A token for verifying it is void after that.
    pub async fn set_email_verified(&self, id: UserId) -> Result<()> {
        let row = user::ActiveModel {
            id: Set(id.0),
            email_verified: Set(true),
            email_verification_token: Set(None),
            email_verification_expires: Set(None),
            ..Default::default()
        };
        Entity::update(row).exec(&self.0).await?;
        Ok(())
    }
}
