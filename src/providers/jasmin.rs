//! Jasmin: an SMPP gateway of one's own that brings messages as forms, posted or in the address, without a
//! signature.
//!
//! The text is read from `binary`, the octets of the PDU in hexadecimal digits, as `coding` says; `content` has the
//! same octets and is for gateways that are too old to send `binary`. Parts have been joined. A message that is not
//! acknowledged by exactly `ACK/Jasmin` comes again.
//!
//! Where the method is GET, Jasmin appends `?` and the parameters to its base URL, even if that has a query: the
//! second question mark is read as a separator.
//!
//! Sources: Jasmin's documentation, "HTTP API", and its `routing/throwers.py`; SMPP 3.4, 5.2.19 and appendix B.

use chrono::{DateTime, Utc};
use http::Method;
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    Kind, Opener, Provider,
    kit::{
        Ack, Charset, Common, Draft, Form, Item, Malformed, Outgoing, RawWebhook, Reading, Rejected, Setup, States,
        TimeFormat, Verified, decode, hex, message_id, octets, one, payload, read_utc, sender, state_of, unhex,
    },
};
use crate::domain::{DeliveryState, InboundSms, Result, StatusUpdate};

pub(super) const KIND: Kind = Kind {
    word: "jasmin",
    title: "Jasmin",
    secret: "a long random text of your own, which the base URL of the HTTP connector carries as `token`",
    settings: &[(
        "default_charset",
        "How the carrier writes texts of coding 0: gsm (the default), iso-8859-1, us-ascii, utf-8 or utf-16be.",
    )],
    api_endpoint: "http://localhost:1401",
    open: Opener::Code(|setup| Ok(Box::new(Jasmin::open(setup)?))),
};

/// Jasmin's words: those of SMPP receipts, and what the carrier answered to the submission.
const STATES: &States = &[
    (DeliveryState::Sent, &["ESME_ROK", "ENROUTE", "ACCEPTD"]),
    (DeliveryState::Delivered, &["DELIVRD"]),
    (DeliveryState::Undelivered, &["UNDELIV", "EXPIRED", "DELETED"]),
    (DeliveryState::Failed, &["REJECTD"]),
];

/// The adapter.
pub struct Jasmin {
    secret: SecretString,
    /// How texts in the carrier's default alphabet are written.
    default_charset: Charset,
    common: Common,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    default_charset: Option<Charset>,
}

impl Jasmin {
    fn open(setup: Setup) -> Result<Self> {
        let Settings { default_charset } = setup.own()?;
        let default_charset = default_charset.unwrap_or(Charset::Gsm);
        Ok(Self { secret: setup.secret, default_charset, common: setup.common })
    }

    fn read(&self, form: &Form<'_>) -> Result<Item, Malformed> {
        let id = message_id("id", form.text("id")?)?;
        if let Some(status) = form.filled("message_status")? {
            return report(id, status, form).map(Item::Status);
        }
        let mut sms = InboundSms::new(
            id,
            sender("from", form.text("from")?)?,
            self.common.recipient("to", Some(form.text("to")?))?,
            &self.text(form)?,
        );
        sms.payload = payload(form);
        Ok(Item::Message(sms))
    }

    fn text(&self, form: &Form<'_>) -> Result<String, Malformed> {
        let binary = form.filled("binary")?.and_then(unhex);
        let bytes = match &binary {
            Some(bytes) => bytes,
            None => form.bytes("content")?.ok_or_else(|| Malformed::new("content", "is missing"))?,
        };
        let coding = form.number("coding")?.unwrap_or(0);
        Ok(match Charset::of_coding(coding) {
            Some(Charset::Gsm) => decode(bytes, self.default_charset),
            Some(charset) => decode(bytes, charset),
            None => octets(bytes),
        })
    }
}

/// Reads a delivery report. Level 1 says what the carrier answered, levels 2 and 3 what became of the message.
fn report(id: String, status: &str, form: &Form<'_>) -> Result<StatusUpdate, Malformed> {
    let is_refusal = || status.to_ascii_uppercase().starts_with("ESME_").then_some(DeliveryState::Failed);
    // The clock is the carrier's, and its zone is not told: UTC is as good a guess as any.
    let formats = ["%y%m%d%H%M", "%y%m%d%H%M%S"].map(|pattern| TimeFormat::Pattern(pattern.to_owned()));
    let at = form.find("donedate")?.and_then(|date| formats.iter().find_map(|format| read_utc(date, format)));
    let is_error = |code: &&str| code.bytes().any(|digit| digit != b'0');
    Ok(StatusUpdate {
        provider_message_id: id,
        state: state_of(STATES, status).or_else(is_refusal),
        provider_status: status.to_owned(),
        phone_number: None,
        at,
        error: form.filled("err")?.filter(is_error).map(str::to_owned),
        payload: payload(form),
    })
}

impl Provider for Jasmin {
    fn shows_secret(&self) -> bool {
        true
    }

    fn methods(&self) -> &[Method] {
        &[Method::POST, Method::GET]
    }

