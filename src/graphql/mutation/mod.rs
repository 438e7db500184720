//! The mutation root.

mod account;
mod message;
mod number;
mod pattern;
mod provider;

use async_graphql::MergedObject;

/// What can be changed.
#[derive(Default, MergedObject)]
pub(super) struct Mutation(
    account::AccountMutation,
    number::NumberMutation,
    message::MessageMutation,
    provider::ProviderMutation,
    pattern::OtpPatternMutation,
);
