//! Secrets locked until released, with the real approval service, a stand-in Vault, and an upstream behind real TLS: the agent has
//! a placeholder, the value is in the request that leaves and nowhere else, and nothing of it comes back.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign_tests::agent::{Agent, Exchange, Request};
use countersign_tests::backend::Step;
use countersign_tests::envoy::{Envoy, EnvoyConfig};
use countersign_tests::message::Answer;
use countersign_tests::place;
use countersign_tests::service::{Reviewer, Service};
use countersign_tests::setting::{Setting, filter_of, policy};
use countersign_tests::upstream::{Received, Upstream};
use countersign_tests::within;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::shared::A_WHILE;

/// What nobody but the upstream may see. The shape of its bytes is what URLs, JSON and base64 change.
const VALUE: &str = "sk-canary/7Hq2+\"x y\"%25==";
const PLACEHOLDER: &str = "Bearer {{countersign:api-key}}";
const PATIENCE: Duration = Duration::from_secs(40);
/// Reached in the clear, by the filter's configuration.
const CLEAR: &str = "clear.keyed.test";

/// Everything that plays a part.
struct Keyed {
    envoy: Envoy,
    service: Service,
    vault: Upstream,
    upstream: Upstream,
    _files: TempDir,
}

/// An authority that the policy names, and no other test uses.
fn authority(number: usize) -> String {
    format!("k{number}.keyed.test")
}

/// `*.keyed.test` is held and may use the secret at the authorities that the policy names, `*.held.test` and GETs of
/// `*.open.test` may not.
fn rules() -> Value {
    let mut document = policy("30s");
    let known: Vec<String> =
        (0..32).map(authority).chain([CLEAR.to_owned(), "h1.open.test".to_owned()]).collect();
    document["secrets"] = json!({
        "api-key": {"authority": known, "header": ["authorization", "x-api-key"], "rules": ["keyed"]},
        "unread": {"authority": known, "header": "x-api-key"},
    });
    if let Some(rules) = document["rules"].as_array_mut() {
        rules.push(json!({"name": "keyed", "effect": "hold", "match": {"host": "*.keyed.test"}, "on_disconnect": "keep"}));
        rules.push(json!({"name": "other", "effect": "hold", "match": {"host": "*.other.test"}}));
    }
    document
}

fn certificate(name: &str) -> Value {
    json!({"filename": place::root().join("tests/fixtures/certs").join(name)})
}

/// The upstream is reached over TLS: the cluster of the routes is a listener that ends TLS and goes on in the clear.
fn over_tls(config: EnvoyConfig) -> Result<EnvoyConfig> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    Ok(config.edit(move |bootstrap| {
        let resources = &mut bootstrap["static_resources"];
        let mut ending = resources["listeners"][0].clone();
        ending["name"] = json!("ends-tls");
        ending["address"]["socket_address"] = json!({"address": "127.0.0.1", "port_value": port});
        let tls = json!({"tls_certificates": [{"certificate_chain": certificate("proxy.pem"), "private_key": certificate("proxy.key")}],
            "alpn_protocols": ["h2", "http/1.1"]});
        ending["filter_chains"][0]["transport_socket"] = json!({"name": "envoy.transport_sockets.tls", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext", "common_tls_context": tls}});
        let manager = &mut ending["filter_chains"][0]["filters"][0]["typed_config"];
        if let Some(filters) = manager["http_filters"].as_array_mut() {
            filters.remove(0);
        }
        manager["stat_prefix"] = json!("ends-tls");
        manager["access_log"] = json!([]);
        manager["route_config"]["virtual_hosts"][0]["routes"][0]["route"]["cluster"] = json!("origin");
        let clusters = resources["clusters"].as_array_mut().context("no clusters")?;
        let known = clusters.iter_mut().find(|cluster| cluster["name"] == "upstream").context("no upstream")?;
        let mut origin = known.clone();
        origin["name"] = json!("origin");
        origin["load_assignment"]["cluster_name"] = json!("origin");
        let socket = "/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address";
        *known.pointer_mut(socket).context("no address")? = json!({"address": "127.0.0.1", "port_value": port});
        known["transport_socket"] = json!({"name": "envoy.transport_sockets.tls", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext", "sni": "proxy.test",
            "common_tls_context": {"validation_context": {"trusted_ca": certificate("ca.pem"),
                "match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": "proxy.test"}}]}}}});
        clusters.push(origin);
        resources["listeners"].as_array_mut().context("no listeners")?.push(ending);
        // A log that shows an answer's header.
        let log = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/access_log/0/typed_config/log_format/json_format";
        let log = bootstrap.pointer_mut(log).context("no access log")?;
        log["echo"] = json!("%RESPONSE_HEADER(X-ECHO)%");
        Ok(())
    }))
}

