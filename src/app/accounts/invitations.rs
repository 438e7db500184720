//! Invitations: administrators let somebody make an account.
//!
//! The token is 256 random bits of which only the digest is stored. It is shown once to whoever makes the invitation,
//! or mailed to its address and shown to nobody, so that using it proves the address.

use secrecy::SecretString;
use serde_json::{Value, json};

use super::secrets::{digest, generate};
use crate::{
    app::App,
    domain::{
        Administrator, AuditAction, Caller, Connection, Error, ErrorCode, Invitation, InvitationId, ListCursor,
        NewInvitation, NodeId, PageRequest, RegistrationPolicy, Result, UserId,
    },
    store::NewAudit,
};

/// The beginning of every token.
const PREFIX: &str = "otpi_";

/// An invitation that was made, and what to give to whom it is for.
#[derive(Debug)]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// Its token, unless it was mailed.
    pub token: Option<SecretString>,
    /// The address of the page that reads the token, unless it was mailed.
    pub link: Option<SecretString>,
}

impl App {
    /// Invites somebody to make an account.
    ///
    /// # Errors
    /// `REGISTRATION_CLOSED` when nobody may make an account, also with an invitation; `EMAIL_TAKEN`; `LIMIT_REACHED`
    /// when there are as many as allowed; `VALIDATION_ERROR` for one by mail where none is sent; `UNAVAILABLE` when too
    /// much mail waits.
    pub async fn create_invitation(&self, cx: &dyn Administrator, new: &NewInvitation) -> Result<Invited> {
        let by = cx.administrator()?;
        if self.settings.registration == RegistrationPolicy::Closed {
            let message = "registration is closed, also to those who are invited; set registration to invite";
            return Err(Error::new(ErrorCode::RegistrationClosed, message).with("registration", "closed"));
        }
        if new.is_mailed && !self.accounts.mail_queue.is_mail_sent() {
            return Err(Error::invalid("send_mail", "this server sends no mail; pass on the link instead"));
        }
        if let Some(email) = &new.email
            && self.store.find_login(email).await?.is_some()
        {
            let message = "an account with this e-mail address exists";
            return Err(Error::new(ErrorCode::EmailTaken, message).with("field", "email"));
        }
        let token = generate(PREFIX, &self.random);
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        if tx.lock_invitations().await? >= NewInvitation::MAX {
            let message = format!("there are {} invitations; take back those that are over", NewInvitation::MAX);
            return Err(Error::new(ErrorCode::LimitReached, message).with("limit", NewInvitation::MAX));
        }
        let invitation = tx.insert_invitation(by, new, &digest(&token), now).await?;
        // Whom it is for is personal, and the log is kept for longer than the invitation.
        let details = json!({
            "plan": new.plan.as_str(),
            "is_bound": new.email.is_some(),
            "is_mailed": new.is_mailed,
            "expires_at": invitation.expires_at,
        });
        tx.insert_audit(audit(by, AuditAction::InvitationCreated, invitation.id, details), now).await?;
        if let (true, Some(email)) = (new.is_mailed, &new.email) {
            // Before the commit: an invitation that nobody gets is none.
            self.accounts.mail_queue.send_invitation(email.clone(), token.into(), invitation.expires_at)?;
            tx.commit().await?;
            return Ok(Invited { invitation, token: None, link: None });
        }
        tx.commit().await?;
        let link = self.settings.mail_links.invitation.as_ref().map(|link| link.replace("{token}", &token).into());
        Ok(Invited { invitation, token: Some(token.into()), link })
    }

    /// Invitations, newest first. Those that have expired are kept for 30 days.
    pub async fn list_invitations(
        &self,
        cx: &Caller,
        page: &PageRequest<ListCursor>,
    ) -> Result<Connection<ListCursor, Invitation>> {
        cx.admin()?;
        Ok(Connection::of(page, self.store.list_invitations(page).await?))
    }

    /// The total of [`App::list_invitations`].
    pub async fn count_invitations(&self, cx: &Caller) -> Result<u64> {
        cx.admin()?;
        self.store.count_invitations().await
    }

    /// Every invitation, newest first.
    pub async fn list_all_invitations(&self, cx: &dyn Administrator) -> Result<Vec<Invitation>> {
        cx.administrator()?;
        self.store.list_all_invitations().await
    }

    /// Invitations by id. Ids that do not exist are left out.
    pub async fn find_invitations(&self, cx: &Caller, ids: &[InvitationId]) -> Result<Vec<Invitation>> {
        cx.admin()?;
        self.store.find_invitations(ids).await
    }

    /// Takes an invitation back, or removes one that is over from the list. An account that was made with it stays.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn revoke_invitation(&self, cx: &dyn Administrator, id: InvitationId) -> Result<()> {
        let by = cx.administrator()?;
        let tx = self.store.begin().await?;
        if !tx.delete_invitation(id).await? {
            return Err(Error::not_found("invitation"));
        }
        tx.insert_audit(audit(by, AuditAction::InvitationRevoked, id, json!({})), self.clock.now()).await?;
        tx.commit().await
    }
}

fn audit(by: Option<UserId>, action: AuditAction, id: InvitationId, details: Value) -> NewAudit {
    NewAudit { actor_id: by, action, target: Some(NodeId::Invitation(id)), details }
}
