//! Pools.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain;

/// Which of the numbers that you rent belong to a pool: all of them, or those that fulfil both conditions.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rest) struct Rule {
    /// Only those of this country, by ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 2, max_length = 2, pattern = "^[A-Za-z]{2}$", example = "US")]
    country_code: Option<String>,
    /// Only those with this label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 50, example = "checkout")]
    label: Option<String>,
}

impl TryFrom<Rule> for domain::PoolRule {
    type Error = domain::Error;

    fn try_from(rule: Rule) -> domain::Result<Self> {
        Ok(Self {
            country_code: rule
                .country_code
                .map(|code| domain::CountryCode::parse("rule.country_code", &code))
                .transpose()?,
            label: rule.label.map(|label| domain::Label::parse("rule.label", &label)).transpose()?,
        })
    }
}

/// A named set of your numbers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Pool {
    #[schema(example = 3)]
    id: i32,
    #[schema(example = "ci")]
    name: String,
    /// The pause between two leases of one number, in seconds.
    #[schema(example = 0)]
    cooldown_seconds: u16,
    /// Which of the numbers that you rent belong to it, if any do by a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    rule: Option<Rule>,
    /// The numbers that you have listed.
    #[schema(example = json!([123]))]
    phone_number_ids: Vec<i32>,
    /// The numbers that an administrator has granted it.
    #[schema(example = json!([]))]
    granted_phone_number_ids: Vec<i32>,
    /// How many numbers it has now.
    #[schema(example = 4)]
    numbers: u64,
    /// How many of them are leased now.
    #[schema(example = 2)]
    leased: u64,
    /// How many wait for one.
    #[schema(example = 0)]
    waiting: u64,
}

impl From<domain::Pool> for Pool {
    fn from(pool: domain::Pool) -> Self {
        let ids = |ids: Vec<domain::NumberId>| ids.into_iter().map(|id| id.0).collect();
        Self {
            id: pool.id.0,
            name: pool.name.as_str().to_owned(),
            cooldown_seconds: pool.cooldown.seconds(),
            rule: pool.rule.map(|rule| Rule {
                country_code: rule.country_code.map(|code| code.as_str().to_owned()),
                label: rule.label.map(|label| label.as_str().to_owned()),
            }),
            phone_number_ids: ids(pool.number_ids),
            granted_phone_number_ids: ids(pool.granted_ids),
            numbers: pool.numbers,
            leased: pool.leased,
            waiting: pool.waiting,
        }
    }
}
