//! `countersign login` from end to end: the command, the service, and a person at a browser.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::Stdio,
};

use ureq::Agent;

use super::commands::{Said, Served, countersign};

/// A browser that is logged in as bob.
struct Bob {
    agent: Agent,
    cookie: String,
    base: String,
}

impl Bob {
    fn at(served: &Served) -> Self {
        let agent: Agent =
            Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
        let base = served.url().to_owned();
        let answer = agent
            .post(format!("{base}/login/dev"))
            .header("sec-fetch-site", "same-origin")
            .send_form([("name", "bob")])
            .unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        Self { cookie: cookie.split(';').next().unwrap().to_owned(), agent, base }
    }

    /// Opens the page that a command line printed and presses a button.
    fn press(&self, page: &str, answer: &str) {
        let text = self
            .agent
            .get(page)
            .header("cookie", &self.cookie)
            .call()
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap();
        let field = |name: &str| {
            let (_, rest) =
                text.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{text}"));
            rest.split('"').next().unwrap().to_owned()
        };
        let fields =
            [("csrf", field("csrf")), ("user_code", field("user_code")), ("answer", answer.to_owned())];
        let done = self
            .agent
            .post(format!("{}/login/device/answer", self.base))
            .header("cookie", &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .send_form(fields)
            .unwrap();
        assert_eq!(done.status().as_u16(), 200);
    }
}

/// Runs `countersign login` while Bob presses `answer` on the page it names.
fn log_in(served: &Served, answer: &str) -> Said {
    let mut child = countersign(served.home.path())
        .arg("login")
        .env("COUNTERSIGN_URL", served.url())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("user_code=") {
        line.clear();
        assert_ne!(out.read_line(&mut line).unwrap(), 0, "no page was named");
    }
    Bob::at(served).press(line.trim(), answer);
    let mut rest = Vec::new();
    out.read_to_end(&mut rest).unwrap();
    let mut output = child.wait_with_output().unwrap();
    output.stdout = rest;
    Said::of(&output)
}

#[test]
fn a_command_line_that_somebody_lets_in_is_that_person_until_it_logs_out() {
    let served = Served::start();
    let refused = served.run(&["inbox"]).expect(2);
    assert!(refused.err.contains("countersign login"), "{refused:?}");

    let said = log_in(&served, "allow").expect(0);
    assert!(said.out.contains("You are bob"), "{said:?}");
    served.run(&["inbox"]).expect(0);

    served.run(&["logout"]).expect(0);
    served.run(&["inbox"]).expect(2);
}

#[test]
fn a_command_line_that_is_turned_away_gets_no_session() {
    let served = Served::start();
    let said = log_in(&served, "deny").expect(4);
    assert!(said.err.contains("turned away"), "{said:?}");
    served.run(&["inbox"]).expect(2);
}