impl Keyed {
    fn start() -> Result<Self> {
        let (vault, upstream) = (Upstream::start()?, Upstream::start()?);
        let files = tempfile::Builder::new().prefix("countersign-").tempdir()?;
        let config = files.path().join("server.yaml");
        let yaml = json!({
            "secrets": {
                "api-key": {"vault": {"path": "apps/thirdparty", "field": "api_key"}},
                "unread": {"vault": {"path": "apps/nothing", "field": "api_key"}},
            },
            "vault": {"address": format!("http://{}", vault.address()), "token": {"env": "VAULT_TOKEN_OF_TESTS"}, "timeout": "2s"},
        });
        std::fs::write(&config, yaml.to_string())?;
        let environment = [
            ("VAULT_TOKEN_OF_TESTS".to_owned(), "hvs.stand-in".to_owned()),
            ("COUNTERSIGN_LOG".to_owned(), "debug".to_owned()),
        ];
        let service = Service::configured(&config, &environment)?;
        let mut filter = filter_of(&service, &rules())?;
        filter["destinations"]["http"] = json!([CLEAR]);
        let envoy = EnvoyConfig::new(place::filter()?, upstream.address(), service.address()?)
            .workers(2)
            .variable("COUNTERSIGN_PEP_KEY", &service.pep_key()?)
            .variable("COUNTERSIGN_BINDING_KEY", countersign_tests::backend::BINDING_KEY)
            .filter(filter.to_string());
        let envoy = Envoy::start(over_tls(envoy)?)?;
        let keyed = Self { envoy, service, vault, upstream, _files: files };
        keyed.unseal();
        Ok(keyed)
    }

