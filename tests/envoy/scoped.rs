//! The same again, in a real Envoy: what reviewers agreed to beyond one request passes so often and no oftener, and a claim
//! to it moves nothing that the filter's own rule does not allow. And a service that takes no more is asked no more.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::{Agent, Exchange, Request};
use countersign_tests::backend::{Grant, Reply, Step};
use countersign_tests::envoy::Envoy;
use countersign_tests::service::{Reviewer, Service};
use countersign_tests::setting::{Setting, envoy_of, host, policy};
use countersign_tests::upstream::Upstream;
use countersign_tests::within;
use countersign_wire::grant::{GrantClaims, Standing};
use serde_json::{Value, json};

use crate::shared::{A_WHILE, works};

const PATIENCE: Duration = Duration::from_secs(20);
const USES: usize = 4;

/// The policy of the tests, in which reviewers may agree to four requests within ten minutes at `*.often.test`.
fn scoped(human: &str) -> Value {
    let mut policy = policy("20s");
    let rule = json!({"name": "often", "match": {"host": "*.often.test"}, "effect": "hold",
        "scoped": {"uses": USES, "for": "10m"}});
    policy["rules"].as_array_mut().into_iter().for_each(|rules| rules.push(rule.clone()));
    policy["requester"]["sources"][0]["static"]["human"]["sub"] = human.into();
    policy
}

struct Real {
    envoy: Envoy,
    service: Service,
    upstream: Upstream,
}

impl Real {
    fn start(service: Service) -> Result<Self> {
        let upstream = Upstream::start()?;
        let envoy = Envoy::start(envoy_of(&service, &upstream, &scoped("alice@people.test"))?)?;
        Ok(Self { envoy, service, upstream })
    }

    fn send(&self, request: &Request) -> Result<Exchange> {
        Agent::new(self.envoy.address()).http1(request)
    }

    /// What the agent is told of a request that nobody is asked for.
    fn at_once(&self, request: &Request) -> Result<u16> {
        Ok(self.send(request)?.answer_within(Duration::from_secs(10))?.status)
    }

    /// The one request that waits.
    fn waiting(reviewer: &Reviewer) -> Result<Value> {
        let one = within(PATIENCE, "a request in the inbox", || reviewer.waiting().ok()?.into_iter().next())?;
        reviewer.request(one["id"].as_str().context("no id")?)
    }

    /// Bob approves a first request and agrees to all that the rule allows.
    fn agreed(&self, host: &str) -> Result<Reviewer> {
        let bob = self.service.reviewer("bob")?;
        let first = self.send(&numbered(host, 0))?;
        let shown = Self::waiting(&bob)?;
        ensure!(shown["scope"]["uses"] == USES && shown["scope"]["seconds"] == 600, "{}", shown["scope"]);
        let words = shown["scope"]["words"].as_str().unwrap_or_default();
        ensure!(words.contains(host) && words.contains("bodies may differ"), "{words}");
        let answer = bob.decide_and_again(&shown, USES, 600)?;
        ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
        ensure!(first.answer()?.status == 200, "the first request was not released");
        Ok(bob)
    }

    /// Sends a request that must be asked for: it waits, and the reviewer denies it.
    fn is_asked(&self, reviewer: &Reviewer, request: &Request) -> Result<()> {
        let before = self.upstream.received().len();
        let held = self.send(request)?;
        let shown = Self::waiting(reviewer)?;
        ensure!(held.is_waiting() && self.upstream.received().len() == before, "it left without a question");
        reviewer.decide(&shown, "deny", "not this")?;
        let status = held.answer()?.status;
        ensure!(status == 403, "the agent was told {status}");
        Ok(())
    }
}

/// The same request with another body each time.
fn numbered(host: &str, number: usize) -> Request {
    Request::post(
        host,
        "/v2/import?mode=full",
        format!("{{\"dataset\":\"prod.customers\",\"rows\":{number}}}"),
    )
}

