//! The signature of SNS's envelope: RSA (PKCS #1) with SHA-1 (version 1) or SHA-256 (version 2), over the names and
//! values of some of its fields.

use ring::{
    rand::SystemRandom,
    signature::{
        RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
        VerificationAlgorithm,
    },
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use x509_cert::der;

use crate::{
    domain::{Error, Result},
    providers::kit::{JsonNode, Rejected, encode_base64},
};

/// The signed fields of a notification.
const NOTIFICATION: &[&str] = &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
/// The signed fields of the confirmation and of the end of a subscription.
const CONFIRMATION: &[&str] = &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

/// The version of the signature that the account's topics use.
#[derive(Clone, Copy)]
pub(super) enum SignatureVersion {
    Sha1,
    Sha256,
}

impl SignatureVersion {
    /// The value of the field `SignatureVersion`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "1",
            Self::Sha256 => "2",
        }
    }

    pub(super) fn algorithm(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Sha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
        }
    }
}

/// A field of the envelope that the signature needs.
pub(super) fn required<'a>(envelope: &JsonNode<'a>, name: &str) -> Result<&'a str, Rejected> {
    envelope.text(&format!("/{name}")).map_err(|_| Rejected::Unsigned(name.to_owned()))
}

/// What is signed: names and values, each followed by a line feed.
///
/// Values may contain line feeds too. Still, nothing can be moved between the fields to make somebody else's topic look
/// like the account's: topic and type are last, and both must have known values.
pub(super) fn signed(envelope: &JsonNode<'_>) -> Result<String, Rejected> {
    let names = match required(envelope, "Type")? {
        "Notification" => NOTIFICATION,
        "SubscriptionConfirmation" | "UnsubscribeConfirmation" => CONFIRMATION,
        _ => return Err(Rejected::WrongSignature),
    };
    let mut text = String::new();
    for name in names {
        // The subject is optional.
        if *name == "Subject" && envelope.find("/Subject").is_none() {
            continue;
        }
        for part in [name, required(envelope, name)?] {
            text.push_str(part);
            text.push('\n');
        }
    }
    Ok(text)
}

/// The signature of an envelope, version 2.
pub(super) fn sign(envelope: &Value, key: &SecretString) -> Result<String> {
    let wrong = || Error::invalid("key", "must be an RSA private key in PEM (PKCS #8)");
    let (_, key) = der::Document::from_pem(key.expose_secret().trim()).map_err(|_| wrong())?;
    let key = RsaKeyPair::from_pkcs8(key.as_bytes()).map_err(|_| wrong())?;
    let text =
        signed(&JsonNode::root(envelope)).map_err(|rejected| Error::invalid("envelope", rejected.to_string()))?;
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).map_err(|_| wrong())?;
    Ok(encode_base64(&signature))
}
