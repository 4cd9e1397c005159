//! Who may decide, what they must have seen, and when it is enough.

use axum::http::StatusCode;
use countersign_server::{
    config::{Directory, Groups},
    service::{Channel, Choice, Person, Refusal, Status, Vote},
};
use serde_json::{Value, json};

use crate::support::{Bench, IDP, REQUESTS, number, v1};

#[tokio::test]
async fn two_groups_need_two_people() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let after = bench.decide("bob", &id, Choice::Approve).await.unwrap();
    assert_eq!(after.status, Status::Pending);
    assert_eq!((after.progress.approved, after.progress.awaiting), (1, vec!["security".to_owned()]));
    let after = bench.decide("carol", &id, Choice::Approve).await.unwrap();
    assert_eq!(after.status, Status::Approved);
    let groups: Vec<_> =
        after.votes.iter().map(|vote| (vote.person.name.as_str(), vote.group.as_str())).collect();
    assert_eq!(groups, [("bob", "data-owners"), ("carol", "security")]);
}

#[tokio::test]
async fn a_person_of_both_groups_counts_for_one_of_them() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    assert_eq!(bench.decide("dave", &id, Choice::Approve).await.unwrap().status, Status::Pending);
    assert_eq!(bench.decide("dave", &id, Choice::Approve).await.unwrap().status, Status::Pending);
    // Dave was counted for the data owners first; Bob is one of those only, so Dave moves over.
    assert_eq!(bench.decide("bob", &id, Choice::Approve).await.unwrap().status, Status::Approved);
    let reply = bench.get(&format!("{REQUESTS}/{id}")).await;
    let grant =
        bench.jwks().grant(reply.json["task"]["result"]["approval"]["state"].as_str().unwrap()).unwrap();
    let mut entries: Vec<_> =
        grant.approvers.iter().map(|entry| (entry.sub.as_str(), entry.group.as_str())).collect();
    entries.sort_unstable();
    assert_eq!(entries, [("00u-bob", "data-owners"), ("00u-dave", "security")]);
}

#[tokio::test]
async fn two_accounts_of_one_human_are_one_vote() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    bench.decide("dave", &id, Choice::Approve).await.unwrap();
    let linked =
        Person { iss: "https://old.example.com".into(), sub: "dave-old".into(), ..bench.person("dave") };
    for who in [linked.clone(), Person { email: None, ..linked }] {
        let after = bench.decide_as(&who, &id, Choice::Approve).await.unwrap();
        assert_eq!((after.status, after.progress.approved), (Status::Pending, 1));
    }
}

#[tokio::test]
async fn nobody_who_asks_decides() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let alice = bench.person("alice");
    let as_account = |iss: &str, sub: &str, email: Option<&str>| Person {
        iss: iss.into(),
        sub: sub.into(),
        email: email.map(str::to_owned),
        ..alice.clone()
    };
    for who in [
        alice.clone(),
        bench.person("alias"),
        as_account(IDP, "alice@example.com", None),
        as_account("https://elsewhere.example", "alice@example.com", None),
        as_account(IDP, "00u-x", Some("alice@example.com")),
        as_account(IDP, "00u-x", Some("ALICE@example.com")),
        as_account(IDP, "00u-x", Some("alice+approvals@example.com")),
        as_account(IDP, "report-bot", None),
        as_account(IDP, "spiffe://prod.example/ns/agents/sa/report-bot", None),
    ] {
        for choice in [Choice::Approve, Choice::Deny, Choice::Ask] {
            let refused = bench.decide_as(&who, &id, choice).await.unwrap_err();
            assert_eq!(refused, Refusal::SelfApproval, "{who:?}");
        }
        assert_eq!(bench.service.may_decide(&who, &bench.view(&id).await), Err(Refusal::SelfApproval));
    }
    assert!(bench.view(&id).await.votes.is_empty());
    let log = bench.log().await;
    let attempts = log.iter().filter(|record| record["reason_code"] == "self-approval").count();
    assert_eq!(attempts, 27, "attempts are on record");
    assert!(bench.service.waiting(&alice).await.unwrap().is_empty());
}

