//! A hostile approval service. One sits in the right place on the network and lacks the key; another has the key and lies: in
//! its grants, in its receipts, in what it says of a task. Neither moves a byte, and what it tried is on record.
//!
//! What a key-holder can do by design: name reviewers that never agreed, and call a used grant unused towards another worker.
//! Who holds the key is trusted for both, so the key is what must be kept.

use anyhow::{Context, Result, ensure};
use countersign_tests::backend::{Backend, Grant, Lie, Reply, State, Step, Task};
use countersign_tests::envoy::Envoy;
use countersign_tests::place;
use countersign_tests::setting::{Setting, envoy, filter, host, policy};
use countersign_tests::upstream::Upstream;
use countersign_wire::grant::{Approver, Decision, GrantClaims, ReceiptClaims};
use countersign_wire::jws::Issuer;
use countersign_wire::names;
use serde_json::{Value, json};

use crate::shared::{brief, export, failed, shared, works};

/// The filter trusts one key, and the service in its place signs with another.
fn without_the_key() -> Result<Setting> {
    let (upstream, backend) = (Upstream::start()?, Backend::signing_with(&[66; 32])?);
    let mut configuration = filter(&backend, &policy("4s"));
    configuration["approval"]["jwks"] = json!({"keys": [Issuer::from_seed(&[7; 32]).jwk()]});
    let config = envoy(place::filter()?, &upstream, &backend).filter(configuration.to_string());
    Ok(Setting { envoy: Envoy::start(config)?, backend, upstream })
}

#[test]
fn a_service_without_the_key_moves_nothing_and_is_recorded() -> Result<()> {
    let setting = without_the_key()?;
    let host = host("held.test");
    let held = setting.agent().http1(&export(&host))?;
    let task = setting.backend.task(&host)?;
    setting.backend.approve(&task)?;
    let answer = held.answer()?;
    ensure!(answer.status == 403, "the agent was told {} {}", answer.status, answer.text());
    ensure!(failed(&setting, &task.id)? == "grant_token", "something else was recorded");
    ensure!(setting.backend.asked(&host, Step::Redeem).is_empty(), "a stranger's grant was redeemed");
    ensure!(setting.upstream.received().is_empty(), "something left");
    Ok(())
}

/// It has seen an honest grant go by, and answers the redeem itself.
#[test]
fn a_service_without_the_key_cannot_confirm_an_honest_grant() -> Result<()> {
    let setting = without_the_key()?;
    let host = host("held.test");
    let held = setting.agent().http1(&export(&host))?;
    let task = setting.backend.task(&host)?;
    let trusted =
        |claims: &GrantClaims, _: &Issuer| Issuer::from_seed(&[7; 32]).sign(names::GRANT_TYP, claims);
    setting.backend.grant(&task, Grant::forged(trusted))?;
    let answer = held.answer()?;
    ensure!(answer.status == 403, "the agent was told {} {}", answer.status, answer.text());
    ensure!(failed(&setting, &task.id)? == "grant_token", "something else was recorded");
    ensure!(setting.backend.asked(&host, Step::Redeem).len() == 1, "it was not redeemed");
    ensure!(setting.upstream.received().is_empty(), "something left on a stranger's receipt");
    Ok(())
}

type Edit = fn(&mut GrantClaims);

fn first(claims: &mut GrantClaims, edit: impl FnMut(&mut Approver)) {
    claims.approvers.iter_mut().take(1).for_each(edit);
}

const OTHER: &str = "sha-256:hEevikKwVKecUqyh64PEj3t9mlSxHQhTiyWhVnweYIY";

