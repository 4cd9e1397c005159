//! Requests that are alike, decided together: one page that says of each what is its own, and one form.
//!
//! Promises: each that is selected is decided by itself, through the service, on exactly what this page showed of it; one that
//! changed meanwhile is not decided, and the answer says of every one what became of it. What takes a typed code, or was not
//! understood where that is demanded, cannot be selected here.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    Frame, Reader, Shown, Tab,
    form::{Sent, Tokened, words},
    html,
    row::Hurry,
    sentence_case, times,
};
use crate::{
    approver::{
        self, find,
        problem::Trouble,
        text::{inert_block, inert_short},
        view::{Payload, Request},
    },
    login::Reviewer,
    service::{Choice, Service, Vote},
};

/// Most requests on the page, and most decided by one form.
const MOST: usize = 100;
/// Most places named at which a request is not like the others.
const PLACES: usize = 6;

#[derive(Template)]
#[template(path = "alike.html")]
struct Page {
    frame: Frame,
    group: String,
    sentence: String,
    who: String,
    rule: String,
    items: Vec<Item>,
    more: usize,
    all: bool,
    done: Vec<Done>,
    decided: usize,
    notice: String,
    draft: String,
}

/// One of them.
struct Item {
    id: String,
    code: String,
    /// Names exactly what is shown: id, version, digest.
    pick: String,
    why: String,
    own: Vec<Own>,
    excerpt: String,
    note: String,
    asked: String,
    left: String,
    expires_at_ms: i64,
    hurry: Hurry,
    /// Why it is not selected here.
    apart: String,
}

/// What only this one says at a place.
struct Own {
    path: String,
    value: String,
}

/// What became of one.
struct Done {
    id: String,
    code: String,
    ok: bool,
    text: String,
}

/// How the page is opened.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Opened {
    #[serde(default)]
    all: String,
}

/// The form, whose `pick` occurs once for each that is selected.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Filled(Vec<(String, String)>);

