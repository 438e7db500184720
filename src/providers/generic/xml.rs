//! XML as JSON, so that JSON pointers work for both.
//!
//! The root element is the document. A child element is a member with its name, and a list if several have the name;
//! an attribute is a member `@name`. An element with neither is its text; with either, its text is the member `#text`.
//! Namespaces are ignored.

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Map, Value};

use crate::providers::kit::Malformed;

/// The most levels of elements.
const MAX_DEPTH: usize = 32;
/// The most elements, attributes and texts.
const MAX_NODES: u32 = 50_000;

/// Parses a document: the name of its root element, and its content. Document type declarations are refused, and with
/// them all custom entities.
pub(super) fn read(text: &str) -> Result<(String, Value), Malformed> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        // The parser's own message may quote the body.
        let at = error.pos();
        Malformed::new("body", format!("is no XML that is read here, at line {} column {}", at.row, at.col))
    })?;
    let root = document.root_element();
    Ok((root.tag_name().name().to_owned(), value_of(root, MAX_DEPTH)?))
}

fn value_of(element: Node<'_, '_>, depth: usize) -> Result<Value, Malformed> {
    let depth = depth.checked_sub(1).ok_or_else(|| Malformed::new("body", "is nested too deep"))?;
    let text: String = element.children().filter(Node::is_text).filter_map(|node| node.text()).collect();
    let mut members = Map::new();
    for attribute in element.attributes() {
        add(&mut members, format!("@{}", attribute.name()), attribute.value().into());
    }
    for child in element.children().filter(Node::is_element) {
        add(&mut members, child.tag_name().name().to_owned(), value_of(child, depth)?);
    }
    if members.is_empty() {
        return Ok(text.into());
    }
    if !text.trim().is_empty() {
        members.insert("#text".to_owned(), text.into());
    }
    Ok(members.into())
}

/// Adds a member. A repeated name becomes a list.
pub(super) fn add(members: &mut Map<String, Value>, name: String, value: Value) {
    match members.get_mut(&name) {
        None => drop(members.insert(name, value)),
        Some(Value::Array(items)) => items.push(value),
        Some(other) => *other = Value::Array(vec![other.take(), value]),
    }
}

/// Writes a document.
pub(super) fn write(root: &str, value: &Value) -> String {
    let mut xml = r#"<?xml version="1.0" encoding="UTF-8"?>"#.to_owned();
    element(&mut xml, root, value);
    xml
}

fn element(xml: &mut String, name: &str, value: &Value) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| element(xml, name, item)),
        Value::Object(members) => {
            xml.push_str(&format!("<{name}"));
            for (name, value) in members.iter().filter_map(|(name, value)| Some((name.strip_prefix('@')?, value))) {
                xml.push_str(&format!(" {name}=\"{}\"", escape(value)));
            }
            xml.push('>');
            for (name, value) in members.iter().filter(|(name, _)| !name.starts_with('@')) {
                match name.as_str() {
                    "#text" => xml.push_str(&escape(value)),
                    _ => element(xml, name, value),
                }
            }
            xml.push_str(&format!("</{name}>"));
        }
        text => xml.push_str(&format!("<{name}>{}</{name}>", escape(text))),
    }
}

fn escape(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_becomes_json_and_back() {
        let text =
            "<a:r xmlns:a='urn:a'><m id='1'><c type='t'>x &amp; <![CDATA[<y>]]></c></m>\n <m id='2'/><n> 5 </n></a:r>";
        let (root, value) = read(text).unwrap();
        let expected = json!({
            "m": [{ "@id": "1", "c": { "@type": "t", "#text": "x & <y>" } }, { "@id": "2" }], "n": " 5 ",
        });
        assert_eq!((root.as_str(), &value), ("r", &expected));
        assert_eq!(read(&write(&root, &value)).unwrap(), (root, value));
    }

    #[test]
    fn dangerous_documents_are_refused() {
        let bomb = "<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><r>&b;</r>";
        let file = "<!DOCTYPE r [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><r>&a;</r>";
        let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        let nested = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
        let wide = format!("<a>{}</a>", "<b/>".repeat(100_000));
        for text in [bomb, file, "<r>&unknown;</r>", "<r>", "", "{}", &deep, &nested, &wide] {
            assert_eq!(read(text).unwrap_err().field, "body", "{}", &text[..text.len().min(40)]);
        }
    }
}
