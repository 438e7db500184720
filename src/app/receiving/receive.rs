//! The use cases of receiving.

use serde_json::value::RawValue;
use tokio::sync::OwnedSemaphorePermit;

use super::{admission::BodyReservation, batch::Outcome, inbound::InboundMessage};
use crate::{
    app::{App, providers::ProviderEvent},
    domain::{AuditAction, Caller, Client, Error, InboundSms, NodeId, ProviderAccount, Result, StatusUpdate},
    store::{NewAudit, NewReport},
};

impl App {
    /// Makes room for one more webhook, for as long as the permit is kept.
    ///
    /// # Errors
    /// `UNAVAILABLE` when too many webhooks are under way.
    pub fn reserve_webhook(&self) -> Result<OwnedSemaphorePermit> {
        self.receiving.admission.reserve_webhook()
    }

    /// Lets a webhook wait for its body, for as long as the reservation is kept.
    ///
    /// # Errors
    /// `UNAVAILABLE` when too many wait, of all or of the client's network.
    pub fn reserve_body(&self, client: &Client) -> Result<BodyReservation> {
        self.receiving.admission.reserve_body(client)
    }

    /// Stores what a provider sent, all of it or nothing, and answers when it is durable.
    ///
    /// The provider was authorised by its signature: nothing reaches this without a [`Gateway`]
    /// that verified it.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the queue is full or the store is away; `INTERNAL` when the store refuses
    /// a message, which is then reported as failed. Either way the provider should send it again.
    ///
    /// [`Gateway`]: crate::app::providers::Gateway
    pub async fn receive(&self, account: &ProviderAccount, messages: Vec<InboundSms>) -> Result<Vec<Outcome>> {
        let received_at = self.clock.now();
        let arrivals = messages
            .into_iter()
            .map(|sms| InboundMessage::new(account.id, received_at, sms, &self.receiving.content_keys));
        let stored = self.receiving.queue.submit(arrivals.collect()).await;
        stored.inspect_err(|error| self.receiving.store_health.record_refusal(error, self.clock.now()))
    }

    /// How many messages wait for the store.
    #[must_use]
    pub fn count_waiting(&self) -> usize {
        self.receiving.queue.count()
    }

    /// Writes down what a provider says of messages that were sent through it.
    ///
    /// # Errors
    /// When the store is away.
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

    /// Stores a message as if the number's provider had brought it, so that an administrator can see
    /// the whole path work.
    ///
    /// # Errors
    /// `NOT_FOUND` when the number is not ours; `VALIDATION_ERROR` when no provider brings its
    /// messages; whatever receiving answers.
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

    /// Writes down that a provider's verified webhook could not be read, so that it does not
    /// disappear: the provider will be told that it is wrong, and may not send it again.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn report_unreadable(&self, account: &ProviderAccount, issue: &str, payload: &RawValue) -> Result<()> {
        let now = self.clock.now();
        self.providers.activity().record(account.id, now, ProviderEvent::Failed);
        // The issue may quote what was posted.
        let issue = InboundSms::storable(issue);
        let report = NewReport {
            message_id: None,
            provider_id: account.id,
            provider_message_id: None,
            phone_number: None,
            status: "failed",
            error_message: Some(&issue),
            webhook_payload: payload,
            retry_count: 0,
            created_at: now,
        };
        self.store.insert_reports(&[report]).await
    }
}
