//! `cargo xtask catalog`: builds the packed catalogs of operations from pinned public packages and from the documents
//! written by hand beside them, the same bytes each time.
//!
//! A pack is what a builder of this folder makes of its packages, and what `src/core/catalogs/<pack>.yaml` says, which
//! counts where both name an operation. `MANIFEST.json` says what each pack was made of.

mod aws;
mod doc;
mod fetch;

use std::{collections::BTreeSet, fs, path::PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use self::{
    doc::ServiceDoc,
    fetch::{Archive, Package, hexadecimal},
};
use crate::place;

/// Which packs, and what to do with them.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The packs to build; all where none is named
    packs: Vec<String>,
    /// Write nothing: fail where a pack is not what its sources make of it
    #[arg(long)]
    check: bool,
    /// Print the documents as YAML, and write nothing
    #[arg(long)]
    dump: bool,
}

/// A pack that is built from public packages.
struct Builder {
    /// The name of the pack.
    pack: &'static str,
    /// What it is made of.
    packages: &'static [Package],
    /// The files needed of each package.
    wanted: fn(&str) -> bool,
    /// Makes the documents; the archives are in the order of `packages`.
    build: fn(&[Archive]) -> Result<Vec<ServiceDoc>>,
}

/// Every builder. A pack that only `catalogs/*.yaml` says needs none.
const BUILDERS: &[Builder] = &[aws::BUILDER];

/// Builds the packs.
pub(crate) fn run(options: &Options) -> Result<()> {
    let known = names()?;
    if let Some(unknown) = options.packs.iter().find(|name| !known.contains(*name)) {
        bail!("there is no pack `{unknown}`; there are {known:?}");
    }
    let file = folder().join("MANIFEST.json");
    let mut manifest: Value =
        fs::read(&file).ok().and_then(|m| serde_json::from_slice(&m).ok()).unwrap_or(json!({}));
    for name in known.iter().filter(|name| options.packs.is_empty() || options.packs.contains(name)) {
        let builder = BUILDERS.iter().find(|builder| builder.pack == name.as_str());
        let docs = documents(name, builder).with_context(|| format!("pack `{name}`"))?;
        if options.dump {
            println!("{}", serde_saphyr::to_string(&docs)?);
            continue;
        }
        let packed = doc::pack(&docs);
        let operations: usize = docs.iter().map(|doc| doc.operations.len()).sum();
        let plain = serde_json::to_vec(&docs)?.len();
        println!(
            "{name:14} {:5} services {operations:6} operations {plain:8} bytes, {:8} packed",
            docs.len(),
            packed.len()
        );
        let entry = json!({
            "services": docs.len(),
            "operations": operations,
            "bytes": packed.len(),
            "sha256": hexadecimal(&packed),
            "packages": builder.map_or(&[][..], |builder| builder.packages).iter().map(stated).collect::<Vec<_>>(),
        });
        let pack = folder().join(format!("{name}.pack"));
        if options.check {
            if fs::read(&pack).ok().as_deref() != Some(&packed[..]) || manifest[name.as_str()] != entry {
                bail!(
                    "{} is not what its sources make of it: run `cargo xtask catalog {name}`",
                    pack.display()
                );
            }
            continue;
        }
        fs::create_dir_all(folder())?;
        fs::write(&pack, &packed).with_context(|| format!("cannot write {}", pack.display()))?;
        manifest[name.as_str()] = entry;
        fs::write(&file, format!("{manifest:#}\n"))?;
    }
    Ok(())
}

fn folder() -> PathBuf {
    place::root().join("src/core/catalogs")
}

/// The names of all packs, in order.
fn names() -> Result<BTreeSet<String>> {
    let mut names: BTreeSet<String> = BUILDERS.iter().map(|builder| builder.pack.to_owned()).collect();
    for entry in fs::read_dir(folder()).into_iter().flatten() {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "yaml") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    Ok(names)
}

/// What the builder makes and what is written by hand.
fn documents(name: &str, builder: Option<&Builder>) -> Result<Vec<ServiceDoc>> {
    let mut docs = match builder {
        Some(builder) => {
            let archives: Result<Vec<Archive>> =
                builder.packages.iter().map(|package| Archive::open(package, builder.wanted)).collect();
            (builder.build)(&archives?)?
        }
        None => Vec::new(),
    };
    let file = folder().join(format!("{name}.yaml"));
    if file.is_file() {
        let text = fs::read_to_string(&file)?;
        let written: Vec<ServiceDoc> =
            serde_saphyr::from_str(&text).with_context(|| format!("{}", file.display()))?;
        for doc in written {
            merge(&mut docs, doc);
        }
    }
    docs.sort_by(|a, b| a.service.cmp(&b.service));
    Ok(docs)
}

/// Adds a document; its operations replace those of the same service with the same `on`.
fn merge(docs: &mut Vec<ServiceDoc>, doc: ServiceDoc) {
    let Some(known) = docs.iter_mut().find(|known| known.service == doc.service) else {
        docs.push(doc);
        return;
    };
    known.operations.retain(|old| doc.operations.iter().all(|new| new.on != old.on));
    known.operations.extend(doc.operations);
    known.hosts.extend(doc.hosts);
    known.hosts.sort();
    known.hosts.dedup();
    known.anywhere |= doc.anywhere;
}

fn stated(package: &Package) -> Value {
    json!({
        "registry": package.registry.as_str(),
        "name": package.name,
        "version": package.version,
        "licence": package.licence,
        "sha256": package.sha256,
    })
}
