//! What Slack tells us: presses, windows that were sent, the home tab that was opened.
//!
//! The same handlers stand behind HTTP and Socket Mode. HTTP is verified on its raw bytes first ([`super::verify`]) and taken
//! once; both are then compared with the configured app and workspace. Slack wants an answer within three seconds:
//! what calls Slack again goes on after the answer, and only a sent window is decided before it.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest as _, State},
    http::{HeaderMap, Request, StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_wire::names::is_task_id;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    PROVIDER, Running, Slack,
    card::{self, Press, Shows},
    home,
    modal::{self, Risk},
    people::{self, Stranger},
    text::escaped,
    verify::{AGE, verify},
};
use crate::{
    approver::{text::Inert, view::Request as Shown},
    chat,
    service::{Channel, Choice, Person, Refusal, TaskView, Vote},
    store::chat::Seen,
};

/// What is answered.
#[derive(Debug)]
pub(super) enum Reply {
    /// It was taken.
    Nothing,
    /// It was taken, with a document for Slack.
    This(Value),
    /// It was not; the word goes to our log, not to the caller.
    Refused(&'static str),
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        match self {
            Self::Nothing => StatusCode::OK.into_response(),
            Self::This(document) => Json(document).into_response(),
            Self::Refused(why) => {
                tracing::warn!(why, "a call of Slack was refused");
                StatusCode::FORBIDDEN.into_response()
            }
        }
    }
}

