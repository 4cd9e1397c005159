//! What Envoy's stats show.
//!
//! `wasmcustom.countersign_calls_total.verdict.<verdict>`, a gauge of held calls, a histogram of hold times in milliseconds,
//! and a gauge of audit records that the approval service has not acknowledged. With a `stats_tags` regex on
//! `verdict\.(\w+)` the verdict becomes a label (see `envoy/README.md`).

use crate::host::{self, Kind};
use countersign_core::session::{Measure, Verdict};

const VERDICTS: [Verdict; 9] = [
    Verdict::Released,
    Verdict::HandedOff,
    Verdict::Blocked,
    Verdict::Denied,
    Verdict::Expired,
    Verdict::Unavailable,
    Verdict::Invalid,
    Verdict::Abandoned,
    Verdict::Withheld,
];

/// The ids of our metrics. One that the host would not define is not counted; nothing else depends on it.
#[derive(Debug)]
pub(crate) struct Metrics {
    passed: Option<u32>,
    verdicts: Vec<(Verdict, u32)>,
    holding: Option<u32>,
    hold_ms: Option<u32>,
    unacknowledged: Option<u32>,
}

impl Metrics {
    pub(crate) fn define() -> Self {
        let counter = |verdict: &str| {
            host::define_metric(Kind::Counter, &format!("countersign_calls_total.verdict.{verdict}")).ok()
        };
        Self {
            passed: counter("passed"),
            verdicts: VERDICTS.into_iter().filter_map(|v| Some((v, counter(v.as_str())?))).collect(),
            holding: host::define_metric(Kind::Gauge, "countersign_holding").ok(),
            hold_ms: host::define_metric(Kind::Histogram, "countersign_hold_ms").ok(),
            unacknowledged: host::define_metric(Kind::Gauge, "countersign_records_unacknowledged").ok(),
        }
    }

    pub(crate) fn count(&self, measure: Measure) {
        match measure {
            Measure::HoldBegins => add(self.holding, 1),
            Measure::HoldEnds(ms, verdict) => {
                add(self.holding, -1);
                add(self.of(verdict), 1);
                if let Some(id) = self.hold_ms {
                    host::record_metric(id, ms).unwrap_or_default();
                }
            }
            Measure::Refused(verdict) => add(self.of(verdict), 1),
        }
    }

    /// Calls that passed since the last time; counted in the VM, so that a pass costs no host call.
    pub(crate) fn passed(&self, calls: u64) {
        if calls > 0 {
            add(self.passed, i64::try_from(calls).unwrap_or(i64::MAX));
        }
    }

    /// The change in the number of records the service has not acknowledged. A difference, because every worker's VM adds
    /// to the same gauge.
    pub(crate) fn unacknowledged(&self, change: i64) {
        if change != 0 {
            add(self.unacknowledged, change);
        }
    }

    fn of(&self, verdict: Verdict) -> Option<u32> {
        self.verdicts.iter().find(|(known, _)| *known == verdict).map(|(_, id)| *id)
    }
}

fn add(id: Option<u32>, by: i64) {
    if let Some(id) = id {
        host::increment_metric(id, by).unwrap_or_default();
    }
}
