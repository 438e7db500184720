//! Parity of the two APIs: the same use case gives the same answer or the same error code over REST and GraphQL.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::support::{Backend, Mailbox, PASSWORD, Renter, Replica, World, client::sms, reader::plain_reader};

const USER: &str = "id: databaseId email firstName lastName role plan isActive emailVerified createdAt lastLogin";
const NUMBER: &str = "id: databaseId phoneNumber countryCode status assignedAt expiresAt createdAt";
const MESSAGE: &str = "id: databaseId phoneNumber senderNumber channel messageContent messageType receivedAt isRead otp { code service score origin } links { url kind } media { url contentType }";
const SESSION: &str = "id: databaseId userAgent ipAddress createdAt lastUsedAt expiresAt isCurrent";
const KEY: &str = "id: databaseId name prefix scopes createdAt lastUsedAt expiresAt";

const INVITATION: &str = "id: databaseId status email plan isMailed createdAt expiresAt usedAt";
const BLOCKED: &str = "id: databaseId sender note createdAt";

/// A use case, as an operation of REST and a document of GraphQL.
struct Step {
    rest: String,
    body: Option<Value>,
    graphql: String,
}

fn step(rest: &str, body: Option<Value>, graphql: String) -> Step {
    Step { rest: rest.to_owned(), body, graphql }
}

