//! Whether a submission is of the protocol's shape (the published JSON Schema) and could ever be decided.

use countersign_wire::{
    names,
    parties::Act,
    people::{MOST_PEOPLE, MOST_WAYS, Separation},
    record::is_uuid,
    submission::{Batch, QuorumAsk, Submission},
};

use super::{Asked, standing};
use crate::config::{Directory, Known};

/// Checks everything the types do not.
pub(super) fn submission(it: &Submission, directory: &Directory) -> Result<(), Asked> {
    shape(it).map_err(Asked::Malformed)?;
    let ask = &it.context.v1.quorum;
    let least = ask.wanted().least();
    if usize::from(ask.required) < least {
        return Err(Asked::NotRequestable(format!(
            "the rule wants {} people for {least} groups, which could never be enough",
            ask.required,
        )));
    }
    if ask.separation.contains(&Separation::PolicyAuthor) && it.context.v1.policy.authors.is_empty() {
        let why = "the rule keeps the authors of the policy from reviewing, and the policy names none";
        return Err(Asked::NotRequestable(why.to_owned()));
    }
    match ask.groups.iter().chain(&ask.break_glass).find(|group| directory.knows_group(group) == Known::No) {
        Some(group) => Err(Asked::NotRequestable(format!("no reviewer group is called `{group}` here"))),
        None => Ok(()),
    }
}

fn shape(it: &Submission) -> Result<(), String> {
    let v1 = &it.context.v1;
    for (name, value, most) in [
        ("subject.type", &it.subject.kind, 128),
        ("subject.id", &it.subject.id, 512),
        ("resource.type", &it.resource.kind, 128),
        ("resource.id", &it.resource.id, 512),
        ("action.name", &it.action.name, 128),
        ("destination.authority", &v1.destination.authority, 253),
        ("destination.path", &v1.destination.path, 2048),
        ("policy.id", &v1.policy.id, 256),
        ("policy.rule", &v1.policy.rule, 1024),
        ("payload.media_type", &v1.payload.media_type, 256),
        ("client.actor.id", &it.client.actor.id, 512),
    ] {
        if value.chars().count() > most {
            return Err(format!("`{name}` is longer than {most} characters"));
        }
    }
    for (name, value) in [
        ("urn:countersign:request_digest", &it.context.request_digest),
        ("policy.rule_digest", &v1.policy.rule_digest),
        ("policy.digest", &v1.policy.digest),
        ("payload.display_digest", &v1.payload.display_digest),
    ] {
        if !is_digest(value) {
            return Err(format!("`{name}` is not a digest of the protocol"));
        }
    }
    let justification = it.context.business_justification.as_deref().unwrap_or_default();
    if justification.chars().count() > names::MAX_JUSTIFICATION {
        return Err(format!("the justification is longer than {} characters", names::MAX_JUSTIFICATION));
    }
    if v1.payload.masked_excerpt.len() > names::MAX_EXCERPT {
        return Err(format!("the excerpt is longer than {} bytes", names::MAX_EXCERPT));
    }
    if !matches!(v1.destination.scheme.as_str(), "http" | "https") {
        return Err(format!("destination.scheme `{}` is neither http nor https", v1.destination.scheme));
    }
    let commit = &v1.policy.commit;
    if !matches!(commit.len(), 40 | 64) || !commit.bytes().all(is_lower_hex) {
        return Err("`policy.commit` is not 40 or 64 lower-case hexadecimal digits".to_owned());
    }
    if let Some(lineage) = &v1.lineage
        && !matches!(lineage.source.as_str(), "policy" | "resolver" | "claimed")
    {
        return Err(format!("lineage.source `{}` is not known", lineage.source));
    }
    if let Some(batch) = &v1.batch {
        batched(batch)?;
    }
    let quorum = &v1.quorum;
    if !(1..=10).contains(&quorum.required) || quorum.groups.is_empty() || !quorum.distinct {
        return Err("`quorum` must want 1 to 10 distinct people of at least one group".to_owned());
    }
    if !quorum.groups.iter().all(|group| is_group(group)) {
        return Err("a group's name is empty, too long or has a line break".to_owned());
    }
    let mut groups = quorum.groups.clone();
    groups.sort();
    groups.dedup();
    if groups.len() != quorum.groups.len() {
        return Err("a group is named twice".to_owned());
    }
    ways(quorum)?;
    people(it)?;
    if let Some(scoped) = standing::offered(it)
        && !((2..=10_000).contains(&scoped.uses)
            && (1..=names::MAX_GRANT_S).contains(&scoped.seconds)
            && is_digest(&scoped.digest))
    {
        return Err("`urn:countersign:scoped` must allow 2 to 10000 uses within a day and name their digest"
            .to_owned());
    }
    if v1.code.as_deref().is_some_and(|code| !is_code(code)) {
        return Err("`code` is not a word and two digits such as `MAPLE-42`".to_owned());
    }
    if !is_uuid(&v1.audit.chain) || v1.audit.hash.len() != 64 || !v1.audit.hash.bytes().all(is_lower_hex) {
        return Err("`audit` does not name a record".to_owned());
    }
    Ok(())
}

