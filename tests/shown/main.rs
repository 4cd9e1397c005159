//! The reviewer still understands: what is shown of twenty realistic privileged requests, in golden files to be read by
//! eye.
//!
//! `requests/*.http` is a request as people write one, with two lists in front: words that must survive masking, and values
//! that must not. The `.txt` beside it is what a reviewer gets of it. `UPDATE_GOLDEN=1 cargo test -p countersign-tests
//! --test shown` writes those anew; read the difference before you commit it.
//!
//! Values in `«»` stand for secrets of a vendor's shape and are put in when the test runs, so that no scanner takes these
//! files for a leak.

#![expect(clippy::indexing_slicing, reason = "JSON is read by name, which gives null where there is nothing")]

mod request;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context as _, Result, bail, ensure};
use countersign_core::ask::{Ask, Case, Surroundings};
use countersign_core::call::{Body, Call, Destinations, HeaderMap, Scheme};
use countersign_core::config::Config;
use countersign_core::entropy::Entropy;
use countersign_core::now::Now;
use countersign_core::policy::Judgement;
use countersign_core::requester::Facts;
use countersign_mask::Raw;
use countersign_tests::backend::{AUTHORITY, ISSUER};
use countersign_wire::names::MAX_EXCERPT;
use serde_json::{Value, json};

use request::Request;

struct Nothing;

impl Facts for Nothing {
    fn property(&self, _path: &[&str]) -> Option<Vec<u8>> {
        None
    }
    fn environment(&self, _name: &str) -> Option<String> {
        None
    }
}

/// A filter that holds everything.
fn config() -> Result<Rc<Config>> {
    let jwk = countersign_wire::jws::Issuer::from_seed(&[7; 32]).jwk();
    let document = json!({
        "client_id": "urn:countersign:pep:test",
        "approval": {"cluster": "approvals", "authority": AUTHORITY, "issuer": ISSUER, "jwks": {"keys": [jwk]}},
        "signing_key": {"keyid": "pep", "env": "SIGNING"},
        "binding_key": {"kid": "bk1", "env": "BINDING"},
        "policy": {
            "apiVersion": "countersign.dev/v1", "name": "shown",
            "requester": {"sources": [{"static": {"id": "spiffe://test/sa/bot"}}]},
            "groups": {"security": {}},
            "catalog": {"packs": ["aws", "google", "azure", "vendors", "tools"]},
            "defaults": {"reviewers": {"groups": ["security"], "quorum": 2}},
            "rules": [{"name": "everything", "match": {"host": "**"}, "effect": "hold"}],
        },
    });
    Ok(Config::load(document.to_string().as_bytes(), &|name| {
        Some(if name == "SIGNING" { "5a" } else { "a5" }.repeat(32))
    })?)
}

/// What becomes of a request: the page that a reviewer gets, and what our types say of themselves on the way there.
struct Told {
    page: String,
    debug: String,
}