/// The steps for both APIs, in order. `@RESET` and `@VERIFY` are tokens from mails.
fn steps() -> Vec<Step> {
    let log_in = |email: &str, password: &str| {
        step(
            "POST /v1/auth/login",
            Some(json!({ "email": email, "password": password })),
            format!(
                "mutation {{ logIn(input: {{ email: \"{email}\", password: \"{password}\" }}) {{ accessToken refreshToken expiresIn user {{ {USER} }} }} }}"
            ),
        )
    };
    let rent = |id: i64, hours: i64| {
        step(
            "POST /v1/numbers",
            Some(json!({ "phone_number_id": id, "duration_hours": hours })),
            format!(
                "mutation {{ assignPhoneNumber(input: {{ phoneNumberId: \"num_{id}\", durationHours: {hours} }}) {{ phoneNumber {{ {NUMBER} }} }} }}"
            ),
        )
    };
    let extend = |id: i64, hours: i64| {
        step(
            &format!("POST /v1/numbers/{id}/extend"),
            Some(json!({ "duration_hours": hours })),
            format!(
                "mutation {{ extendPhoneNumber(input: {{ phoneNumberId: \"num_{id}\", durationHours: {hours} }}) {{ phoneNumber {{ {NUMBER} }} }} }}"
            ),
        )
    };
    let number = |id: i64| {
        step(&format!("GET /v1/numbers/{id}"), None, format!("{{ phoneNumber(id: \"num_{id}\") {{ {NUMBER} }} }}"))
    };
    let label = |id: i64, label: Value| {
        step(
            &format!("PATCH /v1/numbers/{id}"),
            Some(json!({ "label": label })),
            format!(
                "mutation {{ labelPhoneNumber(input: {{ phoneNumberId: \"num_{id}\", label: {label} }}) {{ phoneNumber {{ {NUMBER} label }} }} }}"
            ),
        )
    };
    let release = |id: i64| {
        step(
            &format!("DELETE /v1/numbers/{id}"),
            None,
            // REST answers with a sentence, as specified, so only the code is compared.
            format!("mutation {{ releasePhoneNumber(input: {{ phoneNumberId: \"num_{id}\" }}) {{ __typename }} }}"),
        )
    };
    let read = |id: i64| {
        step(
            &format!("PATCH /v1/messages/{id}/read"),
            None,
            format!("mutation {{ markMessageRead(input: {{ messageId: \"msg_{id}\" }}) {{ __typename }} }}"),
        )
    };
    let timeline = |id: i64| {
        step(
            &format!("GET /v1/messages/{id}/timeline"),
            None,
            format!(
                "{{ messageTimeline(messageId: \"msg_{id}\") {{ milliseconds stages {{ stage at milliseconds }} }} }}"
            ),
        )
    };
    let register = |email: &str, password: &str, name: &str| {
        step(
            "POST /v1/auth/register",
            Some(json!({ "email": email, "password": password, "first_name": name, "last_name": "L" })),
            format!(
                "mutation {{ register(input: {{ email: \"{email}\", password: \"{password}\", firstName: {}, lastName: \"L\" }}) {{ user {{ userId: databaseId }} }} }}",
                json!(name)
            ),
        )
    };
    let mail = |rest: &str, graphql: &str, email: &str| {
        step(
            rest,
            Some(json!({ "email": email })),
            format!("mutation {{ {graphql}(input: {{ email: \"{email}\" }}) {{ message }} }}"),
        )
    };
    let verify = |token: &str| {
        step(
            "POST /v1/auth/verify-email",
            Some(json!({ "token": token })),
            format!("mutation {{ verifyEmail(input: {{ token: \"{token}\" }}) {{ message }} }}"),
        )
    };
    let reset = |token: &str, password: &str| {
        step(
            "POST /v1/auth/reset-password",
            Some(json!({ "token": token, "password": password })),
            format!(
                "mutation {{ resetPassword(input: {{ token: \"{token}\", password: \"{password}\" }}) {{ message }} }}"
            ),
        )
    };
    let profile = |name: &str| {
        step(
            "PATCH /v1/users/me",
            Some(json!({ "first_name": name })),
            format!("mutation {{ updateViewer(input: {{ firstName: {} }}) {{ user {{ {USER} }} }} }}", json!(name)),
        )
    };
    let password = |current: &str, new: &str| {
        step(
            "POST /v1/users/me/password",
            Some(json!({ "current_password": current, "new_password": new })),
            format!(
                "mutation {{ changePassword(input: {{ currentPassword: \"{current}\", newPassword: \"{new}\" }}) {{ accessToken refreshToken expiresIn user {{ {USER} }} }} }}"
            ),
        )
    };
    let key = |name: &str, days: i64| {
        step(
            "POST /v1/users/me/api-keys",
            Some(json!({ "name": name, "scopes": ["numbers:rent", "messages:read"], "expires_in_days": days })),
            format!(
                "mutation {{ createApiKey(input: {{ name: \"{name}\", scopes: [RENT_NUMBERS, READ_MESSAGES], expiresInDays: {days} }}) {{ key apiKey {{ {KEY} }} }} }}"
            ),
        )
    };
    let revoke = |id: i64| {
        step(
            &format!("DELETE /v1/users/me/api-keys/{id}"),
            None,
            format!("mutation {{ revokeApiKey(input: {{ apiKeyId: \"key_{id}\" }}) {{ message }} }}"),
        )
    };
    let end = |id: i64| {
        step(
            &format!("DELETE /v1/users/me/sessions/{id}"),
            None,
            format!("mutation {{ endSession(input: {{ sessionId: \"ses_{id}\" }}) {{ message }} }}"),
        )
    };
    let refresh = |token: &str| {
        step(
            "POST /v1/auth/refresh",
            Some(json!({ "refresh_token": token })),
            format!(
                "mutation {{ refreshSession(input: {{ refreshToken: \"{token}\" }}) {{ accessToken refreshToken expiresIn }} }}"
            ),
        )
    };
    let numbers = |query: &str, filter: &str| {
        step(
            &format!("GET /v1/numbers?{query}"),
            None,
            format!("{{ phoneNumbers(filter: {{ {filter} }}) {{ numbers: nodes {{ {NUMBER} }} total: totalCount }} }}"),
        )
    };
    let messages = |query: &str, filter: &str| {
        step(
            &format!("GET /v1/messages?{query}"),
            None,
            format!("{{ messages(filter: {{ {filter} }}) {{ messages: nodes {{ {MESSAGE} }} total: totalCount }} }}"),
        )
    };
    let invite = |email: &str, days: i64| {
        step(
            "POST /v1/invitations",
            Some(json!({ "email": email, "plan": "premium", "expires_in_days": days })),
            format!(
                "mutation {{ createInvitation(input: {{ email: \"{email}\", plan: PREMIUM, expiresInDays: {days} }}) {{ token link invitation {{ {INVITATION} }} }} }}"
            ),
        )
    };
    let block = |sender: &str| {
        step(
            "POST /v1/blocked-senders",
            Some(json!({ "sender": sender, "note": "junk" })),
            format!(
                "mutation {{ blockSender(input: {{ sender: \"{sender}\", note: \"junk\" }}) {{ blockedSender {{ {BLOCKED} }} }} }}"
            ),
        )
    };
    let administer = |rest: &str, graphql: &str| step(rest, None, graphql.to_owned());
    vec![
        administer("GET /v1/auth/registration", "{ registration { policy allowedEmailDomains } }"),
        invite("ada@example.com", 3),
        invite("ada", 3),
        invite("ada@example.com", 0),
        invite("other@example.com", 3),
        administer("GET /v1/invitations", &format!("{{ invitations {{ invitations: nodes {{ {INVITATION} }} }} }}")),
        administer(
            "DELETE /v1/invitations/1",
            "mutation { revokeInvitation(input: { invitationId: \"inv_1\" }) { __typename } }",
        ),
        administer(
            "DELETE /v1/invitations/1",
            "mutation { revokeInvitation(input: { invitationId: \"inv_1\" }) { __typename } }",
        ),
        block("JUNK"),
        block("junk"),
        block("*"),
        administer(
            "GET /v1/blocked-senders",
            &format!("{{ blockedSenders {{ blockedSenders: nodes {{ {BLOCKED} }} }} }}"),
        ),
        administer(
            "DELETE /v1/blocked-senders/1",
            "mutation { unblockSender(input: { blockedSenderId: \"blk_1\" }) { __typename } }",
        ),
        administer(
            "DELETE /v1/blocked-senders/1",
            "mutation { unblockSender(input: { blockedSenderId: \"blk_1\" }) { __typename } }",
        ),
        step("GET /v1/users/me", None, format!("{{ viewer {{ {USER} }} }}")),
        profile(" Ada "),
        profile(&"x".repeat(101)),
        register("new@example.com", "correct horse battery", "A"),
        register("NEW@example.com", "correct horse battery", "A"),
        register("new", "correct horse battery", "A"),
        register("other@example.com", "short", "A"),
        register("other@example.com", "correct horse battery", "a\u{7}"),
        log_in("new@example.com", "correct horse battery"),
        log_in("new@example.com", "wrong"),
        log_in("nobody@example.com", "correct horse battery"),
        refresh("@REFRESH"),
        refresh("nonsense"),
        mail("POST /v1/auth/resend-verification", "resendVerificationEmail", "nobody@example.com"),
        mail("POST /v1/auth/resend-verification", "resendVerificationEmail", "nobody"),
        mail("POST /v1/auth/forgot-password", "requestPasswordReset", "nobody@example.com"),
        mail("POST /v1/auth/forgot-password", "requestPasswordReset", "nobody"),
        verify("@VERIFY"),
        verify("@VERIFY"),
        reset("@RESET", "short"),
        reset("@RESET", "another password"),
        reset("@RESET", "another password"),
        numbers("", ""),
        numbers("country_code=de&status=available", "countryCode: \"de\", status: AVAILABLE"),
        numbers("country_code=DEU", "countryCode: \"DEU\""),
        rent(1, 2),
        rent(1, 2),
        rent(2, 25),
        rent(99, 1),
        rent(2, 1),
        rent(3, 1),
        rent(4, 1),
        number(1),
        label(1, json!("ci")),
        label(1, json!("")),
        label(1, Value::Null),
        label(99, json!("ci")),
        number(5),
        extend(1, 22),
        extend(1, 1),
        extend(4, 1),
        extend(99, 1),
        messages(
            "message_type=sms&is_read=false&since=2026-03-01T00:00:00Z",
            "types: [SMS], isRead: false, since: \"2026-03-01T00:00:00Z\"",
        ),
        messages("message_type=otp", "types: [OTP]"),
        messages("channel=sms", "channels: [SMS]"),
        messages("channel=email", "channels: [EMAIL]"),
        messages("service=%20gitHUB", "service: \" gitHUB\""),
        messages("service=gitlab", "service: \"gitlab\""),
        messages("service=", "service: \"\""),
        messages(&format!("service={}", "x".repeat(101)), &format!("service: \"{}\"", "x".repeat(101))),
        read(1),
        read(99),
        timeline(1),
        timeline(99),
        messages("is_read=true&phone_number_id=1", "isRead: true, phoneNumberId: \"num_1\""),
        release(1),
        release(4),
        release(99),
        key("CI", 7),
        key("", 7),
        key("CI", 0),
        step("GET /v1/users/me/api-keys", None, format!("{{ apiKeys {{ {KEY} }} }}")),
        revoke(1),
        revoke(1),
        step("GET /v1/users/me/sessions", None, format!("{{ sessions {{ {SESSION} }} }}")),
        end(99),
        password("wrong", "correct horse battery"),
        password(PASSWORD, "short"),
        step("POST /v1/auth/logout", None, "mutation { logOut { message } }".to_owned()),
        step("DELETE /v1/users/me/sessions", None, "mutation { logOutEverywhere { message } }".to_owned()),
        step("GET /v1/users/me", None, format!("{{ viewer {{ {USER} }} }}")),
    ]
}

