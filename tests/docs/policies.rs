//! Blocks in `yaml`: each is a policy that `countersign check` takes. One without `apiVersion` is a part of a policy, and is
//! checked within the smallest one.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::page;

/// The smallest policy that a part may stand in.
fn around(part: &Value) -> Result<Value> {
    let mut whole = json!({
        "apiVersion": "countersign.dev/v1",
        "name": "part",
        "groups": {"security": {}, "data-owners": {}, "platform": {}, "on-call": {}},
        "defaults": {"reviewers": {"groups": ["security"]}},
        "rules": [],
    });
    for (key, value) in part.as_object().context("no map")? {
        whole[key] = value.clone();
    }
    Ok(whole)
}

#[test]
fn every_policy_shown_is_one() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut whole = 0;
    for block in page::blocks_in("yaml")?.iter().filter(|block| !block.at.starts_with("envoy/")) {
        let file = folder.path().join("policy.yaml");
        let read: Value =
            serde_saphyr::from_str(&block.text).with_context(|| format!("{} is no YAML", block.at))?;
        if read["apiVersion"].is_null() {
            fs::write(&file, around(&read).with_context(|| block.at.clone())?.to_string())?;
        } else {
            fs::write(&file, &block.text)?;
            whole += 1;
        }
        let checked = Command::new(page::command()?).arg("check").arg(&file).output()?;
        let said = String::from_utf8_lossy(&checked.stderr);
        ensure!(checked.status.success(), "{}: {said}", block.at);
    }
    ensure!(whole >= 1, "no page shows a whole policy");
    Ok(())
}