/// What it says, and how that is recorded. The rule wants two people of `security`; Alice is the human behind the agent.
const LIES: [(&str, Edit, &str); 41] = [
    ("one approver of two", |c| c.approvers.truncate(1), "grant_quorum"),
    ("nobody", |c| c.approvers.clear(), "grant_quorum"),
    (
        "one person twice",
        |c| c.approvers = vec![c.approvers[0].clone(), c.approvers[0].clone()],
        "grant_quorum",
    ),
    (
        "two accounts with one mailbox",
        |c| first(c, |a| a.email = Some("Reviewer-1@People.test".into())),
        "grant_quorum",
    ),
    (
        "two accounts with one mailbox and a tag",
        |c| first(c, |a| a.email = Some("reviewer-1+b@people.test".into())),
        "grant_quorum",
    ),
    (
        "a sub that is the other's mailbox",
        |c| first(c, |a| (a.sub, a.email) = ("reviewer-1@people.test".into(), None)),
        "grant_quorum",
    ),
    ("one of another group", |c| first(c, |a| a.group = "friends".into()), "grant_quorum"),
    (
        "a lower quorum, and one approver",
        |c| {
            c.quorum.required = 1;
            c.approvers.truncate(1);
        },
        "grant_quorum",
    ),
    (
        "other groups, and approvers of those",
        |c| {
            c.quorum.groups = vec!["friends".into()];
            c.approvers.iter_mut().for_each(|a| a.group = "friends".into());
        },
        "grant_quorum",
    ),
    ("the requester", |c| first(c, |a| a.sub = "alice@people.test".into()), "self_approval"),
    (
        "the requester, of another issuer",
        |c| first(c, |a| (a.iss, a.sub) = ("https://other.test".into(), "alice@people.test".into())),
        "self_approval",
    ),
    (
        "the requester's mailbox",
        |c| first(c, |a| a.email = Some("alice@people.test".into())),
        "self_approval",
    ),
    (
        "the requester's mailbox in capitals",
        |c| first(c, |a| a.email = Some("ALICE@PEOPLE.TEST".into())),
        "self_approval",
    ),
    (
        "the requester's mailbox with a tag",
        |c| first(c, |a| a.email = Some("alice+reviews@people.test".into())),
        "self_approval",
    ),
    (
        "the requester's mailbox with a dot at the end",
        |c| first(c, |a| a.email = Some("alice@people.test.".into())),
        "self_approval",
    ),
    (
        "the requester's mailbox in wide letters",
        |c| first(c, |a| a.email = Some("\u{ff41}lice@people.test".into())),
        "self_approval",
    ),
    (
        "the requester among enough others",
        |c| {
            let alice = Approver { sub: "alice@people.test".into(), email: None, ..c.approvers[0].clone() };
            c.approvers.push(alice);
        },
        "self_approval",
    ),
    (
        "the workload itself",
        |c| first(c, |a| a.sub = "spiffe://prod.test/ns/agents/sa/report-bot".into()),
        "self_approval",
    ),
    (
        "another request",
        |c| c.request_digest = "hmac-sha-256:bk1:UkCGLkmvayI1RhKGl7vVpBMRLsxA-0IU1BdHapAYkJc".into(),
        "grant_claim",
    ),
    ("a bare digest", |c| c.request_digest = OTHER.into(), "grant_claim"),
    ("another display", |c| c.display_digest = OTHER.into(), "grant_claim"),
    ("another policy", |c| c.policy.id = "other".into(), "grant_claim"),
    ("another rule", |c| c.policy.rule = "open".into(), "grant_claim"),
    ("another version of the rule", |c| c.policy.rule_digest = OTHER.into(), "grant_claim"),
    ("another filter's", |c| c.aud = "urn:countersign:pep:staging".into(), "grant_claim"),
    ("another service's", |c| c.iss = "https://approvals.staging.test".into(), "grant_claim"),
    ("another task's", |c| c.tid = "arq_99999999".into(), "grant_claim"),
    ("another grant's id", |c| c.jti = "apr_99999999".into(), "grant_claim"),
    ("another subject's", |c| c.subject.id = "spiffe://prod.test/ns/agents/sa/other".into(), "grant_claim"),
    ("another resource's", |c| c.resource.id = "https://other.test/".into(), "grant_claim"),
    ("another action's", |c| c.action.name = "read_only".into(), "grant_claim"),
    ("another actor's", |c| c.actor.id = "other-bot".into(), "grant_claim"),
    ("nobody's on whose behalf", |c| c.actor.act = None, "grant_claim"),
    ("a denial", |c| c.decision = Decision::Denied, "grant_claim"),
    ("for two uses", |c| c.max_uses = 2, "grant_claim"),
    ("for no use", |c| c.max_uses = 0, "grant_claim"),
    ("bound to nothing", |c| c.binding_context_members.clear(), "grant_claim"),
    ("an old one", |c| (c.iat, c.nbf, c.exp) = (c.iat - 400, c.nbf - 400, c.iat - 100), "grant_time"),
    ("one of tomorrow", |c| (c.nbf, c.exp) = (c.nbf + 86_400, c.exp), "grant_time"),
    ("one that lives a year", |c| c.exp += 31_536_000, "grant_claim"),
    ("one that ends before it begins", |c| c.exp = c.iat - 1, "grant_claim"),
];

