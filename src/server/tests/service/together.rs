//! Who together is enough: or, m of a group, and whom a rule keeps out; who turns out to be somebody else.

use axum::http::StatusCode;
use countersign_server::{
    config::{Account, Directory, Groups, Reviewer},
    service::{Choice, Refusal, Status},
};
use countersign_wire::people::{Requesters, Separation};
use serde_json::{Value, json};

use crate::support::{Bench, DIGEST, EVALUATION, IDP, NONCE, REQUESTS, number, redeem, releasing, v1};

/// `{people, of}` for each.
fn ways(value: &mut Value, required: u8, groups: &[&str], ways: &Value) {
    v1(value)["quorum"] =
        json!({"required": required, "groups": groups, "distinct": true, "veto": true, "ways": ways});
}

fn security_alone(value: &mut Value, separation: &str) {
    v1(value)["quorum"] = json!({"required": 1, "groups": ["security"], "distinct": true, "veto": true,
        "separation": [separation]});
}

/// The directory with `name` owning these accounts besides their own, and nobody else owning them.
fn linked(bench: &Bench, name: &str, accounts: &[(&str, &str)]) {
    let directory = bench.service.directory();
    let mut people = directory.people().to_vec();
    for person in &mut people {
        person.accounts.retain(|own| !accounts.contains(&(own.iss.as_str(), own.sub.as_str())));
    }
    people.retain(|person| !person.accounts.is_empty());
    for Reviewer { name: own, accounts: list } in &mut people {
        if own == name {
            let more =
                |(iss, sub): &(&str, &str)| Account { iss: (*iss).into(), sub: (*sub).into(), email: None };
            list.extend(accounts.iter().map(more));
        }
    }
    let Groups::Listed(mut groups) = directory.groups().clone() else { panic!("no groups") };
    for members in groups.values_mut() {
        // Whoever the accounts now belong to stands in every group, so that only the number of people can be missing.
        members.insert(name.to_owned());
    }
    bench.service.replace_directory(Directory::new(people, Groups::Listed(groups)));
}

async fn redeemed(bench: &Bench, id: &str) -> (Option<bool>, String) {
    let task = bench.get(&format!("{REQUESTS}/{id}")).await.expect(StatusCode::OK).json;
    let approval = task["task"]["result"]["approval"].clone();
    let mut chain = bench.chain().await;
    let record = releasing(&mut chain, bench.now(), id, approval["id"].as_str().unwrap(), DIGEST);
    let reply = bench.post(EVALUATION, &redeem(&approval, &record, NONCE)).await.expect(StatusCode::OK);
    (reply.json["decision"].as_bool(), reply.detail().to_owned())
}

#[tokio::test]
async fn either_group_is_enough_where_the_rule_says_or() {
    let bench = Bench::new().await;
    let either = json!([[{"people": 1, "of": ["data-owners", "security"]}]]);
    let id = bench.submit(|value| ways(value, 1, &["data-owners", "security"], &either)).await.task_id();
    assert_eq!(bench.view(&id).await.progress.awaiting, ["data-owners or security"]);
    assert_eq!(bench.decide("carol", &id, Choice::Approve).await.unwrap().status, Status::Approved);
    let reply = bench.get(&format!("{REQUESTS}/{id}")).await.expect(StatusCode::OK);
    let state = reply.json["task"]["result"]["approval"]["state"].as_str().unwrap();
    let grant = bench.jwks().grant(state).unwrap();
    assert_eq!(serde_json::to_value(&grant.quorum.ways).unwrap(), either);
    assert_eq!(grant.approvers[0].group, "security");
    let ask = &bench.view(&id).await.submission.context.v1.quorum;
    let requesters = Requesters::of(&grant.subject, &grant.actor);
    assert_eq!(ask.wanted().met_by(&grant.approvers, &requesters, &Requesters::default()), Ok(()));
    assert_eq!(redeemed(&bench, &id).await, (Some(true), String::new()));
}

