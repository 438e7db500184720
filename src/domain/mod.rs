//! Nouns: pure values and the rules that need nothing but the values themselves. No I/O.

mod actor;
mod cursor;
mod email;
mod error;
mod id;
mod message;
mod number;
mod page;
mod phone;
mod provider;
mod session;
mod user;

pub use actor::{Actor, Caller, Client, Credential};
pub use cursor::{InboxCursor, ListCursor};
pub use email::Email;
pub use error::{Code, Error, Result};
pub use id::{ApiKeyId, AssignmentId, MessageId, NodeId, NumberId, ProviderId, SessionId, UserId};
pub use message::{InboundSms, Message, MessageFilter, MessageType};
pub use number::{Assignment, Country, Number, NumberFilter, NumberStatus, RentalHours, Wanted};
pub use page::{Connection, Edge, Offset, PageRequest, Side};
pub use phone::{CountryCode, Msisdn, Sender};
pub use provider::{ProviderAccount, ProviderKind};
pub use session::{ApiKey, NewApiKey, Scope, Scopes, Session};
pub use user::{Plan, Role, User, UserChange};