/// One of two identical worlds: one is driven over REST, the other over GraphQL.
struct Side {
    world: World,
    replica: Replica,
    renter: Renter,
    admin: Renter,
    reset: String,
    verify: String,
}

impl Side {
    async fn new(backend: Backend) -> Self {
        let mut world = World::new(backend).await;
        world.reader = plain_reader();
        let mailbox = Mailbox::start().await;
        world.mailbox = Some(mailbox);
        let (replica, renter) = world.populated().await;
        replica.add_numbers("sandbox", &["+14155550102", "+14155550103"]).await;
        let other = replica.renter("other@example.com").await;
        let admin = replica.admin("admin@example.com").await;
        replica.rest_ok(Some(&other.token), "POST /v1/numbers", Some(json!({ "phone_number_id": 5 }))).await;
        world.sql("UPDATE users SET email_verified = false WHERE email = 'other@example.com'").await;
        let mailbox = world.mailbox.as_ref().unwrap();
        let email = Some(json!({ "email": "other@example.com" }));
        replica.rest_ok(None, "POST /v1/auth/resend-verification", email.clone()).await;
        let verify = mailbox.mail(0).await.token().to_owned();
        replica.rest_ok(None, "POST /v1/auth/forgot-password", email).await;
        let reset = mailbox.mail(1).await.token().to_owned();
        Self { world, replica, renter, admin, reset, verify }
    }

