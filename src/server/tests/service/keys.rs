//! Keys live, overlap and die without letting anything out that they should not.

use std::{fs, time::Duration};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use countersign_server::{
    admin::{self, Patience},
    service::{Choice, Restored, RevokedWhy},
};
use countersign_wire::jws::JwsFault;

use crate::support::{AUTHORITY, Bench, EVALUATION, NONCE, Pep, REQUESTS, number, private, submission};

const UNAUTHENTICATED: &str = "urn:countersign:problem:unauthenticated";
const DAY: i64 = 24 * 3_600_000;

fn kids(bench: &Bench) -> Vec<String> {
    bench.service.jwks().keys.iter().map(|key| key.kid.clone()).collect()
}

/// Waits until the service publishes what it should.
async fn until(bench: &Bench, wanted: impl Fn(&[String]) -> bool) {
    for _ in 0..100 {
        if wanted(&kids(bench)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the service publishes {:?}", kids(bench));
}

fn signer(state: &serde_json::Value) -> String {
    use base64::Engine as _;
    let header = state.as_str().unwrap().split('.').next().unwrap();
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).unwrap();
    serde_json::from_slice::<serde_json::Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_rotation_overlaps_and_needs_no_restart() {
    let bench = Bench::new().await;
    let old = kids(&bench)[0].clone();
    let before = bench.granted().await;
    let next = admin::prepare(&bench.state).unwrap().kid;
    assert!(admin::prepare(&bench.state).unwrap_err().to_string().contains("a next key already"));
    until(&bench, |kids| kids.contains(&next)).await;
    assert_eq!(signer(&bench.granted_for(|v| number(v, 1)).await.approval["state"]), old, "too early");
    let early = admin::rotate(bench.place(), Patience::Overlap, bench.now() + DAY - 1).await.unwrap_err();
    assert!(early.to_string().contains("not published for 24 hours"), "{early}");
    assert_eq!(admin::rotate(bench.place(), Patience::Overlap, bench.now() + DAY).await.unwrap(), next);
    until(&bench, |kids| kids == [next.clone(), old.clone()]).await;
    let after = bench.granted_for(|v| number(v, 2)).await;
    assert_eq!(signer(&after.approval["state"]), next);
    // Both verify, and both are redeemed: whoever holds a grant of the old key loses nothing.
    for granted in [&before, &after] {
        bench.jwks().grant(granted.approval["state"].as_str().unwrap()).unwrap();
    }
    let reply = bench.post(EVALUATION, &before.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], true, "{}", reply.text);
    let reply = bench.post(EVALUATION, &after.redeem_as(|v| number(v, 2))).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], true, "{}", reply.text);
    let states: Vec<_> =
        admin::keys(bench.place()).await.unwrap().into_iter().map(|key| (key.kid, key.state)).collect();
    assert_eq!(states, [(next, "current".to_owned()), (old, "retired".to_owned())]);
}

#[tokio::test]
async fn a_revoked_keys_grants_are_refused_at_once_and_their_tasks_say_so() {
    let bench = Bench::new().await;
    let old = kids(&bench)[0].clone();
    let granted = bench.granted().await;
    let done = admin::revoke_key(bench.place(), &old, bench.now()).await.unwrap();
    let fresh = done.signs_now.unwrap().kid;
    assert_eq!(done.grants, 1);
    // The service may not have looked at its files yet; the grants are refused all the same.
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!((reply.json["decision"].as_bool(), reply.detail()), (Some(false), "revoked"));
    assert_eq!(bench.view(&granted.id).await.revoked.unwrap().why, RevokedWhy::Key);
    until(&bench, |kids| kids == [fresh.clone()]).await;
    let after = bench.granted_for(|v| number(v, 2)).await;
    assert_eq!(signer(&after.approval["state"]), fresh);
    let reply = bench.post(EVALUATION, &after.redeem_as(|v| number(v, 2))).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], true, "{}", reply.text);
    let log = bench.log().await;
    assert!(log.iter().any(|record| record["event"] == "admin.key_revoked" && record["kid"] == old.as_str()));
    let states: Vec<_> = admin::keys(bench.place()).await.unwrap().into_iter().map(|key| key.state).collect();
    assert_eq!(states, ["current", "revoked"]);
    assert!(admin::revoke_key(bench.place(), "nobody", bench.now()).await.is_err());
}

