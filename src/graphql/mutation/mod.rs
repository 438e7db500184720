//! The mutation root, by subject. Each object merged in wraps the futures of all later ones once more, so there
//! are few.

mod access;
mod account;
mod credential;
mod lease;
mod message;
mod number;
mod otp_pattern;
mod payload;
mod provider;

use async_graphql::MergedObject;

/// What can be changed.
#[derive(Default, MergedObject)]
pub(super) struct Mutation(
    account::AccountMutation,
    credential::CredentialMutation,
    number::NumberMutation,
    message::MessageMutation,
    provider::ProviderMutation,
    otp_pattern::OtpPatternMutation,
    lease::LeaseMutation,
    access::AccessMutation,
);
