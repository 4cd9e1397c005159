//! Human sessions: 8 hours, 30 minutes idle. Who can be a human is the login's business; nothing a filter signs with
//! opens one.

use countersign_wire::digest::tagged;
use serde_json::json;

use super::{Channel, Fault, OpenedSession, Person, Proof, Service, Session, log};
use crate::{
    ids,
    store::session::{self, Row, Told},
};

const LIFE_MS: i64 = 8 * 60 * 60 * 1000;
pub(super) const IDLE_MS: i64 = 30 * 60 * 1000;
/// How often activity is written down.
const TOUCH_MS: i64 = 60 * 1000;

pub(super) fn digest(token: &str) -> String {
    tagged("countersign-session-v1\0", token.as_bytes())
}

/// A session that nobody has yet, and the row that keeps it.
pub(super) fn fresh(who: &Person, told: Told, now: i64) -> Result<(OpenedSession, Row), Fault> {
    let opened = OpenedSession { token: ids::token()?, csrf: ids::token()? };
    let person = serde_json::to_string(who).map_err(|error| Fault::Store(error.to_string()))?;
    let row = Row { person, csrf: opened.csrf.clone(), seen_at: now, expires_at: now + LIFE_MS, told };
    Ok((opened, row))
}

impl Service {
    /// Opens a session and records the login.
    ///
    /// # Errors
    /// [`Fault`], where it cannot be kept.
    pub async fn open_session(&self, who: &Person, channel: Channel) -> Result<OpenedSession, Fault> {
        let now = self.now_ms();
        let (opened, row) = fresh(who, Told::default(), now)?;
        let key = digest(&opened.token);
        let members = log::object(
            json!({"approvers": [{"iss": who.iss, "sub": who.sub, "channel": channel.as_str()}]}),
        );
        self.shared
            .store
            .write(move |tx| {
                Box::pin(async move {
                    session::insert(&mut tx.sql, &key, &row).await?;
                    log::record(&mut tx.sql, "approver.login", now, members).await
                })
            })
            .await?;
        Ok(opened)
    }

    /// The session behind a token, if it still lives; counts as activity.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn session(&self, token: &str) -> Result<Option<Session>, Fault> {
        let (now, key) = (self.now_ms(), digest(token));
        let mut sql = self.shared.store.read().acquire().await?;
        let row = session::get(&mut sql, &key).await?;
        let Some(row) = row.filter(|row| now < row.expires_at && now < row.seen_at + IDLE_MS) else {
            return Ok(None);
        };
        if now - row.seen_at > TOUCH_MS {
            self.shared
                .store
                .write(move |tx| Box::pin(async move { session::touch(&mut tx.sql, &key, now).await }))
                .await?;
        }
        let person = serde_json::from_str(&row.person).map_err(|_| Fault::Corrupt("a session".to_owned()))?;
        let proof = Proof { auth_time: row.told.auth_time, acr: row.told.acr };
        let session = Session { person, csrf: row.csrf, expires_at_ms: row.expires_at, proof };
        self.with_groups(&mut sql, session).await.map(Some)
    }

    /// What the sign-in of a session told of itself.
    pub(crate) async fn told(&self, token: &str) -> Result<Option<Told>, Fault> {
        let mut sql = self.shared.store.read().acquire().await?;
        Ok(session::get(&mut sql, &digest(token)).await?.map(|row| row.told))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be written.
    pub async fn close_session(&self, token: &str) -> Result<(), Fault> {
        let key = digest(token);
        self.shared
            .store
            .write(move |tx| Box::pin(async move { session::delete(&mut tx.sql, &key).await }))
            .await
    }
}
