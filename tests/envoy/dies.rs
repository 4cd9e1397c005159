//! A filter that dies while it holds requests, as no filter should and any may: nothing it held leaves, the next request finds
//! a fresh one, and the agent's retry finds its task.
//!
//! The module is the one that is shipped, with the code of one callback replaced by a trap ([`trapping`]): a request with
//! trailers kills the VM of its worker.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::{Agent, Request};
use countersign_tests::backend::Backend;
use countersign_tests::envoy::{Envoy, EnvoyConfig};
use countersign_tests::module::trapping;
use countersign_tests::service::Service;
use countersign_tests::setting::{self, Setting, envoy_of, filter, host, policy};
use countersign_tests::upstream::Upstream;
use countersign_tests::{place, within};
use serde_json::json;
use tempfile::TempDir;

use crate::shared::{export, works};

/// How long a stream of a dead worker stays open.
const IDLE: Duration = Duration::from_secs(8);
const PATIENCE: Duration = Duration::from_secs(30);

/// The shipped module whose callback for trailers traps.
fn mortal(folder: &TempDir) -> Result<PathBuf> {
    let path = folder.path().join("mortal.wasm");
    fs::write(&path, trapping(&fs::read(place::filter()?)?, "proxy_on_request_trailers")?)?;
    Ok(path)
}

/// One worker, so that what is held is held where the VM dies, and an idle timeout that a test can wait for.
fn short(config: EnvoyConfig, module: PathBuf) -> EnvoyConfig {
    config
        .workers(1)
        .http(|manager| {
            manager["stream_idle_timeout"] = json!(format!("{}s", IDLE.as_secs()));
            Ok(())
        })
        .plugin(move |plugin| {
            plugin["vm_config"]["code"]["local"]["filename"] = json!(module);
            Ok(())
        })
}

/// Sends what kills the VM, and waits until Envoy says that it is dead.
fn kill(envoy: &Envoy) -> Result<()> {
    let fatal = Request::post(&host("held.test"), "/v2/import", "{}").trailer("x-checksum", "1");
    let answer = Agent::new(envoy.address()).http2(&fatal)?.answer()?;
    ensure!(answer.status == 503, "the fatal request was answered {} {}", answer.status, answer.text());
    within(PATIENCE, "a dead VM", || {
        envoy.lines().iter().any(|line| line.contains("proxy_on_request_trailers failed")).then_some(())
    })
}

/// Harmless requests pass again.
fn comes_back(envoy: &Envoy) -> Result<()> {
    within(PATIENCE, "a fresh VM", || {
        let answer = Agent::new(envoy.address())
            .http1(&Request::get(&host("open.test"), "/v2/x"))
            .ok()?
            .answer()
            .ok()?;
        (answer.status == 200).then_some(())
    })
}

#[test]
fn what_a_dead_filter_held_never_leaves_and_the_retry_finds_its_task() -> Result<()> {
    let folder = TempDir::new()?;
    let (upstream, backend) = (Upstream::start()?, Backend::start()?);
    let configuration = filter(&backend, &policy("6s")).to_string();
    let config = setting::envoy(place::filter()?, &upstream, &backend).filter(configuration);
    let envoy = Envoy::start(short(config, mortal(&folder)?))?;
    let setting = Setting { envoy, backend, upstream };
    let host = host("kept.test");
    let held = setting.agent().http1(&export(&host))?;
    let task = setting.backend.task(&host)?;

    kill(&setting.envoy)?;
    // The consent comes too late for this stream, and stays good for the agent's retry.
    setting.backend.approve(&task)?;
    comes_back(&setting.envoy)?;
    let answer = held.answer_within(IDLE * 3)?;
    ensure!(answer.status >= 500, "the held request was answered {} {}", answer.status, answer.text());
    ensure!(setting.upstream.count(&host) == 0, "what a dead filter held has left");

    let again = setting.agent().http1(&export(&host))?.answer()?;
    ensure!(again.status == 200, "the retry was answered {} {}", again.status, again.text());
    ensure!(setting.backend.about(&host).len() == 1, "the retry made another task");
    ensure!(setting.upstream.only(&host)?.body == export(&host).body, "another body arrived");
    works(&setting, &countersign_tests::setting::host("held.test"))?;
    ensure!(setting.backend.faults().is_empty(), "{:?}", setting.backend.faults());
    let chains: std::collections::BTreeSet<String> = setting
        .envoy
        .records()
        .iter()
        .filter_map(|record| Some(record["chain"].as_str()?.to_owned()))
        .collect();
    ensure!(chains.len() == 2, "the fresh filter must open a chain of its own: {chains:?}");
    Ok(())
}

#[test]
fn the_real_service_keeps_the_task_of_a_filter_that_died() -> Result<()> {
    let folder = TempDir::new()?;
    let (service, upstream) = (Service::start()?, Upstream::start()?);
    let envoy = Envoy::start(short(envoy_of(&service, &upstream, &policy("6s"))?, mortal(&folder)?))?;
    let host = host("kept.test");
    let send = || Agent::new(envoy.address()).http1(&export(&host));
    let held = send()?;
    let bob = service.reviewer("bob")?;
    let waiting = |many: usize| {
        within(PATIENCE, "the request in the inbox", || {
            let mine: Vec<_> = bob
                .waiting()
                .ok()?
                .into_iter()
                .filter(|request| request.to_string().contains(&host))
                .collect();
            (mine.len() == many).then_some(mine)
        })
    };
    waiting(1)?;
    kill(&envoy)?;
    comes_back(&envoy)?;
    let answer = held.answer_within(IDLE * 3)?;
    ensure!(answer.status >= 500 && upstream.count(&host) == 0, "{} {}", answer.status, answer.text());

    let retry = send()?;
    let found = waiting(1)?.pop().context("no request")?;
    let shown = bob.request(found["id"].as_str().context("no id")?)?;
    let decision = bob.decide(&shown, "approve", "as agreed")?;
    ensure!(decision.status == 200, "{} {}", decision.status, decision.text());
    // The hold is short and the machine may be busy: a hand-off is no failure, the next retry finds the approval.
    let mut answer = retry.answer()?;
    if answer.status == 428 {
        answer = send()?.answer()?;
    }
    ensure!(answer.status == 200, "the retry was answered {} {}", answer.status, answer.text());
    ensure!(upstream.only(&host)?.body == export(&host).body, "another body arrived");
    Ok(())
}