#[tokio::test]
async fn nobody_deep_in_the_chain_of_actors_decides() {
    let bench = Bench::new().await;
    let chained = |value: &mut Value| {
        value["client"]["actor"]["act"] =
            json!({"sub": "pipeline", "act": {"sub": "00u-bob", "iss": "https://anything.example"}});
    };
    let id = bench.submit(chained).await.expect(StatusCode::ACCEPTED).task_id();
    assert_eq!(bench.decide("bob", &id, Choice::Approve).await.unwrap_err(), Refusal::SelfApproval);
    assert_eq!(bench.decide("dave", &id, Choice::Approve).await.unwrap().status, Status::Pending);
}

#[tokio::test]
async fn a_linked_account_that_asks_blocks_its_human() {
    let bench = Bench::new().await;
    let asked = |value: &mut Value| {
        value["client"]["actor"]["act"] = json!({"sub": "dave-old", "iss": "https://old.example.com"});
    };
    let id = bench.submit(asked).await.expect(StatusCode::ACCEPTED).task_id();
    assert_eq!(bench.decide("dave", &id, Choice::Approve).await.unwrap_err(), Refusal::SelfApproval);
}

#[tokio::test]
async fn who_is_in_no_group_of_the_rule_does_not_decide() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let stranger = Person {
        groups: vec!["security".into()],
        sub: "00u-stranger".into(),
        email: None,
        ..bench.person("bob")
    };
    for who in [bench.person("erin"), stranger] {
        let refused = bench.decide_as(&who, &id, Choice::Approve).await.unwrap_err();
        assert!(matches!(refused, Refusal::NotEligible { .. }), "{refused:?}");
    }
    let only = |value: &mut Value| {
        v1(value)["quorum"] = json!({"required": 1, "groups": ["security"], "distinct": true, "veto": true});
        number(value, 2);
    };
    let id = bench.submit(only).await.expect(StatusCode::ACCEPTED).task_id();
    assert!(matches!(bench.decide("bob", &id, Choice::Deny).await, Err(Refusal::NotEligible { .. })));
    assert_eq!(bench.decide("carol", &id, Choice::Approve).await.unwrap().status, Status::Approved);
}

#[tokio::test]
async fn a_decision_about_something_else_than_was_seen_is_refused() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let bob = bench.person("bob");
    let vote = |digest: &str, code: Option<&str>| Vote {
        choice: Choice::Approve,
        reason: "fine".into(),
        display_digest: digest.into(),
        code: code.map(str::to_owned),
    };
    let digest = bench.view(&id).await.display_digest;
    let decide = async |vote| bench.service.decide(&bob, Channel::Api, &id, vote).await;
    assert_eq!(decide(vote("sha-256:else", None)).await.unwrap_err(), Refusal::StaleView);
    assert_eq!(decide(vote("", None)).await.unwrap_err(), Refusal::StaleView);
    assert_eq!(decide(vote(&digest, Some("MAPLE-43"))).await.unwrap_err(), Refusal::WrongCode);
    assert!(bench.view(&id).await.votes.is_empty());
    decide(vote(&digest, Some("maple-42"))).await.unwrap();
}

#[tokio::test]
async fn a_decision_needs_a_reason() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let display_digest = bench.view(&id).await.display_digest;
    for (reason, refusal) in [
        ("", Refusal::ReasonRequired),
        (" \n", Refusal::ReasonRequired),
        (&"x".repeat(1001), Refusal::ReasonTooLong),
    ] {
        let vote = Vote {
            choice: Choice::Approve,
            reason: reason.into(),
            display_digest: display_digest.clone(),
            code: None,
        };
        let refused = bench.service.decide(&bench.person("bob"), Channel::Web, &id, vote).await.unwrap_err();
        assert_eq!(refused, refusal);
    }
}

