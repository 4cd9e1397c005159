//! The pages without JavaScript: read, press a button, be redirected.

use axum::http::StatusCode;
use serde_json::json;

use super::support::{Inbox, security_alone, submission, v1};

#[tokio::test]
async fn a_page_answers_every_question_a_reviewer_has() {
    let inbox = Inbox::new().await;
    let id = inbox.task(|_| {}).await;
    let bob = inbox.session("bob").await;
    let list = inbox.page(&bob, "/inbox").await.expect(StatusCode::OK).text;
    assert!(list.contains("Export prod.public.customers to api.thirdparty.example"), "{list}");
    assert!(list.contains(&format!("href=\"/r/{id}\"")));
    let page = inbox.page(&bob, &format!("/r/{id}")).await.expect(StatusCode::OK).text;
    for answer in [
        "report-bot",
        "alice@example.com",
        "spiffe://prod.example/ns/agents/sa/report-bot",
        "Quarterly vendor reconciliation DPA-114",
        "said by the agent, not verified",
        "postgres://db.prod.example:5432/prod.public.customers",
        "pii",
        "https://api.thirdparty.example/v2/import",
        "export-guard",
        "pii-export",
        "9f2c1e7",
        "requires 2 people of data-owners + security",
        "irreversible",
        "Exactly these 63 bytes, nothing cut",
        "1 value masked: $.headers.authorization (bearer token)",
        "thirdparty-api-key",
        "MAPLE-42",
        "value=\"approve\"",
        "value=\"deny\"",
        "value=\"ask\"",
    ] {
        assert!(page.contains(answer), "the page does not say {answer}");
    }
}

#[tokio::test]
async fn a_reviewer_without_javascript_approves_and_sees_what_became_of_it() {
    let inbox = Inbox::new().await;
    let asked = submission(security_alone);
    let id = inbox.submit(&asked).await;
    let carol = inbox.session("carol").await;
    let reply = inbox.press(&carol, &id, "approve", "DPA-114 covers it").await.expect(StatusCode::SEE_OTHER);
    assert_eq!(reply.location(), format!("/r/{id}"));
    let page = inbox.page(&carol, &format!("/r/{id}")).await.expect(StatusCode::OK).text;
    assert!(page.contains("DPA-114 covers it") && page.contains("for security by web"), "{page}");
    assert!(page.contains("Approved, not sent yet") && page.contains("Record "), "{page}");
    assert!(!page.contains("id=\"decide\""), "{page}");
    inbox.sent(&id, &asked).await;
    let page = inbox.page(&carol, &format!("/r/{id}")).await.expect(StatusCode::OK).text;
    assert!(page.contains("Approved and sent"), "{page}");
    assert!(page.contains("The destination answered 200: 63 bytes sent, 1,240 bytes back, 412 ms"), "{page}");
    assert!(inbox.page(&carol, "/inbox/decided").await.text.contains(&id));
    assert!(inbox.page(&carol, "/inbox/mine").await.text.contains(&id));
    assert!(
        inbox.page(&carol, "/inbox").await.text.contains("Nothing waits for you. Last decision just now.")
    );
}

#[tokio::test]
async fn a_reviewer_asks_the_requester_answers_and_it_waits_again() {
    let inbox = Inbox::new().await;
    let id = inbox.task(security_alone).await;
    let carol = inbox.session("carol").await;
    inbox.press(&carol, &id, "ask", "Which vendor?").await.expect(StatusCode::SEE_OTHER);
    let page = inbox.page(&carol, &format!("/r/{id}")).await.text;
    assert!(page.contains("Which vendor?") && page.contains("no answer yet"), "{page}");
    let answer = json!({"justification": "ACME, see DPA-114"});
    inbox.report(&id, "context", &answer).await.expect(StatusCode::OK);
    let page = inbox.page(&carol, &format!("/r/{id}")).await.text;
    assert!(page.contains("Which vendor?") && !page.contains("no answer yet"), "{page}");
    assert!(page.contains("ACME, see DPA-114") && page.contains("id=\"decide\""), "{page}");
}