    fn shared() -> Result<Arc<Self>> {
        static SHARED: Mutex<Weak<Keyed>> = Mutex::new(Weak::new());
        let mut slot = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keyed) = slot.upgrade() {
            return Ok(keyed);
        }
        let keyed = Arc::new(Self::start()?);
        *slot = Arc::downgrade(&keyed);
        Ok(keyed)
    }

    fn vault_name(&self) -> String {
        let address: SocketAddr = self.vault.address();
        address.to_string()
    }

    /// Vault hands the value over, in its documented shape.
    fn unseal(&self) {
        let metadata = json!({"created_time": "2026-11-19T10:00:00Z", "deletion_time": "", "destroyed": false, "version": 7});
        let body = json!({"lease_id": "", "data": {"data": {"api_key": VALUE}, "metadata": metadata}});
        self.vault.answer(
            &self.vault_name(),
            Answer::new(200, body.to_string()).header("content-type", "application/json"),
        );
    }

    fn seal(&self) {
        self.vault.answer(&self.vault_name(), Answer::new(503, r#"{"errors":["Vault is sealed"]}"#));
    }

    fn agent(&self) -> Agent {
        Agent::new(self.envoy.address())
    }

    fn reviewer(&self) -> Result<Reviewer> {
        self.service.reviewer("bob")
    }

    fn waiting(&self, host: &str) -> Result<Value> {
        let bob = self.reviewer()?;
        let waiting = within(PATIENCE, "a request in the inbox", || {
            bob.waiting().ok()?.into_iter().find(|request| request.to_string().contains(host))
        })?;
        bob.request(waiting["id"].as_str().context("no id")?)
    }

    fn approve(&self, host: &str) -> Result<Value> {
        let shown = self.waiting(host)?;
        let decision = self.reviewer()?.decide(&shown, "approve", "as agreed")?;
        ensure!(decision.status == 200, "{} {}", decision.status, decision.text());
        Ok(shown)
    }

    /// Sends, approves, and returns what arrived and what came back.
    fn released(&self, request: &Request, send: Send) -> Result<(Received, Answer)> {
        let held = send(&self.agent(), request)?;
        self.approve(&request.authority)?;
        let answer = held.answer_within(PATIENCE)?;
        Ok((self.upstream.only(&request.authority)?, answer))
    }
}

type Send = fn(&Agent, &Request) -> Result<Exchange>;
const HTTP1: Send = |agent, request| agent.http1(request);
const HTTP2: Send = |agent, request| agent.http2(request);

fn keyed(number: usize) -> Request {
    Request::post(&authority(number), "/v2/import", "{\"rows\":7}").header("authorization", PLACEHOLDER)
}

fn percent(text: &str) -> String {
    text.bytes().flat_map(|byte| format!("%{byte:02X}").into_bytes()).map(char::from).collect()
}

/// Whether any form of the value is in these bytes.
fn holds(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let json = json!(VALUE).to_string();
    let basic = STANDARD.encode(format!("user:{VALUE}"));
    let forms = [
        VALUE.to_owned(),
        json.trim_matches('"').to_owned(),
        percent(VALUE),
        STANDARD.encode(VALUE).trim_end_matches('=').to_owned(),
        URL_SAFE_NO_PAD.encode(VALUE),
        basic.get(8..basic.len() - 4).unwrap_or_default().to_owned(),
    ];
    forms.iter().any(|form| text.contains(form)) || text.contains("canary/7Hq2")
}

fn nowhere(keyed: &Keyed) -> Result<()> {
    for line in keyed.envoy.lines() {
        ensure!(!holds(line.as_bytes()), "Envoy printed it: {line}");
    }
    for line in keyed.service.lines() {
        ensure!(!holds(line.as_bytes()), "the service printed it: {line}");
    }
    for (name, bytes) in keyed.service.state()? {
        ensure!(!holds(&bytes), "the service keeps it in `{name}`");
    }
    for target in ["/stats?format=prometheus", "/config_dump", "/clusters"] {
        ensure!(!holds(keyed.envoy.admin("GET", target)?.as_bytes()), "Envoy shows it at `{target}`");
    }
    Ok(())
}

#[test]
fn a_secret_leaves_with_the_released_request_over_tls_and_stands_nowhere_else() -> Result<()> {
    let all = Keyed::shared()?;
    for (number, send) in [(0, HTTP1), (1, HTTP2)] {
        let request = keyed(number).header("x-api-key", "a={{countersign:api-key}};b");
        let held = send(&all.agent(), &request)?;
        let shown = all.waiting(&request.authority)?;
        ensure!(shown["secrets"] == json!(["api-key"]), "the reviewer is not told: {shown}");
        thread::sleep(A_WHILE);
        ensure!(
            held.is_waiting() && all.upstream.count(&request.authority) == 0,
            "it left before it was released"
        );
        let page = all.reviewer()?.read(&format!("/r/{}", shown["id"].as_str().context("no id")?))?;
        ensure!(!holds(&page.body) && !holds(shown.to_string().as_bytes()), "the page shows it");
        all.approve(&request.authority)?;
        let answer = held.answer_within(PATIENCE)?;
        ensure!(
            answer.status == 200 && answer.text() == "{\"ok\":true}\n",
            "{} {}",
            answer.status,
            answer.text()
        );
        let arrived = all.upstream.only(&request.authority)?;
        ensure!(arrived.headers.get("authorization") == Some(&format!("Bearer {VALUE}")), "{arrived:?}");
        ensure!(arrived.headers.get("x-api-key") == Some(&format!("a={VALUE};b")), "{arrived:?}");
        ensure!(arrived.headers.get("accept-encoding") == Some("identity"), "{arrived:?}");
        ensure!(arrived.body == request.body, "another body arrived");
        let line = all.envoy.access(&request.authority)?;
        ensure!(line["status"] == 200 && !holds(line.to_string().as_bytes()), "{line}");
        let record = within(PATIENCE, "the record of the release", || {
            let named = |record: &Value| record["event"] == "secret.released" && record["tid"] == shown["id"];
            all.envoy.records().into_iter().find(named)
        })?;
        ensure!(record["secrets"] == json!([{"name": "api-key", "version": "7"}]), "{record}");
        nowhere(&all)?;
    }
    Ok(())
}

#[test]
fn what_the_upstream_gives_back_of_it_is_overwritten_in_headers_and_body() -> Result<()> {
    let all = Keyed::shared()?;
    for (number, send) in [(2, HTTP1), (3, HTTP2)] {
        let request = keyed(number);
        let basic = STANDARD.encode(format!("user:{VALUE}"));
        let body = format!(
            "{{\"plain\":{},\"url\":\"{}\",\"base64\":\"{}\",\"inside\":\"{basic}\",\"rows\":7}}",
            json!(VALUE),
            percent(VALUE),
            STANDARD.encode(VALUE)
        );
        all.upstream.answer(
            &request.authority,
            Answer::new(401, body.clone())
                .header("content-type", "application/json")
                .header("x-echo", VALUE)
                .header("location", &format!("https://next.test/?key={}", percent(VALUE)))
                .header("set-cookie", "a=1")
                .header("set-cookie", &format!("b={VALUE}")),
        );
        let (_, answer) = all.released(&request, send)?;
        ensure!(
            answer.status == 401 && answer.body.len() == body.len(),
            "{} {}",
            answer.status,
            answer.text()
        );
        ensure!(!holds(&answer.body), "{}", answer.text());
        let parsed = answer.json()?;
        ensure!(
            parsed["rows"] == 7 && parsed["plain"] == "*".repeat(json!(VALUE).to_string().len() - 2),
            "{parsed}"
        );
        for (name, value) in answer.headers.iter() {
            ensure!(!holds(value), "`{name}` gives it back: {answer:?}");
        }
        ensure!(answer.headers.get("x-echo") == Some(&"*".repeat(VALUE.len())), "{answer:?}");
        ensure!(
            answer.headers.get("location").is_some_and(|to| to.starts_with("https://next.test/?key=***")),
            "{answer:?}"
        );
        let line = all.envoy.access(&request.authority)?;
        ensure!(!holds(line.to_string().as_bytes()), "{line}");
        nowhere(&all)?;
    }
    Ok(())
}

#[test]
fn a_value_is_found_wherever_the_answer_is_cut_and_the_rest_arrives_as_it_was() -> Result<()> {
    let all = Keyed::shared()?;
    let body = format!(
        "event: one\n\ndata: sk-can and {VALUE}{VALUE} sk-canary/7Hq\n\ndata: {} end sk-",
        percent(VALUE)
    );
    let expected =
        body.replace(VALUE, &"*".repeat(VALUE.len())).replace(&percent(VALUE), &"*".repeat(VALUE.len() * 3));
    for (number, size) in [(4, 1), (5, 5), (6, 23), (7, 64)] {
        let request = keyed(number);
        let answer = Answer::new(200, body.clone()).header("content-type", "text/event-stream").chunked(size);
        all.upstream.answer(&request.authority, answer);
        let (_, answer) = all.released(&request, HTTP1)?;
        ensure!(answer.status == 200 && answer.text() == expected, "in pieces of {size}: {}", answer.text());
    }
    Ok(())
}

#[test]
fn an_answer_that_streams_is_handed_on_while_it_streams() -> Result<()> {
    let all = Keyed::shared()?;
    let request = keyed(8);
    let body: String = (0..200).map(|number| format!("data: {number}\n\n")).collect::<Vec<_>>().concat();
    all.upstream.answer(&request.authority, Answer::new(200, body.clone()).chunked(8));
    let (_, answer) = all.released(&request, HTTP1)?;
    ensure!(answer.text() == body, "{}", answer.text());
    let large = "{\"a\":\"".to_owned() + &"x".repeat(3 << 20) + "\"}";
    let request = keyed(9);
    all.upstream.answer(&request.authority, Answer::new(200, large.clone()));
    let (_, answer) = all.released(&request, HTTP2)?;
    ensure!(answer.body == large.as_bytes(), "{} bytes of {}", answer.body.len(), large.len());
    Ok(())
}

#[test]
fn a_value_in_trailers_is_overwritten_and_a_beginning_before_them_arrives() -> Result<()> {
    let all = Keyed::shared()?;
    let request =
        Request::grpc(&authority(10), "/shop.Orders/DeleteOrder", b"x").header("authorization", PLACEHOLDER);
    let mut answer = Answer::new(200, "\0\0\0\0\x09sk-canary".as_bytes().to_vec())
        .header("content-type", "application/grpc");
    answer.trailers.push("grpc-status", "16");
    answer.trailers.push("grpc-message", format!("bad key {}", percent(VALUE)));
    all.upstream.answer(&request.authority, answer);
    let (_, answer) = all.released(&request, HTTP2)?;
    ensure!(answer.grpc_status() == Some(16) && answer.body.ends_with(b"sk-canary"), "{answer:?}");
    let message = answer.trailers.get("grpc-message").context("no message")?;
    ensure!(message == format!("bad key {}", "*".repeat(VALUE.len() * 3)), "{message}");
    Ok(())
}

#[test]
fn an_answer_that_cannot_be_looked_through_is_withheld_and_the_call_was_executed_once() -> Result<()> {
    let all = Keyed::shared()?;
    let part = Answer::new(206, VALUE.as_bytes().get(..9).unwrap_or_default())
        .header("content-range", "bytes 0-8/25");
    let zipped = Answer::new(200, "\x1f\u{8b}canary").header("content-encoding", "gzip");
    for (number, answer) in [(11, part), (12, zipped)] {
        let request = keyed(number);
        all.upstream.answer(&request.authority, answer);
        let (_, answer) = all.released(&request, HTTP1)?;
        let problem = answer.json()?;
        ensure!(
            answer.status == 502 && problem["approval"]["executed"] == true,
            "{} {problem}",
            answer.status
        );
        ensure!(problem["type"] == "urn:countersign:problem:response-withheld", "{problem}");
        ensure!(!answer.text().contains("canary"), "{problem}");
    }
    Ok(())
}

#[test]
fn a_placeholder_that_means_nothing_never_leaves_and_nobody_is_asked() -> Result<()> {
    let all = Keyed::shared()?;
    let get = |host: &str, target: &str| Request::get(host, target);
    let with = |request: Request, value: &str| request.header("authorization", value);
    let k = authority(13);
    for (request, why) in [
        // A call that the policy lets pass.
        (with(get("h1.open.test", "/status"), PLACEHOLDER), "nobody is asked about this call"),
        (get("h2.open.test", "/status?key=%7B%7Bcountersign:api-key%7D%7D"), "stands in the target"),
        (
            with(get("h3.open.test", "/status"), "{{countersign:nobody}}"),
            "knows no secret of the name that the header `authorization` says",
        ),
        // Held, and somewhere else.
        (with(Request::post("k99.keyed.test", "/x", "{}"), PLACEHOLDER), "is not for `k99.keyed.test`"),
        (
            with(Request::post("k13.keyed.test:8443", "/x", "{}"), PLACEHOLDER),
            "is not for `k13.keyed.test:8443`",
        ),
        (with(Request::post(CLEAR, "/x", "{}"), PLACEHOLDER), "reached by http"),
        (Request::post(&k, "/x", "{}").header("x-other", PLACEHOLDER), "is not for the header `x-other`"),
        (Request::post(&k, "/x", "{}").header("range", PLACEHOLDER), "says what the request does"),
        (Request::post(&k, "/x", "{\"key\":\"{{countersign:api-key}}\"}"), "stands in the body"),
        (Request::post(&k, "/{{countersign:api-key}}", "{}"), "stands in the target"),
        (with(Request::post(&k, "/x", "{}"), "{{countersign:api-key"), "not of the form"),
        (
            Request::post(&k, "/x", "{}").header("x-api-key", PLACEHOLDER).header("x-api-key", "x"),
            "more than once",
        ),
        (
            with(get(&k, "/ws").header("connection", "upgrade").header("upgrade", "websocket"), PLACEHOLDER),
            "",
        ),
    ] {
        let answer = all.agent().http1(&request)?.answer()?;
        ensure!(answer.status == 403, "{why}: {} {}", answer.status, answer.text());
        ensure!(answer.text().contains(why), "{why}: {}", answer.text());
        ensure!(all.upstream.count(&request.authority) == 0, "{why}: it left");
    }
    thread::sleep(A_WHILE);
    ensure!(all.reviewer()?.waiting()?.iter().all(|one| !one.to_string().contains(&k)), "somebody was asked");
    Ok(())
}

#[test]
fn a_redirect_that_the_agent_follows_gets_no_secret() -> Result<()> {
    let all = Keyed::shared()?;
    let request = keyed(14);
    all.upstream.answer(
        &request.authority,
        Answer::new(307, "").header("location", "https://evil.held.test/v2/import"),
    );
    let (_, answer) = all.released(&request, HTTP1)?;
    ensure!(answer.status == 307, "{} {}", answer.status, answer.text());
    let again = Request { authority: "evil.held.test".to_owned(), ..keyed(14) };
    let answer = all.agent().http1(&again)?.answer()?;
    ensure!(
        answer.status == 403 && all.upstream.count("evil.held.test") == 0,
        "{} {}",
        answer.status,
        answer.text()
    );
    Ok(())
}

#[test]
fn a_secret_that_cannot_be_read_uses_nothing_up_and_the_same_approval_serves_the_retry() -> Result<()> {
    let all = Keyed::start()?;
    all.seal();
    let request = keyed(15);
    let held = all.agent().http1(&request)?;
    all.approve(&request.authority)?;
    let answer = held.answer_within(PATIENCE)?;
    ensure!(
        answer.status == 503 && answer.text().contains("cannot be read by the approval service"),
        "{} {}",
        answer.status,
        answer.text()
    );
    ensure!(all.upstream.count(&request.authority) == 0, "it left without its secret");
    all.unseal();
    // Nobody is asked again: the approval was not used. Either worker may get the retry.
    let answer = all.agent().http1(&request)?.answer_within(PATIENCE)?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
    let arrived = all.upstream.only(&request.authority)?;
    ensure!(arrived.headers.get("authorization") == Some(&format!("Bearer {VALUE}")), "{arrived:?}");
    ensure!(all.reviewer()?.waiting()?.is_empty(), "somebody was asked twice");
    nowhere(&all)
}

#[test]
fn a_service_that_hands_over_no_secret_releases_nothing() -> Result<()> {
    let setting = Setting::start(&rules(), |config| config)?;
    let request = keyed(16);
    let held = setting.agent().http1(&request)?;
    let task = setting.backend.task(&request.authority)?;
    setting.backend.approve(&task)?;
    let answer = held.answer_within(PATIENCE)?;
    ensure!(answer.status == 503, "{} {}", answer.status, answer.text());
    ensure!(!setting.backend.asked(&request.authority, Step::Redeem).is_empty(), "it was never redeemed");
    thread::sleep(A_WHILE);
    ensure!(setting.upstream.count(&request.authority) == 0, "it left with its placeholder");
    let told = within(PATIENCE, "the outcome", || setting.backend.by_id(&task.id)?.outcome)?;
    ensure!(told.state == countersign_wire::outcome::OutcomeState::ReleaseAbandoned, "{told:?}");
    Ok(())
}
