//! Which rules can match a host and a path at all: an index, so that a policy of a thousand rules costs a harmless call
//! a few hash lookups, and no allocation.
//!
//! It may name a rule that does not match; it never leaves one out that does.

use hashbrown::HashMap;

use super::{
    pattern::{HostKey, PathPattern},
    rule::Rule,
};
use crate::action::Class;

/// The number of a rule.
pub(super) type Number = usize;

/// Rules by host, then by the literal start of the path.
#[derive(Debug, Default)]
pub(super) struct Index {
    exact: HashMap<String, Bucket>,
    suffix: HashMap<String, Bucket>,
    any: Bucket,
}

/// A rule, and by what it can be passed over without being looked at.
#[derive(Clone, Copy, Debug)]
struct Entry {
    number: Number,
    mask: Mask,
}

/// Sets of methods and of classes, one bit each: those a rule demands, or those a call may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mask {
    methods: u16,
    classes: u16,
}

/// The rules of one host key.
#[derive(Debug, Default)]
struct Bucket {
    /// Rules whose path starts anyhow.
    everywhere: Vec<Entry>,
    /// Rules by the literal segments that their path starts with, lower case.
    by_start: HashMap<String, Vec<Entry>>,
    /// The most segments of a key of `by_start`.
    depth: usize,
}

impl Index {
    /// Enters a rule under each combination of its hosts and paths; without hosts it may match any host.
    pub(super) fn enter(&mut self, number: Number, rule: &Rule) {
        let entry = Entry { number, mask: Mask::of_rule(rule) };
        if rule.hosts.is_empty() {
            self.any.enter(entry, &rule.paths);
        }
        for host in &rule.hosts {
            match host.key() {
                HostKey::Exact(name) => self.exact.entry(name).or_default().enter(entry, &rule.paths),
                HostKey::Suffix(name) => self.suffix.entry(name).or_default().enter(entry, &rule.paths),
                HostKey::Any => self.any.enter(entry, &rule.paths),
            }
        }
    }

    /// Calls `take` with each rule that can match; a rule may come more than once.
    pub(super) fn each<'a>(&'a self, host: &str, path: &str, may: Mask, mut take: impl FnMut(Number)) {
        let lower;
        let path = if path.bytes().any(|b| b.is_ascii_uppercase()) {
            lower = path.to_ascii_lowercase();
            lower.as_str()
        } else {
            path
        };
        let mut take = |entry: &Entry| {
            if entry.mask.meets(may) {
                take(entry.number);
            }
        };
        self.buckets(host, |bucket: &'a Bucket| bucket.each(path, &mut take));
    }

    /// Calls `take` with each rule whose host can match, whatever the path.
    pub(super) fn each_of_host<'a>(&'a self, host: &str, mut take: impl FnMut(Number)) {
        self.buckets(host, |bucket: &'a Bucket| {
            bucket
                .everywhere
                .iter()
                .chain(bucket.by_start.values().flatten())
                .for_each(|entry| take(entry.number));
        });
    }

    fn buckets<'a>(&'a self, host: &str, mut take: impl FnMut(&'a Bucket)) {
        take(&self.any);
        if let Some(bucket) = self.exact.get(host) {
            take(bucket);
        }
        if self.suffix.is_empty() {
            return;
        }
        let mut rest = host;
        while let Some((_, shorter)) = rest.split_once('.') {
            if let Some(bucket) = self.suffix.get(shorter) {
                take(bucket);
            }
            rest = shorter;
        }
    }
}

impl Bucket {
    fn enter(&mut self, entry: Entry, paths: &[PathPattern]) {
        if paths.is_empty() {
            self.everywhere.push(entry);
        }
        for path in paths {
            let (start, depth) = path.literal_start();
            if depth == 0 {
                self.everywhere.push(entry);
            } else {
                self.depth = self.depth.max(depth);
                self.by_start.entry(start).or_default().push(entry);
            }
        }
    }

    fn each(&self, path: &str, take: &mut impl FnMut(&Entry)) {
        self.everywhere.iter().for_each(&mut *take);
        if self.by_start.is_empty() {
            return;
        }
        let slashes =
            path.bytes().enumerate().skip(1).filter(|(_, byte)| *byte == b'/').map(|(place, _)| place);
        for end in slashes.chain([path.len()]).take(self.depth) {
            if let Some(entries) = path.get(..end).and_then(|start| self.by_start.get(start)) {
                entries.iter().for_each(&mut *take);
            }
        }
    }
}

impl Mask {
    /// Whatever a call may be.
    #[cfg(all(test, not(target_arch = "wasm32")))]
    pub(super) const ANY: Self = Self { methods: u16::MAX, classes: u16::MAX };

    /// A call that may be read as these methods, and is of `class`, or of any where none is known.
    pub(super) fn of_call<'m>(methods: impl Iterator<Item = &'m str>, class: Option<Class>) -> Self {
        Self {
            methods: methods.map(method_bit).fold(0, |set, bit| set | bit),
            classes: class.map_or(u16::MAX, class_bit),
        }
    }

    /// The same for every method.
    pub(super) fn of_any_method(self) -> Self {
        Self { methods: u16::MAX, ..self }
    }

    fn of_rule(rule: &Rule) -> Self {
        let methods = rule.methods.iter().map(|method| method_bit(method)).fold(0, |set, bit| set | bit);
        let classes = rule.action.classes.iter().map(|class| class_bit(*class)).fold(0, |set, bit| set | bit);
        // A rule that demands nothing meets everything.
        let or_any = |set| if set == 0 { u16::MAX } else { set };
        Self { methods: or_any(methods), classes: or_any(classes) }
    }

    fn meets(self, other: Self) -> bool {
        self.methods & other.methods != 0 && self.classes & other.classes != 0
    }
}

fn method_bit(method: &str) -> u16 {
    let place = match method {
        "GET" => 0,
        "HEAD" => 1,
        "POST" => 2,
        "PUT" => 3,
        "PATCH" => 4,
        "DELETE" => 5,
        "OPTIONS" => 6,
        "CONNECT" => 7,
        _ => 15,
    };
    1 << place
}

fn class_bit(class: Class) -> u16 {
    Class::ALL.iter().position(|known| *known == class).map_or(u16::MAX, |place| 1 << place)
}
