//! Serving a database that was put back from a copy, once the operator says that they know.
//!
//! Promises: nothing that was granted before can be used any more; whatever waited or was granted when the copy was made, and
//! may have been executed since, is of unknown outcome, so the same request is not approved again before somebody has looked.
//! All of it is on record, in a chain of its own that begins here. What was asked after the copy was made is not known.

use serde_json::json;

use super::{
    Fault, Revoked, RevokedWhy, Service, StartError, Status, Why, log, outcome,
    report::{End, finish},
    revoke,
};
use crate::store::{Tx, leaf, session, task};

/// What to do where the log is shorter than a head that was signed over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restored {
    /// Do not start.
    Refuse,
    /// Void what might be used again, and go on.
    Accept,
}

/// How far behind the log is.
#[derive(Clone, Debug)]
pub(super) struct Behind {
    /// Records in the log.
    pub(super) size: u64,
    /// Records that a head was signed over; the same where nothing shows that it was put back.
    pub(super) signed: u64,
}

impl Service {
    /// Voids what might be used again, and anchors the log as it is now.
    pub(super) async fn accept_restored(&self, behind: Behind) -> Result<(), StartError> {
        let now = self.now_ms();
        let broken = |fault: Fault| StartError(format!("cannot accept the restored database: {fault}"));
        let counts =
            self.shared.store.write(move |tx| Box::pin(void(tx, behind, now))).await.map_err(broken)?;
        tracing::warn!(
            grants = counts.grants,
            pending = counts.pending,
            "the restored database was accepted"
        );
        self.keep_head().await.map_err(broken)
    }
}

struct Counts {
    grants: usize,
    pending: usize,
}

async fn void(tx: &mut Tx, behind: Behind, now: i64) -> Result<Counts, Fault> {
    // What was good when the copy was made may have been used since, even if it is over by now.
    let then = leaf::latest(&mut tx.sql).await?.unwrap_or(now).min(now);
    let grants = crate::store::revoke::live(&mut tx.sql, then).await?;
    let pending = task::pending(&mut tx.sql).await?;
    leaf::forget_checkpoints_after(&mut tx.sql, crate::store::signed(behind.size)?).await?;
    let members = json!({
        "log_size": behind.size, "signed_size": behind.signed, "grants": grants.len(), "pending": pending.len(),
    });
    log::begin_anew(&mut tx.sql, now).await?;
    log::record(&mut tx.sql, "admin.restored", now, log::object(members)).await?;
    for grant in &grants {
        let row = task::get(&mut tx.sql, &grant.task).await?;
        let row = row.ok_or_else(|| Fault::Corrupt(format!("grant `{}` has no task", grant.jti)))?;
        let why = RevokedWhy::Restored;
        let revoked = Revoked { why, by: None, reason: String::new(), at_ms: now };
        revoke::one(tx, &row, grant, &revoked, None).await?;
        outcome::unknown(tx, &row, Why::Restored, now).await?;
    }
    for row in &pending {
        let mut members = log::about(row);
        members.insert("reason_code".to_owned(), Why::Restored.as_str().into());
        let leaf = log::record(&mut tx.sql, "approval.cancelled", now, members).await?;
        let told = "withdrawn: the approval service was put back from a backup";
        finish(tx, row, End { status: Status::Cancelled, told, leaf, now }).await?;
        outcome::unknown(tx, row, Why::Restored, now).await?;
    }
    session::delete_all(&mut tx.sql).await?;
    Ok(Counts { grants: grants.len(), pending: pending.len() })
}
