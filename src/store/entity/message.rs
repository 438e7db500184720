//! Received messages.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub phone_number_id: i32,
    pub user_id: Option<i32>,
    pub assignment_id: Option<i32>,
    pub inbox_seq: Option<i64>,
    pub sender_number: String,
    #[sea_orm(column_type = "Text")]
    pub message_content: String,
    pub message_type: String,
    pub otp_code: Option<String>,
    pub otp_service: Option<String>,
    pub otp_service_key: Option<String>,
    pub otp_score: Option<i16>,
    pub received_at: DateTimeUtc,
    pub provider_message_id: Option<String>,
    pub provider_id: Option<i32>,
    pub is_read: bool,
    #[sea_orm(column_type = "JsonBinary")]
    pub metadata: Json,
    pub created_at: DateTimeUtc,
    pub lease_id: Option<i64>,
    pub channel: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
