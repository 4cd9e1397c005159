//! Packing: from documents to the bytes that lookups read.
//!
//! The same documents give the same bytes, whatever their order. Layout, all numbers little-endian:
//!
//! | what | how |
//! |---|---|
//! | head | `CSC1`, then where each part starts, 4 bytes each: strings, hosts, tables, nodes, operations, end |
//! | strings | their count, then the end of each (4 bytes), then their text; sorted, so that order is order of numbers |
//! | hosts | their count; for each the string (3 bytes) and its table (3); sorted |
//! | tables | for each the root node (4), where its names start (4) and their count (4); names: hash (4) and operation (4), sorted |
//! | nodes | operations: count, then methods (1), query set (string, 3), operation (4); children: count, then kind (1), string (3), suffix (3), node (4) |
//! | operations | class, access, reversibility, basis (2 bytes), service, name, resource, count of arguments, arguments (3 each) |
//!
//! Equal nodes and equal operations are written once: versions of one API share most of theirs.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Access, Basis,
    document::{CatalogError, OperationDoc, Pattern, Segment, ServiceDoc},
    key_of,
    table::{MAGIC, derived, name_hash},
};
use crate::action::{Class, Reversible};

/// The key of the table whose operations mean one service on any host.
pub(super) const ANYWHERE: &str = "*";

/// What separates the keys of a query set.
pub(super) const QUERY_SEPARATOR: char = '&';

/// Where the name stands among the texts of an operation.
const NAME: usize = 1;

/// A tree of paths while it is built.
#[derive(Default)]
struct Tree {
    operations: Vec<(u8, String, Ready)>,
    children: BTreeMap<Segment, Tree>,
}

/// The tables of one host.
#[derive(Default)]
struct Table {
    tree: Tree,
    names: BTreeMap<String, Ready>,
}

/// An operation that was checked.
#[derive(Clone, PartialEq, Eq)]
struct Ready {
    flags: u16,
    class: Class,
    texts: Vec<String>,
}

/// The bytes of a pack.
///
/// # Errors
/// The first mistake, as a sentence that names the service.
pub fn pack(documents: &[ServiceDoc]) -> Result<Vec<u8>, CatalogError> {
    let mut tables: BTreeMap<&str, Table> = BTreeMap::new();
    for document in documents {
        let fault = |sentence: String| CatalogError { service: document.service.clone(), sentence };
        let keys: BTreeSet<&str> = document
            .hosts
            .iter()
            .map(|host| key_of(host))
            .chain(document.anywhere.then_some(ANYWHERE))
            .collect();
        if keys.is_empty() {
            return Err(fault(
                "it has neither `hosts` nor `anywhere: true`: nothing could mean it".to_owned(),
            ));
        }
        for operation in &document.operations {
            let pattern = Pattern::new(&operation.on).map_err(&fault)?;
            let ready = ready(&document.service, operation).map_err(&fault)?;
            for key in &keys {
                tables.entry(key).or_default().enter(&pattern, &ready);
            }
        }
    }
    Ok(Writer::default().write(&tables))
}

fn ready(service: &str, operation: &OperationDoc) -> Result<Ready, String> {
    let OperationDoc { on, name, class, access, reversible, resource, arguments, source } = operation;
    if name.is_empty() || service.is_empty() {
        return Err(format!("`{on}` has no name, or its service has none"));
    }
    if arguments.len() > 255 {
        return Err(format!("`{name}` has more than 255 arguments"));
    }
    let place = |found: Option<usize>| found.and_then(|place| u16::try_from(place).ok()).unwrap_or_default();
    let class_bits = place(Class::ALL.iter().position(|known| known == class));
    let access_bits = match access {
        None => 0,
        Some(access) => 1 + place(Access::ALL.iter().position(|known| known == access)),
    };
    let reversible_bits = place(Reversible::ALL.iter().position(|known| known == reversible));
    let basis = source.unwrap_or(Basis::Curated);
    let basis_bits = place(Basis::ALL.iter().position(|known| *known == basis));
    let mut texts = vec![service.to_owned(), name.clone(), resource.clone().unwrap_or_default()];
    texts.extend(arguments.iter().cloned());
    let flags = class_bits | access_bits << 4 | reversible_bits << 7 | basis_bits << 9;
    Ok(Ready { flags, class: *class, texts })
}

