//! Packing: from documents to the bytes that lookups read.
//!
//! The same documents give the same bytes, whatever their order. A pack is inflated in every worker of every proxy, so it
//! is as small as lookups allow. Layout, all numbers little-endian:
//!
//! | part | what |
//! |---|---|
//! | head | `CSC2`, then where each part starts and the end, 4 bytes each |
//! | 0 strings | their count (2); where each block of 16 starts (4); the length of each (1, so at most 255); their text. Sorted |
//! | 1 hosts | their count (2); the string of each (2). Sorted; each has the table of its number |
//! | 2 tables | for each: the root node (3), the first of its names (3), their count (2) |
//! | 3 names | for each: a hash (3), the operation (3); sorted within a table |
//! | 4 nodes | count of operations (1), of literal children (2), of parameters (1); operations: methods (1), query set (string, 2), operation (3); literal children: string (2), node (3), sorted; parameters: kind (1), string (2), suffix (string, 2), node (3) |
//! | 5 operations | class, access, reversibility, basis (2); service (2), name (2), resource (2), arguments (2) |
//! | 6 arguments | lists: count (1), strings (2 each) |
//!
//! Equal nodes, operations and lists are written once: versions of one API share most of theirs.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Access, Basis,
    document::{CatalogError, OperationDoc, Pattern, Segment, ServiceDoc},
    key_of,
    table::{BLOCK, MAGIC, ONE, PARTS, REST, derived, name_hash},
};
use crate::action::{Class, Reversible};

/// The key of the table whose operations mean one service on any host.
pub(super) const ANYWHERE: &str = "*";

/// What separates the keys of a query set.
pub(super) const QUERY_SEPARATOR: char = '&';

/// The longest text of a pack.
const LONGEST: usize = 255;

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
            if let Some(long) = ready.texts.iter().find(|text| text.len() > LONGEST) {
                return Err(fault(format!("`{long}` is longer than {LONGEST} bytes")));
            }
            for key in &keys {
                tables.entry(key).or_default().enter(&pattern, &ready);
            }
        }
    }
    Writer::default().write(&tables).ok_or_else(|| CatalogError {
        service: documents.first().map(|document| document.service.clone()).unwrap_or_default(),
        sentence: "all services together are too large for one pack: it holds 65,536 texts".to_owned(),
    })
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
    nodes: Shared,
    operations: Shared,
    arguments: Shared,
}

/// Bytes in which equal pieces stand once.
#[derive(Default)]
struct Shared {
    bytes: Vec<u8>,
    known: BTreeMap<Vec<u8>, u32>,
}

impl Shared {
    /// Where a piece stands.
    fn place(&mut self, piece: Vec<u8>) -> u32 {
        if let Some(place) = self.known.get(&piece) {
            return *place;
        }
        let place = small(self.bytes.len());
        self.bytes.extend_from_slice(&piece);
        self.known.insert(piece, place);
        place
    }
}

impl Writer {
    /// `None` where numbers are too small for what they count.
    fn write(mut self, tables: &BTreeMap<&str, Table>) -> Option<Vec<u8>> {
        self.note("");
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
        put(&mut hosts, 2, small(tables.len()));
        let mut first_name = 0;
        for (key, table) in tables {
            put(&mut hosts, 2, self.string(key));
            put(&mut roots, 3, self.node(&table.tree));
            // Of two names with one hash the stricter stays: what is asked is one of them.
            let mut hashed: BTreeMap<u32, &Ready> = BTreeMap::new();
            for (name, ready) in &table.names {
                let known = hashed.entry(name_hash(name)).or_insert(ready);
                if known.class < ready.class {
                    *known = ready;
                }
            }
            put(&mut roots, 3, first_name);
            put(&mut roots, 2, small(hashed.len()));
            first_name += small(hashed.len());
            for (hash, ready) in &hashed {
                put(&mut names, 3, *hash);
                put(&mut names, 3, self.operation(ready));
            }
        }
        let mut out = MAGIC.to_vec();
        let mut place = small(MAGIC.len() + (PARTS + 1) * 4);
        let parts: [&[u8]; PARTS] = [
            &strings,
            &hosts,
            &roots,
            &names,
            &self.nodes.bytes,
            &self.operations.bytes,
            &self.arguments.bytes,
        ];
        for part in parts {
            put(&mut out, 4, place);
            place += small(part.len());
        }
        put(&mut out, 4, place);
        for part in parts {
            out.extend_from_slice(part);
        }
        let fits = self.strings.len() <= 1 << 16
            && self.arguments.bytes.len() <= 1 << 16
            && self.nodes.bytes.len() <= 1 << 24
            && self.operations.bytes.len() <= 1 << 24
            && self.strings.keys().all(|text| text.len() <= LONGEST);
        fits.then_some(out)
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
        put(&mut out, 2, small(self.strings.len()));
        let mut start = 0;
        for (number, text) in self.strings.keys().enumerate() {
            if number % BLOCK == 0 {
                put(&mut out, 4, start);
            }
            start += small(text.len());
        }
        self.strings.keys().for_each(|text| put(&mut out, 1, small(text.len())));
        self.strings.keys().for_each(|text| out.extend_from_slice(text.as_bytes()));
        out
    }

    /// Writes a node after its children.
    fn node(&mut self, tree: &Tree) -> u32 {
        let (mut operations, mut literals, mut parameters) = (Vec::new(), Vec::new(), Vec::new());
        for (methods, query, ready) in &tree.operations {
            operations.push(*methods);
            put(&mut operations, 2, self.string(query));
            put(&mut operations, 3, self.operation(ready));
        }
        let (mut count_of_literals, mut count_of_parameters) = (0, 0);
        for (segment, child) in &tree.children {
            let child = self.node(child);
            let (kind, parameter, suffix) = match segment {
                Segment::Literal(text) => {
                    put(&mut literals, 2, self.string(text));
                    put(&mut literals, 3, child);
                    count_of_literals += 1;
                    continue;
                }
                Segment::One { parameter, suffix } => (ONE, parameter, suffix),
                Segment::Rest { parameter, suffix } => (REST, parameter, suffix),
            };
            put(&mut parameters, 1, kind);
            put(&mut parameters, 2, self.string(parameter));
            put(&mut parameters, 2, self.string(suffix));
            put(&mut parameters, 3, child);
            count_of_parameters += 1;
        }
        let mut bytes = Vec::new();
        put(&mut bytes, 1, small(tree.operations.len()));
        put(&mut bytes, 2, count_of_literals);
        put(&mut bytes, 1, count_of_parameters);
        bytes.extend([operations, literals, parameters].concat());
        self.nodes.place(bytes)
    }

    fn operation(&mut self, ready: &Ready) -> u32 {
        let (fixed, arguments) = ready.texts.split_at_checked(3).unwrap_or_default();
        let mut list = Vec::new();
        put(&mut list, 1, small(arguments.len()));
        for text in arguments {
            put(&mut list, 2, self.string(text));
        }
        let mut bytes = Vec::new();
        put(&mut bytes, 2, ready.flags.into());
        for text in fixed {
            put(&mut bytes, 2, self.string(text));
        }
        put(&mut bytes, 2, self.arguments.place(list));
        self.operations.place(bytes)
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

/// The `width` low bytes of a number.
fn put(out: &mut Vec<u8>, width: usize, number: u32) {
    out.extend(number.to_le_bytes().into_iter().take(width));
}

/// Numbers of packs are far below 4 GiB; what does not fit its field is refused at the end.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
