//! The approver API over HTTP, as a person's program: a bearer session, JSON, one sentence per fault.

use std::time::Duration;

use countersign_server::approver::{
    Decision, Requests,
    deliveries::Deliveries,
    standing::{AllStanding, Revoke, Standing},
    text::inert_short,
    view::Request,
};
use serde::{Serialize, de::DeserializeOwned};
use ureq::{Agent, Body, http::Response};

use super::{
    Fault, Reach,
    session::{self, Found},
};

/// The largest answer read, in bytes: a long list of full requests.
const LIMIT: u64 = 16 * 1024 * 1024;

/// How many pages of a list are read.
const PAGES: usize = 40;

/// A logged-in connection.
pub(crate) struct Client {
    agent: Agent,
    url: String,
    session: String,
}

#[derive(Serialize)]
struct Login<'a> {
    name: &'a str,
}

#[derive(serde::Deserialize)]
struct Opened {
    session: String,
}

#[derive(serde::Deserialize)]
struct Problem {
    title: String,
    detail: Option<String>,
}

impl Client {
    /// Finds a session or logs in.
    pub(crate) fn open(reach: &Reach) -> Result<Self, Fault> {
        let url = reach.url.trim_end_matches('/').to_owned();
        check(&url)?;
        let mut client = Self { agent: agent(), url, session: String::new() };
        match session::find(&client.url, reach.name.as_deref())? {
            Found::Given(session) => client.session = session,
            Found::Cached(session) => {
                client.session = session;
                if let Some(name) = reach.name.as_deref().filter(|_| client.lives().is_err()) {
                    client.login(name)?;
                }
            }
            Found::Login(name) => client.login(&name)?,
        }
        Ok(client)
    }

    fn lives(&self) -> Result<(), Fault> {
        self.get::<serde_json::Value>("/approver/v1/me").map(drop)
    }

    fn login(&mut self, name: &str) -> Result<(), Fault> {
        let answer = self.agent.post(format!("{}/login/dev", self.url)).send_json(Login { name });
        let opened: Opened = self.read(answer)?;
        self.session = opened.session;
        session::keep(&self.url, name, &self.session)
    }

    /// What waits, or what has another status.
    pub(crate) fn list(&self, status: &str) -> Result<Vec<Request>, Fault> {
        let first = format!("/approver/v1/requests?status={status}&limit=500");
        let (mut all, mut url) = (Vec::new(), first.clone());
        // A list that never ends is no list.
        for _ in 0..PAGES {
            let Requests { requests, next } = self.get(&url)?;
            all.extend(requests);
            let Some(next) = next else { return Ok(all) };
            url = format!("{first}&cursor={}", inert_short(&next, 500));
        }
        Ok(all)
    }

    /// One request, by id or by the code that requester and reviewer both see.
    pub(crate) fn request(&self, id: &str) -> Result<Request, Fault> {
        if countersign_wire::names::is_task_id(id) && !is_code(id) {
            return self.get(&format!("/approver/v1/requests/{id}"));
        }
        let mut found = self.list("pending")?.into_iter().filter(|request| request.code.as_str() == id);
        match (found.next(), found.next()) {
            (Some(request), None) => Ok(request),
            (Some(_), Some(_)) => {
                Err(Fault::Usage(format!("several requests have the code `{id}` now; give the id")))
            }
            (None, _) => Err(Fault::Refused(format!(
                "no request that waits has the id or code `{}`",
                inert_short(id, 64)
            ))),
        }
    }

    /// Sends a decision.
    pub(crate) fn decide(&self, id: &str, decision: &Decision) -> Result<Request, Fault> {
        self.act(id, "decisions", decision)
    }

    /// Says something of a request at the place of this name below it.
    pub(crate) fn act<T: Serialize>(&self, id: &str, place: &str, said: &T) -> Result<Request, Fault> {
        if !countersign_wire::names::is_task_id(id) {
            return Err(Fault::Usage(format!("`{}` is no id", inert_short(id, 64))));
        }
        let url = format!("{}/approver/v1/requests/{id}/{place}", self.url);
        let answer = self.agent.post(url).header("authorization", self.bearer()).send_json(said);
        self.read(answer)
    }

    /// What was agreed to beyond one request.
    pub(crate) fn standing(&self) -> Result<Vec<Standing>, Fault> {
        let AllStanding { standing, .. } = self.get("/approver/v1/standing?limit=1000")?;
        Ok(standing)
    }