impl Table {
    /// Enters an operation; of two with the same pattern the stricter stays, of equally strict ones the first.
    fn enter(&mut self, pattern: &Pattern, ready: &Ready) {
        match pattern {
            Pattern::Call(name) => match self.names.get_mut(name) {
                Some(known) if known.class >= ready.class => {}
                Some(known) => *known = ready.called(name),
                None => {
                    self.names.insert(name.clone(), ready.called(name));
                }
            },
            Pattern::Path { methods, segments, query } => {
                let mut tree = &mut self.tree;
                for segment in segments {
                    tree = tree.children.entry(segment.clone()).or_default();
                }
                let query = query.iter().map(|(key, value)| match value {
                    Some(value) => format!("{key}={value}"),
                    None => key.clone(),
                });
                let query = query.collect::<Vec<_>>().join(&QUERY_SEPARATOR.to_string());
                let ready = &ready.under(segments);
                let mut free = methods.0;
                for (taken, other, known) in &mut tree.operations {
                    if *other != query || *taken & free == 0 {
                        continue;
                    }
                    if known.class < ready.class {
                        *taken &= !free;
                    } else {
                        free &= !*taken;
                    }
                }
                tree.operations.retain(|(methods, _, _)| *methods != 0);
                if free != 0 {
                    tree.operations.push((free, query, ready.clone()));
                }
            }
        }
    }
}

impl Ready {
    /// Without its name where it is the one it was found by.
    fn called(&self, name: &str) -> Self {
        let mut ready = self.clone();
        if let Some(own) = ready.texts.get_mut(NAME).filter(|own| *own == name) {
            own.clear();
        }
        ready
    }

    /// With only the last word of its name where the path says the rest.
    fn under(&self, segments: &[Segment]) -> Self {
        let literals: Vec<&str> = segments
            .iter()
            .filter_map(|segment| match segment {
                Segment::Literal(text) => Some(text.as_str()),
                Segment::One { .. } | Segment::Rest { .. } => None,
            })
            .collect();
        let mut ready = self.clone();
        let start = derived(self.texts.first().map(String::as_str).unwrap_or_default(), &literals, "");
        if let Some(own) = ready.texts.get_mut(NAME)
            && let Some(verb) = own.strip_prefix(&start)
            && verb.starts_with('.')
        {
            *own = verb.to_owned();
        }
        ready
    }
}

/// Collects strings first, then writes everything that names them.
#[derive(Default)]
struct Writer {
    strings: BTreeMap<String, u32>,
    nodes: Vec<u8>,
    operations: Vec<u8>,
    known_nodes: BTreeMap<Vec<u8>, u32>,
    known_operations: BTreeMap<Vec<u8>, u32>,
}

impl Writer {
    fn write(mut self, tables: &BTreeMap<&str, Table>) -> Vec<u8> {
        for (key, table) in tables {
            self.note(key);
            table.tree.each_text(&mut |text| self.note(text));
            table.names.values().flat_map(|ready| &ready.texts).for_each(|text| self.note(text));
        }
        for (number, (_, place)) in self.strings.iter_mut().enumerate() {
            *place = small(number);
        }
        let strings = self.written_strings();
        let (mut hosts, mut roots, mut names) = (Vec::new(), Vec::new(), Vec::new());
        put(&mut hosts, 4, small(tables.len()));
        let mut first_name = 0;
        for (number, (key, table)) in tables.iter().enumerate() {
            put(&mut hosts, 3, self.string(key));
            put(&mut hosts, 3, small(number));
            put(&mut roots, 4, self.node(&table.tree));
            put(&mut roots, 4, first_name);
            put(&mut roots, 4, small(table.names.len()));
            first_name += small(table.names.len());
            let hashed: BTreeMap<u32, &Ready> =
                table.names.iter().map(|(name, ready)| (name_hash(name), ready)).collect();
            for (hash, ready) in &hashed {
                put(&mut names, 4, *hash);
                put(&mut names, 4, self.operation(ready));
            }
            // Two names with one hash: the table says how many there are, so fill up with the last.
            for _ in hashed.len()..table.names.len() {
                names.extend_from_slice(&[0xff; 8]);
            }
        }
        roots.extend_from_slice(&names);
        let mut out = MAGIC.to_vec();
        let mut place = small(MAGIC.len() + 6 * 4);
        let parts = [&strings, &hosts, &roots, &self.nodes, &self.operations];
        for part in parts {
            put(&mut out, 4, place);
            place += small(part.len());
        }
        put(&mut out, 4, place);
        parts.into_iter().for_each(|part| out.extend_from_slice(part));
        out
    }

