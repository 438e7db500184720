//! Webhook payloads without the contents of messages, which only their renters may see.

use std::fmt;

use serde_json::{Map, Value};

/// A payload that administrators may see.
#[derive(Clone, PartialEq)]
pub struct Redacted(Value);

impl Redacted {
    /// Members whose values describe the delivery and never the contents, as lower-case letters and digits. The list is
    /// an allowlist, so that a provider that renames a field does not leak it.
    const SHOWN: &[&str] = &[
        "accountsid",
        "apiversion",
        "applicationid",
        "bulkid",
        "campaignreferenceid",
        "carrier",
        "carriername",
        "channel",
        "channelid",
        "coding",
        "concat",
        "concatpart",
        "concatref",
        "concattotal",
        "created",
        "createdat",
        "createddatetime",
        "count",
        "date",
        "dateutc",
        "datetime",
        "deliverystatus",
        "destination",
        "destinationaddress",
        "destinationnumber",
        "destinationphonenumber",
        "deviceid",
        "direction",
        "doneat",
        "encoding",
        "encrypted",
        "entityid",
        "errcode",
        "error",
        "errorcode",
        "event",
        "eventtimestamp",
        "eventtype",
        "eventversion",
        "from",
        "fromcity",
        "fromcountry",
        "fromnumber",
        "fromstate",
        "fromzip",
        "groupid",
        "groupname",
        "id",
        "inboundmessageid",
        "isfinal",
        "level",
        "linetype",
        "linkid",
        "longcode",
        "mcc",
        "mccmnc",
        "mediacount",
        "messagecount",
        "messageid",
        "messagesid",
        "messagestatus",
        "messagetimestamp",
        "messagetype",
        "messageuuid",
        "mid",
        "mnc",
        "msgid",
        "msisdn",
        "networkcode",
        "nummedia",
        "numsegments",
        "occurredat",
        "operatorid",
        "origin",
        "originationnumber",
        "originationphonenumber",
        "originator",
        "originconnector",
        "owner",
        "part",
        "partinfo",
        "parts",
        "partscount",
        "pendingmessagecount",
        "phone",
        "phonenumber",
        "previouspublishedmessageid",
        "priority",
        "receivedat",
        "receiver",
        "receivetime",
        "recipient",
        "recordtype",
        "reference",
        "segmentcount",
        "sendat",
        "sender",
        "senderaddress",
        "sendernumber",
        "sentat",
        "senttime",
        "sendto",
        "shortcode",
        "simnumber",
        "smsc",
        "smscount",
        "smsid",
        "smsmessagesid",
        "smssid",
        "smsstatus",
        "source",
        "specversion",
        "status",
        "statuscode",
        "statusdatetime",
        "statuserrorcode",
        "statusreason",
        "system",
        "time",
        "timestamp",
        "to",
        "tocity",
        "tocountry",
        "tonumber",
        "topicarn",
        "tostate",
        "totalcount",
        "totalmessageparts",
        "tozip",
        "ts",
        "type",
        "uid",
        "units",
        "validity",
        "version",
        "webhookevent",
        "webhookid",
        "webhooklabel",
        "webhooktimestamp",
    ];

    /// The whole payload: for callers who may read the message itself, or if nobody owns the message.
    #[must_use]
    pub fn whole(payload: Value) -> Self {
        Self(payload)
    }

    /// The structure of the payload, with the values of allowlisted members.
    #[must_use]
    pub fn of(payload: &Value) -> Self {
        Self(Self::redact(payload, false))
    }

    /// The redacted payload.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0
    }

    fn redact(value: &Value, is_shown: bool) -> Value {
        match value {
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| {
                    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
                    let is_shown = Self::SHOWN.contains(&plain.to_ascii_lowercase().as_str());
                    (name.clone(), Self::redact(value, is_shown))
                };
                Value::Object(members.iter().map(member).collect::<Map<_, _>>())
            }
            Value::Array(items) => items.iter().map(|item| Self::redact(item, is_shown)).collect(),
            // A long value may be a message, whatever its name.
            Value::String(text) if is_shown && text.chars().count() <= 64 => value.clone(),
            Value::String(text) => format!("[{} characters]", text.chars().count()).into(),
            Value::Number(_) if !is_shown => "[a number]".into(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }
}

/// Hides the payload, because debug output may be logged.
impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redacted(…)")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_message_says_is_not_shown() {
        let payload = json!({
            "MessageSid": "SM1", "From": "+14155550100", "Body": "Your code is 482913", "NumSegments": "1",
            "data": { "payload": { "text": "482913", "to": [{ "phone_number": "+15005550006", "nickname": "482913" }] } },
            "Message": "{\"messageBody\":\"482913\"}", "list": ["482913", 482913], "otp": 482913, "empty": null,
            "status": "a status that is as long as a text, and so is taken for one: your code is 482913",
        });
        let shown = Redacted::of(&payload);
        assert!(!shown.value().to_string().contains("482913"), "{}", shown.value());
        for (pointer, expected) in [
            ("/MessageSid", json!("SM1")),
            ("/From", json!("+14155550100")),
            ("/Body", json!("[19 characters]")),
            ("/data/payload/to/0/phone_number", json!("+15005550006")),
            ("/list/1", json!("[a number]")),
            ("/empty", json!(null)),
        ] {
            assert_eq!(shown.value().pointer(pointer), Some(&expected), "{pointer}");
        }
        assert_eq!(Redacted::of(&json!("482913")).value(), &json!("[6 characters]"));
    }
}
