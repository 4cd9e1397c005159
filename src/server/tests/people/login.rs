//! The development login, sessions and cookies.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};

use super::support::{HOST, Inbox, Reply, Session};

fn json(host: &str) -> Request<Body> {
    let request = Request::post("/login/dev").header("host", host).header("content-type", "application/json");
    request.body(Body::from(r#"{"name":"bob"}"#)).unwrap()
}

fn form(headers: &[(&str, &str)], body: &'static str) -> Request<Body> {
    let mut request = Request::post("/login/dev")
        .header("host", HOST)
        .header("content-type", "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body)).unwrap()
}

fn cookie(reply: &Reply) -> &str {
    reply.headers["set-cookie"].to_str().unwrap()
}

#[tokio::test]
async fn a_program_on_this_machine_gets_a_session() {
    let inbox = Inbox::new().await;
    let reply = inbox.send(json(HOST)).await.expect(StatusCode::OK);
    let token = reply.json["session"].as_str().unwrap().to_owned();
    assert!(
        cookie(&reply).starts_with(&format!("countersign_session={token}; Path=/; HttpOnly; SameSite=Lax"))
    );
    let me = Session { token, csrf: String::new() };
    assert_eq!(inbox.api(&me, "/approver/v1/me").await.json["name"], "bob");
}

#[tokio::test]
async fn another_machine_gets_nothing() {
    let inbox = Inbox::new().await;
    for peer in ["10.1.2.3:50000", "[2001:db8::1]:50000"] {
        inbox.send_from(peer, json(HOST)).await.problem(403, "urn:countersign:problem:unauthenticated");
    }
}

#[tokio::test]
async fn a_name_that_merely_resolves_to_this_machine_gets_nothing() {
    let inbox = Inbox::new().await;
    for host in ["evil.example:8080", "127.0.0.1.evil.example", ""] {
        inbox.send(json(host)).await.problem(403, "urn:countersign:problem:unauthenticated");
    }
}

#[tokio::test]
async fn another_site_cannot_log_a_browser_in() {
    let inbox = Inbox::new().await;
    for headers in [
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")][..],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
        &[],
    ] {
        let reply = inbox.send(form(headers, "name=bob")).await;
        reply.problem(403, "urn:countersign:problem:forged-request");
        assert!(!reply.headers.contains_key("set-cookie"));
    }
}

#[tokio::test]
async fn our_own_page_logs_in_and_leads_to_the_request_and_nowhere_else() {
    let inbox = Inbox::new().await;
    let ours = [("sec-fetch-site", "same-origin"), ("origin", "null")];
    let to = async |body: &'static str| {
        let reply = inbox.send(form(&ours, body)).await.expect(StatusCode::SEE_OTHER);
        reply.location().to_owned()
    };
    assert_eq!(to("name=bob").await, "/inbox");
    assert_eq!(to("name=bob&next=%2Fr%2Farq_1").await, "/r/arq_1");
    for evil in [
        "name=bob&next=https%3A%2F%2Fevil.example",
        "name=bob&next=%2F%2Fevil.example",
        "name=bob&next=%2Fr%2F..%2Flogout",
    ] {
        assert_eq!(to(evil).await, "/inbox", "{evil}");
    }
}

#[tokio::test]
async fn a_login_ends_the_session_the_browser_still_had() {
    let inbox = Inbox::new().await;
    let old = inbox.session("bob").await;
    let cookie = old.cookie();
    let headers = [("sec-fetch-site", "same-origin"), ("cookie", cookie.as_str())];
    let reply = inbox.send(form(&headers, "name=carol")).await.expect(StatusCode::SEE_OTHER);
    assert!(!self::cookie(&reply).contains(&old.token));
    assert_eq!(inbox.api(&old, "/approver/v1/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_stranger_s_name_opens_nothing() {
    let inbox = Inbox::new().await;
    let reply = inbox.send(form(&[("sec-fetch-site", "same-origin")], "name=mallory")).await;
    reply.problem(400, "urn:countersign:problem:malformed");
}

#[tokio::test]
async fn the_login_page_changes_nothing_and_a_page_without_a_session_leads_there() {
    let inbox = Inbox::new().await;
    let get = |path: &str| Request::get(path).header("host", HOST).body(Body::empty()).unwrap();
    let page = inbox.send(get("/login?as=carol&next=/r/arq_1")).await.expect(StatusCode::OK);
    assert!(!page.headers.contains_key("set-cookie"));
    assert_eq!(page.hidden_fields("/login/dev"), [("next", "/r/arq_1")]);
    let page = inbox.send(get("/login?next=//evil.example")).await.expect(StatusCode::OK);
    assert!(!page.text.contains("evil"));
    assert_eq!(inbox.send(get("/inbox")).await.expect(StatusCode::SEE_OTHER).location(), "/login");
    assert_eq!(
        inbox.send(get("/r/arq_1")).await.expect(StatusCode::SEE_OTHER).location(),
        "/login?next=/r/arq_1"
    );
}

#[tokio::test]
async fn logging_out_ends_the_session_and_needs_the_token() {
    let inbox = Inbox::new().await;
    let bob = inbox.session("bob").await;
    inbox
        .form(&bob, "/logout", &[("csrf", "wrong")])
        .await
        .problem(403, "urn:countersign:problem:forged-request");
    inbox.page(&bob, "/inbox").await.expect(StatusCode::OK);
    let reply = inbox.form(&bob, "/logout", &[("csrf", &bob.csrf)]).await.expect(StatusCode::SEE_OTHER);
    assert!(cookie(&reply).contains("Max-Age=0"));
    inbox.page(&bob, "/inbox").await.expect(StatusCode::SEE_OTHER);
}
