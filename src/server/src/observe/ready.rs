//! Whether the service may be sent work.

use std::time::Duration;

use crate::{
    keys::{Keys, Missing},
    service::{Fault, Service},
};

/// How long a probe waits for the database.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why not: what to say to a stranger. The log says more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// It was told to stop.
    #[error("the service is stopping")]
    Stopping,
    /// The database does not answer.
    #[error("the database does not answer")]
    Database,
    /// The head of the log is not on disk.
    #[error("the head of the audit log cannot be kept, so nothing is released")]
    Head,
    /// The keys that sign are not readable.
    #[error("the signing key cannot be read")]
    Keys,
}

impl Service {
    /// Whether the database answers, the head of the log is kept and grants can be signed.
    ///
    /// # Errors
    /// [`NotReady`], the first reason found.
    pub async fn readiness(&self) -> Result<(), NotReady> {
        if self.draining() {
            return Err(NotReady::Stopping);
        }
        let said = |why: NotReady| {
            move |fault: Fault| {
                tracing::warn!(%fault, "not ready: {why}");
                why
            }
        };
        let slow = |_| Fault::Store("no answer within two seconds".to_owned());
        let probed = tokio::time::timeout(PATIENCE, self.probe()).await.map_err(slow);
        probed.and_then(|probed| probed).map_err(said(NotReady::Database))?;
        let kept = tokio::time::timeout(PATIENCE, self.head_is_kept()).await.map_err(slow);
        kept.and_then(|kept| kept).map_err(said(NotReady::Head))?;
        let files = self.files().to_owned();
        let read = tokio::task::spawn_blocking(move || Keys::read(&files, Missing::Refuse).map(drop)).await;
        match read {
            Ok(Ok(())) => Ok(()),
            Ok(Err(fault)) => Err(said(NotReady::Keys)(Fault::Store(fault.to_string()))),
            Err(fault) => Err(said(NotReady::Keys)(Fault::Store(fault.to_string()))),
        }
    }
}
