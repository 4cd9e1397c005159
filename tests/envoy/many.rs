//! A thousand requests held at once: each ends as it was decided, none is lost, none is doubled, and no worker dies of it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::{Exchange, Request};
use countersign_tests::backend::{ANY, Reply, State, Step};
use countersign_tests::setting::{Setting, policy};
use countersign_tests::within;
use serde_json::{Value, json};

use crate::shared::works;

const MANY: usize = 1000;
const HOST: &str = "many.held.test";
const PATIENCE: Duration = Duration::from_mins(1);

/// One of these tests at a time: each is a load of its own.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn numbered(number: usize) -> Request {
    Request::post(HOST, &format!("/v2/import/{number}"), format!("{{\"number\":{number}}}"))
}

fn send_all(setting: &Setting) -> Result<Vec<Exchange>> {
    (0..MANY).map(|number| setting.agent().http1(&numbered(number))).collect()
}

fn number(text: &str) -> Option<usize> {
    text.rsplit('/').next()?.parse().ok()
}

#[test]
fn a_thousand_held_requests_end_as_decided() -> Result<()> {
    ends_as_decided("auto")
}

#[test]
fn a_thousand_requests_held_by_one_poll_per_worker_end_as_decided() -> Result<()> {
    ends_as_decided("batch")
}

fn ends_as_decided(poll: &str) -> Result<()> {
    let _alone = alone();
    let setting = Setting::with(
        &policy("50s"),
        |filter| filter["approval"]["poll"] = json!(poll),
        |config| config.workers(2),
    )?;
    let held = send_all(&setting)?;
    within(PATIENCE, "a thousand tasks", || (setting.backend.count() == MANY).then_some(())).with_context(
        || format!("{} tasks, faults: {:?}", setting.backend.count(), setting.backend.faults().first()),
    )?;
    ensure!(setting.upstream.received().is_empty(), "something left before it was decided");
    within(PATIENCE, "a poll for all", || {
        (!setting.backend.asked(ANY, Step::Watch).is_empty()).then_some(())
    })?;

    // Odd ones are denied, even ones approved, in one rush.
    for task in setting.backend.tasks() {
        let number =
            number(&task.submission.context.v1.destination.path).context("a path without a number")?;
        if number % 2 == 0 {
            setting.backend.approve(&task)?;
        } else {
            setting.backend.decide(&task, State::Denied)?;
        }
    }
    for (number, exchange) in held.into_iter().enumerate() {
        let answer = exchange.answer_within(PATIENCE)?;
        let expected = if number % 2 == 0 { 200 } else { 403 };
        ensure!(answer.status == expected, "number {number}: {} {}", answer.status, answer.text());
    }

    let mut arrived: HashMap<usize, usize> = HashMap::new();
    for received in setting.upstream.received() {
        let body: Value = serde_json::from_slice(&received.body)?;
        let number = number(&received.target).context("a path without a number")?;
        ensure!(body["number"] == number, "the body of another request arrived at {}", received.target);
        *arrived.entry(number).or_default() += 1;
    }
    ensure!(arrived.len() == MANY / 2, "{} different requests arrived", arrived.len());
    ensure!(
        arrived.iter().all(|(number, count)| number % 2 == 0 && *count == 1),
        "one arrived that should not have"
    );
    ensure!(setting.backend.faults().is_empty(), "{:?}", setting.backend.faults().first());
    works(&setting, "after.held.test")
}

/// How the agents of a thousand requests are answered that are all denied at once: status codes and how often.
fn denied_at_once(
    setting: &Setting,
    deny: impl FnOnce(&Setting) -> Result<()>,
) -> Result<HashMap<u16, usize>> {
    let held = send_all(setting)?;
    deny(setting)?;
    let mut answers = HashMap::new();
    for exchange in held {
        let status = exchange.answer_within(PATIENCE).map_or(0, |answer| answer.status);
        *answers.entry(status).or_default() += 1;
    }
    Ok(answers)
}

#[test]
fn a_thousand_denials_at_once_kill_no_worker() -> Result<()> {
    let _alone = alone();
    let setting = Setting::start(&policy("50s"), |config| config.workers(1))?;
    let answers = denied_at_once(&setting, |setting| {
        within(PATIENCE, "a thousand tasks", || (setting.backend.count() == MANY).then_some(()))?;
        setting.backend.tasks().iter().try_for_each(|task| setting.backend.decide(task, State::Denied))
    })?;
    ensure!(answers == HashMap::from([(403, MANY)]), "{answers:?}");
    ensure!(setting.upstream.received().is_empty(), "a denied request left");
    works(&setting, "after.held.test")
}

#[test]
fn the_scenario_notices_a_worker_that_dies_of_answering_all_at_once() -> Result<()> {
    let _alone = alone();
    let setting = Setting::naive("bulk", |config| config.workers(1))?;
    let answers = denied_at_once(&setting, |setting| {
        setting.backend.behave(ANY, Step::Naive, Reply::Bytes(503, Vec::new()));
        thread::sleep(Duration::from_secs(3));
        setting.backend.behave(ANY, Step::Naive, Reply::Bytes(200, Vec::new()));
        Ok(())
    })?;
    ensure!(answers.get(&403) != Some(&MANY), "a filter that answers all at once went unnoticed");
    Ok(())
}
