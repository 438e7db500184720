//! Accounts at SMS providers.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sms_providers")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub kind: String,
    pub name: String,
    pub api_endpoint: String,
    pub webhook_endpoint: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub api_key_encrypted: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub api_secret_encrypted: Option<String>,
    pub is_active: bool,
    pub priority: i32,
    pub rate_limit_per_minute: i32,
    #[sea_orm(column_type = "JsonBinary")]
    pub configuration: Json,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub previous_secret_encrypted: Option<String>,
    pub secret_changed_at: Option<DateTimeUtc>,
    pub secret_verified_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
