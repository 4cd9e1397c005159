//! Who reviews, as people write it, and what it means: `reviewers` and `break_glass` of a rule.
//!
//! What is written is any depth of *and* and *or* of groups and of numbers of people in them; it is compiled once into
//! ways (see [`countersign_wire::people`]). Where one person of each group says it all, nothing but the groups is left,
//! and the service is asked as it always was. Nothing here is looser than what is written: of rules that match together
//! every one keeps its demand.

use std::{collections::BTreeMap, fmt};

use countersign_wire::people::{MOST_PEOPLE, MOST_WAYS, Seats, Separation, Wanted, Way};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::{GroupDoc, PolicyError, Quorum, compile::Place, terms::union};

/// Who reviews.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewersDoc {
    /// Whose consent is needed: every entry, each by somebody else.
    pub groups: Vec<PartDoc>,
    /// How many distinct people; as many as the entries need where nothing is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quorum: Option<u8>,
    /// Whether one denial decides; it does where nothing is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub veto: Option<bool>,
    /// Who may not review besides those who ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub separation: Vec<Separation>,
}

/// Part of the demand: `security`, `{group: security, at_least: 2}`, `{any: [security, platform]}` or
/// `{all: [security, platform]}`.
#[derive(Clone, Debug, PartialEq)]
pub enum PartDoc {
    /// One person of this group.
    Name(String),
    /// Several of a group, or one or all of several parts.
    Set(SetDoc),
}

/// Exactly one of `group`, `any` and `all` is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetDoc {
    /// People of this group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// One of these is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any: Option<Vec<PartDoc>>,
    /// All of these, each by somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<Vec<PartDoc>>,
    /// How many people: of `group`, or of all the groups that `any` names; 1 where nothing is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u8>,
}

/// `break_glass` of a rule: who may decide alone in an emergency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakGlassDoc {
    /// Groups, one person of any of which.
    pub groups: Vec<String>,
}

impl Serialize for PartDoc {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => name.serialize(writer),
            Self::Set(set) => set.serialize(writer),
        }
    }
}

impl<'de> Deserialize<'de> for PartDoc {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(NameOrSet)
    }
}

struct NameOrSet;

