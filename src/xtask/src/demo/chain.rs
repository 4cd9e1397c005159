//! The audit chains that the filter printed: every worker's own, each verified from its first record.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use countersign_wire::record::verify_chain;
use serde_json::Value;

/// The records of each chain, in the order of their printing.
pub(super) fn chains(records: &[Value]) -> BTreeMap<String, Vec<&Value>> {
    let mut chains: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for record in records {
        chains.entry(record["chain"].as_str().unwrap_or_default().to_owned()).or_default().push(record);
    }
    chains
}

/// Verifies one chain.
pub(super) fn verify(records: &[&Value]) -> Result<()> {
    let lines: Vec<String> = records.iter().map(ToString::to_string).collect();
    verify_chain(lines.iter().map(String::as_bytes))?.context("the chain is empty")?;
    Ok(())
}

/// How many records say that this happened.
pub(super) fn count(records: &[Value], event: &str) -> usize {
    records.iter().filter(|record| record["event"] == event).count()
}
