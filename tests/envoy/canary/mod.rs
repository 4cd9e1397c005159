//! Canaries: a secret in every place a request can carry one, in every format, through the filter in a real Envoy and the
//! real approval service, and found nowhere but at the upstream.
//!
//! What is looked at: the answers of the approver API, every page of the inbox, every byte of the service's state (tasks,
//! votes, audit log), everything Envoy prints (the filter's log with its audit records, the access log) with the filter's
//! own component at `trace`, Envoy's stats and configuration dump, everything the service prints at `trace`, and each
//! answer to an agent. Looked for: each secret as it is and in the forms [`finder::Finder`] knows.
//!
//! What is not: a host name is where a request goes, and a reviewer must see it, so none is planted there; the id of a
//! JSON-RPC call is handed back to the agent it came from, as its protocol demands; and Envoy's own components print
//! headers and paths at `debug`, which nothing of ours can keep them from.

mod finder;
mod planted;

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::{Agent, Exchange};
use countersign_tests::envoy::Envoy;
use countersign_tests::message::Answer;
use countersign_tests::service::{Reviewer, Service};
use countersign_tests::setting::{envoy_of, host, policy};
use countersign_tests::upstream::Upstream;
use countersign_tests::within;
use serde_json::json;

use finder::Finder;
use planted::{HARMLESS, NAMED, Planted, SHAPED, everywhere, malformed};

const PATIENCE: Duration = Duration::from_secs(40);

/// Places whose secret no finder sees at the upstream: it is packed there, wrapped twice, or meant for the filter only.
const UNSEEN: [&str; 3] = ["gzip", "base64 in base64", "justification"];

/// Somewhere a secret could have come out, and what is written there.
struct Surface {
    name: String,
    bytes: Vec<u8>,
}

struct Real {
    envoy: Envoy,
    service: Service,
    upstream: Upstream,
    bob: Reviewer,
    /// What agents were told so far.
    told: Vec<Surface>,
}

/// A request on its way, with the name of its place and of its host.
struct Sent {
    place: &'static str,
    host: String,
    exchange: Exchange,
}

impl Real {
    fn start() -> Result<Self> {
        let (service, upstream) = (Service::logging("trace")?, Upstream::start()?);
        let mut policy = policy("25s");
        let short = json!({"name": "short", "match": {"host": "*.short.test"}, "effect": "hold", "hold": "1s",
            "expiry": "2s"});
        policy["rules"].as_array_mut().context("no rules")?.push(short);
        let envoy = Envoy::start(envoy_of(&service, &upstream, &policy)?)?;
        envoy.admin("POST", "/logging?wasm=trace")?;
        let bob = service.reviewer("bob")?;
        Ok(Self { envoy, service, upstream, bob, told: Vec::new() })
    }

    /// Sends every one of them to a host of its own under `suffix`.
    fn send(&self, all: Vec<Planted>, suffix: &str) -> Result<Vec<Sent>> {
        let one = |Planted { place, mut request }: Planted| {
            request.authority = host(suffix);
            let host = request.authority.clone();
            let agent = Agent::new(self.envoy.address());
            let grpc = request.headers.get("content-type") == Some("application/grpc");
            let exchange = if grpc { agent.http2(&request)? } else { agent.http1(&request)? };
            Ok(Sent { place, host, exchange })
        };
        all.into_iter().map(one).collect()
    }

    /// Decides so on everything that waits until every one of `sent` has its answer. Each page is read before its decision.
    fn decide(&mut self, sent: Vec<Sent>, decision: &str) -> Result<Vec<(&'static str, String, Answer)>> {
        within(PATIENCE, "every request to be decided", || {
            for waiting in self.bob.waiting().ok()? {
                let shown = self.bob.request(waiting["id"].as_str()?).ok()?;
                self.bob.decide(&shown, decision, "as agreed").ok()?;
            }
            thread::sleep(Duration::from_millis(50));
            sent.iter().all(|one| !one.exchange.is_waiting()).then_some(())
        })?;
        self.answers(sent, decision)
    }

    /// Their answers, which are kept to be looked at.
    fn answers(&mut self, sent: Vec<Sent>, fate: &str) -> Result<Vec<(&'static str, String, Answer)>> {
        let mut all = Vec::new();
        for Sent { place, host, exchange } in sent {
            let answer = exchange.answer().with_context(|| format!("{place} ({fate})"))?;
            let told = format!("{} {:?} {:?}\n", answer.status, answer.headers, answer.trailers);
            let bytes = [told.as_bytes(), &answer.body].concat();
            self.told.push(Surface { name: format!("the answer to `{place}` ({fate})"), bytes });
            all.push((place, host, answer));
        }
        Ok(all)
    }

    /// What the reviewer is shown, page by page.
    fn shown(&self) -> Result<Vec<Surface>> {
        let mut pages = Vec::new();
        let mut read = |target: String| -> Result<Answer> {
            let answer = self.bob.read(&target)?;
            ensure!(answer.status == 200, "{target}: {} {}", answer.status, answer.text());
            pages.push(Surface { name: target, bytes: answer.body.clone() });
            Ok(answer)
        };
        for tab in ["/inbox", "/inbox/mine", "/inbox/decided", "/inbox/rows/waiting", "/inbox/rows/decided"] {
            read(tab.to_owned())?;
        }
        let mut ids = Vec::new();
        for status in ["pending", "decided", "all&limit=1000"] {
            let list = self.bob.read(&format!("/approver/v1/requests?status={status}"))?.json()?;
            let list = list.as_array().or_else(|| list["requests"].as_array()).cloned().unwrap_or_default();
            ids.extend(list.iter().filter_map(|one| Some(one["id"].as_str()?.to_owned())));
        }
        ids.sort();
        ids.dedup();
        ensure!(ids.len() > 20, "{} requests are listed", ids.len());
        for id in ids {
            read(format!("/approver/v1/requests/{id}"))?;
            read(format!("/r/{id}"))?;
        }
        Ok(pages)
    }

