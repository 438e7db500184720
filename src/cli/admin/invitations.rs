//! `otpwire admin invite` and what belongs to it: who may make an account.

use anyhow::Result;
use clap::Subcommand;
use secrecy::ExposeSecret;

use super::{
    super::{
        output::Output,
        terminal::{print_error_line, print_line},
    },
    desk::Desk,
    records,
};
use crate::{
    domain::{NewInvitation, NodeId, Plan},
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

pub(super) async fn run(desk: &Desk<'_>, command: InvitationCommand) -> Result<()> {
    let Desk { app, output, .. } = *desk;
    let now = app.clock().now();
    match command {
        InvitationCommand::Invite { email, plan, days, mail } => {
            let new = NewInvitation::new(email.as_deref(), Some(plan), Some(days), mail).map_err(operator_error)?;
            let invited = app.create_invitation_as_operator(&new).await.map_err(operator_error)?;
            let id = NodeId::Invitation(invited.invitation.id);
            let link = invited.link.or(invited.token).map(|link| link.expose_secret().to_owned());
            if output == Output::Json {
                let invitation = records::Invitation::of(invited.invitation, now);
                return output.show(&records::CreatedInvitation { link, invitation });
            }
            // Only the link goes to standard output, so that a script can take it from there.
            print_error_line(format_args!("invited: {id}"));
            link.map_or(Ok(()), print_line)
        }
        InvitationCommand::ListInvitations => {
            let invitations = app.list_invitations_as_operator().await.map_err(operator_error)?;
            output.list_all(invitations.into_iter().map(|one| records::Invitation::of(one, now)).collect())
        }
        InvitationCommand::RevokeInvitation { id } => {
            let id = NodeId::invitation("id", &id).map_err(operator_error)?;
            app.revoke_invitation_as_operator(id).await.map_err(operator_error)?;
            print_line(format_args!("{} is gone", NodeId::Invitation(id)))
        }
    }
}