    fn fill(&self, text: &str) -> String {
        text.replace("@RESET", &self.reset)
            .replace("@VERIFY", &self.verify)
            .replace("@REFRESH", &self.renter.refresh_token)
    }

    /// Use cases for guests are called without a token, those for administrators with that of one.
    fn token(&self, step: &Step) -> Option<&str> {
        if ["/invitations", "/blocked-senders", "/timeline"].iter().any(|part| step.rest.contains(part)) {
            return Some(self.admin.token.as_str());
        }
        let is_open = step.rest.contains("/auth/") && !step.rest.ends_with("/logout");
        (!is_open).then_some(self.renter.token.as_str())
    }

    async fn rest(&self, step: &Step) -> Value {
        let body = step.body.as_ref().map(|body| serde_json::from_str(&self.fill(&body.to_string())).unwrap());
        let answer = self.replica.rest(self.token(step), &step.rest, body).await;
        let body = answer.json();
        match body["code"].as_str() {
            Some(code) => failure(code, &body["details"]),
            None => normalised(&body),
        }
    }

    async fn graphql(&self, step: &Step) -> Value {
        let body = Some(json!({ "query": self.fill(&step.graphql) }));
        let body = self.replica.rest(self.token(step), "POST /graphql", body).await.json();
        if let Some(code) = body["code"].as_str() {
            return failure(code, &body["details"]);
        }
        match body["errors"][0]["extensions"]["code"].as_str() {
            Some(code) => failure(code, &body["errors"][0]["extensions"]),
            None => normalised(body["data"].as_object().unwrap().values().next().unwrap()),
        }
    }
}

fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let mut camel = parts.next().unwrap().to_owned();
    for part in parts {
        camel.push_str(&part[..1].to_uppercase());
        camel.push_str(&part[1..]);
    }
    camel
}