    /// Everything that anybody could read, but for what reached the upstream.
    fn surfaces(&self) -> Result<Vec<Surface>> {
        let mut all = Vec::new();
        for (name, bytes) in self.service.state()? {
            all.push(Surface { name: format!("the service's file {name}"), bytes });
        }
        for target in
            ["/stats", "/stats/prometheus", "/config_dump", "/clusters", "/listeners", "/server_info"]
        {
            let bytes = self.envoy.admin("GET", target)?.into_bytes();
            all.push(Surface { name: format!("Envoy's {target}"), bytes });
        }
        let lines = |name: &str, lines: Vec<String>| {
            lines
                .into_iter()
                .map(|line| Surface { name: name.to_owned(), bytes: line.into_bytes() })
                .collect::<Vec<_>>()
        };
        all.extend(lines("Envoy's output", self.envoy.lines()));
        all.extend(lines("the service's output", self.service.lines()));
        Ok(all)
    }
}

/// Every place where `finder` finds something, as sentences.
fn leaks(finder: &Finder, what: &str, surfaces: &[Surface]) -> Vec<String> {
    let of = |surface: &Surface| {
        let found = finder.find(&surface.bytes);
        found.into_iter().map(|found| format!("{what} in {}, {found}", surface.name)).collect::<Vec<_>>()
    };
    surfaces.iter().flat_map(of).collect()
}

fn nothing(surfaces: &[Surface]) -> Result<()> {
    let mut found = leaks(&Finder::new(SHAPED), "a secret by its shape", surfaces);
    found.extend(leaks(&Finder::new(NAMED), "a secret by its name", surfaces));
    ensure!(found.is_empty(), "{} times something came out:\n{}", found.len(), found.join("\n"));
    Ok(())
}

/// The one test: its parts share a service, whose every byte is read at the end.
#[test]
fn a_secret_in_any_place_and_format_is_found_nowhere_but_at_the_upstream() -> Result<()> {
    let mut real = Real::start()?;

    // Approved: everything arrives with its secret, so that each was truly there, and the finder sees it.
    let sent = real.send(everywhere(), "held.test")?;
    let mut shown = within(PATIENCE, "all requests in the inbox", || {
        (real.bob.waiting().ok()?.len() + 12 >= sent.len()).then_some(())
    })
    .and_then(|()| real.shown())?;
    let (secret, named) = (Finder::new(SHAPED), Finder::new(NAMED));
    let mut arrived = 0;
    for (place, host, answer) in real.decide(sent, "approve")? {
        if answer.status != 200 {
            continue;
        }
        arrived += 1;
        let came = real.upstream.only(&host)?;
        let head = format!("{} {:?}", came.target, came.headers);
        let bytes = [head.as_bytes(), &came.body].concat();
        let there = !secret.find(&bytes).is_empty() || !named.find(&bytes).is_empty();
        ensure!(there || UNSEEN.contains(&place), "`{place}` carried no secret that the finder sees: {head}");
    }
    ensure!(arrived > 60, "{arrived} requests arrived");

    let sent = real.send(everywhere(), "held.test")?;
    real.decide(sent, "deny")?;
    let sent = real.send(everywhere(), "short.test")?;
    real.answers(sent, "nobody decides")?;
    let sent = real.send(everywhere(), "denied.test")?;
    real.answers(sent, "the policy denies")?;
    let sent = real.send(everywhere(), "open.test")?;
    real.answers(sent, "the policy allows")?;
    let sent = real.send(malformed(), "held.test")?;
    real.decide(sent, "deny")?;
    // What is asked again once it has expired.
    let sent = real.send(everywhere(), "short.test")?;
    real.answers(sent, "expired")?;

    shown.extend(real.shown()?);
    let control = leaks(&Finder::new(HARMLESS), "a word", &shown);
    ensure!(control.len() > 60, "the finder sees what is shown only {} times", control.len());

    // The service is gone.
    let state = real.surfaces()?;
    real.service.process().kill();
    let sent = real.send(everywhere(), "held.test")?;
    real.answers(sent, "no service")?;
    let after = real.surfaces()?;

    let in_files = state.iter().filter(|surface| surface.name.contains("file")).count();
    ensure!(in_files > 0, "the service left no file");
    let word = leaks(&Finder::new(HARMLESS), "a word", &state);
    ensure!(word.iter().any(|found| found.contains("the service's file")), "the word is in no file");
    let (records, traced) = (real.envoy.records().len(), real.envoy.lines().len());
    ensure!(records > 100 && traced > records, "{records} records among {traced} lines of Envoy's");
    let debugged =
        real.service.lines().iter().filter(|line| line.contains("DEBUG") || line.contains("TRACE")).count();
    ensure!(debugged > 0, "the service says nothing below `info`");
    let mut told = std::mem::take(&mut real.told);
    told.extend(shown.into_iter().chain(state).chain(after));
    nothing(&told)
}
