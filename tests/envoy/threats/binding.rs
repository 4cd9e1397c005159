//! An approval means these bytes, at this place, under this rule: whatever is changed afterwards asks anew.

use anyhow::{Result, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_tests::agent::{Agent, Request};
use countersign_tests::backend::{Backend, Grant, Step};
use countersign_tests::envoy::{Envoy, EnvoyConfig, Pushed};
use countersign_tests::setting::{Setting, envoy, filter, host, policy};
use countersign_tests::upstream::Upstream;
use countersign_tests::{eventually, place};
use countersign_wire::digest::{b64url, content_digest, hex};
use serde_json::{Value, json};

use super::hasty;
use crate::shared::{export, shared, works};

type Change = fn(Request) -> Request;

fn at(mut request: Request, target: &str) -> Request {
    target.clone_into(&mut request.target);
    request
}

fn of(request: Request, body: &str) -> Request {
    request.body(body)
}

fn to(mut request: Request, method: &str) -> Request {
    method.clone_into(&mut request.method);
    request
}

fn typed(request: &Request, media: &str) -> Request {
    Request::new(&request.method, &request.authority, &request.target)
        .header("content-type", media)
        .body(request.body.clone())
}

const VARIATIONS: [(&str, Change); 24] = [
    ("another method", |r| to(r, "PUT")),
    ("a path in capitals", |r| at(r, "/V2/import?mode=full")),
    ("a slash at the end", |r| at(r, "/v2/import/?mode=full")),
    ("an escaped slash", |r| at(r, "/v2%2fimport?mode=full")),
    ("a parameter in the path", |r| at(r, "/v2/import;x=1?mode=full")),
    ("an escaped dot segment", |r| at(r, "/v2/x/%252e%252e/import?mode=full")),
    ("no query", |r| at(r, "/v2/import")),
    ("another query", |r| at(r, "/v2/import?mode=all")),
    ("a longer query", |r| at(r, "/v2/import?mode=full&x=1")),
    ("a query in capitals", |r| at(r, "/v2/import?MODE=full")),
    ("an escaped query", |r| at(r, "/v2/import?mode=f%75ll")),
    ("another port", |mut r| {
        r.authority.push_str(":8443");
        r
    }),
    ("the port of the other scheme", |mut r| {
        r.authority.push_str(":80");
        r
    }),
    ("another row", |r| of(r, "{\"dataset\":\"prod.public.customers\",\"rows\":48211}")),
    ("a space in the body", |r| of(r, "{\"dataset\": \"prod.public.customers\",\"rows\":48210}")),
    ("another order in the body", |r| of(r, "{\"rows\":48210,\"dataset\":\"prod.public.customers\"}")),
    ("no body", |r| of(r, "")),
    ("another media type", |r| typed(&r, "text/plain")),
    ("a parameter of the media type", |r| typed(&r, "application/json; charset=utf-7")),
    ("a compressed body, it says", |r| r.header("content-encoding", "gzip")),
    ("another method, it says", |r| r.header("x-http-method-override", "DELETE")),
    ("another target, it says", |r| r.header("x-amz-target", "DynamoDB_20120810.DeleteTable")),
    ("another operation, it says", |r| r.header("soapaction", "urn:delete")),
    ("a condition", |r| r.header("if-match", "*")),
];

/// The original is approved and waits for its retry, while every variation of it is tried. An escaped letter (`%69`), a dot
/// segment, a doubled slash and a backslash are none: Envoy resolves them before anything is judged, and what leaves is what was approved.
#[test]
fn no_variation_of_an_approved_request_leaves_on_its_approval() -> Result<()> {
    let setting = hasty()?;
    let host = host("held.test");
    let original = export(&host);
    let answer = setting.agent().http1(&original)?.answer()?;
    ensure!(answer.status == 428, "the agent was told {} {}", answer.status, answer.text());
    setting.backend.approve(&setting.backend.task(&host)?)?;

    let mut tried = Vec::new();
    for (name, vary) in VARIATIONS {
        tried.push((name, setting.agent().http1(&vary(original.clone()))?));
    }
    let mut at_fault = Vec::new();
    for (name, exchange) in tried {
        let status = exchange.answer()?.status;
        if !(400..500).contains(&status) {
            at_fault.push(format!("{name}: told {status}"));
        }
    }
    let arrived: Vec<_> =
        setting.upstream.received().into_iter().filter(|one| one.authority.starts_with(&host)).collect();
    ensure!(at_fault.is_empty() && arrived.is_empty(), "{at_fault:#?}, {arrived:?}");

    // The approval itself was good all the while.
    let answer = setting.agent().http1(&original)?.answer()?;
    ensure!(answer.status == 200, "the original was told {} {}", answer.status, answer.text());
    ensure!(setting.upstream.only(&host)?.body == original.body, "another body arrived");
    Ok(())
}

/// What the service and the log learn of a body is worth nothing to somebody who has a list of candidates.
#[test]
fn nobody_without_the_binding_key_can_tell_a_guessed_body_from_what_is_published() -> Result<()> {
    let setting = shared()?;
    let host = host("held.test");
    let body = "{\"answer\":\"yes\"}";
    let held = setting.agent().http1(&Request::post(&host, "/votes", body))?;
    let task = setting.backend.task(&host)?;
    setting.backend.approve(&task)?;
    ensure!(held.answer()?.status == 200, "not released");
    let digest = content_digest(body.as_bytes());
    let base64 = digest.trim_start_matches("sha-256=:").trim_end_matches(':');
    let raw = STANDARD.decode(base64)?;
    let forms = [base64.to_owned(), b64url(&raw), hex(&raw)];
    eventually("the outcome", || !setting.backend.asked(&host, Step::Outcome).is_empty())?;
    let mut published: Vec<String> = setting.envoy.lines();
    for step in [Step::Submit, Step::Redeem, Step::Outcome] {
        let asked = setting.backend.asked(&host, step);
        ensure!(!asked.is_empty(), "nothing was sent as {step:?}");
        published.extend(asked.iter().map(|asked| asked.body.to_string()));
    }
    published.extend(setting.backend.records().iter().map(Value::to_string));
    let told = published.iter().find(|text| forms.iter().any(|form| text.contains(form.as_str())));
    ensure!(told.is_none(), "the plain digest of a body was published: {told:?}");
    let named = published.iter().any(|text| text.contains(&task.submission.context.request_digest));
    ensure!(named, "the keyed digest was published nowhere: this test looks in the wrong place");
    Ok(())
}

/// An approval was given, and before the retry the rule was changed: whoever approved had not seen this rule.
#[test]
fn an_approval_under_the_rule_before_releases_nothing_after_the_rule_changed() -> Result<()> {
    let (upstream, backend) = (Upstream::start()?, Backend::start()?);
    let config = |policy: &Value| -> Result<EnvoyConfig> {
        Ok(envoy(place::filter()?, &upstream, &backend).filter(filter(&backend, policy).to_string()))
    };
    let running = Envoy::start(config(&policy("4s"))?.listener_from_file())?;
    let mut stricter = policy("4s");
    stricter["rules"][0]["reviewers"] = json!({"groups": ["security"], "quorum": 2});
    let mut unrelated = policy("4s");
    unrelated["rules"][3]["match"]["method"] = json!(["GET"]);
    let (stricter, unrelated) = (config(&stricter)?.into_listener()?, config(&unrelated)?.into_listener()?);
    let setting = Setting { envoy: running, backend, upstream };

    let (kept, lost) = (host("held.test"), host("held.test"));
    for host in [&kept, &lost] {
        ensure!(setting.agent().http1(&export(host))?.answer()?.status == 428, "not handed off");
        setting.backend.approve(&setting.backend.task(host)?)?;
    }
    // Another rule changes, and an approval under this one stays good.
    ensure!(setting.envoy.push(&unrelated)? == Pushed::Taken, "a good policy was refused");
    let status = |host: &str| -> Result<u16> {
        Ok(Agent::new(setting.envoy.address()).http1(&export(host))?.answer()?.status)
    };
    ensure!(status(&kept)? == 200, "an approval under a rule that did not change was lost");
    ensure!(setting.envoy.push(&stricter)? == Pushed::Taken, "a good policy was refused");
    // The listener before may still drain; what it answers is an answer under the rule before.
    let told = status(&lost)?;
    ensure!(told == 428, "after the rule changed the agent was told {told}");
    ensure!(setting.upstream.count(&lost) == 0, "it left on an approval under the rule before");
    ensure!(setting.backend.about(&lost).len() == 2, "no new task was made under the new rule");
    Ok(())
}

/// Two clocks may differ by thirty seconds, and no more, in either direction.
#[test]
fn a_clock_that_is_off_by_more_than_thirty_seconds_releases_nothing() -> Result<()> {
    let setting = shared()?;
    for (name, shift, status) in [("25 s ahead", 25, 200), ("45 s ahead", 45, 403)] {
        let host = host("held.test");
        let held = setting.agent().http1(&export(&host))?;
        let grant = Grant::honest().with(move |claims| {
            (claims.iat, claims.nbf, claims.exp) =
                (claims.iat + shift, claims.nbf + shift, claims.exp + shift);
        });
        setting.backend.grant(&setting.backend.task(&host)?, grant)?;
        let told = held.answer()?.status;
        ensure!(told == status, "{name}: the agent was told {told}");
        ensure!(setting.upstream.count(&host) == usize::from(status == 200), "{name}: what left is wrong");
    }
    for (name, ended, status) in [("ended 15 s ago", 15, 200), ("ended 45 s ago", 45, 403)] {
        let host = host("held.test");
        let held = setting.agent().http1(&export(&host))?;
        let grant = Grant::honest().with(move |claims| {
            let lifetime = claims.exp - claims.iat;
            claims.exp = claims.iat - ended;
            (claims.iat, claims.nbf) = (claims.exp - lifetime, claims.exp - lifetime);
        });
        setting.backend.grant(&setting.backend.task(&host)?, grant)?;
        let told = held.answer()?.status;
        ensure!(told == status, "{name}: the agent was told {told}");
        ensure!(setting.upstream.count(&host) == usize::from(status == 200), "{name}: what left is wrong");
    }
    works(&setting, &host("held.test"))
}
