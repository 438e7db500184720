//! JSON Web Tokens (RFC 7519) with *ring* as the backend of `jsonwebtoken`.
//!
//! The library parses and checks tokens. Its own backends would bring RSA and elliptic curves that no token here uses,
//! with a known weakness (RUSTSEC-2023-0071), or a second C library beside *ring*, which TLS needs anyway: see
//! `docs/adr/0007-one-cryptographic-stack.md`. The backend is global and must be installed before the first token, so
//! everything signs with [`encode`] and verifies with [`decode`]; `clippy.toml` bans the library's own functions.

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, EncodingKey, Header, TokenData, Validation,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{ErrorKind, Result},
    signature::{self, Signer, Verifier},
};
use ring::{
    hmac,
    signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey},
};
use serde::{Serialize, de::DeserializeOwned};

/// Signs claims.
///
/// # Errors
/// When the claims cannot be written as JSON, or the key does not fit the header's algorithm.
pub(crate) fn encode<T: Serialize>(header: &Header, claims: &T, key: &EncodingKey) -> Result<String> {
    install();
    #[expect(clippy::disallowed_methods, reason = "the backend is installed")]
    jsonwebtoken::encode(header, claims, key)
}

/// Verifies a token and reads its claims.
///
/// # Errors
/// When the token is not signed with the key by one of the algorithms of `validation`, or its claims do not pass.
pub(crate) fn decode<T: DeserializeOwned>(
    token: &str,
    key: &DecodingKey,
    validation: &Validation,
) -> Result<TokenData<T>> {
    install();
    #[expect(clippy::disallowed_methods, reason = "the backend is installed")]
    jsonwebtoken::decode(token, key, validation)
}

/// Installs the backend. Nothing else in the process installs one, so that doing it again has no effect.
fn install() {
    static PROVIDER: CryptoProvider =
        CryptoProvider { signer_factory: signer, verifier_factory: verifier, key_utils: KeyUtils::new_unimplemented() };
    let _ = PROVIDER.install_default();
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    match (algorithm, key.family()) {
        (Algorithm::EdDSA, AlgorithmFamily::Ed) => {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.as_bytes());
            Ok(Box::new(Ed25519Signer(pair.map_err(|_| ErrorKind::InvalidEddsaKey)?)))
        }
        _ => Ok(Box::new(Mac::new(*algorithm, key.family(), key.as_bytes())?)),
    }
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    let bytes = key.try_get_as_bytes()?;
    match (algorithm, key.family()) {
        (Algorithm::EdDSA, AlgorithmFamily::Ed) => Ok(Box::new(Ed25519Verifier(bytes.to_vec()))),
        _ => Ok(Box::new(Mac::new(*algorithm, key.family(), bytes)?)),
    }
}

/// HS256, HS384 and HS512.
struct Mac {
    algorithm: Algorithm,
    key: hmac::Key,
}

impl Mac {
    /// Refuses keys of other families: a public key must never be taken for a shared secret.
    fn new(algorithm: Algorithm, family: AlgorithmFamily, secret: &[u8]) -> Result<Self> {
        let hash = match (algorithm, family) {
            (Algorithm::HS256, AlgorithmFamily::Hmac) => hmac::HMAC_SHA256,
            (Algorithm::HS384, AlgorithmFamily::Hmac) => hmac::HMAC_SHA384,
            (Algorithm::HS512, AlgorithmFamily::Hmac) => hmac::HMAC_SHA512,
            _ => return Err(ErrorKind::InvalidAlgorithm.into()),
        };
        Ok(Self { algorithm, key: hmac::Key::new(hash, secret) })
    }
}

impl Signer<Vec<u8>> for Mac {
    fn try_sign(&self, message: &[u8]) -> signature::Result<Vec<u8>> {
        Ok(hmac::sign(&self.key, message).as_ref().to_vec())
    }
}

impl Verifier<Vec<u8>> for Mac {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> signature::Result<()> {
        hmac::verify(&self.key, message, signature).map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for Mac {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl JwtVerifier for Mac {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// EdDSA (RFC 8037) with a private key.
struct Ed25519Signer(Ed25519KeyPair);

impl Signer<Vec<u8>> for Ed25519Signer {
    fn try_sign(&self, message: &[u8]) -> signature::Result<Vec<u8>> {
        Ok(self.0.sign(message).as_ref().to_vec())
    }
}

impl JwtSigner for Ed25519Signer {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

/// EdDSA (RFC 8037) with the 32 bytes of a public key.
struct Ed25519Verifier(Vec<u8>);

impl Verifier<Vec<u8>> for Ed25519Verifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> signature::Result<()> {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(message, signature).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Ed25519Verifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    use super::*;

    fn read(token: &str, key: &DecodingKey, algorithm: Algorithm) -> Result<Value> {
        let mut validation = Validation::new(algorithm);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        decode::<Value>(token, key, &validation).map(|read| read.claims)
    }

    /// RFC 7515, A.1.
    #[test]
    fn the_example_of_rfc_7515_is_verified() {
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key = DecodingKey::from_secret(&URL_SAFE_NO_PAD.decode(secret).unwrap());
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9\
            leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(read(token, &key, Algorithm::HS256).unwrap()["iss"], "joe");
        assert!(read(&token.replace("dBjf", "dBjg"), &key, Algorithm::HS256).is_err());
        assert!(read(token, &key, Algorithm::HS512).is_err());
    }

    /// The key pair of RFC 8037, A.1. The signed example of A.4 is no JSON, so a token is signed here.
    #[test]
    fn a_private_key_signs_what_its_public_key_verifies() {
        let wrapped =
            "302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let bytes = |hex: &str| data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
        let key = EncodingKey::from_ed_der(&bytes(wrapped));
        let token = encode(&Header::new(Algorithm::EdDSA), &json!({ "iss": "joe" }), &key).unwrap();
        let verify = |public: &[u8]| read(&token, &DecodingKey::from_ed_der(public), Algorithm::EdDSA);
        assert_eq!(verify(&bytes(public)).unwrap()["iss"], "joe");
        assert!(verify(&[1; 32]).is_err());
        assert!(verify(&[]).is_err());
    }

    /// Everybody knows the public key: a token that is signed with it as the shared secret must be refused.
    #[test]
    fn a_key_fits_the_algorithms_of_its_family_only() {
        let secret = EncodingKey::from_secret(b"secret");
        let token = encode(&Header::new(Algorithm::HS256), &json!({}), &secret).unwrap();
        assert!(read(&token, &DecodingKey::from_secret(b"secret"), Algorithm::HS256).is_ok());
        assert!(read(&token, &DecodingKey::from_ed_der(b"secret"), Algorithm::HS256).is_err());
        assert!(encode(&Header::new(Algorithm::EdDSA), &json!({}), &secret).is_err());
        assert!(encode(&Header::new(Algorithm::RS256), &json!({}), &EncodingKey::from_rsa_der(b"secret")).is_err());
    }
}
