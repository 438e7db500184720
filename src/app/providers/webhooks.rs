//! Finding the account that a webhook names, and verifying that its provider sent it.

use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use url::Url;

use super::{
    activity::ProviderEvent,
    gateway::{Gateway, Key, SIMULATED},
    secret_vault::SecretColumn,
};
use crate::{
    app::{App, rate_limits::client_network},
    domain::{Client, Error, ErrorCode, NewProvider, ProviderAccount, Result, StoreProblem},
    limiter::{Decision, Rule},
    log_throttle,
    providers::{Adapter, RawWebhook, Rejected, ReplayKey, Verified},
    store::{Nonce, SealedSecret, SealedSecrets},
};

/// Webhooks from one network that are not verified: to one account, and those that name no account.
const FAILURES: Rule = Rule { limit: 60, window: Duration::from_secs(60) };
/// How often it is logged that webhooks of an account are not verified.
const LOGGED_EVERY: Duration = Duration::from_secs(60);
/// How long looking up a provider may take.
const LOOK_UP_PATIENCE: Duration = Duration::from_secs(5);

fn slow() -> Error {
    Error::unavailable("the provider could not be looked up in time").with_store_problem(StoreProblem::Busy)
}

/// The subject that counts what is not verified.
fn failure_subject(gateway: &Gateway, source: Option<IpAddr>) -> String {
    let client = Client { address: source, user_agent: None };
    format!("{}:{}", gateway.account.id, client_network(&client))
}

impl App {
    /// The gateway with the name that a webhook carries.
    ///
    /// # Errors
    /// `UNKNOWN_PROVIDER` when there is none, or it is inactive; `RATE_LIMITED` after too many such names from one
    /// network.
    pub async fn get_gateway(&self, name: &str, client: &Client) -> Result<Arc<Gateway>> {
        let unknown = || {
            Error::new(
                ErrorCode::UnknownProvider,
                "no active provider has this name; it is the `provider` of the address",
            )
            .with("field", "provider")
        };
        if let Some(gateway) = self.providers.gateways.get(name).await.flatten() {
            return Ok(gateway);
        }
        // Names can be invented by anybody, so only names that exist are looked up.
        if !NewProvider::is_name(name) || !self.active_names().await?.contains(name) {
            self.count_unknown_name(client)?;
            return Err(unknown());
        }
        // One look-up serves all webhooks that wait for the same name. They run one at a time: more could use up the
        // receiver's database connections.
        let look = async {
            let looked = async {
                let _lookup = self.providers.lookup.lock().await;
                self.open_gateway(name).await
            };
            let found = tokio::time::timeout(LOOK_UP_PATIENCE, looked).await.map_err(|_| slow())?;
            Ok(found?.map(Arc::new))
        };
        let gateway = self.providers.gateways.try_get_with_by_ref(name, look).await;
        gateway.map_err(|error| Error::clone(&error))?.ok_or_else(unknown)
    }

    /// The names of the active accounts. One query serves everybody who asks within a few seconds.
    async fn active_names(&self) -> Result<Arc<HashSet<String>>> {
        let list = async { Ok(Arc::new(self.store.list_active_provider_names().await?.into_iter().collect())) };
        let names = tokio::time::timeout(LOOK_UP_PATIENCE, self.providers.names.try_get_with((), list)).await;
        let names = names.map_err(|_| slow())?;
        names.map_err(|error: Arc<Error>| Error::clone(&error))
    }

    async fn open_gateway(&self, name: &str) -> Result<Option<Gateway>> {
        let Some((account, sealed)) = self.store.find_provider_by_name(name).await? else { return Ok(None) };
        if !account.is_active {
            return Ok(None);
        }
        let secret = sealed.secret.clone();
        let secret = secret.ok_or_else(|| Error::internal(format!("provider {} has no secret", account.id)))?;
        let adapter = self.open_adapter(&account, &secret, SecretColumn::Secret, &sealed)?;
        let previous = sealed.previous.as_ref().and_then(|previous| {
            // A previous secret that does not fit the current configuration is useless, and no reason to fail.
            let opened = self.open_adapter(&account, previous, SecretColumn::Previous, &sealed);
            opened.inspect_err(|error| error.log("open a secret that was replaced")).ok()
        });
        let is_noted = AtomicBool::new(account.secret_verified_at.is_some());
        Ok(Some(Gateway { adapter, previous, account, sealed: secret, is_noted }))
    }

