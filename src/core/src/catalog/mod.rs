//! Catalogs: tables that say what the operations of known services do.
//!
//! A catalog is data. `cargo xtask catalog` builds ours from pinned public descriptions and packs them ([`pack`]); an
//! operator adds more in the same format ([`ServiceDoc`]). A lookup allocates only for path parameters. What a catalog
//! says of an operation decides its class, also where that is milder than its HTTP method: only a host chooses a catalog,
//! or a path so distinctive that it means one service anywhere, never a header of the agent.
//!
//! It cannot know whether a host really is what its name says; that is the business of routing and TLS.

mod document;
mod packs;
mod press;
mod table;
mod write;

pub use document::{CatalogError, OperationDoc, ServiceDoc};
pub use packs::{NAMES, UnknownPack};
pub use press::pressed;
pub use table::Operation;
use write::ANYWHERE;
pub use write::pack;

use std::{
    hash::BuildHasher,
    sync::{Arc, OnceLock},
};

use hashbrown::{DefaultHashBuilder, HashTable};
use serde::{Deserialize, Serialize};

use document::Methods;
use packs::Named;
use table::Pack;

/// The kind of access, in the words of the source: AWS access levels have all five, others read and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Reads content.
    Read,
    /// Lists what there is.
    List,
    /// Changes something.
    Write,
    /// Changes labels only.
    Tagging,
    /// Changes who may do what.
    Permissions,
}

impl Access {
    const ALL: [Self; 5] = [Self::Read, Self::List, Self::Write, Self::Tagging, Self::Permissions];
}

/// Where the judgement about an operation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The provider's access level of the operation.
    AccessLevel,
    /// The permission that the provider demands for it.
    Permission,
    /// The token scope that the provider demands for it.
    Scope,
    /// Its HTTP method in the provider's description.
    Verb,
    /// Its name in the provider's description.
    Name,
    /// Somebody who read the provider's documentation.
    Curated,
    /// The grammar of the protocol.
    Grammar,
    /// The HTTP method and the words of path and names: nothing better was known.
    Words,
}

impl Basis {
    /// The word in documents and tasks.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessLevel => "access_level",
            Self::Permission => "permission",
            Self::Scope => "scope",
            Self::Verb => "verb",
            Self::Name => "name",
            Self::Curated => "curated",
            Self::Grammar => "grammar",
            Self::Words => "words",
        }
    }

    const ALL: [Self; 8] = [
        Self::AccessLevel,
        Self::Permission,
        Self::Scope,
        Self::Verb,
        Self::Name,
        Self::Curated,
        Self::Grammar,
        Self::Words,
    ];
}

/// Every catalog in force.
///
/// The packs are read when the first call is looked up: Envoy configures more instances of a module than it has workers,
/// and those that see no call need no catalog.
#[derive(Clone)]
pub struct Catalog(Arc<Chosen>);

struct Chosen {
    /// An operator's own services.
    own: Option<Arc<Pack>>,
    ours: Vec<Named>,
    read: OnceLock<Packs>,
}

/// Packs that are read, and where each host stands in them.
struct Packs {
    all: Vec<Arc<Pack>>,
    /// Where the operations stand that mean one service on any host.
    anywhere: Vec<Place>,
    hosts: HashTable<Place>,
    hasher: DefaultHashBuilder,
}

/// A host's entry in a pack.
#[derive(Clone, Copy)]
struct Place {
    pack: u16,
    host: u16,
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Catalog({} packs)", self.0.ours.len() + usize::from(self.0.own.is_some()))
    }
}

impl Default for Catalog {
    /// All that comes with the filter.
    fn default() -> Self {
        static ALL: OnceLock<Catalog> = OnceLock::new();
        ALL.get_or_init(|| Self::of(None, packs::all().collect())).clone()
    }
}

/// Which catalogs are in force.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogDoc {
    /// The packs that come with the filter; all of them where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packs: Option<Vec<String>>,
    /// An operator's own services; they go before ours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceDoc>,
}

impl Catalog {
    /// The catalogs that a document names.
    ///
    /// # Errors
    /// A sentence about a pack nobody knows, or about an operator's own service.
    pub fn new(document: &CatalogDoc) -> Result<Self, CatalogError> {
        let own = match document.services.as_slice() {
            [] => None,
            services => Pack::read(pack(services)?).map(Arc::new),
        };
        let ours = match &document.packs {
            None => packs::all().collect(),
            Some(names) => {
                let find = |name: &String| {
                    packs::named(name).map_err(|unknown| CatalogError {
                        service: name.clone(),
                        sentence: unknown.to_string(),
                    })
                };
                names.iter().map(find).collect::<Result<_, _>>()?
            }
        };
        Ok(Self::of(own, ours))
    }

    fn of(own: Option<Arc<Pack>>, ours: Vec<Named>) -> Self {
        Self(Arc::new(Chosen { own, ours, read: OnceLock::new() }))
    }

