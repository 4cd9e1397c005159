//! Agents that go away, proxies that end, and requests that come back.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::{Exchange, Request};
use countersign_tests::backend::{State, Step};
use countersign_tests::envoy::Envoy;
use countersign_tests::setting::{Setting, envoy, filter, host, policy};
use countersign_tests::{eventually, place};

use crate::shared::{A_WHILE, brief, export, shared, works};

/// The agent leaves; the task is withdrawn, and an approval that comes too late releases nothing.
fn leaves(send: impl FnOnce(&Setting, &Request) -> Result<Exchange>) -> Result<()> {
    let setting = shared()?;
    let host = host("held.test");
    let held = send(&setting, &export(&host))?;
    let task = setting.backend.task(&host)?;
    // Only a filter that knows of the task can withdraw it; it does once it asks how the task stands.
    eventually("the filter to wait", || !setting.backend.asked(&host, Step::Status).is_empty())?;
    held.leave();
    eventually("the task to be withdrawn", || !setting.backend.asked(&host, Step::Cancel).is_empty())?;
    let cancel = setting.backend.asked(&host, Step::Cancel);
    let reason = cancel.first().context("no cancel")?.body["reason"].clone();
    ensure!(reason == "client_disconnected", "the reason given is {reason}");
    setting.backend.approve(&task)?;
    thread::sleep(2 * A_WHILE);
    ensure!(setting.upstream.count(&host) == 0, "a request left although its agent was gone");
    works(&setting, &countersign_tests::setting::host("held.test"))
}

#[test]
fn nothing_leaves_for_an_agent_that_has_gone() -> Result<()> {
    leaves(|setting, request| setting.agent().http1(request))
}

#[test]
fn nothing_leaves_for_an_http2_agent_that_has_gone() -> Result<()> {
    leaves(|setting, request| setting.agent().http2(request))
}

#[test]
fn a_task_that_is_to_be_kept_survives_its_agent() -> Result<()> {
    let setting = shared()?;
    let host = host("kept.test");
    let held = setting.agent().http1(&export(&host))?;
    let task = setting.backend.task(&host)?;
    held.leave();
    thread::sleep(A_WHILE);
    setting.backend.approve(&task)?;
    thread::sleep(2 * A_WHILE);
    ensure!(setting.upstream.count(&host) == 0, "a request left although its agent was gone");
    ensure!(
        setting.backend.asked(&host, Step::Cancel).is_empty(),
        "a task was withdrawn that was to be kept"
    );
    let answer = setting.agent().http1(&export(&host))?.answer()?;
    ensure!(answer.status == 200, "the retry was answered {} {}", answer.status, answer.text());
    ensure!(setting.backend.about(&host).len() == 1, "the retry made a task of its own");
    ensure!(setting.upstream.count(&host) == 1, "the retry did not arrive exactly once");
    Ok(())
}

/// The same request comes back on whichever worker: one task, released once after a late approval.
#[test]
fn a_retry_finds_its_task_on_any_worker() -> Result<()> {
    let setting = brief()?;
    let host = host("held.test");
    for _ in 0..4 {
        let attempts: Vec<Exchange> =
            (0..4).map(|_| setting.agent().http1(&export(&host))).collect::<Result<_>>()?;
        for attempt in attempts {
            let answer = attempt.answer()?;
            ensure!(answer.status == 428, "a handed-off agent was told {} {}", answer.status, answer.text());
        }
        if setting.backend.asked(&host, Step::Submit).len() >= 8 {
            break;
        }
    }
    let tasks = setting.backend.about(&host);
    ensure!(tasks.len() == 1, "{} tasks for one request", tasks.len());
    setting.backend.approve(tasks.first().context("no task")?)?;
    let answer = setting.agent().http1(&export(&host))?.answer()?;
    ensure!(answer.status == 200, "after a late approval: {} {}", answer.status, answer.text());
    ensure!(setting.upstream.count(&host) == 1, "{} requests arrived", setting.upstream.count(&host));
    Ok(())
}