    pub(super) fn open_adapter(
        &self,
        account: &ProviderAccount,
        secret: &SealedSecret,
        column: SecretColumn,
        sealed: &SealedSecrets,
    ) -> Result<Adapter> {
        let secret = self.providers.vault.open(account.id, column, secret)?;
        let token = sealed.address_token.as_ref();
        let token =
            token.map(|token| self.providers.vault.open(account.id, SecretColumn::AddressToken, token)).transpose()?;
        // Configurations are checked when they are saved. One that fails now was saved by a newer version or by hand.
        Adapter::open(account.kind.as_str(), secret, token, &account.configuration)
            .map_err(|error| Error::internal(format!("provider {}: {error}", account.id)))
    }

    /// Fetches what the verification of a webhook needs, if anything: a signing certificate.
    ///
    /// # Errors
    /// `INVALID_SIGNATURE` when its address is not trusted; `UNAVAILABLE` when it cannot be fetched now.
    pub async fn fetch_for_webhook(&self, gateway: &Gateway, raw: &mut RawWebhook) -> Result<()> {
        if let Some(url) = gateway.certificate_url(raw).map_err(|why| self.refuse_webhook(gateway, raw, why))? {
            raw.certificate = Some(self.fetch_certificate(gateway, &url).await?);
        }
        Ok(())
    }

    /// Fetches the certificate that a webhook was signed with. Without it nothing is known of the webhook, so it is
    /// counted among those that were not verified, but not as somebody's guess.
    async fn fetch_certificate(&self, gateway: &Gateway, url: &Url) -> Result<Arc<[u8]>> {
        let host = url.host_str().unwrap_or_default();
        let fetched = self.providers.fetcher.get(url).await;
        fetched.map_err(|error| {
            self.count_refusal(gateway, &Rejected::NoCertificate(host.to_owned()));
            error.with_message(format!("the certificate of the signature could not be fetched from {host}; try again"))
        })
    }

