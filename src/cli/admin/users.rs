//! Users.

use anyhow::Result;
use clap::Subcommand;

use super::{
    super::{output::Paging, terminal::read_new_password},
    context::CommandContext,
    records,
};
use crate::{
    app::accounts::Registration,
    domain::{Error, NodeId, Operator, Plan, Role, User, UserChange, UserFilter},
    server::operator_error,
};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum UserCommand {
    /// Make an account. The password is asked for twice, or read from standard input.
    CreateUser {
        /// The e-mail address.
        #[arg(long)]
        email: String,
        /// user or admin.
        #[arg(long, default_value = "user")]
        role: Role,
        /// Given name.
        #[arg(long)]
        first_name: Option<String>,
        /// Family name.
        #[arg(long)]
        last_name: Option<String>,
    },
    /// List users.
    ListUsers {
        /// Only those whose address contains this.
        #[arg(long)]
        email: Option<String>,
        /// Only these: user or admin.
        #[arg(long)]
        role: Option<Role>,
        /// Only those who pay for this: free or premium.
        #[arg(long)]
        plan: Option<Plan>,
        /// Only those who may sign in (true), or may not (false).
        #[arg(long)]
        active: Option<bool>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Show a user.
    ShowUser {
        /// The e-mail address, or the id.
        user: String,
    },
    /// Change what a user may do, what they pay for, and whether they may sign in. What is left out stays.
    UpdateUser {
        /// The e-mail address.
        #[arg(long)]
        email: String,
        /// user or admin.
        #[arg(long)]
        role: Option<Role>,
        /// free or premium.
        #[arg(long)]
        plan: Option<Plan>,
        /// true or false. Whoever may not sign in loses what they have open, within seconds.
        #[arg(long)]
        active: Option<bool>,
    },
    /// Set a new password of a user. It is asked for twice, or read from standard input. Their sessions end, and their
    /// API keys.
    ResetPassword {
        /// The e-mail address, or the id.
        user: String,
        /// Leave the API keys.
        #[arg(long)]
        keep_api_keys: bool,
    },
}

pub(super) async fn run(cx: &CommandContext<'_>, command: UserCommand) -> Result<()> {
    let CommandContext { app, output, .. } = *cx;
    match command {
        UserCommand::CreateUser { email, role, first_name, last_name } => {
            let password = read_new_password()?;
            let registration = Registration { email, password, first_name, last_name };
            let user = app.create_user(registration, role).await.map_err(operator_error)?;
            let sentence = format!("created usr_{} {} ({})", user.id, user.email, user.role.as_str());
            output.report(&records::User::from(&user), format_args!("{sentence}"))
        }
        UserCommand::ListUsers { email, role, plan, active, paging } => {
            let filter = UserFilter { email_contains: email, role, plan, is_active: active };
            let records = |users: Vec<User>| users.iter().map(records::User::from).collect::<Vec<_>>();
            output
                .list(
                    paging,
                    async |page| app.list_users(&Operator, &filter, page).await,
                    async |users| Ok(records(users)),
                )
                .await
        }
        UserCommand::ShowUser { user } => output.show(&records::User::from(&find(cx, &user).await?)),
        UserCommand::UpdateUser { email, role, plan, active } => {
            let change = UserChange { role, plan, is_active: active };
            let user = app.get_user_by_email(&Operator, &email).await.map_err(operator_error)?;
            let user = app.update_user(&Operator, user.id, change).await.map_err(operator_error)?;
            let state = if user.is_active { "active" } else { "deactivated" };
            let sentence =
                format!("usr_{} {} ({}, {}, {state})", user.id, user.email, user.role.as_str(), user.plan.as_str());
            output.report(&records::User::from(&user), format_args!("{sentence}"))
        }
        UserCommand::ResetPassword { user, keep_api_keys } => {
            let user = find(cx, &user).await?;
            let password = read_new_password()?;
            let set = app.set_password(&Operator, user.id, password, keep_api_keys).await;
            let user = set.map_err(operator_error)?;
            let ended = if keep_api_keys { "sessions" } else { "sessions and API keys" };
            let sentence = format!("usr_{} {} has the new password; their {ended} have ended", user.id, user.email);
            output.report(&records::User::from(&user), format_args!("{sentence}"))
        }
    }
}

/// The user with an e-mail address or an id.
pub(super) async fn find(cx: &CommandContext<'_>, named: &str) -> Result<User> {
    let found = async {
        if named.contains('@') {
            return cx.app.get_user_by_email(&Operator, named).await;
        }
        let id = NodeId::user("user", named)
            .map_err(|_| Error::invalid("user", "must be an e-mail address, or an id such as usr_3"))?;
        cx.app.find_users(&Operator, &[id]).await?.pop().ok_or_else(|| Error::not_found("user"))
    };
    found.await.map_err(operator_error)
}
