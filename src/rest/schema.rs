//! What the REST API reads and writes, as the specification names it (3.1).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{app::accounts::SignedIn, domain};

/// What a user may do.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(example = "user")]
pub(super) enum Role {
    User,
    Admin,
}

/// An account.
#[derive(Serialize, ToSchema)]
pub(super) struct User {
    #[schema(example = 123)]
    pub(super) id: i32,
    /// In lower case.
    #[schema(format = "email", example = "user@example.com")]
    pub(super) email: String,
    #[schema(example = "John")]
    pub(super) first_name: Option<String>,
    #[schema(example = "Doe")]
    pub(super) last_name: Option<String>,
    pub(super) role: Role,
    /// What they pay for: how many numbers at once, and how many requests a minute.
    pub(super) plan: Plan,
    #[schema(example = true)]
    pub(super) is_active: bool,
    #[schema(example = true)]
    pub(super) email_verified: bool,
    #[schema(example = "2024-01-01T00:00:00Z")]
    pub(super) created_at: DateTime<Utc>,
    #[schema(example = "2024-01-01T12:00:00Z")]
    pub(super) last_login: Option<DateTime<Utc>>,
}

/// What a user pays for.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(example = "free")]
pub(super) enum Plan {
    Free,
    Premium,
}

impl From<&domain::User> for User {
    fn from(user: &domain::User) -> Self {
        Self {
            id: user.id.0,
            email: user.email.clone(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            role: match user.role {
                domain::Role::User => Role::User,
                domain::Role::Admin => Role::Admin,
            },
            plan: match user.plan {
                domain::Plan::Free => Plan::Free,
                domain::Plan::Premium => Plan::Premium,
            },
            is_active: user.is_active,
            email_verified: user.email_verified,
            created_at: user.created_at,
            last_login: user.last_login,
        }
    }
}

/// What a number can be used for now.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(example = "assigned")]
pub(super) enum NumberStatus {
    /// It can be rented.
    Available,
    /// Somebody has rented it.
    Assigned,
    /// Its rental is over and it cools down.
    Expired,
    /// An administrator took it out of use.
    Blocked,
}

impl From<domain::NumberStatus> for NumberStatus {
    fn from(status: domain::NumberStatus) -> Self {
        match status {
            domain::NumberStatus::Available => Self::Available,
            domain::NumberStatus::Assigned => Self::Assigned,
            domain::NumberStatus::Expired => Self::Expired,
            domain::NumberStatus::Blocked => Self::Blocked,
        }
    }
}

impl From<NumberStatus> for domain::NumberStatus {
    fn from(status: NumberStatus) -> Self {
        match status {
            NumberStatus::Available => Self::Available,
            NumberStatus::Assigned => Self::Assigned,
            NumberStatus::Expired => Self::Expired,
            NumberStatus::Blocked => Self::Blocked,
        }
    }
}

/// A number that the platform owns.
#[derive(Serialize, ToSchema)]
pub(super) struct PhoneNumber {
    #[schema(example = 123)]
    pub(super) id: i32,
    /// E.164, or a short code.
    #[schema(example = "+1234567890")]
    pub(super) phone_number: String,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "US")]
    pub(super) country_code: String,
    pub(super) status: NumberStatus,
    /// When the rental began, while it is rented.
    #[schema(example = "2024-01-01T12:00:00Z")]
    pub(super) assigned_at: Option<DateTime<Utc>>,
    /// When the rental ends, while it is rented.
    #[schema(example = "2024-01-01T13:00:00Z")]
    pub(super) expires_at: Option<DateTime<Utc>>,
    #[schema(example = "2024-01-01T00:00:00Z")]
    pub(super) created_at: DateTime<Utc>,
}

impl From<domain::Number> for PhoneNumber {
    fn from(number: domain::Number) -> Self {
        Self {
            id: number.id.0,
            phone_number: number.phone_number.as_str().to_owned(),
            country_code: number.country_code.as_str().to_owned(),
            status: number.status.into(),
            assigned_at: number.assigned_at,
            expires_at: number.expires_at,
            created_at: number.created_at,
        }
    }
}

/// What a message is for.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(example = "otp")]
pub(super) enum MessageType {
    /// Anything.
    Sms,
    /// It carries a one-time code.
    Otp,
    /// It asks to confirm something, without a code.
    Verification,
}

impl From<domain::MessageType> for MessageType {
    fn from(kind: domain::MessageType) -> Self {
        match kind {
            domain::MessageType::Sms => Self::Sms,
            domain::MessageType::Otp => Self::Otp,
            domain::MessageType::Verification => Self::Verification,
        }
    }
}

impl From<MessageType> for domain::MessageType {
    fn from(kind: MessageType) -> Self {
        match kind {
            MessageType::Sms => Self::Sms,
            MessageType::Otp => Self::Otp,
            MessageType::Verification => Self::Verification,
        }
    }
}

