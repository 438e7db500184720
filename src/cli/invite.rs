//! `otpwire admin invite` and what belongs to it: who may make an account.

use anyhow::Result;
use clap::Subcommand;
use secrecy::ExposeSecret;

use super::{
    app::with_current_app,
    terminal::{print_error_line, print_line},
};
use crate::{
    app::App,
    clock::Clock,
    config::Config,
    domain::{Invitation, InvitationStatus, NewInvitation, NodeId, Plan},
    server::{RunningApp, operator_error},
};

#[derive(Debug, Subcommand)]
pub(super) enum InvitationCommand {
    /// Invite somebody to make an account. The link is printed once, and nowhere kept.
    Invite {
        /// The only address that the invitation is good for. Without it, it is good for whoever has it.
        #[arg(long)]
        email: Option<String>,
        /// The plan of the account: free or premium.
        #[arg(long, default_value = "free")]
        plan: Plan,
        /// In how many days it expires: 1 to 90.
        #[arg(long, default_value_t = NewInvitation::DEFAULT_DAYS)]
        days: i32,
        /// Send it to the address instead of printing it. Using it verifies the address.
        #[arg(long, requires = "email")]
        mail: bool,
    },
    /// List the invitations, the newest first, with those that expired within 30 days.
    ListInvitations,
    /// Take an invitation back, or remove one that is over from the list.
    RevokeInvitation {
        /// Its id, such as inv_5.
        id: String,
    },
}

pub(super) async fn run(config: &Config, command: InvitationCommand) -> Result<()> {
    with_current_app(config, async |running: &RunningApp| execute(&running.app, command).await).await
}

async fn execute(app: &App, command: InvitationCommand) -> Result<()> {
    match command {
        InvitationCommand::Invite { email, plan, days, mail } => {
            let new = NewInvitation::new(email.as_deref(), Some(plan), Some(days), mail).map_err(operator_error)?;
            let invited = app.create_invitation_as_operator(&new).await.map_err(operator_error)?;
            // Only the link goes to standard output, so that a script can take it from there.
            print_error_line(describe(&invited.invitation));
            match invited.link.or(invited.token) {
                Some(link) => print_line(link.expose_secret()),
                None => Ok(()),
            }
        }
        InvitationCommand::ListInvitations => {
            let invitations = app.list_invitations_as_operator().await.map_err(operator_error)?;
            invitations.iter().try_for_each(|invitation| print_line(describe(invitation)))
        }
        InvitationCommand::RevokeInvitation { id } => {
            let id = NodeId::invitation("id", &id).map_err(operator_error)?;
            app.revoke_invitation_as_operator(id).await.map_err(operator_error)?;
            print_line(format_args!("inv_{id} is gone"))
        }
    }
}

/// `inv_5 pending until 2026-03-08T12:00:00Z, free, for ada@example.com, by mail`
fn describe(invitation: &Invitation) -> String {
    let time = |time: chrono::DateTime<chrono::Utc>| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let state = match (invitation.status(Clock::System.now()), invitation.used_by, invitation.used_at) {
        (InvitationStatus::Used, Some(user), Some(at)) => format!("used by usr_{user} at {}", time(at)),
        (InvitationStatus::Expired, ..) => format!("expired at {}", time(invitation.expires_at)),
        _ => format!("pending until {}", time(invitation.expires_at)),
    };
    let email = invitation.email.as_ref().map(|email| format!(", for {email}")).unwrap_or_default();
    let mail = if invitation.is_mailed { ", by mail" } else { "" };
    format!("{} {state}, {}{email}{mail}", NodeId::Invitation(invitation.id), invitation.plan.as_str())
}
