//! One webhook, from its bytes to its messages and reports being committed.

use crate::{
    app::{App, providers::Gateway, receiving::Posted, webhook_must_be_allowed},
    domain::{Error, ErrorCode, Result},
    limiter::Decision,
    providers::{Ack, Item, Malformed, Provider, RawWebhook, Verified},
    tracer::SpanKind,
};

/// How many unreadable items of one webhook get a report each. A report holds the whole webhook.
const MAX_REPORTS: usize = 20;

/// Verifies, parses, receives and acknowledges a webhook. `limit` is set once the webhook is counted against its
/// account's limit; `posted` says how the webhook came.
pub(super) async fn process(
    app: &App,
    gateway: &Gateway,
    raw: &mut RawWebhook,
    limit: &mut Option<Decision>,
    posted: Posted,
) -> Result<Ack> {
    let Gateway { account, adapter, .. } = gateway;
    if adapter.is_probe(raw) {
        return Ok(adapter.ack());
    }
    app.fetch_for_webhook(gateway, raw).await.map_err(|error| with_signed_address(error, raw))?;
    let raw = &*raw;
    let mut span = app.tracer().begin("verify", SpanKind::Internal, posted.trace, app.clock().now());
    let verified = app.verify_webhook(gateway, raw).await;
    if let (Some(span), Err(_)) = (&mut span, &verified) {
        span.fail();
    }
    drop(span);
    let verified = verified.map_err(|error| with_signed_address(error, raw))?;
    let decision = app.admit_webhook(account).await;
    let admitted = webhook_must_be_allowed(&decision);
    *limit = Some(decision);
    admitted?;
    let items = match adapter.parse(&verified) {
        Ok(items) => items,
        Err(malformed) => return Err(report(app, gateway, &verified, malformed).await?),
    };
    let (mut messages, mut statuses, mut confirmations, mut malformed) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let total = items.len();
    for item in items {
        match item {
            Ok(Item::Message(sms)) => messages.push(sms),
            Ok(Item::Status(update)) => statuses.push(update),
            Ok(Item::ConfirmSubscription(url)) => confirmations.push(url),
            Ok(Item::Ignored) => {}
            Err(item) => malformed.push(item),
        }
    }
    app.receive_webhook(account, messages, posted).await?;
    app.receive_statuses(account, &statuses).await?;
    for url in &confirmations {
        app.confirm_webhook(gateway, url).await?;
    }
    // A refused webhook would be sent again as a whole, with the items that are stored by now. So it is refused only
    // when no item of it could be read.
    let is_unreadable = total > 0 && malformed.len() == total;
    let error = report_all(app, gateway, &verified, malformed).await?;
    match error {
        Some(error) if is_unreadable => Err(error),
        _ => Ok(adapter.ack()),
    }
}

/// Names the address that the provider should have signed. A wrong address is the operator's usual mistake, and it is
/// not secret.
fn with_signed_address(error: Error, raw: &RawWebhook) -> Error {
    match error.code() {
        ErrorCode::InvalidSignature => error.with("address", raw.redacted_url()),
        _ => error,
    }
}

/// Stores reports about the items that could not be read. Returns the error about the first of them.
async fn report_all(
    app: &App,
    gateway: &Gateway,
    webhook: &Verified<'_>,
    mut malformed: Vec<Malformed>,
) -> Result<Option<Error>> {
    if let Some(more) = malformed.len().checked_sub(MAX_REPORTS).filter(|more| *more > 0) {
        malformed.truncate(MAX_REPORTS);
        malformed.push(Malformed::new("body", format!("{more} more items cannot be read")));
    }
    let mut first = None;
    for item in malformed {
        let error = report(app, gateway, webhook, item).await?;
        first.get_or_insert(error);
    }
    Ok(first)
}

/// Stores a report about what could not be read. Returns the error for the provider.
async fn report(app: &App, gateway: &Gateway, webhook: &Verified<'_>, malformed: Malformed) -> Result<Error> {
    let payload = gateway.adapter.payload(webhook);
    app.report_unreadable(&gateway.account, &malformed, &payload).await?;
    Ok(Error::new(ErrorCode::InvalidRequest, malformed.to_string())
        .with("field", malformed.field)
        .with("issue", malformed.issue))
}
