//! Tests of the setting `auth`.

use super::*;

fn verify(gateway: &Adapter, raw: &RawWebhook) -> Result<Option<ReplayKey>, Rejected> {
    gateway.verify(raw, now()).map(|verified| verified.replay_key().cloned())
}

fn gateway(secret: &str, changes: Value) -> Adapter {
    Adapter::open("generic", secret.into(), None, &configuration(changes)).unwrap()
}

/// The expected signature was made with `openssl dgst -sha256 -hmac secret`.
#[test]
fn a_signature_covers_the_template() {
    let auth = json!({
        "type": "hmac", "algorithm": "sha256", "header": "X-Signature", "prefix": "v1=", "encoding": "hex",
        "payload": "{timestamp}|{nonce}|{method}|{path}|{body_md5_hex}",
        "timestamp_header": "X-Time", "nonce_header": "X-Nonce",
    });
    let gateway = gateway("secret", json!({ "auth": auth }));
    let body = br#"{"id":"1","from":"1","to":"12345","text":"{nonce}"}"#;
    let post = |signature: &str, time: &str, nonce: &str| {
        webhook(
            "https://a.example/in?provider=x",
            &[("x-signature", signature), ("x-time", time), ("x-nonce", nonce)],
            body,
        )
    };
    let good = "v1=21719a0f6b24e77ee606eb0a54fd501f4529be159a7544f6f61def08cbdf2448";
    assert_eq!(verify(&gateway, &post(good, "1795334400", "n1")), Ok(None));
    assert_eq!(verify(&gateway, &post(&format!("v0=00, {good}"), "1795334400", "n1")), Ok(None));
    for (signature, time, nonce) in [
        (good, "1795334401", "n1"),
        (good, "1795334400", "n2"),
        (&good[3..], "1795334400", "n1"),
        (good, "1795334400", ""),
    ] {
        assert_eq!(verify(&gateway, &post(signature, time, nonce)), Err(Rejected::WrongSignature), "{signature}");
    }
    let later = now() + chrono::TimeDelta::seconds(301);
    assert_eq!(gateway.verify(&post(good, "1795334400", "n1"), later).map(drop), Err(Rejected::Stale));
    let without = webhook(URL, &[("x-signature", good), ("x-time", "1795334400")], body);
    assert_eq!(verify(&gateway, &without), Err(Rejected::Unsigned("x-nonce".to_owned())));
}

#[test]
fn every_scheme_signs_and_verifies() {
    let hmac = |changes: Value| {
        let mut auth = object(json!({ "type": "hmac", "algorithm": "sha256", "header": "X-Sig", "payload": "{body}" }));
        auth.extend(object(changes));
        Value::from(auth)
    };
    let jwt = |changes: Value| {
        let mut auth = object(json!({ "type": "jwt", "algorithms": ["HS256"], "body_hash_claim": "payload_hash" }));
        auth.extend(object(changes));
        Value::from(auth)
    };
    let covers_body = [
        hmac(json!({})),
        hmac(json!({ "algorithm": "sha1", "encoding": "base64", "prefix": "sha1=" })),
        hmac(json!({ "algorithm": "sha512", "payload": "{body_sha256_hex}\n{url}", "key_encoding": "base64" })),
        hmac(json!({
            "payload": "{timestamp}.{body}", "timestamp_header": "X-Sig", "timestamp_prefix": "t=", "prefix": "v1=",
        })),
        hmac(json!({ "payload": "{body}.{nonce}", "nonce_header": "X-Nonce" })),
        jwt(json!({})),
        jwt(json!({
            "algorithms": ["HS512", "HS256"], "header": "X-JWT", "iss": "them", "aud": "us",
            "hash_encoding": "base64",
        })),
        jwt(json!({ "aud": "url", "url_hash_claim": "url_hash", "tolerance_s": 60 })),
    ];
    for auth in covers_body {
        let [ours, theirs] = ["c2VjcmV0", "b3RoZXI="].map(|secret| gateway(secret, json!({ "auth": auth })));
        let raw = ours.compose(&draft()).unwrap();
        assert_eq!(verify(&ours, &raw), Ok(None), "{auth}");
        assert_eq!(verify(&theirs, &raw), Err(Rejected::WrongSignature), "{auth}");
        let body = String::from_utf8(raw.body.clone()).unwrap().replace("482913", "482914").into_bytes();
        assert_eq!(verify(&ours, &RawWebhook { body, ..raw }), Err(Rejected::WrongSignature), "{auth}");
    }
    let shows_secret = [
        json!({ "type": "secret" }),
        json!({ "type": "bearer" }),
        json!({ "type": "basic", "username": "user" }),
        json!({ "type": "header", "header": "X-Api-Key" }),
        json!({ "type": "query", "parameter": "api_key" }),
    ];
    for auth in shows_secret {
        let [ours, theirs] = ["c2VjcmV0", "b3RoZXI="].map(|secret| gateway(secret, json!({ "auth": auth })));
        let raw = ours.compose(&draft()).unwrap();
        assert_eq!(verify(&ours, &raw), Ok(None), "{auth}");
        assert_eq!(verify(&theirs, &raw), Err(Rejected::WrongSecret), "{auth}");
        let bare = webhook(URL, &[], &raw.body);
        assert!(matches!(verify(&ours, &bare), Err(Rejected::Unsigned(_))), "{auth}");
    }
}

