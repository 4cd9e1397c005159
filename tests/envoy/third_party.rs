//! The integrations that somebody else would write, as they stand in `examples/`: their approval service behind the filter in
//! a real Envoy, and their client at the real service.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use countersign_tests::agent::{Agent, Exchange, Request};
use countersign_tests::envoy::{Envoy, EnvoyConfig};
use countersign_tests::message::Answer;
use countersign_tests::place;
use countersign_tests::process::Process;
use countersign_tests::service::Service;
use countersign_tests::setting::host;
use countersign_tests::upstream::Upstream;
use countersign_tests::{backend, within};
use serde_json::{Value, json};

use crate::shared::export;

const PATIENCE: Duration = Duration::from_secs(30);

/// Their service, our filter, and an upstream.
struct Theirs {
    envoy: Envoy,
    upstream: Upstream,
    address: std::net::SocketAddr,
    _service: Process,
    _folder: tempfile::TempDir,
}

fn python(script: &str, arguments: &[String]) -> Result<Process> {
    let path = place::root().join("examples").join(script).to_string_lossy().into_owned();
    let arguments = [&["-B".to_owned(), path], arguments].concat();
    Process::start("python3", &arguments, &[])
}

impl Theirs {
    /// Reviewers are Bob, Carol, and Alice, for whom the agent acts, by another account of hers.
    fn start(quorum: u8, hold: &str, expiry: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("countersign-").tempdir()?;
        let reviewer = |name: &str, email: &str| json!({"token": format!("{name}-token"), "iss": "https://idp.test", "sub": format!("00u-{name}"), "email": email, "groups": ["security"]});
        let configuration = json!({"listen": "127.0.0.1:0", "client_id": backend::CLIENT, "keyid": backend::KEYID,
            "pep_key": backend::PEP_KEY, "signing_seed": "42".repeat(32), "reviewers": {
                "bob": reviewer("bob", "bob@people.test"), "carol": reviewer("carol", "carol@people.test"),
                "alice": reviewer("alice", "Alice+reviews@People.test")}});
        let file = folder.path().join("backend.json");
        std::fs::write(&file, configuration.to_string())?;
        let service = python("third-party-backend/backend.py", &[file.to_string_lossy().into_owned()])?;
        let line = service.line(PATIENCE, |line| line.contains("\"ready\""))?;
        let ready: Value = serde_json::from_str(&line)?;
        let address =
            ready["url"].as_str().and_then(|url| url.strip_prefix("http://")).context("no address")?;
        let address: std::net::SocketAddr = address.parse()?;

        let mut policy = countersign_tests::setting::policy(hold);
        policy["defaults"]["expiry"] = json!(expiry);
        policy["defaults"]["reviewers"]["quorum"] = json!(quorum);
        let filter = json!({
            "client_id": ready["client_id"],
            "approval": {"cluster": "approvals", "authority": address.to_string(), "issuer": ready["issuer"], "jwks": ready["jwks"]},
            "signing_key": {"keyid": ready["keyid"], "env": "COUNTERSIGN_PEP_KEY"},
            "binding_key": {"kid": "bk1", "env": "COUNTERSIGN_BINDING_KEY"},
            "destinations": {"default_scheme": "https", "http": []},
            "policy": policy,
        });
        let upstream = Upstream::start()?;
        let config = EnvoyConfig::new(place::filter()?, upstream.address(), address)
            .workers(2)
            .variable("COUNTERSIGN_PEP_KEY", backend::PEP_KEY)
            .variable("COUNTERSIGN_BINDING_KEY", backend::BINDING_KEY)
            .filter(filter.to_string())
            .edit(over_http1);
        Ok(Self { envoy: Envoy::start(config)?, upstream, address, _service: service, _folder: folder })
    }

    fn send(&self, request: &Request) -> Result<Exchange> {
        Agent::new(self.envoy.address()).http1(request)
    }

    fn page(&self) -> Result<String> {
        Ok(Agent::new(self.address).http1(&Request::get(&self.address.to_string(), "/"))?.answer()?.text())
    }

    /// The request to `host` on the page for reviewers, as their form would send it: where to, and the digest in it.
    fn waiting(&self, host: &str) -> Result<(String, String)> {
        within(PATIENCE, "a request on the page", || {
            let page = self.page().ok()?;
            let item = page.split("<h2>").find(|item| item.contains(host))?;
            let after = |mark: &str| Some(item.split_once(mark)?.1.split_once('"')?.0.to_owned());
            Some((after("action=\"")?, after("name=\"display_digest\" value=\"")?))
        })
    }

    fn decide(&self, (target, digest): &(String, String), who: &str, decision: &str) -> Result<Answer> {
        let form = format!("token={who}-token&display_digest={digest}&decision={decision}");
        let request = Request::new("POST", &self.address.to_string(), target)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        Agent::new(self.address).http1(&request)?.answer()
    }
}

