//! Detecting repetitions: receipts of messages, and nonces of signatures.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;

use super::{
    Store, Tx,
    entity::message_receipt::Column,
    row_set::RowSet,
    sql::{optional_time, query, time},
};
use crate::domain::{ProviderId, Result};

/// The identity of a message at its provider, which a retry repeats.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Receipt {
    /// The account that delivered it.
    pub provider_id: ProviderId,
    /// The provider's id.
    pub provider_message_id: String,
}

impl Receipt {
    /// What the ids begin with that stand for the content of a message.
    pub const CONTENT: &str = "content-";
}

/// A receipt to be claimed for one or more copies of a message.
#[derive(Clone, Debug)]
pub struct Claim {
    /// When the first of the copies arrived.
    pub received_at: DateTime<Utc>,
    /// Until when the receipt identifies copies. Without an end it does so until it is purged.
    pub expires_at: Option<DateTime<Utc>>,
    /// How many copies are in the batch.
    pub copies: i32,
}

/// What a claim does when its receipt exists: it counts, and takes the receipt over if that has expired.
pub(super) const CLAIM_AGAIN: &str = "ON CONFLICT (provider_id, provider_message_id) DO UPDATE SET
    retry_count = excluded.retry_count + CASE
        WHEN message_receipts.expires_at <= excluded.received_at THEN 0
        ELSE message_receipts.retry_count + 1 END,
    expires_at = CASE
        WHEN message_receipts.expires_at <= excluded.received_at THEN excluded.expires_at
        ELSE message_receipts.expires_at END,
    received_at = CASE
        WHEN message_receipts.expires_at <= excluded.received_at THEN excluded.received_at
        ELSE message_receipts.received_at END";

impl Tx {
    /// Claims receipts, in order, and returns how many copies of each message had arrived before.
    ///
    /// It waits for another replica's claim of the same receipt, so of two copies that arrive at once exactly one finds
    /// zero. An expired receipt can be claimed again.
    pub async fn claim_receipts(&self, claims: &BTreeMap<Receipt, Claim>) -> Result<BTreeMap<Receipt, i32>> {
        #[derive(Serialize)]
        struct Row<'a> {
            provider_id: ProviderId,
            provider_message_id: &'a str,
            #[serde(serialize_with = "time")]
            received_at: DateTime<Utc>,
            #[serde(serialize_with = "optional_time")]
            expires_at: Option<DateTime<Utc>>,
            copies: i32,
        }
        #[derive(FromQueryResult)]
        struct Claimed {
            provider_id: i32,
            provider_message_id: String,
            retry_count: i32,
        }
        let rows = RowSet::of([Column::ProviderId, Column::ProviderMessageId, Column::ReceivedAt, Column::ExpiresAt])
            .with("copies", Column::RetryCount);
        // In one order on every replica, so that claims cannot deadlock.
        let sql = format!(
            "INSERT INTO message_receipts (provider_id, provider_message_id, received_at, expires_at, retry_count)
             SELECT provider_id, provider_message_id, received_at, expires_at, copies - 1 FROM {}
             WHERE true ORDER BY provider_id, provider_message_id
             {CLAIM_AGAIN}
             RETURNING provider_id, provider_message_id, retry_count",
            rows.table(self.0.get_database_backend())
        );
        let claimed: Vec<_> = claims
            .iter()
            .map(|(receipt, claim)| Row {
                provider_id: receipt.provider_id,
                provider_message_id: &receipt.provider_message_id,
                received_at: claim.received_at,
                expires_at: claim.expires_at,
                copies: claim.copies,
            })
            .collect();
        let found: Vec<Claimed> = query(&self.0, sql, [RowSet::parameter(&claimed)?]).await?;
        let seen = found.into_iter().map(|row| {
            let receipt =
                Receipt { provider_id: ProviderId(row.provider_id), provider_message_id: row.provider_message_id };
            let copies = claims.get(&receipt).map_or(0, |claim| claim.copies);
            (receipt, row.retry_count + 1 - copies)
        });
        Ok(seen.collect())
    }
}

/// A nonce, and the request that it came with. Both are digests.
#[derive(Clone, Debug)]
pub struct Nonce {
    /// The account whose signature contains it.
    pub provider_id: ProviderId,
    /// The nonce.
    pub nonce: String,
    /// The request.
    pub request: String,
    /// Until when the signature is valid.
    pub expires_at: DateTime<Utc>,
}

impl Store {
    /// Stores a nonce. Returns whether its request is the one that it was first used for.
    pub async fn use_nonce(&self, nonce: &Nonce, now: DateTime<Utc>) -> Result<bool> {
        #[derive(FromQueryResult)]
        struct Used {
            request: String,
        }
        let sql = "INSERT INTO webhook_nonces (provider_id, nonce, request, expires_at) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (provider_id, nonce) DO UPDATE SET
                       request = CASE WHEN webhook_nonces.expires_at <= $5 THEN excluded.request
                                      ELSE webhook_nonces.request END,
                       expires_at = CASE WHEN webhook_nonces.expires_at <= $5 THEN excluded.expires_at
                                         ELSE webhook_nonces.expires_at END
                   RETURNING request";
        let values = [
            nonce.provider_id.0.into(),
            nonce.nonce.as_str().into(),
            nonce.request.as_str().into(),
            nonce.expires_at.into(),
            now.into(),
        ];
        let used: Vec<Used> = query(&self.write, sql.to_owned(), values).await?;
        Ok(used.first().is_some_and(|used| used.request == nonce.request))
    }
}
