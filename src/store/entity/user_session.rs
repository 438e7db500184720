//! Sessions, found by the digest of their refresh token.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "user_sessions")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub user_id: i32,
    pub refresh_token: String,
    pub previous_refresh_token: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub device_info: Json,
    #[sea_orm(column_type = "Inet", select_as = "text")]
    pub ip_address: Option<String>,
    pub expires_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    pub last_used_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
