//! "The same again" in words: what a reviewer may agree to beyond one request, and which requests are alike.
//!
//! The words are made from what the filter bound, never from what an agent says, and they name everything that must be the
//! same. They promise no more than the matcher keeps: it compares more than it says, and bodies it does not compare.

use countersign_wire::submission::Submission;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    sentence::class_words,
    text::{Inert, inert_short},
};
use crate::{inbox::times::moment, service::TaskView};

/// What may be agreed to beyond one request.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Scope {
    /// What must be the same again, in words.
    pub words: Inert,
    /// How often at most, this request included.
    pub uses: u32,
    /// For how many seconds at most, from your decision.
    pub seconds: i64,
}

/// Requests that wait and differ in nothing but the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Alike {
    /// The group's name, for `?group=`.
    pub group: String,
    /// How many of it wait, counted up to 100.
    pub waiting: u64,
}

/// The standing approval that a request was approved under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Under {
    /// Its id.
    pub id: String,
    /// Which use of it this is; the request that people decided is the first.
    pub number: u64,
}

impl Scope {
    /// What may be agreed to beyond `task`; nothing where its rule does not allow it.
    pub(crate) fn of(task: &TaskView) -> Option<Self> {
        let access = task.submission.requested_access.as_ref()?;
        let scoped = access.scoped.as_ref()?;
        Some(Self { words: words(&task.submission), uses: scoped.uses, seconds: scoped.seconds })
    }
}

/// Longest name inside the words, in characters.
const NAME: usize = 200;

/// What must be the same again: operation, class, resource, place, requester and rule.
pub fn words(submission: &Submission) -> Inert {
    let v1 = &submission.context.v1;
    let name = |text: &str| inert_short(text, NAME);
    let word = |key: &str| {
        submission.action.properties.get(key).and_then(Value::as_str).map(|text| inert_short(text, 64))
    };
    let method = word("method").map_or_else(|| "A request".to_owned(), |method| method.to_string());
    let operation = word("operation").filter(|operation| operation.as_str() != method);
    let operation = operation.map(|operation| format!(" ({operation})")).unwrap_or_default();
    let actor = &submission.client.actor;
    let humans: Vec<String> =
        actor.chain().take(16).map(|act| format!(" acting for {}", name(&act.sub))).collect();
    let text = format!(
        "{method}{operation} for {} of {} {} at {}://{}{} by workload {}, agent {}{}, under rule {}/{}; bodies may differ",
        class_words(&submission.action.name),
        name(&submission.resource.kind),
        name(&submission.resource.id),
        name(&v1.destination.scheme),
        name(&v1.destination.authority),
        name(&v1.destination.path),
        name(&submission.subject.id),
        name(&actor.id),
        humans.concat(),
        name(&v1.policy.id),
        name(&v1.policy.rule),
    );
    inert_short(&text, 2_000)
}

/// `10 times or until 21 Nov 2026, 14:05:00 UTC`.
pub fn times(uses: u64, until_ms: i64) -> String {
    format!("{uses} times or until {}", moment(until_ms))
}

/// So many seconds as people say them: `1 h`, `30 min`, `45 s`.
pub fn span(seconds: i64) -> String {
    match seconds {
        s if s > 0 && s % 3600 == 0 => format!("{} h", s / 3600),
        s if s > 0 && s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}
