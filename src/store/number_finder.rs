//! Who sees which numbers, and looking up those that are asked for at the same time.

use sea_orm::{DatabaseConnection, DbErr, FromQueryResult, QueryResult};

use super::{
    columns::Columns,
    conditions::Conditions,
    number_row::{AsOf, NumberRow},
    sql::query,
};
use crate::{
    coalescer::Ask,
    domain::{Number, NumberFilter, NumberId, NumberStatus, Result, UserId},
};

/// Who lists the numbers. Renters see the numbers that they rent and those that they can rent.
#[derive(Clone, Copy, Debug)]
pub enum Viewer {
    /// The operator sees every number, and rents none.
    Operator,
    /// An administrator sees every number.
    Admin(UserId),
    /// Any other user.
    Renter(UserId),
}

impl Viewer {
    fn user(self) -> Option<UserId> {
        match self {
            Self::Operator => None,
            Self::Admin(user) | Self::Renter(user) => Some(user),
        }
    }

    /// The user, if it is one who does not see all numbers.
    fn renter(self) -> Option<UserId> {
        if let Self::Renter(user) = self { Some(user) } else { None }
    }

    /// The numbers `n` that the viewer sees, and that pass a filter.
    pub(super) fn visible(self, filter: &NumberFilter, at: AsOf) -> Conditions {
        let mut visible = Conditions::default();
        if filter.mine || matches!(self, Self::Renter(_)) {
            let user = visible.parameter(self.user().map(|user| user.0));
            let condition = match filter.mine {
                true => is_rented_by(&user, at, &mut visible),
                false => is_visible_to(&user, at, &mut visible),
            };
            visible.and(&condition);
        }
        if let Some(status) = filter.status {
            let is = at.is(status, &mut visible);
            visible.and(&is);
        }
        if let Some(country) = &filter.country_code {
            visible.compare("n.country_code =", country.as_str());
        }
        if let Some(provider) = filter.provider_id {
            visible.compare("n.provider_id =", provider.0);
        }
        visible
    }
}

/// That a number `n` is rented by a user, who is this expression.
fn is_rented_by(user: &str, at: AsOf, conditions: &mut Conditions) -> String {
    format!("({} AND n.user_id = {user})", at.is(NumberStatus::Assigned, conditions))
}

/// That a renter, who is this expression, sees a number `n`.
fn is_visible_to(user: &str, at: AsOf, conditions: &mut Conditions) -> String {
    let free = at.is(NumberStatus::Available, conditions);
    let is_served = "(n.provider_id IS NULL OR n.provider_id IN (SELECT id FROM sms_providers WHERE is_active))";
    format!("({free} AND {is_served} OR {})", is_rented_by(user, at, conditions))
}

/// A number that somebody asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct WantedNumber {
    pub(super) viewer: Viewer,
    pub(super) id: NumberId,
    pub(super) at: AsOf,
}

/// Finds numbers that are asked for at the same time, in one statement, on PostgreSQL.
pub(super) struct NumberFinder(pub(super) DatabaseConnection);

impl NumberFinder {
    async fn find(&self, wanted: &[WantedNumber]) -> Result<Vec<Option<Number>>> {
        struct Found {
            index: i32,
            number: NumberRow,
        }
        impl FromQueryResult for Found {
            fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
                let mut columns = Columns::of(row);
                Ok(Self { index: columns.read()?, number: NumberRow::read(columns)? })
            }
        }
        let mut found = vec![None; wanted.len()];
        // Now is when the last of them was asked for.
        let Some(at) = wanted.iter().map(|wanted| wanted.at).max_by_key(|at| at.now) else { return Ok(found) };
        // A few texts, each of a number of rows that PostgreSQL knows. With an array of rows, it would plan the
        // statement anew each time, for the length that the array has.
        let (mut conditions, mut rows) = (Conditions::default(), Vec::new());
        for index in 0..wanted.len().next_power_of_two() {
            let wanted = wanted.get(index);
            let id = conditions.parameter(wanted.map(|wanted| wanted.id.0));
            let renter = conditions.parameter(wanted.and_then(|wanted| wanted.viewer.renter()).map(|user| user.0));
            rows.push(format!("({index}, {id}::integer, {renter}::integer)"));
        }
        let is_visible = is_visible_to("r.renter_id", at, &mut conditions);
        let sql = format!(
            "SELECT r.row_index, {} FROM (VALUES {}) AS r(row_index, wanted_id, renter_id)
             JOIN phone_numbers n ON n.id = r.wanted_id WHERE r.renter_id IS NULL OR {is_visible}",
            NumberRow::COLUMNS,
            rows.join(", "),
        );
        let rows: Vec<Found> = query(&self.0, sql, conditions.into_values()).await?;
        for Found { index, number } in rows {
            if let Some(answer) = usize::try_from(index).ok().and_then(|index| found.get_mut(index)) {
                *answer = Some(at.number(number)?);
            }
        }
        Ok(found)
    }
}

impl Ask for NumberFinder {
    type Question = WantedNumber;
    type Answer = Result<Option<Number>>;

    async fn ask(&self, wanted: Vec<WantedNumber>) -> Vec<Self::Answer> {
        match self.find(&wanted).await {
            Ok(found) => found.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error); wanted.len()],
        }
    }
}
