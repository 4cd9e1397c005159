//! Fail closed: whatever the approval service does or does not answer, nothing leaves, the agent is told so, and once the
//! service is well again the next request goes the ordinary way, without a restart.

use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};
use countersign_tests::backend::{ANY, Backend, Reply, State, Step};
use countersign_tests::envoy::Envoy;
use countersign_tests::place;
use countersign_tests::setting::{Setting, envoy, filter, host, policy};
use countersign_tests::upstream::Upstream;
use serde_json::json;

use crate::shared::{A_WHILE, brief, export, works};

/// Not executed, and worth trying again.
const UNAVAILABLE: u16 = 503;
/// Not executed, and refused.
const INVALID: u16 = 403;
/// Not executed, and with a reviewer.
const PENDING: u16 = 428;

/// Nothing was sent to `host`, nor will be.
fn nothing_left(setting: &Setting, host: &str) -> Result<()> {
    thread::sleep(A_WHILE);
    let left = setting.upstream.about(host);
    ensure!(left.is_empty(), "this left although nobody approved it: {left:?}");
    Ok(())
}

/// The service answers one step badly. The agent is refused with one of `expected`, nothing leaves, and when the service is
/// well again a request is approved and arrives.
fn bad_answer(step: Step, reply: Reply, expected: &[u16]) -> Result<()> {
    let setting = brief()?;
    let host = host("held.test");
    setting.backend.behave(&host, step, reply);
    let held = setting.agent().http1(&export(&host))?;
    if step == Step::Redeem {
        let task = setting.backend.task(&host)?;
        setting.backend.approve(&task)?;
    }
    let answer = held.answer()?;
    ensure!(expected.contains(&answer.status), "the agent was told {} {}", answer.status, answer.text());
    nothing_left(&setting, &host)?;
    setting.backend.behave(&host, step, Reply::Honest);
    if step == Step::Redeem {
        return Ok(());
    }
    works(&setting, &host)
}

fn bad_submission(reply: Reply) -> Result<()> {
    bad_answer(Step::Submit, reply, &[UNAVAILABLE])
}

fn bad_status(reply: Reply) -> Result<()> {
    bad_answer(Step::Status, reply, &[UNAVAILABLE, PENDING])
}

fn bad_redeem(reply: Reply) -> Result<()> {
    bad_answer(Step::Redeem, reply, &[UNAVAILABLE, INVALID])
}

#[test]
fn a_service_that_is_down_opens_nothing() -> Result<()> {
    let mut setting = Setting::start(&policy("4s"), |config| config)?;
    let host = host("held.test");
    setting.backend.go_down();
    let answer = setting.agent().http1(&export(&host))?.answer()?;
    ensure!(answer.status == UNAVAILABLE, "the agent was told {} {}", answer.status, answer.text());
    ensure!(
        answer.headers.get("retry-after").is_some(),
        "nothing says when to try again: {:?}",
        answer.headers
    );
    nothing_left(&setting, &host)?;
    setting.backend.come_up()?;
    works(&setting, &host)
}

#[test]
fn a_service_that_goes_down_while_a_request_is_held_opens_nothing() -> Result<()> {
    let mut setting = Setting::start(&policy("6s"), |config| config)?;
    let host = host("held.test");
    let held = setting.agent().http1(&export(&host))?;
    setting.backend.task(&host)?;
    setting.backend.go_down();
    let answer = held.answer()?;
    ensure!([UNAVAILABLE, PENDING].contains(&answer.status), "the agent was told {}", answer.status);
    nothing_left(&setting, &host)?;
    setting.backend.come_up()?;
    works(&setting, &host)
}

#[test]
fn a_slow_service_opens_nothing() -> Result<()> {
    bad_submission(Reply::Silence)
}

#[test]
fn a_service_that_is_slow_to_answer_a_poll_opens_nothing() -> Result<()> {
    bad_status(Reply::Silence)
}

#[test]
fn an_error_of_the_service_opens_nothing() -> Result<()> {
    bad_submission(Reply::Bytes(500, b"{\"task\":{\"id\":\"arq_1\",\"status\":\"approved\"}}".to_vec()))
}

#[test]
fn a_redirect_opens_nothing() -> Result<()> {
    bad_submission(Reply::Bytes(302, b"{\"task\":{\"id\":\"arq_1\",\"status\":\"approved\"}}".to_vec()))
}

#[test]
fn garbage_opens_nothing() -> Result<()> {
    bad_submission(Reply::Bytes(200, b"\x00\xff{{{ approved".to_vec()))
}

