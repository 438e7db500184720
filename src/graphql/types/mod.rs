//! What the roots answer: GraphQL types that wrap values of the domain.

mod loaders;
mod message;
mod number;
mod scalars;
mod session;
mod user;

use async_graphql::{ID, Interface};

pub(super) use loaders::Loaders;
pub(super) use message::{MessageConnection, MessageFilterInput, MessageType, MessageView, connect_messages};
pub(super) use number::{
    CountryView, NumberConnection, NumberFilterInput, NumberView, connect_numbers, list_messages, page_size,
};
pub(super) use scalars::Int64;
pub(super) use session::{ApiKeyScope, ApiKeyView, SessionView};
pub(super) use user::{UserPlan, UserRole, UserView};

/// Anything with an id of its own.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The id, unique over everything: `usr_3`, `num_7`, `msg_42`, `ses_5`, `key_2`."
))]
pub(super) enum Node {
    User(UserView),
    PhoneNumber(NumberView),
    Message(MessageView),
    Session(SessionView),
    ApiKey(ApiKeyView),
}