#[tokio::test]
async fn what_a_revoked_key_signs_before_the_service_notices_is_refused() {
    let bench = Bench::new().await;
    let old = kids(&bench)[0].clone();
    // Only the database knows yet.
    sqlx::query("UPDATE signing_key SET revoked_at = 1 WHERE kid = $1")
        .bind(&old)
        .execute(&mut bench.sql().await)
        .await
        .unwrap();
    let granted = bench.granted().await;
    assert_eq!(signer(&granted.approval["state"]), old);
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!(reply.detail(), "revoked");
    assert_eq!(bench.view(&granted.id).await.revoked.unwrap().why, RevokedWhy::Key);
    let error = bench.killed().await.start(Restored::Refuse, |yaml| yaml).await.err().unwrap();
    assert!(error.contains(&format!("signing key `{old}` is revoked")), "{error}");
}

#[tokio::test]
async fn a_key_file_that_does_not_read_changes_nothing() {
    let bench = Bench::new().await;
    let before = kids(&bench);
    private(&bench.state.join("signing.key"), "garbage");
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(kids(&bench), before);
    fs::remove_file(bench.state.join("signing.key")).unwrap();
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(kids(&bench), before);
    assert!(!bench.state.join("signing.key").exists(), "it made itself another identity");
}

#[tokio::test]
async fn two_keys_of_a_filter_are_good_during_their_rotation_and_one_after_it() {
    let both = |yaml: String| {
        let old = "keys: [{keyid: pep, secret: {file: ";
        let folder = yaml.split(old).nth(1).unwrap().split("/pep}").next().unwrap().to_owned();
        yaml.replace(
            old,
            &format!("keys: [{{keyid: new, secret: {{file: {folder}/new}}}}, {{keyid: pep, secret: {{file: "),
        )
    };
    let stopped = Bench::new().await.killed().await;
    private(&stopped.folder().join("new"), &"09".repeat(32));
    let bench = stopped.start(Restored::Refuse, both).await.unwrap();
    let fresh = Pep::new("new", 9);
    let id = bench.task().await;
    for pep in [&bench.pep, &fresh] {
        bench.send(pep.get(&format!("{REQUESTS}/{id}"), bench.now())).await.expect(StatusCode::OK);
    }
    // The names are bound to the secrets.
    let crossed = Pep::new("new", 7);
    bench.send(crossed.get(&format!("{REQUESTS}/{id}"), bench.now())).await.problem(401, UNAUTHENTICATED);
    let bench = bench.killed_and_restarted().await;
    bench.send(fresh.get(&format!("{REQUESTS}/{id}"), bench.now())).await.problem(401, UNAUTHENTICATED);
    bench.get(&format!("{REQUESTS}/{id}")).await.expect(StatusCode::OK);
}

