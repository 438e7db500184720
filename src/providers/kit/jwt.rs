//! JSON Web Tokens (RFC 7519) that are signed with a shared secret.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};

use super::Rejected;
use crate::{
    domain::{Error, Result},
    jwt,
};

/// A token with these claims.
pub(in crate::providers) fn sign_jwt(
    algorithm: Algorithm,
    claims: &impl Serialize,
    secret: &SecretString,
) -> Result<String> {
    let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
    jwt::encode(&Header::new(algorithm), claims, &key).map_err(Error::internal)
}

/// The claims of a token that is signed with the secret by one of the algorithms. The library checks the signature
/// alone: the caller checks the times against the application's clock.
pub(super) fn decode_jwt<C: DeserializeOwned + Clone>(
    token: &str,
    secret: &SecretString,
    algorithms: &[Algorithm],
) -> Result<C, Rejected> {
    let mut validation = Validation::new(algorithms.first().copied().unwrap_or_default());
    validation.algorithms = algorithms.to_vec();
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    let key = DecodingKey::from_secret(secret.expose_secret().as_bytes());
    let token = jwt::decode::<C>(token, &key, &validation).map_err(|_| Rejected::WrongSignature)?;
    Ok(token.claims)
}