    /// Verifies that a webhook came from the account's provider. Where the signature does not cover the content, it is
    /// accepted only once.
    ///
    /// # Errors
    /// `INVALID_SIGNATURE` or `UNSUPPORTED_MEDIA_TYPE`.
    pub async fn verify_webhook<'a>(&self, gateway: &Gateway, raw: &'a RawWebhook) -> Result<Verified<'a>> {
        let now = self.clock.now();
        let (verified, key) = gateway.verify(raw, now).map_err(|why| self.refuse_webhook(gateway, raw, why))?;
        if let Some(replay_key) = verified.replay_key() {
            self.must_be_first(gateway, replay_key, verified.raw()).await?;
        }
        // A simulated webhook proves nothing about which secret the provider has. The header is not authenticated, but
        // whoever can sign gains nothing by it: the previous secret is only kept longer.
        let is_simulated = verified.raw().headers.contains_key(SIMULATED);
        if key == Key::Current && !is_simulated && !gateway.is_noted.swap(true, Ordering::Relaxed) {
            self.note_secret_verified(gateway).await;
        }
        Ok(verified)
    }

    /// Refuses a nonce that was used for another request.
    async fn must_be_first(&self, gateway: &Gateway, replay_key: &ReplayKey, raw: &RawWebhook) -> Result<()> {
        let digest = |parts: &[&[u8]]| {
            HEXLOWER.encode(&parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize())
        };
        let nonce = Nonce {
            provider_id: gateway.account.id,
            nonce: digest(&[replay_key.digest.as_bytes()]),
            request: digest(&[raw.method.as_str().as_bytes(), b" ", raw.query().as_bytes(), b"\n", &raw.body]),
            expires_at: replay_key.expires_at,
        };
        match self.store.use_nonce(&nonce, self.clock.now()).await? {
            true => Ok(()),
            false => Err(self.refuse_webhook(gateway, raw, Rejected::Replayed)),
        }
    }

    /// Records that the current secret has verified a webhook, which ends the previous one.
    async fn note_secret_verified(&self, gateway: &Gateway) {
        let noted = self.store.set_secret_verified(gateway.account.id, &gateway.sealed, self.clock.now()).await;
        match noted {
            Ok(_) => self.providers.forget(&gateway.account.name).await,
            // The webhook is valid all the same, and the next one will try again.
            Err(error) => {
                gateway.is_noted.store(false, Ordering::Relaxed);
                error.log("note that a secret is verified");
            }
        }
    }

    /// Refuses a webhook of a network from which too many to this account were not verified: somebody guesses.
    ///
    /// # Errors
    /// `RATE_LIMITED`.
    pub fn must_not_be_guessing(&self, gateway: &Gateway, source: Option<IpAddr>) -> Result<()> {
        let subject = failure_subject(gateway, source);
        match self.providers.failures.wait(&subject, FAILURES, self.clock.now()) {
            None => Ok(()),
            Some(wait) => {
                let why = Rejected::Untrusted("too many webhooks from this network were not verified");
                self.count_refusal(gateway, &why);
                Err(Error::rate_limited(why.to_string(), wait).with("limit", FAILURES.limit))
            }
        }
    }

    /// Counts a name that no account has, against the network that it comes from.
    fn count_unknown_name(&self, client: &Client) -> Result<()> {
        metrics::counter!("otpwire_webhooks_unknown_total").increment(1);
        if let Some(times) = log_throttle::record_within("a webhook named no provider", Instant::now(), LOGGED_EVERY) {
            tracing::warn!(times, "webhooks named no provider that is there and active");
        }
        let subject = format!("unknown:{}", client_network(client));
        let decision = self.providers.failures.take(&subject, FAILURES, 1, self.clock.now());
        if decision.allowed {
            return Ok(());
        }
        let message = "too many webhooks from this network named no provider";
        Err(Error::rate_limited(message, decision.retry_after).with("limit", decision.limit))
    }

    /// Counts a webhook that was not verified, in the metrics, in the log once a minute, and in the account's health.
    /// Anybody can send one, so it leaves no row of its own.
    fn count_refusal(&self, gateway: &Gateway, why: &Rejected) {
        let account = &gateway.account;
        metrics::counter!("otpwire_webhooks_rejected_total", "provider" => account.name.clone()).increment(1);
        let failure = format!("webhooks of {} are not verified", account.id);
        if let Some(times) = log_throttle::record_within(&failure, Instant::now(), LOGGED_EVERY) {
            tracing::warn!(provider = account.name, %why, times, "a webhook was not verified");
        }
        self.providers.activity.record(account.id, self.clock.now(), ProviderEvent::Refused(why.to_string()));
    }

    fn refuse_webhook(&self, gateway: &Gateway, raw: &RawWebhook, why: Rejected) -> Error {
        self.count_refusal(gateway, &why);
        self.providers.failures.take(&failure_subject(gateway, raw.source), FAILURES, 1, self.clock.now());
        let code = match why {
            Rejected::WrongType(_) => ErrorCode::UnsupportedMediaType,
            _ => ErrorCode::InvalidSignature,
        };
        Error::new(code, why.to_string())
    }

    /// Counts a verified webhook against the account's rate limit.
    pub async fn admit_webhook(&self, account: &ProviderAccount) -> Decision {
        let rule = Rule::per_minute(u32::try_from(account.rate_limit_per_minute).unwrap_or(1));
        let decision =
            self.rate_limits.limiter().take(&format!("provider:{}", account.id), rule, 1, self.clock.now()).await;
        if !decision.allowed {
            self.providers.activity.record(account.id, self.clock.now(), ProviderEvent::Limited);
        }
        decision
    }

    /// Visits the address with which a provider confirms a webhook subscription. The adapter has checked that it is
    /// the provider's.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the address does not answer.
    pub async fn confirm_webhook(&self, gateway: &Gateway, url: &Url) -> Result<()> {
        self.providers.fetcher.visit(url).await?;
        tracing::info!(provider = gateway.account.name, "the provider's subscription was confirmed");
        Ok(())
    }
}