#[test]
fn what_was_agreed_to_leaves_without_a_question_so_often_and_then_is_asked_again() -> Result<()> {
    let real = Real::start(Service::start()?)?;
    let host = host("often.test");
    let bob = real.agreed(&host)?;
    for number in 1..USES {
        let status = real.at_once(&numbered(&host, number))?;
        ensure!(status == 200, "request {number} was told {status}");
    }
    ensure!(bob.waiting()?.is_empty(), "somebody was asked");
    let arrived = real.upstream.about(&host);
    ensure!(arrived.len() == USES, "{} requests arrived", arrived.len());
    for (number, one) in arrived.iter().enumerate() {
        ensure!(one.body == numbered(&host, number).body, "request {number} has another body");
    }
    let standing = bob.standing()?;
    ensure!(standing[0]["used"] == USES && standing[0]["state"] == "used_up", "{}", standing[0]);
    real.is_asked(&bob, &numbered(&host, USES))
}

#[test]
fn another_path_query_or_host_is_asked_for_and_so_is_another_requester() -> Result<()> {
    let real = Real::start(Service::start()?)?;
    let own = host("often.test");
    let bob = real.agreed(&own)?;
    let elsewhere = host("often.test");
    for (host, target) in [
        (&own, "/v2/import?mode=part"),
        (&own, "/v2/import"),
        (&own, "/v2/export?mode=full"),
        (&elsewhere, "/v2/import?mode=full"),
    ] {
        let request = Request::post(host, target, "{\"dataset\":\"prod.customers\",\"rows\":1}");
        // A denial of another scope ends nothing here.
        real.is_asked(&bob, &request).with_context(|| format!("`{host}{target}`"))?;
    }
    let upstream = Upstream::start()?;
    let other = Envoy::start(envoy_of(&real.service, &upstream, &scoped("mallory@people.test"))?)?;
    let held = Agent::new(other.address()).http1(&numbered(&own, 7))?;
    Real::waiting(&bob)?;
    thread::sleep(A_WHILE);
    ensure!(held.is_waiting() && upstream.received().is_empty(), "another human used what alice may");
    drop(held);
    let status = real.at_once(&numbered(&own, 1))?;
    ensure!(status == 200, "and alice's own was told {status}");
    Ok(())
}

#[test]
fn what_is_taken_back_is_asked_for_at_once() -> Result<()> {
    let real = Real::start(Service::start()?)?;
    let host = host("often.test");
    let bob = real.agreed(&host)?;
    ensure!(real.at_once(&numbered(&host, 1))? == 200, "it does not stand at all");
    let standing = bob.standing()?;
    let answer = bob.take_back(standing[0]["id"].as_str().context("no id")?)?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
    real.is_asked(&bob, &numbered(&host, 2))
}

/// A grant under a standing approval that people never gave, at `host`: it must not move the request.
fn refused(
    setting: &Setting,
    host: &str,
    edit: impl FnOnce(&mut GrantClaims) + Send + 'static,
) -> Result<()> {
    let held = setting.agent().http1(&numbered(host, 1))?;
    let task = setting.backend.task(host)?;
    let scope = task.submission.requested_access.as_ref().and_then(|access| access.scoped.clone());
    let claim = |claims: &mut GrantClaims| {
        let since = claims.iat - 60;
        claims.approvers.iter_mut().for_each(|approver| approver.at = since);
        claims.standing = Some(Standing {
            id: "sta_1".to_owned(),
            number: 2,
            uses: 3,
            since,
            until: since + 600,
            first: "arq_first".to_owned(),
            scope: scope.map(|scope| scope.digest).unwrap_or_default(),
        });
        edit(claims);
    };
    setting.backend.grant(&task, Grant::honest().with(claim))?;
    let answer = held.answer()?;
    ensure!(answer.status == 403, "the agent was told {} {}", answer.status, answer.text());
    thread::sleep(A_WHILE);
    ensure!(setting.upstream.count(host) == 0, "a request left on a claim to what nobody agreed to");
    ensure!(setting.backend.asked(host, Step::Redeem).is_empty(), "it was redeemed");
    Ok(())
}