/// Every way can be gone by as many people as may be asked, and names no group that `groups` does not.
fn ways(quorum: &QuorumAsk) -> Result<(), String> {
    if quorum.ways.len() > MOST_WAYS {
        return Err(format!("`quorum.ways` are more than {MOST_WAYS}"));
    }
    for way in &quorum.ways {
        let people = way.iter().map(|seats| usize::from(seats.people)).sum::<usize>();
        if !(1..=usize::from(MOST_PEOPLE)).contains(&people) || way.iter().any(|seats| seats.people == 0) {
            return Err(format!("one of `quorum.ways` does not want 1 to {MOST_PEOPLE} people"));
        }
        let strange = |name: &String| !quorum.groups.contains(name);
        if way.iter().any(|seats| seats.of.is_empty() || seats.of.iter().any(strange)) {
            return Err(
                "one of `quorum.ways` names no group, or one that `quorum.groups` does not".to_owned()
            );
        }
    }
    let used = |name: &String| quorum.ways.iter().flatten().any(|seats| seats.of.contains(name));
    if !quorum.ways.is_empty() && !quorum.groups.iter().all(used) {
        return Err("a group of `quorum.groups` is in none of `quorum.ways`".to_owned());
    }
    if quorum.break_glass.len() > MOST || quorum.break_glass.iter().any(|name| !is_group(name)) {
        return Err("`quorum.break_glass` names a group that is none".to_owned());
    }
    Ok(())
}

/// A list that people can read, and that adds up: what is not in it is said to be left out.
fn batched(batch: &Batch) -> Result<(), String> {
    const MOST: usize = 100;
    if batch.members.is_empty() || batch.members.len() > MOST {
        return Err(format!("`batch.members` must list 1 to {MOST}"));
    }
    for one in &batch.members {
        let long = |text: &str, most| text.chars().count() > most;
        if long(&one.class, 128)
            || long(&one.operation, 512)
            || long(&one.resource.kind, 128)
            || long(&one.resource.id, 512)
        {
            return Err("a member of `batch` is longer than the schema allows".to_owned());
        }
    }
    let counts = batch.members.iter().map(|one| one.count).chain([batch.more_reads]);
    let sum = counts.fold(0_u64, u64::saturating_add);
    if sum != batch.total || batch.members.iter().any(|one| one.count == 0) {
        return Err("`batch.total` is not the sum of what it lists and leaves out".to_owned());
    }
    Ok(())
}

/// Everybody the actor names can be read and compared.
fn people(it: &Submission) -> Result<(), String> {
    let actor = &it.client.actor;
    for (name, some) in [("owners", &actor.owners), ("triggered_by", &actor.triggered_by)] {
        let odd = |act: &Act| act.sub.is_empty() || act.sub.chars().count() > 512 || act.act.is_some();
        if some.len() > MOST || some.iter().any(odd) {
            return Err(format!("`urn:countersign:{name}` is not a list of up to {MOST} people"));
        }
    }
    let authors = &it.context.v1.policy.authors;
    if authors.len() > 64 || authors.iter().any(|name| name.is_empty() || name.chars().count() > 256) {
        return Err("`policy.authors` is not a list of up to 64 people".to_owned());
    }
    Ok(())
}

/// The most owners, starters and groups that may break the glass.
const MOST: usize = 16;

fn is_group(name: &str) -> bool {
    !name.is_empty() && !name.contains('\n') && name.len() <= 128
}

fn is_lower_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

/// `^(hmac-sha-256:[A-Za-z0-9._-]+|sha-256):[A-Za-z0-9_-]{43}$`
fn is_digest(text: &str) -> bool {
    let Some((algorithm, value)) = text.rsplit_once(':') else { return false };
    let named = match algorithm.strip_prefix("hmac-sha-256:") {
        Some(kid) => !kid.is_empty() && kid.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)),
        None => algorithm == "sha-256",
    };
    named && value.len() == 43 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
}

/// `^[A-Z]{3,8}-[0-9]{2}$`
fn is_code(text: &str) -> bool {
    text.split_once('-').is_some_and(|(word, number)| {
        (3..=8).contains(&word.len())
            && word.bytes().all(|b| b.is_ascii_uppercase())
            && number.len() == 2
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_adds_up_and_can_be_read() {
        let member = |count| countersign_wire::submission::BatchMember {
            class: "data_delete".into(),
            operation: "DELETE".into(),
            resource: countersign_wire::parties::Entity::new("url", "https://a.test/x"),
            count,
        };
        let said =
            |total, members: Vec<_>, more_reads| batched(&Batch { total, members, more_reads }).is_ok();
        assert!(said(3, vec![member(1), member(2)], 0) && said(9, vec![member(2)], 7));
        for (total, members, more) in [
            (4, vec![member(1), member(2)], 0),
            (2, vec![member(2)], 7),
            (0, vec![], 0),
            (5, vec![], 5),
            (1, vec![member(1), member(0)], 0),
            (101, vec![member(1); 101], 0),
        ] {
            assert!(!said(total, members, more), "{total}");
        }
        let mut long = member(1);
        long.resource.id = "x".repeat(513);
        assert!(!said(1, vec![long], 0));
    }

    #[test]
    fn digests_and_codes_have_one_shape() {
        let value = "a".repeat(43);
        for good in [format!("sha-256:{value}"), format!("hmac-sha-256:bk.1_-:{value}")] {
            assert!(is_digest(&good), "{good}");
        }
        for bad in
            [format!("sha-512:{value}"), format!("hmac-sha-256::{value}"), format!("sha-256:{value}a"), value]
        {
            assert!(!is_digest(&bad), "{bad}");
        }
        assert!(is_code("MAPLE-42"));
        for bad in ["maple-42", "MAPLE42", "MAPLE-4", "MA-42", "MAPLEMAPLE-42", "MAPLE-4x", ""] {
            assert!(!is_code(bad), "{bad}");
        }
    }
}
