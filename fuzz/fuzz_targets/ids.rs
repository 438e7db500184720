//! Ids: parsing and formatting are inverse, so that an object has one id, and an id belongs to one type.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otpwire::domain::NodeId;

fuzz_target!(|text: &str| {
    let id = text.parse::<NodeId>().ok();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Where the type is known, its ids need no prefix; by itself a number is no id.
        assert!(id.is_none());
        let plain = NodeId::number("id", text).map(|id| id.to_string()).ok();
        assert!(plain.is_none_or(|plain| plain == text));
        return;
    }
    let kinds = [
        NodeId::number("id", text).map(NodeId::Number),
        NodeId::message("id", text).map(NodeId::Message),
        NodeId::user("id", text).map(NodeId::User),
        NodeId::provider("id", text).map(NodeId::Provider),
        NodeId::session("id", text).map(NodeId::Session),
        NodeId::otp_pattern("id", text).map(NodeId::OtpPattern),
        NodeId::api_key("id", text).map(NodeId::ApiKey),
        NodeId::report("id", text).map(NodeId::Report),
        NodeId::lease("id", text).map(NodeId::Lease),
        NodeId::pool("id", text).map(NodeId::Pool),
        NodeId::invitation("id", text).map(NodeId::Invitation),
        NodeId::blocked_sender("id", text).map(NodeId::BlockedSender),
    ];
    if let Some(id) = id {
        assert_eq!(id.to_string(), text);
    }
    // Entries of the audit log are never parsed by their type.
    let as_kind: Vec<_> = kinds.into_iter().flatten().collect();
    let is_nameless = matches!(id, None | Some(NodeId::Audit(_)));
    assert_eq!(as_kind, id.into_iter().filter(|_| !is_nameless).collect::<Vec<_>>());
});