/// Python's server speaks HTTP/1.1.
fn over_http1(bootstrap: &mut Value) -> Result<()> {
    let clusters = bootstrap["static_resources"]["clusters"].as_array_mut().context("no clusters")?;
    let approvals =
        clusters.iter_mut().find(|one| one["name"] == "approvals").context("no cluster `approvals`")?;
    approvals["typed_extension_protocol_options"]["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]
        ["explicit_http_config"] = json!({"http_protocol_options": {}});
    Ok(())
}

#[test]
fn their_service_holds_an_export_until_a_reviewer_approves_and_releases_it_once() -> Result<()> {
    let theirs = Theirs::start(1, "20s", "10m")?;
    let (open, host) = (host("open.test"), host("held.test"));
    let answer = theirs.send(&Request::get(&open, "/v2/status"))?.answer()?;
    ensure!(answer.status == 200 && theirs.upstream.count(&open) == 1, "a read: {}", answer.status);

    let held = theirs.send(&export(&host))?;
    let waiting = theirs.waiting(&host)?;
    let refused = theirs.decide(&waiting, "alice", "approve")?;
    ensure!(refused.status == 403 && refused.text().contains("self-approval"), "{}", refused.text());
    let stale = theirs.decide(&(waiting.0.clone(), "sha-256:other".to_owned()), "bob", "approve")?;
    ensure!(stale.status == 409, "a stale view decided: {}", stale.text());
    ensure!(theirs.decide(&waiting, "mallory", "approve")?.status == 403, "a stranger decided");
    ensure!(held.is_waiting() && theirs.upstream.count(&host) == 0, "it left before anybody approved");

    let decision = theirs.decide(&waiting, "bob", "approve")?;
    ensure!(decision.status == 200, "{} {}", decision.status, decision.text());
    let answer = held.answer()?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
    ensure!(theirs.upstream.only(&host)?.body == export(&host).body, "another body arrived");
    Ok(())
}

#[test]
fn their_service_needs_as_many_people_as_the_rule_says() -> Result<()> {
    let theirs = Theirs::start(2, "20s", "10m")?;
    let host = host("held.test");
    let held = theirs.send(&export(&host))?;
    let waiting = theirs.waiting(&host)?;
    for _ in 0..2 {
        ensure!(theirs.decide(&waiting, "bob", "approve")?.status == 200, "bob cannot approve");
    }
    ensure!(held.is_waiting() && theirs.upstream.count(&host) == 0, "one person was enough");
    ensure!(theirs.decide(&waiting, "carol", "approve")?.status == 200, "carol cannot approve");
    let answer = held.answer()?;
    ensure!(answer.status == 200 && theirs.upstream.count(&host) == 1, "{} {}", answer.status, answer.text());
    Ok(())
}

#[test]
fn their_denial_is_final_and_their_grant_is_good_once() -> Result<()> {
    let theirs = Theirs::start(1, "3s", "10m")?;
    let (denied, once) = (host("held.test"), host("held.test"));
    let held = theirs.send(&export(&denied))?;
    ensure!(theirs.decide(&theirs.waiting(&denied)?, "bob", "deny")?.status == 200, "bob cannot deny");
    let answer = held.answer()?;
    ensure!(
        answer.status == 403 && theirs.upstream.count(&denied) == 0,
        "{} {}",
        answer.status,
        answer.text()
    );

    let held = theirs.send(&export(&once))?;
    theirs.decide(&theirs.waiting(&once)?, "bob", "approve")?;
    ensure!(held.answer()?.status == 200, "not released");
    let again = theirs.send(&export(&once))?.answer()?;
    ensure!(again.status == 428 && theirs.upstream.count(&once) == 1, "{} {}", again.status, again.text());
    Ok(())
}

#[test]
fn what_nobody_decides_there_in_time_expires_and_leaves_never() -> Result<()> {
    let theirs = Theirs::start(1, "3s", "5s")?;
    let host = host("held.test");
    let answer = theirs.send(&export(&host))?.answer()?;
    ensure!(answer.status == 428, "{} {}", answer.status, answer.text());
    let waiting = theirs.waiting(&host)?;
    within(PATIENCE, "the request to expire", || (!theirs.page().ok()?.contains(&host)).then_some(()))?;
    let late = theirs.decide(&waiting, "bob", "approve")?;
    ensure!(late.status == 409, "it was approved late: {} {}", late.status, late.text());
    ensure!(theirs.upstream.count(&host) == 0, "it left");
    Ok(())
}

/// Vectors first, then a whole approval at `countersign serve`; the client says what each step showed.
#[test]
fn their_client_submits_is_approved_verifies_and_redeems_once() -> Result<()> {
    let vectors = place::root().join("src/wire/vectors").to_string_lossy().into_owned();
    let said = finished(python("third-party-client/vectors.py", &[vectors])?)?;
    ensure!(said.len() >= 15 && said.iter().all(|line| line.starts_with("ok ")), "{said:#?}");

    let service = Service::start()?;
    let folder = tempfile::Builder::new().prefix("countersign-").tempdir()?;
    let (ready, key) = (folder.path().join("ready.json"), folder.path().join("pep.key"));
    std::fs::write(&ready, service.ready().to_string())?;
    std::fs::write(&key, service.pep_key()?)?;
    let arguments = [&ready, &key].map(|path| path.to_string_lossy().into_owned());
    let said = finished(python("third-party-client/story.py", &arguments)?)?;
    let steps = said.iter().filter(|line| line.starts_with(|first: char| first.is_ascii_digit())).count();
    ensure!(steps == 7, "{said:#?}");
    Ok(())
}

/// What a program printed that ended well.
fn finished(mut process: Process) -> Result<Vec<String>> {
    let status = within(PATIENCE, "the client to end", || process.ended())?;
    // The reader of its output may be a moment behind.
    std::thread::sleep(Duration::from_millis(100));
    ensure!(status.success(), "{status}: {}", process.last_lines());
    Ok(process.lines())
}
