//! Leases of numbers.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "leases")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub user_id: i32,
    pub pool_id: Option<i32>,
    pub phone_number_id: i32,
    pub assignment_id: i32,
    pub fence: i64,
    pub ttl_seconds: i32,
    pub cursor_seq: i64,
    pub started_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
    pub end_reason: Option<String>,
    pub unclaimed_since: DateTimeUtc,
    pub unclaimed_after: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