/// `POST /slack/interactions`
pub(super) async fn interactions(State(slack): State<Slack>, headers: HeaderMap, body: Bytes) -> Response {
    #[derive(Deserialize)]
    struct Payload {
        payload: String,
    }
    if let Err(status) = believed(&slack, &headers, &body).await {
        return status.into_response();
    }
    let kind = headers.get(header::CONTENT_TYPE).cloned();
    let mut request = Request::post("/");
    if let Some(kind) = kind {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    let Ok(request) = request.body(axum::body::Body::from(body)) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Ok(axum::Form(Payload { payload })) = axum::Form::<Payload>::from_request(request, &()).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match serde_json::from_str(&payload) {
        Ok(payload) => interaction(&slack, payload).await.into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// `POST /slack/events`
pub(super) async fn events(State(slack): State<Slack>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(status) = believed(&slack, &headers, &body).await {
        return status.into_response();
    }
    match serde_json::from_slice(&body) {
        Ok(payload) => event(&slack, &payload).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Whether a call is Slack's and new. Nothing of it was read so far.
async fn believed(slack: &Slack, headers: &HeaderMap, body: &[u8]) -> Result<(), StatusCode> {
    let Some(secret) = &slack.settings.signing_secret else { return Err(StatusCode::NOT_FOUND) };
    let stamp = match verify(secret, headers, body, slack.service.now_ms() / 1000) {
        Ok(stamp) => stamp,
        Err(why) => {
            tracing::warn!(%why, "a call that says it is Slack's was refused");
            return Err(StatusCode::UNAUTHORIZED);
        }
    };
    match chat::once(&slack.service, PROVIDER, (stamp.at, &stamp.signature), AGE).await {
        Ok(Seen::New) => Ok(()),
        Ok(Seen::Before) => {
            tracing::warn!("a call of Slack came twice; the second was refused");
            Err(StatusCode::UNAUTHORIZED)
        }
        Err(fault) => {
            tracing::error!(%fault, "whether a call of Slack is new could not be told");
            Err(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v str> {
    path.iter().try_fold(value, |value, name| value.get(name))?.as_str()
}

/// A press or a sent window.
pub(super) async fn interaction(slack: &Slack, payload: Value) -> Reply {
    if at(&payload, &["api_app_id"]) != Some(&slack.settings.app_id) {
        return Reply::Refused("it is about another app");
    }
    if at(&payload, &["team", "id"]) != Some(&slack.settings.team_id) {
        return Reply::Refused("it is of another workspace");
    }
    match at(&payload, &["type"]) {
        Some("block_actions") => {
            let slack = slack.clone();
            tokio::spawn(async move { pressed(&slack, &payload).await });
            Reply::Nothing
        }
        Some("view_submission") => submitted(slack, &payload).await,
        // Windows that were closed, and whatever Slack may add.
        _ => Reply::Nothing,
    }
}

/// An event.
pub(super) fn event(slack: &Slack, payload: &Value) -> Reply {
    // Slack asks so once, when the address is typed in; what it says is signed like everything else.
    if at(payload, &["type"]) == Some("url_verification") {
        return match at(payload, &["challenge"]) {
            Some(challenge) => Reply::This(json!({"challenge": challenge})),
            None => Reply::Refused("a challenge without a challenge"),
        };
    }
    if at(payload, &["api_app_id"]) != Some(&slack.settings.app_id) {
        return Reply::Refused("it is about another app");
    }
    if at(payload, &["team_id"]) != Some(&slack.settings.team_id) {
        return Reply::Refused("it is of another workspace");
    }
    match (at(payload, &["event", "type"]), at(payload, &["event", "user"])) {
        (Some("app_home_opened"), Some(user)) if at(payload, &["event", "tab"]) != Some("messages") => {
            let (slack, user) = (slack.clone(), user.to_owned());
            tokio::spawn(async move { home::publish(&slack, &user).await });
        }
        (Some("app_uninstalled" | "tokens_revoked"), _) => {
            tracing::error!("the app was taken out of Slack's workspace; no card arrives there any more");
        }
        _ => {}
    }
    Reply::Nothing
}

/// A press: opens a window for those who may decide, and tells the others why they may not.
async fn pressed(slack: &Slack, payload: &Value) {
    let action = payload.get("actions").and_then(Value::as_array).and_then(|actions| actions.first());
    let Some(action) = action else { return };
    let Some(press) = at(action, &["action_id"]).and_then(Press::parse) else { return };
    let Some(user) = at(payload, &["user", "id"]) else { return };
    let trigger = at(payload, &["trigger_id"]).unwrap_or_default();
    let view = match window(slack, payload, action, press, user).await {
        Ok(view) => view,
        Err(why) => return tell(slack, payload, &why).await,
    };
    let body = json!({"trigger_id": trigger, "view": view});
    if let Err(failed) = slack.settings.api.call(&slack.settings.bot_token, "views.open", &body).await {
        tracing::warn!(why = failed.why(), "a window was not opened");
        tell(slack, payload, "the window could not be opened; press again, or use the web inbox").await;
    }
}

async fn window(
    slack: &Slack,
    payload: &Value,
    action: &Value,
    press: Press,
    user: &str,
) -> Result<Value, String> {
    let id = at(action, &["value"]).unwrap_or_default();
    let person = known(slack, user, at(payload, &["user", "team_id"])).await?;
    let task = task(slack, id).await?;
    slack.service.may_decide(&person, &task).map_err(|refusal| refusal.to_string())?;
    let request = Shown::of(&task);
    if let (Press::Approve, Some(why)) = (press, &request.not_approvable) {
        return Err(why.clone());
    }
    match card::shows(&request, at(action, &["block_id"]).unwrap_or_default()) {
        Shows::ThisOne => Ok(modal::view(&slack.key(), &request, press, user)),
        Shows::Another => {
            Err("the card you pressed on is out of date; look at the request in the web inbox".to_owned())
        }
    }
}

async fn known(slack: &Slack, user: &str, team: Option<&str>) -> Result<Person, String> {
    people::who(slack, user, team).await.map_err(|stranger| match stranger {
        Stranger::Unlinked if slack.settings.sign_in.is_some() => {
            format!("{stranger}: {}", slack.settings_page())
        }
        Stranger::Unlinked
        | Stranger::Elsewhere
        | Stranger::Guest
        | Stranger::Bot
        | Stranger::Gone
        | Stranger::Unreachable => stranger.to_string(),
    })
}

async fn task(slack: &Running, id: &str) -> Result<TaskView, String> {
    let unknown = || "there is no such request any more".to_owned();
    if !is_task_id(id) {
        return Err(unknown());
    }
    match slack.service.task(id).await {
        Ok(task) => task.ok_or_else(unknown),
        Err(fault) => {
            tracing::error!(%fault, "a request could not be read for Slack");
            Err("the approval service failed; try again".to_owned())
        }
    }
}

/// Tells whoever pressed, and nobody else.
async fn tell(slack: &Running, payload: &Value, why: &str) {
    let words = crate::inbox::sentence_case(why);
    let answered = match at(payload, &["response_url"]) {
        // The address is Slack's or it is not used: it came with the call.
        Some(url) if url.starts_with(&slack.settings.answers) => {
            let text = escaped(&Inert::from(words.clone()), 1_000);
            let body = json!({
                "response_type": "ephemeral", "replace_original": false, "text": text,
                "blocks": [card::section(words)],
            });
            slack.settings.api.respond(url, &body).await
        }
        Some(_) => {
            tracing::warn!("a press came with an address to answer at that is not Slack's; it was not used");
            return;
        }
        // The home tab has none.
        None => {
            let trigger = at(payload, &["trigger_id"]).unwrap_or_default();
            let body = json!({"trigger_id": trigger, "view": modal::notice("Not decided", &[words], None)});
            slack.settings.api.call(&slack.settings.bot_token, "views.open", &body).await.map(drop)
        }
    };
    if let Err(failed) = answered {
        tracing::warn!(why = failed.why(), "somebody was not told why they may not decide");
    }
}

/// A sent window: the decision.
async fn submitted(slack: &Slack, payload: &Value) -> Reply {
    let nothing = Value::Null;
    let view = payload.get("view").unwrap_or(&nothing);
    if at(view, &["callback_id"]) != Some(modal::DECIDE) {
        return Reply::Nothing;
    }
    let user = at(payload, &["user", "id"]).unwrap_or_default();
    match decided(slack, payload, view, user).await {
        Ok(()) => {
            let (slack, user) = (slack.clone(), user.to_owned());
            tokio::spawn(async move { home::publish(&slack, &user).await });
            Reply::This(json!({"response_action": "clear"}))
        }
        Err(Undecided::Field(field, why)) => {
            let why = escaped(&Inert::from(crate::inbox::sentence_case(&why)), 300);
            Reply::This(json!({"response_action": "errors", "errors": {field: why}}))
        }
        Err(Undecided::Over(lines, link)) => {
            let lines: Vec<String> = lines.iter().map(|line| crate::inbox::sentence_case(line)).collect();
            let view = modal::notice("Nothing was decided", &lines, link.as_deref());
            Reply::This(json!({"response_action": "update", "view": view}))
        }
    }
}

/// Why a sent window decided nothing.
enum Undecided {
    /// Something can be typed anew.
    Field(&'static str, String),
    /// The window is of no use any more; where the request is.
    Over(Vec<String>, Option<String>),
}

async fn decided(slack: &Slack, payload: &Value, view: &Value, user: &str) -> Result<(), Undecided> {
    let over = |why: &str| Undecided::Over(vec![why.to_owned()], None);
    let about = modal::about(&slack.key(), view).filter(|about| about.user == user);
    let about = about
        .ok_or_else(|| over("this window was not opened for you by this service; press the button again"))?;
    let press =
        about.press().ok_or_else(|| over("this window is of another version; press the button again"))?;
    let person = known(slack, user, at(payload, &["user", "team_id"])).await.map_err(|why| over(&why))?;
    let task = task(slack, &about.tid).await.map_err(|why| over(&why))?;
    let reason = modal::typed(view, modal::REASON).unwrap_or_default().trim().to_owned();
    let choice = choice(press);
    if already(&task, &person, choice, &reason) == Already::Said {
        return Ok(());
    }
    let code = modal::typed(view, modal::CODE).map(str::trim).filter(|code| !code.is_empty());
    match (choice, modal::risk(&Shown::of(&task))) {
        (Choice::Approve, Risk::High) if code.is_none() => {
            return Err(Undecided::Field(modal::CODE, "to approve this, type its code".to_owned()));
        }
        (Choice::Approve | Choice::Deny | Choice::Ask | Choice::BreakGlass, _) => {}
    }
    let vote =
        Vote { choice, reason, display_digest: about.display_digest.clone(), code: code.map(str::to_owned) };
    let done = slack.service.decide(&person, Channel::Slack, &about.tid, vote).await;
    let Err(refusal) = done else { return Ok(()) };
    let why = refusal.to_string();
    match refusal {
        Refusal::ReasonRequired | Refusal::ReasonTooLong => Err(Undecided::Field(modal::REASON, why)),
        Refusal::WrongCode | Refusal::CodeRequired => Err(Undecided::Field(modal::CODE, why)),
        _ => Err(Undecided::Over(changed(slack, &about.tid, why).await, Some(slack.link(&about.tid)))),
    }
}

/// How a request stands now, for somebody who saw it as it was.
async fn changed(slack: &Running, id: &str, why: String) -> Vec<String> {
    let mut lines = vec![why];
    if let Ok(task) = task(slack, id).await {
        let now = Shown::of(&task);
        lines.extend(now.votes.iter().rev().take(5).map(|vote| {
            let verb = match vote.choice.as_str() {
                "approve" => "approved",
                "deny" => "denied",
                _ => "asked",
            };
            format!("{} {verb} it: {}", vote.person, vote.reason)
        }));
        lines.push(format!("it stands so now: {}", now.progress()));
    }
    lines
}

fn choice(press: Press) -> Choice {
    match press {
        Press::Approve => Choice::Approve,
        Press::Deny => Choice::Deny,
        Press::Ask => Choice::Ask,
    }
}

/// Whether somebody said the same of this request before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Already {
    Said,
    New,
}

/// Slack sends a window again where our answer was lost: what was decided then is not decided twice.
fn already(task: &TaskView, person: &Person, choice: Choice, reason: &str) -> Already {
    let own = |vote: &&crate::service::VoteView| {
        vote.person.iss == person.iss && vote.person.sub == person.sub && vote.choice == choice
    };
    let asked = task
        .needs_context
        .as_ref()
        .is_some_and(|question| question.asked_by == person.name && question.text == reason);
    let said = match choice {
        Choice::Approve | Choice::Deny | Choice::BreakGlass => task.votes.iter().any(|vote| own(&vote)),
        Choice::Ask => asked,
    };
    if said { Already::Said } else { Already::New }
}
