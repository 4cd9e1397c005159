//! A hold as long as you like, released by a late approval, with the settings that an operator must make for it.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::agent::{Agent, Exchange, Request};
use crate::envoy::{Envoy, EnvoyConfig};
use crate::service::{Reviewer, Service};
use crate::setting::{envoy_of, policy};
use crate::upstream::Upstream;
use crate::{place, within};

/// How long anything but the hold may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The times of one run.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// When the reviewer decides.
    pub approved_after: Duration,
    /// `hold` of the policy.
    pub hold: Duration,
    /// Envoy's `stream_idle_timeout`.
    pub idle: Duration,
}

impl Times {
    /// A hold that an approval after so long still meets, and an Envoy that lets it last.
    pub fn late_by(approved_after: Duration) -> Self {
        let hold = approved_after + Duration::from_secs(15);
        Self { approved_after, hold, idle: hold + Duration::from_secs(15) }
    }
}

/// The parts, and what is held.
pub struct Long {
    envoy: Envoy,
    service: Service,
    upstream: Upstream,
    times: Times,
}

/// What became of a request.
#[derive(Clone, Debug)]
pub struct Ended {
    /// What it was.
    pub what: &'static str,
    /// The status its agent was told.
    pub status: u16,
    /// How long after the decision, or after the start where there was none.
    pub after: Duration,
}

/// Where operators read what they must set.
const PAGE: &str = "envoy/OPERATIONS.md";

/// With the change to `envoy/countersign.yaml` that the page shows for a long hold, and the idle timeout of this one.
fn patient(config: EnvoyConfig, idle: Duration) -> EnvoyConfig {
    config.http(move |manager| {
        let page = fs::read_to_string(place::root().join(PAGE))?;
        let shown = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
        let change: Value =
            serde_saphyr::from_str(shown.with_context(|| format!("`{PAGE}` shows no change"))?)?;
        ensure!(change["stream_idle_timeout"].is_string(), "the change leaves the idle timeout as it is");
        merge(manager, &change);
        manager["stream_idle_timeout"] = json!(format!("{}s", idle.as_secs()));
        Ok(())
    })
}

/// Puts a change into a document, member by member.
fn merge(document: &mut Value, change: &Value) {
    match (document.as_object_mut(), change.as_object()) {
        (Some(members), Some(changes)) => {
            for (name, change) in changes {
                merge(members.entry(name).or_insert(Value::Null), change);
            }
        }
        _ => *document = change.clone(),
    }
}

/// One request of each sort: with and without a body, over both versions of HTTP.
fn requests() -> [(&'static str, Request, Over); 4] {
    let body = "{\"dataset\":\"prod.public.customers\",\"rows\":48210}";
    [
        ("HTTP/1.1 GET", Request::get("a.held.test", "/v2/export/1"), Over::Http1),
        ("HTTP/1.1 POST", Request::post("b.held.test", "/v2/import/2", body), Over::Http1),
        ("HTTP/2 GET", Request::get("c.held.test", "/v2/export/3"), Over::Http2),
        ("HTTP/2 POST", Request::post("d.held.test", "/v2/import/4", body), Over::Http2),
    ]
}

#[derive(Clone, Copy, Debug)]
enum Over {
    Http1,
    Http2,
}

type Held = Vec<(&'static str, Request, Exchange)>;

impl Long {
    /// Starts all parts.
    ///
    /// # Errors
    /// When one does not start.
    pub fn start(times: Times) -> Result<Self> {
        let (service, upstream) = (Service::start()?, Upstream::start()?);
        let mut policy = policy(&format!("{}s", times.hold.as_secs()));
        policy["defaults"]["expiry"] = json!(format!("{}s", times.hold.as_secs() * 2));
        let config = patient(envoy_of(&service, &upstream, &policy)?, times.idle);
        Ok(Self { envoy: Envoy::start(config)?, service, upstream, times })
    }

    fn send(&self) -> Result<Held> {
        let agent = Agent::new(self.envoy.address());
        let send = |(what, request, over): (&'static str, Request, Over)| {
            let exchange = match over {
                Over::Http1 => agent.http1(&request)?,
                Over::Http2 => agent.http2(&request)?,
            };
            Ok((what, request, exchange))
        };
        requests().into_iter().map(send).collect()
    }

    /// Holds, approves late, and sees that each request arrives whole and its agent gets the answer.
    ///
    /// # Errors
    /// When anything differs; it then says what.
    pub fn play(&self, tell: impl Fn(&str)) -> Result<Vec<Ended>> {
        let begun = Instant::now();
        let held = self.send()?;
        let before = Self::shown(&self.service.reviewer("bob")?, held.len())?;
        tell(&format!("{} requests are held", before.len()));
        let mut minute = 0;
        while begun.elapsed() < self.times.approved_after {
            let early = held.iter().find(|(_, _, exchange)| !exchange.is_waiting());
            ensure!(early.is_none(), "`{}` ended early", early.map_or("", |(what, _, _)| *what));
            ensure!(self.upstream.received().is_empty(), "something left before it was approved");
            if begun.elapsed().as_secs() / 60 > minute {
                minute += 1;
                tell(&format!("minute {minute}: all wait, nothing has left"));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        // A reviewer who logs in only now.
        let carol = self.service.reviewer("carol")?;
        let shown = Self::shown(&carol, held.len())?;
        tell(&format!("{} approves", carol.name()));
        let decided = Instant::now();
        for request in &shown {
            let answer = carol.decide(request, "approve", "late, but fine")?;
            ensure!(answer.status == 200, "the approval was refused: {} {}", answer.status, answer.text());
        }
        let mut ended = Vec::new();
        for (what, request, exchange) in held {
            let answer = exchange.answer_within(PATIENCE).with_context(|| what.to_owned())?;
            ensure!(answer.status == 200, "`{what}` was told {} {}", answer.status, answer.text());
            let arrived = self.upstream.only(&request.authority)?;
            let same = arrived.body == request.body && arrived.target == request.target;
            ensure!(same, "`{what}` arrived as another request");
            ended.push(Ended { what, status: answer.status, after: decided.elapsed() });
        }
        Ok(ended)
    }

    /// Holds without a decision until each agent was told something, or was cut off, which counts as status 0.
    ///
    /// # Errors
    /// When an agent is told nothing at all.
    pub fn abandon(&self) -> Result<Vec<Ended>> {
        let begun = Instant::now();
        let mut ended = Vec::new();
        for (what, _, exchange) in self.send()? {
            let answer = exchange.answer_within(self.times.hold + PATIENCE);
            let status = answer.map_or(0, |answer| answer.status);
            ended.push(Ended { what, status, after: begun.elapsed() });
        }
        Ok(ended)
    }

    /// How many requests have arrived.
    pub fn arrived(&self) -> usize {
        self.upstream.received().len()
    }

    /// All that wait, as a reviewer is shown them.
    fn shown(reviewer: &Reviewer, number: usize) -> Result<Vec<Value>> {
        let waiting = within(PATIENCE, "the requests in the inbox", || {
            reviewer.waiting().ok().filter(|waiting| waiting.len() == number)
        })?;
        waiting.iter().map(|one| reviewer.request(one["id"].as_str().context("no id")?)).collect()
    }
}
