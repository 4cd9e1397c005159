//! Lookups in a pack. Nothing is parsed when it loads: a lookup reads the bytes that [`super::write`] describes.
//!
//! A place outside the bytes, or bytes that make no sense, find nothing; they never panic. A search takes at most
//! [`STEPS`] steps, so that no path and no pack makes it slow.

use std::cmp::Ordering;

use super::{Access, Basis, document::Methods, write::QUERY_SEPARATOR};
use crate::{
    action::{Class, Reversible},
    call::unescape,
};

/// What a pack begins with: the format and its version.
pub(super) const MAGIC: &[u8] = b"CSC2";

/// The most nodes that one search visits.
const STEPS: u32 = 4096;

/// How many parts a pack has.
pub(super) const PARTS: usize = 7;

/// Every how many strings it is written where one starts.
pub(super) const BLOCK: usize = 16;

/// A parameter of one segment, and of several.
pub(super) const ONE: u32 = 1;
pub(super) const REST: u32 = 2;

/// The bytes of an operation of a node, of a literal child, of a parameter, of a table, of a name.
const ENTRY: usize = 6;
const LITERAL: usize = 5;
const PARAMETER: usize = 8;
const TABLE: usize = 8;
const NAME: usize = 6;

/// The hash by which names are found, 24 bits. A name that its service does not know may find one of the service's
/// operations by chance; the service then refuses it, because it does not know it.
pub(super) fn name_hash(name: &str) -> u32 {
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash ^ hash >> 24) & 0x00ff_ffff
}

/// A pack of catalogs.
pub(super) struct Pack {
    bytes: Vec<u8>,
    parts: [usize; PARTS + 1],
    strings: Strings,
}

/// Where the strings stand: their count, the first of their lengths, the first of their text.
#[derive(Clone, Copy)]
struct Strings {
    count: usize,
    lengths: usize,
    texts: usize,
}

/// An operation that was found, and what of the path are its parameters.
#[derive(Clone)]
pub struct Operation<'c, 'p> {
    pack: &'c Pack,
    place: usize,
    name: Name<'p>,
    parameters: Vec<(u32, &'p str)>,
    /// Parameters of several segments, joined.
    joined: Vec<(u32, String)>,
}

/// What the name of an operation is made from.
#[derive(Clone)]
enum Name<'p> {
    /// The name it was found by.
    Asked(String),
    /// The literal segments of its path.
    Segments(Vec<&'p str>),
}

impl std::fmt::Debug for Operation<'_, '_> {
    /// Without parameters: they come from the request.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Operation({} {:?})", self.service(), self.class())
    }
}

impl Pack {
    /// The pack that these bytes are; `None` where they are none.
    pub(super) fn read(bytes: Vec<u8>) -> Option<Self> {
        let head = bytes.strip_prefix(MAGIC)?;
        let mut parts = [0; PARTS + 1];
        for (place, part) in parts.iter_mut().enumerate() {
            *part = number(head, place * 4, 4)?;
        }
        let ordered = parts.is_sorted() && parts.last().is_some_and(|end| *end == bytes.len());
        let start = parts.first().copied()?;
        let count = number(&bytes, start, 2)?;
        let lengths = start + 2 + count.div_ceil(BLOCK) * 4;
        let strings = Strings { count, lengths, texts: lengths + count };
        ordered.then_some(Self { bytes, parts, strings })
    }

    fn part(&self, which: usize) -> &[u8] {
        let (from, to) = (self.parts.get(which), self.parts.get(which + 1));
        from.zip(to).and_then(|(from, to)| self.bytes.get(*from..*to)).unwrap_or_default()
    }

    fn text(&self, string: usize) -> Option<&str> {
        std::str::from_utf8(self.string(string)?).ok()
    }

    /// The bytes of a string, which is all that a comparison needs.
    fn string(&self, string: usize) -> Option<&[u8]> {
        let Strings { count, lengths, texts } = self.strings;
        if string >= count {
            return None;
        }
        let block = string / BLOCK;
        let before = self.bytes.get(lengths + block * BLOCK..lengths + string)?;
        let from = number(&self.bytes, lengths - count.div_ceil(BLOCK) * 4 + block * 4, 4)?;
        let from = before.iter().fold(texts.checked_add(from)?, |place, length| place + usize::from(*length));
        let length = usize::from(*self.bytes.get(lengths + string)?);
        self.bytes.get(from..from + length)
    }

    /// How many hosts are entered.
    pub(super) fn hosts(&self) -> u16 {
        number(self.part(1), 0, 2).and_then(|count| u16::try_from(count).ok()).unwrap_or_default()
    }

    /// The key of a host.
    pub(super) fn host(&self, host: u16) -> Option<&str> {
        self.text(number(self.part(1), 2 + 2 * usize::from(host), 2)?)
    }

    /// Root node, first name, count of names.
    fn table(&self, host: u16) -> Option<[usize; 3]> {
        let (tables, at) = (self.part(2), usize::from(host) * TABLE);
        Some([number(tables, at, 3)?, number(tables, at + 3, 3)?, number(tables, at + 6, 2)?])
    }

