//! Who asks, where no proxy is there to say: what the command or a case states, else an agent of an unnamed human.

use countersign_core::requester::{Human, Requester, Source};
use countersign_wire::parties::{Act, Actor, Entity};
use serde::Deserialize;

/// Who asks.
#[derive(clap::Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Who {
    /// The workload that asks.
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
    /// The agent that asks.
    #[arg(long, value_name = "ID")]
    actor: Option<String>,
    /// The human it asks for; `none` for an unknown one.
    #[arg(long, value_name = "SUB")]
    human: Option<String>,
}

impl Who {
    /// The requester; what is not stated comes from `other`.
    pub(super) fn requester(&self, other: &Self) -> Requester {
        let or = |own: &Option<String>, other: &Option<String>, last: &str| {
            own.clone().or_else(|| other.clone()).unwrap_or_else(|| last.to_owned())
        };
        let subject = or(&self.subject, &other.subject, "spiffe://example/agent");
        let actor = or(&self.actor, &other.actor, &subject);
        let human = or(&self.human, &other.human, "requester@example.com");
        let known = human != "none";
        let act =
            known.then(|| Act { sub: human, iss: Some("urn:countersign:stated".to_owned()), act: None });
        Requester {
            subject: Entity::new("workload", subject),
            actor: Actor { id: actor, kind: Some("ai_agent".to_owned()), act, ..Actor::default() },
            known_human: if known { Human::Known } else { Human::Unknown },
            source: Source::Static,
        }
    }
}