    /// Takes a standing approval back.
    pub(crate) fn revoke_standing(&self, id: &str, reason: &str) -> Result<Vec<Standing>, Fault> {
        if !countersign_wire::names::is_task_id(id) {
            return Err(Fault::Usage(format!("`{}` is no id", inert_short(id, 64))));
        }
        let url = format!("{}/approver/v1/standing/{id}/revoke", self.url);
        let revoke = Revoke { reason: reason.to_owned() };
        let answer = self.agent.post(url).header("authorization", self.bearer()).send_json(&revoke);
        let AllStanding { standing, .. } = self.read(answer)?;
        Ok(standing)
    }

    /// How telling channels goes.
    pub(crate) fn deliveries(&self) -> Result<Deliveries, Fault> {
        self.get("/approver/v1/deliveries")
    }

    /// Tries again what was given up.
    pub(crate) fn retry_delivery(&self, id: i64) -> Result<Deliveries, Fault> {
        let url = format!("{}/approver/v1/deliveries/{id}/retry", self.url);
        self.read(self.agent.post(url).header("authorization", self.bearer()).send_empty())
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        let answer =
            self.agent.get(format!("{}{path}", self.url)).header("authorization", self.bearer()).call();
        self.read(answer)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.session)
    }

    fn read<T: DeserializeOwned>(&self, answer: Result<Response<Body>, ureq::Error>) -> Result<T, Fault> {
        let url = &self.url;
        let stranger = || Fault::Unreachable(format!("what answers at `{url}` is not an approval service"));
        let mut answer =
            answer.map_err(|error| Fault::Unreachable(format!("cannot reach `{url}`: {error}")))?;
        let status = answer.status();
        let body = answer.body_mut().with_config().limit(LIMIT).read_to_vec().map_err(|_| stranger())?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|_| stranger());
        }
        let problem: Problem = serde_json::from_slice(&body).map_err(|_| stranger())?;
        if status.as_u16() == 401 {
            return Err(Fault::Refused(
                "you are not logged in, or your session ended; say `countersign login`, give `--as NAME` (development) or set \
                 COUNTERSIGN_SESSION"
                    .to_owned(),
            ));
        }
        let why = inert_short(&problem.detail.unwrap_or(problem.title), 500).to_string();
        match status.as_u16() {
            500.. => Err(Fault::Unreachable(why)),
            _ => Err(Fault::Refused(why)),
        }
    }
}

pub(super) fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .max_redirects(0)
        .user_agent(concat!("countersign-cli/", env!("CARGO_PKG_VERSION")))
        .build();
    config.into()
}

/// `MAPLE-42`
fn is_code(text: &str) -> bool {
    text.split_once('-').is_some_and(|(word, number)| {
        (3..=8).contains(&word.len())
            && word.bytes().all(|b| b.is_ascii_uppercase())
            && number.len() == 2
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// A session is worth an approval: it is never sent in the clear over a network.
pub(super) fn check(url: &str) -> Result<(), Fault> {
    let host = |rest: &str| rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
    if let Some(rest) = url.strip_prefix("https://") {
        return if host(rest).is_empty() {
            Err(Fault::Usage(format!("`{url}` names no host")))
        } else {
            Ok(())
        };
    }
    let Some(rest) = url.strip_prefix("http://") else {
        return Err(Fault::Usage(format!("`{url}` is not an http or https URL")));
    };
    match countersign_server::login::is_loopback(&host(rest)) {
        countersign_server::login::Loopback::Yes => Ok(()),
        countersign_server::login::Loopback::No => Err(Fault::Usage(format!(
            "`{url}` would send your session in the clear; use https, or this machine itself"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::{check, is_code};

    #[test]
    fn a_session_never_crosses_a_network_in_the_clear() {
        for good in
            ["http://127.0.0.1:8700", "http://localhost:1", "http://[::1]:9", "https://approvals.example.com"]
        {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "http://approvals.example.com",
            "http://127.0.0.1.evil.example",
            "ftp://x",
            "",
            "https://",
            "http://127.0.0.1@evil.example",
            "http://evil.example/127.0.0.1",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_code_is_not_taken_for_an_id() {
        assert!(is_code("MAPLE-42"));
        assert!(!is_code("arq_01KAJ5S0") && !is_code("maple-42") && !is_code("MAPLE-421"));
    }
}