    fn packs(&self) -> &Packs {
        self.0.read.get_or_init(|| {
            let ours = self.0.ours.iter().filter_map(|named| named.read());
            Packs::of(self.0.own.iter().cloned().chain(ours).collect())
        })
    }

    /// Whether any service is known to be reached at this host.
    pub(crate) fn knows(&self, host: &str) -> bool {
        keys(host).any(|key| self.places(key).next().is_some())
    }

    /// The operation that a request to a known host means: the most particular host first, an operator's own before
    /// ours. `key` is a host, or `aws:` and an endpoint prefix.
    pub(crate) fn by_path<'c, 'p>(
        &'c self,
        key: &str,
        method: &str,
        segments: &[&'p str],
        query: &str,
    ) -> Option<Operation<'c, 'p>> {
        let methods = Methods::of(method);
        keys(key).find_map(|key| {
            self.places(key).find_map(|(pack, host)| pack.by_path(host, methods, segments, query))
        })
    }

    /// The operation of a service that is known by its name alone.
    pub(crate) fn by_name<'c>(&'c self, key: &str, name: &str) -> Option<Operation<'c, 'static>> {
        keys(key).find_map(|key| self.places(key).find_map(|(pack, host)| pack.by_name(host, name)))
    }

    /// The operation that a path means on a host that no catalog knows.
    pub(crate) fn anywhere<'c, 'p>(
        &'c self,
        method: &str,
        segments: &[&'p str],
        query: &str,
    ) -> Option<Operation<'c, 'p>> {
        let methods = Methods::of(method);
        self.packs().anywhere().find_map(|(pack, host)| pack.by_path(host, methods, segments, query))
    }

    /// The same for a name alone, such as a gRPC method.
    pub(crate) fn anywhere_by_name<'c>(&'c self, name: &str) -> Option<Operation<'c, 'static>> {
        self.packs().anywhere().find_map(|(pack, host)| pack.by_name(host, name))
    }

    fn places<'c>(&'c self, key: &str) -> impl Iterator<Item = (&'c Pack, u16)> {
        self.packs().places(key)
    }
}

impl Packs {
    fn of(packs: Vec<Arc<Pack>>) -> Self {
        let hasher = DefaultHashBuilder::default();
        let (mut hosts, mut anywhere) = (HashTable::new(), Vec::new());
        for (number, pack) in packs.iter().enumerate() {
            for host in 0..pack.hosts() {
                let (Ok(number), Some(name)) = (u16::try_from(number), pack.host(host)) else { continue };
                let place = Place { pack: number, host };
                if name == ANYWHERE {
                    anywhere.push(place);
                    continue;
                }
                hosts.insert_unique(hasher.hash_one(name), place, |place| {
                    let name = packs.get(usize::from(place.pack)).and_then(|pack| pack.host(place.host));
                    hasher.hash_one(name.unwrap_or_default())
                });
            }
        }
        Self { all: packs, anywhere, hosts, hasher }
    }

    fn anywhere(&self) -> impl Iterator<Item = (&Pack, u16)> {
        self.anywhere
            .iter()
            .filter_map(|place| Some((self.all.get(usize::from(place.pack))?.as_ref(), place.host)))
    }

    /// Where a key is entered, an operator's own pack before ours.
    fn places<'c>(&'c self, key: &str) -> impl Iterator<Item = (&'c Pack, u16)> {
        let mut found: [Option<Place>; MOST_PACKS] = [None; MOST_PACKS];
        let pack = |place: &Place| self.all.get(usize::from(place.pack)).map(AsRef::as_ref);
        let known = |place: &&Place| pack(place).and_then(|pack| pack.host(place.host)) == Some(key);
        let entered = self.hosts.iter_hash(self.hasher.hash_one(key)).filter(known);
        for place in entered {
            let mut next = Some(*place);
            for slot in &mut found {
                if slot.is_none_or(|slot| next.is_some_and(|next| next.pack < slot.pack)) {
                    std::mem::swap(slot, &mut next);
                }
            }
        }
        found.into_iter().flatten().filter_map(move |place| Some((pack(&place)?, place.host)))
    }
}

/// How many packs can know the same host.
const MOST_PACKS: usize = 4;

/// The keys under which a host may be entered: itself, then each of its suffixes that is more than one label, with the
/// dot before it, which is how `*.suffix` is entered.
fn keys(host: &str) -> impl Iterator<Item = &str> {
    let dots = host.bytes().enumerate().filter(|(_, byte)| *byte == b'.').map(|(place, _)| place);
    let suffix =
        |dot: usize| host.get(dot..).filter(|suffix| suffix.get(1..).is_some_and(|rest| rest.contains('.')));
    std::iter::once(host).chain(dots.filter_map(suffix))
}

/// How a host of a document is entered.
fn key_of(host: &str) -> &str {
    host.strip_prefix('*').unwrap_or(host)
}

#[cfg(test)]
mod tests;
