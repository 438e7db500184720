//! `otpwire check-config`.

use std::time::Duration;

use anyhow::{Result, bail};

use super::app::with_app;
use crate::{
    config::{Config, MailConfig, RootKeySource},
    server::{RunningApp, operator_error},
};

/// How long Redis has to accept a connection.
const REDIS_TIMEOUT: Duration = Duration::from_secs(3);

pub(super) async fn run(config: &Config) -> Result<()> {
    print(config);
    with_app(config, check).await
}

fn print(config: &Config) {
    let kind = if config.database_url.starts_with("sqlite:") { "SQLite" } else { "PostgreSQL" };
    println!("listen      {}", config.listen);
    println!("public_url  {}", config.public_url);
    println!("webhooks    {}/v1/webhooks/sms?provider=NAME", config.public_url);
    println!("database    {kind}, at most {} connections", config.database_connections);
    println!("redis       {}", if config.redis_url.is_some() { "yes" } else { "no: one replica" });
    let secret_key = match &config.keys.root {
        RootKeySource::Setting(_) => "given".to_owned(),
        RootKeySource::File(path) => format!("kept in {}", path.display()),
    };
    println!("secret_key  {secret_key}");
    let signing = match config.keys.signs_with_ed25519() {
        true => "Ed25519",
        false => "HMAC-SHA256, with a key made from secret_key",
    };
    println!("signing     {signing}");
    let mail = match &config.mail {
        MailConfig::Smtp { from, .. } => format!("by SMTP, from {from}"),
        MailConfig::Log => "printed to the log".to_owned(),
        MailConfig::Disabled => "none: set smtp_url".to_owned(),
    };
    println!("mail        {mail}");
    let limits = config.settings.request_limits;
    println!(
        "requests    a minute: guests {}, free {}, premium {}, admin {}",
        limits.guest, limits.free, limits.premium, limits.admin
    );
    println!("retention   {} h", config.settings.retention.as_secs() / 3600);
}

/// Checks that the database and Redis can be reached.
async fn check(running: &RunningApp) -> Result<()> {
    if let Err(error) = running.app.check_ready().await.map_err(operator_error) {
        bail!("the configuration is valid, and the service would not be ready: {error}");
    }
    // Redis is connected to in the background.
    let is_connected = async {
        while !running.app.is_bus_connected() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    if tokio::time::timeout(REDIS_TIMEOUT, is_connected).await.is_err() {
        bail!("redis_url: the configuration is valid, and Redis does not answer");
    }
    if let Some(gap) = running.store().find_row_security_gap().await.map_err(operator_error)? {
        println!("warning     {gap}");
    }
    println!("ready");
    Ok(())
}