impl<'de> Visitor<'de> for NameOrSet {
    type Value = PartDoc;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a group's name, or one of `group`, `any` and `all`")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<PartDoc, E> {
        Ok(PartDoc::Name(name.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<PartDoc, A::Error> {
        SetDoc::deserialize(MapAccessDeserializer::new(members)).map(PartDoc::Set)
    }
}

/// The most ways that one rule may spell out.
const MOST_OF_A_RULE: usize = 16;
/// How deep parts may stand in parts.
const DEEPEST: usize = 4;

/// What is written at `place`, checked and compiled.
pub(super) fn compile(
    reviewers: &ReviewersDoc,
    declared: &BTreeMap<String, GroupDoc>,
    place: &Place<'_>,
) -> Result<Quorum, PolicyError> {
    let listed = place.below("groups");
    if reviewers.groups.is_empty() {
        return Err(listed.error(&[], "no group reviews"));
    }
    for (number, part) in reviewers.groups.iter().enumerate() {
        let twice =
            matches!(part, PartDoc::Name(_)) && reviewers.groups.iter().take(number).any(|p| p == part);
        if twice {
            return Err(listed.error(&[], "a group is listed twice"));
        }
    }
    let mut ways = all_of(&reviewers.groups, declared, &listed, DEEPEST)?;
    for way in &mut ways {
        way.sort();
    }
    ways.sort();
    ways.dedup();
    if ways.iter().any(|way| people(way) > MOST_PEOPLE) {
        let sentence = format!("the groups want more than {MOST_PEOPLE} people");
        return Err(listed.error(&[], sentence));
    }
    let at_least = ways.iter().map(people).min().unwrap_or_default();
    let required = reviewers.quorum.unwrap_or(at_least);
    if required < at_least {
        let sentence = format!("the quorum {required} is below the {at_least} people that `groups` name");
        return Err(place.error(&["quorum"], sentence));
    }
    if required > MOST_PEOPLE {
        return Err(place.error(&["quorum"], format!("the quorum {required} is above {MOST_PEOPLE}")));
    }
    let quorum = Quorum {
        required,
        groups: named(&ways),
        veto: reviewers.veto.unwrap_or(true),
        ways,
        separation: union(reviewers.separation.clone(), &[]),
        break_glass: Vec::new(),
    };
    Ok(quorum.plainly())
}

/// The groups of `break_glass`, checked.
pub(super) fn break_glass(
    written: Option<&BreakGlassDoc>,
    declared: &BTreeMap<String, GroupDoc>,
    place: &Place<'_>,
) -> Result<Vec<String>, PolicyError> {
    let Some(written) = written else { return Ok(Vec::new()) };
    let place = place.below("break_glass");
    if written.groups.is_empty() {
        return Err(place.error(&["groups"], "no group may break the glass: leave `break_glass` out"));
    }
    for name in &written.groups {
        known(name, declared, &place.below("groups"))?;
    }
    Ok(union(written.groups.clone(), &[]))
}

fn known(name: &str, declared: &BTreeMap<String, GroupDoc>, place: &Place<'_>) -> Result<(), PolicyError> {
    if declared.contains_key(name) {
        return Ok(());
    }
    Err(place.error(&[], format!("unknown group `{name}`: declare it under `groups`")))
}

/// The ways of a part.
fn ways_of(
    part: &PartDoc,
    declared: &BTreeMap<String, GroupDoc>,
    place: &Place<'_>,
    depth: usize,
) -> Result<Vec<Way>, PolicyError> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(place.error(&[], format!("parts stand in each other at most {DEEPEST} deep")));
    };
    let set = match part {
        PartDoc::Name(name) => {
            known(name, declared, place)?;
            return Ok(vec![vec![Seats { people: 1, of: vec![name.clone()] }]]);
        }
        PartDoc::Set(set) => set,
    };
    let people = set.at_least.unwrap_or(1);
    if people == 0 {
        return Err(place.error(&[], "`at_least` is 1 or more"));
    }
    match (&set.group, &set.any, &set.all) {
        (Some(name), None, None) => {
            known(name, declared, place)?;
            Ok(vec![vec![Seats { people, of: vec![name.clone()] }]])
        }
        (None, Some(parts), None) => any_of(parts, set.at_least, declared, place, depth),
        (None, None, Some(parts)) if set.at_least.is_none() && !parts.is_empty() => {
            all_of(parts, declared, place, depth)
        }
        (None, None, Some(_)) => Err(place.error(&[], "`all` names what it wants, and takes no `at_least`")),
        (None, None, None) | (Some(_), Some(_), _) | (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => {
            Err(place.error(&[], "a part has exactly one of `group`, `any` and `all`"))
        }
    }
}

/// Any of these. Groups by name are one seat of several groups; everything else is a way of its own.
fn any_of(
    parts: &[PartDoc],
    at_least: Option<u8>,
    declared: &BTreeMap<String, GroupDoc>,
    place: &Place<'_>,
    depth: usize,
) -> Result<Vec<Way>, PolicyError> {
    if parts.is_empty() {
        return Err(place.error(&[], "`any` of nothing could never be enough"));
    }
    let mut of = Vec::new();
    let mut ways = Vec::new();
    for part in parts {
        match (part, at_least) {
            (PartDoc::Name(name), _) => {
                known(name, declared, place)?;
                of.push(name.clone());
            }
            (PartDoc::Set(_), None) => ways.extend(ways_of(part, declared, place, depth)?),
            (PartDoc::Set(_), Some(_)) => {
                return Err(place.error(&[], "`at_least` counts people of groups that `any` names"));
            }
        }
    }
    if !of.is_empty() {
        ways.push(vec![Seats { people: at_least.unwrap_or(1), of: union(of, &[]) }]);
    }
    few(ways, place)
}

/// All of these, each by somebody else.
fn all_of(
    parts: &[PartDoc],
    declared: &BTreeMap<String, GroupDoc>,
    place: &Place<'_>,
    depth: usize,
) -> Result<Vec<Way>, PolicyError> {
    let mut sum: Vec<Way> = vec![Vec::new()];
    for part in parts {
        let next = ways_of(part, declared, place, depth)?;
        let both =
            |way: &Way| next.iter().map(|other| merged(way, other, u8::saturating_add)).collect::<Vec<_>>();
        sum = few(sum.iter().flat_map(both).collect(), place)?;
    }
    Ok(sum)
}

fn few(ways: Vec<Way>, place: &Place<'_>) -> Result<Vec<Way>, PolicyError> {
    if ways.len() > MOST_OF_A_RULE {
        let sentence = format!("this can be enough in more than {MOST_OF_A_RULE} ways: say it more simply");
        return Err(place.error(&[], sentence));
    }
    Ok(ways)
}

/// The seats of both ways; where both have seats of the same groups, as many as `count` says.
fn merged(way: &Way, other: &Way, count: fn(u8, u8) -> u8) -> Way {
    let mut all = way.clone();
    for seats in other {
        match all.iter_mut().find(|known| known.of == seats.of) {
            Some(known) => known.people = count(known.people, seats.people),
            None => all.push(seats.clone()),
        }
    }
    all.sort();
    all
}

/// Every group that occurs, sorted.
fn named(ways: &[Way]) -> Vec<String> {
    let groups = ways.iter().flatten().flat_map(|seats| seats.of.iter().cloned()).collect();
    union(groups, &[])
}

impl Quorum {
    /// What is counted by.
    pub fn wanted(&self) -> Wanted<'_> {
        Wanted { required: self.required, groups: &self.groups, ways: &self.ways }
    }

