//! Requests that are alike, decided together: each is a decision of its own.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::support::{Inbox, Reply, Session, security_alone, v1};

fn pod(name: &str) -> impl FnOnce(&mut Value) {
    let body = json!({"pod": name, "wait": true}).to_string();
    move |value| {
        security_alone(value);
        value["action"]["name"] = "infra_change".into();
        v1(value)["payload"]["size"] = body.len().into();
        v1(value)["payload"]["masked_excerpt"] = body.into();
    }
}

async fn group(inbox: &Inbox, id: &str) -> String {
    inbox.service.task(id).await.unwrap().unwrap().alike.unwrap().group
}

async fn decide(
    inbox: &Inbox,
    who: &Session,
    page: &Reply,
    group: &str,
    choice: &str,
    reason: &str,
    ids: &[&str],
) -> Reply {
    let mut fields = page.hidden_fields("id=\"together\"");
    for id in ids {
        let (_, rest) = page.text.split_once(&format!("value=\"{id}~")).unwrap();
        let (rest, _) = rest.split_once('"').unwrap();
        let value: &str = Box::leak(format!("{id}~{rest}").into_boxed_str());
        fields.push(("pick", value));
    }
    fields.extend([("reason", reason), ("choice", choice)]);
    inbox.form(who, &format!("/inbox/alike/{group}"), &fields).await
}

#[tokio::test]
async fn a_group_is_a_page_that_says_of_each_what_is_its_own() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let one = inbox.task(pod("web-1")).await;
    inbox.task(pod("web-2")).await;
    let group = group(&inbox, &one).await;
    let list = inbox.page(&carol, "/inbox").await.text;
    assert!(
        list.contains(&format!("href=\"/inbox/alike/{group}\"")) && list.contains("decide together"),
        "{list}"
    );
    let page = inbox.page(&carol, &format!("/inbox/alike/{group}")).await.expect(StatusCode::OK).text;
    assert!(page.contains("<bdi>$.pod</bdi></dt><dd><bdi>web-1</bdi>") && page.contains("web-2"), "{page}");
    assert!(!page.contains("$.wait"), "what is the same is not repeated: {page}");
    assert!(!page.contains(" checked"), "nothing is selected before somebody selects it");
    let all = inbox.page(&carol, &format!("/inbox/alike/{group}?all=1")).await.text;
    assert_eq!(all.matches(" checked").count(), 2);
}

#[tokio::test]
async fn the_selected_ones_are_decided_each_by_itself_and_the_others_are_not() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let (one, two, three) =
        (inbox.task(pod("web-1")).await, inbox.task(pod("web-2")).await, inbox.task(pod("web-3")).await);
    let group = group(&inbox, &one).await;
    let page = inbox.page(&carol, &format!("/inbox/alike/{group}")).await;
    let reply = decide(&inbox, &carol, &page, &group, "approve", "routine", &[&one, &two])
        .await
        .expect(StatusCode::OK);
    assert!(reply.text.contains("2 of 2 decided."), "{}", reply.text);
    for (id, status) in [(&one, "approved"), (&two, "approved"), (&three, "pending")] {
        let task = inbox.service.task(id).await.unwrap().unwrap();
        assert_eq!(task.status.as_str(), status);
        if status == "approved" {
            assert_eq!(task.votes.first().map(|vote| vote.reason.as_str()), Some("routine"));
            assert!(task.approval.is_some() && task.record.is_some(), "each has its own grant and record");
        }
    }
}

#[tokio::test]
async fn one_that_changed_is_not_decided_and_the_others_are() {
    let inbox = Inbox::new().await;
    let (carol, dave) = (inbox.session("carol").await, inbox.session("dave").await);
    let (one, two) = (inbox.task(pod("web-1")).await, inbox.task(pod("web-2")).await);
    let group = group(&inbox, &one).await;
    let page = inbox.page(&carol, &format!("/inbox/alike/{group}")).await;
    inbox.press(&dave, &two, "ask", "why?").await.expect(StatusCode::SEE_OTHER);
    let reply =
        decide(&inbox, &carol, &page, &group, "deny", "no", &[&one, &two]).await.expect(StatusCode::OK);
    assert!(reply.text.contains("1 of 2 decided."), "{}", reply.text);
    assert!(reply.text.contains("not decided: it changed since this page was opened."), "{}", reply.text);
    assert_eq!(inbox.service.task(&one).await.unwrap().unwrap().status.as_str(), "denied");
    assert_eq!(inbox.service.task(&two).await.unwrap().unwrap().status.as_str(), "pending");
}

