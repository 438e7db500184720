//! HTTP through the real router, without a socket.

use std::net::{IpAddr, SocketAddr};

use axum::{
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode},
};
use otpwire::{
    domain::NodeId,
    providers::{
        sandbox::{self, Sandbox},
        twilio::{self, Twilio},
    },
};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{PUBLIC_URL, Renter, Replica, SECRET, TWILIO_TOKEN};

/// A whole response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that this is an error in the documented format, and returns its code.
    #[track_caller]
    pub(crate) fn error(&self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        let body = self.json();
        // GraphQL has its own: a list of errors and nothing else.
        if let Some(errors) = body["errors"].as_array() {
            assert_eq!((body.as_object().unwrap().len(), errors.len()), (1, 1), "{body}");
            assert!(errors[0]["message"].is_string(), "{body}");
            return errors[0]["extensions"]["code"].as_str().unwrap().to_owned();
        }
        let mut fields: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["code", "details", "error", "message", "request_id", "timestamp"]);
        assert_eq!(body["request_id"], self.header("x-request-id"));
        body["code"].as_str().unwrap().to_owned()
    }
}

/// A message of the sandbox.
pub(crate) fn sms(id: &str, to: &str, text: &str) -> Value {
    json!({ "id": id, "from": "GOOGLE", "to": to, "text": text })
}

impl Replica {
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a REST request to a method and a path, as in `GET /v1/numbers`, perhaps with a token.
    pub(crate) async fn rest(&self, token: Option<&str>, endpoint: &str, body: Option<Value>) -> Answer {
        let (method, path) = endpoint.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    /// Sends a REST request and returns the status and the body. An event stream, which does not end, is not read.
    pub(crate) async fn rest_status(&self, token: Option<&str>, endpoint: &str, body: Option<Value>) -> (u16, String) {
        let (method, path) = endpoint.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.status_of(request.body(body).unwrap()).await
    }

    /// [`Self::rest_status`] for any request.
    pub(crate) async fn status_of(&self, request: Request<Body>) -> (u16, String) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        if response.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream") {
            return (status, String::new());
        }
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// Sends a REST request that must succeed, and returns the body.
    pub(crate) async fn rest_ok(&self, token: Option<&str>, endpoint: &str, body: Option<Value>) -> Value {
        let answer = self.rest(token, endpoint, body).await;
        assert!(answer.status.is_success(), "{endpoint}: {} {}", answer.status, answer.text());
        answer.json()
    }

    /// Posts a signed webhook to the sandbox.
    pub(crate) async fn post_sms(&self, message: &Value) -> Answer {
        self.post_signed(message.to_string().into_bytes()).await
    }

    /// Posts a signed body to the sandbox, whatever it is.
    pub(crate) async fn post_signed(&self, body: Vec<u8>) -> Answer {
        self.post_signed_as(&body, Body::from(body.clone())).await
    }

    /// Posts a body in any form, such as a stream, with the signature of `whole`.
    pub(crate) async fn post_signed_as(&self, whole: &[u8], body: Body) -> Answer {
        let timestamp = self.clock_now();
        let signature = Sandbox::new(SECRET.into()).sign(timestamp, whole);
        let request = Request::post("/v1/webhooks/sms?provider=sandbox")
            .header("content-type", "application/json")
            .header(sandbox::TIMESTAMP, timestamp)
            .header(sandbox::SIGNATURE, signature)
            .body(body);
        self.send(request.unwrap()).await
    }

    /// Posts a form as Twilio signs it.
    pub(crate) async fn post_twilio(&self, form: &str) -> Answer {
        let path = "/v1/webhooks/sms?provider=twilio";
        let signature = Twilio::new(TWILIO_TOKEN.into()).sign(&format!("{PUBLIC_URL}{path}"), form.as_bytes());
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header(twilio::SIGNATURE, signature)
            .body(Body::from(form.to_owned()));
        self.send(request.unwrap()).await
    }

    pub(crate) fn clock_now(&self) -> i64 {
        self.app.clock().now().timestamp()
    }

    /// Sends a GraphQL request and returns the whole response.
    pub(crate) async fn graphql(&self, who: Option<&Renter>, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut request = Request::post("/graphql").header("content-type", "application/json");
        if let Some(who) = who {
            request = request.header("authorization", format!("Bearer {}", who.token));
        }
        let answer = self.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    }

    /// Sends a GraphQL request that must succeed, and returns its data.
    #[track_caller]
    pub(crate) fn data<'a>(
        &'a self,
        who: &'a Renter,
        query: &'a str,
        variables: Value,
    ) -> impl Future<Output = Value> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let response = self.graphql(Some(who), query, variables).await;
            assert!(response.get("errors").is_none(), "{caller}: {response}");
            response["data"].clone()
        }
    }

    /// Sends a GraphQL request that must fail, and returns the code of its first error.
    pub(crate) async fn code(&self, who: Option<&Renter>, query: &str, variables: Value) -> String {
        let response = self.graphql(who, query, variables).await;
        let code = response["errors"][0]["extensions"]["code"].as_str();
        code.unwrap_or_else(|| panic!("no error: {response}")).to_owned()
    }

    /// Rents a number; returns its id (`num_7`) and the number.
    pub(crate) async fn rent(&self, who: &Renter, country: &str, hours: i32) -> (String, String) {
        let query = "mutation($input: AssignPhoneNumberInput!) {
            assignPhoneNumber(input: $input) { phoneNumber { id phoneNumber } } }";
        let input = json!({ "countryCode": country, "durationHours": hours });
        let data = self.data(who, query, json!({ "input": input })).await;
        let number = &data["assignPhoneNumber"]["phoneNumber"];
        (number["id"].as_str().unwrap().into(), number["phoneNumber"].as_str().unwrap().into())
    }

    /// The texts in an inbox, oldest first.
    pub(crate) async fn texts(&self, who: &Renter) -> Vec<String> {
        let query = "{ messages(first: 100) { nodes { messageContent } } }";
        let data = self.data(who, query, json!({})).await;
        let nodes = data["messages"]["nodes"].as_array().unwrap().iter();
        nodes.rev().map(|node| node["messageContent"].as_str().unwrap().to_owned()).collect()
    }
}

/// The id of a user as both APIs write it.
pub(crate) fn user_id(renter: &Renter) -> String {
    NodeId::User(renter.user.id).to_string()
}

/// A request from an address.
pub(crate) fn at(peer: &str, mut request: Request<Body>) -> Request<Body> {
    let peer: IpAddr = peer.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer, 4711)));
    request
}
