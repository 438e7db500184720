//! Where the keys of the platform come from.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};

use super::raw::RawConfig;
use crate::{
    app::{Keyring, RootKey},
    random::Random,
};

/// Where the root key comes from.
#[derive(Debug)]
pub enum RootKeySource {
    /// The setting `secret_key`.
    Setting(SecretString),
    /// A file beside the embedded database, created at the first start.
    File(PathBuf),
}

/// Where the keys of the platform come from.
#[derive(Debug)]
pub struct KeyConfig {
    /// The source of the root key.
    pub root: RootKeySource,
    /// Earlier root keys: what they sealed and signed is still accepted.
    previous: Vec<SecretString>,
    /// The Ed25519 key that signs access tokens. Without it they are signed with a key derived from the root key.
    signing_key_file: Option<PathBuf>,
    /// More Ed25519 keys whose access tokens are accepted.
    verification_key_files: Vec<PathBuf>,
}

impl KeyConfig {
    pub(super) fn validate(raw: &RawConfig) -> Result<Self> {
        for key in &raw.previous_secret_keys {
            decode_key(key.expose_secret()).context("previous_secret_keys")?;
        }
        let root = match &raw.secret_key {
            Some(key) => {
                decode_key(key.expose_secret())?;
                RootKeySource::Setting(key.clone())
            }
            None if raw.is_sqlite() => {
                let path = raw.database_url.trim_start_matches("sqlite:").trim_start_matches("//");
                let path = path.split('?').next().unwrap_or(path);
                RootKeySource::File(PathBuf::from(format!("{path}.key")))
            }
            None => bail!(
                "secret_key: is needed with PostgreSQL, the same on every replica; make one with `openssl rand -base64 32`"
            ),
        };
        Ok(Self {
            root,
            previous: raw.previous_secret_keys.clone(),
            signing_key_file: raw.signing_key_file.clone(),
            verification_key_files: raw.verification_key_files.clone(),
        })
    }

    /// Whether access tokens are signed with an Ed25519 key.
    #[must_use]
    pub fn signs_with_ed25519(&self) -> bool {
        self.signing_key_file.is_some()
    }

    /// The file of the root key, if it should be there and is not.
    #[must_use]
    pub fn missing_file(&self) -> Option<&Path> {
        match &self.root {
            RootKeySource::File(path) if !path.exists() => Some(path),
            RootKeySource::File(_) | RootKeySource::Setting(_) => None,
        }
    }

    /// Reads every key. The root key of the embedded platform is created at its first start.
    ///
    /// # Errors
    /// If a key file cannot be read or created, or does not contain a key.
    pub fn keyring(&self, random: &Random) -> Result<Keyring> {
        let root = match &self.root {
            RootKeySource::Setting(key) => decode_key(key.expose_secret())?,
            RootKeySource::File(path) => read_or_create_key(path, random)?,
        };
        self.keyring_over(root)
    }

    /// Checks the files of the other keys, and makes none.
    ///
    /// # Errors
    /// If a key file cannot be read, or does not contain a key.
    pub fn check_files(&self) -> Result<()> {
        self.keyring_over(RootKey::new([0; 32])).map(drop)
    }

    fn keyring_over(&self, root: RootKey) -> Result<Keyring> {
        let mut keys = Keyring::new(root);
        for key in &self.previous {
            keys = keys.with_previous(decode_key(key.expose_secret())?);
        }
        if let Some(path) = &self.signing_key_file {
            keys = keys.with_signing_key(read_file(path)?.expose_secret())?;
        }
        for path in &self.verification_key_files {
            keys = keys.with_verification_key(read_file(path)?.expose_secret())?;
        }
        Ok(keys)
    }
}

fn decode_key(text: &str) -> Result<RootKey> {
    let bytes = STANDARD.decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    bytes.map(RootKey::new).context("secret_key: must be 32 bytes in base64; make one with `openssl rand -base64 32`")
}

fn read_file(path: &Path) -> Result<SecretString> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read the key file {}", path.display()))?;
    Ok(text.into())
}

fn read_or_create_key(path: &Path, random: &Random) -> Result<RootKey> {
    if path.exists() {
        return decode_key(read_file(path)?.expose_secret())
            .with_context(|| format!("the key file {} is damaged", path.display()));
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
    fn the_embedded_key_is_created_once() {
        let dir = tempfile::tempdir().unwrap();
        let database_url = format!("sqlite:{}", dir.path().join("x.sqlite").display());
        let keys = KeyConfig::validate(&RawConfig { database_url, ..RawConfig::default() }).unwrap();
        keys.keyring(&Random::from_seed(1)).unwrap();
        let first = fs::read_to_string(dir.path().join("x.sqlite.key")).unwrap();
        keys.keyring(&Random::from_seed(2)).unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("x.sqlite.key")).unwrap(), first);
        fs::write(dir.path().join("x.sqlite.key"), "damaged").unwrap();
        assert!(keys.keyring(&Random::from_seed(2)).is_err());
    }
}
