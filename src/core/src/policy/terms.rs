//! What holds demand: of one rule, of the defaults, and of several rules together.

use std::sync::Arc;

use countersign_wire::{digest::tagged, json::jcs_of};

use super::{ContentDigest, Display, Need, OnDisconnect, Scoped, Terms, Tunnels};

/// What separates the digest of a rule from any other digest (protocol part 4).
pub(super) const RULE_PREFIX: &str = "countersign-rule-v1\0";

/// How many people must approve where no human is known behind the agent (protocol 1.9).
const WITHOUT_PRINCIPAL: u8 = 2;

/// The demands of all: nobody's is lost. `all` is sorted by name and not empty.
pub(super) fn together(all: &[Arc<Terms>]) -> Option<Arc<Terms>> {
    let (first, rest) = all.split_first()?;
    if rest.is_empty() {
        return Some(Arc::clone(first));
    }
    let mut terms = rest.iter().fold(Terms::clone(first), |sum, terms| join(sum, terms));
    let names: Vec<&str> = all.iter().map(|terms| terms.rule.as_str()).collect();
    let digests: Vec<&str> = all.iter().map(|terms| terms.rule_digest.as_str()).collect();
    terms.rule = names.join("+");
    terms.rule_digest = tagged(RULE_PREFIX, &jcs_of(&digests));
    Some(Arc::new(terms))
}

fn join(a: Terms, b: &Terms) -> Terms {
    let need =
        |a, b| if a == Need::Required || b == Need::Required { Need::Required } else { Need::Optional };
    Terms {
        rule: a.rule,
        rule_digest: a.rule_digest,
        quorum: a.quorum.join(&b.quorum),
        hold_ms: a.hold_ms.min(b.hold_ms),
        expires_ms: a.expires_ms.min(b.expires_ms),
        grant_ms: a.grant_ms.min(b.grant_ms),
        reason: need(a.reason, b.reason),
        bind_headers: union(a.bind_headers, &b.bind_headers),
        content_digest: match (a.content_digest, b.content_digest) {
            (ContentDigest::Plain, ContentDigest::Plain) => ContentDigest::Plain,
            (ContentDigest::Keyed, _) | (_, ContentDigest::Keyed) => ContentDigest::Keyed,
        },
        lineage_inputs: union(a.lineage_inputs, &b.lineage_inputs),
        lineage_outputs: union(a.lineage_outputs, &b.lineage_outputs),
        mask: union(a.mask, &b.mask),
        masking: a.masking.join(&b.masking),
        display: match (a.display, b.display) {
            (Display::Partial, Display::Partial) => Display::Partial,
            (Display::Complete, _) | (_, Display::Complete) => Display::Complete,
        },
        scoped: Scoped::join(a.scoped, b.scoped.as_ref()),
        known_principal: need(a.known_principal, b.known_principal),
        on_disconnect: match (a.on_disconnect, b.on_disconnect) {
            (OnDisconnect::Keep, OnDisconnect::Keep) => OnDisconnect::Keep,
            (OnDisconnect::Cancel, _) | (_, OnDisconnect::Cancel) => OnDisconnect::Cancel,
        },
        connect: match (a.connect, b.connect) {
            (Tunnels::Hold, Tunnels::Hold) => Tunnels::Hold,
            (Tunnels::Refuse, _) | (_, Tunnels::Refuse) => Tunnels::Refuse,
        },
    }
}

/// Nobody can be excluded as the initiator, so more than one must approve, and nobody may decide alone.
pub(super) fn without_principal(terms: Arc<Terms>) -> Arc<Terms> {
    if terms.quorum.required >= WITHOUT_PRINCIPAL && terms.quorum.break_glass.is_empty() {
        return terms;
    }
    let mut raised = Terms::clone(&terms);
    raised.quorum.required = raised.quorum.required.max(WITHOUT_PRINCIPAL);
    raised.quorum.break_glass.clear();
    Arc::new(raised)
}

/// What is in either list, once, in order. Lists of a policy are short: a sort for each of their types would be more code
/// than it saves time.
pub(super) fn union<T: Ord + Clone>(a: Vec<T>, b: &[T]) -> Vec<T> {
    let mut all = Vec::new();
    for item in a.into_iter().chain(b.iter().cloned()) {
        if let Err(place) = all.binary_search(&item) {
            all.insert(place, item);
        }
    }
    all
}
