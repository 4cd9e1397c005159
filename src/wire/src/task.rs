//! The task as the approval service answers it (protocol 1.5), read with the limits of part 4.
//!
//! `task.status` decides, never the HTTP code; an unknown status is still pending, so that neither a newer nor a hostile
//! service can turn a word we do not know into consent.

use crate::{
    json::{Limits, strict},
    names,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The document around a task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TaskAnswer {
    /// The task.
    pub task: Task,
}

/// One approval in progress, as far as the filter may see it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    /// Opaque, `^[A-Za-z0-9_-]{1,64}$`.
    pub id: String,
    /// How it stands.
    pub status: Status,
    /// Never followed: paths are built from `id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_endpoint: Option<String>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// How far it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// For humans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<Links>,
    /// Safe to show to the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<Display>,
    /// The decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Outcome>,
}

/// How a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nobody, or not everybody, has decided.
    Pending,
    /// Granted; worth nothing without a grant that verifies.
    Approved,
    /// A person said no.
    Denied,
    /// Nobody decided in time.
    Expired,
    /// Withdrawn.
    Cancelled,
    /// The service could not go on.
    Failed,
    /// A word we do not know: treated as pending.
    #[serde(other)]
    Unknown,
}

/// Steps, by group names and never by people.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Decisions so far.
    #[serde(default)]
    pub current_step: u32,
    /// Decisions needed.
    #[serde(default)]
    pub total_steps: u32,
    /// `needs_context` where a reviewer asked something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_name: Option<String>,
    /// Groups still awaited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaiting: Vec<String>,
}

/// Links for humans; the filter passes on `ticket` and follows none.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Links {
    /// The page where people see this task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// ARAP's cancel address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel: Option<String>,
}

/// What the agent may be told.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Display {
    /// Why, in words that are safe for the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Ours.
    #[serde(rename = "urn:countersign:v1", default, skip_serializing_if = "Option::is_none")]
    pub v1: Option<DisplayV1>,
}

/// Our part of the display.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct DisplayV1 {
    /// What a reviewer asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// The code people match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// The decision of a task that ended.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// `reevaluate` where there is a grant to redeem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// The signed denial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denial: Option<Denial>,
}

/// A grant on the wire; copied unchanged into the redeem, extra members and all.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Approval {
    /// The grant's `jti`.
    pub id: String,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<String>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_until: Option<String>,
    /// The compact JWS.
    pub state: String,
    /// Whatever else the service put there.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A signed denial on the wire.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Denial {
    /// The compact JWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

impl Task {
    /// Reads an answer's body; `None` where it is no task: too large, not strict JSON, no id fit for a path.
    pub fn read(body: &[u8]) -> Option<Self> {
        let value = strict(body, &Limits::ANSWER).ok()?;
        let answer: TaskAnswer = serde_json::from_value(value).ok()?;
        names::is_task_id(&answer.task.id).then_some(answer.task)
    }

    /// What a reviewer asks, while the task needs context.
    pub fn question(&self) -> Option<&str> {
        let step = self.progress.as_ref()?.step_name.as_deref()?;
        if step != "needs_context" {
            return None;
        }
        let asked = self.display.as_ref().and_then(|d| d.v1.as_ref()).and_then(|v1| v1.question.as_deref());
        Some(asked.unwrap_or("a reviewer asks for more context"))
    }

    /// The code people match, if the service repeats one.
    pub fn code(&self) -> Option<&str> {
        self.display.as_ref()?.v1.as_ref()?.code.as_deref()
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_word_we_do_not_know_is_no_consent() {
        let task = Task::read(br#"{"task":{"id":"a","status":"granted!"}}"#).unwrap();
        assert_eq!(task.status, Status::Unknown);
    }

    #[test]
    fn what_is_no_task_is_none() {
        for bad in [
            r#"{"task":{"id":"a/../b","status":"approved"}}"#,
            r#"{"task":{"id":"a","status":"approved","status":"denied"}}"#,
            r#"{"task":{"status":"approved"}}"#,
            r#"{"task":[]}"#,
            "garbage",
            "",
        ] {
            assert!(Task::read(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_question_is_seen_only_while_it_is_asked() {
        let asked = br#"{"task":{"id":"a","status":"pending","progress":{"step_name":"needs_context"},
            "display":{"urn:countersign:v1":{"question":"which vendor?","code":"OAK-11"}}}}"#;
        let task = Task::read(asked).unwrap();
        assert_eq!(task.question(), Some("which vendor?"));
        assert_eq!(task.code(), Some("OAK-11"));
        let calm = br#"{"task":{"id":"a","status":"pending","progress":{"step_name":"security"}}}"#;
        assert_eq!(Task::read(calm).unwrap().question(), None);
    }
}