#[tokio::test]
async fn a_page_out_of_date_decides_nothing_and_shows_what_changed() {
    let inbox = Inbox::new().await;
    let id = inbox.task(|_| {}).await;
    let (bob, carol) = (inbox.session("bob").await, inbox.session("carol").await);
    let old = inbox.page(&carol, &format!("/r/{id}")).await;
    inbox.press(&bob, &id, "approve", "fine with me").await.expect(StatusCode::SEE_OTHER);
    let reply = inbox.press_on(&carol, &id, &old, "approve", "mine too").await.expect(StatusCode::CONFLICT);
    assert!(
        reply.text.contains("Nothing was decided.") && reply.text.contains("bob approved it: fine with me")
    );
    assert!(reply.text.contains("mine too"), "what the reviewer had typed is kept");
    assert_eq!(inbox.service.task(&id).await.unwrap().unwrap().votes.len(), 1);
    let again = inbox.press_on(&carol, &id, &reply, "approve", "mine too").await;
    again.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_page_of_another_request_decides_nothing() {
    let inbox = Inbox::new().await;
    let shown = inbox.task(security_alone).await;
    let meant = inbox
        .task(|value| {
            security_alone(value);
            value["resource"]["id"] = "postgres://db/prod.salaries".into();
        })
        .await;
    let carol = inbox.session("carol").await;
    let page = inbox.page(&carol, &format!("/r/{shown}")).await;
    let reply = inbox.press_on(&carol, &meant, &page, "approve", "ok").await.expect(StatusCode::CONFLICT);
    assert!(reply.text.contains("what will be sent is not what you were shown"), "{}", reply.text);
    assert_eq!(inbox.service.task(&meant).await.unwrap().unwrap().votes, []);
}

#[tokio::test]
async fn a_decision_without_a_reason_comes_back_with_the_page() {
    let inbox = Inbox::new().await;
    let id = inbox.task(security_alone).await;
    let carol = inbox.session("carol").await;
    let reply = inbox.press(&carol, &id, "deny", "  ").await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text.contains("A reason is needed.") && reply.text.contains("id=\"decide\""));
}

#[tokio::test]
async fn who_may_not_decide_sees_why_and_no_buttons() {
    let inbox = Inbox::new().await;
    let id = inbox.task(|_| {}).await;
    for (name, why) in [("alice", "somebody else must decide"), ("erin", "You are in none of the groups")] {
        let who = inbox.session(name).await;
        let page = inbox.page(&who, &format!("/r/{id}")).await.expect(StatusCode::OK).text;
        assert!(page.contains(why) && !page.contains("id=\"decide\""), "{name}: {page}");
        let digest = inbox.service.task(&id).await.unwrap().unwrap();
        let version = digest.version.to_string();
        let fields = [
            ("csrf", who.csrf.as_str()),
            ("display_digest", digest.display_digest.as_str()),
            ("version", version.as_str()),
            ("seen_at", "0"),
            ("reason", "x"),
            ("choice", "approve"),
        ];
        inbox.form(&who, &format!("/r/{id}/decide"), &fields).await.expect(StatusCode::FORBIDDEN);
    }
    assert_eq!(inbox.service.task(&id).await.unwrap().unwrap().votes, []);
}

