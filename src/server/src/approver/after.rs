//! What came after the decision, as a person sees it: an outcome that nobody knows, an earlier release of the same request, a
//! grant that was taken back.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::text::{Inert, inert_block, inert_short};
use crate::service;

/// An outcome that was not reported in time, or reported as unknown.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Unknown {
    /// Since when, Unix milliseconds.
    pub since_ms: i64,
    /// `not_reported`, `reported_unknown` or `restored`.
    pub why: String,
    /// How it was settled, once it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
}

/// What somebody found out.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Settled {
    /// `yes`, `no`, `cannot_tell`, or `reported` where the filter reported it after all.
    pub executed: String,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Inert>,
    /// How they know.
    pub reason: Inert,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// Another request with the same content by the same subject, which was released before.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Earlier {
    /// Its id.
    pub id: String,
    /// `under_way`, `unknown` or `settled`; only what is settled may be approved again.
    pub state: EarlierState,
    /// How it was settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
}

/// How far an earlier release is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EarlierState {
    /// Released, and its end not reported yet.
    UnderWay,
    /// Nobody knows.
    Unknown,
    /// Somebody found out.
    Settled,
}

/// A grant that was taken back.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Revoked {
    /// `reviewer`, `membership`, `key` or `restored`.
    pub why: String,
    /// Who, where a person did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Inert>,
    /// Their reason.
    pub reason: Inert,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

impl Settled {
    fn of(settled: &service::Settled) -> Self {
        Self {
            executed: settled.executed.as_str().to_owned(),
            by: settled.by.as_ref().map(|by| inert_short(&by.name, 200)),
            reason: inert_block(&settled.reason),
            at_ms: settled.at_ms,
        }
    }

    /// What was found out, in a sentence without a full stop.
    pub fn words(&self) -> String {
        let who = self.by.as_ref().map_or("Somebody", Inert::as_str);
        match self.executed.as_str() {
            "yes" => format!("{who} found out that it was executed"),
            "no" => format!("{who} found out that it was not executed"),
            "cannot_tell" => format!("{who} could not find out whether it was executed"),
            _ => "Its outcome was reported after all".to_owned(),
        }
    }
}

impl Unknown {
    /// What a person may see of `fate`; `None` where nothing is unknown about it yet.
    pub fn of(fate: &service::Fate) -> Option<Self> {
        let (since_ms, why, settled) = match fate {
            service::Fate::UnderWay { .. } => return None,
            service::Fate::Unknown { since_ms, why } => (*since_ms, why, None),
            service::Fate::Settled { since_ms, why, settled } => (*since_ms, why, Some(settled)),
        };
        Some(Self { since_ms, why: why.as_str().to_owned(), settled: settled.map(Settled::of) })
    }

    /// Why nobody knows, in a sentence without a full stop.
    pub fn words(&self) -> &'static str {
        match self.why.as_str() {
            "not_reported" => "It was released, and nothing was heard of it since",
            "reported_unknown" => "It was released, and the proxy could not tell what became of it",
            _ => "The approval service was put back from a backup that does not know what became of it",
        }
    }
}

impl Earlier {
    /// What a person may see of an earlier release.
    pub fn of(released: &service::Released) -> Self {
        let (state, settled) = match &released.fate {
            service::Fate::UnderWay { .. } => (EarlierState::UnderWay, None),
            service::Fate::Unknown { .. } => (EarlierState::Unknown, None),
            service::Fate::Settled { settled, .. } => (EarlierState::Settled, Some(Settled::of(settled))),
        };
        Self { id: released.task.clone(), state, settled }
    }

    /// What a reviewer must know of it, in words.
    pub fn words(&self) -> String {
        match (self.state, &self.settled) {
            (EarlierState::Settled, Some(settled)) => {
                format!("The same request was released before. {}.", settled.words())
            }
            (EarlierState::Settled, None) => "The same request was released before.".to_owned(),
            (EarlierState::UnderWay, _) => {
                "The same request was released a moment ago, and what became of it is not reported yet. This cannot be \
                 approved before that is known."
                    .to_owned()
            }
            (EarlierState::Unknown, _) => {
                "The same request was released before, and nobody knows whether it was executed. This cannot be approved \
                 before somebody has found out and said so there."
                    .to_owned()
            }
        }
    }
}

impl Revoked {
    /// What a person may see of it.
    pub fn of(revoked: &service::Revoked) -> Self {
        Self {
            why: revoked.why.as_str().to_owned(),
            by: revoked.by.as_ref().map(|by| inert_short(&by.name, 200)),
            reason: inert_block(&revoked.reason),
            at_ms: revoked.at_ms,
        }
    }

    /// Why, in a sentence without a full stop.
    pub fn words(&self) -> String {
        match (self.why.as_str(), &self.by) {
            ("reviewer", Some(by)) => format!("{by} took the approval back before it was used"),
            ("membership", _) => {
                "The approval does not count any more: somebody who gave it left the group they stood for"
                    .to_owned()
            }
            ("key", _) => {
                "The approval does not count any more: the key that signed it is revoked".to_owned()
            }
            ("standing", _) => {
                "The approval does not count any more: the standing approval it was given under ended"
                    .to_owned()
            }
            _ => "The approval does not count any more: the approval service was put back from a backup"
                .to_owned(),
        }
    }
}
