//! The numbers that pools list.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pool_numbers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub pool_id: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub phone_number_id: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
