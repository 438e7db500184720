//! Who may come in.

use std::net::{IpAddr, Ipv6Addr};

use anyhow::{Context, Result};
use url::{Host, Url};

use crate::{
    app::Settings,
    domain::{EmailDomain, RegistrationPolicy},
};

/// The domains that the addresses of new accounts may have.
pub(super) fn allowed_email_domains(raw: &[String]) -> Result<Vec<EmailDomain>> {
    let domain = |text: &String| {
        let parsed = EmailDomain::parse("allowed_email_domains", text).ok();
        parsed.with_context(|| {
            format!(
                "allowed_email_domains: must be domains such as example.com, and `{text}` is none; list each subdomain"
            )
        })
    };
    raw.iter().map(domain).collect()
}

/// What the operator should know who lets everybody in at an address that everybody can reach. A domain keeps nobody
/// out whose address is not verified: it can be made up.
pub(super) fn open_registration_warning(settings: &Settings, public_url: &str) -> Option<String> {
    let is_restricted = !settings.allowed_email_domains.is_empty() && settings.require_verified_email;
    if settings.registration != RegistrationPolicy::Open || is_restricted || !is_public(public_url) {
        return None;
    }
    let advice = match settings.allowed_email_domains.is_empty() {
        true => "set registration to invite or closed, or allowed_email_domains",
        false => "set require_verified_email, without which the domain of an address can be made up",
    };
    Some(format!("everybody who reaches {public_url} can make an account and rent numbers: {advice}"))
}

/// Whether an address can be reached from the internet, as far as it tells.
fn is_public(public_url: &str) -> bool {
    let Ok(url) = Url::parse(public_url) else { return false };
    match url.host() {
        Some(Host::Ipv4(address)) => is_public_address(address.into()),
        Some(Host::Ipv6(address)) => is_public_address(address.into()),
        Some(Host::Domain(name)) => is_public_name(name),
        None => false,
    }
}

fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            // 100.64.0.0/10 is what carriers use within their networks (RFC 6598).
            let is_shared = address.octets()[0] == 100 && (64..128).contains(&address.octets()[1]);
            !(address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_unspecified()
                || address.is_documentation()
                || is_shared)
        }
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_public_address(mapped.into()),
            None => {
                !(address.is_loopback()
                    || address.is_unspecified()
                    || address.is_unique_local()
                    || address.is_unicast_link_local()
                    || is_documentation(address))
            }
        },
    }
}

/// 2001:db8::/32 (RFC 3849).
fn is_documentation(address: Ipv6Addr) -> bool {
    address.segments()[..2] == [0x2001, 0xdb8]
}

/// Names without a dot, and those below domains that are never on the internet (RFC 2606, 6761, 6762, 8375 and 9476,
/// and what ICANN has reserved).
fn is_public_name(name: &str) -> bool {
    const PRIVATE: [&str; 8] = ["localhost", "local", "internal", "test", "invalid", "lan", "home.arpa", "alt"];
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_private = |domain: &&str| name == **domain || name.ends_with(&format!(".{domain}"));
    name.contains('.') && !PRIVATE.iter().any(is_private)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_is_one_that_strangers_reach() {
        for public in
            ["https://sms.example.com", "http://93.184.216.34:8080", "https://[2a00:1450::1]", "https://a.co/b"]
        {
            assert!(is_public(public), "{public}");
        }
        for private in [
            "http://localhost:8080",
            "http://127.0.0.1:8080",
            "http://10.1.2.3",
            "http://192.168.0.5",
            "http://172.16.0.1",
            "http://169.254.1.1",
            "http://100.64.0.1",
            "http://[::1]:8080",
            "http://[fd00::1]",
            "http://[fe80::1]",
            "http://[::ffff:10.0.0.1]",
            "http://otpwire:8080",
            "http://otpwire.sms.svc.cluster.local",
            "https://sms.internal",
            "https://box.home.arpa",
            "https://SMS.LAN",
        ] {
            assert!(!is_public(private), "{private}");
        }
    }

    #[test]
    fn open_registration_at_a_public_address_is_warned_of() {
        let warning = |registration, domains: &[&str], verified, url| {
            let settings = Settings {
                registration,
                allowed_email_domains: allowed_email_domains(
                    &domains.iter().map(|&domain| domain.to_owned()).collect::<Vec<_>>(),
                )
                .unwrap(),
                require_verified_email: verified,
                ..Settings::default()
            };
            open_registration_warning(&settings, url)
        };
        let (open, public) = (RegistrationPolicy::Open, "https://sms.example.com");
        assert!(warning(open, &[], true, public).unwrap().contains("set registration to invite"));
        assert!(warning(open, &["example.com"], false, public).unwrap().contains("set require_verified_email"));
        assert_eq!(warning(open, &["example.com"], true, public), None);
        assert_eq!(warning(open, &[], false, "http://localhost:8080"), None);
        assert_eq!(warning(RegistrationPolicy::Invite, &[], false, public), None);
        assert_eq!(warning(RegistrationPolicy::Closed, &[], false, public), None);
    }
}