#[tokio::test]
async fn nothing_selected_or_no_reason_decides_nothing_and_a_forged_form_neither() {
    let inbox = Inbox::new().await;
    let (bob, carol) = (inbox.session("bob").await, inbox.session("carol").await);
    let (one, two) = (inbox.task(pod("web-1")).await, inbox.task(pod("web-2")).await);
    let group = group(&inbox, &one).await;
    let page = inbox.page(&carol, &format!("/inbox/alike/{group}")).await;
    for (reason, ids) in [("fine", &[][..]), ("  ", &[one.as_str(), two.as_str()])] {
        let reply = decide(&inbox, &carol, &page, &group, "approve", reason, ids).await;
        reply.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let pick = page.text.split_once("name=\"pick\" id=\"").unwrap().1.split_once("value=\"").unwrap().1;
    let pick = pick.split_once('"').unwrap().0;
    let fields = [("csrf", bob.csrf.as_str()), ("pick", pick), ("reason", "x"), ("choice", "approve")];
    inbox.form(&carol, &format!("/inbox/alike/{group}"), &fields).await.expect(StatusCode::FORBIDDEN);
    // Whoever may not decide one alone may not decide it among others.
    let erin = inbox.session("erin").await;
    let fields = [("csrf", erin.csrf.as_str()), ("pick", pick), ("reason", "x"), ("choice", "approve")];
    let reply = inbox.form(&erin, &format!("/inbox/alike/{group}"), &fields).await.expect(StatusCode::OK);
    assert!(reply.text.contains("0 of 1 decided."), "{}", reply.text);
    for id in [&one, &two] {
        assert_eq!(inbox.service.task(id).await.unwrap().unwrap().votes, []);
    }
}

#[tokio::test]
async fn one_that_takes_a_typed_code_cannot_be_selected_nor_slipped_in() {
    let inbox = Inbox::with("demands: [{class: infra_change, typed_code: true}]\n", &[]).await;
    let carol = inbox.session("carol").await;
    let one = inbox.task(pod("web-1")).await;
    inbox.task(pod("web-2")).await;
    let group = group(&inbox, &one).await;
    let page = inbox.page(&carol, &format!("/inbox/alike/{group}")).await;
    assert!(
        !page.text.contains("name=\"pick\"") && page.text.contains("It takes its own code"),
        "{}",
        page.text
    );
    let task = inbox.service.task(&one).await.unwrap().unwrap();
    let pick = format!("{one}~{}~{}", task.version, task.display_digest);
    let fields = [("csrf", carol.csrf.as_str()), ("pick", &pick), ("reason", "x"), ("choice", "approve")];
    let reply = inbox.form(&carol, &format!("/inbox/alike/{group}"), &fields).await.expect(StatusCode::OK);
    assert!(reply.text.contains("not decided: it takes its own code"), "{}", reply.text);
    assert_eq!(inbox.service.task(&one).await.unwrap().unwrap().votes, []);
}

#[tokio::test]
async fn what_an_agent_writes_stays_inert_among_others() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let lure = "</dd></dl></form><form action=/logout method=post><script>alert(1)</script>\u{202e}";
    let one = inbox.task(pod(lure)).await;
    let with = |value: &mut Value| {
        pod("web-2")(value);
        value["context"]["business_justification"] = lure.into();
    };
    inbox.task(with).await;
    let group = group(&inbox, &one).await;
    let page = inbox.page(&carol, &format!("/inbox/alike/{group}")).await.expect(StatusCode::OK).text;
    assert!(
        !page.contains("<script>alert")
            && !page.contains("<form action=/logout")
            && !page.contains('\u{202e}'),
        "{page}"
    );
}
