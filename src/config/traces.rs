//! Where traces go, and which requests are traced.

use anyhow::{Context, Result, ensure};
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use url::Url;

use super::{addresses::networks, raw::RawConfig};
use crate::tracer::Sampling;

/// Where traces go, and which requests are traced.
#[derive(Clone, Debug)]
pub struct TraceConfig {
    /// Where spans are posted. It may contain a password.
    pub url: Url,
    /// What goes with them, such as a key. The values are marked as sensitive.
    pub headers: HeaderMap,
    /// Which requests are traced.
    pub sampling: Sampling,
}

impl TraceConfig {
    /// Nothing is traced without an endpoint.
    pub(super) fn validate(raw: &RawConfig) -> Result<Option<Self>> {
        let ratio = raw.trace_ratio;
        ensure!((0.0..=1.0).contains(&ratio), "trace_ratio: must be from 0 to 1, and is {ratio}");
        ensure!(
            !raw.trust_traceparent || !raw.trusted_proxies.is_empty(),
            "trust_traceparent: needs trusted_proxies, whose headers are trusted"
        );
        let Some(endpoint) = &raw.otlp_endpoint else { return Ok(None) };
        let url = Url::parse(endpoint).ok().filter(|url| ["http", "https"].contains(&url.scheme()) && url.has_host());
        let mut url = url.context(
            "otlp_endpoint: must be the address of a collector that takes OTLP over HTTP, such as http://127.0.0.1:4318",
        )?;
        // As the specification of OpenTelemetry has it for the endpoint of all signals.
        let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
        url.set_path(&path);
        let trusted = match raw.trust_traceparent {
            true => networks("trusted_proxies", &raw.trusted_proxies)?,
            false => Vec::new(),
        };
        Ok(Some(Self { url, headers: headers(raw)?, sampling: Sampling { ratio, trusted } }))
    }
}

fn headers(raw: &RawConfig) -> Result<HeaderMap> {
    const FORMAT: &str = "otlp_headers: must be like authorization=Bearer%20KEY, with commas between several";
    let mut headers = HeaderMap::new();
    let text = raw.otlp_headers.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').context(FORMAT)?;
        let name = HeaderName::from_bytes(name.trim().as_bytes()).ok().context(FORMAT)?;
        let value = percent_encoding::percent_decode_str(value.trim()).decode_utf8().ok().context(FORMAT)?;
        let mut value = HeaderValue::from_str(&value).ok().context(FORMAT)?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(endpoint: &str, headers: &str) -> RawConfig {
        let headers = (!headers.is_empty()).then(|| headers.into());
        RawConfig { otlp_endpoint: Some(endpoint.to_owned()), otlp_headers: headers, ..RawConfig::default() }
    }

    #[test]
    fn nothing_is_traced_by_default() {
        assert!(TraceConfig::validate(&RawConfig::default()).unwrap().is_none());
    }

    #[test]
    fn the_endpoint_is_that_of_all_signals() {
        for (endpoint, url) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("https://collector.example.com/otlp/", "https://collector.example.com/otlp/v1/traces"),
        ] {
            let config = TraceConfig::validate(&raw(endpoint, "")).unwrap().unwrap();
            assert_eq!(config.url.as_str(), url);
            assert!(config.headers.is_empty() && config.sampling.trusted.is_empty());
        }
    }

    #[test]
    fn headers_are_read_as_the_specification_has_them_and_not_shown() {
        let raw = raw("http://localhost:4318", "authorization=Bearer%20s3cret, x-scope = 7 ");
        let config = TraceConfig::validate(&raw).unwrap().unwrap();
        assert_eq!(config.headers["authorization"], "Bearer s3cret");
        assert_eq!(config.headers["x-scope"], "7");
        assert!(!format!("{config:?}").contains("s3cret"));
    }

    #[test]
    fn wrong_settings_are_refused_by_name() {
        let refused = |change: fn(&mut RawConfig)| {
            let mut raw = raw("http://localhost:4318", "");
            change(&mut raw);
            TraceConfig::validate(&raw).unwrap_err().to_string()
        };
        assert!(refused(|raw| raw.otlp_endpoint = Some("localhost:4317".into())).starts_with("otlp_endpoint: must be"));
        assert!(refused(|raw| raw.otlp_headers = Some("no".into())).starts_with("otlp_headers: must be"));
        assert!(refused(|raw| raw.trace_ratio = 1.5).starts_with("trace_ratio: must be from 0 to 1"));
        assert!(refused(|raw| raw.trace_ratio = f64::NAN).starts_with("trace_ratio: must be from 0 to 1"));
        assert!(refused(|raw| raw.trust_traceparent = true).starts_with("trust_traceparent: needs"));
    }
}
