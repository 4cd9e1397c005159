//! What a masking found, and the proof that it is done: by which detectors, how much, and that a second look found
//! nothing.

use std::borrow::Cow;

use serde::Serialize;

use crate::kind::Kind;

/// Most places that are reported for one payload. What they report is masked and counted in any case.
pub const MOST_FINDINGS: usize = 256;

/// The set of detectors that this build has; it changes with any of them.
pub const DETECTORS: &str = env!("COUNTERSIGN_DETECTORS");

/// What a masking was, in numbers. It goes with the task, the grant and the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// How many values of each kind were masked, kinds in order; a kind without any is left out.
    pub counts: Vec<(Kind, u64)>,
    /// Bytes that were given to be masked.
    pub seen: u64,
    /// Bytes of those that no reading was found for: compressed, encrypted, binary, nested too deeply. They are shown by
    /// size and type only.
    pub not_understood: u64,
    /// What a further look at the masked text still found. It is zero, or nothing was shown.
    pub residual: u64,
}

impl Proof {
    /// Adds `more` of `kind`.
    pub(crate) fn count(&mut self, kind: Kind, more: u64) {
        if let Some((_, count)) = self.counts.iter_mut().find(|(one, _)| *one == kind) {
            *count = count.saturating_add(more);
        } else {
            let place = self.counts.iter().take_while(|(one, _)| *one < kind).count();
            self.counts.insert(place, (kind, more));
        }
    }

    /// The two proofs as one.
    pub fn join(&mut self, other: &Self) {
        for (kind, count) in &other.counts {
            self.count(*kind, *count);
        }
        self.seen = self.seen.saturating_add(other.seen);
        self.not_understood = self.not_understood.saturating_add(other.not_understood);
        self.residual = self.residual.saturating_add(other.residual);
    }
}

/// One place where something was masked: what, how often, and which detector saw it. Never the value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Finding {
    /// Where: `$.customer.email`, `$.rows[*].card`, `$.headers.authorization`, `$.query.token`, or `$` for plain text.
    pub path: String,
    /// What saw it, for instance `bearer_token`, or the name of a policy's own detector.
    pub detector: Cow<'static, str>,
    /// What it is.
    pub kind: Kind,
    /// How many values were masked there.
    pub count: u64,
    /// Where the first of them begins, in bytes of the content as it came; of wrapped content the wrapping's beginning.
    pub at: u64,
}

/// Findings in order of place, each (path, detector) once with its count. Elements of arrays share the path `[*]`, so a
/// thousand rows of the same kind are one finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The places, at most [`MOST_FINDINGS`].
    pub findings: Vec<Finding>,
    /// The numbers, over all of it.
    pub proof: Proof,
}

impl Report {
    /// Notes one value, masked at byte `at` of the text at hand.
    pub(crate) fn add(&mut self, path: String, kind: Kind, detector: Cow<'static, str>, at: usize) {
        self.proof.count(kind, 1);
        let at = u64::try_from(at).unwrap_or(u64::MAX);
        self.note(Finding { path, detector, kind, count: 1, at });
    }

    /// Notes `bytes` that no reading was found for, and that are shown by their size only.
    pub(crate) fn unread(&mut self, bytes: usize) {
        self.proof.not_understood += u64::try_from(bytes).unwrap_or(u64::MAX);
    }

    /// Notes that `bytes` were given to be masked.
    pub(crate) fn see(&mut self, bytes: usize) {
        self.proof.seen += u64::try_from(bytes).unwrap_or(u64::MAX);
    }

    /// Notes a value that the policy names by its place and whose place is taken before the rest is masked.
    pub fn take_out(&mut self, path: &str) {
        self.add(path.to_owned(), Kind::Secret, "policy".into(), 0);
    }

    /// Notes `bytes` of which nothing is shown at all.
    pub fn withhold(&mut self, bytes: usize) {
        self.see(bytes);
        self.unread(bytes);
    }

    /// Takes over the findings of a text that lies at `path` and whose outermost wrapping begins at byte `at`.
    pub(crate) fn adopt(&mut self, path: &str, inner: Report, at: usize) {
        self.proof.join(&inner.proof);
        let at = u64::try_from(at).unwrap_or(u64::MAX);
        for finding in inner.findings {
            self.note(Finding { path: format!("{path}{}", finding.path), at, ..finding });
        }
    }

    /// Takes over the findings of the text at hand, whose paths begin at `root`.
    pub(crate) fn adopt_at(&mut self, root: &str, inner: Report) {
        self.proof.join(&inner.proof);
        for finding in inner.findings {
            self.note(Finding { path: format!("{root}{}", finding.path), ..finding });
        }
    }

    /// Takes over what was found beside it; its paths are already whole.
    pub fn join(&mut self, other: Report) {
        self.proof.join(&other.proof);
        for finding in other.findings {
            self.note(finding);
        }
    }

    fn note(&mut self, finding: Finding) {
        let room = self.findings.len() < MOST_FINDINGS;
        let same = |one: &&mut Finding| {
            one.path == finding.path && one.detector == finding.detector && one.kind == finding.kind
        };
        match self.findings.iter_mut().find(same) {
            Some(one) => one.count = one.count.saturating_add(finding.count),
            None if room => self.findings.push(finding),
            None => {}
        }
    }

    /// Whether nothing was masked.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }
}
