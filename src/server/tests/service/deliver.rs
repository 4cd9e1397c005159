//! Telling channels: at least once, in order, whatever breaks, and one channel's outage is no other's.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header::LOCATION},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_server::service::{Choice, Status};
use countersign_wire::digest::Secret;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::support::{Bench, v1};

/// How a receiver answers.
#[derive(Clone, Copy)]
pub(crate) enum Mood {
    Listens,
    Says(u16),
    /// Wants to be left alone for so many seconds.
    Busy(u16),
    Hangs,
    SendsElsewhere,
}

/// A call as it arrived.
pub(crate) type Call = (HeaderMap, Vec<u8>);

/// Somebody's program that is called.
#[derive(Clone)]
pub(crate) struct Receiver {
    mood: Arc<Mutex<Mood>>,
    pub(crate) got: Arc<Mutex<Vec<Call>>>,
    pub(crate) url: String,
}

impl Receiver {
    pub(crate) async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let receiver = Self { mood: Arc::new(Mutex::new(mood)), got: Arc::default(), url };
        let app = Router::new().fallback(called).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        receiver
    }

    pub(crate) fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub(crate) fn calls(&self) -> usize {
        self.got.lock().unwrap().len()
    }

    /// What it took, as (kind, task), each event once.
    pub(crate) fn events(&self) -> Vec<(String, String)> {
        let mut seen = std::collections::BTreeSet::new();
        let got = self.got.lock().unwrap();
        let events = got.iter().filter_map(|(_, body)| {
            let event: Value = serde_json::from_slice(body).unwrap();
            let word = |name: &str| event[name].as_str().unwrap().to_owned();
            seen.insert(word("id")).then(|| (word("type"), word("subject")))
        });
        events.collect()
    }

    pub(crate) async fn until(&self, enough: impl Fn(&Self) -> bool) {
        for _ in 0..1_000 {
            if enough(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the receiver got only {:?}", self.events());
    }
}

async fn called(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    let mood = *receiver.mood.lock().unwrap();
    match mood {
        Mood::Listens => {
            receiver.got.lock().unwrap().push((headers, body.to_vec()));
            StatusCode::NO_CONTENT.into_response()
        }
        Mood::Busy(seconds) => {
            receiver.got.lock().unwrap().push((headers, body.to_vec()));
            (StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds.to_string())]).into_response()
        }
        Mood::Says(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Mood::Hangs => {
            receiver.got.lock().unwrap().push((headers, body.to_vec()));
            std::future::pending().await
        }
        Mood::SendsElsewhere => {
            (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, format!("{}/elsewhere", receiver.url))])
                .into_response()
        }
    }
}

fn hook(name: &str, receiver: &Receiver) -> String {
    format!(
        "  {name}: {{webhook: {{url: \"{}\", secret: {{file: KEYS/hook}}, timeout: 1s}}}}\n",
        receiver.url
    )
}

pub(crate) async fn bench(channels: &[(&str, &Receiver)], notify: &str) -> Bench {
    let hooks: String = channels.iter().map(|(name, receiver)| hook(name, receiver)).collect();
    Bench::with(&format!("channels:\n{hooks}{notify}"), &[("hook", &"05".repeat(32))]).await
}

