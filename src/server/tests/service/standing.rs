//! The same again: what reviewers agreed to beyond one request is used so often and until then, and no further.

use axum::http::StatusCode;
use countersign_server::{
    config::{Account, Directory, Groups, Reviewer},
    service::{Again, Channel, Choice, Refusal, StandingState, StandingView, Status, TaskView, Vote},
};
use countersign_wire::grant::{GrantClaims, Standing};
use serde_json::{Value, json};

use crate::support::{
    Bench, EVALUATION, IDP, NONCE, REQUESTS, Reply, number, redigest, releasing, submission, v1,
};

const BOUND: Again = Again { uses: 5, seconds: 3600 };
const SCOPE: &str = "hmac-sha-256:bk1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The published submission with another body, under a rule that lets reviewers agree to five within an hour.
fn body(value: &mut Value, n: usize) {
    number(value, n);
    v1(value)["payload"]["masked_excerpt"] = format!("{{\"rows\":{n}}}").into();
    value["requested_access"]["urn:countersign:scoped"] =
        json!({"uses": 5, "seconds": 3600, "digest": SCOPE});
    redigest(value);
}

impl Bench {
    /// Submits the body of that number, changed.
    async fn sent(&self, n: usize, change: impl FnOnce(&mut Value)) -> Reply {
        let whole = |value: &mut Value| {
            body(value, n);
            change(value);
            redigest(value);
        };
        self.submit(whole).await
    }

    async fn status_of(&self, n: usize, change: impl FnOnce(&mut Value)) -> String {
        self.sent(n, change).await.task_status().to_owned()
    }

    async fn agree(&self, name: &str, id: &str, again: Option<Again>) -> Result<TaskView, Refusal> {
        let display_digest = self.view(id).await.display_digest;
        let vote = Vote { choice: Choice::Approve, reason: "because".into(), display_digest, code: None };
        self.service.decide_and_again(&self.person(name), Channel::Web, id, vote, again).await
    }

    /// Bob and Carol approve a first request and agree to that much beyond it.
    async fn standing(&self, bob: Option<Again>, carol: Option<Again>) -> String {
        let first = self.sent(0, |_| {}).await.expect(StatusCode::ACCEPTED).task_id();
        self.agree("bob", &first, bob).await.unwrap();
        self.agree("carol", &first, carol).await.unwrap();
        first
    }

