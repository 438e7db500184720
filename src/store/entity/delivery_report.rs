//! Delivery reports: the outcomes of webhooks and status callbacks.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery_reports")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub message_id: Option<i64>,
    pub provider_id: Option<i32>,
    pub provider_message_id: Option<String>,
    pub phone_number: Option<String>,
    pub status: String,
    pub delivery_timestamp: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text")]
    pub error_message: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub webhook_payload: Option<Json>,
    pub retry_count: i32,
    pub created_at: DateTimeUtc,
    pub kind: String,
    pub provider_status: Option<String>,
    pub status_reason: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
