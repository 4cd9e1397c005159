//! Looks whether what is configured would work, and says how to mend what would not: `countersign doctor`.
//!
//! Promises: a check changes nothing, here or at the other end, and tells nobody anything; it may read, and ask others who they
//! are. A secret is never in what it says. A check that could not be made is a failure, never "fine". Each part of the service
//! has its check in a file of its own, with one function from a [`Setting`] to [`Finding`]s.

mod channel;
mod database;
mod oidc;

use std::path::Path;

use serde::Serialize;

use crate::config::Config;

/// Something that can be checked by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The store, its migrations and the keys beside it.
    Database,
    /// Sign-in by OpenID Connect.
    Oidc,
    /// Slack.
    Slack,
    /// Microsoft Teams.
    Teams,
    /// Webhooks and on-call services.
    Webhook,
    /// E-mail.
    Email,
}

impl Part {
    /// All there are, in the order they are checked.
    pub const ALL: [Self; 6] =
        [Self::Database, Self::Oidc, Self::Slack, Self::Teams, Self::Webhook, Self::Email];

    /// Its name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Oidc => "oidc",
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Webhook => "webhook",
            Self::Email => "email",
        }
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, and somebody should know.
    Warn,
    /// It does not work.
    Fail,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What was found, in one sentence: lowercase, no full stop, what the user wrote in backticks.
    pub what: String,
    /// How to mend it, in one sentence; nothing where there is nothing to mend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

impl Finding {
    /// As it should be.
    pub fn ok(what: impl Into<String>) -> Self {
        Self { level: Level::Ok, what: what.into(), mend: None }
    }

    /// It works, and somebody should know.
    pub fn warn(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { level: Level::Warn, what: what.into(), mend: Some(mend.into()) }
    }

    /// It does not work.
    pub fn fail(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { level: Level::Fail, what: what.into(), mend: Some(mend.into()) }
    }
}

/// What is checked: a configuration that reads, and where the service keeps its state.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'s> {
    /// The configuration.
    pub config: &'s Config,
    /// The state directory; it may not exist yet.
    pub state: &'s Path,
}

/// What was found of one part.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Which.
    pub part: Part,
    /// What was found, in the order it was looked at.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The worst of it; a check that found nothing was not made.
    pub fn level(&self) -> Level {
        self.findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Fail)
    }
}

/// The parts that this configuration has.
pub fn configured(config: &Config) -> Vec<Part> {
    Part::ALL.into_iter().filter(|part| uses(config, *part) == Uses::Yes).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Uses {
    Yes,
    No,
}

/// Whether the configuration has this part: each part says so here.
fn uses(config: &Config, part: Part) -> Uses {
    match part {
        Part::Database => Uses::Yes,
        Part::Oidc if config.sign_in().is_some() => Uses::Yes,
        Part::Slack if config.slack.is_some() => Uses::Yes,
        Part::Webhook if channel::has_webhooks(config) => Uses::Yes,
        Part::Email if channel::has_email(config) => Uses::Yes,
        Part::Teams if config.teams().is_some() => Uses::Yes,
        Part::Oidc | Part::Slack | Part::Teams | Part::Webhook | Part::Email => Uses::No,
    }
}

/// Checks one part.
pub async fn examine(part: Part, setting: Setting<'_>) -> Report {
    let findings = match (part, uses(setting.config, part)) {
        (_, Uses::No) => vec![Finding::fail(
            format!("the configuration has nothing for `{}`", part.word()),
            "add it to the file you give with `--config`; `server.example.yaml` shows how",
        )],
        (Part::Database, Uses::Yes) => database::examine(setting).await,
        (Part::Oidc, Uses::Yes) => oidc::examine(setting).await,
        (Part::Slack, Uses::Yes) => crate::slack::doctor::examine(setting).await,
        (Part::Teams, Uses::Yes) => crate::teams::doctor::examine(setting).await,
        // Each part adds its own line above; without one there is no check, and that is no success.
        (Part::Webhook, Uses::Yes) => channel::webhooks(setting).await,
        (Part::Email, Uses::Yes) => channel::email(setting).await,
    };
    Report { part, findings }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_found_nothing_is_no_success() {
        let report = |findings| Report { part: Part::Slack, findings }.level();
        assert_eq!(report(vec![]), Level::Fail);
        assert_eq!(report(vec![Finding::ok("it answers")]), Level::Ok);
        assert_eq!(report(vec![Finding::ok("it answers"), Finding::warn("late", "hurry")]), Level::Warn);
        assert_eq!(report(vec![Finding::fail("no", "yes"), Finding::warn("late", "hurry")]), Level::Fail);
    }
}
