//! The part of a bootstrap that `envoy/README.md` shows makes labels of our metrics' names, and every metric that it names
//! is one.

use anyhow::{Context, Result, ensure};
use countersign_core::session::{Label, Verdict};
use countersign_tests::agent::Request;
use countersign_tests::setting::{Setting, policy};
use countersign_tests::within;
use serde_json::Value;
use std::time::Duration;

use crate::page;

const PAGE: &str = "envoy/README.md";

#[test]
fn the_statistics_have_the_names_and_labels_that_the_page_shows() -> Result<()> {
    let shown = page::blocks(PAGE)?;
    let block =
        shown.iter().find(|block| block.text.contains("stats_config:")).context("no `stats_config`")?;
    let part: Value = serde_saphyr::from_str(&block.text)?;
    let setting = Setting::start(&policy("20s"), move |config| {
        config.edit(move |bootstrap| {
            bootstrap["stats_config"] = part["stats_config"].clone();
            Ok(())
        })
    })?;
    let refused =
        setting.agent().http1(&Request::post("h.denied.test", "/things", "{}".to_owned()))?.answer()?;
    ensure!(refused.status == 403, "{}", refused.text());
    let counted = "countersign_calls_total{verdict=\"blocked\"} 1";
    let prometheus = || setting.envoy.admin("GET", "/stats/prometheus").ok();
    within(Duration::from_secs(10), counted, || prometheus().filter(|text| text.contains(counted)))?;
    let all = setting.envoy.admin("GET", "/stats?type=All")?;
    let text = page::text(PAGE)?;
    let named: Vec<&str> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.starts_with("wasmcustom.") && !name.contains('<'))
        .collect();
    ensure!(named.len() >= 3, "the page names {named:?}");
    for name in named {
        ensure!(all.contains(name), "Envoy has no `{name}`:\n{all}");
    }
    Ok(())
}

#[test]
fn the_page_explains_every_word_that_the_access_log_can_show() -> Result<()> {
    let text = page::text(PAGE)?;
    for verdict in [
        Verdict::Held,
        Verdict::Released,
        Verdict::HandedOff,
        Verdict::Blocked,
        Verdict::Denied,
        Verdict::Expired,
        Verdict::Unavailable,
        Verdict::Invalid,
        Verdict::Withheld,
    ] {
        ensure!(
            text.contains(&format!("| `{}` |", verdict.as_str())),
            "`{PAGE}` does not explain {verdict:?}"
        );
    }
    ensure!(
        text.contains(&format!("`{}`", Verdict::Abandoned.as_str())),
        "`{PAGE}` does not name `abandoned`"
    );
    for label in [Label::Rule, Label::Task] {
        ensure!(text.contains(&format!("wasm.{}:PLAIN", label.as_str())), "`{PAGE}` does not name {label:?}");
    }
    Ok(())
}
