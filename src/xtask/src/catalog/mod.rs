//! `cargo xtask catalog`: builds the packed catalogs of operations from pinned public packages and from the documents
//! written by hand beside them, the same bytes each time.
//!
//! A pack is what the builders of this folder make of their packages, and what `src/core/catalogs/<pack>.yaml` and
//! `src/core/catalogs/<pack>/*.yaml` say: each file one service or a list of them. Where both have an operation with the
//! same `on` at the same service, what is written by hand counts. `MANIFEST.json` says what each pack was made of.

mod aws;
pub(crate) mod fetch;
mod google;
mod grammar;
mod judge;
mod openapi;
mod packs;
mod prune;
mod python;
mod rest;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};
use countersign_core::catalog::{NAMES, ServiceDoc, pack, pressed};
use lzma_rust2::{LzmaOptions, LzmaWriter, Write};
use serde_json::{Value, json};

use self::fetch::{Archive, Package, hexadecimal};
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

/// A part of a pack that is built from public packages.
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

/// Every builder. A pack that is only written by hand needs none.
const BUILDERS: &[Builder] = &[aws::BUILDER, google::BUILDER, packs::BUILDER];

/// Builds the packs.
pub(crate) fn run(options: &Options) -> Result<()> {
    if let Some(unknown) = options.packs.iter().find(|name| !NAMES.contains(&name.as_str())) {
        bail!("there is no pack `{unknown}`; there are {}", NAMES.join(", "));
    }
    let file = folder().join("MANIFEST.json");
    let known = fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let mut manifest: Value = known.unwrap_or_else(|| json!({}));
    for name in NAMES {
        if !options.packs.is_empty() && !options.packs.iter().any(|wanted| wanted == name) {
            continue;
        }
        let docs = documents(name).with_context(|| format!("pack `{name}`"))?;
        if options.dump {
            println!("{}", serde_saphyr::to_string(&docs)?);
            continue;
        }
        let described: usize = docs.iter().map(|doc| doc.operations.len()).sum();
        // What people wrote, they wrote for a reason; the other builders leave out what grammar says as they go.
        let docs = if name == "aws" { prune::pruned(&docs)? } else { docs };
        let plain = pack(&docs)?;
        let packed = compressed(&pressed(&plain).context("what was packed is no pack")?)?;
        let operations: usize = docs.iter().map(|doc| doc.operations.len()).sum();
        println!(
            "{name:8} {:4} services {operations:6} operations {:8} bytes, {:8} packed",
            docs.len(),
            plain.len(),
            packed.len()
        );
        let packages = BUILDERS.iter().filter(|builder| builder.pack == name).flat_map(|b| b.packages);
        let entry = json!({
            "services": docs.len(),
            "described": described,
            "operations": operations,
            "bytes": plain.len(),
            "packed": packed.len(),
            "sha256": hexadecimal(&packed),
            "packages": packages.map(stated).collect::<Vec<_>>(),
        });
        let file_of_pack = folder().join(format!("{name}.pack"));
        if options.check {
            if fs::read(&file_of_pack).ok().as_ref() != Some(&packed) || manifest[name] != entry {
                bail!(
                    "{} is not what its sources make of it: run `cargo xtask catalog {name}`",
                    file_of_pack.display()
                );
            }
            continue;
        }
        fs::write(&file_of_pack, &packed)
            .with_context(|| format!("cannot write {}", file_of_pack.display()))?;
        manifest[name] = entry;
        fs::write(&file, format!("{manifest:#}\n"))?;
    }
    Ok(())
}

/// LZMA, with the header of `.lzma` files.
fn compressed(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut options = LzmaOptions::with_preset(9);
    // The dictionary is memory of every worker while it reads the pack: as large as the pack, and no larger.
    let dictionary = u32::try_from(bytes.len().next_power_of_two())?.clamp(1 << 12, 1 << 19);
    (options.lc, options.lp, options.pb, options.dict_size) = (3, 0, 0, dictionary);
    let size = u64::try_from(bytes.len())?;
    let failed = |fault| anyhow!("LZMA failed: {fault:?}");
    let mut writer = LzmaWriter::new_use_header(Vec::new(), &options, Some(size)).map_err(failed)?;
    writer.write_all(bytes).map_err(failed)?;
    writer.finish().map_err(failed)
}

fn folder() -> PathBuf {
    place::root().join("src/core/catalogs")
}

/// What the builders make and what is written by hand, in the order of their services.
fn documents(name: &str) -> Result<Vec<ServiceDoc>> {
    let mut docs = Vec::new();
    for builder in BUILDERS.iter().filter(|builder| builder.pack == name) {
        let archives: Result<Vec<Archive>> =
            builder.packages.iter().map(|package| Archive::open(package, builder.wanted)).collect();
        docs.extend((builder.build)(&archives?)?);
    }
    for file in written(name)? {
        let text = fs::read_to_string(&file)?;
        for doc in services(&text).with_context(|| format!("{}", file.display()))? {
            merge(&mut docs, doc);
        }
    }
    docs.sort_by(|a, b| a.service.cmp(&b.service));
    Ok(docs)
}

/// The files written by hand for a pack, in order.
fn written(name: &str) -> Result<Vec<PathBuf>> {
    let is_yaml = |path: &Path| path.extension().is_some_and(|end| end == "yaml");
    let mut files = vec![folder().join(format!("{name}.yaml"))];
    if let Ok(entries) = fs::read_dir(folder().join(name)) {
        for entry in entries {
            files.push(entry?.path());
        }
    }
    files.retain(|file| is_yaml(file) && file.is_file());
    files.sort();
    Ok(files)
}

/// The services of a file written by hand: one, or a list.
fn services(text: &str) -> Result<Vec<ServiceDoc>> {
    Ok(match serde_saphyr::from_str(text)? {
        Value::Array(services) => {
            services.into_iter().map(serde_json::from_value).collect::<Result<_, _>>()?
        }
        service => vec![serde_json::from_value(service)?],
    })
}

/// Adds a document written by hand; where the same service at the same host has an operation with the same `on`, it goes.
fn merge(docs: &mut Vec<ServiceDoc>, doc: ServiceDoc) {
    let same = |known: &ServiceDoc| {
        known.service == doc.service && known.hosts.iter().any(|host| doc.hosts.contains(host))
    };
    for known in docs.iter_mut().filter(|known| same(known)) {
        known.operations.retain(|old| doc.operations.iter().all(|new| new.on != old.on));
    }
    docs.push(doc);
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
