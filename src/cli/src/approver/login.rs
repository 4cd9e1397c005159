//! `countersign login` and `logout`: a session for the terminal, which somebody at a browser confirms (RFC 8628).
//!
//! The service shows the page and knows the identity provider; nothing but a code, made for this once, is typed or compared here.

use std::{process::ExitCode, time::Duration};

use countersign_server::approver::{Me, text::inert_short};
use serde::Deserialize;
use ureq::{Agent, Body, http::Response};

use super::{
    Fault, Reach,
    client::{agent, check},
    finish, print,
    session::{self, Found},
};

/// The largest answer read, in bytes.
const LIMIT: u64 = 64 * 1024;
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// `countersign login`
#[derive(clap::Args)]
pub(crate) struct Login {
    /// The approval service.
    #[arg(long, env = "COUNTERSIGN_URL", default_value = "http://127.0.0.1:8700", value_name = "URL")]
    url: String,
}

/// `countersign logout`
#[derive(clap::Args)]
pub(crate) struct Logout {
    #[command(flatten)]
    reach: Reach,
}

/// Gets a session and keeps it.
pub(crate) fn login(arguments: &Login) -> ExitCode {
    finish(log_in(arguments))
}

/// Ends the session and forgets it.
pub(crate) fn logout(arguments: &Logout) -> ExitCode {
    finish(log_out(arguments))
}

#[derive(Deserialize)]
struct Asked {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    expires_in: u64,
    interval: u64,
}

#[derive(Deserialize)]
struct Given {
    access_token: String,
}

#[derive(Deserialize)]
struct Error {
    error: String,
}

fn stranger(url: &str) -> Fault {
    Fault::Unreachable(format!("what answers at `{url}` is not an approval service"))
}

fn body(url: &str, answer: Result<Response<Body>, ureq::Error>) -> Result<(u16, Vec<u8>), Fault> {
    let mut answer = answer.map_err(|error| Fault::Unreachable(format!("cannot reach `{url}`: {error}")))?;
    let status = answer.status().as_u16();
    let body = answer.body_mut().with_config().limit(LIMIT).read_to_vec().map_err(|_| stranger(url))?;
    Ok((status, body))
}

fn log_in(arguments: &Login) -> Result<(), Fault> {
    let url = arguments.url.trim_end_matches('/').to_owned();
    check(&url)?;
    let agent = agent();
    let answer = agent.post(format!("{url}/login/device")).send_form([("machine", machine())]);
    let asked: Asked = match body(&url, answer)? {
        (200, body) => serde_json::from_slice(&body).map_err(|_| stranger(&url))?,
        (429, _) => return Err(Fault::Refused("too many log in at once; try again in a minute".to_owned())),
        _ => return Err(stranger(&url)),
    };
    print(&format!(
        "Open this page, sign in, and let this command line in:\n\n  {}\n\nThe page must show this code: {}\nWithout a link, open {} \
         and type it.\n",
        inert_short(&asked.verification_uri_complete, 500),
        inert_short(&asked.user_code, 32),
        inert_short(&asked.verification_uri, 500),
    ));
    let session = wait(&agent, &url, &asked)?;
    let answer = agent
        .get(format!("{url}/approver/v1/me"))
        .header("authorization", format!("Bearer {session}"))
        .call();
    let me: Me = match body(&url, answer)? {
        (200, body) => serde_json::from_slice(&body).map_err(|_| stranger(&url))?,
        _ => return Err(stranger(&url)),
    };
    session::keep(&url, &me.name, &session)?;
    let groups: Vec<String> = me.groups.iter().map(|group| inert_short(group, 64).to_string()).collect();
    let groups = if groups.is_empty() { "no group".to_owned() } else { groups.join(", ") };
    print(&format!(
        "You are {}, in {groups} (account `{}` at `{}`).\n",
        inert_short(&me.name, 120),
        inert_short(&me.sub, 120),
        inert_short(&me.iss, 200),
    ));
    Ok(())
}

/// Asks until somebody said yes or no, at the pace the service wants.
fn wait(agent: &Agent, url: &str, asked: &Asked) -> Result<String, Fault> {
    let mut pace = asked.interval.clamp(1, 60);
    let mut waited = 0;
    while waited < asked.expires_in.min(3_600) {
        std::thread::sleep(Duration::from_secs(pace));
        waited += pace;
        let fields = [("grant_type", GRANT), ("device_code", asked.device_code.as_str())];
        let (status, body) = body(url, agent.post(format!("{url}/login/device/token")).send_form(fields))?;
        if status == 200 {
            let given: Given = serde_json::from_slice(&body).map_err(|_| stranger(url))?;
            return Ok(given.access_token);
        }
        let error: Error = serde_json::from_slice(&body).map_err(|_| stranger(url))?;
        match error.error.as_str() {
            "authorization_pending" => {}
            "slow_down" => pace += 5,
            "access_denied" => return Err(Fault::Refused("you were turned away at the browser".to_owned())),
            _ => break,
        }
    }
    Err(Fault::Refused("nobody let this command line in before the code was over".to_owned()))
}

/// What this machine calls itself; the page says that nobody verified it.
fn machine() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let user = std::env::var("USER").unwrap_or_default();
    match (user.trim(), name.trim()) {
        ("", name) => name.to_owned(),
        (user, name) => format!("{user}@{name}"),
    }
}

fn log_out(arguments: &Logout) -> Result<(), Fault> {
    let url = arguments.reach.url.trim_end_matches('/').to_owned();
    check(&url)?;
    let session = match session::find(&url, arguments.reach.name.as_deref())? {
        Found::Given(session) | Found::Cached(session) => session,
        Found::Login(name) => {
            return Err(Fault::Usage(format!("`{}` is not logged in here", inert_short(&name, 64))));
        }
    };
    let answer = agent()
        .post(format!("{url}/logout"))
        .header("authorization", format!("Bearer {session}"))
        .send_form([("csrf", "")]);
    let (status, _) = body(&url, answer)?;
    session::forget(&url, &session)?;
    match status {
        200..=399 => print("You are logged out.\n"),
        401 => print("You were logged out already.\n"),
        _ => return Err(stranger(&url)),
    }
    Ok(())
}