    async fn only_standing(&self) -> StandingView {
        let mut all = self.service.standing().await.unwrap();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    fn claims(&self, reply: &Reply) -> GrantClaims {
        let state = reply.json["task"]["result"]["approval"]["state"].as_str().expect("no grant");
        self.jwks().grant(state).unwrap()
    }

    /// Redeems what was approved for the body of that number.
    async fn redeemed(&self, reply: &Reply, n: usize) -> Reply {
        let approval = reply.json["task"]["result"]["approval"].clone();
        let mut sent = submission(|value| body(value, n));
        let digest = sent["context"]["urn:countersign:request_digest"].take();
        let mut chain = self.chain().await;
        let (tid, jti) = (reply.task_id(), approval["id"].as_str().unwrap().to_owned());
        let record = releasing(&mut chain, self.now(), &tid, &jti, digest.as_str().unwrap());
        let body = json!({
            "subject": sent["subject"], "action": sent["action"], "resource": sent["resource"],
            "context": {"urn:countersign:request_digest": digest, "approval": approval,
                "urn:countersign:v1": {"nonce": NONCE, "record": record.value()}},
        });
        self.post(EVALUATION, &body).await.expect(StatusCode::OK)
    }
}

#[tokio::test]
async fn what_everyone_agreed_to_passes_without_a_question_and_then_is_asked_again() {
    let bench = Bench::new().await;
    let first = bench.standing(Some(BOUND), Some(BOUND)).await;
    for n in 1..5 {
        let reply = bench.sent(n, |_| {}).await.expect(StatusCode::CREATED);
        assert_eq!(reply.task_status(), "approved", "request {n}: {}", reply.text);
        assert_ne!(reply.task_id(), first, "a use is a task of its own");
        let redeemed = bench.redeemed(&reply, n).await;
        assert_eq!(redeemed.json["decision"], true, "{}", redeemed.text);
    }
    assert_eq!(bench.status_of(5, |_| {}).await, "pending");
    let stands = bench.only_standing().await;
    assert_eq!((stands.uses, stands.used, stands.state), (5, 5, StandingState::UsedUp));
    assert_eq!(stands.requests.len(), 4);
}

#[tokio::test]
async fn a_use_has_a_grant_for_its_own_request_that_names_what_it_was_given_under() {
    let bench = Bench::new().await;
    let first = bench.standing(Some(BOUND), Some(BOUND)).await;
    let decided = bench.get(&format!("{REQUESTS}/{first}")).await;
    assert_eq!(bench.claims(&decided).standing, None, "people decided the first one");
    bench.pass(10_000);
    let reply = bench.sent(1, |_| {}).await;
    let claims = bench.claims(&reply);
    let sent = submission(|value| body(value, 1));
    assert_eq!(json!(claims.request_digest), sent["context"]["urn:countersign:request_digest"]);
    assert_eq!(claims.display_digest, v1(&mut sent.clone())["payload"]["display_digest"]);
    assert_eq!((claims.tid.as_str(), claims.max_uses), (reply.task_id().as_str(), 1));
    let mut people: Vec<&str> = claims.approvers.iter().map(|one| one.sub.as_str()).collect();
    people.sort_unstable();
    assert_eq!(people, ["00u-bob", "00u-carol"]);
    let Standing { number, uses, since, until, first: named, scope, .. } = claims.standing.unwrap();
    let start = crate::support::START / 1000;
    assert_eq!((number, uses, since, until), (2, 5, start, start + 3600));
    assert_eq!((named, scope.as_str()), (first, SCOPE));
    let log = bench.log().await;
    let of = |event: &str| log.iter().filter(|record| record["event"] == event).count();
    assert_eq!((of("standing.begun"), of("decision.recorded")), (1, 2), "each use has its record");
}

#[tokio::test]
async fn a_grant_of_a_use_never_outlives_what_was_agreed_to() {
    let bench = Bench::new().await;
    bench.standing(Some(Again { uses: 5, seconds: 100 }), Some(BOUND)).await;
    bench.pass(60_000);
    let claims = bench.claims(&bench.sent(1, |_| {}).await);
    assert_eq!(claims.exp - claims.iat, 40);
    bench.pass(40_000);
    assert_eq!(bench.status_of(2, |_| {}).await, "pending");
    assert_eq!(bench.only_standing().await.state, StandingState::Expired);
}

#[tokio::test]
async fn the_narrowest_of_what_the_quorum_agreed_to_counts() {
    let bench = Bench::new().await;
    bench.standing(Some(Again { uses: 2, seconds: 3600 }), Some(Again { uses: 5, seconds: 60 })).await;
    let stands = bench.only_standing().await;
    assert_eq!((stands.uses, stands.until_ms - stands.since_ms), (2, 60_000));
}

#[tokio::test]
async fn where_one_of_the_quorum_agreed_to_this_one_only_nothing_stands() {
    for (bob, carol) in [(None, Some(BOUND)), (Some(BOUND), None)] {
        let bench = Bench::new().await;
        bench.standing(bob, carol).await;
        assert!(bench.service.standing().await.unwrap().is_empty());
        assert_eq!(bench.status_of(1, |_| {}).await, "pending");
    }
}

#[tokio::test]
async fn a_later_vote_without_the_scope_takes_the_agreement_back() {
    let bench = Bench::new().await;
    let first = bench.sent(0, |_| {}).await.task_id();
    bench.agree("bob", &first, Some(BOUND)).await.unwrap();
    bench.agree("bob", &first, None).await.unwrap();
    bench.agree("carol", &first, Some(BOUND)).await.unwrap();
    assert_eq!(bench.view(&first).await.status, Status::Approved);
    assert!(bench.service.standing().await.unwrap().is_empty());
}

#[tokio::test]
async fn nobody_agrees_to_more_than_the_rule_allows_or_where_it_allows_nothing() {
    let bench = Bench::new().await;
    let id = bench.sent(0, |_| {}).await.task_id();
    for (uses, seconds) in
        [(6, 60), (1, 60), (0, 60), (u32::MAX, 60), (2, 3601), (2, 0), (2, -1), (2, i64::MAX)]
    {
        let refused = bench.agree("bob", &id, Some(Again { uses, seconds })).await;
        assert_eq!(refused.unwrap_err(), Refusal::TooWide { uses: 5, seconds: 3600 }, "{uses} {seconds}");
    }
    assert!(bench.view(&id).await.votes.is_empty(), "a refused vote counted");
    let plain = bench.submit(|value| number(value, 77)).await.task_id();
    assert_eq!(bench.agree("bob", &plain, Some(BOUND)).await.unwrap_err(), Refusal::OneByOne);
}

#[tokio::test]
async fn nothing_but_the_body_may_differ() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 12] = [
        ("scope", |value| {
            let other = "hmac-sha-256:bk1:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
            value["requested_access"]["urn:countersign:scoped"]["digest"] = other.into();
        }),
        ("no scope", |value| value["requested_access"]["urn:countersign:scoped"] = Value::Null),
        ("subject", |value| value["subject"]["id"] = "spiffe://prod.example/ns/agents/sa/other".into()),
        ("actor", |value| value["client"]["actor"]["id"] = "other-bot".into()),
        ("human", |value| value["client"]["actor"]["act"]["sub"] = "mallory@example.com".into()),
        ("action", |value| value["action"]["name"] = "data_delete".into()),
        ("operation", |value| value["action"]["properties"]["operation"] = "DeleteTable".into()),
        ("resource", |value| value["resource"]["id"] = "postgres://db/other".into()),
        ("authority", |value| v1(value)["destination"]["authority"] = "evil.example".into()),
        ("path", |value| v1(value)["destination"]["path"] = "/v2/other".into()),
        ("rule", |value| v1(value)["policy"]["rule"] = "other".into()),
        ("quorum", |value| v1(value)["quorum"]["required"] = 3.into()),
    ];
    for (what, change) in changes {
        let bench = Bench::new().await;
        bench.standing(Some(BOUND), Some(BOUND)).await;
        assert_eq!(bench.status_of(1, change).await, "pending", "another {what} was not asked for");
        assert_eq!(bench.only_standing().await.used, 1, "{what}");
        assert_eq!(bench.status_of(2, |_| {}).await, "approved", "after another {what}");
    }
}

