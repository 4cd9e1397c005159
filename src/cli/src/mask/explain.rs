//! What was found in a text, and the proof that nothing else is: never a value.

use std::{collections::BTreeMap, fmt::Write};

use countersign_mask::{DETECTORS, Finding, MOST_FINDINGS, Proof, Report};
use serde::Serialize;

use super::confidence::{self, Confidence};

/// A report as programs read it.
#[derive(Serialize)]
pub(super) struct Told<'a> {
    findings: Vec<Found<'a>>,
    /// Whether there may be more places than are listed; they are masked and counted all the same.
    more: bool,
    proof: Proven<'a>,
}

#[derive(Serialize)]
struct Found<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    confidence: Confidence,
}

/// The proof, as a task carries it.
#[derive(Serialize)]
struct Proven<'a> {
    detectors: &'a str,
    counts: BTreeMap<&'a str, u64>,
    seen: u64,
    not_understood: u64,
    residual: u64,
}

impl<'a> Told<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let Proof { counts, seen, not_understood, residual } = &report.proof;
        let found = |finding: &'a Finding| Found { finding, confidence: confidence::of(&finding.detector) };
        Self {
            findings: report.findings.iter().map(found).collect(),
            more: report.findings.len() == MOST_FINDINGS,
            proof: Proven {
                detectors: DETECTORS,
                counts: counts.iter().map(|(kind, count)| (kind.as_str(), *count)).collect(),
                seen: *seen,
                not_understood: *not_understood,
                residual: *residual,
            },
        }
    }

    /// The same as people read it: a line for each place, then the proof.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        let mut line = |text: std::fmt::Arguments<'_>| writeln!(out, "{text}").unwrap_or_default();
        for Found { finding: Finding { path, detector, kind, count, at }, confidence } in &self.findings {
            let sure = confidence.as_str();
            let times = if *count == 1 { String::new() } else { format!("{count} times, first ") };
            line(format_args!("{sure:<8}  {}  {detector}  {path}  {times}at byte {at}", kind.as_str()));
        }
        if self.more {
            line(format_args!(
                "{MOST_FINDINGS} places are listed, and there may be more; all are masked and counted"
            ));
        }
        let Proven { detectors, seen, not_understood, residual, .. } = &self.proof;
        let masked = counted(&self.proof.counts);
        line(format_args!(
            "{masked} masked by detectors {detectors}; {seen} bytes seen, {not_understood} not understood, \
             {residual} found again"
        ));
        out
    }
}

/// `2 secret, 1 email`, or `nothing`.
fn counted(counts: &BTreeMap<&str, u64>) -> String {
    if counts.is_empty() {
        return "nothing".to_owned();
    }
    counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>().join(", ")
}
