//! Importing numbers that a provider serves.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use crate::{
    app::App,
    domain::{
        AuditAction, Caller, CountryCode, Error, Msisdn, NodeId, NumberId, NumberToImport, ProviderId, Result, UserId,
    },
    store::{NewAudit, NewNumber},
};

impl App {
    /// Adds numbers of a provider, at most [`App::MAX_IMPORT`] per call. Returns the outcome of each, in order.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is no such provider; `VALIDATION_ERROR` for too many or none.
    pub async fn import_numbers(
        &self,
        cx: &Caller,
        provider: ProviderId,
        numbers: Vec<NumberToImport>,
    ) -> Result<Vec<Imported>> {
        let actor = cx.admin()?;
        self.add_numbers(Some(actor.user_id), provider, numbers).await
    }

    /// The same from the command line, without authorisation.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is no such provider; `VALIDATION_ERROR` for too many or none.
    pub async fn import_numbers_as_operator(
        &self,
        provider: ProviderId,
        numbers: Vec<NumberToImport>,
    ) -> Result<Vec<Imported>> {
        self.add_numbers(None, provider, numbers).await
    }

    /// How many numbers one import may have.
    pub const MAX_IMPORT: usize = 1000;

    async fn add_numbers(
        &self,
        by: Option<UserId>,
        provider: ProviderId,
        numbers: Vec<NumberToImport>,
    ) -> Result<Vec<Imported>> {
        if numbers.is_empty() || numbers.len() > Self::MAX_IMPORT {
            return Err(Error::invalid("numbers", format!("must be 1 to {} numbers", Self::MAX_IMPORT)));
        }
        if self.store.find_providers(&[provider]).await?.is_empty() {
            return Err(Error::not_found("provider"));
        }
        let read: Vec<Result<NewNumber>> = numbers.iter().map(read_number).collect();
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

/// Validates a number. Without a country, the numbering plan decides.
fn read_number(number: &NumberToImport) -> Result<NewNumber> {
    let phone_number = Msisdn::parse("phone_number", &number.phone_number)?;
    let country_code = match &number.country_code {
        Some(code) => CountryCode::parse("country_code", code)?,
        None => CountryCode::of(&phone_number).ok_or_else(|| {
            Error::invalid("country_code", "cannot be told from this number; give it, for example US")
        })?,
    };
    Ok(NewNumber { phone_number, country_code })
}
