//! What probes and those who look at numbers may read of the service.

use std::{path::Path, sync::atomic::Ordering, time::Instant};

use super::{Fault, Service, TaskView, Vote};
use crate::{observe::Metrics, service::Channel};

impl Service {
    /// The counts.
    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// From now on the service says that it is not ready; it goes on serving until [`Service::close`].
    pub fn drain(&self) {
        self.shared.draining.store(true, Ordering::SeqCst);
    }

    /// Whether it was told to stop.
    pub(crate) fn draining(&self) -> bool {
        self.shared.draining.load(Ordering::SeqCst)
    }

    pub(crate) fn files(&self) -> &Path {
        &self.shared.files
    }

    /// One read of the database, which counts what waits.
    pub(crate) async fn probe(&self) -> Result<i64, Fault> {
        let mut sql = self.shared.store.read().acquire().await?;
        Ok(sqlx::query_scalar("SELECT COUNT(*) FROM task WHERE status = 'pending'")
            .fetch_one(&mut *sql)
            .await?)
    }

    /// Whether a head over everything that is committed is on disk, or could be put there now.
    pub(crate) async fn head_is_kept(&self) -> Result<(), Fault> {
        self.anchored().await
    }

    /// The numbers as OpenMetrics text.
    pub(crate) async fn numbers(&self) -> Result<String, Fault> {
        let begun = Instant::now();
        let pending = self.probe().await?;
        let text = self.metrics().text(pending, begun.elapsed());
        text.map_err(|_| Fault::Store("the numbers could not be written".to_owned()))
    }

    /// Counts what a reviewer said.
    pub(super) fn count_decision(&self, channel: Channel, vote: &Vote, view: &TaskView) {
        let ended = view.decided_at_ms.map(|at| at - view.created_at_ms);
        self.metrics().decided(channel.as_str(), vote.choice.as_str(), ended);
    }
}