#[tokio::test]
async fn two_of_a_group_are_two_people_of_it() {
    let bench = Bench::new().await;
    let two = json!([[{"people": 2, "of": ["data-owners"]}, {"people": 1, "of": ["security"]}]]);
    let id = bench.submit(|value| ways(value, 3, &["data-owners", "security"], &two)).await.task_id();
    assert_eq!(bench.decide("bob", &id, Choice::Approve).await.unwrap().status, Status::Pending);
    let after = bench.decide("carol", &id, Choice::Approve).await.unwrap();
    assert_eq!((after.status, after.progress.awaiting), (Status::Pending, vec!["data-owners".to_owned()]));
    assert_eq!(bench.decide("dave", &id, Choice::Approve).await.unwrap().status, Status::Approved);
}

#[tokio::test]
async fn a_demand_that_says_two_things_is_refused() {
    let bench = Bench::new().await;
    let both = ["data-owners", "security"];
    for (why, required, groups, demand) in [
        ("a group the list lacks", 1, &both[..1], json!([[{"people": 1, "of": ["security"]}]])),
        ("a group no way names", 1, &both[..], json!([[{"people": 1, "of": ["security"]}]])),
        ("nobody", 1, &both[..], json!([[{"people": 0, "of": both}]])),
        ("no group", 1, &both[..], json!([[{"people": 1, "of": []}], [{"people": 1, "of": both}]])),
        ("a crowd", 10, &both[..], json!([[{"people": 11, "of": both}]])),
        ("a huge crowd", 10, &both[..], json!([[{"people": 255, "of": both}, {"people": 255, "of": both}]])),
        ("no seat", 1, &both[..], json!([[], [{"people": 1, "of": both}]])),
        ("something unknown", 1, &both[..], json!([[{"people": 1, "of": both, "not": ["x"]}]])),
        ("too many ways", 1, &both[..], Value::Array(vec![json!([{"people": 1, "of": both}]); 65])),
    ] {
        let reply = bench.submit(|value| ways(value, required, groups, &demand)).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{why}: {}", reply.text);
    }
    let two = json!([[{"people": 2, "of": both}]]);
    let reply = bench.submit(|value| ways(value, 1, &both, &two)).await;
    reply.problem(422, "urn:openid:authzen:access-request:error:not_requestable");
    let strange = |value: &mut Value| security_alone(value, "moon_phase");
    assert_eq!(bench.submit(strange).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn who_wrote_the_policy_does_not_decide_where_the_rule_says_so() {
    let bench = Bench::new().await;
    let authored = |value: &mut Value| {
        v1(value)["quorum"]["separation"] = json!(["policy_author"]);
        v1(value)["policy"]["authors"] = json!(["Bob+git@example.com", "somebody else"]);
    };
    let id = bench.submit(authored).await.task_id();
    let refused = bench.decide("bob", &id, Choice::Approve).await.unwrap_err();
    assert_eq!(refused, Refusal::Separated { by: Separation::PolicyAuthor });
    assert!(bench.service.may_decide(&bench.person("bob"), &bench.view(&id).await).is_err());
    let log = bench.log().await;
    let recorded = log.iter().find(|record| record["reason_code"] == "policy-author").unwrap();
    assert_eq!(
        (&recorded["event"], &recorded["approvers"][0]["sub"]),
        (&json!("verify.failed"), &json!("00u-bob"))
    );
    bench.decide("dave", &id, Choice::Approve).await.unwrap();
    assert_eq!(bench.decide("carol", &id, Choice::Approve).await.unwrap().status, Status::Approved);

    // Without the demand an author is a reviewer like any other.
    let plain = |value: &mut Value| {
        number(value, 1);
        v1(value)["policy"]["authors"] = json!(["bob@example.com"]);
    };
    let id = bench.submit(plain).await.task_id();
    assert!(bench.decide("bob", &id, Choice::Approve).await.is_ok());
}

#[tokio::test]
async fn a_rule_that_keeps_authors_out_needs_to_know_them() {
    let bench = Bench::new().await;
    let reply = bench.submit(|value| v1(value)["quorum"]["separation"] = json!(["policy_author"])).await;
    reply.problem(422, "urn:openid:authzen:access-request:error:not_requestable");
}

#[tokio::test]
async fn who_approved_last_time_does_not_decide_this_time_where_the_rule_says_so() {
    let bench = Bench::new().await;
    let next = async |n: usize| {
        let change = |value: &mut Value| {
            number(value, n);
            security_alone(value, "last_approver");
        };
        bench.submit(change).await.task_id()
    };
    let first = next(1).await;
    assert_eq!(bench.decide("carol", &first, Choice::Approve).await.unwrap().status, Status::Approved);
    bench.pass(1_000);
    let second = next(2).await;
    let refused = bench.decide("carol", &second, Choice::Approve).await.unwrap_err();
    assert_eq!(refused, Refusal::Separated { by: Separation::LastApprover });
    assert!(bench.log().await.iter().any(|record| record["reason_code"] == "last-approver"));
    assert_eq!(bench.decide("dave", &second, Choice::Approve).await.unwrap().status, Status::Approved);
    bench.pass(1_000);
    let third = next(3).await;
    // Dave under his other account is still Dave.
    let mut other = bench.person("dave");
    (other.iss, other.sub, other.email) = ("https://old.example.com".into(), "dave-old".into(), None);
    let refused = bench.decide_as(&other, &third, Choice::Approve).await.unwrap_err();
    assert_eq!(refused, Refusal::Separated { by: Separation::LastApprover });
    assert_eq!(bench.decide("carol", &third, Choice::Approve).await.unwrap().status, Status::Approved);
}

#[tokio::test]
async fn another_rule_and_another_requester_have_their_own_last_approver() {
    let bench = Bench::new().await;
    let first = bench.submit(|value| security_alone(value, "last_approver")).await.task_id();
    bench.decide("carol", &first, Choice::Approve).await.unwrap();
    let rule = bench
        .submit(|value| {
            number(value, 1);
            security_alone(value, "last_approver");
            v1(value)["policy"]["rule"] = "another".into();
            crate::support::redigest(value);
        })
        .await
        .task_id();
    assert_eq!(bench.decide("carol", &rule, Choice::Approve).await.unwrap().status, Status::Approved);
    let subject = bench
        .submit(|value| {
            number(value, 2);
            security_alone(value, "last_approver");
            value["subject"]["id"] = "spiffe://prod.example/ns/agents/sa/other".into();
            crate::support::redigest(value);
        })
        .await
        .task_id();
    assert_eq!(bench.decide("carol", &subject, Choice::Approve).await.unwrap().status, Status::Approved);
}

#[tokio::test]
async fn a_vote_stops_counting_when_its_voter_has_become_the_last_approver() {
    let bench = Bench::new().await;
    let slow =
        bench.submit(|value| v1(value)["quorum"]["separation"] = json!(["last_approver"])).await.task_id();
    bench.decide("bob", &slow, Choice::Approve).await.unwrap();
    let fast = bench.submit(|value| number(value, 1)).await.task_id();
    bench.decide("bob", &fast, Choice::Approve).await.unwrap();
    assert_eq!(bench.decide("dave", &fast, Choice::Approve).await.unwrap().status, Status::Approved);
    assert_eq!(bench.decide("carol", &slow, Choice::Approve).await.unwrap().status, Status::Pending);
}

#[tokio::test]
async fn neither_the_agents_owner_nor_who_started_the_run_decides() {
    let bench = Bench::new().await;
    let behind = |value: &mut Value| {
        value["client"]["actor"]["urn:countersign:owners"] = json!([{"sub": "00u-bob", "iss": IDP}]);
        value["client"]["actor"]["urn:countersign:triggered_by"] =
            json!([{"sub": "dave+runs@example.com", "iss": "https://ci.example.com"}]);
    };
    let id = bench.submit(behind).await.task_id();
    for name in ["bob", "dave"] {
        assert_eq!(
            bench.decide(name, &id, Choice::Approve).await.unwrap_err(),
            Refusal::SelfApproval,
            "{name}"
        );
    }
    let refusals = bench.log().await.iter().filter(|r| r["reason_code"] == "self-approval").count();
    assert_eq!(refusals, 2);
    assert_eq!(bench.decide("carol", &id, Choice::Approve).await.unwrap().status, Status::Pending);
    assert!(bench.service.waiting(&bench.person("bob")).await.unwrap().is_empty());
}

#[tokio::test]
async fn owners_who_cannot_be_compared_are_refused() {
    let bench = Bench::new().await;
    for odd in [
        json!([{"sub": ""}]),
        json!([{"sub": "x".repeat(513)}]),
        json!("bob"),
        json!([{"iss": "https://idp.example.com"}]),
        json!([{"sub": "a", "act": {"sub": "b"}}]),
        Value::Array(vec![json!({"sub": "a"}); 17]),
    ] {
        let reply =
            bench.submit(|value| value["client"]["actor"]["urn:countersign:owners"] = odd.clone()).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{odd}: {}", reply.text);
    }
}

#[tokio::test]
async fn two_voters_who_turn_out_to_be_one_are_one_vote() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    let carol = bench.person("carol");
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    linked(&bench, "bob", &[(IDP, "00u-carol")]);
    assert_eq!(bench.decide_as(&carol, &id, Choice::Approve).await.unwrap().status, Status::Pending);
    assert_eq!(bench.decide("dave", &id, Choice::Approve).await.unwrap().status, Status::Approved);
}

#[tokio::test]
async fn a_voter_who_turns_out_to_ask_counts_for_nothing() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    linked(&bench, "bob", &[("https://other.example.com", "alice@example.com")]);
    assert_eq!(bench.decide("carol", &id, Choice::Approve).await.unwrap().status, Status::Pending);
    assert_eq!(bench.decide("dave", &id, Choice::Approve).await.unwrap().status, Status::Approved);
}

