//! Operators' own patterns for one-time codes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "otp_patterns")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub provider_id: Option<i32>,
    pub sender: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub pattern: String,
    pub service: Option<String>,
    pub is_active: bool,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
