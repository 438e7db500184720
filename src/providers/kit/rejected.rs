//! Why a webhook is not accepted as the provider's.

use thiserror::Error;

/// Why a webhook was not verified. The texts help an operator to find the mistake and tell a forger nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Rejected {
    /// The header, parameter or field that carries the signature or the secret is missing.
    #[error("{0} is missing")]
    Unsigned(String),
    /// The signature does not match this request.
    #[error("the signature is not the one of this request; check the secret and the public address")]
    WrongSignature,
    /// The secret is not the account's.
    #[error("the secret that came with the request is not the one of this provider")]
    WrongSecret,
    /// The timestamp of the signature is outside the tolerance.
    #[error("the signature was made too long ago, or in the future")]
    Stale,
    /// The signature was already used for another request.
    #[error("the signature was used before, for another request")]
    Replayed,
    /// The source address is not in the account's `allowed_sources`.
    #[error("requests from this address are not taken")]
    WrongSource,
    /// The request is signed, but not by a party that the account trusts.
    #[error("{0}")]
    Untrusted(&'static str),
    /// The certificate that the signature is verified with could not be fetched from this host. The webhook is not
    /// refused for good: its provider should send it again.
    #[error("the certificate of the signature could not be fetched from {0}")]
    NoCertificate(String),
    /// The signature scheme does not cover bodies of this content type.
    #[error("the content type must be {0}")]
    WrongType(&'static str),
}