#[tokio::test]
async fn another_filter_uses_nothing_of_it() {
    let bench = Bench::new().await;
    bench.standing(Some(BOUND), Some(BOUND)).await;
    let other = crate::support::Pep::new("other", 8);
    let sent = submission(|value| {
        body(value, 1);
        value["client"]["id"] = "urn:countersign:pep:other".into();
    });
    let reply = bench.send(other.post(REQUESTS, sent.to_string().as_bytes(), bench.now())).await;
    assert_eq!(reply.task_status(), "pending");
}

#[tokio::test]
async fn a_bound_that_shrank_is_not_exceeded_by_what_was_agreed_to_before() {
    for scoped in [
        json!({"uses": 4, "seconds": 3600, "digest": SCOPE}),
        json!({"uses": 5, "seconds": 3599, "digest": SCOPE}),
    ] {
        let bench = Bench::new().await;
        bench.standing(Some(BOUND), Some(BOUND)).await;
        let shrunk = |value: &mut Value| value["requested_access"]["urn:countersign:scoped"] = scoped;
        assert_eq!(bench.status_of(1, shrunk).await, "pending");
    }
}

#[tokio::test]
async fn thirty_two_parallel_requests_get_no_more_than_was_agreed_to() {
    let bench = Bench::new().await;
    bench.standing(Some(BOUND), Some(BOUND)).await;
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(32));
    let calls: Vec<_> = (1..=32)
        .map(|n| {
            let body = submission(|value| body(value, n)).to_string();
            let call = bench.pep.post(REQUESTS, body.as_bytes(), bench.now());
            let (app, barrier) = (bench.app.clone(), barrier.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                let answer = tower::ServiceExt::oneshot(app, call).await.unwrap();
                answer.status()
            })
        })
        .collect();
    let mut approved = 0;
    for call in calls {
        approved += usize::from(call.await.unwrap() == StatusCode::CREATED);
    }
    assert_eq!(approved, 4);
    assert_eq!(bench.only_standing().await.used, 5);
}

