//! Finding requests again: filters that stand in the address, the history a page at a time, a page per agent and per rule,
//! one's own settings, and what an approval demands beyond a click.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::support::{Inbox, Session, security_alone, v1};

fn other(value: &mut Value) {
    security_alone(value);
    value["action"]["name"] = "communication".into();
    value["client"]["actor"]["id"] = "news-writer".into();
    let v1 = v1(value);
    v1["destination"]["authority"] = "slack.com".into();
    v1["policy"]["rule"] = "outside-words".into();
}

fn numbered(number: usize) -> impl FnOnce(&mut Value) {
    move |value| {
        security_alone(value);
        value["resource"]["id"] = format!("postgres://db/table-{number}").into();
    }
}

#[tokio::test]
async fn each_filter_narrows_every_list_and_stays_in_the_address() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let (one, two) = (inbox.task(security_alone).await, inbox.task(other).await);
    let narrow = [
        "class=communication",
        "agent=news-writer",
        "rule=export-guard%2Foutside-words",
        "to=slack.com",
        "q=slack.com",
    ];
    for list in ["/inbox", "/inbox/rows/waiting"] {
        for filter in narrow {
            let page = inbox.page(&carol, &format!("{list}?{filter}")).await.expect(StatusCode::OK).text;
            assert!(page.contains(&two) && !page.contains(&one), "{list}?{filter}: {page}");
        }
    }
    let page = inbox.page(&carol, "/inbox?class=communication").await.text;
    assert!(page.contains("<option value=\"communication\" selected>"), "{page}");
    for id in [&one, &two] {
        inbox.decide(&carol, id, "deny").await.expect(StatusCode::OK);
    }
    for filter in narrow.into_iter().chain(["state=denied&agent=news-writer", "by=me&agent=news-writer"]) {
        for list in ["/inbox/decided", "/inbox/mine"] {
            let page = inbox.page(&carol, &format!("{list}?{filter}")).await.expect(StatusCode::OK).text;
            assert!(page.contains(&two) && !page.contains(&one), "{list}?{filter}: {page}");
        }
    }
    let none = inbox.page(&carol, "/inbox/decided?state=approved").await.text;
    assert!(none.contains("Nothing here matches this."), "{none}");
    let bob = inbox.session("bob").await;
    assert!(!inbox.page(&bob, "/inbox/decided?by=me").await.text.contains(&two));
}

#[tokio::test]
async fn what_was_asked_too_long_ago_is_left_out_where_an_age_is_chosen() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    inbox.elapse(-7_200);
    let old = inbox.task(numbered(1)).await;
    inbox.decide(&carol, &old, "deny").await.expect(StatusCode::OK);
    inbox.elapse(0);
    let new = inbox.task(numbered(2)).await;
    inbox.decide(&carol, &new, "deny").await.expect(StatusCode::OK);
    let hour = inbox.page(&carol, "/inbox/decided?age=1h").await.text;
    assert!(hour.contains(&new) && !hour.contains(&old), "{hour}");
    let day = inbox.page(&carol, "/inbox/decided?age=1d").await.text;
    assert!(day.contains(&new) && day.contains(&old), "{day}");
}

/// The ids on a page, in order, and where the next one is.
fn ids(page: &str) -> (Vec<String>, Option<String>) {
    let ids = page.split("data-id=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
    let next = page.split_once("rel=\"next\" href=\"").map(|(_, rest)| rest.split_once('"').unwrap().0);
    (ids.collect(), next.map(|next| next.replace("&#38;", "&")))
}

#[tokio::test]
async fn the_history_has_pages_that_repeat_and_lose_nothing_while_others_decide() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let mut all = Vec::new();
    for number in 0..70 {
        let id = inbox.task(numbered(number)).await;
        inbox.decide(&carol, &id, "deny").await.expect(StatusCode::OK);
        all.push(id);
    }
    let (first, next) = ids(&inbox.page(&carol, "/inbox/decided?class=data_export").await.text);
    let next = next.expect("there is a second page");
    assert!(first.len() == 50 && next.contains("class=data_export"), "{next}");
    let late = inbox.task(numbered(70)).await;
    inbox.decide(&carol, &late, "deny").await.expect(StatusCode::OK);
    let second = inbox.page(&carol, &next).await.expect(StatusCode::OK).text;
    assert!(second.contains("Newest"), "{second}");
    let (second, end) = ids(&second);
    assert_eq!((second.len(), end), (20, None));
    let mut seen: Vec<String> = first.into_iter().chain(second).collect();
    seen.sort();
    all.sort();
    assert_eq!(seen, all);
}