#[tokio::test]
async fn one_denial_denies_and_is_signed() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    assert_eq!(bench.decide("carol", &id, Choice::Deny).await.unwrap().status, Status::Denied);
    let reply = bench.get(&format!("{REQUESTS}/{id}")).await.expect(StatusCode::OK);
    assert!(reply.json["task"]["result"].get("approval").is_none());
    assert_eq!(reply.json["task"]["display"]["description"], "denied by a reviewer: because");
    assert!(!reply.text.contains("carol"), "the agent's side learns who denied");
    let denial =
        bench.jwks().grant(reply.json["task"]["result"]["denial"]["state"].as_str().unwrap()).unwrap();
    assert_eq!(denial.decision, countersign_wire::grant::Decision::Denied);
    assert_eq!((denial.tid.as_str(), denial.approvers.len()), (id.as_str(), 1));
}

#[tokio::test]
async fn without_veto_a_denial_is_one_missing_vote() {
    let bench = Bench::new().await;
    let id = bench.submit(|value| v1(value)["quorum"]["veto"] = false.into()).await.task_id();
    assert_eq!(bench.decide("dave", &id, Choice::Deny).await.unwrap().status, Status::Pending);
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    assert_eq!(bench.decide("carol", &id, Choice::Approve).await.unwrap().status, Status::Approved);
}

#[tokio::test]
async fn who_approved_can_still_deny() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    assert_eq!(bench.decide("bob", &id, Choice::Deny).await.unwrap().status, Status::Denied);
}

#[tokio::test]
async fn the_first_terminal_state_wins() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    let refused = bench.decide("dave", &granted.id, Choice::Deny).await.unwrap_err();
    assert_eq!(refused, Refusal::NotPending { status: Status::Approved });
    let path = format!("{REQUESTS}/{}/cancel", granted.id);
    let reply = bench.post(&path, &json!({"reason": "client_disconnected"})).await.expect(StatusCode::OK);
    assert_eq!(reply.task_status(), "approved");

    let bench = Bench::new().await;
    let id = bench.task().await;
    let path = format!("{REQUESTS}/{id}/cancel");
    let reply = bench.post(&path, &json!({"reason": "client_disconnected"})).await.expect(StatusCode::OK);
    assert_eq!(reply.task_status(), "cancelled");
    let refused = bench.decide("bob", &id, Choice::Approve).await.unwrap_err();
    assert_eq!(refused, Refusal::NotPending { status: Status::Cancelled });
}

#[tokio::test]
async fn of_many_decisions_at_once_one_ends_the_task() {
    let bench = Bench::new().await;
    for round in 0..8 {
        let id = bench.submit(|value| number(value, round)).await.task_id();
        bench.decide("bob", &id, Choice::Approve).await.unwrap();
        let (approve, deny) = tokio::join!(
            bench.decide("carol", &id, Choice::Approve),
            bench.decide("dave", &id, Choice::Deny)
        );
        let status = bench.view(&id).await.status;
        let lost = match status {
            Status::Approved => deny,
            Status::Denied => approve,
            Status::Pending | Status::Expired | Status::Cancelled => panic!("{status:?}"),
        };
        assert_eq!(lost.unwrap_err(), Refusal::NotPending { status });
    }
}

