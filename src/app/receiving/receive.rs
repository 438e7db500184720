//! The use cases of receiving.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::value::RawValue;
use tokio::sync::OwnedSemaphorePermit;

use super::{
    admission::BodyReservation,
    batch::Outcome,
    inbound::{InboundMessage, Posted},
};
use crate::{
    app::{App, providers::ProviderEvent},
    domain::{
        AuditAction, Caller, Client, Error, InboundSms, Msisdn, NodeId, ProviderAccount, ReportReason, Result,
        StatusUpdate,
    },
    log_throttle,
    providers::Malformed,
    store::{NewAudit, NewReport},
};

/// How often it is logged that the clock of a provider is wrong.
const CLOCK_LOGGED_EVERY: Duration = Duration::from_secs(60);

impl App {
    /// Reserves capacity for one webhook, until the permit is dropped.
    ///
    /// # Errors
    /// `UNAVAILABLE` when too many webhooks are in flight.
    pub fn reserve_webhook(&self) -> Result<OwnedSemaphorePermit> {
        self.receiving.admission.reserve_webhook()
    }

    /// Reserves capacity to wait for a webhook's body, until the reservation is dropped.
    ///
    /// # Errors
    /// `UNAVAILABLE` when too many are waiting, in all or from the client's network.
    pub fn reserve_body(&self, client: &Client) -> Result<BodyReservation> {
        self.receiving.admission.reserve_body(client)
    }

    /// Stores the messages of one webhook, all or none, and returns once they are durable.
    ///
    /// The provider is authorised by its signature: the webhook has been verified by a [`Gateway`].
    ///
    /// # Errors
    /// `UNAVAILABLE` when the queue is full or the store is away; `INTERNAL` when the store refuses a message, which
    /// is then reported as failed. In both cases the provider should retry.
    ///
    /// [`Gateway`]: crate::app::providers::Gateway
    pub async fn receive(&self, account: &ProviderAccount, messages: Vec<InboundSms>) -> Result<Vec<Outcome>> {
        self.receive_webhook(account, messages, Posted { at: self.clock.now(), trace: None }).await
    }

    /// [`App::receive`] for a webhook that began to arrive before.
    ///
    /// # Errors
    /// As [`App::receive`].
    pub async fn receive_webhook(
        &self,
        account: &ProviderAccount,
        messages: Vec<InboundSms>,
        posted: Posted,
    ) -> Result<Vec<Outcome>> {
        let received_at = self.clock.now();
        let messages = messages.into_iter().map(|sms| {
            let skew = self.clock_skew();
            InboundMessage::new(account.id, posted, received_at, sms, skew, &self.receiving.content_keys)
        });
        let messages: Vec<_> = messages.collect();
        self.note_clock(account, &messages);
        let stored = self.receiving.queue.submit(messages, &self.receiving.providers.of(account)).await;
        stored.inspect_err(|error| self.receiving.store_health.record_refusal(error, self.clock.now()))
    }

    /// By how much the clocks of providers may differ from ours. Never so much that a message could reach from one
    /// rental into the next: between them lies the cool-down.
    fn clock_skew(&self) -> TimeDelta {
        let longest = self.settings.cool_down.saturating_sub(Duration::from_secs(1));
        TimeDelta::from_std(self.settings.clock_skew.min(longest)).unwrap_or_default()
    }

    /// Logs that the clock of a provider is ahead of ours by more than is allowed for. Whether one is behind shows only
    /// over time, because a message may also be late: then the health of the provider says so.
    fn note_clock(&self, account: &ProviderAccount, messages: &[InboundMessage]) {
        let allowed = TimeDelta::from_std(self.settings.clock_skew).unwrap_or_default();
        let Some(lag) = messages.iter().filter_map(InboundMessage::lag).min().filter(|lag| *lag < -allowed) else {
            return;
        };
        let failure = format!("the clock of {} is ahead", account.id);
        if let Some(times) = log_throttle::record_within(&failure, Instant::now(), CLOCK_LOGGED_EVERY) {
            let seconds = -lag.num_seconds();
            tracing::warn!(provider = account.name, seconds, times, "the clock of a provider, or ours, is wrong");
        }
    }

    /// The number of messages in the receive queue.
    #[must_use]
    pub fn count_waiting(&self) -> usize {
        self.receiving.queue.count()
    }

    /// Stores what a provider reports about messages that were sent through it.
    pub async fn receive_statuses(&self, account: &ProviderAccount, updates: &[StatusUpdate]) -> Result<()> {
        if updates.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        self.store.insert_statuses(account.id, updates, now).await?;
        for _ in updates {
            self.providers.activity().record(account.id, now, ProviderEvent::Status);
        }
        Ok(())
    }

    /// Stores a message as if the number's provider had sent it, so that an administrator can watch the whole path
    /// work.
    ///
    /// # Errors
    /// `NOT_FOUND` when the number is not on this platform; `VALIDATION_ERROR` when it has no provider; whatever
    /// receiving returns.
    pub async fn simulate_inbound(&self, cx: &Caller, mut sms: InboundSms) -> Result<Outcome> {
        let actor = cx.admin()?;
        let number = self.store.find_number_by_msisdn(&sms.to, self.as_of()).await?;
        let number = number.ok_or_else(|| Error::not_found("phone number").with("field", "to"))?;
        let provider =
            number.provider_id.ok_or_else(|| Error::invalid("to", "no provider brings this number's messages"))?;
        let account = self.store.find_providers(&[provider]).await?.pop();
        let account = account.ok_or_else(|| Error::not_found("provider"))?;
        sms.provider_message_id = format!("simulated-{:032x}", u128::from_be_bytes(self.random.bytes()));
        let tx = self.store.begin().await?;
        let audit = NewAudit {
            actor_id: Some(actor.user_id),
            action: AuditAction::SmsSimulated,
            target: Some(NodeId::Number(number.id)),
            details: serde_json::json!({}),
        };
        tx.insert_audit(audit, self.clock.now()).await?;
        tx.commit().await?;
        let outcome = self.receive(&account, vec![sms]).await?.pop();
        outcome.ok_or_else(|| Error::internal("a message was received without an outcome"))
    }

    /// Reports a verified webhook that could not be read, so that it does not disappear: the provider is told that it
    /// is wrong, and may not send it again.
    pub async fn report_unreadable(
        &self,
        account: &ProviderAccount,
        malformed: &Malformed,
        payload: &RawValue,
    ) -> Result<()> {
        let now = self.clock.now();
        self.providers.activity().record(account.id, now, ProviderEvent::Failed);
        // The issue may quote what was posted, which may hold characters that PostgreSQL refuses.
        let issue = InboundSms::storable(&malformed.to_string());
        let reason = if malformed.is_whole() { ReportReason::UnreadableBody } else { ReportReason::InvalidField };
        let report = NewReport {
            message_id: None,
            provider_id: account.id,
            provider_message_id: malformed.provider_message_id.as_deref(),
            phone_number: malformed.phone_number.as_ref().map(Msisdn::as_str),
            status: "failed",
            status_reason: Some(reason.as_str()),
            error_message: Some(&issue),
            webhook_payload: payload,
            retry_count: 0,
            created_at: now,
        };
        self.store.insert_reports(&[report]).await
    }
}
