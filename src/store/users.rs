//! Users: adding, listing, finding and changing them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, FromQueryResult, IdenStatic, Iterable, PaginatorTrait, QueryFilter, QuerySelect, Select,
    SqlErr,
    sea_query::{LikeExpr, LockType},
};

use super::{
    Store, Tx,
    entity::{
        inbox,
        user::{self, Column, Entity},
    },
    paging::{self, Order},
    sql::query,
};
use crate::domain::{
    Credential, Edge, Email, Error, ErrorCode, ListCursor, PageRequest, Plan, Result, Role, User, UserChange,
    UserFilter, UserId,
};

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
    /// What they pay for.
    pub plan: Plan,
    /// Whether the address is known to be theirs.
    pub email_verified: bool,
}

/// What is needed to check a password.
pub struct Login {
    /// The user.
    pub user: User,
    /// Argon2id, in the PHC string format.
    pub password_hash: String,
}

/// A user, and whether a credential is theirs.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The user.
    pub user: Arc<User>,
    /// When the credential expires; none if they do not have it, or no longer.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A change of a user's own profile. What is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// Given name; `Some(None)` removes it.
    pub first_name: Option<Option<String>>,
    /// Family name; `Some(None)` removes it.
    pub last_name: Option<Option<String>>,
}

pub(super) fn read(row: user::Model) -> Result<Login> {
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

/// The columns of a user, in a list of a statement that has others as well.
pub(super) fn columns() -> String {
    Column::iter().map(|column| format!("users.{}", column.as_str())).collect::<Vec<_>>().join(", ")
}

fn matching(filter: &UserFilter) -> Select<Entity> {
    let mut select = Entity::find();
    if let Some(part) = &filter.email_contains {
        // A whole address is looked for in its normal form. The wildcards of LIKE are escaped.
        let part = Email::parse(part).map_or_else(|_| part.to_lowercase(), |email| email.as_str().to_owned());
        let part = part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        select = select.filter(Column::Email.like(LikeExpr::new(format!("%{part}%")).escape('\\')));
    }
    if let Some(role) = filter.role {
        select = select.filter(Column::Role.eq(role.as_str()));
    }
    if let Some(plan) = filter.plan {
        select = select.filter(Column::Plan.eq(plan.as_str()));
    }
    if let Some(is_active) = filter.is_active {
        select = select.filter(Column::IsActive.eq(is_active));
    }
    select
}

impl Store {
    /// A user.
    pub async fn find_user(&self, id: UserId) -> Result<Option<User>> {
        let row = Entity::find_by_id(id.0).one(&self.read).await?;
        Ok(row.map(read).transpose()?.map(|login| login.user))
    }

    /// Users, by their ids.
    pub async fn find_users(&self, ids: &[UserId]) -> Result<Vec<User>> {
        let rows = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0))).all(&self.read).await?;
        rows.into_iter().map(|row| Ok(read(row)?.user)).collect()
    }

    /// One page of the users, by id, and one more if the list continues.
    pub async fn list_users(
        &self,
        filter: &UserFilter,
        page: &PageRequest<ListCursor>,
    ) -> Result<Vec<Edge<ListCursor, User>>> {
        let rows = paging::page(matching(filter), Column::Id, Order::OldestFirst, page).all(&self.read).await?;
        rows.into_iter().map(|row| Ok(Edge { cursor: ListCursor(row.id.into()), node: read(row)?.user })).collect()
    }

    /// How many users match a filter.
    pub async fn count_users(&self, filter: &UserFilter) -> Result<u64> {
        Ok(matching(filter).count(&self.read).await?)
    }

    /// A user, and when a credential expires if it is theirs.
    pub async fn find_holder(&self, id: UserId, credential: Credential) -> Result<Option<Holder>> {
        #[derive(FromQueryResult)]
        struct Row {
            #[sea_orm(nested)]
            user: user::Model,
            credential: Option<i32>,
            until: Option<DateTime<Utc>>,
        }
        let (table, credential) = match credential {
            Credential::Session(session) => ("user_sessions", session.0),
            Credential::ApiKey(key) => ("api_keys", key.0),
        };
        let sql = format!(
            "SELECT {}, c.id AS credential, c.expires_at AS until FROM users
             LEFT JOIN {table} c ON c.id = $2 AND c.user_id = users.id WHERE users.id = $1",
            columns()
        );
        let rows: Vec<Row> = query(&self.read, sql, [id.0.into(), credential.into()]).await?;
        let holder = |row: Row| {
            let expires_at = row.credential.map(|_| row.until.unwrap_or(DateTime::<Utc>::MAX_UTC));
            Ok(Holder { user: Arc::new(read(row.user)?.user), expires_at })
        };
        rows.into_iter().next().map(holder).transpose()
    }

    /// A user and the hash of their password, by id.
    pub async fn find_login_of(&self, id: UserId) -> Result<Option<Login>> {
        Entity::find_by_id(id.0).one(&self.read).await?.map(read).transpose()
    }

    /// Changes the profile of a user. Returns the user, if there is one.
    pub async fn change_profile(&self, id: UserId, change: ProfileChange) -> Result<Option<User>> {
        let set = |value: Option<Option<String>>| value.map_or(sea_orm::ActiveValue::NotSet, Set);
        let row = user::ActiveModel {
            id: sea_orm::ActiveValue::Unchanged(id.0),
            first_name: set(change.first_name),
            last_name: set(change.last_name),
            ..Default::default()
        };
        match Entity::update(row).exec(&self.write).await {
            Ok(row) => Ok(Some(read(row)?.user)),
            Err(sea_orm::DbErr::RecordNotUpdated) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A user and the hash of their password, by address.
    pub async fn find_login(&self, email: &Email) -> Result<Option<Login>> {
        for spelling in email.spellings() {
            if let Some(row) = Entity::find().filter(Column::Email.eq(spelling)).one(&self.read).await? {
                return Ok(Some(read(row)?));
            }
        }
        Ok(None)
    }
}

impl Tx {
    /// Locks a user: of two transactions about the same user, the second sees what the first did.
    pub async fn lock_user(&self, id: UserId) -> Result<Option<User>> {
        Ok(self.lock_login(id).await?.map(|login| login.user))
    }

    /// The same, with the hash of the password.
    pub async fn lock_login(&self, id: UserId) -> Result<Option<Login>> {
        // Sessions and rentals refer to their user: those that are being stored need not wait.
        let select = Entity::find_by_id(id.0).lock(LockType::NoKeyUpdate);
        select.one(&self.0).await?.map(read).transpose()
    }

    /// A user, without a lock.
    pub async fn find_user(&self, id: UserId) -> Result<Option<User>> {
        Ok(Entity::find_by_id(id.0).one(&self.0).await?.map(read).transpose()?.map(|login| login.user))
    }

    /// Changes the role, the plan or the state of a user.
    pub async fn change_user(&self, id: UserId, change: UserChange) -> Result<User> {
        let row = user::ActiveModel {
            id: sea_orm::ActiveValue::Unchanged(id.0),
            role: change.role.map_or(sea_orm::ActiveValue::NotSet, |role| Set(role.as_str().to_owned())),
            plan: change.plan.map_or(sea_orm::ActiveValue::NotSet, |plan| Set(plan.as_str().to_owned())),
            is_active: change.is_active.map_or(sea_orm::ActiveValue::NotSet, Set),
            ..Default::default()
        };
        Ok(read(Entity::update(row).exec(&self.0).await?)?.user)
    }

    /// Stores when a user signed in.
    pub async fn set_last_login(&self, id: UserId, now: DateTime<Utc>) -> Result<()> {
        let row = user::ActiveModel { id: Set(id.0), last_login: Set(Some(now)), ..Default::default() };
        Entity::update(row).exec(&self.0).await?;
        Ok(())
    }

    /// Adds a user and their inbox.
    ///
    /// # Errors
    /// `EMAIL_TAKEN` when an account has the address.
    pub async fn insert_user(&self, new: NewUser, now: DateTime<Utc>) -> Result<User> {
        let taken =
            || Error::new(ErrorCode::EmailTaken, "an account with this e-mail address exists").with("field", "email");
        if Entity::find().filter(Column::Email.is_in(new.email.spellings())).count(&self.0).await? > 0 {
            return Err(taken());
        }
        let row = user::ActiveModel {
            email: Set(new.email.as_str().to_owned()),
            password_hash: Set(new.password_hash),
            first_name: Set(new.first_name),
            last_name: Set(new.last_name),
            role: Set(new.role.as_str().to_owned()),
            plan: Set(new.plan.as_str().to_owned()),
            email_verified: Set(new.email_verified),
            created_at: Set(now),
            ..Default::default()
        };
        let row = match Entity::insert(row).exec_with_returning(&self.0).await {
            Ok(row) => row,
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                return Err(taken());
            }
            Err(error) => return Err(error.into()),
        };
        let inbox = inbox::ActiveModel { user_id: Set(row.id), ..Default::default() };
        inbox::Entity::insert(inbox).exec_without_returning(&self.0).await?;
        Ok(read(row)?.user)
    }
}
