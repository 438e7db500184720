//! Keys: where they come from.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};

use super::Config;
use crate::{
    app::{Keyring, RootKey},
    random::Random,
};

/// Where the root key comes from.
#[derive(Debug)]
pub enum KeySource {
    /// The configuration.
    Given(SecretString),
    /// A file beside the embedded database, made at the first start.
    Kept(PathBuf),
}

impl Config {
    /// The file that the root key is kept in, if it is not there.
    #[must_use]
    pub fn missing_key_file(&self) -> Option<&Path> {
        match &self.root_key {
            KeySource::Kept(path) if !path.exists() => Some(path),
            KeySource::Kept(_) | KeySource::Given(_) => None,
        }
    }

    /// Every key. The root key is made and kept at the first start of the embedded platform.
    ///
    /// # Errors
    /// When a key file cannot be read or made, or holds no key.
    pub fn keys(&self, random: &Random) -> Result<Keyring> {
        let root = match &self.root_key {
            KeySource::Given(key) => decode_key(key.expose_secret())?,
            KeySource::Kept(path) => keep_key(path, random)?,
        };
        let mut keys = Keyring::new(root);
        for key in &self.previous_keys {
            keys = keys.with_previous(decode_key(key.expose_secret())?);
        }
        let read = |path: &PathBuf| {
            fs::read_to_string(path)
                .map(SecretString::from)
                .with_context(|| format!("cannot read the key file {}", path.display()))
        };
        if let Some(path) = &self.signing_key_file {
            keys = keys.with_signing_key(read(path)?.expose_secret())?;
        }
        for path in &self.verification_key_files {
            keys = keys.with_verification_key(read(path)?.expose_secret())?;
        }
        Ok(keys)
    }
}

pub(super) fn decode_key(text: &str) -> Result<RootKey> {
    let bytes = STANDARD.decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    bytes.map(RootKey::new).context("secret_key: must be 32 bytes in base64; make one with `openssl rand -base64 32`")
}

fn keep_key(path: &Path, random: &Random) -> Result<RootKey> {
    if path.exists() {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read the key file {}", path.display()))?;
        return decode_key(&text).with_context(|| format!("the key file {} is damaged", path.display()));
    }
    let key: [u8; 32] = random.bytes();
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("cannot make the key file {}", path.display()))?;
    writeln!(file, "{}", STANDARD.encode(key)).and_then(|()| file.sync_all())?;
    Ok(RootKey::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_key_is_made_once_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::embedded(&dir.path().join("x.sqlite"), ([127, 0, 0, 1], 0).into()).unwrap();
        config.keys(&Random::from_seed(1)).unwrap();
        let first = fs::read_to_string(dir.path().join("x.sqlite.key")).unwrap();
        config.keys(&Random::from_seed(2)).unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("x.sqlite.key")).unwrap(), first);
        fs::write(dir.path().join("x.sqlite.key"), "damaged").unwrap();
        assert!(config.keys(&Random::from_seed(2)).is_err());
    }
}