#[test]
fn no_lie_in_a_grant_moves_a_byte_and_each_is_recorded() -> Result<()> {
    let mut two = policy("20s");
    two["defaults"]["reviewers"]["quorum"] = json!(2);
    let setting = Setting::start(&two, |config| config.workers(2))?;
    let mut held = Vec::new();
    for (name, lie, code) in LIES {
        let host = host("held.test");
        let exchange = setting.agent().http1(&export(&host))?;
        let task = setting.backend.task(&host)?;
        setting.backend.grant(&task, Grant::honest().with(lie))?;
        held.push((name, code, host, task, exchange));
    }
    let mut at_fault = Vec::new();
    for (name, code, host, task, exchange) in held {
        let (answer, recorded) =
            (exchange.answer().context(name)?, failed(&setting, &task.id).context(name)?);
        let redeemed = setting.backend.asked(&host, Step::Redeem).len();
        if answer.status != 403 || recorded != code || redeemed != 0 {
            at_fault
                .push(format!("{name}: told {}, recorded `{recorded}`, {redeemed} redeems", answer.status));
        }
    }
    ensure!(at_fault.is_empty(), "{at_fault:#?}");
    ensure!(setting.upstream.received().is_empty(), "{:?}", setting.upstream.received());
    works(&setting, &host("held.test"))
}

fn lying(claims: &ReceiptClaims, issuer: &Issuer, lie: fn(&mut ReceiptClaims)) -> String {
    let mut claims = claims.clone();
    lie(&mut claims);
    issuer.sign(names::RECEIPT_TYP, &claims)
}

/// What it says of a redeem, and how that is recorded.
const RECEIPTS: [(&str, Lie, &str); 16] = [
    ("for another nonce", |c, i| lying(c, i, |c| c.nonce = "AAECAwQFBgcICQoLDA0ODw".into()), "grant_claim"),
    ("for no nonce", |c, i| lying(c, i, |c| c.nonce.clear()), "grant_claim"),
    ("for another grant", |c, i| lying(c, i, |c| c.jti = "apr_99999999".into()), "grant_claim"),
    ("for another request", |c, i| lying(c, i, |c| c.request_digest = OTHER.into()), "grant_claim"),
    ("for another record", |c, i| lying(c, i, |c| c.audit.hash = "0".repeat(64)), "grant_claim"),
    ("for another place in the chain", |c, i| lying(c, i, |c| c.audit.seq += 1), "grant_claim"),
    (
        "for another chain",
        |c, i| lying(c, i, |c| c.audit.chain = "019aa3e4-9c7b-7c1d-8f00-0a1b2c3d4e5f".into()),
        "grant_claim",
    ),
    (
        "for another filter",
        |c, i| lying(c, i, |c| c.aud = "urn:countersign:pep:staging".into()),
        "grant_claim",
    ),
    (
        "of another service",
        |c, i| lying(c, i, |c| c.iss = "https://approvals.staging.test".into()),
        "grant_claim",
    ),
    ("an old one", |c, i| lying(c, i, |c| (c.iat, c.exp) = (c.iat - 100, c.exp - 100)), "grant_time"),
    (
        "one of tomorrow",
        |c, i| lying(c, i, |c| (c.iat, c.exp) = (c.iat + 86_400, c.exp + 86_400)),
        "grant_time",
    ),
    ("one that lives an hour", |c, i| lying(c, i, |c| c.exp += 3600), "grant_claim"),
    ("by a stranger", |c, _| Issuer::from_seed(&[66; 32]).sign(names::RECEIPT_TYP, c), "grant_token"),
    ("typed as a grant", |c, i| i.sign(names::GRANT_TYP, c), "grant_token"),
    (
        "unsigned",
        |c, i| {
            i.sign(names::RECEIPT_TYP, c)
                .rsplit_once('.')
                .map(|(signed, _)| format!("{signed}."))
                .unwrap_or_default()
        },
        "grant_token",
    ),
    ("empty", |_, _| String::new(), "grant_token"),
];

