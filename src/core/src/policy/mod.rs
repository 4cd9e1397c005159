//! Policy as code: a document is compiled once, and then judges every call.
//!
//! The strictest effect of all rules that match wins, whatever their order: deny, hold, observe, allow. Where no rule
//! matches, the default decides: a read passes, everything else is held. What cannot be decoded, or cannot be known,
//! matches every rule that guards and no rule that releases.

mod anonymise;
mod argument;
mod compile;
mod document;
mod duration;
mod error;
mod explain;
mod fit;
mod index;
mod judge;
mod judgement;
mod many;
mod masking;
mod matching;
mod members;
mod pattern;
mod reviewers;
mod rule;
mod scoped;
mod secrets;
mod terms;

pub use anonymise::{Anonymise, AnonymiseResponse, Otherwise};
pub use document::*;
pub use duration::Span;
pub use error::{PolicyError, Step};
pub use explain::{Considered, Explanation, Looked, Matches, Outcome};
pub use fit::Fit;
pub use judgement::{Dataset, Denied, Held, Judgement, Passed, Quorum, RuleRef, Terms, reason};
pub use many::Many;
pub use masking::*;
pub use members::{Listed, Weight};
pub use pattern::{BadPattern, Glob, HostPattern, PathPattern, Reading};
pub use reviewers::{BreakGlassDoc, PartDoc, ReviewersDoc, SetDoc};
pub use scoped::{Offers, Scoped, ScopedDoc};

use countersign_mask::{Masker, PseudonymKey};
use countersign_wire::digest::Secret;
use std::sync::Arc;

use crate::{
    action::Decoders,
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
    authors: Vec<String>,
    sources: Sources,
    decoders: Decoders,
    index: index::Index,
    rules: Vec<rule::Rule>,
    read: DefaultEffect,
    write: DefaultEffect,
    allowed: Recording,
    default_terms: Option<Arc<Terms>>,
    masking: Masking,
    secrets: secrets::Secrets,
}

impl Policy {
    /// Compiles a document.
    ///
    /// # Errors
    /// The first [`PolicyError`]: a sentence that names the rule.
    pub fn compile(document: Document) -> Result<Self, PolicyError> {
        let compiled = Self::read(&document)?;
        Ok(Self { id: document.name, repo_url: document.repository, ..compiled })
    }

    /// The same with pseudonyms that only who has `secret` can make, and that are the same wherever this policy is enforced
    /// with it. Without a secret a pseudonym is a label.
    #[must_use]
    pub fn with_pseudonyms(mut self, secret: &Secret) -> Self {
        let key = PseudonymKey::derive(secret, &self.id);
        self.masking = self.masking.with_key(key);
        self
    }

    /// What masks a call that is held by these terms.
    pub fn masker(&self, terms: &Terms) -> Masker {
        self.masking.masker(&terms.masking)
    }

    /// What masks where no terms speak: calls that pass or are refused.
    pub fn plain_masker(&self) -> &Masker {
        self.masking.plain()
    }

    /// What the policy says of a call. `requester` is asked only where a rule needs it or the call is held; the caller
    /// remembers the answer.
    pub fn judge(
        &self,
        call: &Call,
        body: Body<'_>,
        requester: &mut dyn FnMut() -> Result<Requester, NoRequester>,
    ) -> Judgement {
        let judgement = self.decide(call, body, requester);
        self.secrets.judge(call, body, judgement)
    }

    /// Why the policy says that: every rule and every condition, for policy authors.
    pub fn explain(
        &self,
        call: &Call,
        body: Body<'_>,
        requester: &mut dyn FnMut() -> Result<Requester, NoRequester>,
    ) -> Explanation {
        self.account(call, body, requester)
    }

    /// The decoders, with the endpoints that the policy declares.
    pub fn decoders(&self) -> &Decoders {
        &self.decoders
    }

    /// How many rules there are.
    pub fn size(&self) -> usize {
        self.rules.len()
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

    /// Who wrote it, as far as the document says.
    pub fn authors(&self) -> &[String] {
        &self.authors
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