    /// The operation that answers to a name.
    pub(super) fn by_name(&self, host: u16, name: &str) -> Option<Operation<'_, 'static>> {
        let [_, first, count] = self.table(host)?;
        let names = self.part(3).get(first * NAME..)?;
        let wanted = usize::try_from(name_hash(name)).ok()?;
        let found = search(count, |place| number(names, place * NAME, 3).map(|hash| hash.cmp(&wanted)))?;
        Some(Operation {
            pack: self,
            place: number(names, found * NAME + 3, 3)?,
            name: Name::Asked(name.to_owned()),
            parameters: Vec::new(),
            joined: Vec::new(),
        })
    }

    /// The operation that a method, a path and a query mean.
    pub(super) fn by_path<'c, 'p>(
        &'c self,
        host: u16,
        methods: Methods,
        segments: &[&'p str],
        query: &str,
    ) -> Option<Operation<'c, 'p>> {
        let [root, _, _] = self.table(host)?;
        let mut walk = Walk { pack: self, methods, query, steps: STEPS, trail: Vec::new() };
        let place = walk.node(root, segments)?;
        let (mut parameters, mut joined, mut literals) = (Vec::new(), Vec::new(), Vec::new());
        let mut rest = segments;
        for step in &walk.trail {
            let (taken, after) = rest.split_at_checked(step.segments)?;
            rest = after;
            match (step.parameter, taken) {
                (None, [literal]) => literals.push(*literal),
                (None, _) => {}
                (Some(parameter), [one]) => {
                    let length = one.len().checked_sub(step.suffix)?;
                    parameters.push((parameter, one.get(..length)?));
                }
                (Some(parameter), several) => {
                    let mut text = several.join("/");
                    text.truncate(text.len().checked_sub(step.suffix)?);
                    joined.push((parameter, text));
                }
            }
        }
        Some(Operation { pack: self, place, name: Name::Segments(literals), parameters, joined })
    }
}

/// One step of a path through the tree.
struct Step {
    /// How many segments it takes.
    segments: usize,
    /// The string of its parameter; `None` for a literal.
    parameter: Option<u32>,
    /// How long the suffix is that the parameter does not take.
    suffix: usize,
}

/// A search.
struct Walk<'c, 'q> {
    pack: &'c Pack,
    methods: Methods,
    query: &'q str,
    steps: u32,
    trail: Vec<Step>,
}

impl Walk<'_, '_> {
    /// Where the operation stands that the segments lead to from `node`; `trail` is then the way.
    fn node(&mut self, node: usize, segments: &[&str]) -> Option<usize> {
        self.steps = self.steps.checked_sub(1)?;
        let bytes = self.pack.part(4).get(node..)?;
        let (operations, literals, parameters) =
            (number(bytes, 0, 1)?, number(bytes, 1, 2)?, number(bytes, 3, 1)?);
        let entries = bytes.get(4..)?;
        let Some((first, after)) = segments.split_first() else {
            return self.operation(entries, operations);
        };
        let children = entries.get(operations * ENTRY..)?;
        let literal =
            search(literals, |child| Some(self.pack.text(number(children, child * LITERAL, 2)?)?.cmp(first)));
        if let Some(child) = literal {
            let next = number(children, child * LITERAL + 2, 3)?;
            if let Some(found) = self.step(Step { segments: 1, parameter: None, suffix: 0 }, next, after) {
                return Some(found);
            }
        }
        // Then parameters, which are few: one segment before several, a suffix before none.
        let children = children.get(literals * LITERAL..)?;
        for (kind, bare) in [(ONE, false), (ONE, true), (REST, false), (REST, true)] {
            for child in 0..parameters {
                let field = |at: usize, width: usize| number(children, child * PARAMETER + at, width);
                let suffix = self.pack.string(field(3, 2)?)?;
                if u32::try_from(field(0, 1)?) != Ok(kind) || suffix.is_empty() != bare {
                    continue;
                }
                let parameter = u32::try_from(field(1, 2)?).ok();
                let next = field(5, 3)?;
                let most = if kind == ONE { 1 } else { segments.len() };
                for taken in (1..=most).rev() {
                    let (own, after) = segments.split_at_checked(taken)?;
                    let ends = |last: &&str| last.len() > suffix.len() && last.as_bytes().ends_with(suffix);
                    if !own.last().is_some_and(ends) {
                        continue;
                    }
                    let step = Step { segments: taken, parameter, suffix: suffix.len() };
                    if let Some(found) = self.step(step, next, after) {
                        return Some(found);
                    }
                }
            }
        }
        None
    }

    fn step(&mut self, step: Step, next: usize, after: &[&str]) -> Option<usize> {
        self.trail.push(step);
        let found = self.node(next, after);
        if found.is_none() {
            self.trail.pop();
        }
        found
    }

