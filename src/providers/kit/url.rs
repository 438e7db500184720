//! Parameters of the webhook URL.

use url::Url;

/// A URL with additional parameters. Those that it already has stay as they are.
pub(in crate::providers) fn with_parameters(url: &str, parameters: &[(&str, &str)]) -> String {
    let Ok(parsed) = Url::parse(url) else { return url.to_owned() };
    let missing: Vec<_> =
        parameters.iter().filter(|(name, _)| !parsed.query_pairs().any(|(known, _)| known == *name)).collect();
    if missing.is_empty() {
        return url.to_owned();
    }
    let query = serde_urlencoded::to_string(missing).unwrap_or_default();
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_added_once() {
        let with = |url| with_parameters(url, &[("token", "a b&c")]);
        assert_eq!(with("http://a/x"), "http://a/x?token=a+b%26c");
        assert_eq!(with("http://a/x?provider=y"), "http://a/x?provider=y&token=a+b%26c");
        assert_eq!(with("http://a/x?token=z"), "http://a/x?token=z");
    }
}