#[tokio::test]
async fn an_identical_retry_joins_its_task_and_takes_no_second_use() {
    let bench = Bench::new().await;
    bench.standing(Some(BOUND), Some(BOUND)).await;
    let first = bench.sent(1, |_| {}).await;
    let again = bench.sent(1, |_| {}).await;
    assert_eq!((first.task_id(), bench.only_standing().await.used), (again.task_id(), 2));
}

#[tokio::test]
async fn what_is_taken_back_is_used_no_more_and_its_unused_grants_are_void() {
    let bench = Bench::new().await;
    bench.standing(Some(BOUND), Some(BOUND)).await;
    let used = bench.sent(1, |_| {}).await;
    assert_eq!(bench.redeemed(&used, 1).await.json["decision"], true);
    let unused = bench.sent(2, |_| {}).await;
    let id = bench.only_standing().await.id;
    let revoke = |name: &'static str, reason: &'static str| {
        let (service, who, id) = (bench.service.clone(), bench.person(name), id.clone());
        async move { service.revoke_standing(&who, Channel::Web, &id, reason).await }
    };
    assert!(matches!(revoke("erin", "no").await, Err(Refusal::NotEligible { .. })));
    assert_eq!(revoke("dave", "  ").await, Err(Refusal::ReasonRequired));
    assert_eq!(bench.only_standing().await.state, StandingState::Active);
    revoke("dave", "looks wrong").await.unwrap();
    let late = bench.redeemed(&unused, 2).await;
    assert_eq!((late.json["decision"].as_bool(), late.detail()), (Some(false), "revoked"));
    assert_eq!(bench.status_of(3, |_| {}).await, "pending");
    let stands = bench.only_standing().await;
    assert_eq!((stands.state, stands.ended_why.as_deref()), (StandingState::Ended, Some("revoked")));
    assert_eq!(stands.ended_by.as_deref(), Some("dave"));
    revoke("dave", "twice").await.unwrap();
    let ends = bench.log().await.iter().filter(|record| record["event"] == "standing.ended").count();
    assert_eq!(ends, 1, "an end is on record once");
}

/// The directory of the bench as it was typed, changed.
fn directory(bench: &Bench, change: impl FnOnce(&mut Vec<Reviewer>, &mut Groups)) -> Directory {
    let old = bench.service.directory();
    let (mut people, mut groups) = (old.people().to_vec(), old.groups().clone());
    change(&mut people, &mut groups);
    Directory::new(people, groups)
}

fn leave(groups: &mut Groups, group: &str, name: &str) {
    match groups {
        Groups::Listed(groups) => drop(groups.get_mut(group).unwrap().remove(name)),
        Groups::Everybody => unreachable!("the bench lists its groups"),
    }
}