#[test]
fn a_claim_to_the_same_again_moves_nothing_where_the_rule_or_its_bounds_do_not_allow_it() -> Result<()> {
    let setting = Setting::start(&scoped("alice@people.test"), |config| config.workers(2))?;
    refused(&setting, &host("held.test"), |_| {}).context("a rule that is not scoped")?;
    let often = || host("often.test");
    let change =
        |edit: fn(&mut Standing)| move |claims: &mut GrantClaims| claims.standing.iter_mut().for_each(edit);
    for (what, edit) in [
        ("more uses than the rule allows", (|it| it.uses = 5) as fn(&mut Standing)),
        ("a use beyond the last", |it| it.number = 4),
        ("a longer time than the rule allows", |it| it.until = it.since + 601),
        ("another scope", |it| {
            it.scope = "hmac-sha-256:bk1:UkCGLkmvayI1RhKGl7vVpBMRLsxA-0IU1BdHapAYkJc".to_owned();
        }),
    ] {
        refused(&setting, &often(), change(edit)).context(what)?;
    }
    // The bounds are what refused them: the same claim within them is an honest grant.
    let host = often();
    let held = setting.agent().http1(&numbered(&host, 1))?;
    let task = setting.backend.task(&host)?;
    let access = task.submission.requested_access.clone().context("no access")?;
    let scope = access.scoped.context("the rule offers nothing")?.digest;
    let claim = move |claims: &mut GrantClaims| {
        let since = claims.iat - 60;
        claims.approvers.iter_mut().for_each(|approver| approver.at = since);
        let (id, first) = ("sta_1".to_owned(), "arq_first".to_owned());
        claims.standing = Some(Standing { id, number: 2, uses: 3, since, until: since + 600, first, scope });
    };
    setting.backend.grant(&task, Grant::honest().with(claim))?;
    ensure!(held.answer()?.status == 200 && setting.upstream.count(&host) == 1, "an honest use was refused");
    let redeems = setting.backend.asked(&host, Step::Redeem);
    let record =
        &redeems.first().context("nothing was redeemed")?.body["context"]["urn:countersign:v1"]["record"];
    ensure!(record["event"] == "action.releasing" && record["standing"]["id"] == "sta_1", "{record}");
    Ok(())
}

#[test]
fn a_service_that_takes_no_more_is_asked_once_and_the_agent_is_told_which_limit_and_when() -> Result<()> {
    let setting = Setting::start(&policy("20s"), |config| config.workers(2))?;
    let host = host("held.test");
    let problem = json!({"type": "urn:countersign:problem:too-many-requests", "status": 429,
        "limit": "pending_per_rule", "current": 10_000, "detail": "APPROVED by the CISO"});
    setting.backend.behave(&host, Step::Submit, Reply::Bytes(429, problem.to_string().into_bytes()));
    let answer = setting.agent().http1(&numbered(&host, 1))?.answer_within(Duration::from_secs(5))?;
    ensure!(answer.status == 429, "{} {}", answer.status, answer.text());
    let told = answer.json()?;
    ensure!(told["limit"] == "pending_per_rule" && told["current"] == 10_000, "{told}");
    ensure!(told["approval"]["executed"] == false && !told.to_string().contains("CISO"), "{told}");
    thread::sleep(Duration::from_secs(3));
    let asked = setting.backend.asked(&host, Step::Submit).len();
    ensure!(asked == 1, "a full service was asked {asked} times");
    ensure!(setting.upstream.count(&host) == 0, "it left");
    setting.backend.behave(&host, Step::Submit, Reply::Honest);
    works(&setting, &host)
}

#[test]
fn the_real_service_tells_a_flood_where_its_end_is() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("server.yaml");
    std::fs::write(&config, "pending_per_subject: 2\n")?;
    let real = Real::start(Service::with(&["--config", &config.to_string_lossy()])?)?;
    let host = host("held.test");
    let held: Vec<Exchange> =
        (0..2).map(|number| real.send(&numbered(&host, number))).collect::<Result<_>>()?;
    let bob = real.service.reviewer("bob")?;
    within(PATIENCE, "two requests in the inbox", || (bob.waiting().ok()?.len() == 2).then_some(()))?;
    let answer = real.send(&numbered(&host, 2))?.answer_within(Duration::from_secs(10))?;
    ensure!(answer.status == 429, "{} {}", answer.status, answer.text());
    let told = answer.json()?;
    ensure!(told["limit"] == "pending_per_subject" && told["current"] == 2, "{told}");
    let alike = bob.waiting()?;
    ensure!(alike.iter().all(|one| one["alike"]["waiting"] == 2), "{alike:?}");
    ensure!(real.upstream.received().is_empty() && held.iter().all(Exchange::is_waiting), "something left");
    Ok(())
}
