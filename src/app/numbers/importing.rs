//! Importing numbers that a provider serves.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use crate::{
    app::App,
    domain::{
        Administrator, AuditAction, CountryCode, Error, Msisdn, NodeId, NumberId, NumberToImport, ProviderId, Result,
    },
    store::{NewAudit, NewNumber},
};

impl App {
    /// Adds numbers of a provider, at most [`App::MAX_IMPORT`] per call. `default_country` is that of numbers that are
    /// not in E.164 and have no country of their own. Returns the outcome of each, in order.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is no such provider; `VALIDATION_ERROR` for too many or none.
    pub async fn import_numbers(
        &self,
        cx: &dyn Administrator,
        provider: ProviderId,
        default_country: Option<&CountryCode>,
        numbers: Vec<NumberToImport>,
    ) -> Result<Vec<Imported>> {
        let by = cx.administrator()?;
        must_be_importable(&numbers)?;
        if self.store.find_providers(&[provider]).await?.is_empty() {
            return Err(Error::not_found("provider"));
        }
        let read: Vec<Result<NewNumber>> = numbers.iter().map(|number| read_number(number, default_country)).collect();
        // A number that is listed twice is added once and known the second time.
        let mut new: Vec<NewNumber> = Vec::new();
        let mut listed = HashSet::new();
        for number in read.iter().flatten() {
            if listed.insert(&number.phone_number) {
                new.push(number.clone());
            }
        }
        let tx = self.store.begin().await?;
        let added = if new.is_empty() { Vec::new() } else { tx.insert_numbers(&new, provider).await? };
        if !added.is_empty() {
            let audit = NewAudit {
                actor_id: by,
                action: AuditAction::NumbersImported,
                target: Some(NodeId::Provider(provider)),
                details: json!({ "added": added.len() }),
            };
            tx.insert_audit(audit, self.clock.now()).await?;
        }
        tx.commit().await?;
        let mut added: HashMap<Msisdn, NumberId> = added.into_iter().collect();
        let outcome = |read: Result<NewNumber>| match read {
            Ok(number) => added.remove(&number.phone_number).map_or(Imported::Known, Imported::Added),
            Err(error) => Imported::Rejected(error),
        };
        Ok(read.into_iter().map(outcome).collect())
    }

    /// What importing these numbers would do, without doing it: for each number, in order, how it would be stored, or
    /// why it would be refused.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for too many or none.
    pub async fn plan_import(
        &self,
        cx: &dyn Administrator,
        default_country: Option<&CountryCode>,
        numbers: &[NumberToImport],
    ) -> Result<Vec<Result<PlannedNumber>>> {
        cx.administrator()?;
        must_be_importable(numbers)?;
        let read: Vec<Result<NewNumber>> = numbers.iter().map(|number| read_number(number, default_country)).collect();
        let wanted: Vec<Msisdn> = read.iter().flatten().map(|number| number.phone_number.clone()).collect();
        let known: HashSet<Msisdn> = self.store.find_known_numbers(&wanted).await?.into_iter().collect();
        let plan = |NewNumber { phone_number, country_code }| PlannedNumber {
            is_known: known.contains(&phone_number),
            phone_number,
            country_code,
        };
        Ok(read.into_iter().map(|read| read.map(plan)).collect())
    }

    /// How many numbers one import may have.
    pub const MAX_IMPORT: usize = 1000;
}

/// The outcome of importing one number.
#[derive(Debug)]
pub enum Imported {
    /// Added.
    Added(NumberId),
    /// On the platform already, and left unchanged.
    Known,
    /// Not a valid number, or its country is not known.
    Rejected(Error),
}

/// What would become of a number that is imported.
#[derive(Clone, Debug)]
pub struct PlannedNumber {
    /// The number.
    pub phone_number: Msisdn,
    /// Its country.
    pub country_code: CountryCode,
    /// Whether it is on the platform already, and would be left unchanged.
    pub is_known: bool,
}

fn must_be_importable(numbers: &[NumberToImport]) -> Result<()> {
    match (1..=App::MAX_IMPORT).contains(&numbers.len()) {
        true => Ok(()),
        false => Err(Error::invalid("numbers", format!("must be 1 to {} numbers", App::MAX_IMPORT))),
    }
}

/// Validates a number. One in E.164 tells its country by itself; any other is read as one of the country that is given,
/// because the same digits may be a number of several.
fn read_number(number: &NumberToImport, default_country: Option<&CountryCode>) -> Result<NewNumber> {
    let given = number.country_code.as_deref().filter(|code| !code.is_empty());
    let given = given.map(|code| CountryCode::parse("country_code", code)).transpose()?;
    let text = number.phone_number.trim();
    let is_short_code = (3..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let missing = |issue: &str| Error::invalid("country_code", issue);
    if text.starts_with('+') || is_short_code {
        let phone_number = Msisdn::parse("phone_number", text)?;
        let country_code = given.or_else(|| CountryCode::of(&phone_number)).or_else(|| default_country.cloned());
        let country_code =
            country_code.ok_or_else(|| missing("cannot be told from this number; give it, for example US"))?;
        return Ok(NewNumber { phone_number, country_code });
    }
    let country_code = given.or_else(|| default_country.cloned());
    let country_code = country_code.ok_or_else(|| {
        missing("is needed for a number without +: write it as +14155550100, or give its country, for example US")
    })?;
    let phone_number = country_code.number(text).or_else(|| long_short_code(text)).ok_or_else(|| {
        let issue = format!("is no number of {}; write it in E.164, such as +14155550100", country_code.as_str());
        Error::invalid("phone_number", issue)
    })?;
    Ok(NewNumber { phone_number, country_code })
}

/// A short code of seven or eight digits, which may also be a number in national form.
fn long_short_code(text: &str) -> Option<Msisdn> {
    let is_code = (7..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    is_code.then(|| Msisdn::parse("phone_number", text).ok()).flatten()
}
