//! Every kind of provider.

use std::sync::LazyLock;

use super::{
    Kind, africastalking, aws_sns, bandwidth, bird, clicksend, elks46, gatewayapi, generic, httpsms, infobip, jasmin,
    kannel, messagebird, plivo, sandbox, seven, signalwire, sinch, sinch_conversation, sms_gateway_android, telnyx,
    textbee, twilio, vonage, vonage_sms,
};
use crate::domain::{Error, Result};

/// The kinds with code of their own.
static ADAPTERS: [&Kind; 25] = [
    &africastalking::KIND,
    &aws_sns::KIND,
    &bandwidth::KIND,
    &bird::KIND,
    &clicksend::KIND,
    &elks46::KIND,
    &gatewayapi::KIND,
    &httpsms::KIND,
    &infobip::KIND,
    &jasmin::KIND,
    &kannel::KIND,
    &messagebird::KIND,
    &plivo::KIND,
    &sandbox::KIND,
    &seven::KIND,
    &signalwire::KIND,
    &sinch::KIND,
    &sinch_conversation::KIND,
    &sms_gateway_android::KIND,
    &telnyx::KIND,
    &textbee::KIND,
    &twilio::KIND,
    &vonage::KIND,
    &vonage_sms::KIND,
    &generic::KIND,
];

/// Every kind: those with code of their own, then the presets of the generic adapter.
#[must_use]
pub fn kinds() -> &'static [&'static Kind] {
    static KINDS: LazyLock<Vec<&'static Kind>> =
        LazyLock::new(|| ADAPTERS.into_iter().chain(generic::presets()).collect());
    &KINDS
}

/// The kind with this identifier.
///
/// # Errors
/// `VALIDATION_ERROR` if there is none.
pub fn find_kind(word: &str) -> Result<&'static Kind> {
    kinds().iter().copied().find(|kind| kind.word == word).ok_or_else(|| {
        let known: Vec<_> = kinds().iter().map(|kind| kind.word).collect();
        Error::invalid("kind", format!("`{word}` is not a kind of provider; use one of {}", known.join(", ")))
    })
}