/// Sends an export, lets it be approved, and lets the redeem be answered so.
fn redeemed_so(setting: &Setting, reply: Reply) -> Result<(u16, Task)> {
    let host = host("held.test");
    setting.backend.behave(&host, Step::Redeem, reply);
    let held = setting.agent().http1(&export(&host))?;
    let task = setting.backend.task(&host)?;
    setting.backend.approve(&task)?;
    let status = held.answer()?.status;
    ensure!(setting.backend.asked(&host, Step::Redeem).len() <= 2, "it asked again and again");
    ensure!(setting.upstream.count(&host) == 0, "it left");
    Ok((status, task))
}

#[test]
fn no_lie_in_a_receipt_moves_a_byte_and_each_is_recorded() -> Result<()> {
    let setting = shared()?;
    let mut at_fault = Vec::new();
    for (name, lie, code) in RECEIPTS {
        let (status, task) = redeemed_so(&setting, Reply::Lying(lie)).context(name)?;
        let recorded = failed(&setting, &task.id).context(name)?;
        if status != 403 || recorded != code {
            at_fault.push(format!("{name}: told {status}, recorded `{recorded}`"));
        }
    }
    ensure!(at_fault.is_empty(), "{at_fault:#?}");
    works(&setting, &host("held.test"))
}

#[test]
fn the_receipt_that_is_lied_about_is_one() -> Result<()> {
    let setting = shared()?;
    let host = host("held.test");
    setting.backend.behave(&host, Step::Redeem, Reply::Lying(|claims, issuer| lying(claims, issuer, |_| {})));
    works(&setting, &host)
}

const RECEIPT: &str = "/context/urn:countersign:v1/receipt";

/// The receipt of an earlier release, word for word.
#[test]
fn an_old_receipt_confirms_nothing_again() -> Result<()> {
    static OLD: std::sync::Mutex<String> = std::sync::Mutex::new(String::new());
    let setting = shared()?;
    let earlier = host("held.test");
    let keep: Lie = |claims, issuer| {
        let token = issuer.sign(names::RECEIPT_TYP, claims);
        OLD.lock().map(|mut old| old.clone_from(&token)).unwrap_or_default();
        token
    };
    setting.backend.behave(&earlier, Step::Redeem, Reply::Lying(keep));
    works(&setting, &earlier)?;
    let old = OLD.lock().map(|old| old.clone()).unwrap_or_default();
    ensure!(old.len() > 100, "no receipt was kept");
    let (status, task) = redeemed_so(&setting, Reply::Altered(RECEIPT, json!(old)))?;
    ensure!(status == 403, "the agent was told {status}");
    ensure!(failed(&setting, &task.id)? == "grant_claim", "something else was recorded");
    Ok(())
}

