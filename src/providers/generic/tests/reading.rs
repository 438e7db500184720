//! Tests of parsing and composing.

use super::*;

#[test]
fn a_message_is_parsed_field_by_field() {
    let generic = open(json!({
        "fields": {
            "id": ["/ids/uuid", "/ids/number"], "from": "/from", "to": "/to", "device": "{/phone}:{/sim}",
            "text": "/parts/*/text", "timestamp": "/at", "segments": "/count", "media": "/files/*/url",
            "media_type": "/files/*/type", "part": "/p/n", "parts": "/p/of", "part_ref": "/p/ref",
        },
        "timestamp_format": "%d.%m.%Y %H:%M", "timestamp_utc": true, "to_map": { "pixel:2": "+15005550006" },
        "defaults": { "text": "", "to": "+15005550009" },
        "may_return": true,
    }))
    .unwrap();
    let read = |body: Value| message(&generic, &webhook(URL, &[], body.to_string().as_bytes()));
    let sms = read(json!({
        "ids": { "uuid": "", "number": 17 }, "from": "tel:+14155550100", "to": "1", "phone": "pixel", "sim": 2,
        "parts": [{ "text": "Your code " }, { "note": "x" }, { "text": 482_913 }],
        "at": "22.11.2026 08:00", "count": "2",
        "files": [
            { "url": "https://a/1", "type": "image/png" }, { "url": "javascript:x", "type": "x" },
            { "url": "http://a/2" },
        ],
        "p": { "n": 2, "of": "3", "ref": 77 },
    }));
    assert!(sms.may_return);
    let expected = json!({
        "id": "17", "from": "+14155550100", "to": "+15005550006", "text": "Your code 482913",
        "sent_at": "2026-11-22T08:00:00Z", "channel": "sms",
        "segments": 2, "media": ["https://a/1 image/png", "http://a/2 "], "part": "2 of 3 of 77",
    });
    assert_eq!(shown(&sms), expected);
    let least = shown(&read(json!({ "from": "GOOGLE", "at": "yesterday", "p": { "n": 4, "of": 3, "ref": 1 } })));
    assert_eq!((&least["to"], &least["text"]), (&json!("+15005550009"), &json!("")));
    assert_eq!((&least["id"], &least["sent_at"], &least["part"]), (&json!(""), &Value::Null, &Value::Null));
    let files = json!((0..30).map(|n| json!({ "url": format!("https://a/{n}") })).collect::<Vec<_>>());
    assert_eq!(read(json!({ "from": "1", "files": files })).media.len(), InboundSms::MAX_MEDIA);
}