    fn note(&mut self, text: &str) {
        if !self.strings.contains_key(text) {
            self.strings.insert(text.to_owned(), 0);
        }
    }

    fn string(&self, text: &str) -> u32 {
        self.strings.get(text).copied().unwrap_or_default()
    }

    fn written_strings(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, 4, small(self.strings.len()));
        let mut end = 0;
        for text in self.strings.keys() {
            end += small(text.len());
            put(&mut out, 4, end);
        }
        self.strings.keys().for_each(|text| out.extend_from_slice(text.as_bytes()));
        out
    }

    /// Writes a node after its children; where one that is equal was written before, that one serves.
    fn node(&mut self, tree: &Tree) -> u32 {
        let mut bytes = Vec::new();
        put(&mut bytes, 1, small(tree.operations.len()));
        for (methods, query, ready) in &tree.operations {
            bytes.push(*methods);
            put(&mut bytes, 3, self.string(query));
            put(&mut bytes, 4, self.operation(ready));
        }
        put(&mut bytes, 2, small(tree.children.len()));
        for (segment, child) in &tree.children {
            let child = self.node(child);
            let (kind, text, suffix) = match segment {
                Segment::Literal(text) => (0, text.as_str(), ""),
                Segment::One { parameter, suffix } => (1, parameter.as_str(), suffix.as_str()),
                Segment::Rest { parameter, suffix } => (2, parameter.as_str(), suffix.as_str()),
            };
            bytes.push(kind);
            put(&mut bytes, 3, self.string(text));
            put(&mut bytes, 3, self.string(suffix));
            put(&mut bytes, 4, child);
        }
        once(&mut self.known_nodes, &mut self.nodes, bytes)
    }

    fn operation(&mut self, ready: &Ready) -> u32 {
        let mut bytes = Vec::new();
        put(&mut bytes, 2, ready.flags.into());
        let (fixed, arguments) = ready.texts.split_at_checked(3).unwrap_or_default();
        fixed.iter().for_each(|text| put(&mut bytes, 3, self.string(text)));
        put(&mut bytes, 1, small(arguments.len()));
        arguments.iter().for_each(|text| put(&mut bytes, 3, self.string(text)));
        once(&mut self.known_operations, &mut self.operations, bytes)
    }
}

impl Tree {
    fn each_text(&self, take: &mut dyn FnMut(&str)) {
        for (_, query, ready) in &self.operations {
            take(query);
            ready.texts.iter().for_each(|text| take(text));
        }
        for (segment, child) in &self.children {
            match segment {
                Segment::Literal(text) => take(text),
                Segment::One { parameter, suffix } | Segment::Rest { parameter, suffix } => {
                    take(parameter);
                    take(suffix);
                }
            }
            child.each_text(take);
        }
    }
}

/// Where `bytes` stand in `out`, written only where they do not yet.
fn once(known: &mut BTreeMap<Vec<u8>, u32>, out: &mut Vec<u8>, bytes: Vec<u8>) -> u32 {
    if let Some(place) = known.get(&bytes) {
        return *place;
    }
    let place = small(out.len());
    out.extend_from_slice(&bytes);
    known.insert(bytes, place);
    place
}

/// The `width` low bytes of a number.
fn put(out: &mut Vec<u8>, width: usize, number: u32) {
    out.extend(number.to_le_bytes().into_iter().take(width));
}

/// Packs are far smaller than 4 GiB: an operator's configuration is bounded by Envoy, ours by its test.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