    fn verify<'a>(&self, raw: &'a RawWebhook, _now: DateTime<Utc>) -> Result<Verified<'a>, Rejected> {
        if raw.method != Method::GET {
            raw.must_be_form()?;
        }
        Verified::by_secret(raw, &self.secret)
    }

    fn parse(&self, webhook: &Verified<'_>) -> Reading {
        let raw = webhook.raw();
        // In a value it would be encoded.
        let query = raw.query().replace('?', "&");
        let form = Form::decode(if raw.method == Method::GET { query.as_bytes() } else { &raw.body });
        one(self.read(&form.without_ours()))
    }

    fn ack(&self) -> Ack {
        Ack::text("ACK/Jasmin")
    }

    fn compose(&self, draft: &Draft<'_>) -> Result<RawWebhook> {
        let octets: Vec<u8> = draft.text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        // `serde_urlencoded` writes texts, and these octets are none.
        let content: String = octets.iter().map(|octet| format!("%{octet:02X}")).collect();
        let binary = hex(&octets);
        let fields = [
            ("binary", binary.as_str()),
            ("coding", "8"),
            ("from", Draft::bare(draft.from)),
            ("id", draft.id),
            ("origin-connector", "smppc_1"),
            ("priority", "1"),
            ("to", Draft::bare(draft.to)),
        ];
        let mut raw = Outgoing::form(draft.url, &fields, &[]).with_token(&self.secret);
        raw.body.extend_from_slice(format!("&content={content}").as_bytes());
        Ok(raw)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::providers::testing::{adapter, webhook};

    const ENDS: &str = "id=16fd2706&from=14155550100&to=15005550006&origin-connector=smppc_1&priority=1";

    fn parse_with(configuration: Value, body: &str) -> Result<Item, Malformed> {
        let raw = webhook("https://a/?token=secret", &[("content-type", Form::TYPE)], body.as_bytes());
        let jasmin = adapter("jasmin", "secret", configuration);
        jasmin.parse(&Verified::unchecked(&raw)).map(|mut items| items.remove(0))?
    }

    fn text(configuration: Value, rest: &str) -> String {
        match parse_with(configuration, &format!("{ENDS}&{rest}")) {
            Ok(Item::Message(sms)) => sms.text,
            other => panic!("{rest}: {other:?}"),
        }
    }

    #[test]
    fn a_text_is_read_as_its_coding_says() {
        for (rest, expected) in [
            ("coding=8&content=%00Y%00o%00u%00r&binary=0059006f00750072", "Your"),
            ("coding=0&content=%00%11&binary=0011", "@_"),
            ("content=%00%11&binary=0011", "@_"),
            ("coding=240&content=%00&binary=00", "@"),
            ("coding=1&content=%40&binary=40", "@"),
            ("coding=3&content=caf%E9&binary=636166E9", "café"),
            ("coding=4&content=caf%C3%A9&binary=636166c3a9", "café"),
            ("coding=2&content=caf%E9&binary=636166e9", "café"),
            // What was sent as `content` alone, or with digits that are none.
            ("coding=8&content=%04%22%04%35", "Те"),
            ("coding=0&content=%00", "@"),
            ("coding=0&content=%00&binary=062A063062A", "@"),
            ("coding=0&content=&binary=", ""),
        ] {
            assert_eq!(text(Value::Null, rest), expected, "{rest}");
        }
    }

    #[test]
    fn a_carrier_may_have_another_default() {
        let configuration = json!({ "default_charset": "iso-8859-1" });
        assert_eq!(text(configuration.clone(), "coding=0&binary=40e9&content=%40%E9"), "@é");
        assert_eq!(text(configuration, "coding=8&binary=0040&content=%00%40"), "@");
    }

    #[test]
    fn what_is_missing_is_named() {
        for (body, field) in [
            ("from=1&to=12345&content=x", "id"),
            ("id=1&to=12345&content=x", "from"),
            ("id=1&from=1&content=x", "to"),
            ("id=1&from=1&to=12345&binary=0", "content"),
        ] {
            assert_eq!(parse_with(Value::Null, body).unwrap_err().field, field, "{body}");
        }
    }

    #[test]
    fn a_get_may_have_two_question_marks() {
        let jasmin = adapter("jasmin", "secret", Value::Null);
        for separator in ["&?", "&"] {
            let url =
                format!("https://a/?provider=x&token=secret{separator}{ENDS}&coding=1&content=a%3Fb&binary=613f62");
            let mut raw = webhook(&url, &[], b"");
            raw.method = Method::GET;
            let verified = jasmin.verify(&raw, DateTime::UNIX_EPOCH).unwrap();
            let Ok(Item::Message(sms)) = jasmin.parse(&verified).unwrap().remove(0) else { panic!("{url}") };
            assert_eq!((sms.provider_message_id.as_str(), sms.text.as_str()), ("16fd2706", "a?b"));
            assert!(!sms.payload.get().contains("secret"));
        }
    }

    #[test]
    fn reports_of_all_levels_are_read() {
        let report = |rest: &str| match parse_with(Value::Null, &format!("id=16fd2706&{rest}")) {
            Ok(Item::Status(update)) => (update.state, update.at.map(|at| at.timestamp()), update.error),
            other => panic!("{rest}: {other:?}"),
        };
        assert_eq!(report("level=1&message_status=ESME_ROK&connector=c"), (Some(DeliveryState::Sent), None, None));
        assert_eq!(report("level=1&message_status=ESME_RINVDSTADR"), (Some(DeliveryState::Failed), None, None));
        let done = "id_smsc=2567&sub=001&subdate=2611220759&donedate=2611220800&text=Your";
        let at = Some(1_795_334_400);
        assert_eq!(
            report(&format!("level=2&message_status=DELIVRD&dlvrd=001&err=000&{done}")),
            (Some(DeliveryState::Delivered), at, None)
        );
        assert_eq!(
            report(&format!("level=3&message_status=UNDELIV&dlvrd=000&err=0b1&{done}")),
            (Some(DeliveryState::Undelivered), at, Some("0b1".to_owned()))
        );
        assert_eq!(report("level=3&message_status=UNKNOWN&donedate=261122080000"), (None, at, None));
    }

    #[test]
    fn the_answer_is_what_jasmin_looks_for() {
        assert_eq!(adapter("jasmin", "secret", Value::Null).ack(), Ack::text("ACK/Jasmin"));
    }
}
