//! The activity of providers, by the hour.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "provider_activity")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub hour: DateTimeUtc,
    pub messages: i64,
    pub duplicates: i64,
    pub unroutable: i64,
    pub statuses: i64,
    pub failures: i64,
    pub refusals: i64,
    pub limited: i64,
    pub last_message_at: Option<DateTimeUtc>,
    pub last_failure_at: Option<DateTimeUtc>,
    pub last_refusal_at: Option<DateTimeUtc>,
    pub last_refusal: Option<String>,
    pub least_lag_seconds: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
