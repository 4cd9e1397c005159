//! What a reviewer is shown of a batch: each thing that it does.
//!
//! A batch leaves as a whole or not at all, so consent to it is consent to each request in it. What would need consent by itself
//! is therefore listed, always, or the batch is refused; requests that only read follow as far as there is room, and the rest
//! of those is counted.

use crate::{
    ask::{Unaskable, masked},
    policy::{Listed, Weight},
};
use countersign_mask::Masker;
use countersign_wire::{
    parties::Entity,
    submission::{Batch, BatchMember},
};

/// The most entries of a list.
const MOST: usize = 50;
/// The most bytes of their names: beside them, the rest of an approval must have room.
const MOST_BYTES: usize = 16 * 1024;
/// The most characters of an operation or a resource, as elsewhere in an approval.
const MOST_CHARS: usize = 512;

/// The list of a batch, masked; none where the request is no batch.
///
/// # Errors
/// [`Unaskable::BatchTooLong`] or [`Unaskable::TooLong`], where not all of what needs consent can be listed.
pub(crate) fn shown(listed: &[Listed], masker: &Masker) -> Result<Option<Batch>, Unaskable> {
    if listed.is_empty() {
        return Ok(None);
    }
    let asking = listed.iter().filter(|one| one.weight == Weight::Asks).count();
    let too_long = || Unaskable::BatchTooLong { found: asking, most: MOST };
    if asking > MOST {
        return Err(too_long());
    }
    let mut room = MOST.saturating_sub(asking);
    let (mut members, mut more_reads, mut bytes) = (Vec::new(), 0_u64, 0_usize);
    for one in listed {
        if one.weight == Weight::Reads && room == 0 {
            more_reads = more_reads.saturating_add(one.count);
            continue;
        }
        let member = member(one, masker);
        let length = member.operation.len() + member.resource.id.len();
        let long =
            [&member.operation, &member.resource.id].iter().any(|text| text.chars().count() > MOST_CHARS);
        match one.weight {
            Weight::Reads if long || bytes + length > MOST_BYTES / 2 => {
                more_reads = more_reads.saturating_add(one.count);
                continue;
            }
            Weight::Reads => room = room.saturating_sub(1),
            Weight::Asks if long => return Err(Unaskable::TooLong("name of something in the batch")),
            Weight::Asks => {}
        }
        bytes = bytes.saturating_add(length);
        if bytes > MOST_BYTES {
            return Err(too_long());
        }
        members.push(member);
    }
    let total = listed.iter().fold(0_u64, |sum, one| sum.saturating_add(one.count));
    Ok(Some(Batch { total, members, more_reads }))
}

fn member(one: &Listed, masker: &Masker) -> BatchMember {
    BatchMember {
        class: one.class.as_str().to_owned(),
        operation: masked(masker, &one.operation),
        resource: Entity::new(one.resource.kind.clone(), masked(masker, &one.resource.id)),
        count: one.count,
    }
}

/// Every text of a list that comes from the request.
pub(crate) fn texts(batch: Option<&Batch>) -> impl Iterator<Item = &str> {
    let members = batch.into_iter().flat_map(|batch| &batch.members);
    members.flat_map(|one| [one.operation.as_str(), one.resource.id.as_str()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Class, Resource};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn reads_beyond_the_list_are_counted_and_what_asks_is_listed_wherever_it_stands() {
        let one = |class, name: String, weight| Listed {
            class,
            operation: "tools/call".into(),
            resource: Resource::new("tool", name),
            count: 2,
            weight,
        };
        let mut all: Vec<Listed> =
            (0..200).map(|n| one(Class::ReadOnly, format!("get_{n}"), Weight::Reads)).collect();
        all.push(one(Class::DataDelete, "drop".into(), Weight::Asks));
        let batch = shown(&all, Masker::plain()).unwrap().unwrap();
        assert_eq!((batch.total, batch.members.len(), batch.more_reads), (402, 50, 302));
        assert_eq!(batch.members.last().unwrap().resource.id, "drop");
    }
}
