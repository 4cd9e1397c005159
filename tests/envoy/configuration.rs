//! Configurations that must not load, at start and at runtime, and one host option the filter cannot do without.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use countersign_tests::backend::{self, Backend};
use countersign_tests::envoy::{Envoy, EnvoyConfig, Pushed, refused};
use countersign_tests::place;
use countersign_tests::setting::{Setting, envoy, filter, host, policy};
use countersign_tests::upstream::Upstream;
use countersign_tests::within;
use serde_json::{Value, json};

use crate::shared::{export, works};

/// Changes a good configuration; Envoy must refuse it, and name `culprit`.
fn does_not_load(culprit: &str, change: impl FnOnce(&mut Value)) -> Result<()> {
    let (upstream, backend) = (Upstream::start()?, Backend::start()?);
    let mut configuration = filter(&backend, &policy("20s"));
    change(&mut configuration);
    let said = refused(envoy(place::filter()?, &upstream, &backend).filter(configuration.to_string()))?;
    ensure!(said.contains(culprit), "the refusal does not name `{culprit}`: {said}");
    Ok(())
}

#[test]
fn an_unknown_key_does_not_load() -> Result<()> {
    does_not_load("aproval", |configuration| configuration["aproval"] = json!({}))
}

#[test]
fn no_trusted_keys_do_not_load() -> Result<()> {
    does_not_load("key", |configuration| configuration["approval"]["jwks"] = json!({"keys": []}))
}

#[test]
fn an_unknown_key_in_the_policy_does_not_load() -> Result<()> {
    does_not_load("affect", |configuration| configuration["policy"]["rules"][0]["affect"] = json!("allow"))
}

#[test]
fn a_group_nobody_declared_does_not_load() -> Result<()> {
    does_not_load("held", |configuration| {
        configuration["policy"]["rules"][0]["reviewers"] = json!({"groups": ["friends"], "quorum": 1});
    })
}

#[test]
fn a_bad_pattern_does_not_load() -> Result<()> {
    does_not_load("held", |configuration| configuration["policy"]["rules"][0]["match"]["host"] = json!("*."))
}

#[test]
fn an_impossible_quorum_does_not_load() -> Result<()> {
    does_not_load("held", |configuration| {
        configuration["policy"]["groups"]["data"] = json!({});
        configuration["policy"]["rules"][0]["reviewers"] =
            json!({"groups": ["security", "data"], "quorum": 1});
    })
}

#[test]
fn a_missing_key_in_the_environment_does_not_load() -> Result<()> {
    let (upstream, backend) = (Upstream::start()?, Backend::start()?);
    let config = EnvoyConfig::new(place::filter()?, upstream.address(), backend.address())
        .variable("COUNTERSIGN_PEP_KEY", backend::PEP_KEY)
        .filter(filter(&backend, &policy("20s")).to_string());
    let said = refused(config)?;
    ensure!(said.contains("COUNTERSIGN_BINDING_KEY"), "the refusal does not name the key: {said}");
    ensure!(!said.contains(backend::PEP_KEY), "the refusal shows a key: {said}");
    Ok(())
}

#[test]
fn a_configuration_that_is_no_string_does_not_load() -> Result<()> {
    let (upstream, backend) = (Upstream::start()?, Backend::start()?);
    let configuration = filter(&backend, &policy("20s"));
    let config = envoy(place::filter()?, &upstream, &backend).plugin(move |plugin| {
        plugin["configuration"] =
            json!({"@type": "type.googleapis.com/google.protobuf.Struct", "value": configuration});
        Ok(())
    });
    refused(config).map(drop)
}

#[test]
fn a_bad_configuration_pushed_to_a_running_proxy_changes_nothing() -> Result<()> {
    let (upstream, backend) = (Upstream::start()?, Backend::start()?);
    let config = |policy: &Value| -> Result<EnvoyConfig> {
        let configuration = filter(&backend, policy).to_string();
        Ok(envoy(place::filter()?, &upstream, &backend).filter(configuration))
    };
    let running = Envoy::start(config(&policy("20s"))?.listener_from_file())?;
    let mut bad = policy("20s");
    bad["rules"][0]["effect"] = json!("hodl");
    let mut good = policy("20s");
    good["name"] = json!("second");
    let (bad, good) = (config(&bad)?.into_listener()?, config(&good)?.into_listener()?);
    let setting = Setting { envoy: running, backend, upstream };

    let (first, second) = (host("held.test"), host("held.test"));
    let held = setting.agent().http1(&export(&first))?;
    let task = setting.backend.task(&first)?;
    ensure!(setting.envoy.push(&bad)? == Pushed::Refused, "a bad configuration was taken");
    ensure!(setting.upstream.received().is_empty(), "a bad configuration let something go");
    works(&setting, &second)?;
    setting.backend.approve(&task)?;
    ensure!(held.answer()?.status == 200, "a held request did not survive a configuration that was refused");
    ensure!(setting.envoy.push(&good)? == Pushed::Taken, "a good configuration was refused");
    works(&setting, &host("held.test"))
}

/// Without the option the filter never sees a held body. It must refuse, soon, and say why.
#[test]
fn a_host_that_never_shows_the_body_is_refused_with_a_reason() -> Result<()> {
    let setting = Setting::start(&policy("20s"), |config| {
        config.plugin(|plugin| {
            plugin["allow_on_headers_stop_iteration"] = json!(false);
            Ok(())
        })
    })?;
    let host = host("held.test");
    let start = Instant::now();
    let answer = setting.agent().http1(&export(&host))?.answer()?;
    ensure!(
        answer.status >= 400 && setting.upstream.count(&host) == 0,
        "{} {}",
        answer.status,
        answer.text()
    );
    ensure!(start.elapsed().as_secs() < 18, "it took {:?}", start.elapsed());
    let option = "allow_on_headers_stop_iteration";
    within(Duration::from_secs(5), "a line of the log that names the option", || {
        setting.envoy.filter_lines().into_iter().any(|line| line.contains(option)).then_some(())
    })
}
