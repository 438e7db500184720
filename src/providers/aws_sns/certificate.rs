//! The certificate that SNS signs with. Its URL is in the envelope, and trusted only if it is one of SNS itself.

use chrono::{DateTime, Utc};
use url::Url;
use x509_cert::Certificate;

use crate::providers::kit::Rejected;

/// The path of a URL of SNS, without its first slash. The URL must be canonical: no user, no port, nothing that a
/// parser of URLs would normalise.
pub(super) fn sns_path(url: &str) -> Option<&str> {
    let (host, path) = url.strip_prefix("https://")?.split_once('/')?;
    let region = host.strip_prefix("sns.")?;
    let region = region.strip_suffix(".amazonaws.com").or_else(|| region.strip_suffix(".amazonaws.com.cn"))?;
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (region.len() >= 3 && region.bytes().all(is_plain)).then_some(path)
}

/// The URL of a certificate of SNS, if it is one.
pub(super) fn trusted_url(url: &str) -> Option<Url> {
    let name = sns_path(url)?.strip_prefix("SimpleNotificationService-")?.strip_suffix(".pem")?;
    let is_name = name.len() == 32 && name.bytes().all(|b| b.is_ascii_alphanumeric());
    is_name.then(|| Url::parse(url).ok()).flatten()
}

/// The certificate in a PEM file: the first, if the file has its chain too.
pub(super) fn read(pem: &[u8]) -> Option<Certificate> {
    Certificate::load_pem_chain(pem).ok()?.into_iter().next()
}

/// The public key of the certificate in a PEM file, if it is valid now.
pub(super) fn public_key(pem: &[u8], now: DateTime<Utc>) -> Result<Vec<u8>, Rejected> {
    let certificate = read(pem).ok_or(Rejected::Untrusted("the certificate of SNS is unreadable"))?;
    let certificate = certificate.tbs_certificate();
    let (from, until) = (certificate.validity().not_before, certificate.validity().not_after);
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    if !(from.to_unix_duration().as_secs()..=until.to_unix_duration().as_secs()).contains(&seconds) {
        return Err(Rejected::Untrusted("the certificate of SNS has expired, or is not valid yet"));
    }
    Ok(certificate.subject_public_key_info().subject_public_key.raw_bytes().to_vec())
}
