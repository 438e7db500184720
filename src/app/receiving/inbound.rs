//! Messages on their way into the store, and the receipts by which a retry is recognised.

use std::{borrow::Cow, collections::HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};

use crate::{
    app::keyring::{Derivation, Keyring, RootKey},
    domain::{Channel, InboundSms, Part, ProviderId, ReportFilter},
    providers::join_texts,
    store::{Metadata, Receipt},
    tracer::TraceContext,
};

/// How long a content digest identifies a message that has neither an id nor a timestamp. The same text may
/// legitimately be sent again later.
const CONTENT_DIGEST_LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// How a webhook came.
#[derive(Clone, Copy, Debug)]
pub struct Posted {
    /// When it began to arrive: its verification is part of the way of its messages.
    pub at: DateTime<Utc>,
    /// The span of its request, if it is traced.
    pub trace: Option<TraceContext>,
}

/// A message to be stored.
pub(super) struct InboundMessage {
    pub(super) provider_id: ProviderId,
    /// When it is stored: decides its order in the inbox and its retention.
    pub(super) received_at: DateTime<Utc>,
    /// When its webhook began to arrive.
    pub(super) posted_at: DateTime<Utc>,
    /// When it reached the platform: whoever rented the number then may read it.
    pub(super) arrived_at: DateTime<Utc>,
    /// The span of its webhook's request, if that is traced.
    pub(super) trace: Option<TraceContext>,
    pub(super) sms: InboundSms,
    /// The latest time at which it can have been sent, if that is known.
    pub(super) sent_by: Option<DateTime<Utc>>,
    /// The receipts that identify it, with their expiry where they have one of their own.
    pub(super) receipts: Vec<(Receipt, Option<DateTime<Utc>>)>,
    /// Whether it is a part that was held, and already has a delivery report that says so.
    pub(super) was_held: bool,
}

impl InboundMessage {
    pub(super) fn new(
        provider_id: ProviderId,
        posted: Posted,
        received_at: DateTime<Utc>,
        mut sms: InboundSms,
        clock_skew: TimeDelta,
        keys: &ContentKeys,
    ) -> Self {
        sms.part = sms.part.filter(Part::is_possible);
        if sms.part.is_none() {
            sms.text = join_texts([sms.text.as_str()]);
        }
        if sms.channel == Channel::Sms && !sms.media.is_empty() {
            // An SMS has no files, whether or not the provider says so.
            sms.channel = Channel::Mms;
        }
        let receipt = |id: String| Receipt { provider_id, provider_message_id: id };
        let has_id = !sms.provider_message_id.is_empty();
        let mut receipts = Vec::new();
        if has_id {
            if let Some(part) = &sms.part {
                // All parts of a message may share one provider id, and part references are reused over time.
                sms.provider_message_id = ReportFilter::part_id(&sms.provider_message_id, part.number);
                receipts.push((receipt(part_receipt(&sms, part)), None));
            } else {
                receipts.push((receipt(sms.provider_message_id.clone()), None));
            }
        }
        // Where a provider gives ids but no timestamps, two different messages may have the same content.
        if !has_id || (sms.may_return && sms.sent_at.is_some()) {
            let expires_at = sms.sent_at.is_none().then(|| received_at + CONTENT_DIGEST_LIFETIME);
            receipts.extend(keys.digests(&sms).map(|digest| (receipt(digest), expires_at)));
        }
        if !has_id {
            sms.provider_message_id =
                receipts.first().map(|(id, _)| id.provider_message_id.clone()).unwrap_or_default();
        }
        let sent_by = sms.provider_time().and_then(|sent_at| sent_at.checked_add_signed(clock_skew));
        Self {
            provider_id,
            received_at,
            posted_at: posted.at,
            arrived_at: received_at,
            trace: posted.trace,
            sms,
            sent_by,
            receipts,
            was_held: false,
        }
    }

    /// How long it took from the provider's time to its arrival. If the provider's clock is ahead, it is negative.
    pub(super) fn lag(&self) -> Option<TimeDelta> {
        Some(self.arrived_at - self.sms.provider_time()?)
    }

    /// The receipt that identifies the message within a batch.
    pub(super) fn receipt(&self) -> Receipt {
        Receipt { provider_id: self.provider_id, provider_message_id: self.sms.provider_message_id.clone() }
    }

    pub(super) fn metadata(&self) -> Metadata<'_> {
        Metadata { media: Cow::Borrowed(&self.sms.media), segments: self.sms.segments }
    }
}

/// A receipt id that distinguishes a part from the others with the same provider id.
fn part_receipt(sms: &InboundSms, part: &Part) -> String {
    let mut hash = Sha256::new();
    hash.update(sms.provider_message_id.as_bytes());
    hash.update([0, part.number, part.count]);
    hash.update(part.reference.as_bytes());
    format!("part-{}", HEXLOWER.encode(&hash.finalize()))
}

/// Keys for content digests: the current one, then previous ones, so that a retry is recognised across a key change.
/// The digests are keyed because codes are short: with a plain hash, anybody who sees a digest could find the code by
/// trying.
#[derive(Debug)]
pub(super) struct ContentKeys(Vec<SecretBox<[u8; 32]>>);

impl ContentKeys {
    pub(super) fn new(keys: &Keyring) -> Self {
        let key = |root: &RootKey| SecretBox::new(Box::new(root.derive(Derivation::V1, "digests of messages")));
        let mut keys: Vec<SecretBox<[u8; 32]>> = keys.roots().map(key).collect();
        // A duplicate key would make every message its own retry.
        let mut known = HashSet::new();
        keys.retain(|key| known.insert(*key.expose_secret()));
        Self(keys)
    }

    /// The content digest of a message, under each key.
    fn digests(&self, sms: &InboundSms) -> impl Iterator<Item = String> {
        let sent_at = sms.sent_at.map(|sent_at| sent_at.timestamp_micros().to_string()).unwrap_or_default();
        let part = sms.part.as_ref().map(|part| format!("{}/{}/{}", part.reference, part.number, part.count));
        let part = part.unwrap_or_default();
        self.0.iter().map(move |key| {
            #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
            let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret()).expect("any length");
            for text in [sms.from.as_str(), sms.to.as_str(), &sent_at, &part, &sms.text] {
                // Length prefixes keep one field's bytes from being read as another's.
                mac.update(&text.len().to_be_bytes());
                mac.update(text.as_bytes());
            }
            format!("{}{}", Receipt::CONTENT, HEXLOWER.encode(&mac.finalize().into_bytes()))
        })
    }
}