#[tokio::test]
async fn an_agent_and_a_rule_have_pages_with_their_requests_and_how_long_decisions_took() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    for (number, took) in [(1, 20), (2, 240), (3, 600)] {
        inbox.elapse(-5_000 + i64::from(number) * 1_000);
        let id = inbox.task(numbered(usize::try_from(number).unwrap())).await;
        inbox.elapse(-5_000 + i64::from(number) * 1_000 + took);
        inbox.decide(&carol, &id, if number == 2 { "deny" } else { "approve" }).await.expect(StatusCode::OK);
    }
    inbox.elapse(0);
    let waiting = inbox.task(numbered(4)).await;
    let foreign = inbox.task(other).await;
    for path in ["/agents/report-bot", "/rules/export-guard/pii-export"] {
        let page = inbox.page(&carol, path).await.expect(StatusCode::OK).text;
        for said in [
            "<dt>asked in 30 days</dt><dd>4</dd>",
            "<dt>waiting</dt><dd>1</dd>",
            "<dt>approved</dt><dd>2</dd>",
            "<dt>denied</dt><dd>1</dd>",
            "<dt>median time to decide</dt><dd>4 min</dd>",
        ] {
            assert!(page.contains(said), "{path} does not say {said}: {page}");
        }
        assert!(page.contains(&waiting) && !page.contains(&foreign), "{path}");
    }
    let agents = inbox.page(&carol, "/agents").await.expect(StatusCode::OK).text;
    assert!(
        agents.contains("href=\"/agents/report-bot\"") && agents.contains("href=\"/agents/news-writer\"")
    );
    let rules = inbox.page(&carol, "/rules").await.expect(StatusCode::OK).text;
    assert!(rules.contains("href=\"/rules/export-guard/outside-words\""), "{rules}");
    let nobody = inbox.page(&carol, "/agents/nobody").await.expect(StatusCode::OK).text;
    assert!(nobody.contains("This agent never asked for anything."), "{nobody}");
}

async fn settings(inbox: &Inbox, who: &Session) -> String {
    inbox.page(who, "/settings").await.expect(StatusCode::OK).text
}

