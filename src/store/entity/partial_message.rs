//! Long messages that are not complete, or were released in parts.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "partial_messages")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub provider_id: i32,
    pub phone_number: String,
    pub sender_number: String,
    pub part_reference: String,
    pub part_count: i32,
    pub first_received_at: DateTimeUtc,
    pub released_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
