//! Webhooks as JSON documents, and back.

use http::Method;
use serde_json::{Map, Value, json};
use url::form_urlencoded::byte_serialize;

use super::{
    settings::{Body, Settings},
    text::encode_text,
    xml,
};
use crate::providers::kit::{Charset, Form, Malformed, RawWebhook, decode_text, parse_json};

impl Settings {
    /// The content of a webhook as JSON. `secret_parameter` is the URL parameter that is left out.
    pub(super) fn read(&self, raw: &RawWebhook, secret_parameter: Option<&str>) -> Result<Value, Malformed> {
        let charset = self.charset();
        let query = || {
            let mut fields = read_form(&Form::decode(raw.query().as_bytes()).without_platform_parameters(), charset);
            secret_parameter.map(|name| fields.remove(name));
            Value::Object(fields)
        };
        match self.body {
            Body::Query => Ok(query()),
            Body::Form if raw.method == Method::GET && self.methods().contains(&Method::GET) => Ok(query()),
            Body::Json => parse_json(&raw.body),
            // Some providers let their customers choose between the two.
            Body::Form if raw.is_json() => parse_json(&raw.body),
            Body::Form => Ok(read_form(&Form::decode(&raw.body), charset).into()),
            Body::Xml => Ok(xml::read(&decode_text(&raw.body, charset))?.1),
            Body::Text => Ok(json!({ "body": decode_text(&raw.body, charset), "query": query() })),
        }
    }

    /// The webhook with this content: the inverse of [`Settings::read`]. `root` is the name of the root element in XML.
    pub(super) fn write(&self, document: &Value, root: &str, url: &str) -> RawWebhook {
        let charset = self.charset();
        let with_query = |value: &Value| {
            let separator = if url.contains('?') { '&' } else { '?' };
            format!("{url}{separator}{}", write_form(value, charset))
        };
        let may_post = self.methods().contains(&Method::POST);
        let method = if may_post { Method::POST } else { Method::GET };
        match self.body {
            Body::Query => RawWebhook::request(method, &with_query(document)),
            Body::Form if !may_post => RawWebhook::request(method, &with_query(document)),
            Body::Form => RawWebhook::post(url, Form::TYPE, write_form(document, charset).into_bytes()),
            Body::Json => RawWebhook::json_post(url, document),
            Body::Xml => RawWebhook::post(url, "text/xml", encode_text(&xml::write(root, document), charset)),
            Body::Text => {
                let (query, text) = (&document["query"], document["body"].as_str().unwrap_or_default());
                let url = if query.is_null() { url.to_owned() } else { with_query(query) };
                RawWebhook::post(&url, "text/plain", encode_text(text, charset))
            }
        }
    }

    fn charset(&self) -> Charset {
        self.charset.map_or(Charset::Utf8, |name| name.0)
    }
}

/// The fields of a form. A field that is repeated with different values is a list.
fn read_form(form: &Form<'_>, charset: Charset) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in form.fields() {
        // The charset is that of the values; names are ASCII.
        let (name, value) = (decode_text(name, Charset::Utf8), Value::from(decode_text(value, charset)));
        if fields.get(&name) != Some(&value) {
            xml::add(&mut fields, name, value);
        }
    }
    fields
}

/// A form with these fields. The longest, which is the text, comes first: a truncated form then lacks the sender.
fn write_form(fields: &Value, charset: Charset) -> String {
    let encode = |text: &str, charset| byte_serialize(&encode_text(text, charset)).collect::<String>();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let members = fields.as_object().into_iter().flatten();
    let mut pairs: Vec<String> = members
        .flat_map(|(name, value)| {
            value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter().map(move |value| (name, value))
        })
        .map(|(name, value)| format!("{}={}", encode(name, Charset::Utf8), encode(&text(value), charset)))
        .collect();
    pairs.sort_by_key(|pair| std::cmp::Reverse(pair.len()));
    pairs.join("&")
}
