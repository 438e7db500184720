//! `/v1/invitations`, for administrators, and `/v1/auth/registration`, for everybody: who may make an account.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Authenticated, JsonBody, PathId, optional_integer},
    schema::{Done, Plan},
};
use crate::{
    app::App,
    domain::{self, EmailDomain, NewInvitation},
    http::ApiResult,
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(get_registration))
        .routes(routes!(list_invitations, create_invitation))
        .routes(routes!(revoke_invitation))
}

/// Who may make an account.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(example = "open")]
enum RegistrationPolicy {
    /// Everybody.
    Open,
    /// Whoever an administrator has invited.
    Invite,
    /// Nobody: the operator makes the accounts.
    Closed,
}

/// Who may make an account.
#[derive(Serialize, ToSchema)]
struct Registration {
    policy: RegistrationPolicy,
    /// The only domains that addresses of new accounts may have, each exact; none means any. An invitation that is
    /// bound to an address is good for it whatever its domain.
    #[schema(example = json!(["example.com"]))]
    allowed_email_domains: Vec<String>,
}

/// Who may make an account
#[utoipa::path(get, path = "/v1/auth/registration", tag = "Authentication", security(()),
    responses((status = 200, description = "Who may make an account", body = Registration)))]
async fn get_registration(State(app): State<Arc<App>>) -> Json<Registration> {
    let policy = match app.registration_policy() {
        domain::RegistrationPolicy::Open => RegistrationPolicy::Open,
        domain::RegistrationPolicy::Invite => RegistrationPolicy::Invite,
        domain::RegistrationPolicy::Closed => RegistrationPolicy::Closed,
    };
    let domains = app.allowed_email_domains().iter().map(EmailDomain::as_str).map(str::to_owned);
    Json(Registration { policy, allowed_email_domains: domains.collect() })
}

/// Whether an invitation can be used.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(example = "pending")]
enum InvitationStatus {
    /// It can be used.
    Pending,
    /// An account was made with it.
    Used,
    /// It was not used in time.
    Expired,
}

/// An invitation to make an account. It is good once.
#[derive(Serialize, ToSchema)]
struct Invitation {
    #[schema(example = 5)]
    id: i32,
    status: InvitationStatus,
    /// The only address that it is good for, if it is bound to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "email", example = "user@example.com")]
    email: Option<String>,
    /// The plan of the account.
    plan: Plan,
    /// Whether its token was sent to its address, and shown to nobody.
    #[schema(example = false)]
    is_mailed: bool,
    /// Who made it. Without it, the operator at the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 1)]
    created_by: Option<i32>,
    #[schema(example = "2024-01-01T12:00:00Z")]
    created_at: DateTime<Utc>,
    /// Until when it can be used.
    #[schema(example = "2024-01-08T12:00:00Z")]
    expires_at: DateTime<Utc>,
    /// Whose account was made with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 123)]
    used_by: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2024-01-02T12:00:00Z")]
    used_at: Option<DateTime<Utc>>,
}

impl Invitation {
    fn of(invitation: domain::Invitation, now: DateTime<Utc>) -> Self {
        Self {
            id: invitation.id.0,
            status: match invitation.status(now) {
                domain::InvitationStatus::Pending => InvitationStatus::Pending,
                domain::InvitationStatus::Used => InvitationStatus::Used,
                domain::InvitationStatus::Expired => InvitationStatus::Expired,
            },
            email: invitation.email,
            plan: invitation.plan.into(),
            is_mailed: invitation.is_mailed,
            created_by: invitation.created_by.map(|id| id.0),
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            used_by: invitation.used_by.map(|id| id.0),
            used_at: invitation.used_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct Invitations {
    /// The newest first, with those that expired within 30 days.
    invitations: Vec<Invitation>,
}

/// The invitations
///
/// For administrators.
#[utoipa::path(get, path = "/v1/invitations", tag = "Administration",
    responses((status = 200, description = "The invitations", body = Invitations)),
    extensions(("x-errors" = json!(["FORBIDDEN"]))))]
async fn list_invitations(State(app): State<Arc<App>>, auth: Authenticated) -> ApiResult<Json<Invitations>> {
    let now = app.clock().now();
    let invitations = app.list_all_invitations(&auth.caller).await?.into_iter();
    Ok(Json(Invitations { invitations: invitations.map(|invitation| Invitation::of(invitation, now)).collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateInvitation {
    /// The only address that the invitation is good for. Without it, it is good for whoever has it.
    #[serde(default)]
    #[schema(format = "email", max_length = 255, example = "user@example.com")]
    email: Option<String>,
    /// The plan of the account. By default it is free.
    #[serde(default)]
    plan: Option<Plan>,
    /// In how many days it expires.
    #[serde(default, deserialize_with = "optional_integer")]
    #[schema(minimum = 1, maximum = 90, default = 7, example = 7)]
    expires_in_days: Option<i32>,
    /// Whether to send it to the address. Then nobody else sees its token, and using it verifies the address.
    #[serde(default)]
    #[schema(default = false, example = false)]
    send_mail: bool,
}

#[derive(Serialize, ToSchema)]
struct CreatedInvitation {
    invitation: Invitation,
    /// Its token, unless it was mailed. It is shown here and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "otpi_mQ3v0example")]
    token: Option<String>,
    /// The address of the page that makes the account, unless it was mailed. It has the token in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "https://sms.example.com/register#token=otpi_mQ3v0example")]
    link: Option<String>,
}

/// Invite somebody
///
/// To make an account. There can be 1,000 invitations, with those that expired within 30 days. For administrators.
#[utoipa::path(post, path = "/v1/invitations", tag = "Administration", request_body = CreateInvitation,
    responses((status = 201, description = "The invitation", body = CreatedInvitation)),
    extensions(("x-errors" = json!(["FORBIDDEN", "REGISTRATION_CLOSED", "EMAIL_TAKEN", "LIMIT_REACHED", "VALIDATION_ERROR"]))))]
async fn create_invitation(
    State(app): State<Arc<App>>,
    auth: Authenticated,
    JsonBody(body): JsonBody<CreateInvitation>,
) -> ApiResult<(StatusCode, Json<CreatedInvitation>)> {
    auth.caller.admin()?;
    let plan = body.plan.map(Into::into);
    let new = NewInvitation::new(body.email.as_deref(), plan, body.expires_in_days, body.send_mail)?;
    let invited = app.create_invitation(&auth.caller, &new).await?;
    let created = CreatedInvitation {
        invitation: Invitation::of(invited.invitation, app.clock().now()),
        token: invited.token.map(|token| token.expose_secret().to_owned()),
        link: invited.link.map(|link| link.expose_secret().to_owned()),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Take an invitation back
///
/// Or remove one that is over from the list. An account that was made with it stays. For administrators.
#[utoipa::path(delete, path = "/v1/invitations/{id}", tag = "Administration",
    params(("id" = i32, Path, description = "Invitation ID", example = 5)),
    responses((status = 200, description = "The invitation is gone", body = Done)),
    extensions(("x-errors" = json!(["INVALID_REQUEST", "FORBIDDEN", "NOT_FOUND"]))))]
async fn revoke_invitation(State(app): State<Arc<App>>, auth: Authenticated, id: PathId) -> ApiResult<Json<Done>> {
    app.revoke_invitation(&auth.caller, id.invitation()?).await?;
    Ok(Json(Done { message: "The invitation is gone" }))
}
