//! What comes out of one structure: its text, and where in it something was masked.

use crate::bytes::at;
use crate::display::{Lines, visible};
use crate::shown::Finding;

/// Most findings that are reported for one payload. What they report is masked in any case.
pub const MOST_FINDINGS: usize = 256;

/// A masked text and the findings in it, their paths relative to it.
#[derive(Debug, Default)]
pub(crate) struct Masked {
    pub(crate) text: String,
    pub(crate) found: Found,
}

/// Findings in order of place, each (path, detector) once. Elements of arrays share the path `[*]`, so a thousand rows of
/// the same kind are one finding.
#[derive(Debug, Default)]
pub(crate) struct Found(Vec<Finding>);

impl Found {
    pub(crate) fn add(&mut self, path: String, detector: &'static str) {
        let finding = Finding { path, detector };
        if self.0.len() < MOST_FINDINGS && !self.0.contains(&finding) {
            self.0.push(finding);
        }
    }

    /// Takes over the findings of a text that lies at `path`.
    pub(crate) fn adopt(&mut self, path: &str, inner: Found) {
        for finding in inner.0 {
            self.add(format!("{path}{}", finding.path), finding.detector);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_vec(self) -> Vec<Finding> {
        self.0
    }
}

/// One step of a path (RFC 9535): `.name`, or `['odd name']`. The name must be masked already.
pub(crate) fn step(name: &str) -> String {
    const LONGEST: usize = 64;
    let short = name.get(..name.floor_char_boundary(LONGEST)).unwrap_or("");
    let more = if short.len() < name.len() { "\u{2026}" } else { "" };
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if !short.is_empty() && !at(short, 0).is_ascii_digit() && short.bytes().all(plain) {
        format!(".{short}{more}")
    } else {
        format!("['{}{more}']", visible(&short.replace('\'', "\\'"), Lines::Escape))
    }
}