#[test]
fn errors_name_the_field() {
    let generic = open(json!({})).unwrap();
    for (body, issue) in [
        ("{", "body: "),
        ("[]", "/from: is missing"),
        (r#"{"from":{},"text":"x"}"#, "/from: must be a text or a whole number"),
        (r#"{"from":"1","to":"12345"}"#, "/text: is missing"),
        (r#"{"from":"1","to":"12345","text":[]}"#, "/text: must be a text"),
        (r#"{"from":"1","text":"x"}"#, "/to: is missing"),
        (r#"{"from":"1","to":"nobody","text":"x"}"#, "/to: must be a number"),
        (r#"{"from":"1","to":"12345","text":"x","id":"a\u0000"}"#, "/id: must have"),
    ] {
        assert!(wrong(&generic, body).starts_with(issue), "{body}: {}", wrong(&generic, body));
    }
    let long = json!({ "from": "1".repeat(321), "to": "12345", "text": "x" }).to_string();
    assert!(wrong(&generic, &long).starts_with("/from: must have at most 320"), "{}", wrong(&generic, &long));
    let hex = open(json!({ "text_encoding": "hex" })).unwrap();
    assert_eq!(wrong(&hex, r#"{"from":"1","to":"12345","text":"482913x"}"#), "/text: must be hexadecimal");
}

#[test]
fn a_list_is_parsed_item_by_item() {
    let generic =
        open(json!({ "items": "/results", "where": [{ "path": "/type", "equals": ["sms", 7, true] }] })).unwrap();
    let read =
        |results: Value| read(&generic, &webhook(URL, &[], json!({ "results": results }).to_string().as_bytes()));
    let item = |kind: Value| json!({ "type": kind, "from": "1", "to": "12345", "text": "x" });
    let items =
        read(json!([item("sms".into()), item("call".into()), { "type": "7" }, item(7.into()), item(true.into()), 1]))
            .unwrap();
    let kinds: Vec<_> = items
        .iter()
        .map(|item| match item {
            Ok(Item::Message(_)) => "message".to_owned(),
            Ok(Item::Ignored) => "nothing".to_owned(),
            Ok(other) => format!("{other:?}"),
            Err(wrong) => wrong.to_string(),
        })
        .collect();
    assert_eq!(kinds, ["message", "nothing", "/results/2/from: is missing", "message", "message", "nothing"]);
    assert_eq!(read(json!({})).unwrap_err().to_string(), "/results: must be a list");
    assert_eq!(read(Value::Null).unwrap_err().to_string(), "/results: is missing");
    assert_eq!(read(json!(vec![0; 1_000])).unwrap().len(), 1_000);
    assert_eq!(read(json!(vec![0; 1_001])).unwrap_err().to_string(), "/results: must have at most 1000 items");
    let root = open(json!({ "items": "" })).unwrap();
    assert_eq!(message(&root, &webhook(URL, &[], br#"[{"from":"1","to":"12345","text":"x"}]"#)).text, "x");
}

#[test]
fn forms_queries_and_texts_become_documents() {
    let fields = json!({ "from": "/from", "to": "/to", "text": ["/m/*", "/text"] });
    let form =
        open(json!({ "body": "form", "method": ["GET", "POST"], "fields": fields, "charset": "ISO-8859-1" })).unwrap();
    let sms = message(&form, &webhook(URL, &[], b"from=+14155550100&to=15005550006&m=caf%e9&m=+1&m=+1&token=x"));
    assert_eq!((sms.text.as_str(), sms.from.as_str()), ("café 1 1", "14155550100"));
    assert_eq!(wrong(&form, "from=1&from=2&to=12345&m=x"), "/from: must be a text or a whole number");
    let get = |generic: &Generic, query: &str| {
        let mut raw = webhook(&format!("{URL}&token=secret&{query}"), &[], b"");
        raw.method = Method::GET;
        message(generic, &raw)
    };
    let sms = get(&form, "from=1&to=12345&text=x");
    let payload: Value = serde_json::from_str(sms.payload.get()).unwrap();
    assert_eq!(payload, json!({ "from": "1", "to": "12345", "text": "x" }), "what is ours is no part of it");
    // The query is read only by accounts that expect GETs: for others it may not be signed.
    let post = open(json!({ "body": "form" })).unwrap();
    let mut raw = webhook(&format!("{URL}&from=1&to=12345&text=x"), &[], b"from=2&to=12345&text=y");
    raw.method = Method::GET;
    assert_eq!(message(&post, &raw).text, "y");
    let key = json!({ "type": "query", "parameter": "api_key" });
    let query = open(json!({ "body": "query", "auth": key })).unwrap();
    assert!(!get(&query, "from=1&to=12345&text=x&api_key=secret").payload.get().contains("secret"));
    let raw = webhook("http://a/?from=1&api_key=secret", &[], b"");
    assert!(!query.payload(&Verified::unchecked(&raw)).get().contains("secret"));

    let fields = json!({ "from": "/query/from", "to": "/query/to", "text": "/body" });
    let text = open(json!({ "body": "text", "fields": fields, "charset": "utf-16be" })).unwrap();
    let sms = message(&text, &webhook(&format!("{URL}&from=%00A&to=%001%002%003%004%005"), &[], b"\0O\0K"));
    assert_eq!((sms.text.as_str(), sms.from.as_str(), sms.to.as_str()), ("OK", "A", "12345"));
}

#[test]
fn one_element_of_xml_is_a_list_of_one() {
    let gateway = adapter("play_mobile", "secret", json!({ "to": "+15005550006" }));
    let parse = |messages: &str| {
        let body = format!("<sms-request>{messages}</sms-request>");
        gateway.parse(&Verified::unchecked(&webhook(URL, &[], body.as_bytes())))
    };
    let one = "<message id='1' msisdn='998'><content>a</content></message>";
    let bare = "<message id='2'><content>b</content></message>";
    assert_eq!(parse(one).unwrap().len(), 1);
    let two = parse(&format!("{one}{bare}")).unwrap();
    assert!(matches!(&two[0], Ok(Item::Message(sms)) if sms.text == "a"));
    assert_eq!(two[1].as_ref().unwrap_err().to_string(), "/message/1/@msisdn: is missing");
    assert!(parse("").is_err());
    assert!(parse("<!DOCTYPE a>").is_err());
}

#[test]
fn a_delivery_report_is_told_from_a_message_by_its_fields() {
    let generic = open(json!({
        "status": {
            "path": "/state", "id": "/id", "to": "/to", "at": "/at", "error": "/reason", "map": { "Done": "delivered" },
        },
    }))
    .unwrap();
    let read = |body: Value| read(&generic, &webhook(URL, &[], body.to_string().as_bytes())).unwrap().remove(0);
    let body = json!({ "id": 7, "state": "DONE", "to": "15005550006", "at": "2026-11-22T08:00:00Z", "reason": "x" });
    let Ok(Item::Status(update)) = read(body) else { panic!() };
    assert_eq!(update.provider_message_id, "7");
    assert_eq!((update.state, update.provider_status.as_str()), (Some(DeliveryState::Delivered), "DONE"));
    assert_eq!((update.at, update.error.as_deref()), (Some(now()), Some("x")));
    assert_eq!(update.phone_number.unwrap().as_str(), "+15005550006");
    let Ok(Item::Status(update)) = read(json!({ "id": "7", "state": "new" })) else { panic!() };
    assert_eq!((update.state, update.provider_status.as_str()), (None, "new"));
    assert_eq!(wrong(&generic, r#"{"state":"Done"}"#), "/id: is missing");
    assert!(matches!(read(json!({ "from": "1", "to": "12345", "text": "x", "state": "" })), Ok(Item::Message(_))));
}

#[test]
fn composed_webhooks_match_the_configuration() {
    for changes in [
        json!({ "body": "form", "timestamp_format": "unix" }),
        json!({ "body": "query", "charset": "iso-8859-1" }),
        json!({ "body": "query", "method": "POST", "text_encoding": "hex:gsm" }),
        json!({
            "body": "xml", "items": "/list/sms",
            "fields": { "id": "/@id", "from": "/a/b", "to": "/a/c", "text": "/t" },
        }),
        json!({ "items": "", "where": [{ "path": "/kind", "equals": "sms" }], "text_encoding": "base64" }),
        json!({
            "body": "text", "fields": { "id": "/query/id", "from": "/query/f", "to": "/query/t", "text": "/body" },
        }),
        json!({
            "fields": { "from": "/a/0/b", "to": "/a/1/b", "text": "/t/*/x", "charset": "/c", "timestamp": "/s" },
            "text_encoding": "percent",
        }),
    ] {
        let generic = open(changes.clone()).unwrap();
        let raw = generic.compose(&draft()).unwrap();
        let sms = message(&generic, &raw);
        assert_eq!(sms.text, draft().text, "{changes}");
        assert_eq!((sms.from.as_str(), sms.to.as_str()), (draft().from, draft().to), "{changes}");
        assert!(generic.methods().contains(&raw.method), "{changes}");
        if generic.settings.fields.timestamp.is_some() {
            assert_eq!(sms.sent_at, Some(now()), "{changes}");
        }
    }
}

/// The examples in the documentation for operators.
#[test]
fn the_documented_examples_work() {
    let signed = adapter(
        "generic",
        "key",
        json!({
            "body": "json",
            "items": "/results",
            "where": [{ "path": "/type", "equals": "sms" }],
            "fields": {
                "id": "/messageId", "from": "/from", "to": "/to", "text": "/text", "timestamp": "/receivedAt",
                "segments": "/smsCount",
            },
            "auth": {
                "type": "hmac", "algorithm": "sha256", "header": "X-Signature", "prefix": "sha256=",
                "payload": "{timestamp}.{body}", "timestamp_header": "X-Timestamp",
            },
        }),
    );
    let body = br#"{"results": [{"messageId": "817790", "type": "sms", "from": "14155550100", "to": "15005550006",
        "text": "Your code is 482913", "receivedAt": "2026-11-22T08:00:00.000+0000", "smsCount": 1}]}"#;
    let code = Hash::Sha256.hmac_with_key(b"key", &[b"1795334400.", body]);
    let signature = format!("sha256={}", encode_hex(&code));
    let raw = webhook(URL, &[("x-timestamp", "1795334400"), ("x-signature", &signature)], body);
    let items = signed.parse(&signed.verify(&raw, now()).unwrap()).unwrap();
    let [Ok(Item::Message(sms))] = &items[..] else { panic!("{items:?}") };
    assert_eq!((sms.sent_at, sms.segments), (Some(now()), Some(1)));

    let two_sims = adapter(
        "generic",
        "SECRET",
        json!({
            "method": "GET",
            "body": "query",
            "fields": { "from": "/sender", "device": "sim{/sim}", "text": "/hex", "timestamp": "/date" },
            "to_map": { "sim1": "+15005550006", "sim2": "+15005550007" },
            "text_encoding": "hex:utf-16be",
            "timestamp_format": "%d.%m.%Y %H:%M",
            "timestamp_utc": true,
            "reply": { "content_type": "text/plain", "body": "OK" },
            "status": { "path": "/report", "id": "/msg", "map": { "DELIVRD": "delivered", "UNDELIV": "undelivered" } },
            "auth": { "type": "secret" },
        }),
    );
    let get = |query: &str| {
        let mut raw = webhook(&format!("{URL}&token=SECRET&{query}"), &[], b"");
        raw.method = Method::GET;
        two_sims.parse(&two_sims.verify(&raw, now()).unwrap()).unwrap().remove(0).unwrap()
    };
    let Item::Message(sms) = get("sim=2&sender=%2B14155550100&hex=0059006500730021&date=22.11.2026+08:00") else {
        panic!()
    };
    assert_eq!((sms.text.as_str(), sms.to.as_str(), sms.sent_at), ("Yes!", "+15005550007", Some(now())));
    assert!(matches!(get("msg=17&report=DELIVRD"), Item::Status(update) if update.provider_message_id == "17"));
    assert_eq!(two_sims.ack().body, "OK");
}
