//! Who a user of Slack is to us: a person who linked that account, and whom the workspace counts as its own.
//!
//! Promises: a guest, a bot, a deleted user and a member of another workspace are nobody, linked or not; where Slack does
//! not answer, or does not say, so is everybody.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use serde_json::Value;

use super::{PROVIDER, Running, api::Failed};
use crate::{chat, service::Person};

/// For how long what Slack said of somebody counts, milliseconds.
const KEEP_MS: i64 = 30_000;
/// How many are kept.
const MOST: usize = 4_096;

/// What Slack said of people a moment ago.
#[derive(Default)]
pub(super) struct Members(Mutex<HashMap<String, (i64, Judged)>>);

/// What Slack said of somebody.
type Judged = Result<Member, Stranger>;

/// A full member of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// What they are called there; their own text.
    pub(super) name: String,
}

/// Why somebody may not decide, whatever they ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stranger {
    /// Not linked.
    #[error(
        "this Slack account is not linked to anybody who reviews; link it once in the web inbox, under Settings"
    )]
    Unlinked,
    /// Of another workspace.
    #[error("people of other workspaces cannot decide here")]
    Elsewhere,
    /// A guest.
    #[error("guests of this workspace cannot decide here")]
    Guest,
    /// No human.
    #[error("bots cannot decide")]
    Bot,
    /// Deleted, or unknown to the workspace.
    #[error("this Slack account is no longer a member of the workspace")]
    Gone,
    /// Slack was not reached, or did not say.
    #[error("Slack does not say who you are right now, so nothing is decided here; use the web inbox")]
    Unreachable,
}

/// Who a user is.
pub(super) async fn who(slack: &Running, user: &str, team: Option<&str>) -> Result<Person, Stranger> {
    if team.is_some_and(|team| team != slack.settings.team_id) {
        return Err(Stranger::Elsewhere);
    }
    let account = chat::Account { provider: PROVIDER, tenant: &slack.settings.team_id, external_id: user };
    let person = chat::person(&slack.service, account).await.map_err(|fault| {
        tracing::error!(%fault, "whose a Slack account is could not be read");
        Stranger::Unreachable
    })?;
    // Who is not linked costs Slack no call; who is linked is asked about each time.
    let person = person.ok_or(Stranger::Unlinked)?;
    member(slack, user).await?;
    Ok(person)
}

/// What the workspace says of a user.
pub(super) async fn member(slack: &Running, user: &str) -> Result<Member, Stranger> {
    if !is_user(user) {
        return Err(Stranger::Gone);
    }
    let now = slack.service.now_ms();
    let known = {
        let kept = slack.members.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(user).filter(|(at, _)| now - at < KEEP_MS).map(|(_, known)| known.clone())
    };
    if let Some(known) = known {
        return known;
    }
    let settings = &slack.settings;
    let answer = settings.api.form(Some(&settings.bot_token), "users.info", &[("user", user)]).await;
    let found = match answer {
        Ok(said) => judge(said.json.get("user"), user, &settings.team_id),
        Err(Failed::Never { error, .. }) if error == "user_not_found" || error == "user_not_visible" => {
            Err(Stranger::Gone)
        }
        Err(failed) => {
            tracing::warn!(why = failed.why(), "Slack was not asked who somebody is");
            return Err(Stranger::Unreachable);
        }
    };
    let mut kept = slack.members.0.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= MOST {
        kept.retain(|_, (at, _)| now - *at < KEEP_MS);
    }
    if kept.len() < MOST {
        kept.insert(user.to_owned(), (now, found.clone()));
    }
    found
}

/// An id of a user as Slack makes them.
pub(super) fn is_user(id: &str) -> bool {
    id.starts_with(['U', 'W'])
        && (3..=32).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Reads `users.info`: <https://docs.slack.dev/reference/objects/user-object>. What is not said is not believed.
fn judge(user: Option<&Value>, id: &str, team: &str) -> Result<Member, Stranger> {
    let user = user.ok_or(Stranger::Unreachable)?;
    let text = |name: &str| user.get(name).and_then(Value::as_str);
    let flag = |name: &str| user.get(name).and_then(Value::as_bool);
    if text("id") != Some(id) {
        return Err(Stranger::Unreachable);
    }
    if text("team_id") != Some(team) || flag("is_stranger") == Some(true) {
        return Err(Stranger::Elsewhere);
    }
    match flag("deleted") {
        Some(false) => {}
        Some(true) => return Err(Stranger::Gone),
        None => return Err(Stranger::Unreachable),
    }
    // Slackbot says that it is none.
    if id == "USLACKBOT" || flag("is_bot") == Some(true) || flag("is_workflow_bot") == Some(true) {
        return Err(Stranger::Bot);
    }
    if flag("is_restricted") == Some(true) || flag("is_ultra_restricted") == Some(true) {
        return Err(Stranger::Guest);
    }
    let said =
        ["is_bot", "is_restricted", "is_ultra_restricted"].iter().all(|name| flag(name) == Some(false));
    if !said {
        return Err(Stranger::Unreachable);
    }
    let profile =
        |name: &str| user.get("profile").and_then(|profile| profile.get(name)).and_then(Value::as_str);
    let name = [profile("display_name"), text("real_name"), text("name")]
        .into_iter()
        .flatten()
        .find(|name| !name.is_empty());
    Ok(Member { name: name.unwrap_or(id).to_owned() })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn user(change: impl FnOnce(&mut Value)) -> Result<Member, Stranger> {
        let mut user = json!({
            "id": "U0BOB", "team_id": "T0TEAM", "name": "bob", "deleted": false, "real_name": "Bob",
            "is_bot": false, "is_app_user": false, "is_restricted": false, "is_ultra_restricted": false,
            "profile": {"display_name": ""},
        });
        change(&mut user);
        judge(Some(&user), "U0BOB", "T0TEAM")
    }

    #[test]
    fn a_full_member_is_one() {
        assert_eq!(user(|_| ()), Ok(Member { name: "Bob".to_owned() }));
    }

    #[test]
    fn guests_bots_others_and_the_deleted_are_nobody() {
        for (name, value, why) in [
            ("is_restricted", json!(true), Stranger::Guest),
            ("is_ultra_restricted", json!(true), Stranger::Guest),
            ("is_bot", json!(true), Stranger::Bot),
            ("is_workflow_bot", json!(true), Stranger::Bot),
            ("deleted", json!(true), Stranger::Gone),
            ("team_id", json!("T0OTHER"), Stranger::Elsewhere),
            ("is_stranger", json!(true), Stranger::Elsewhere),
            ("id", json!("U0EVE"), Stranger::Unreachable),
        ] {
            assert_eq!(user(|user| user[name] = value), Err(why), "{name}");
        }
    }

    #[test]
    fn what_slack_does_not_say_is_not_believed() {
        for name in ["is_restricted", "is_ultra_restricted", "is_bot", "deleted", "team_id"] {
            let refused = user(|user| {
                user.as_object_mut().unwrap().remove(name);
            });
            assert!(refused.is_err(), "{name}");
            assert!(user(|user| user[name] = json!("false")).is_err(), "{name}");
        }
        assert_eq!(judge(None, "U0BOB", "T0TEAM"), Err(Stranger::Unreachable));
    }

    #[test]
    fn an_id_is_an_id() {
        assert!(is_user("U0BOB") && is_user("W012A3CDE"));
        for bad in ["", "U", "B0BOT", "u0bob", "U0BOB&x=1", "U0 BOB"] {
            assert!(!is_user(bad), "{bad}");
        }
    }
}
