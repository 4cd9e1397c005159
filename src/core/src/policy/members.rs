//! What a batch holds, as a reviewer is to see it: each thing that it does, and how often.
//!
//! What is alike (class, operation, resource) is one entry with a count. Where servers may read a batch in several ways, each
//! entry is counted in the reading that has most of it. It leaves nothing out; how much of it an approval can carry is said
//! where it is asked for.

use std::collections::BTreeMap;

use super::document::Effect;
use crate::action::{Action, Class, Member, Part, Piece, Resource};

/// One thing that a batch does.
#[derive(Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its class.
    pub class: Class,
    /// The operation in the protocol's own words. Unmasked.
    pub operation: String,
    /// On what. Unmasked.
    pub resource: Resource,
    /// How often.
    pub count: u64,
    /// Whether it must be listed whatever else is.
    pub weight: Weight,
}

/// Whether consent is about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The policy holds it, or it does more than read.
    Asks,
    /// It only reads, and would pass.
    Reads,
}

impl std::fmt::Debug for Listed {
    /// Without the resource, which comes from the request, unmasked.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Listed({} {} x{})", self.class.as_str(), self.operation, self.count)
    }
}

/// What is alike: class, operation, kind and name of the resource.
type Key<'a> = (Class, &'a str, &'a str, &'a str);

/// What an action does one by one.
fn entries(action: &Action) -> Vec<(Key<'_>, u64)> {
    let Action { class, operation, resource, pieces, .. } = action;
    if pieces.is_empty() {
        return vec![((*class, operation, &resource.kind, &resource.id), 1)];
    }
    pieces
        .iter()
        .map(|Piece { name, class, count }| ((*class, operation.as_str(), "field", name.as_str()), *count))
        .collect()
}

/// Everything in a batch, in its order; nothing where the call is none.
pub(super) fn listed(members: &[Member], effects: &[Effect]) -> Vec<Listed> {
    let mut order: Vec<(Key<'_>, Weight)> = Vec::new();
    let mut counts: BTreeMap<Key<'_>, BTreeMap<usize, u64>> = BTreeMap::new();
    for (place, (member, effect)) in members.iter().zip(effects).enumerate() {
        let reading = match member.part {
            Part::OfBatch { reading } => reading,
            Part::Whole if member.action.pieces.is_empty() => continue,
            // Each is another reading of the call.
            Part::Whole => place,
        };
        for (key, count) in entries(&member.action) {
            let weight = match (effect, key.0) {
                (Effect::Allow | Effect::Observe, Class::ReadOnly) => Weight::Reads,
                (Effect::Allow | Effect::Observe | Effect::Hold | Effect::Deny, _) => Weight::Asks,
            };
            let known = counts.entry(key).or_insert_with(|| {
                order.push((key, weight));
                BTreeMap::new()
            });
            *known.entry(reading).or_default() += count;
        }
    }
    let most = |key: &Key<'_>| counts.get(key).and_then(|each| each.values().max()).copied().unwrap_or(0);
    let all: Vec<Listed> = order
        .iter()
        .map(|(key, weight)| Listed {
            class: key.0,
            operation: key.1.to_owned(),
            resource: Resource::new(key.2, key.3),
            count: most(key),
            weight: *weight,
        })
        .collect();
    // One request in the form of a batch is shown as what it is.
    if all.iter().map(|one| one.count).sum::<u64>() > 1 { all } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Document, Protocol};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn action(class: Class, name: &str) -> Action {
        Action::plain(Protocol::Mcp, "h", "tools/call", class, Resource::new("tool", name))
    }

    fn said(members: &[(Member, Effect)]) -> Vec<(String, u64, Weight)> {
        let (members, effects): (Vec<_>, Vec<_>) = members.iter().cloned().unzip();
        let all = listed(&members, &effects);
        all.into_iter().map(|one| (one.resource.id, one.count, one.weight)).collect()
    }

    fn part(class: Class, name: &str, reading: usize) -> Member {
        Member::of_batch(action(class, name), Document::Opaque, reading)
    }

    #[test]
    fn what_is_alike_is_one_entry_with_a_count_and_the_order_is_the_batchs() {
        let (read, delete) = (Class::ReadOnly, Class::DataDelete);
        let members = [
            (part(read, "get", 0), Effect::Allow),
            (part(delete, "drop", 0), Effect::Hold),
            (part(read, "get", 0), Effect::Allow),
            (part(read, "secret", 0), Effect::Hold),
        ];
        let expected = [("get", 2, Weight::Reads), ("drop", 1, Weight::Asks), ("secret", 1, Weight::Asks)];
        assert_eq!(said(&members), expected.map(|(name, count, weight)| (name.to_owned(), count, weight)));
    }

    #[test]
    fn two_readings_of_a_batch_are_not_two_batches_and_neither_hides_a_request_of_the_other() {
        let one = |name, reading| (part(Class::DataDelete, name, reading), Effect::Hold);
        let found = said(&[one("a", 0), one("a", 0), one("a", 1), one("b", 1)]);
        let found: Vec<_> = found.iter().map(|(name, count, _)| (name.as_str(), *count)).collect();
        assert_eq!(found, [("a", 2), ("b", 1)]);
    }

    #[test]
    fn one_request_is_no_batch_whatever_its_form() {
        assert_eq!(said(&[(part(Class::DataDelete, "a", 0), Effect::Hold)]), []);
        let whole = Member::whole(action(Class::DataDelete, "a"), Document::Opaque);
        assert_eq!(said(&[(whole.clone(), Effect::Hold), (whole, Effect::Hold)]), []);
    }
}