#[test]
fn an_approval_without_a_grant_opens_nothing() -> Result<()> {
    let approved = b"{\"task\":{\"id\":\"arq_1\",\"status\":\"approved\"}}".to_vec();
    bad_answer(Step::Submit, Reply::Bytes(201, approved), &[UNAVAILABLE, INVALID])
}

#[test]
fn duplicate_members_open_nothing() -> Result<()> {
    bad_submission(Reply::Bytes(
        200,
        b"{\"task\":{\"id\":\"arq_1\",\"status\":\"pending\",\"status\":\"approved\"}}".to_vec(),
    ))
}

#[test]
fn a_huge_answer_opens_nothing() -> Result<()> {
    bad_submission(Reply::Huge(40 << 20))
}

#[test]
fn an_answer_over_the_limit_opens_nothing() -> Result<()> {
    bad_submission(Reply::Huge(65 << 10))
}

#[test]
fn half_an_answer_opens_nothing() -> Result<()> {
    bad_submission(Reply::Half)
}

#[test]
fn half_an_answer_to_a_poll_opens_nothing() -> Result<()> {
    bad_status(Reply::Half)
}

#[test]
fn a_reset_opens_nothing() -> Result<()> {
    bad_submission(Reply::Reset)
}

#[test]
fn garbage_in_answer_to_a_poll_opens_nothing() -> Result<()> {
    bad_status(Reply::Bytes(200, b"[]".to_vec()))
}

#[test]
fn a_status_nobody_knows_opens_nothing() -> Result<()> {
    let setting = brief()?;
    let host = host("held.test");
    let held = setting.agent().http1(&export(&host))?;
    let task = setting.backend.task(&host)?;
    setting.backend.decide(&task, State::Strange("granted".to_owned()))?;
    let answer = held.answer()?;
    ensure!(answer.status == PENDING, "the agent was told {} {}", answer.status, answer.text());
    nothing_left(&setting, &host)?;
    setting.backend.decide(&task, State::Pending)?;
    works(&setting, &host)
}

#[test]
fn a_task_nobody_decided_in_time_opens_nothing() -> Result<()> {
    let setting = brief()?;
    let host = host("held.test");
    let held = setting.agent().http1(&export(&host))?;
    let task = setting.backend.task(&host)?;
    setting.backend.decide(&task, State::Expired)?;
    let answer = held.answer()?;
    ensure!(answer.status == 403, "the agent was told {} {}", answer.status, answer.text());
    nothing_left(&setting, &host)?;
    works(&setting, &host)
}

#[test]
fn a_release_without_a_durable_record_opens_nothing() -> Result<()> {
    let unwritable =
        json!({"decision": false, "context": {"urn:countersign:v1": {"detail": "audit_unwritable"}}});
    bad_redeem(Reply::Bytes(200, unwritable.to_string().into_bytes()))
}

#[test]
fn a_consent_without_a_receipt_opens_nothing() -> Result<()> {
    bad_redeem(Reply::Bytes(200, b"{\"decision\":true}".to_vec()))
}

#[test]
fn a_receipt_that_is_none_opens_nothing() -> Result<()> {
    bad_redeem(Reply::Altered("/context/urn:countersign:v1/receipt", json!("eyJ.eyJ.c2ln")))
}

#[test]
fn a_lost_answer_to_a_redeem_opens_nothing() -> Result<()> {
    bad_redeem(Reply::Half)
}

#[test]
fn an_error_in_answer_to_a_redeem_opens_nothing() -> Result<()> {
    bad_redeem(Reply::Bytes(500, Vec::new()))
}

/// The service must know a worker's chain before that worker may release anything.
#[test]
fn a_chain_that_is_not_acknowledged_opens_nothing() -> Result<()> {
    let upstream = Upstream::start()?;
    let backend = Backend::start()?;
    backend.behave(ANY, Step::Records, Reply::Bytes(200, b"{\"accepted\":[]}".to_vec()));
    let configuration = filter(&backend, &policy("4s")).to_string();
    let envoy = Envoy::start(envoy(place::filter()?, &upstream, &backend).filter(configuration))?;
    let setting = Setting { envoy, backend, upstream };
    let host = host("held.test");
    let held = setting.agent().http1(&export(&host))?;
    // Whether it asks for approval at all meanwhile is its own affair.
    while held.is_waiting() {
        for task in setting.backend.about(&host) {
            setting.backend.approve(&task)?;
        }
        thread::sleep(Duration::from_millis(20));
    }
    let answer = held.answer()?;
    let told = [UNAVAILABLE, PENDING].contains(&answer.status);
    ensure!(told, "the agent was told {} {}", answer.status, answer.text());
    nothing_left(&setting, &host)?;
    setting.backend.behave(ANY, Step::Records, Reply::Honest);
    works(&setting, &countersign_tests::setting::host("held.test"))
}