#[tokio::test]
async fn who_leaves_the_group_takes_what_they_agreed_to_with_them() {
    let bench = Bench::new().await;
    bench.standing(Some(BOUND), Some(BOUND)).await;
    let unused = bench.sent(1, |_| {}).await;
    bench.service.replace_directory(directory(&bench, |_, groups| leave(groups, "security", "carol")));
    let late = bench.redeemed(&unused, 1).await;
    assert_eq!((late.json["decision"].as_bool(), late.detail()), (Some(false), "revoked"));
    assert_eq!(bench.status_of(2, |_| {}).await, "pending");
    assert_eq!(bench.only_standing().await.ended_why.as_deref(), Some("not_eligible"));
}

#[tokio::test]
async fn one_who_turns_out_to_be_the_requester_voids_it() {
    let bench = Bench::new().await;
    bench.standing(Some(BOUND), Some(BOUND)).await;
    let unused = bench.sent(1, |_| {}).await;
    let alias = |people: &mut Vec<Reviewer>, _: &mut Groups| {
        let bob = people.iter_mut().find(|person| person.name == "bob").unwrap();
        let account =
            Account { iss: IDP.into(), sub: "00u-a".into(), email: Some("alice@example.com".into()) };
        bob.accounts.push(account);
    };
    bench.service.replace_directory(directory(&bench, alias));
    let late = bench.redeemed(&unused, 1).await;
    assert_eq!((late.json["decision"].as_bool(), late.detail()), (Some(false), "revoked"));
    assert_eq!(bench.status_of(2, |_| {}).await, "pending");
    assert_eq!(bench.only_standing().await.ended_why.as_deref(), Some("not_eligible"));
}

#[tokio::test]
async fn another_text_of_the_rule_voids_it_for_good() {
    let bench = Bench::new().await;
    bench.standing(Some(BOUND), Some(BOUND)).await;
    let edited = |value: &mut Value| {
        v1(value)["policy"]["rule_digest"] = countersign_wire::digest::tagged("", b"edited").into();
    };
    assert_eq!(bench.status_of(1, edited).await, "pending");
    assert_eq!(bench.only_standing().await.ended_why.as_deref(), Some("rule_changed"));
    assert_eq!(bench.status_of(2, |_| {}).await, "pending");
}

#[tokio::test]
async fn a_no_to_the_same_again_ends_it() {
    let bench = Bench::new().await;
    let waiting = bench.sent(9, |_| {}).await.task_id();
    bench.standing(Some(BOUND), Some(BOUND)).await;
    bench.decide("bob", &waiting, Choice::Deny).await.unwrap();
    assert_eq!(bench.status_of(1, |_| {}).await, "pending");
    let stands = bench.only_standing().await;
    assert_eq!((stands.ended_why.as_deref(), stands.ended_by.as_deref()), (Some("denied"), Some("bob")));
}

#[tokio::test]
async fn it_is_not_used_where_what_became_of_an_earlier_use_is_not_known() {
    let bench = Bench::new().await;
    bench.standing(Some(BOUND), Some(BOUND)).await;
    let lost = bench.sent(1, |_| {}).await;
    assert_eq!(bench.redeemed(&lost, 1).await.json["decision"], true);
    let mut chain = bench.chain().await;
    let record = releasing(&mut chain, bench.now(), &lost.task_id(), "apr_x", "x");
    let report = json!({"state": "unknown", "request_bytes": 1, "duration_ms": 1, "record": record.value()});
    bench.post(&format!("{REQUESTS}/{}/outcome", lost.task_id()), &report).await.expect(StatusCode::OK);
    assert_eq!(bench.status_of(2, |_| {}).await, "pending");
}

#[tokio::test]
async fn what_stands_survives_a_crash_with_its_count() {
    let bench = Bench::new().await;
    bench.standing(Some(BOUND), Some(BOUND)).await;
    assert_eq!(bench.status_of(1, |_| {}).await, "approved");
    let bench = bench.killed_and_restarted().await;
    for (n, expected) in [(2, "approved"), (3, "approved"), (4, "approved"), (5, "pending")] {
        assert_eq!(bench.status_of(n, |_| {}).await, expected, "request {n}");
    }
}
