//! Users.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, SqlErr};

use super::{
    Store, Tx,
    entity::{
        inbox,
        user::{self, Column, Entity},
    },
};
use crate::domain::{Code, Email, Error, Result, Role, User, UserId};

/// A user to be stored.
pub struct NewUser {
    /// The address.
    pub email: Email,
    /// Argon2id, in the PHC string format.
    pub password_hash: String,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// What they may do.
    pub role: Role,
}

/// What is needed to check a password.
pub struct Login {
    /// The user.
    pub user: User,
    /// Argon2id, in the PHC string format.
    pub password_hash: String,
}

fn read(row: user::Model) -> Result<Login> {
    let user = User {
        id: UserId(row.id),
        email: row.email,
        first_name: row.first_name,
        last_name: row.last_name,
        role: row.role.parse().map_err(Error::internal)?,
        plan: row.plan.parse().map_err(Error::internal)?,
        is_active: row.is_active,
        email_verified: row.email_verified,
        created_at: row.created_at,
        last_login: row.last_login,
    };
    Ok(Login { user, password_hash: row.password_hash })
}

impl Store {
    /// A user.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn find_user(&self, id: UserId) -> Result<Option<User>> {
        let row = Entity::find_by_id(id.0).one(&self.read).await?;
        Ok(row.map(read).transpose()?.map(|login| login.user))
    }

    /// A user and their password's hash, by address.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn find_login(&self, email: &Email) -> Result<Option<Login>> {
        Entity::find().filter(Column::Email.eq(email.as_str())).one(&self.read).await?.map(read).transpose()
    }

    /// Writes down when a user signed in.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn set_last_login(&self, id: UserId, now: DateTime<Utc>) -> Result<()> {
        let row = user::ActiveModel { id: Set(id.0), last_login: Set(Some(now)), ..Default::default() };
        Entity::update(row).exec(&self.write).await?;
        Ok(())
    }
}

impl Tx {
    /// Adds a user and their inbox.
    ///
    /// # Errors
    /// `EMAIL_TAKEN` when there is an account with the address.
    pub async fn insert_user(&self, new: NewUser, now: DateTime<Utc>) -> Result<User> {
        let row = user::ActiveModel {
            email: Set(new.email.as_str().to_owned()),
            password_hash: Set(new.password_hash),
            first_name: Set(new.first_name),
            last_name: Set(new.last_name),
            role: Set(new.role.as_str().to_owned()),
            created_at: Set(now),
            ..Default::default()
        };
        let row = match Entity::insert(row).exec_with_returning(&self.0).await {
            Ok(row) => row,
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                return Err(
                    Error::new(Code::EmailTaken, "an account with this e-mail address exists").with("field", "email")
                );
            }
            Err(error) => return Err(error.into()),
        };
        let inbox = inbox::ActiveModel { user_id: Set(row.id), ..Default::default() };
        inbox::Entity::insert(inbox).exec_without_returning(&self.0).await?;
        Ok(read(row)?.user)
    }
}
