//! `otpwire check-config`.

use std::time::Duration;

use anyhow::{Result, bail};

use super::{
    app::{MissingDatabase, with_app},
    terminal::print_line,
};
use crate::{
    config::{Config, MailConfig, RootKeySource},
    domain::EmailDomain,
    server::{RunningApp, operator_error},
    store::{DatabaseFile, Store},
};

/// How long Redis has to accept a connection.
const REDIS_TIMEOUT: Duration = Duration::from_secs(3);

pub(super) async fn run(config: &Config) -> Result<()> {
    let file = Store::find_file(&config.database_url).map_err(operator_error)?;
    print(config, file.as_ref())?;
    if file.is_some_and(|file| file.is_new) {
        // Looking must not make one.
        config.keys.check_files()?;
        return print_line("the configuration is valid; `otpwire serve` makes the database");
    }
    with_app(config, MissingDatabase::Refuse, check).await
}

fn print(config: &Config, file: Option<&DatabaseFile>) -> Result<()> {
    for warning in &config.warnings {
        print_line(format_args!("warning     {warning}"))?;
    }
    let database = match file {
        Some(file) if file.is_new => format!("SQLite at {}, which is not there yet", file.path.display()),
        Some(file) => format!("SQLite at {}", file.path.display()),
        None => format!("PostgreSQL, {}", Store::describe(&config.database_url)),
    };
    print_line(format_args!("listen      {}", config.listen))?;
    print_line(format_args!("public_url  {}", config.public_url))?;
    print_line(format_args!("webhooks    {}/v1/webhooks/sms?provider=NAME", config.public_url))?;
    print_line(format_args!("database    {database}; at most {} connections", config.database_connections))?;
    print_line(format_args!("redis       {}", if config.redis_url.is_some() { "yes" } else { "no: one replica" }))?;
    let secret_key = match &config.keys.root {
        RootKeySource::Setting(_) => "given".to_owned(),
        RootKeySource::File(path) => format!("kept in {}", path.display()),
    };
    print_line(format_args!("secret_key  {secret_key}"))?;
    let signing = match config.keys.signs_with_ed25519() {
        true => "Ed25519",
        false => "HMAC-SHA256, with a key made from secret_key",
    };
    print_line(format_args!("signing     {signing}"))?;
    let mail = match &config.mail {
        MailConfig::Smtp { from, .. } => format!("by SMTP, from {from}"),
        MailConfig::Log => "printed to the log".to_owned(),
        MailConfig::Disabled => "none: set smtp_url".to_owned(),
    };
    print_line(format_args!("mail        {mail}"))?;
    let settings = &config.settings;
    let domains: Vec<_> = settings.allowed_email_domains.iter().map(EmailDomain::as_str).collect();
    let domains = if domains.is_empty() { String::new() } else { format!(", for {}", domains.join(" and ")) };
    print_line(format_args!("accounts    {}{domains}", settings.registration.as_str()))?;
    let limits = config.settings.request_limits;
    print_line(format_args!(
        "requests    a minute: guests {}, free {}, premium {}, admin {}",
        limits.guest, limits.free, limits.premium, limits.admin
    ))?;
    print_line(format_args!("retention   {} h", config.settings.retention.as_secs() / 3600))
}

/// Checks that the database and Redis can be reached.
async fn check(running: &RunningApp) -> Result<()> {
    match running.app.check_ready().await.map_err(operator_error) {
        Ok(None) => {}
        Ok(Some(problem)) => print_line(format_args!("warning     the database is {}", problem.as_str()))?,
        Err(error) => bail!("the configuration is valid, and the service would not be ready: {error}"),
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
        print_line(format_args!("warning     {gap}"))?;
    }
    print_line("ready")
}
