//! What reviewers and backends are told of a call besides its body. All of it passes the masker here.

use std::borrow::Cow;

use countersign_mask::{Masker, residual};
use countersign_wire::{
    names,
    submission::{Dataset, Destination, Lineage, Masked},
};
use serde_json::Map;

use super::{Unaskable, bounded};
use crate::{
    action::{Action, Reversible},
    call::Call,
    display::place,
    policy::Terms,
};

/// What looks as if it should be masked in these texts, and stays; each text as the service looks at it.
pub(super) fn stays<'a>(shown: impl IntoIterator<Item = &'a str>) -> Vec<Masked> {
    shown.into_iter().flat_map(|shown| residual(shown).findings).map(place).collect()
}

/// A property of the action as the service looks at it.
pub(super) fn as_looked_at(property: &serde_json::Value) -> Cow<'_, str> {
    property.as_str().map_or_else(|| Cow::Owned(property.to_string()), Cow::Borrowed)
}

/// Descriptive members; never bound. Names come from the request, so they are masked like any other text.
pub(super) fn properties(action: &Action, call: &Call, masker: &Masker) -> Map<String, serde_json::Value> {
    let reversible = match action.reversible {
        Reversible::Yes => "yes",
        Reversible::No => "no",
        Reversible::Unknown => "unknown",
    };
    let mut properties = Map::from_iter([
        ("method".to_owned(), call.method().into()),
        ("protocol".to_owned(), action.protocol.as_str().into()),
        ("service".to_owned(), masked(masker, &action.service).into()),
        ("operation".to_owned(), masked(masker, &action.operation).into()),
        ("reversible".to_owned(), reversible.into()),
        ("basis".to_owned(), action.basis.as_str().into()),
    ]);
    if let Some(arguments) = arguments(action, masker) {
        properties.insert("arguments".to_owned(), arguments);
    }
    properties
}

/// The arguments that matter, masked as the JSON that they are; none where that leaves no JSON, or too much of it: the
/// payload shows the body in any case.
fn arguments(action: &Action, masker: &Masker) -> Option<serde_json::Value> {
    if action.arguments.is_null() {
        return None;
    }
    let bytes = serde_json::to_vec(&action.arguments).ok()?;
    let shown = masker.payload(Some("application/json"), None, &bytes, MOST_ARGUMENTS);
    serde_json::from_slice(shown.excerpt.as_ref().as_bytes()).ok()
}

/// The most bytes of arguments that go beside the action.
const MOST_ARGUMENTS: usize = 2048;

pub(crate) fn masked(masker: &Masker, text: &str) -> String {
    masker.text(text).0.into_string()
}

pub(super) fn destination(
    call: &Call,
    cluster: Option<String>,
    masker: &Masker,
) -> Result<Destination, Unaskable> {
    let path = masker.path(call.raw_path()).0;
    let query = masker.query(call.query()).0;
    let path = format!("{}{}", path.as_ref(), query.as_ref());
    bounded(&path, 2048, "path")?;
    Ok(Destination {
        scheme: call.scheme().as_str().to_owned(),
        authority: call.authority().to_owned(),
        path,
        cluster,
    })
}

/// What the rule declares, and what follows from the request itself. Where the rule declares nothing, the source says
/// so. What an agent claims is never among them. Names that follow from the request are masked like any of its text.
pub(super) fn lineage(terms: &Terms, action: &Action, masker: &Masker) -> Lineage {
    let datasets = |declared: &[crate::policy::Dataset], derived: &[Dataset]| {
        let mut all: Vec<Dataset> = declared
            .iter()
            .map(|set| Dataset { namespace: set.namespace.clone(), name: set.name.clone() })
            .collect();
        for set in derived.iter().take(MOST_DERIVED) {
            let set = Dataset { namespace: masked(masker, &set.namespace), name: masked(masker, &set.name) };
            if !all.contains(&set) {
                all.push(set);
            }
        }
        all
    };
    let declared = !terms.lineage_inputs.is_empty() || !terms.lineage_outputs.is_empty();
    let derived = !action.reads.is_empty() || !action.writes.is_empty();
    Lineage {
        source: if derived && !declared { "resolver" } else { "policy" }.to_owned(),
        parent_run: None,
        inputs: datasets(&terms.lineage_inputs, &action.reads),
        outputs: datasets(&terms.lineage_outputs, &action.writes),
    }
}

/// The most datasets of each direction that are taken from a request.
const MOST_DERIVED: usize = 32;

/// What the agent says, masked: it is untrusted text that people and backends will read.
pub(super) fn justification(text: Option<&str>, masker: &Masker) -> Result<Option<String>, Unaskable> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().count() > names::MAX_JUSTIFICATION {
        return Err(Unaskable::TooLong("justification"));
    }
    let shown = masked(masker, text);
    Ok((shown.chars().count() <= names::MAX_JUSTIFICATION).then_some(shown))
}