#[test]
fn a_yes_that_is_none_releases_nothing() -> Result<()> {
    let setting = shared()?;
    for (name, reply) in [
        ("without a receipt", Reply::Bytes(200, br#"{"decision":true}"#.to_vec())),
        ("with a receipt that is null", Reply::Altered(RECEIPT, Value::Null)),
        ("as a word", Reply::Altered("/decision", json!("true"))),
        ("no, with a receipt", Reply::Altered("/decision", json!(false))),
        ("first no, then yes", Reply::Bytes(200, br#"{"decision":false,"decision":true}"#.to_vec())),
        ("with a code that is no answer", Reply::Bytes(201, br#"{"decision":true}"#.to_vec())),
        ("nothing", Reply::Bytes(200, Vec::new())),
    ] {
        let (status, _) = redeemed_so(&setting, reply).context(name)?;
        ensure!([403, 503].contains(&status), "{name}: the agent was told {status}");
    }
    works(&setting, &host("held.test"))
}

/// The grant of one task, given for another.
#[test]
fn the_grant_of_another_task_permits_nothing() -> Result<()> {
    let setting = shared()?;
    let (mine, other) = (host("held.test"), host("held.test"));
    let released = setting.agent().http1(&export(&other))?;
    let task = setting.backend.task(&other)?;
    setting.backend.approve(&task)?;
    let granted = setting.backend.by_id(&task.id).context("no task")?;
    let State::Approved(token) = granted.state else { anyhow::bail!("not approved") };
    ensure!(released.answer()?.status == 200, "the honest one was not released");

    let held = setting.agent().http1(&export(&mine))?;
    let task = setting.backend.task(&mine)?;
    setting.backend.grant(&task, Grant::forged(move |_, _| token))?;
    let answer = held.answer()?;
    ensure!(
        answer.status == 403 && setting.upstream.count(&mine) == 0,
        "told {} {}",
        answer.status,
        answer.text()
    );
    ensure!(failed(&setting, &task.id)? == "grant_claim", "something else was recorded");
    Ok(())
}

/// The same request again, and the service serves the task and the grant that were used.
#[test]
fn a_used_grant_served_again_releases_nothing() -> Result<()> {
    let setting = Setting::start(&policy("10s"), |config| config.workers(1))?;
    let host = host("held.test");
    works(&setting, &host)?;
    let task = setting.backend.about(&host).pop().context("no task")?;
    let State::Approved(token) = &task.state else { anyhow::bail!("not approved") };
    let again = json!({"task": {"id": task.id, "status": "approved", "result": {"mode": "reevaluate",
        "approval": {"id": task.id.replace("arq_", "apr_"), "state": token}}}});
    setting.backend.behave(&host, Step::Submit, Reply::Bytes(201, again.to_string().into_bytes()));
    let answer = setting.agent().http1(&export(&host))?.answer()?;
    ensure!(answer.status == 409, "the agent was told {} {}", answer.status, answer.text());
    ensure!(setting.upstream.count(&host) == 1, "it left twice");
    ensure!(failed(&setting, &task.id)? == "already_used", "something else was recorded");
    Ok(())
}

/// The task says one thing and what it carries another: whatever counts, it is not the consent.
#[test]
fn a_task_that_contradicts_itself_releases_nothing() -> Result<()> {
    let setting = brief()?;
    let mut held = Vec::new();
    for (pointer, value, expected) in [
        ("/task/status", json!("pending"), &[428][..]),
        ("/task/status", json!("granted"), &[428]),
        ("/task/status", json!("consumed"), &[428]),
        ("/task/status", json!("denied"), &[403]),
        ("/task/status", json!("expired"), &[403]),
        ("/task/status", json!(["approved"]), &[428, 503]),
        ("/task/id", json!("arq_99999999"), &[403, 428, 503]),
        ("/task/result", Value::Null, &[403]),
        ("/task/result/approval", Value::Null, &[403]),
        ("/task/result/mode", json!("local"), &[403]),
        ("/task/result/approval/id", json!("apr_99999999"), &[403]),
        ("/task/result/approval/state", json!(""), &[403]),
    ] {
        let host = host("held.test");
        for step in [Step::Submit, Step::Status] {
            setting.backend.behave(&host, step, Reply::Altered(pointer, value.clone()));
        }
        let exchange = setting.agent().http1(&export(&host))?;
        setting.backend.approve(&setting.backend.task(&host)?)?;
        held.push((format!("{pointer} is {value}"), host, exchange, expected));
    }
    for (name, host, exchange, expected) in held {
        let answer = exchange.answer().context(name.clone())?;
        ensure!(expected.contains(&answer.status), "{name}: told {} {}", answer.status, answer.text());
        ensure!(setting.upstream.count(&host) == 0, "{name}: it left");
    }
    works(&setting, &host("held.test"))
}
