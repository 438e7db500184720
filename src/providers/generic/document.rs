//! Webhooks as JSON documents, and back.

use http::Method;
use serde_json::{Map, Value, json};
use url::form_urlencoded::byte_serialize;

use super::{
    config::{Body, Settings},
    text::encode,
    xml,
};
use crate::providers::kit::{Charset, Form, Malformed, Outgoing, RawWebhook, decode, document};

impl Settings {
    /// What a webhook says, as JSON. `hidden` is the parameter of the address that is a secret.
    pub(super) fn read(&self, raw: &RawWebhook, hidden: Option<&str>) -> Result<Value, Malformed> {
        let charset = self.charset();
        let query = || {
            let mut fields = fields_of(&Form::decode(raw.query().as_bytes()).without_ours(), charset);
            hidden.map(|name| fields.remove(name));
            Value::Object(fields)
        };
        match self.body {
            Body::Query => Ok(query()),
            Body::Form if raw.method == Method::GET && self.methods().contains(&Method::GET) => Ok(query()),
            Body::Json => document(&raw.body),
            Body::Form => Ok(fields_of(&Form::decode(&raw.body), charset).into()),
            Body::Xml => Ok(xml::read(&decode(&raw.body, charset))?.1),
            Body::Text => Ok(json!({ "body": decode(&raw.body, charset), "query": query() })),
        }
    }

    /// The webhook that says this. The inverse of [`Settings::read`].
    pub(super) fn write(&self, document: &Value, root: &str, url: &str) -> RawWebhook {
        let charset = self.charset();
        let with_query = |value: &Value| {
            let separator = if url.contains('?') { '&' } else { '?' };
            format!("{url}{separator}{}", form_of(value, charset))
        };
        let may_post = self.methods().contains(&Method::POST);
        let method = if may_post { Method::POST } else { Method::GET };
        match self.body {
            Body::Query => Outgoing::request(method, &with_query(document), &[]),
            Body::Form if !may_post => Outgoing::request(method, &with_query(document), &[]),
            Body::Form => Outgoing::post(url, Form::TYPE, form_of(document, charset).into_bytes(), &[]),
            Body::Json => Outgoing::json(url, serde_json::to_vec(document).unwrap_or_default(), &[]),
            Body::Xml => Outgoing::post(url, "text/xml", encode(&xml::write(root, document), charset), &[]),
            Body::Text => {
                let (query, text) = (&document["query"], document["body"].as_str().unwrap_or_default());
                let url = if query.is_null() { url.to_owned() } else { with_query(query) };
                Outgoing::post(&url, "text/plain", encode(text, charset), &[])
            }
        }
    }

    fn charset(&self) -> Charset {
        self.charset.map_or(Charset::Utf8, |name| name.0)
    }
}

/// The fields of a form. One that is there with different values is a list.
fn fields_of(form: &Form<'_>, charset: Charset) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in form.fields() {
        // Names are in ASCII, whatever the values are in.
        let (name, value) = (decode(name, Charset::Utf8), Value::from(decode(value, charset)));
        if fields.get(&name) != Some(&value) {
            xml::add(&mut fields, name, value);
        }
    }
    fields
}

/// A form with these fields. The longest comes first, which is the text: a form that was cut off lacks the sender.
fn form_of(fields: &Value, charset: Charset) -> String {
    let bytes = |text: &str, charset| byte_serialize(&encode(text, charset)).collect::<String>();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let members = fields.as_object().into_iter().flatten();
    let mut pairs: Vec<String> = members
        .flat_map(|(name, value)| {
            value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter().map(move |value| (name, value))
        })
        .map(|(name, value)| format!("{}={}", bytes(name, Charset::Utf8), bytes(&text(value), charset)))
        .collect();
    pairs.sort_by_key(|pair| std::cmp::Reverse(pair.len()));
    pairs.join("&")
}