impl Filled {
    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

impl Tokened for Filled {
    fn csrf(&self) -> &str {
        self.get("csrf")
    }
}

/// `GET /inbox/alike/{group}`
pub(super) async fn page(
    State(service): State<Service>,
    Reader(reviewer): Reader,
    Path(group): Path<String>,
    Query(opened): Query<Opened>,
) -> Result<Response, Shown> {
    let mut page = read(&service, &reviewer, &group).await?;
    page.all = !opened.all.is_empty();
    Ok(html(StatusCode::OK, &page))
}

/// `POST /inbox/alike/{group}`
pub(super) async fn decide(
    State(service): State<Service>,
    Path(group): Path<String>,
    headers: HeaderMap,
    sent: Result<Sent<Filled>, Shown>,
) -> Result<Response, Shown> {
    let Sent { reviewer, form } = sent?;
    let choice = match form.get("choice") {
        "approve" => Choice::Approve,
        "deny" => Choice::Deny,
        _ => return Err(Trouble::Malformed("`choice` is neither `approve` nor `deny`".to_owned()).into()),
    };
    let reason = words(form.get("reason"));
    let picked: BTreeSet<&str> =
        form.0.iter().filter(|(name, _)| name == "pick").map(|(_, value)| value.as_str()).collect();
    let missing = match (picked.len(), reason.is_empty()) {
        (0, _) => Some("Nothing was selected, so nothing was decided."),
        (_, true) => Some("Nothing was decided: a decision needs a reason."),
        (MOST.., false) if picked.len() > MOST => Some("Nothing was decided: select at most 100 at once."),
        (_, false) => None,
    };
    if let Some(notice) = missing {
        let mut page = read(&service, &reviewer, &group).await?;
        page.draft = inert_block(&reason).to_string();
        notice.clone_into(&mut page.notice);
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let mut done = Vec::with_capacity(picked.len());
    for pick in picked {
        done.push(one(&service, &reviewer, &headers, &group, pick, choice, &reason).await?);
    }
    let mut page = read(&service, &reviewer, &group).await?;
    page.decided = done.iter().filter(|one| one.ok).count();
    page.done = done;
    Ok(html(StatusCode::OK, &page))
}

/// Decides one of them, on what was shown of it.
async fn one(
    service: &Service,
    reviewer: &Reviewer,
    headers: &HeaderMap,
    group: &str,
    pick: &str,
    choice: Choice,
    reason: &str,
) -> Result<Done, Shown> {
    let mut parts = pick.splitn(3, '~');
    let (Some(id), Some(version), Some(digest)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Trouble::Malformed("`pick` names no request".to_owned()).into());
    };
    let task = find(service, id).await?;
    let done = |ok, text: String| Done {
        id: task.id.clone(),
        code: inert_short(&task.code, 32).to_string(),
        ok,
        text,
    };
    if task.alike.as_ref().is_none_or(|alike| alike.group != group) {
        return Ok(done(false, "not decided: it is not one of these requests.".to_owned()));
    }
    if task.version.to_string() != version || task.display_digest != digest {
        return Ok(done(false, "not decided: it changed since this page was opened.".to_owned()));
    }
    if task.demands.typed_code {
        return Ok(done(false, "not decided: it takes its own code, on its own page.".to_owned()));
    }
    let vote = Vote { choice, reason: reason.to_owned(), display_digest: digest.to_owned(), code: None };
    match service
        .decide_in(&reviewer.person, reviewer.channel(headers), id, vote, None, &reviewer.proof)
        .await
    {
        Ok(after) => Ok(done(true, format!("{}.", Request::of(&after).progress()))),
        Err(refusal) => {
            let why = Trouble::from(refusal).problem().detail.unwrap_or_default();
            Ok(done(false, format!("not decided: {}", sentence_case(&why).to_lowercase())))
        }
    }
}

async fn read(service: &Service, reviewer: &Reviewer, group: &str) -> Result<Page, Shown> {
    let now = service.now_ms();
    let waiting = approver::waiting(service, reviewer).await?;
    let count = waiting.len() + service.to_look_at(&reviewer.person).await?.len();
    let own =
        |task: &&crate::service::TaskView| task.alike.as_ref().is_some_and(|alike| alike.group == group);
    let requests: Vec<Request> = waiting.iter().filter(own).map(Request::of).collect();
    let more = requests.len().saturating_sub(MOST);
    let shown = requests.get(..MOST.min(requests.len())).unwrap_or_default();
    let leaves: Vec<BTreeMap<String, String>> =
        shown.iter().map(|request| leaves(&request.payload)).collect();
    let first = shown.first();
    Ok(Page {
        frame: Frame::around(reviewer, Tab::Waiting, count),
        group: super::link::part(group),
        sentence: first.map(|request| request.sentence.to_string()).unwrap_or_default(),
        who: first.map(Request::requester).unwrap_or_default(),
        rule: first.map(super::filter::rule_of).unwrap_or_default(),
        items: shown.iter().zip(&leaves).map(|(request, own)| item(request, own, &leaves, now)).collect(),
        more,
        all: false,
        done: Vec::new(),
        decided: 0,
        notice: String::new(),
        draft: String::new(),
    })
}

fn item(
    request: &Request,
    own: &BTreeMap<String, String>,
    all: &[BTreeMap<String, String>],
    now: i64,
) -> Item {
    let payload = &request.payload;
    let differs = |path: &str, value: &String| all.iter().any(|other| other.get(path) != Some(value));
    let own: Vec<Own> = own
        .iter()
        .filter(|(path, value)| differs(path, value))
        .take(PLACES)
        .map(|(path, value)| Own {
            path: inert_short(path, 80).to_string(),
            value: inert_short(value, 120).to_string(),
        })
        .collect();
    let apart = match &request.not_approvable {
        Some(_) => "Not all of it was understood: open it to deny it or to ask.",
        None if request.typed_code => "It takes its own code: open it to decide.",
        None => "",
    };
    Item {
        id: request.id.clone(),
        code: request.code.to_string(),
        pick: format!("{}~{}~{}", request.id, request.version, request.display_digest),
        why: request.why.as_ref().map(|why| inert_short(why.as_str(), 160).to_string()).unwrap_or_default(),
        excerpt: if own.is_empty() {
            inert_short(payload.excerpt.as_str(), 240).to_string()
        } else {
            String::new()
        },
        own,
        note: note(payload),
        asked: times::ago(request.created_at_ms, now),
        left: times::left(request.expires_at_ms, now),
        expires_at_ms: request.expires_at_ms,
        hurry: Hurry::of(request, now),
        apart: apart.to_owned(),
    }
}

/// What of the body cannot be compared here.
fn note(payload: &Payload) -> String {
    let unread = payload.masking.as_ref().map_or(0, |proof| proof.not_understood);
    if payload.size > 0 && payload.excerpt.is_empty() {
        format!("The body ({} bytes) could not be read and is not shown.", payload.size)
    } else if payload.truncated {
        format!("Only the beginning of {} bytes is shown; the rest may differ too.", payload.size)
    } else if unread > 0 {
        format!("{unread} bytes of it were not understood.")
    } else {
        String::new()
    }
}

/// What the body says at each place, as far as it is JSON and shown; of every body, its length and the number of what is masked.
fn leaves(payload: &Payload) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    if let Ok(value) = serde_json::from_str::<Value>(payload.excerpt.as_str()) {
        walk(&value, &mut "$".to_owned(), &mut found);
    }
    if found.is_empty() {
        return found;
    }
    // What is masked alike is not the same: its length tells.
    found.insert("length".to_owned(), format!("{} bytes", payload.size));
    found
}

fn walk(value: &Value, path: &mut String, found: &mut BTreeMap<String, String>) {
    if found.len() >= 400 {
        return;
    }
    let end = path.len();
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                path.push('.');
                path.push_str(name);
                walk(inner, path, found);
                path.truncate(end);
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                write!(path, "[{at}]").unwrap_or_default();
                walk(inner, path, found);
                path.truncate(end);
            }
        }
        Value::String(text) => drop(found.insert(path.clone(), text.clone())),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            drop(found.insert(path.clone(), value.to_string()));
        }
    }
}
