//! Tests of the validation of settings.

use super::*;

#[test]
fn errors_name_the_setting() {
    let hmac = |changes: Value| {
        let mut auth = object(json!({ "type": "hmac", "algorithm": "sha256", "header": "X-Sig", "payload": "{body}" }));
        auth.extend(object(changes));
        auth.retain(|_, value| !value.is_null());
        json!({ "auth": auth })
    };
    let fields = |changes: Value| {
        let mut fields = object(json!({ "from": "/from", "text": "/text" }));
        fields.extend(object(changes));
        json!({ "fields": fields })
    };
    let many = |count: usize| vec![json!({ "path": "/a", "equals": 1 }); count];
    let states: Map<String, Value> = (0..201).map(|n| (n.to_string(), json!("sent"))).collect();
    let jwt = |changes: Value| {
        let mut auth = object(json!({ "type": "jwt", "algorithms": ["HS256"] }));
        auth.extend(object(changes));
        json!({ "auth": auth })
    };
    for (changes, field) in [
        (json!({ "body": null }), "configuration"),
        (json!({ "body": "yaml" }), "configuration.body"),
        (json!({ "method": "PUT" }), "configuration.method"),
        (json!({ "method": [] }), "configuration.method"),
        (json!({ "method": ["POST", "GET"] }), "configuration.method"),
        (json!({ "charset": "ebcdic" }), "configuration.charset"),
        (json!({ "items": "results" }), "configuration.items"),
        (json!({ "items": "/a/*/b" }), "configuration.items"),
        (json!({ "items": "/a", "body": "form" }), "configuration.items"),
        (json!({ "where": [{ "path": "type", "equals": "x" }] }), "configuration.where[0].path"),
        (json!({ "where": [{ "path": "/type", "equals": null }] }), "configuration.where[0].equals"),
        (json!({ "where": [{ "path": "/type", "equals": "x", "not": 1 }] }), "configuration.where[0].not"),
        (json!({ "where": [{ "path": "", "equals": "x" }] }), "configuration.where[0].path"),
        (json!({ "where": many(21) }), "configuration.where"),
        (json!({ "fields": { "text": "/text" } }), "configuration.fields"),
        (fields(json!({ "id": "id" })), "configuration.fields.id"),
        (fields(json!({ "id": ["/id", "other"] })), "configuration.fields.id[1]"),
        (fields(json!({ "to": format!("/{}", "x".repeat(200)) })), "configuration.fields.to"),
        (fields(json!({ "media": "/a".repeat(17) })), "configuration.fields.media"),
        (fields(json!({ "device": "{device}" })), "configuration.fields.device"),
        (fields(json!({ "sender": "/sender" })), "configuration.fields.sender"),
        (json!({ "body": "form", "fields": { "from": "/a/b", "text": "/c" } }), "configuration.fields.from"),
        (json!({ "body": "text", "fields": { "from": "/from", "text": "/body" } }), "configuration.fields.from"),
        (json!({ "defaults": { "to": "nobody" } }), "configuration.defaults.to"),
        (json!({ "defaults": { "from": "" } }), "configuration.defaults.from"),
        (json!({ "timestamp_format": "iso" }), "configuration.timestamp_format"),
        (json!({ "timestamp_format": "%Q" }), "configuration.timestamp_format"),
        (json!({ "text_encoding": "percent:ebcdic" }), "configuration.text_encoding"),
        (json!({ "reply": { "status": 302 } }), "configuration.reply.status"),
        (json!({ "reply": { "status": 204, "body": "x" } }), "configuration.reply.body"),
        (json!({ "reply": { "body": "x".repeat(1001) } }), "configuration.reply.body"),
        (json!({ "reply": { "content_type": "text/plain\r\nX: y" } }), "configuration.reply.content_type"),
        (json!({ "status": { "path": "/s" } }), "configuration.status"),
        (json!({ "status": { "path": "/s", "id": "id" } }), "configuration.status.id"),
        (json!({ "status": { "path": "/s", "id": "/i", "map": { "X": "lost" } } }), "configuration.status.map.X"),
        (json!({ "status": { "path": "/s", "id": "/i", "map": states } }), "configuration.status.map"),
        (json!({ "status": { "path": "/s", "id": "/i", "where": many(21) } }), "configuration.status.where"),
        (json!({ "auth": null }), "configuration"),
        (json!({ "auth": {} }), "configuration.auth.type"),
        (json!({ "auth": { "type": "trust" } }), "configuration.auth.type"),
        (json!({ "auth": { "type": "none" } }), "configuration.auth.type"),
        (json!({ "auth": { "type": "basic" } }), "configuration.auth"),
        (json!({ "auth": { "type": "bearer", "header": "X" } }), "configuration.auth.header"),
        (json!({ "auth": { "type": "header", "header": "a b" } }), "configuration.auth.header"),
        (json!({ "auth": { "type": "query", "parameter": "provider" } }), "configuration.auth.parameter"),
        (hmac(json!({ "header": "X Sig" })), "configuration.auth.header"),
        (hmac(json!({ "algorithm": null })), "configuration.auth.algorithm"),
        (hmac(json!({ "algorithm": "none" })), "configuration.auth.algorithm"),
        (hmac(json!({ "encoding": "utf-8" })), "configuration.auth.encoding"),
        (hmac(json!({ "payload": "{secret}{body}" })), "configuration.auth.payload"),
        (hmac(json!({ "payload": "{{body}}" })), "configuration.auth.payload"),
        (hmac(json!({ "payload": "{timestamp}{body}" })), "configuration.auth.payload"),
        (hmac(json!({ "timestamp_header": "X-Time" })), "configuration.auth.payload"),
        (hmac(json!({ "nonce_header": "X-Nonce" })), "configuration.auth.payload"),
        (hmac(json!({ "payload": "{method}{url}" })), "configuration.auth.payload"),
        (hmac(json!({ "prefix": "a,b" })), "configuration.auth.prefix"),
        (
            hmac(json!({ "payload": "{timestamp}{body}", "timestamp_header": "X-Sig" })),
            "configuration.auth.timestamp_prefix",
        ),
        (hmac(json!({ "tolerance_s": 0 })), "configuration.auth.tolerance_s"),
        (hmac(json!({ "key_encoding": "hex" })), "secret"),
        (hmac(json!({ "type": "ed25519", "algorithm": null })), "secret"),
        (hmac(json!({ "type": "ed25519" })), "configuration.auth.algorithm"),
        (jwt(json!({ "algorithms": [] })), "configuration.auth.algorithms"),
        (jwt(json!({ "algorithms": ["HS256", "none"] })), "configuration.auth.algorithms[1]"),
        (jwt(json!({ "algorithms": ["RS256"] })), "configuration.auth.algorithms[0]"),
        (jwt(json!({ "header": "" })), "configuration.auth.header"),
    ] {
        let error = open(changes.clone()).err().unwrap_or_else(|| panic!("{changes}"));
        assert_eq!(error.details()["field"], field, "{changes}: {error}");
    }
    // Fields in the URL must be signed.
    let query = json!({ "body": "query" });
    for auth in [hmac(json!({})), jwt(json!({}))] {
        let mut changes = object(query.clone());
        changes.extend(object(auth));
        assert!(open(changes.into()).is_err());
    }
}
