//! Pools.

use async_graphql::{ID, InputObject, Object, SimpleObject};

use super::scalars::Int64;
use crate::domain::{self, CountryCode, Label, NodeId, NumberId, Pool, PoolRule, Result};

/// A named set of your numbers, which your workers lease from.
#[derive(Clone)]
pub(crate) struct PoolView(pub(crate) Pool);

/// Which of the numbers that you rent belong to a pool: all of them, or those that fulfil both conditions.
#[derive(SimpleObject)]
#[graphql(name = "PoolRule")]
pub(crate) struct PoolRuleView {
    /// Only those of this country, by ISO 3166-1 alpha-2.
    country_code: Option<String>,
    /// Only those with this label.
    label: Option<String>,
}

/// Which of the numbers that you rent belong to a pool: all of them, or those that fulfil both conditions.
#[derive(InputObject)]
pub(crate) struct PoolRuleInput {
    /// Only those of this country, by ISO 3166-1 alpha-2.
    country_code: Option<String>,
    /// Only those with this label.
    label: Option<String>,
}

impl TryFrom<PoolRuleInput> for PoolRule {
    type Error = domain::Error;

    fn try_from(input: PoolRuleInput) -> Result<Self> {
        Ok(Self {
            country_code: input.country_code.map(|code| CountryCode::parse("rule.countryCode", &code)).transpose()?,
            label: input.label.map(|label| Label::parse("rule.label", &label)).transpose()?,
        })
    }
}

fn ids(numbers: &[NumberId]) -> Vec<ID> {
    numbers.iter().map(|&number| NodeId::Number(number).into()).collect()
}

fn count(count: u64) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}

/// A named set of your numbers, which your workers lease from.
#[Object(name = "Pool")]
impl PoolView {
    /// The id, unique over everything.
    pub(crate) async fn id(&self) -> ID {
        NodeId::Pool(self.0.id).into()
    }

    /// The id that the REST API uses.
    async fn database_id(&self) -> Int64 {
        self.0.id.0.into()
    }

    /// What workers name when they acquire a lease.
    async fn name(&self) -> &str {
        self.0.name.as_str()
    }

    /// The pause between two leases of one number, in seconds.
    async fn cooldown_seconds(&self) -> i32 {
        self.0.cooldown.seconds().into()
    }

    /// Which of the numbers that you rent belong to it, if any do by a rule.
    async fn rule(&self) -> Option<PoolRuleView> {
        self.0.rule.as_ref().map(|rule| PoolRuleView {
            country_code: rule.country_code.as_ref().map(|code| code.as_str().to_owned()),
            label: rule.label.as_ref().map(|label| label.as_str().to_owned()),
        })
    }

    /// The ids of the numbers that you have listed.
    async fn phone_number_ids(&self) -> Vec<ID> {
        ids(&self.0.number_ids)
    }

    /// The ids of the numbers that an administrator has granted it.
    async fn granted_phone_number_ids(&self) -> Vec<ID> {
        ids(&self.0.granted_ids)
    }

    /// How many numbers it has now.
    async fn number_count(&self) -> i32 {
        count(self.0.numbers)
    }

    /// How many of them are leased now.
    async fn leased_count(&self) -> i32 {
        count(self.0.leased)
    }

    /// How many wait for one.
    async fn waiting_count(&self) -> i32 {
        count(self.0.waiting)
    }
}
