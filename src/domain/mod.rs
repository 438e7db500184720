//! Domain types: values and the rules that depend on nothing else. No I/O.
//!
//! In reading order:
//!
//! 1. [`Error`] and [`ErrorCode`]: how every use case fails; `id`: typed ids.
//! 2. `actor`, `user`, `session`, `email`, `registration`: who calls, with which credential, and who may get one.
//! 3. `phone`, `number`, `lease`, `pool`, `provider`: phone numbers, their rentals and leases, and the accounts at
//!    providers that they belong to.
//! 4. `channel`, `message`, `sender_block`, `report`, `report_reason`, `redacted`: what is received or refused, and
//!    what became of each webhook.
//! 5. [`otp`] and `pattern`: one-time codes, read by rules or by operators' patterns.
//! 6. `cursor`, `page`, `idempotency`: positions in inboxes and lists, pages, and repeated requests.
//! 7. `audit`, `stats`, `timeline`: what administrators see.
//! 8. `text`: what texts of users may contain.
//!
//! Parsers take the name of the field that they parse, for the error. `stored` constructors are for values from the
//! database, which are not validated again.

mod actor;
mod audit;
mod channel;
mod cursor;
mod email;
mod error;
mod error_code;
mod id;
mod idempotency;
mod lease;
mod message;
mod number;
pub mod otp;
mod page;
mod pattern;
mod phone;
mod pool;
mod provider;
mod redacted;
mod registration;
mod report;
mod report_reason;
mod sender_block;
mod session;
mod stats;
mod text;
mod timeline;
mod user;

pub use actor::{Actor, Administrator, Caller, Client, Credential, Operator};
pub use audit::{AuditAction, AuditEntry, AuditFilter};
pub use channel::Channel;
pub use cursor::{InboxCursor, ListCursor};
pub use email::Email;
pub use error::{Error, Result, StoreProblem};
pub use error_code::ErrorCode;
pub use id::{
    ApiKeyId, AssignmentId, AuditId, BlockedSenderId, InvitationId, LeaseId, MessageId, NodeId, NumberId, OtpPatternId,
    PoolId, ProviderId, ReportId, SessionId, TicketId, UserId,
};
pub use idempotency::IdempotencyKey;
pub use lease::{Acquired, Fence, Lease, LeaseEnd, LeaseSource, LeaseTtl, Ticket, WaitTime};
pub use message::{InboundSms, Media, Message, MessageFilter, MessageType, Part};
pub use number::{Assignment, Country, Number, NumberChoice, NumberFilter, NumberStatus, NumberToImport, RentalHours};
pub use otp::{Extraction, Link, LinkKind, Otp, Score, Service};
pub use page::{Connection, Edge, OffsetPage, PageRequest, Side};
pub use pattern::{CodePattern, CodePatterns, NewOtpPattern, OtpPattern, OtpPatternChange, PatternMatch};
pub use phone::{CountryCode, Msisdn, Sender};
pub use pool::{Cooldown, Label, NewPool, Pool, PoolChange, PoolName, PoolRule};
pub use provider::{NewProvider, ProviderAccount, ProviderChange, ProviderHealth, ProviderKind};
pub use redacted::Redacted;
pub use registration::{EmailDomain, Invitation, InvitationStatus, NewInvitation, RegistrationPolicy};
pub use report::{DeliveryReport, DeliveryState, ReportFilter, ReportKind, ReportStatus, StatusUpdate};
pub use report_reason::ReportReason;
pub use sender_block::{BlockedSender, BlockedSenders, NewBlockedSender, SenderPattern};
pub use session::{ApiKey, NewApiKey, Scope, Scopes, Session};
pub use stats::{NumberStats, Stats, UserStats, WebhookStats};
pub use text::{escape_for_terminal, escape_json_for_terminal, is_deceptive};
pub use timeline::{PassedStage, Stage, Timeline, milliseconds};
pub use user::{Plan, Role, User, UserChange, UserFilter};