#[tokio::test]
async fn a_grant_of_two_who_turn_out_to_be_one_is_void() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    linked(&bench, "bob", &[(IDP, "00u-carol")]);
    assert_eq!(redeemed(&bench, &granted.id).await, (Some(false), "revoked".to_owned()));
    let log = bench.log().await;
    let revoked = log.iter().find(|record| record["event"] == "approval.revoked").unwrap();
    assert_eq!(revoked["reason_code"], "membership");
    assert_eq!(bench.view(&granted.id).await.approval.unwrap().used, 0);
}

#[tokio::test]
async fn a_grant_of_somebody_who_turns_out_to_ask_is_void() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    linked(&bench, "carol", &[("https://other.example.com", "alice@example.com")]);
    assert_eq!(redeemed(&bench, &granted.id).await, (Some(false), "revoked".to_owned()));
}

#[tokio::test]
async fn an_address_learnt_later_makes_two_accounts_one_person() {
    let bench = Bench::new().await;
    let id = bench.task().await;
    // Dave votes as his second account, whose address nobody knows; then Carol logs in with Dave's address.
    let mut other = bench.person("dave");
    (other.iss, other.sub, other.email) = ("https://old.example.com".into(), "dave-old".into(), None);
    assert_eq!(bench.decide_as(&other, &id, Choice::Approve).await.unwrap().status, Status::Pending);
    let mut carol = bench.person("carol");
    carol.email = Some("Dave+hr@example.com".into());
    assert_eq!(bench.decide_as(&carol, &id, Choice::Approve).await.unwrap().status, Status::Pending);
    assert_eq!(bench.decide("bob", &id, Choice::Approve).await.unwrap().status, Status::Approved);
}
