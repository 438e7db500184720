//! Operators' own patterns of codes, for messages that the built-in reader does not understand.

use serde_json::{Value, json};

use crate::{
    app::App,
    domain::{
        AuditAction, Caller, CodePattern, Connection, Error, ErrorCode, ListCursor, NewOtpPattern, NodeId, OtpPattern,
        OtpPatternChange, OtpPatternId, PageRequest, PatternMatch, Result, UserId,
    },
    store::NewAudit,
};

impl App {
    /// The patterns of codes, by id.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator.
    pub async fn list_otp_patterns(
        &self,
        cx: &Caller,
        page: &PageRequest<ListCursor>,
    ) -> Result<Connection<ListCursor, OtpPattern>> {
        cx.admin()?;
        Ok(Connection::of(page, self.store.list_otp_patterns(page).await?))
    }

    /// How many patterns [`App::list_otp_patterns`] has in all.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator.
    pub async fn count_otp_patterns(&self, cx: &Caller) -> Result<u64> {
        cx.admin()?;
        self.store.count_otp_patterns().await
    }

    /// Patterns by their ids; one that is not there is left out.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator.
    pub async fn find_otp_patterns(&self, cx: &Caller, ids: &[OtpPatternId]) -> Result<Vec<OtpPattern>> {
        cx.admin()?;
        self.store.find_otp_patterns(ids).await
    }

    /// What a pattern finds in a text. Nothing is kept of either.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator; `VALIDATION_ERROR` for a pattern that could
    /// not be added, or a text that would not be searched to its end.
    pub fn test_otp_pattern(&self, cx: &Caller, pattern: &str, text: &str) -> Result<Option<PatternMatch>> {
        cx.admin()?;
        if text.len() > CodePattern::SEARCHED {
            let most = format!("must have at most {} bytes, which is what is searched", CodePattern::SEARCHED);
            return Err(Error::invalid("text", most));
        }
        Ok(CodePattern::parse("pattern", pattern)?.find(text))
    }

    /// Adds a pattern. Messages that come from now on are read with it: on every replica within seconds.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator; `NOT_FOUND` when there is no such provider;
    /// `LIMIT_REACHED` when there are as many patterns as there can be.
    pub async fn create_otp_pattern(&self, cx: &Caller, new: &NewOtpPattern) -> Result<OtpPattern> {
        let actor = cx.admin()?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        if tx.lock_otp_patterns().await? >= NewOtpPattern::MAX {
            let full = format!("there are {} patterns of codes; delete one that is not needed", NewOtpPattern::MAX);
            return Err(Error::new(ErrorCode::LimitReached, full));
        }
        let pattern = tx.insert_otp_pattern(new, now).await?;
        let details = json!({
            "provider_id": pattern.provider_id,
            "sender": pattern.sender,
            "is_active": pattern.is_active,
        });
        tx.insert_audit(audit(actor.user_id, AuditAction::OtpPatternCreated, pattern.id, details), now).await?;
        tx.commit().await?;
        self.receiving.code_readers.forget_patterns().await;
        Ok(pattern)
    }

    /// Changes a pattern. Whose messages it is for stays. Every replica goes by it within seconds.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator; `NOT_FOUND`.
    pub async fn update_otp_pattern(
        &self,
        cx: &Caller,
        id: OtpPatternId,
        change: &OtpPatternChange,
    ) -> Result<OtpPattern> {
        let actor = cx.admin()?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let pattern = tx.change_otp_pattern(id, change, now).await?;
        let details = json!({
            "pattern_changed": change.pattern.is_some(),
            "service_changed": change.service.is_some(),
            "is_active": change.is_active,
        });
        tx.insert_audit(audit(actor.user_id, AuditAction::OtpPatternUpdated, id, details), now).await?;
        tx.commit().await?;
        self.receiving.code_readers.forget_patterns().await;
        Ok(pattern)
    }

    /// Deletes a pattern. What was read with it stays as it was read.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` or `FORBIDDEN` for whoever is no administrator; `NOT_FOUND`.
    pub async fn delete_otp_pattern(&self, cx: &Caller, id: OtpPatternId) -> Result<()> {
        let actor = cx.admin()?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        if !tx.delete_otp_pattern(id).await? {
            return Err(Error::not_found("pattern of codes"));
        }
        tx.insert_audit(audit(actor.user_id, AuditAction::OtpPatternDeleted, id, json!({})), now).await?;
        tx.commit().await?;
        self.receiving.code_readers.forget_patterns().await;
        Ok(())
    }
}

fn audit(actor: UserId, action: AuditAction, id: OtpPatternId, details: Value) -> NewAudit {
    NewAudit { actor_id: Some(actor), action, target: Some(NodeId::OtpPattern(id)), details }
}