/// Waits until something was given up.
pub(crate) async fn given_up(bench: &Bench) -> countersign_server::deliver::Dead {
    for _ in 0..1_000 {
        if let Some(dead) = bench.service.dead_deliveries().await.unwrap().pop() {
            return dead;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nothing was given up");
}

pub(crate) fn kinds(events: &[(String, String)]) -> Vec<&str> {
    events.iter().map(|(kind, _)| kind.strip_prefix("countersign.request.").unwrap()).collect()
}

#[tokio::test]
async fn every_change_is_told_in_order_and_signed_and_holds_nothing_of_the_payload() {
    let receiver = Receiver::start(Mood::Listens).await;
    let bench = bench(&[("ops", &receiver)], "").await;
    let id = bench.task().await;
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    bench.decide("carol", &id, Choice::Approve).await.unwrap();
    receiver.until(|receiver| receiver.calls() == 3).await;
    assert_eq!(kinds(&receiver.events()), ["submitted", "updated", "approved"]);
    let secret = Secret::new([5; 32]);
    let excerpt = bench.view(&id).await.submission.context.v1.payload.masked_excerpt;
    assert!(excerpt.len() > 20, "the fixture has a payload");
    for (headers, body) in receiver.got.lock().unwrap().iter() {
        let word = |name: &str| headers[name].to_str().unwrap();
        let signed = word("webhook-signature").strip_prefix("v1,").unwrap();
        let parts = [word("webhook-id").as_bytes(), b".", word("webhook-timestamp").as_bytes(), b".", body];
        assert!(secret.verifies(&parts, &STANDARD.decode(signed).unwrap()));
        let event: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(
            (&event["subject"], &event["specversion"]),
            (&Value::from(id.as_str()), &Value::from("1.0"))
        );
        assert!(event["data"]["link"].as_str().unwrap().ends_with(&format!("/r/{id}")));
        assert!(!String::from_utf8_lossy(body).contains(&excerpt), "the payload is told");
    }
}

#[tokio::test]
async fn a_channel_that_is_down_hears_all_of_it_later_in_order_and_holds_up_no_other() {
    let (down, up) = (Receiver::start(Mood::Says(503)).await, Receiver::start(Mood::Listens).await);
    let bench = bench(&[("down", &down), ("up", &up)], "").await;
    let id = bench.task().await;
    bench.decide("bob", &id, Choice::Deny).await.unwrap();
    up.until(|up| up.calls() == 2).await;
    assert_eq!(down.calls(), 0);
    down.becomes(Mood::Listens);
    bench.pass(2_000);
    down.until(|down| down.calls() == 2).await;
    assert_eq!(kinds(&down.events()), ["submitted", "denied"]);
    assert_eq!(bench.service.dead_deliveries().await.unwrap(), []);
}

#[tokio::test]
async fn who_hangs_is_told_again_by_the_process_after_a_crash() {
    let receiver = Receiver::start(Mood::Hangs).await;
    let bench = bench(&[("ops", &receiver)], "").await;
    let hooks = format!("channels:\n{}", hook("ops", &receiver));
    let id = bench.task().await;
    receiver.until(|receiver| receiver.calls() == 1).await;
    let stopped = bench.killed().await;
    receiver.becomes(Mood::Listens);
    let hooks = hooks.replace("KEYS", stopped.folder().to_str().unwrap());
    let again = countersign_server::service::Restored::Refuse;
    let bench = stopped.start(again, |yaml| yaml + &hooks).await.unwrap();
    bench.pass(61_000);
    receiver.until(|receiver| receiver.calls() == 2).await;
    assert_eq!(
        receiver.events(),
        [("countersign.request.submitted".to_owned(), id)],
        "the same event, twice"
    );
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_given_up_with_the_reason_and_can_be_tried_again() {
    let receiver = Receiver::start(Mood::Says(410)).await;
    let bench = bench(&[("ops", &receiver)], "").await;
    let id = bench.task().await;
    let dead = given_up(&bench).await;
    assert_eq!((dead.task.as_str(), dead.channel.as_str(), dead.attempts), (id.as_str(), "ops", 1));
    assert!(dead.why.contains("410"), "{}", dead.why);
    receiver.becomes(Mood::Listens);
    assert!(bench.service.revive_delivery(dead.id).await.unwrap());
    assert!(!bench.service.revive_delivery(dead.id).await.unwrap(), "it is not dead any more");
    receiver.until(|receiver| receiver.calls() == 1).await;
}

#[tokio::test]
async fn a_call_follows_nobody_elsewhere() {
    let receiver = Receiver::start(Mood::SendsElsewhere).await;
    let bench = bench(&[("ops", &receiver)], "").await;
    bench.task().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(receiver.calls(), 0);
    receiver.becomes(Mood::Listens);
    bench.pass(2_000);
    receiver.until(|receiver| receiver.calls() == 1).await;
}

#[tokio::test]
async fn the_first_route_that_fits_says_who_is_told() {
    let (security, rest) = (Receiver::start(Mood::Listens).await, Receiver::start(Mood::Listens).await);
    let notify =
        "notify:\n- {rule: [no-owner], channels: [security]}\n- {class: [data_export], channels: [rest]}\n";
    let bench = bench(&[("security", &security), ("rest", &rest)], notify).await;
    let export = bench.task().await;
    let owner = bench
        .submit(|value| {
            crate::support::number(value, 1);
            v1(value)["policy"]["rule"] = "no-owner".into();
            crate::support::redigest(value);
        })
        .await
        .task_id();
    security.until(|security| security.calls() == 1).await;
    rest.until(|rest| rest.calls() == 1).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let told = |receiver: &Receiver| receiver.events().into_iter().map(|(_, id)| id).collect::<Vec<_>>();
    assert_eq!((told(&security), told(&rest)), (vec![owner], vec![export]));
}

#[tokio::test]
async fn when_nobody_answers_it_expires_and_that_is_told() {
    let receiver = Receiver::start(Mood::Listens).await;
    let bench = bench(&[("ops", &receiver)], "").await;
    let id = bench.task().await;
    bench.pass(24 * 3_600_000);
    receiver.until(|receiver| receiver.calls() == 2).await;
    assert_eq!(kinds(&receiver.events()), ["submitted", "expired"]);
    let task = bench.view(&id).await;
    assert_eq!((task.status, task.approval), (Status::Expired, None));
}

#[tokio::test]
async fn where_nobody_decides_others_are_told_and_hear_how_it_ends() {
    let (first, next) = (Receiver::start(Mood::Listens).await, Receiver::start(Mood::Listens).await);
    let notify = "notify:\n- {channels: [first], remind: 2m, escalate: [{after: 5m, channels: [next]}]}\n";
    let bench = bench(&[("first", &first), ("next", &next)], notify).await;
    let id = bench.submit(|_| {}).await.task_id();
    first.until(|first| first.calls() == 1).await;
    bench.pass(4 * 60_000);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(next.calls(), 0, "told too early");
    bench.pass(61_000);
    // A change wakes the workers at once; without one they look every few seconds.
    bench.decide("bob", &id, Choice::Ask).await.unwrap();
    next.until(|next| next.calls() == 2).await;
    let expires = bench.view(&id).await.expires_at_ms;
    bench.pass(expires - bench.now() - 100_000);
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    first.until(|first| first.calls() == 4).await;
    bench.decide("carol", &id, Choice::Deny).await.unwrap();
    first.until(|first| first.calls() == 5).await;
    next.until(|next| next.calls() == 4).await;
    let told = |receiver: &Receiver| kinds(&receiver.events()).join(" ");
    assert_eq!(told(&first), "submitted asked reminder updated denied");
    assert_eq!(told(&next), "reminder asked updated denied");
}

#[tokio::test]
async fn nobody_is_reminded_or_told_later_of_what_is_decided() {
    let (first, next) = (Receiver::start(Mood::Listens).await, Receiver::start(Mood::Listens).await);
    let notify = "notify:\n- {channels: [first], remind: 2m, escalate: [{after: 5m, channels: [next]}]}\n";
    let bench = bench(&[("first", &first), ("next", &next)], notify).await;
    let id = bench.task().await;
    bench.decide("bob", &id, Choice::Deny).await.unwrap();
    bench.pass(3_600_000);
    first.until(|first| first.calls() == 2).await;
    assert_eq!(kinds(&first.events()), ["submitted", "denied"]);
    // Nothing stands there that would be told some day.
    for _ in 0..200 {
        let open = "SELECT count(*) FROM outbox WHERE done_at IS NULL";
        let open: i64 = sqlx::query_scalar(open).fetch_one(&mut bench.sql().await).await.unwrap();
        if open == 0 {
            assert_eq!(next.calls(), 0);
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("something of {id} is still to be told");
}

#[tokio::test]
async fn outside_working_hours_others_are_told() {
    let (day, night) = (Receiver::start(Mood::Listens).await, Receiver::start(Mood::Listens).await);
    let hours = "{zone: UTC, days: [mon, tue, wed, thu, fri, sat, sun], from: \"00:00\", to: \"23:59\"}";
    let never = "{zone: UTC, days: [mon, tue, wed, thu, fri, sat, sun], from: \"23:59\", to: \"00:00\"}";
    for (hours, by_day) in [(hours, 1), (never, 0)] {
        let (before, before_night) = (day.calls(), night.calls());
        let notify = format!("notify:\n- {{channels: [day], hours: {hours}, outside: [night]}}\n");
        let bench = bench(&[("day", &day), ("night", &night)], &notify).await;
        bench.task().await;
        day.until(|day| day.calls() + night.calls() == before + before_night + 1).await;
        assert_eq!(day.calls() - before, by_day);
    }
}

/// An on-call service.
#[tokio::test]
async fn an_alert_lasts_as_long_as_a_request_waits() {
    let receiver = Receiver::start(Mood::Says(202)).await;
    let origin = receiver.url.strip_suffix("/hook").unwrap().to_owned();
    let yaml = format!(
        "channels:\n  duty: {{pager: {{service: pagerduty, key: {{file: KEYS/key}}, url: \"{origin}\"}}}}\n  \
         genie: {{pager: {{service: opsgenie, key: {{file: KEYS/key}}, url: \"{origin}\"}}}}\n"
    );
    receiver.becomes(Mood::Listens);
    let bench = Bench::with(&yaml, &[("key", "R0UT1NGKEY")]).await;
    let id = bench.task().await;
    receiver.until(|receiver| receiver.calls() == 2).await;
    bench.decide("bob", &id, Choice::Ask).await.unwrap();
    receiver.until(|receiver| receiver.calls() == 4).await;
    bench.decide("bob", &id, Choice::Deny).await.unwrap();
    receiver.until(|receiver| receiver.calls() == 6).await;
    let got = receiver.got.lock().unwrap();
    let (genie, duty): (Vec<_>, Vec<_>) =
        got.iter().partition(|(headers, _)| headers.contains_key("authorization"));
    let body = |(_, body): &(HeaderMap, Vec<u8>)| serde_json::from_slice::<Value>(body).unwrap();
    // The fields that the Events API v2 requires of each action.
    let (trigger, taken_on, resolve) = (body(duty[0]), body(duty[1]), body(duty[2]));
    let actions = [&trigger, &taken_on, &resolve].map(|event| event["event_action"].as_str().unwrap());
    assert_eq!(actions, ["trigger", "acknowledge", "resolve"]);
    for event in [&trigger, &taken_on, &resolve] {
        assert_eq!((&event["dedup_key"], &event["routing_key"]), (&id.as_str().into(), &"R0UT1NGKEY".into()));
    }
    assert!(["summary", "source", "severity"].iter().all(|name| trigger["payload"][name].is_string()));
    let (alert, closed) = (body(genie[0]), body(genie[2]));
    assert_eq!(genie[0].0["authorization"], "GenieKey R0UT1NGKEY");
    assert_eq!((&alert["alias"], &closed["source"]), (&id.as_str().into(), &"countersign".into()));
    assert!(alert["message"].as_str().unwrap().chars().count() <= 130);
}

#[tokio::test]
async fn what_was_told_and_what_was_given_up_is_counted_by_kind_and_never_by_name() {
    use tower::ServiceExt as _;
    let (up, gone) = (Receiver::start(Mood::Listens).await, Receiver::start(Mood::Says(410)).await);
    let bench = bench(&[("up", &up), ("gone", &gone)], "").await;
    bench.task().await;
    up.until(|up| up.calls() == 1).await;
    given_up(&bench).await;
    for _ in 0..200 {
        let request = axum::http::Request::get("/metrics").body(axum::body::Body::empty()).unwrap();
        let answer =
            countersign_server::observe::router(bench.service.clone()).oneshot(request).await.unwrap();
        let text = axum::body::to_bytes(answer.into_body(), 1 << 24).await.unwrap();
        let text = String::from_utf8(text.to_vec()).unwrap();
        let has = |result: &str| {
            let line = format!("countersign_deliveries_total{{channel=\"webhook\",result=\"{result}\"}} 1");
            text.lines().any(|one| one == line)
        };
        if has("Told") && has("Never") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it is not counted");
}

#[tokio::test]
async fn a_configuration_that_would_tell_nobody_or_in_the_clear_does_not_start() {
    use countersign_server::config::{Config, Mode};
    let dir = tempfile::tempdir().unwrap();
    crate::support::private(&dir.path().join("hook"), &"05".repeat(32));
    let secret = format!("secret: {{file: {}/hook}}", dir.path().display());
    let refused = |yaml: &str| {
        let read = Config::read(yaml, crate::support::listen(), &dir.path().join("state"), Mode::Dev);
        read.expect_err("it was taken").to_string()
    };
    let clear = format!("channels: {{ops: {{webhook: {{url: \"http://hooks.example.com/x\", {secret}}}}}}}");
    assert!(refused(&clear).starts_with("channel `ops`: address"), "{}", refused(&clear));
    let stranger = "notify: [{channels: [nobody]}]";
    assert_eq!(refused(stranger), "`notify`, route 1: no channel is called `nobody`");
    let empty = "notify: [{channels: []}]";
    assert_eq!(refused(empty), "`notify`, route 1: `channels` is empty");
}
