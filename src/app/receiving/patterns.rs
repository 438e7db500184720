//! Operators' own code patterns, for messages that the built-in reader does not understand.

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
    /// Code patterns, ordered by id.
    pub async fn list_otp_patterns(
        &self,
        cx: &Caller,
        page: &PageRequest<ListCursor>,
    ) -> Result<Connection<ListCursor, OtpPattern>> {
        cx.admin()?;
        Ok(Connection::of(page, self.store.list_otp_patterns(page).await?))
    }

    /// The total of [`App::list_otp_patterns`].
    pub async fn count_otp_patterns(&self, cx: &Caller) -> Result<u64> {
        cx.admin()?;
        self.store.count_otp_patterns().await
    }

    /// Code patterns by id. Ids that do not exist are left out.
    pub async fn find_otp_patterns(&self, cx: &Caller, ids: &[OtpPatternId]) -> Result<Vec<OtpPattern>> {
        cx.admin()?;
        self.store.find_otp_patterns(ids).await
    }

    /// Tries a pattern on a text. Neither is stored.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a pattern that is not valid, or a text longer than what is searched.
    pub fn test_otp_pattern(&self, cx: &Caller, pattern: &str, text: &str) -> Result<Option<PatternMatch>> {
        cx.admin()?;
        if text.len() > CodePattern::SEARCHED {
            let most = format!("must have at most {} bytes, which is what is searched", CodePattern::SEARCHED);
            return Err(Error::invalid("text", most));
        }
        Ok(CodePattern::parse("pattern", pattern)?.find(text))
    }

    /// Adds a pattern. It applies to messages received from now on, on every replica within seconds.
    ///
    /// # Errors
    /// `NOT_FOUND` when the provider does not exist; `LIMIT_REACHED` when there are as many patterns as allowed.
    pub async fn create_otp_pattern(&self, cx: &Caller, new: &NewOtpPattern) -> Result<OtpPattern> {
        let actor = cx.admin()?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        if tx.lock_otp_patterns().await? >= NewOtpPattern::MAX {
            let full = format!("there are {} code patterns; delete one that is not needed", NewOtpPattern::MAX);
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
        self.receiving.code_readers.invalidate_patterns().await;
        Ok(pattern)
    }

    /// Changes a pattern, except which sender and provider it applies to. Takes effect on every replica within
    /// seconds.
    ///
    /// # Errors
    /// `NOT_FOUND`.
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
        self.receiving.code_readers.invalidate_patterns().await;
        Ok(pattern)
    }

    /// Deletes a pattern. Codes that were read with it stay.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn delete_otp_pattern(&self, cx: &Caller, id: OtpPatternId) -> Result<()> {
        let actor = cx.admin()?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        if !tx.delete_otp_pattern(id).await? {
            return Err(Error::not_found("code pattern"));
        }
        tx.insert_audit(audit(actor.user_id, AuditAction::OtpPatternDeleted, id, json!({})), now).await?;
        tx.commit().await?;
        self.receiving.code_readers.invalidate_patterns().await;
        Ok(())
    }
}

fn audit(actor: UserId, action: AuditAction, id: OtpPatternId, details: Value) -> NewAudit {
    NewAudit { actor_id: Some(actor), action, target: Some(NodeId::OtpPattern(id)), details }
}
