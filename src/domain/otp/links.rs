//! The links in a text, and the site that a code is bound to.

use super::{
    context::Context,
    document::Document,
    origin_bound,
    verification::{self, is_verification},
};

/// A link in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The address, with its scheme: `https://` where the text has none.
    pub url: String,
    /// What it is for.
    pub kind: LinkKind,
}

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// To confirm something: an address, a number, a registration.
    Verify,
    /// To log in.
    Login,
    /// To reset a password.
    Reset,
    /// Anything else.
    Other,
}

/// Parts of the paths of links, and what they are for. The first that is found decides.
const PATHS: [(&[u8], LinkKind); 13] = [
    (b"reset", LinkKind::Reset),
    (b"forgot", LinkKind::Reset),
    (b"password", LinkKind::Reset),
    (b"recover", LinkKind::Reset),
    (b"verif", LinkKind::Verify),
    (b"confirm", LinkKind::Verify),
    (b"activat", LinkKind::Verify),
    (b"validat", LinkKind::Verify),
    (b"magic", LinkKind::Login),
    (b"login", LinkKind::Login),
    (b"signin", LinkKind::Login),
    (b"sign-in", LinkKind::Login),
    (b"auth", LinkKind::Login),
];

/// The links in a text, in order. The kind follows from the path; in a request to verify something where no path says
/// so, each link is to [`LinkKind::Verify`].
#[must_use]
pub fn links(text: &str) -> Vec<Link> {
    // Every link has a point in its host.
    if !text.contains('.') {
        return Vec::new();
    }
    let Some(document) = Document::of(text) else { return Vec::new() };
    if !document.has_link {
        return Vec::new();
    }
    // The host that a code is bound to is no link.
    let is_link = |start: usize| document.text.bytes()[..start].last() != Some(&b'@');
    let addresses = document.addresses.iter().filter(|(start, _)| is_link(*start as usize));
    let mut links: Vec<(String, Option<LinkKind>)> = addresses
        .filter_map(|&(start, end)| {
            let path = verification::path(&document.text.bytes()[start as usize..end as usize]);
            let kind = PATHS.iter().find(|(part, _)| path.windows(part.len()).any(|window| window == *part));
            Some((url(document.written(start, end))?, kind.map(|(_, kind)| *kind)))
        })
        .collect();
    if links.iter().all(|(_, kind)| kind.is_none()) && is_verification(&document, &Context::of(&document)) {
        links.iter_mut().for_each(|(_, kind)| *kind = Some(LinkKind::Verify));
    }
    links.into_iter().map(|(url, kind)| Link { url, kind: kind.unwrap_or(LinkKind::Other) }).collect()
}

/// The host that the code in a text is bound to: `example.com` for a text with the line `@example.com #482913`.
#[must_use]
pub fn origin(text: &str) -> Option<String> {
    // Checked first, because few texts have such a line.
    if !text.contains(" #") {
        return None;
    }
    let document = Document::of(text)?;
    origin_bound::find(&document).map(|(host, _)| host.to_ascii_lowercase())
}

/// An address as a URL. `None` for the address of a mailbox, and for one that was made unusable (`hxxp://`).
fn url(address: &str) -> Option<String> {
    let address = address.replace("&amp;", "&");
    let scheme = address.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("http" | "https") => Some(address),
        Some(_) => None,
        None => {
            let host = address.split('/').next().unwrap_or_default();
            (!host.contains('@')).then(|| format!("https://{address}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_have_a_scheme_and_a_kind() {
        for (text, url, kind) in [
            (
                "Tap to verify: https://example.com/verify?t=8F3a.",
                "https://example.com/verify?t=8F3a",
                LinkKind::Verify,
            ),
            ("Reset it here: acme.app/Reset/k3J (24 h)", "https://acme.app/Reset/k3J", LinkKind::Reset),
            (
                "Click to sign in to Fernly: https://fernly.example/magic/Zt9",
                "https://fernly.example/magic/Zt9",
                LinkKind::Login,
            ),
            ("Click this link to sign in to Fernly: https://f.example/Zt9", "https://f.example/Zt9", LinkKind::Verify),
            ("20% off: https://shop.example/a?b=1&amp;c=2", "https://shop.example/a?b=1&c=2", LinkKind::Other),
            ("See www.example.com", "https://www.example.com", LinkKind::Other),
            ("<a href=\"https://e.example/confirm/1\">Confirm</a>", "https://e.example/confirm/1", LinkKind::Verify),
            ("482913 is your code. login.example.com/help", "https://login.example.com/help", LinkKind::Other),
        ] {
            assert_eq!(links(text), [Link { url: url.to_owned(), kind }], "{text}");
        }
        for text in ["", "No link.", "Mail help@example.com", "hxxp://evil.example/login", "Version 1.2.3"] {
            assert_eq!(links(text), [], "{text}");
        }
        let two: Vec<_> =
            links("https://a.example/x and https://b.example/y").into_iter().map(|link| link.url).collect();
        assert_eq!(two, ["https://a.example/x", "https://b.example/y"]);
    }

    #[test]
    fn a_code_may_be_bound_to_an_origin() {
        let bound = "482913 is your Example code.\n\n@Login.example.com #482913";
        assert_eq!(origin(bound).as_deref(), Some("login.example.com"));
        for text in ["482913 is your code", "Contact us @acme.com #2024", "#482913"] {
            assert_eq!(origin(text), None, "{text}");
        }
    }
}