/// Composes what is asked for a request.
fn told(config: &Config, request: &Request) -> Result<Told> {
    let own = [(":method", &request.method), (":authority", &request.authority), (":path", &request.target)];
    let own = own.iter().map(|(name, value)| (*name, value.as_str()));
    let all = own.chain(request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let none: [&str; 0] = [];
    let call = Call::read(HeaderMap::from_pairs(all), &Destinations::new(Scheme::Https, none)?)?;
    let body = request.body.as_bytes();
    let mut requester = || config.policy.sources().resolve(&Nothing);
    let held = match config.policy.judge(&call, Body::Read(body), &mut requester) {
        Judgement::Hold(held) => held,
        other @ (Judgement::Pass(_) | Judgement::Deny(_) | Judgement::NeedsBody) => {
            bail!("not held: {other:?}")
        }
    };
    let requester = requester().map_err(|fault| anyhow::anyhow!("{fault:?}"))?;
    let case = Case { call: &call, body, held: &held, requester: &requester, told: None };
    let now = Now { mono_ms: 0, unix_ms: 1_793_528_100_000 };
    let around =
        Surroundings { justification: Some(request.body.chars().take(900).collect()), ..Default::default() };
    let mut debug = format!("{call:?} {:?} {case:?} {around:?}", Body::Read(body));
    write!(debug, "{:?}", config.policy.explain(&call, Body::Read(body), &mut || Ok(requester.clone())))?;
    let ask = Ask::compose(case, around, config, &mut Entropy::new([7; 32]), now)?;
    let media_type = call.headers().text("content-type");
    let masked = config.policy.masker(&held.terms).payload(media_type, None, body, MAX_EXCERPT);
    write!(debug, "{ask:?} {masked:?} {:?}", Raw::new(request.body.clone().into_bytes()))?;
    Ok(Told { page: page(&serde_json::to_value(&ask.submission)?, &masked)?, debug })
}

fn page(submission: &Value, body: &countersign_mask::Shown) -> Result<String> {
    let (action, v1) = (&submission["action"], &submission["context"]["urn:countersign:v1"]);
    let (properties, destination, payload) = (&action["properties"], &v1["destination"], &v1["payload"]);
    ensure!(payload.is_object(), "the submission has no payload: {submission}");
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut page = String::new();
    writeln!(
        page,
        "action       {} ({} {})",
        word(&action["name"]),
        word(&properties["service"]),
        word(&properties["operation"])
    )?;
    writeln!(
        page,
        "resource     {} {}",
        word(&submission["resource"]["type"]),
        word(&submission["resource"]["id"])
    )?;
    for one in v1["batch"]["members"].as_array().into_iter().flatten() {
        let (class, operation, resource) = (word(&one["class"]), word(&one["operation"]), &one["resource"]);
        let (kind, id) = (word(&resource["type"]), word(&resource["id"]));
        writeln!(page, "in it        {} x {class} ({operation}) {kind} {id}", one["count"])?;
    }
    if v1["batch"].is_object() {
        writeln!(page, "in all       {} requests", v1["batch"]["total"])?;
    }
    let scheme = word(&destination["scheme"]);
    writeln!(
        page,
        "destination  {} {scheme}://{}{}",
        word(&properties["method"]),
        word(&destination["authority"]),
        word(&destination["path"])
    )?;
    if !properties["arguments"].is_null() {
        writeln!(page, "arguments    {}", properties["arguments"])?;
    }
    let lineage = &v1["lineage"];
    for (name, side) in [("reads", &lineage["inputs"]), ("writes", &lineage["outputs"])] {
        for set in side.as_array().into_iter().flatten() {
            writeln!(page, "{name:<12} {} {}", word(&set["namespace"]), word(&set["name"]))?;
        }
    }
    let cut = if payload["truncated"] == true { ", cut" } else { "" };
    writeln!(page, "body         {}, {} bytes{cut}", word(&payload["media_type"]), payload["size"])?;
    let counts =
        body.report.proof.counts.iter().map(|(kind, count)| format!("{count} {kind:?}").to_lowercase());
    let counts: Vec<String> = counts.collect();
    writeln!(
        page,
        "in the body  {}",
        if counts.is_empty() { "nothing masked".to_owned() } else { counts.join(", ") }
    )?;
    writeln!(page, "not read     {} bytes\n", body.report.proof.not_understood)?;
    writeln!(page, "{}\n", word(&payload["masked_excerpt"]).trim_end())?;
    for masked in payload["masked"].as_array().into_iter().flatten() {
        writeln!(page, "masked       {} by {}", word(&masked["path"]), word(&masked["detector"]))?;
    }
    Ok(page)
}

fn requests() -> Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shown/requests");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "http"));
    files.sort();
    Ok(files)
}

#[test]
fn a_reviewer_sees_what_a_request_does_and_no_secret_of_it_nor_does_a_debug_print() -> Result<()> {
    let config = config()?;
    let mut faults = Vec::new();
    let files = requests()?;
    ensure!(files.len() >= 20, "there are {} requests", files.len());
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let request = Request::parse(&fs::read_to_string(&file)?).with_context(|| name.clone())?;
        let Told { page, debug } = told(&config, &request).with_context(|| name.clone())?;
        let golden = file.with_extension("txt");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &page)?;
        }
        for word in request.keeps.iter().filter(|word| !page.contains(word.as_str())) {
            faults.push(format!("{name}: the reviewer does not see `{word}`"));
        }
        for value in request.hides.iter().filter(|value| page.contains(value.as_str())) {
            faults.push(format!("{name}: the reviewer sees `{value}`"));
        }
        for value in request.hides.iter().filter(|value| debug.contains(value.as_str())) {
            faults.push(format!("{name}: `{value}` is in what `Debug` prints"));
        }
        let there = |value: &&String| {
            !request.body.contains(value.as_str()) && !request.head().contains(value.as_str())
        };
        for value in request.hides.iter().filter(there) {
            faults.push(format!("{name}: `{value}` is not in the request"));
        }
        if fs::read_to_string(&golden).unwrap_or_default() != page {
            faults.push(format!(
                "{name}: shown otherwise than `{}`, run with UPDATE_GOLDEN=1:\n{page}",
                golden.display()
            ));
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}