#[test]
fn a_signature_without_the_body_is_single_use() {
    let nonce = json!({
        "type": "hmac", "algorithm": "sha256", "header": "X-Sig", "payload": "{timestamp}{nonce}",
        "timestamp_header": "X-Time", "nonce_header": "X-Nonce", "tolerance_s": 60,
    });
    let time = json!({
        "type": "hmac", "algorithm": "sha256", "header": "X-Sig", "payload": "{timestamp}",
        "timestamp_header": "X-Time",
    });
    let once = |auth: Value| {
        let ours = gateway("secret", json!({ "auth": auth }));
        verify(&ours, &ours.compose(&draft()).unwrap()).unwrap().unwrap()
    };
    // The margin of the replay key.
    let until = |seconds: i64| now() + chrono::TimeDelta::seconds(seconds + 2);
    assert_eq!(once(nonce).expires_at, until(60));
    assert_eq!(once(time).digest.len(), 64);
    let token = once(json!({ "type": "jwt", "algorithms": ["HS256"] }));
    // Also without a body: the signature of a GET must not be accepted with a POST.
    let either = gateway(
        "secret",
        json!({
            "body": "form", "method": ["GET", "POST"],
            "auth": {
                "type": "hmac", "algorithm": "sha256", "header": "X-Sig", "payload": "{nonce}{url}",
                "nonce_header": "X-Nonce",
            },
        }),
    );
    let get = RawWebhook { method: Method::GET, body: Vec::new(), ..either.compose(&draft()).unwrap() };
    assert!(verify(&either, &get).unwrap().is_some());
    assert_eq!(token.expires_at, until(300));
}

#[test]
fn the_claims_of_a_token_are_checked() {
    use jsonwebtoken::Algorithm::{self, HS256, HS384};
    let now_s = now().timestamp();
    let verify = |settings: Value, algorithm: Algorithm, claims: Value| {
        let mut auth = object(json!({ "type": "jwt", "algorithms": ["HS256"], "iss": "them", "aud": "url" }));
        auth.extend(object(settings));
        let token = sign_jwt(algorithm, &claims, &"secret".into()).unwrap();
        let raw = webhook(URL, &[("authorization", &format!("Bearer {token}"))], b"{}");
        gateway("secret", json!({ "auth": auth })).verify(&raw, now()).map(drop)
    };
    let claims = |changes: Value| {
        let mut claims = object(json!({ "iss": "them", "aud": [URL], "exp": now_s + 60 }));
        claims.extend(object(changes));
        claims.retain(|_, value| !value.is_null());
        Value::from(claims)
    };
    assert_eq!(verify(json!({}), HS256, claims(json!({}))), Ok(()));
    assert_eq!(verify(json!({}), HS256, claims(json!({ "aud": URL, "exp": now_s as f64 + 0.5 }))), Ok(()));
    assert_eq!(verify(json!({ "require_exp": false }), HS256, claims(json!({ "exp": null }))), Ok(()));
    for stale in [
        json!({ "exp": now_s - 1 }),
        json!({ "exp": null }),
        json!({ "exp": "soon" }),
        json!({ "nbf": now_s + 301 }),
        json!({ "iat": now_s + 301 }),
    ] {
        assert_eq!(verify(json!({}), HS256, claims(stale.clone())), Err(Rejected::Stale), "{stale}");
    }
    let old = claims(json!({ "iat": now_s - 61 }));
    assert_eq!(verify(json!({ "tolerance_s": 60 }), HS256, old.clone()), Err(Rejected::Stale));
    assert_eq!(verify(json!({}), HS256, old), Ok(()));
    assert_eq!(verify(json!({ "tolerance_s": 60 }), HS256, claims(json!({}))), Err(Rejected::Stale));
    for wrong in [json!({ "iss": "me" }), json!({ "iss": null }), json!({ "aud": "http://b/" }), json!({ "aud": null })]
    {
        assert_eq!(verify(json!({}), HS256, claims(wrong.clone())), Err(Rejected::WrongSignature), "{wrong}");
    }
    assert_eq!(verify(json!({}), HS384, claims(json!({}))), Err(Rejected::WrongSignature));
}

/// With the first test vector of RFC 8032, 7.1: the signature of the empty message.
#[test]
fn ed25519_has_a_public_key_as_its_secret() {
    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let auth = json!({
        "type": "ed25519", "header": "X-Sig", "encoding": "base64",
        "payload": "{timestamp}|{body}", "timestamp_header": "X-Time",
    });
    let public64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, decode_hex(public).unwrap());
    for secret in [public, &public64] {
        let ours = gateway(secret, json!({ "auth": auth }));
        let unable = ours.compose(&draft()).unwrap_err();
        assert_eq!(unable.details()["field"], "key");
        let key = seed.into();
        let raw = ours.compose(&Draft { key: Some(&key), ..draft() }).unwrap();
        assert_eq!(verify(&ours, &raw), Ok(None));
        let body = b"{}".to_vec();
        assert_eq!(verify(&ours, &RawWebhook { body, ..raw }), Err(Rejected::WrongSignature));
    }
    let known = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155\
                 5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
    let auth = json!({ "type": "ed25519", "header": "X-Sig", "payload": "{body}" });
    let raw = webhook(URL, &[("x-sig", known)], b"");
    assert_eq!(verify(&gateway(public, json!({ "auth": auth })), &raw), Ok(None));
}

#[test]
fn without_a_secret_the_source_address_is_checked() {
    let ours = gateway("unused", json!({ "auth": { "type": "none" }, "allowed_sources": ["192.0.2.0/24"] }));
    let from =
        |source: Option<&str>| RawWebhook { source: source.map(|ip| ip.parse().unwrap()), ..webhook(URL, &[], b"{}") };
    assert_eq!(verify(&ours, &from(Some("192.0.2.7"))), Ok(None));
    assert_eq!(verify(&ours, &from(Some("198.51.100.7"))), Err(Rejected::WrongSource));
    assert_eq!(verify(&ours, &from(None)), Err(Rejected::WrongSource));
}
