//! Policy as code: a document is compiled once, and then judges every call.
//!
//! The strictest effect of all rules that match wins, whatever their order: deny, hold, observe, allow. Where no rule
//! matches, the default decides: a read passes, everything else is held. What cannot be decoded, or cannot be known,
//! matches every rule that guards and no rule that releases.

mod document;
mod duration;
mod error;
mod judgement;
mod many;

pub use document::*;
pub use duration::Span;
pub use error::{PolicyError, Step};
pub use judgement::{Dataset, Denied, Held, Judgement, Passed, Quorum, RuleRef, Terms, reason};
pub use many::Many;

use crate::{
    call::{Body, Call},
    requester::{NoRequester, Requester, Sources},
};

/// A compiled policy.
#[derive(Debug)]
pub struct Policy {
    id: String,
    commit: String,
    digest: String,
    repo_url: Option<String>,
    sources: Sources,
}

impl Policy {
    /// Compiles a document.
    ///
    /// # Errors
    /// The first [`PolicyError`]: a sentence that names the rule.
    pub fn compile(document: Document) -> Result<Self, PolicyError> {
        let sources = Sources::from(&document.requester);
        let Document { name, repository, .. } = document;
        Ok(Self { id: name, commit: String::new(), digest: String::new(), repo_url: repository, sources })
    }

    /// What the policy says of a call. `requester` is asked only where a rule needs it or the call is held; the caller
    /// remembers the answer.
    pub fn judge(
        &self,
        _call: &Call,
        _body: Body<'_>,
        _requester: &mut dyn FnMut() -> Result<Requester, NoRequester>,
    ) -> Judgement {
        let detail = "this build judges nothing yet".to_owned();
        Judgement::Deny(Denied { action: None, rule: None, reason: reason::DEFAULT, detail })
    }

    /// The policy's name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The commit it was taken from; without git, 64 hexadecimal digits of its digest.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// The digest of the whole document.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Where the policy can be read.
    pub fn repo_url(&self) -> Option<&str> {
        self.repo_url.as_deref()
    }

    /// The sources of the requester.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }
}

#[cfg(test)]
mod tests;