/// A message in your inbox.
#[derive(Serialize, ToSchema)]
pub(super) struct Message {
    #[schema(example = 456)]
    pub(super) id: i64,
    /// The number that it was sent to.
    #[schema(example = 123)]
    pub(super) phone_number_id: i32,
    /// That number: E.164, or a short code.
    #[schema(example = "+1234567890")]
    pub(super) phone_number: String,
    /// Who sent it: a number, a short code, or a name.
    #[schema(example = "+1987654321")]
    pub(super) sender_number: String,
    #[schema(example = "Your verification code is 123456")]
    pub(super) message_content: String,
    pub(super) message_type: MessageType,
    #[schema(example = "2024-01-01T12:30:00Z")]
    pub(super) received_at: DateTime<Utc>,
    #[schema(example = false)]
    pub(super) is_read: bool,
    /// The one-time code that it carries, if it was found to carry one: then its type is `otp`.
    pub(super) otp: Option<OneTimeCode>,
    /// The files that came with it, where the provider keeps them.
    pub(super) media: Vec<Media>,
}

/// A one-time code, as it was read from the text of a message.
#[derive(Serialize, ToSchema)]
pub(super) struct OneTimeCode {
    /// The code as one types it: ASCII digits and letters, without spaces and dashes.
    #[schema(max_length = 32, example = "123456")]
    code: String,
    /// Whose code it is, as the text spells it, where it says so.
    #[schema(max_length = 100, example = "GitHub")]
    service: Option<String>,
    /// How sure it is that this is the code.
    #[schema(minimum = 0, maximum = 1, example = 0.97)]
    score: f64,
}

impl From<&domain::Otp> for OneTimeCode {
    fn from(otp: &domain::Otp) -> Self {
        Self { code: otp.code.clone(), service: otp.service.clone(), score: otp.score.as_fraction() }
    }
}

/// A file that came with a message. It stays where the provider keeps it.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageMedia)]
pub(super) struct Media {
    /// Where the provider has it. Reading it may need the credentials of the platform's account there.
    #[schema(example = "https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME0")]
    url: String,
    /// Its type, where the provider says so.
    #[schema(example = "image/jpeg")]
    content_type: Option<String>,
}

impl From<&domain::Media> for Media {
    fn from(media: &domain::Media) -> Self {
        Self { url: media.url.clone(), content_type: media.content_type.clone() }
    }
}

impl From<&domain::Message> for Message {
    fn from(message: &domain::Message) -> Self {
        Self {
            id: message.id.0,
            phone_number_id: message.phone_number_id.0,
            phone_number: message.phone_number.as_str().to_owned(),
            sender_number: message.sender_number.as_str().to_owned(),
            message_content: message.message_content.clone(),
            message_type: message.message_type.into(),
            received_at: message.received_at,
            is_read: message.is_read,
            otp: message.otp.as_ref().map(Into::into),
            media: message.media.iter().map(Into::into).collect(),
        }
    }
}

/// What went wrong.
#[derive(Serialize, ToSchema)]
pub(super) struct Error {
    /// A title for people.
    #[schema(example = "Validation Error")]
    error: String,
    /// What is wrong, and what would be right.
    #[schema(example = "limit: must be from 1 to 100")]
    message: String,
    /// What went wrong, for programs: one of a closed set.
    #[schema(example = "VALIDATION_ERROR")]
    code: String,
    /// More about it: `field` and `issue` where one value is wrong, `retry_after` in seconds where
    /// waiting helps.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    details: serde_json::Value,
    #[schema(example = "2024-01-01T12:00:00Z")]
    timestamp: DateTime<Utc>,
    /// The same as in the `X-Request-Id` header. Tell it to the operator.
    #[schema(example = "req_123456789")]
    request_id: String,
}

/// It is done.
#[derive(Serialize, ToSchema)]
pub(super) struct Done {
    /// A sentence for people.
    #[schema(example = "Done")]
    pub(super) message: &'static str,
}

/// You are signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct Tokens {
    /// Send it as `Authorization: Bearer …`.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...")]
    pub(super) access_token: String,
    /// Gets the next access token, and its own successor. It stays good until the successor is used.
    #[schema(example = "otpr_AAAAB3x0YWtlIHRoaXMgZm9yIGFuIGV4YW1wbGU")]
    pub(super) refresh_token: String,
    /// In how many seconds the access token ends.
    #[schema(example = 3600)]
    pub(super) expires_in: i64,
}

/// You are signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct LoggedIn {
    #[serde(flatten)]
    pub(super) tokens: Tokens,
    pub(super) user: User,
}

impl Tokens {
    pub(super) fn of(signed_in: &SignedIn, now: DateTime<Utc>) -> Self {
        use secrecy::ExposeSecret;

        Self {
            access_token: signed_in.access_token.clone(),
            refresh_token: signed_in.refresh_token.expose_secret().to_owned(),
            expires_in: signed_in.expires_in(now),
        }
    }
}

impl LoggedIn {
    pub(super) fn of(signed_in: &SignedIn, now: DateTime<Utc>) -> Self {
        Self { tokens: Tokens::of(signed_in, now), user: User::from(&*signed_in.user) }
    }
}
