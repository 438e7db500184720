//! The data that the demo starts with, and the folder of its database.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use secrecy::SecretString;

use crate::{
    app::{App, accounts::Registration, providers::NewSecrets},
    domain::{NewProvider, NumberToImport, Operator, ProviderChange, Role, UserId},
    providers::sandbox,
    random::Random,
    server::operator_error,
};

pub(super) const USER: &str = "demo@example.com";
pub(super) const ADMIN: &str = "admin@example.com";
pub(super) const PROVIDER: &str = "sandbox";
const NUMBERS: [&str; 8] = [
    "+14155550100",
    "+14155550101",
    "+442079460958",
    "+442079460959",
    "+4915123456789",
    "+33612345678",
    "+34612345678",
    "+919812345678",
];

/// A folder that is deleted with everything in it when the demo ends.
pub(super) struct TempFolder(PathBuf);

impl TempFolder {
    pub(super) fn create(random: &Random) -> Result<Self> {
        let name = format!("otpwire-demo-{:016x}", u64::from_be_bytes(random.bytes()));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Adds a provider and its numbers; returns the provider's secret.
pub(super) async fn add_provider(app: &App, random: &Random) -> Result<SecretString> {
    let secret = SecretString::from(format!("{:032x}", u128::from_be_bytes(random.bytes())));
    let new = NewProvider::new(sandbox::KIND.kind(), PROVIDER, ProviderChange::default()).map_err(operator_error)?;
    let secrets = NewSecrets::signing(secret.clone());
    let account = app.create_provider(&Operator, &new, &secrets).await.map_err(operator_error)?;
    let numbers = NUMBERS.map(|number| NumberToImport { phone_number: number.to_owned(), country_code: None });
    app.import_numbers(&Operator, account.id, None, numbers.to_vec()).await.map_err(operator_error)?;
    Ok(secret)
}

/// Adds an administrator and a user; returns their common password, and the user.
pub(super) async fn add_users(app: &App, random: &Random) -> Result<(String, UserId)> {
    let password = format!("demo-{:016x}", u64::from_be_bytes(random.bytes()));
    let mut last = None;
    for (email, role) in [(ADMIN, Role::Admin), (USER, Role::User)] {
        let registration = Registration {
            email: email.to_owned(),
            password: password.as_str().into(),
            first_name: Some("Demo".to_owned()),
            last_name: None,
        };
        last = Some(app.create_user(registration, role).await.map_err(operator_error)?.id);
    }
    Ok((password, last.context("no user was added")?))
}
