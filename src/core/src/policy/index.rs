//! Which rules can match a host and a path at all: an index, so that a policy of a thousand rules costs a harmless call
//! a few hash lookups, and no allocation.
//!
//! It may name a rule that does not match; it never leaves one out that does.

use hashbrown::HashMap;

use super::pattern::{HostKey, HostPattern, PathPattern};

/// The number of a rule.
pub(super) type Number = usize;

/// Rules by host, then by the literal start of the path.
#[derive(Debug, Default)]
pub(super) struct Index {
    exact: HashMap<String, Bucket>,
    suffix: HashMap<String, Bucket>,
    any: Bucket,
}

/// The rules of one host key.
#[derive(Debug, Default)]
struct Bucket {
    /// Rules whose path starts anyhow.
    everywhere: Vec<Number>,
    /// Rules by the literal segments that their path starts with, lower case.
    by_start: HashMap<String, Vec<Number>>,
    /// The most segments of a key of `by_start`.
    depth: usize,
}

impl Index {
    /// Enters a rule under each combination of its hosts and paths; without hosts it may match any host.
    pub(super) fn enter(&mut self, number: Number, hosts: &[HostPattern], paths: &[PathPattern]) {
        if hosts.is_empty() {
            self.any.enter(number, paths);
        }
        for host in hosts {
            match host.key() {
                HostKey::Exact(name) => self.exact.entry(name).or_default().enter(number, paths),
                HostKey::Suffix(name) => self.suffix.entry(name).or_default().enter(number, paths),
                HostKey::Any => self.any.enter(number, paths),
            }
        }
    }

    /// Calls `take` with each rule that can match; a rule may come more than once.
    pub(super) fn each<'a>(&'a self, host: &str, path: &str, mut take: impl FnMut(Number)) {
        let lower;
        let path = if path.bytes().any(|b| b.is_ascii_uppercase()) {
            lower = path.to_ascii_lowercase();
            lower.as_str()
        } else {
            path
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
                .for_each(|number| take(*number));
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
    fn enter(&mut self, number: Number, paths: &[PathPattern]) {
        if paths.is_empty() {
            self.everywhere.push(number);
        }
        for path in paths {
            let (start, depth) = path.literal_start();
            if depth == 0 {
                self.everywhere.push(number);
            } else {
                self.depth = self.depth.max(depth);
                self.by_start.entry(start).or_default().push(number);
            }
        }
    }

    fn each(&self, path: &str, take: &mut impl FnMut(Number)) {
        self.everywhere.iter().for_each(|number| take(*number));
        if self.by_start.is_empty() {
            return;
        }
        let slashes =
            path.bytes().enumerate().skip(1).filter(|(_, byte)| *byte == b'/').map(|(place, _)| place);
        for end in slashes.chain([path.len()]).take(self.depth) {
            if let Some(numbers) = path.get(..end).and_then(|start| self.by_start.get(start)) {
                for number in numbers {
                    take(*number);
                }
            }
        }
    }
}