#[test]
fn an_approval_is_good_for_one_request_only() -> Result<()> {
    let setting = brief()?;
    let host = host("held.test");
    works(&setting, &host)?;
    let answer = setting.agent().http1(&export(&host))?.answer()?;
    ensure!(answer.status == 428, "a replay was answered {} {}", answer.status, answer.text());
    ensure!(setting.upstream.count(&host) == 1, "a replay arrived");
    ensure!(setting.backend.about(&host).len() == 2, "a replay did not need an approval of its own");
    Ok(())
}

#[test]
fn another_body_needs_another_approval() -> Result<()> {
    let setting = brief()?;
    let host = host("held.test");
    let answer = setting.agent().http1(&export(&host))?.answer()?;
    ensure!(answer.status == 428, "a handed-off agent was told {}", answer.status);
    setting.backend.approve(&setting.backend.task(&host)?)?;
    let mut swapped = export(&host);
    swapped.body = b"{\"dataset\":\"prod.secret.salaries\",\"rows\":48210}".to_vec();
    let answer = setting.agent().http1(&swapped)?.answer()?;
    ensure!(answer.status == 428, "a swapped body was answered {} {}", answer.status, answer.text());
    ensure!(setting.upstream.count(&host) == 0, "a swapped body left");
    Ok(())
}

#[test]
fn parallel_retries_of_one_approval_arrive_once() -> Result<()> {
    let setting = brief()?;
    let host = host("kept.test");
    let answer = setting.agent().http1(&export(&host))?.answer()?;
    ensure!(answer.status == 428, "a handed-off agent was told {}", answer.status);
    setting.backend.approve(&setting.backend.task(&host)?)?;
    let retries: Vec<Exchange> =
        (0..16).map(|_| setting.agent().http1(&export(&host))).collect::<Result<_>>()?;
    let mut released = 0;
    for retry in retries {
        released += usize::from(retry.answer()?.status == 200);
    }
    let arrived = setting.upstream.count(&host);
    ensure!((released, arrived) == (1, 1), "{released} agents were released, {arrived} requests arrived");
    Ok(())
}

/// Envoy is told to end while it holds; nothing leaves, and another Envoy finds the same task.
#[test]
fn a_proxy_that_ends_while_it_holds_lets_nothing_go() -> Result<()> {
    let mut setting = Setting::start(&policy("20s"), |config| config)?;
    let host = host("kept.test");
    let held = setting.agent().http1(&export(&host))?;
    let task = setting.backend.task(&host)?;
    setting.envoy.stop()?;
    let told = held.answer();
    ensure!(!told.as_ref().is_ok_and(|answer| answer.status == 200), "the agent was told {told:?}");
    setting.backend.approve(&task)?;
    thread::sleep(A_WHILE);
    ensure!(setting.upstream.count(&host) == 0, "a request left while its proxy ended");

    let configuration = filter(&setting.backend, &policy("20s")).to_string();
    let config = envoy(place::filter()?, &setting.upstream, &setting.backend).filter(configuration);
    setting.envoy = Envoy::start(config)?;
    let answer = setting.agent().http1(&export(&host))?.answer()?;
    ensure!(answer.status == 200, "another proxy answered {} {}", answer.status, answer.text());
    ensure!(setting.backend.about(&host).len() == 1, "another proxy made a task of its own");
    ensure!(setting.upstream.count(&host) == 1, "{} requests arrived", setting.upstream.count(&host));
    Ok(())
}

#[test]
fn a_proxy_that_drains_keeps_holding_and_releases_only_what_is_approved() -> Result<()> {
    let setting = Setting::start(&policy("20s"), |config| config)?;
    let (yes, no) = (host("held.test"), host("held.test"));
    let (first, second) = (setting.agent().http1(&export(&yes))?, setting.agent().http1(&export(&no))?);
    let (approved, denied) = (setting.backend.task(&yes)?, setting.backend.task(&no)?);
    setting.envoy.drain()?;
    thread::sleep(Duration::from_millis(1500));
    ensure!(setting.upstream.received().is_empty(), "draining let something go");
    setting.backend.approve(&approved)?;
    setting.backend.decide(&denied, State::Denied)?;
    ensure!(first.answer()?.status == 200, "an approved request did not survive a drain");
    ensure!(second.answer()?.status == 403, "a denied request did not survive a drain");
    ensure!(
        setting.upstream.count(&yes) == 1 && setting.upstream.count(&no) == 0,
        "what arrived is not what was decided"
    );
    Ok(())
}