#[tokio::test]
async fn an_answered_question_clears_what_was_approved_before() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    let asked = bench.decide("carol", &id, Choice::Ask).await.unwrap();
    assert_eq!((asked.status, asked.needs_context.unwrap().text.as_str()), (Status::Pending, "because"));
    let reply = bench.get(&format!("{REQUESTS}/{id}")).await.expect(StatusCode::OK);
    assert_eq!(reply.json["task"]["progress"]["step_name"], "needs_context");
    assert_eq!(reply.json["task"]["display"]["urn:countersign:v1"]["question"], "because");

    let path = format!("{REQUESTS}/{id}/context");
    let reply = bench.post(&path, &json!({"justification": "the vendor asked"})).await.expect(StatusCode::OK);
    assert_eq!(reply.task_status(), "pending");
    let view = bench.view(&id).await;
    assert!(view.votes.is_empty() && view.needs_context.is_none());
    assert_eq!(
        view.answers.iter().map(|answer| answer.text.as_str()).collect::<Vec<_>>(),
        ["the vendor asked"]
    );
    assert_eq!(bench.decide("carol", &id, Choice::Approve).await.unwrap().status, Status::Pending);
    assert_eq!(bench.decide("bob", &id, Choice::Approve).await.unwrap().status, Status::Approved);

    let reply = bench.post(&path, &json!({"justification": "again"})).await;
    reply.problem(409, "urn:openid:authzen:access-request:error:invalid_task_state");
}

#[tokio::test]
async fn a_task_that_ran_out_cannot_be_decided() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    let display_digest = bench.view(&id).await.display_digest;
    bench.pass(15 * 60 * 1000);
    let vote = Vote { choice: Choice::Approve, reason: "late".into(), display_digest, code: None };
    let refused = bench.service.decide(&bench.person("carol"), Channel::Web, &id, vote).await.unwrap_err();
    assert_eq!(refused, Refusal::NotPending { status: Status::Expired });
    assert_eq!(bench.view(&id).await.status, Status::Expired);
    let reply = bench.get(&format!("{REQUESTS}/{id}")).await.expect(StatusCode::OK);
    assert_eq!(
        (reply.task_status(), &reply.json["task"]["display"]["description"]),
        ("expired", &json!("nobody decided in time"))
    );
}

#[tokio::test]
async fn secrets_in_a_reason_are_kept_from_everybody() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let secret = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
    let vote = Vote {
        choice: Choice::Deny,
        reason: format!("you sent {secret}"),
        display_digest: bench.view(&id).await.display_digest,
        code: None,
    };
    bench.service.decide(&bench.person("bob"), Channel::Web, &id, vote).await.unwrap();
    let reply = bench.get(&format!("{REQUESTS}/{id}")).await;
    let log = bench.lines().await.concat();
    for text in [reply.text, log, format!("{:?}", bench.view(&id).await)] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn what_waits_for_a_reviewer_is_what_they_may_decide() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let names = async |name: &str| {
        let waiting = bench.service.waiting(&bench.person(name)).await.unwrap();
        waiting.into_iter().map(|task| task.id).collect::<Vec<_>>()
    };
    assert_eq!(names("bob").await, std::slice::from_ref(&id));
    assert!(names("erin").await.is_empty());
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    assert!(names("bob").await.is_empty());
    assert_eq!(names("carol").await, [id]);
}

#[tokio::test]
async fn who_left_the_group_since_they_voted_is_not_counted() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    let Groups::Listed(mut groups) = bench.service.directory().groups().clone() else { panic!("no groups") };
    groups.get_mut("data-owners").unwrap().remove("bob");
    let people = bench.service.directory().people().to_vec();
    bench.service.replace_directory(Directory::new(people, Groups::Listed(groups)));
    assert_eq!(bench.decide("carol", &id, Choice::Approve).await.unwrap().status, Status::Pending);
    assert_eq!(bench.decide("dave", &id, Choice::Approve).await.unwrap().status, Status::Approved);
}

#[tokio::test]
async fn a_filters_key_opens_no_door_for_reviewers() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let digest = bench.view(&id).await.display_digest;
    let body = json!({"decision": "approve", "reason": "it is me", "display_digest": digest});
    let path = format!("/approver/v1/requests/{id}/decisions");
    let mut signed = bench.pep.post(&path, body.to_string().as_bytes(), bench.now());
    signed.extensions_mut().insert(axum::extract::ConnectInfo(crate::support::listen()));
    assert_eq!(bench.send(signed).await.status, StatusCode::UNAUTHORIZED);
    assert!(bench.view(&id).await.votes.is_empty());
}
