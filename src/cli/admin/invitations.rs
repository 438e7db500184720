//! `otpwire admin invite` and what belongs to it: who may make an account.

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::Subcommand;
use secrecy::ExposeSecret;
use serde::Serialize;

use super::{
    super::{
        output::{Output, Record},
        terminal::{print_error_line, print_line},
    },
    context::CommandContext,
};
use crate::{
    domain::{self, NewInvitation, NodeId, Operator, Plan},
    server::operator_error,
};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum InvitationCommand {
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

pub(super) async fn run(cx: &CommandContext<'_>, command: InvitationCommand) -> Result<()> {
    let CommandContext { app, output, .. } = *cx;
    let now = app.clock().now();
    match command {
        InvitationCommand::Invite { email, plan, days, mail } => {
            let new = NewInvitation::new(email.as_deref(), Some(plan), Some(days), mail).map_err(operator_error)?;
            let invited = app.create_invitation(&Operator, &new).await.map_err(operator_error)?;
            let id = NodeId::Invitation(invited.invitation.id);
            let link = invited.link.or(invited.token).map(|link| link.expose_secret().to_owned());
            if output == Output::Json {
                let invitation = Invitation::of(invited.invitation, now);
                return output.show(&CreatedInvitation { link, invitation });
            }
            // Only the link goes to standard output, so that a script can take it from there.
            print_error_line(format_args!("invited: {id}"));
            link.map_or(Ok(()), print_line)
        }
        InvitationCommand::ListInvitations => {
            let invitations = app.list_all_invitations(&Operator).await.map_err(operator_error)?;
            output.list_all(invitations.into_iter().map(|one| Invitation::of(one, now)).collect())
        }
        InvitationCommand::RevokeInvitation { id } => {
            let id = NodeId::invitation("id", &id).map_err(operator_error)?;
            app.revoke_invitation(&Operator, id).await.map_err(operator_error)?;
            print_line(format_args!("{} is gone", NodeId::Invitation(id)))
        }
    }
}

/// An invitation to make an account, without its token.
#[derive(Serialize)]
struct Invitation {
    id: i32,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    plan: &'static str,
    is_mailed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<i32>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    used_by: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    used_at: Option<DateTime<Utc>>,
}

impl Record for Invitation {
    const COLUMNS: &'static [&'static str] =
        &["id", "status", "email", "plan", "is_mailed", "created_at", "expires_at", "used_at"];
}

impl Invitation {
    fn of(invitation: domain::Invitation, now: DateTime<Utc>) -> Self {
        Self {
            id: invitation.id.0,
            status: match invitation.status(now) {
                domain::InvitationStatus::Pending => "pending",
                domain::InvitationStatus::Used => "used",
                domain::InvitationStatus::Expired => "expired",
            },
            email: invitation.email,
            plan: invitation.plan.as_str(),
            is_mailed: invitation.is_mailed,
            created_by: invitation.created_by.map(|id| id.0),
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            used_by: invitation.used_by.map(|id| id.0),
            used_at: invitation.used_at,
        }
    }
}

/// An invitation that was just made, with its link, which is shown once.
#[derive(Serialize)]
struct CreatedInvitation {
    /// None if it was mailed.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    invitation: Invitation,
}

impl Record for CreatedInvitation {
    const COLUMNS: &'static [&'static str] = &["link"];
}
