//! The networks that users logged in from lately.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter};

use super::{
    Store, Tx,
    entity::login_network::{Column, Entity},
    sql::{execute, query},
};
use crate::domain::{Email, Result, UserId};

impl Store {
    /// Whether the user with this address has logged in from a network since a time.
    pub async fn has_logged_in_from(&self, email: &Email, network: &str, since: DateTime<Utc>) -> Result<bool> {
        #[derive(FromQueryResult)]
        struct Found {
            #[expect(dead_code, reason = "only its existence matters")]
            user_id: i32,
        }
        let sql = "SELECT n.user_id FROM login_networks n JOIN users u ON u.id = n.user_id
                   WHERE u.email IN ($1, $2) AND n.network = $3 AND n.last_login_at > $4";
        let written = email.spellings().next().unwrap_or(email.as_str());
        let values = [written.into(), email.as_str().into(), network.into(), since.into()];
        let found: Vec<Found> = query(&self.read, sql.to_owned(), values).await?;
        Ok(!found.is_empty())
    }
}

impl Tx {
    /// Stores that a user logged in from a network, and forgets all but the `count` latest networks.
    pub async fn set_logged_in_from(&self, user: UserId, network: &str, count: u64, now: DateTime<Utc>) -> Result<()> {
        let sql = "INSERT INTO login_networks (user_id, network, last_login_at) VALUES ($1, $2, $3)
                   ON CONFLICT (user_id, network) DO UPDATE SET last_login_at = excluded.last_login_at";
        execute(&self.0, sql.to_owned(), [user.0.into(), network.into(), now.into()]).await?;
        let sql = "DELETE FROM login_networks WHERE user_id = $1 AND network NOT IN
                   (SELECT network FROM login_networks WHERE user_id = $1
                    ORDER BY last_login_at DESC, network LIMIT $2)";
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        execute(&self.0, sql.to_owned(), [user.0.into(), count.into()]).await?;
        Ok(())
    }

    /// Forgets the networks that a user logged in from.
    pub async fn forget_login_networks(&self, user: UserId) -> Result<()> {
        Entity::delete_many().filter(Column::UserId.eq(user.0)).exec(&self.0).await?;
        Ok(())
    }

    /// The networks that a user logged in from lately.
    pub async fn list_login_networks(&self, user: UserId) -> Result<Vec<String>> {
        let rows = Entity::find().filter(Column::UserId.eq(user.0)).all(&self.0).await?;
        Ok(rows.into_iter().map(|row| row.network).collect())
    }
}
