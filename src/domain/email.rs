//! E-mail addresses.

use email_address::{EmailAddress, Options};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization;

use super::{Error, Result, text::is_deceptive};

/// An e-mail address in one form, so that a mailbox has at most one account: in lower case, the domain in ASCII
/// (RFC 5891), the local part composed (NFC), and quoted only if it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    normal: String,
    /// As it was written, in lower case, if that is different. Version 0.1.0 stored addresses so.
    written: Option<String>,
}

impl Email {
    /// The longest address that is stored, in characters.
    pub const MAX: usize = 255;

    /// Parses an address; white space around it is ignored.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is not an address (RFC 5321) or too long.
    pub fn parse(text: &str) -> Result<Self> {
        let written = text.trim().to_lowercase();
        let normal = normal_form(&written).filter(|normal| normal.chars().count() <= Self::MAX && is_address(normal));
        let normal =
            normal.ok_or_else(|| Error::invalid("email", "must be an e-mail address, such as user@example.com"))?;
        Ok(Self { written: Some(written).filter(|written| *written != normal), normal })
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.normal
    }

    /// The domain, in lower case and ASCII.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.normal.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// What an account of this address may be stored as: the form that an older version stored comes first.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        self.written.as_deref().into_iter().chain([self.normal.as_str()])
    }

    /// The mailbox that receives what is sent to the address: without the tag of a plus-address, and for Gmail without
    /// dots. It is for counting, not for sending.
    #[must_use]
    pub fn mailbox(&self) -> String {
        let (local, domain) = self.normal.rsplit_once('@').unwrap_or((&self.normal, ""));
        let (opening, name) = local.strip_prefix('"').map_or(("", local), |name| ("\"", name));
        let base = name.split_once('+').map_or(name, |(base, _)| base).trim_end_matches('"');
        // What begins with a plus has no other name.
        let base = if base.is_empty() { name.trim_end_matches('"') } else { base };
        match domain {
            "gmail.com" | "googlemail.com" => format!("{}@gmail.com", base.replace('.', "")),
            _ => format!("{opening}{base}{opening}@{domain}"),
        }
    }
}

fn is_address(text: &str) -> bool {
    let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
    !text.contains(is_deceptive) && EmailAddress::parse_with_options(text, options).is_ok()
}

fn normal_form(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    let domain =
        Uts46::new().to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::Allow, DnsLength::Verify).ok()?;
    let local: String = local.nfc().collect();
    let Some(quoted) = local.strip_prefix('"').and_then(|local| local.strip_suffix('"')) else {
        return Some(format!("{local}@{domain}"));
    };
    let mut content = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        content.push(if character == '\\' { characters.next()? } else { character });
    }
    let plain = format!("{content}@{domain}");
    // A quote that is needed is written with as few escapes as possible.
    if !content.starts_with('"') && is_address(&plain) {
        return Some(plain);
    }
    Some(format!("\"{}\"@{domain}", content.replace('\\', "\\\\").replace('"', "\\\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> Option<String> {
        Email::parse(text).ok().map(|email| email.as_str().to_owned())
    }

    #[test]
    fn spellings_of_an_address_have_one_form() {
        for (written, expected) in [
            (" Ada@Example.COM ", "ada@example.com"),
            ("\"ada\"@example.com", "ada@example.com"),
            ("\"a\\da\"@example.com", "ada@example.com"),
            ("\"a.b\"@example.com", "a.b@example.com"),
            ("\"a..b\"@example.com", "\"a..b\"@example.com"),
            ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
            ("ada@xn--BCHER-kva.example", "ada@xn--bcher-kva.example"),
            ("ada@bu\u{308}cher.example", "ada@xn--bcher-kva.example"),
            ("ada@example。com", "ada@example.com"),
            ("ada@ｅｘａｍｐｌｅ.com", "ada@example.com"),
            ("jose\u{301}@example.com", "jos\u{e9}@example.com"),
        ] {
            assert_eq!(normal(written).as_deref(), Some(expected), "{written}");
        }
        for wrong in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "ada@localhost",
            "ada@exa_mple.com",
            "ada@-.com",
            "ada@[127.0.0.1]",
            "a@b@example.com",
            "\"ada@example.com",
            "ada@xn--0.com",
            "a\u{202e}da@example.com",
            "ada@example.com\u{2028}x",
            "Ada <ada@example.com>",
            "\"ada\\\"@example.com",
        ] {
            assert_eq!(normal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn plus_addresses_are_one_mailbox() {
        for (address, mailbox) in [
            ("ada+1@example.com", "ada@example.com"),
            ("\"ada+1\"@example.com", "ada@example.com"),
            ("\"a b+1\"@example.com", "\"a b\"@example.com"),
            ("ada+1+2@Example.com", "ada@example.com"),
            ("+ada@example.com", "+ada@example.com"),
            ("a.da+x@googlemail.com", "ada@gmail.com"),
            ("a.da@example.com", "a.da@example.com"),
        ] {
            assert_eq!(Email::parse(address).unwrap().mailbox(), mailbox, "{address}");
        }
    }

    #[test]
    fn an_account_of_an_older_version_is_found() {
        let email = Email::parse("Ada@Bücher.example").unwrap();
        assert_eq!(email.spellings().collect::<Vec<_>>(), ["ada@bücher.example", "ada@xn--bcher-kva.example"]);
        assert_eq!(Email::parse("ada@example.com").unwrap().spellings().count(), 1);
    }
}