    /// Among the operations of a node: the one whose method is asked and that demands most of the query, all of it
    /// there; of equally demanding ones the strictest.
    fn operation(&self, entries: &[u8], count: usize) -> Option<usize> {
        let mut best: Option<(usize, usize, usize)> = None;
        for entry in 0..count {
            let methods = u8::try_from(number(entries, entry * ENTRY, 1)?).ok()?;
            if !Methods(methods).meets(self.methods) {
                continue;
            }
            let wanted = self.pack.text(number(entries, entry * ENTRY + 1, 2)?)?;
            let demands = wanted.split(QUERY_SEPARATOR).filter(|pair| !pair.is_empty());
            if !demands.clone().all(|pair| has(self.query, pair)) {
                continue;
            }
            let place = number(entries, entry * ENTRY + 3, 3)?;
            let class = number(self.pack.part(5), place, 1)? & 0xf;
            let found = (demands.count(), class, place);
            best = best.max(Some(found));
        }
        best.map(|(_, _, place)| place)
    }
}

/// Whether a query has a key, or a key with a value.
fn has(query: &str, wanted: &str) -> bool {
    query.trim_start_matches('?').split('&').any(|pair| {
        if !wanted.contains('=') {
            return unescape(pair.split('=').next().unwrap_or_default()) == wanted;
        }
        unescape(pair) == wanted
    })
}

impl<'c> Operation<'c, '_> {
    fn field(&self, at: usize, width: usize) -> usize {
        number(self.pack.part(5), self.place + at, width).unwrap_or_default()
    }

    fn string(&self, at: usize) -> &'c str {
        self.pack.text(self.field(at, 2)).unwrap_or_default()
    }

    /// What kind of action it is. What a pack does not say is a write.
    pub fn class(&self) -> Class {
        Class::ALL.get(self.field(0, 2) & 0xf).copied().unwrap_or(Class::DataWrite)
    }

    /// The access level, in the words of its source.
    pub fn access(&self) -> Option<Access> {
        Access::ALL.get((self.field(0, 2) >> 4 & 7).checked_sub(1)?).copied()
    }

    /// Whether it can be undone.
    pub fn reversible(&self) -> Reversible {
        Reversible::ALL.get(self.field(0, 2) >> 7 & 3).copied().unwrap_or(Reversible::Unknown)
    }

    /// Where the judgement comes from.
    pub fn basis(&self) -> Basis {
        Basis::ALL.get(self.field(0, 2) >> 9 & 7).copied().unwrap_or(Basis::Words)
    }

    /// The service in the provider's own words.
    pub fn service(&self) -> &'c str {
        self.string(2)
    }

    /// The operation in the service's own words.
    pub fn name(&self) -> String {
        let name = self.string(4);
        match &self.name {
            Name::Asked(asked) if name.is_empty() => asked.clone(),
            Name::Segments(literals) if name.starts_with('.') => derived(self.service(), literals, name),
            Name::Asked(_) | Name::Segments(_) => name.to_owned(),
        }
    }

    /// The template of its resource.
    pub fn resource(&self) -> Option<&'c str> {
        Some(self.string(6)).filter(|template| !template.is_empty())
    }

    /// What a reviewer needs to see.
    pub fn arguments(&self) -> impl Iterator<Item = &'c str> {
        let list = self.pack.part(6).get(self.field(8, 2)..).unwrap_or_default();
        let text = |place: usize| self.pack.text(number(list, 1 + place * 2, 2)?);
        (0..number(list, 0, 1).unwrap_or_default()).filter_map(text)
    }

    /// A parameter of the path.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let named = |number: u32| {
            usize::try_from(number).ok().and_then(|number| self.pack.text(number)) == Some(name)
        };
        let one = self.parameters.iter().find(|(number, _)| named(*number)).map(|(_, value)| *value);
        one.or_else(|| self.joined.iter().find(|(number, _)| named(*number)).map(|(_, value)| value.as_str()))
    }
}

/// The name that many operations have: the first label of the service, the collections of the path, and a verb.
pub(super) fn derived(service: &str, literals: &[&str], verb: &str) -> String {
    let first = service.split('.').next().unwrap_or_default();
    let version = |segment: &str| {
        segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let mut name = first.to_owned();
    for literal in literals.iter().filter(|literal| !version(literal)) {
        name.push('.');
        name.push_str(literal);
    }
    name.push_str(verb);
    name
}

/// The number of `width` bytes at a place.
pub(super) fn number(bytes: &[u8], place: usize, width: usize) -> Option<usize> {
    let bytes = bytes.get(place..place.checked_add(width)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

/// The place among `count` sorted ones that compares equal.
fn search(count: usize, compare: impl Fn(usize) -> Option<Ordering>) -> Option<usize> {
    let (mut from, mut to) = (0, count);
    while from < to {
        let middle = from + (to - from) / 2;
        match compare(middle)? {
            Ordering::Less => from = middle + 1,
            Ordering::Equal => return Some(middle),
            Ordering::Greater => to = middle,
        }
    }
    None
}