/// Staging has the same people, groups, rules and requests; only its name, its filters and its keys are its own.
#[tokio::test]
async fn two_environments_cannot_use_each_others_grants() {
    let prod = Bench::new().await;
    let mut staging = Bench::configured(|yaml| {
        yaml.replace("issuer: https://approvals.", "issuer: https://staging.")
            .replace("urn:countersign:pep:prod-eu1", "urn:countersign:pep:staging")
            .replace("keyid: pep,", "keyid: staging,")
            .replace("/pep}", "/other}")
    })
    .await;
    staging.pep = Pep::new("staging", 8);
    let as_staging =
        |value: &mut serde_json::Value| value["client"]["id"] = "urn:countersign:pep:staging".into();
    let foreign = staging.granted_for(as_staging).await;
    let ours = prod.granted().await;
    let grant = foreign.approval["state"].as_str().unwrap();
    // A filter of production knows neither the key nor the name.
    assert_eq!(prod.jwks().grant(grant).unwrap_err(), JwsFault::UnknownKey);
    let claims = staging.jwks().grant(grant).unwrap();
    assert_eq!(
        (claims.iss.as_str(), claims.aud.as_str()),
        ("https://staging.example.com", "urn:countersign:pep:staging")
    );
    // Production's service redeems nothing of staging, whoever brings it.
    let mut chain = prod.chain().await;
    let jti = foreign.approval["id"].as_str().unwrap();
    for tid in [&foreign.id, &ours.id] {
        let record = crate::support::releasing(&mut chain, prod.now(), tid, jti, crate::support::DIGEST);
        let body = crate::support::redeem(&foreign.approval, &record, NONCE);
        let reply = prod.post(EVALUATION, &body).await.expect(StatusCode::OK);
        assert_eq!(reply.detail(), "not_approved", "{tid}");
    }
    // With production's id and staging's signature in it, it is another grant than was given.
    let mut mixed = ours.redeem(NONCE);
    mixed["context"]["approval"]["state"] = grant.into();
    assert_eq!(prod.post(EVALUATION, &mixed).await.expect(StatusCode::OK).detail(), "digest_mismatch");
    // A filter of staging is nobody here, and does not speak for production's.
    let body = submission(as_staging).to_string();
    prod.send(staging.pep.post(REQUESTS, body.as_bytes(), prod.now())).await.problem(401, UNAUTHENTICATED);
    let denied = "urn:openid:authzen:access-request:error:invalid_denial_binding";
    prod.submit(as_staging).await.problem(403, denied);
    let reply = prod.post(EVALUATION, &ours.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], true, "{}", reply.text);
}

#[tokio::test]
async fn strangers_cost_no_write_and_are_slowed_down_and_nobody_else_is() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let (mut sql, file) = (bench.sql().await, bench.is_a_file());
    let version = async |sql: &mut sqlx::AnyConnection| -> i64 {
        sqlx::query_scalar(if file {
            "PRAGMA data_version"
        } else {
            "SELECT (SELECT count(*) FROM nonce) + (SELECT count(*) FROM idempotency) + (SELECT count(*) FROM audit_leaf)"
        })
        .fetch_one(sql)
        .await
        .unwrap()
    };
    let before = version(&mut sql).await;
    let stranger = Pep::new("nobody", 1);
    let liar = Pep::new("pep", 1);
    let body = submission(|_| {}).to_string();
    let mut told = Vec::new();
    for n in 0..60 {
        told.push(bench.send(stranger.post(REQUESTS, body.as_bytes(), bench.now())).await);
        let forged = if n % 2 == 0 {
            liar.get(&format!("{REQUESTS}/{id}"), bench.now())
        } else {
            Request::get(format!("http://{AUTHORITY}{REQUESTS}/{id}")).body(Body::empty()).unwrap()
        };
        told.push(bench.send(forged).await);
    }
    for (n, reply) in told.iter().enumerate() {
        if n < 100 {
            reply.problem(401, UNAUTHENTICATED);
        } else {
            reply.problem(429, "urn:countersign:problem:too-many-requests");
            assert!(reply.headers.contains_key("retry-after"));
        }
    }
    assert_eq!(version(&mut sql).await, before, "strangers made the service write");
    bench.get(&format!("{REQUESTS}/{id}")).await.expect(StatusCode::OK);
    assert_eq!(bench.decide("bob", &id, Choice::Deny).await.unwrap().status.as_str(), "denied");
}

#[tokio::test]
async fn the_body_of_a_stranger_is_not_read() {
    let bench = Bench::new().await;
    let stranger = Pep::new("nobody", 1);
    let mut call = stranger.post(REQUESTS, b"{}", bench.now());
    // A body that never ends: who waits for it never answers.
    *call.body_mut() = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let reply = tokio::time::timeout(Duration::from_secs(5), bench.send(call)).await.expect("it read on");
    reply.problem(401, UNAUTHENTICATED);
}
