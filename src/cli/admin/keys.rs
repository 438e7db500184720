//! API keys.

use std::collections::HashMap;

use anyhow::Result;
use clap::Subcommand;
use secrecy::ExposeSecret;

use super::{
    super::{
        output::{Output, Paging},
        terminal::{print_error_line, print_line},
    },
    context::CommandContext,
    records, users,
};
use crate::{
    domain::{ApiKey, NewApiKey, NodeId, Operator, Scope, UserId},
    server::operator_error,
};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum KeyCommand {
    /// Make an API key of an account, for a pipeline. It is printed once, and nowhere kept.
    CreateApiKey {
        /// The e-mail address of the account.
        email: String,
        /// What it is called, for example after its pipeline.
        #[arg(long)]
        name: String,
        /// What it is good for, with commas between: numbers:lease, numbers:rent, messages:read.
        #[arg(long, required = true, value_delimiter = ',')]
        scopes: Vec<Scope>,
        /// In how many days it ends: 1 to 365. By default it does not.
        #[arg(long)]
        days: Option<i32>,
    },
    /// List API keys, the newest first. Of a key only its beginning is known.
    ListApiKeys {
        /// Only those of this user: the e-mail address, or the id.
        #[arg(long)]
        user: Option<String>,
        /// Only the one that begins like this: to find one that has leaked.
        #[arg(long, conflicts_with = "first")]
        prefix: Option<String>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Revoke an API key. Whatever is open with it ends within seconds.
    RevokeApiKey {
        /// Its id, such as key_2: see `otpwire admin list-api-keys`.
        key: String,
    },
}

pub(super) async fn run(cx: &CommandContext<'_>, command: KeyCommand) -> Result<()> {
    let CommandContext { app, output, .. } = *cx;
    match command {
        KeyCommand::CreateApiKey { email, name, scopes, days } => {
            let new = NewApiKey::new(&name, scopes, days).map_err(operator_error)?;
            let user = app.get_user_by_email(&Operator, &email).await.map_err(operator_error)?;
            let (created, key) = app.create_api_key_of(&email, &new).await.map_err(operator_error)?;
            if output == Output::Json {
                let api_key = records::ApiKey::of(created, user.email);
                return output.show(&records::CreatedApiKey { key: key.expose_secret().to_owned(), api_key });
            }
            // Only the key goes to standard output, so that a script can take it from there.
            print_error_line(format_args!("created key_{} ({})", created.id, created.scopes));
            print_line(format_args!("{}", key.expose_secret()))
        }
        KeyCommand::ListApiKeys { user, prefix, paging } => {
            let owner = match user {
                Some(user) => Some(users::find(cx, &user).await?.id),
                None => None,
            };
            // A whole key, too, shows which one it is.
            let is_it = |key: &ApiKey| match prefix.as_deref() {
                Some(prefix) => key.prefix.starts_with(prefix) || prefix.starts_with(&key.prefix),
                None => true,
            };
            output
                .list(
                    paging,
                    async |page| app.list_all_api_keys(&Operator, owner, page).await,
                    async |keys| with_addresses(cx, keys.into_iter().filter(|(_, key)| is_it(key)).collect()).await,
                )
                .await
        }
        KeyCommand::RevokeApiKey { key } => {
            let id = NodeId::api_key("key", &key).map_err(operator_error)?;
            let (owner, key) = app.revoke_any_api_key(&Operator, id).await.map_err(operator_error)?;
            let address = addresses(cx, [owner]).await?.remove(&owner).unwrap_or_default();
            let sentence = format!("revoked key_{id} {}… of {address} ({})", key.prefix, key.name);
            output.report(&records::ApiKey::of(key, address), format_args!("{sentence}"))
        }
    }
}

/// Keys with the addresses of their users.
async fn with_addresses(cx: &CommandContext<'_>, keys: Vec<(UserId, ApiKey)>) -> Result<Vec<records::ApiKey>> {
    let owners = addresses(cx, keys.iter().map(|(owner, _)| *owner)).await?;
    let address = |owner| owners.get(&owner).cloned().unwrap_or_default();
    Ok(keys.into_iter().map(|(owner, key)| records::ApiKey::of(key, address(owner))).collect())
}

/// The e-mail addresses of users.
pub(super) async fn addresses(
    cx: &CommandContext<'_>,
    users: impl IntoIterator<Item = UserId>,
) -> Result<HashMap<UserId, String>> {
    let mut ids: Vec<_> = users.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let users = cx.app.find_users(&Operator, &ids).await.map_err(operator_error)?;
    Ok(users.into_iter().map(|user| (user.id, user.email)).collect())
}
