//! Refresh tokens, which are authenticated: one that we issued can be told from noise.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac};
use sha2::Sha256;

use crate::{app::keyring::Keyring, domain::SessionId, random::Random};

/// Issues and verifies refresh tokens.
///
/// A token names its session and carries a truncated MAC. A token that its session no longer knows can thus be told
/// from one that never existed: the first is a stolen or copied token, the second is noise that must not end anybody's
/// session.
pub(super) struct RefreshTokens {
    /// The current key, then the others that are accepted.
    keys: Vec<[u8; 32]>,
}

impl fmt::Debug for RefreshTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshTokens")
    }
}

/// A refresh token with a valid MAC.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct RefreshToken {
    pub(super) session: SessionId,
    nonce: [u8; 32],
}

type Mark = [u8; 16];

impl RefreshTokens {
    const PREFIX: &str = "otpr_";

    pub(super) fn new(keys: &Keyring) -> Self {
        Self { keys: keys.derive("refresh tokens").map(|(_, key)| key).collect() }
    }

    fn mac(key: &[u8; 32], purpose: &[u8], token: &RefreshToken) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
        mac.update(purpose);
        mac.update(&token.session.0.to_be_bytes());
        mac.update(&token.nonce);
        mac
    }

    fn mark(key: &[u8; 32], token: &RefreshToken) -> Hmac<Sha256> {
        Self::mac(key, b"mark", token)
    }

    /// The first token of a session.
    pub(super) fn first(&self, session: SessionId, random: &Random) -> RefreshToken {
        RefreshToken { session, nonce: random.bytes() }
    }

    /// The successor of a token that is used at a given time. It is derived, not random: a client that lost an answer,
    /// or two tabs that refresh together, get the same successor. Without the key it cannot be predicted.
    pub(super) fn next(&self, token: &RefreshToken, at: DateTime<Utc>) -> RefreshToken {
        let mut mac = Self::mac(&self.keys[0], b"next", token);
        mac.update(&at.timestamp_micros().to_be_bytes());
        RefreshToken { session: token.session, nonce: mac.finalize().into_bytes().into() }
    }

    /// The encoding that clients hold.
    pub(super) fn encode(&self, token: &RefreshToken) -> String {
        let mark = Self::mark(&self.keys[0], token).finalize().into_bytes();
        let bytes = [&token.session.0.to_be_bytes()[..], &token.nonce, &mark[..size_of::<Mark>()]].concat();
        format!("{}{}", Self::PREFIX, URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Decodes a token and verifies its MAC.
    pub(super) fn decode(&self, text: &str) -> Option<RefreshToken> {
        let bytes: [u8; 52] = URL_SAFE_NO_PAD.decode(text.strip_prefix(Self::PREFIX)?).ok()?.try_into().ok()?;
        let (session, rest) = bytes.split_first_chunk::<4>()?;
        let (nonce, mark) = rest.split_first_chunk::<32>()?;
        let token = RefreshToken { session: SessionId(i32::from_be_bytes(*session)), nonce: *nonce };
        // Compared in constant time.
        let is_ours = |key: &[u8; 32]| Self::mark(key, &token).verify_truncated_left(mark).is_ok();
        self.keys.iter().any(is_ours).then_some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::RootKey;

    #[test]
    fn refresh_tokens_are_ours_or_nothing() {
        let tokens = RefreshTokens::new(&Keyring::new(RootKey::new([1; 32])));
        let first = tokens.first(SessionId(7), &Random::from_seed(1));
        let text = tokens.encode(&first);
        assert!(tokens.decode(&text).is_some_and(|read| read == first));
        for (at, _) in text.char_indices().skip(RefreshTokens::PREFIX.len()) {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            // The last character carries bits that must be zero.
            assert!(tokens.decode(&String::from_utf8(changed).unwrap()).is_none(), "{at}");
        }
        let others = RefreshTokens::new(&Keyring::new(RootKey::new([2; 32])));
        assert!(others.decode(&text).is_none());
        let changed = Keyring::new(RootKey::new([2; 32])).with_previous(RootKey::new([1; 32]));
        assert!(RefreshTokens::new(&changed).decode(&text).is_some());
    }

    /// One of the first derivation, and one as the next release will write it.
    #[test]
    fn the_tokens_of_other_releases_are_read() {
        let tokens = RefreshTokens::new(&Keyring::new(RootKey::new([7; 32])));
        let token = RefreshToken { session: SessionId(7), nonce: [9; 32] };
        let first = "otpr_AAAABwkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJqi7cAwmM7-YAkS97jGM4Rg";
        let second = "otpr_AAAABwkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJxNgKhCwvBkU_v2k9upAlnA";
        assert!(tokens.decode(first).is_some_and(|read| read == token));
        assert!(tokens.decode(second).is_some_and(|read| read == token));
        assert_eq!(tokens.encode(&token), first, "replicas of the release before must read it");
    }

    #[test]
    fn a_successor_depends_on_the_token_and_the_time() {
        let tokens = RefreshTokens::new(&Keyring::new(RootKey::new([1; 32])));
        let first = tokens.first(SessionId(7), &Random::from_seed(1));
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        assert!(tokens.next(&first, at(1)) == tokens.next(&first, at(1)));
        assert!(tokens.next(&first, at(1)) != tokens.next(&first, at(2)));
        assert!(tokens.next(&tokens.next(&first, at(1)), at(1)) != first);
    }
}