#[tokio::test]
async fn a_forged_form_decides_nothing() {
    let inbox = Inbox::new().await;
    let id = inbox.task(security_alone).await;
    let carol = inbox.session("carol").await;
    let page = inbox.page(&carol, &format!("/r/{id}")).await;
    let path = format!("/r/{id}/decide");
    let mut fields = page.hidden_fields("id=\"decide\"");
    fields.extend([("reason", "x"), ("choice", "approve")]);
    for headers in [
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")][..],
        &[("sec-fetch-site", "same-site"), ("origin", "null")],
        &[("origin", "null")],
        &[("origin", "http://127.0.0.1:9999")],
        &[],
    ] {
        inbox.form_with(&carol, &path, &fields, headers).await.expect(StatusCode::FORBIDDEN);
    }
    let without: Vec<_> = fields.iter().copied().filter(|(name, _)| *name != "csrf").collect();
    inbox.form(&carol, &path, &without).await.expect(StatusCode::BAD_REQUEST);
    let mut wrong = without;
    let bob = inbox.session("bob").await;
    wrong.push(("csrf", &bob.csrf));
    inbox.form(&carol, &path, &wrong).await.expect(StatusCode::FORBIDDEN);
    assert_eq!(inbox.service.task(&id).await.unwrap().unwrap().votes, []);
    let own = [("origin", "http://127.0.0.1:8080")];
    inbox.form_with(&carol, &path, &fields, &own).await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn every_page_is_locked_down_and_never_kept() {
    let inbox = Inbox::new().await;
    let id = inbox.task(|_| {}).await;
    let bob = inbox.session("bob").await;
    for path in [
        "/inbox",
        "/inbox/mine",
        "/inbox/decided",
        "/login",
        &format!("/r/{id}"),
        "/r/none",
        "/inbox/rows/waiting",
        "/inbox/alike/none",
        "/agents",
        "/agents/report-bot",
        "/rules",
        "/rules/export-guard/pii-export",
        "/settings",
    ] {
        let reply = inbox.page(&bob, path).await;
        let policy = reply.headers["content-security-policy"].to_str().unwrap();
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert_eq!(reply.headers["cache-control"], "no-store", "{path}");
        assert_eq!(reply.headers["referrer-policy"], "no-referrer", "{path}");
        assert_eq!(reply.headers["x-content-type-options"], "nosniff", "{path}");
        assert!(!reply.text.contains(" style=") && !reply.text.contains(" onclick"), "{path}");
    }
}

#[tokio::test]
async fn what_is_cut_unread_or_claimed_is_said_in_words() {
    let inbox = Inbox::new().await;
    let bob = inbox.session("bob").await;
    let page = async |change: fn(&mut serde_json::Value)| {
        let id = inbox.task(change).await;
        inbox.page(&bob, &format!("/r/{id}")).await.expect(StatusCode::OK).text
    };
    let cut = page(|value| {
        v1(value)["payload"]["truncated"] = true.into();
        v1(value)["payload"]["size"] = 120_000.into();
    })
    .await;
    assert!(cut.contains("Cut: about the first 63 of 120,000 bytes are shown"), "{cut}");
    let unread = page(|value| {
        v1(value)["payload"]["masked_excerpt"] = "".into();
        v1(value)["payload"]["size"] = 2048.into();
    })
    .await;
    assert!(unread.contains("The body (2,048 bytes) could not be read and is not shown"), "{unread}");
    let claimed = page(|value| v1(value)["lineage"]["source"] = "claimed".into()).await;
    assert!(claimed.contains("the agent&#39;s own claim and not verified"), "{claimed}");
    let alone = page(|value| value["client"]["actor"] = json!({"id": "cron-bot"})).await;
    assert!(alone.contains("with no known human behind it"), "{alone}");
}

#[tokio::test]
async fn a_search_finds_by_agent_rule_class_and_destination() {
    let inbox = Inbox::new().await;
    inbox.task(|_| {}).await;
    let bob = inbox.session("bob").await;
    for query in ["report-bot", "pii-export", "data%20export", "THIRDPARTY", "alice", "MAPLE-42"] {
        let page = inbox.page(&bob, &format!("/inbox?q={query}")).await.text;
        assert!(page.contains("<li class=\"row\""), "{query}");
    }
    let page = inbox.page(&bob, "/inbox?q=%3Cscript%3E").await.text;
    assert!(
        page.contains("Nothing that waits for you matches this.") && !page.contains("<script>"),
        "{page}"
    );
}

#[tokio::test]
async fn a_page_says_what_became_of_earlier_requests_like_it() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    for (button, count) in [("approve", 2), ("deny", 1)] {
        for _ in 0..count {
            let id = inbox.task(security_alone).await;
            inbox.press(&carol, &id, button, "because").await.expect(StatusCode::SEE_OTHER);
        }
    }
    let id = inbox.task(security_alone).await;
    let page = inbox.page(&carol, &format!("/r/{id}")).await.text;
    assert!(
        page.contains("3 in the last 30 days: 2 approved, 1 denied") && page.contains("denied by carol"),
        "{page}"
    );
}

#[tokio::test]
async fn a_flood_is_cut_with_the_most_urgent_first_and_says_so() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    for number in 0..203 {
        // Each for something else, so that none is alike.
        let other = |value: &mut serde_json::Value| {
            security_alone(value);
            value["resource"]["id"] = format!("postgres://db/table-{number}").into();
        };
        inbox.task(other).await;
    }
    let page = inbox.page(&carol, "/inbox").await.expect(StatusCode::OK).text;
    assert_eq!(page.matches("<li class=\"row\"").count(), 200);
    assert!(page.contains("And 3 more.") && page.contains("(203) Waiting for you"), "the rest is named");
}