fn failure(code: &str, details: &Value) -> Value {
    let field = details["field"].as_str().map(|field| camel_case(field).replace("filter.", ""));
    json!({ "code": code, "field": field })
}

/// An answer without what the APIs write differently: the case of names, the spelling of enums and times, wrappers of
/// single objects, and random values.
fn normalised(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            // `phone_number_id` is `phoneNumberId: ID!` over GraphQL, which spells ids its own way.
            // GraphQL has the users themselves.
            let skipped =
                ["limit", "offset", "phone_number_id", "message", "message_id", "__typename", "created_by", "used_by"];
            let fields: Map<_, _> = fields
                .iter()
                // REST leaves out what has no value.
                .filter(|(name, value)| !skipped.contains(&name.as_str()) && !value.is_null())
                .map(|(name, value)| (camel_case(name), normalised(value)))
                .collect();
            let wraps = |name: &str| fields.len() == 1 && fields.contains_key(name);
            for wrapper in ["phoneNumber", "user", "apiKeys", "sessions", "blockedSender"] {
                if wraps(wrapper) {
                    return fields[wrapper].clone();
                }
            }
            Value::Object(fields)
        }
        Value::Array(values) => values.iter().map(normalised).collect(),
        Value::String(text) => {
            let random = ["ey", "otpr_", "otpk_", "otpi_"].iter().find(|start| text.starts_with(**start));
            if let Some(start) = random {
                return format!("{start}…").into();
            }
            if let Ok(time) = text.parse::<chrono::DateTime<chrono::Utc>>() {
                return time.to_rfc3339().into();
            }
            match text.as_str() {
                "messages:read" => "read_messages".into(),
                "numbers:rent" => "rent_numbers".into(),
                _ if text.chars().all(|c| c.is_ascii_uppercase() || c == '_') => text.to_lowercase().into(),
                _ => text.clone().into(),
            }
        }
        other => other.clone(),
    }
}

async fn compare(backend: Backend) {
    let (one, other) = (Side::new(backend).await, Side::new(backend).await);
    for side in [&one, &other] {
        side.world.sql("UPDATE phone_numbers SET created_at = '2026-01-01T00:00:00+00:00'").await;
    }
    let mut posted = false;
    for step in steps() {
        if step.rest.contains("/messages?") && !posted {
            posted = true;
            for side in [&one, &other] {
                side.replica.post_sms(&sms("1", "+14155550100", "hello")).await;
                side.replica.post_sms(&sms("2", "+14155550100", "GitHub: 482913")).await;
            }
        }
        let (rest, graphql) = (one.rest(&step).await, other.graphql(&step).await);
        assert_eq!(rest, graphql, "{} and {}", step.rest, step.graphql);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_apis_answer_alike_embedded() {
    compare(Backend::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_apis_answer_alike_cluster() {
    compare(Backend::Cluster).await;
}

/// Every operation is compared, except webhooks, those that are subscriptions in GraphQL, and leases and pools, whose
/// objects are nested in GraphQL and flat in REST: `leases` tries them in both.
#[test]
fn every_operation_is_compared() {
    let api: Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    let only_rest = [
        "get /messages/wait",
        "get /messages/stream",
        "get /webhooks/sms",
        "post /webhooks/sms",
        "get /webhooks/status",
        "post /webhooks/status",
    ];
    let operations: BTreeSet<String> = api["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| format!("{method} {path}")))
        .filter(|operation| !only_rest.contains(&operation.as_str()))
        .filter(|operation| !operation.contains("/leases") && !operation.contains("/pools"))
        .collect();
    let compared: BTreeSet<String> = steps()
        .iter()
        .map(|step| {
            let (method, path) = step.rest.split_once(' ').unwrap();
            let path = path.strip_prefix("/v1").unwrap().split('?').next().unwrap();
            let parts = path.split('/').map(|part| if part.parse::<i64>().is_ok() { "{id}" } else { part });
            format!("{} {}", method.to_lowercase(), parts.collect::<Vec<_>>().join("/"))
        })
        .collect();
    assert_eq!(operations, compared);
}