#[tokio::test]
async fn everybody_sets_for_themselves_how_they_are_told() {
    let inbox = Inbox::new().await;
    let (bob, carol) = (inbox.session("bob").await, inbox.session("carol").await);
    let fields = [("csrf", carol.csrf.as_str()), ("cue", "sound"), ("about", "irreversible")];
    inbox.form(&carol, "/settings/notifications", &fields).await.expect(StatusCode::SEE_OTHER);
    let list = inbox.page(&carol, "/inbox").await.text;
    assert!(list.contains("data-cue=\"sound\" data-about=\"irreversible\""), "{list}");
    let page = settings(&inbox, &carol).await;
    assert!(page.contains("value=\"sound\" checked") && page.contains("No account is linked."), "{page}");
    assert!(inbox.page(&bob, "/inbox").await.text.contains("data-cue=\"none\""), "it is carol's alone");
    let wrong = [("csrf", carol.csrf.as_str()), ("cue", "siren"), ("about", "all")];
    inbox.form(&carol, "/settings/notifications", &wrong).await.expect(StatusCode::BAD_REQUEST);
    let forged = [("csrf", bob.csrf.as_str()), ("cue", "none"), ("about", "all")];
    inbox.form(&carol, "/settings/notifications", &forged).await.expect(StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_person_ends_their_own_sessions_and_nobody_elses() {
    let inbox = Inbox::new().await;
    let (mine, lost, bob) =
        (inbox.session("carol").await, inbox.session("carol").await, inbox.session("bob").await);
    let page = settings(&inbox, &mine).await;
    assert_eq!(page.matches("name=\"session\"").count(), 2, "{page}");
    for token in [&mine.token, &lost.token, &bob.token] {
        assert!(!page.contains(token.as_str()), "a token stands on a page");
    }
    let handle = |page: &str, mark: &str| {
        let (_, rest) = page.split_once(mark).unwrap();
        let (_, rest) = rest.split_once("name=\"session\" value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let bobs = handle(&settings(&inbox, &bob).await, "This browser");
    let fields = [("csrf", mine.csrf.as_str()), ("session", &bobs)];
    inbox.form(&mine, "/settings/sessions/end", &fields).await.expect(StatusCode::SEE_OTHER);
    settings(&inbox, &bob).await;
    let other = handle(&page, "Another session");
    let fields = [("csrf", mine.csrf.as_str()), ("session", &other)];
    inbox.form(&mine, "/settings/sessions/end", &fields).await.expect(StatusCode::SEE_OTHER);
    inbox.page(&lost, "/settings").await.expect(StatusCode::SEE_OTHER);
    assert_eq!(settings(&inbox, &mine).await.matches("name=\"session\"").count(), 1);
}

const DEMANDS: &str = "
policy_url: https://git.example.com/policies/commit/{commit}
demands:
- {class: data_export, irreversible: true, typed_code: true}
- {policy: infra-guard, rule: state-files, understood: true}
";

#[tokio::test]
async fn what_takes_a_typed_code_is_not_approved_without_it_on_any_way() {
    let inbox = Inbox::with(DEMANDS, &[]).await;
    let carol = inbox.session("carol").await;
    let id = inbox.task(security_alone).await;
    let page = inbox.page(&carol, &format!("/r/{id}")).await.expect(StatusCode::OK);
    assert!(page.text.contains("To approve, type"), "{}", page.text);
    let api = inbox.decide(&carol, &id, "approve").await;
    api.problem(422, "urn:countersign:problem:code-required");
    inbox.press(&carol, &id, "approve", "fine").await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let press = async |code: &str| {
        let page = inbox.page(&carol, &format!("/r/{id}")).await;
        let mut fields = page.hidden_fields("id=\"decide\"");
        fields.extend([("reason", "fine"), ("choice", "approve"), ("code", code)]);
        inbox.form(&carol, &format!("/r/{id}/decide"), &fields).await
    };
    press("MAPLE-43").await.expect(StatusCode::CONFLICT);
    assert_eq!(inbox.service.task(&id).await.unwrap().unwrap().votes, []);
    press(" maple-42 ").await.expect(StatusCode::SEE_OTHER);
    assert_eq!(inbox.service.task(&id).await.unwrap().unwrap().status.as_str(), "approved");
    // Saying no is never made harder.
    let again = inbox.task(security_alone).await;
    inbox.press(&carol, &again, "deny", "no").await.expect(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_was_not_understood_is_not_approved_where_that_is_demanded() {
    let inbox = Inbox::with(DEMANDS, &[]).await;
    let carol = inbox.session("carol").await;
    let dark = |value: &mut Value| {
        security_alone(value);
        value["action"]["name"] = "infra_change".into();
        let v1 = v1(value);
        v1["policy"]["id"] = "infra-guard".into();
        v1["policy"]["rule"] = "state-files".into();
        v1["payload"]["masked_excerpt"] = "".into();
        v1["payload"]["size"] = 2048.into();
    };
    let id = inbox.task(dark).await;
    let page = inbox.page(&carol, &format!("/r/{id}")).await.text;
    assert!(
        page.contains("Approve is off: nobody may approve this")
            && page.contains("class=\"approve\" disabled")
    );
    let api = inbox.decide(&carol, &id, "approve").await;
    api.problem(409, "urn:countersign:problem:not-understood");
    let shown = inbox.api(&carol, &format!("/approver/v1/requests/{id}")).await.json;
    assert!(shown["not_approvable"].as_str().unwrap().contains("not all of it"), "{shown}");
    inbox.press(&carol, &id, "deny", "what is it?").await.expect(StatusCode::SEE_OTHER);
    let clear = inbox.task(|value| {
        dark(value);
        v1(value)["payload"]["masked_excerpt"] = "{}".into();
    });
    inbox.decide(&carol, &clear.await, "approve").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn the_commit_of_the_policy_is_a_link_as_the_operator_says() {
    let inbox = Inbox::with(DEMANDS, &[]).await;
    let carol = inbox.session("carol").await;
    let id = inbox.task(security_alone).await;
    let page = inbox.page(&carol, &format!("/r/{id}")).await.text;
    let link = "href=\"https://git.example.com/policies/commit/9f2c1e7ab0d34c55e1f0a6b7c8d9e0f112233445\"";
    assert!(page.contains(link), "{page}");
}

#[tokio::test]
async fn a_page_shows_who_agreed_and_who_is_awaited() {
    let inbox = Inbox::new().await;
    let (bob, carol) = (inbox.session("bob").await, inbox.session("carol").await);
    let id = inbox.task(|_| {}).await;
    inbox.press(&bob, &id, "approve", "mine").await.expect(StatusCode::SEE_OTHER);
    let page = inbox.page(&carol, &format!("/r/{id}")).await.text;
    assert!(page.contains("bob for data-owners</bdi><span class=\"hidden\"> approved"), "{page}");
    assert!(page.contains("security</bdi><span class=\"hidden\"> awaited"), "{page}");
    assert!(page.contains("1 of 2 approved"), "{page}");
}

#[tokio::test]
async fn a_page_of_another_request_says_what_is_different() {
    let inbox = Inbox::new().await;
    let carol = inbox.session("carol").await;
    let shown = inbox.task(security_alone).await;
    let meant = inbox.task(|value| {
        security_alone(value);
        value["resource"]["id"] = "postgres://db/prod.salaries".into();
        v1(value)["payload"]["masked_excerpt"] = json!({"dataset": "prod.salaries"}).to_string().into();
    });
    let meant = meant.await;
    let page = inbox.page(&carol, &format!("/r/{shown}")).await;
    let reply = inbox.press_on(&carol, &meant, &page, "approve", "ok").await.expect(StatusCode::CONFLICT);
    for said in
        ["the resource is “postgres://db/prod.salaries”", "where you were shown", "Nothing was decided."]
    {
        assert!(reply.text.contains(said), "{said}: {}", reply.text);
    }
}