    /// The same without ways, where the groups and the number say it all: one person of each group, or several of one.
    fn plainly(mut self) -> Self {
        let [way] = self.ways.as_slice() else { return self };
        let single = way.iter().all(|seats| seats.of.len() == 1);
        match way.as_slice() {
            [seats] if single => self.required = self.required.max(seats.people),
            several if single && several.iter().all(|seats| seats.people == 1) => {}
            _ => return self,
        }
        self.ways = Vec::new();
        self
    }

    /// The ways, spelled out: the people wanted beyond the seats are of these groups, too.
    fn spelled(&self) -> Vec<Way> {
        let one = |group: &String| Seats { people: 1, of: vec![group.clone()] };
        let plain = || vec![self.groups.iter().map(one).collect()];
        let ways = if self.ways.is_empty() { plain() } else { self.ways.clone() };
        let whole = |way: Way| match self.required.checked_sub(people(&way)) {
            None | Some(0) => way,
            Some(more) => {
                merged(&way, &vec![Seats { people: more, of: self.groups.clone() }], u8::saturating_add)
            }
        };
        ways.into_iter().map(whole).collect()
    }

    /// Whether the groups alone say who is wanted: one person of each.
    fn is_each_once(&self) -> Plain {
        let all = usize::from(self.required) == self.groups.len();
        if self.ways.is_empty() && all { Plain::Yes } else { Plain::No }
    }

    /// The demands of both: each way of one together with each way of the other. Of more ways than are looked at the first
    /// stay, so this may be stricter than both, never looser.
    pub(super) fn join(self, other: &Self) -> Self {
        let same = self.groups == other.groups && self.ways == other.ways;
        let ways = match (self.is_each_once(), other.is_each_once()) {
            _ if same => self.ways.clone(),
            (Plain::Yes, Plain::Yes) => Vec::new(),
            (Plain::No, _) | (_, Plain::No) => {
                let others = other.spelled();
                let both =
                    |way: Way| others.iter().map(|other| merged(&way, other, u8::max)).collect::<Vec<_>>();
                let mut ways: Vec<Way> = self.spelled().into_iter().flat_map(both).collect();
                ways.sort();
                ways.dedup();
                ways.truncate(MOST_WAYS);
                ways
            }
        };
        let mut joined = Self {
            required: self.required.max(other.required),
            groups: union(self.groups, &other.groups),
            veto: self.veto || other.veto,
            ways,
            separation: union(self.separation, &other.separation),
            // Who may break one glass has not been given the other.
            break_glass: self
                .break_glass
                .into_iter()
                .filter(|name| other.break_glass.contains(name))
                .collect(),
        };
        let least = u8::try_from(joined.wanted().least()).unwrap_or(u8::MAX);
        joined.required = joined.required.max(least);
        joined.plainly()
    }
}

/// Whether one person of each group is all that is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plain {
    Yes,
    No,
}

/// How many people a way wants.
fn people(way: &Way) -> u8 {
    way.iter().fold(0, |sum, seats| sum.saturating_add(seats.people))
}
