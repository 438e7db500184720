//! Parts of long messages.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message_parts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partial_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub part_number: i32,
    pub provider_message_id: String,
    #[sea_orm(column_type = "Text")]
    pub message_content: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub metadata: Json,
    pub sent_at: Option<DateTimeUtc>,
    pub received_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
