//! The app's home tab: what waits for whoever opens it, the most urgent first.

use serde_json::{Value, json};

use super::{
    Slack, card,
    people::{self, Stranger},
    text::{plain, said},
};
use crate::{
    approver::{text::inert, view::Request},
    inbox::times,
    service::{Person, TaskView},
};

/// How many requests are listed: Slack takes 100 blocks, and one request is four.
const LISTED: usize = 20;

/// Shows a user their queue. What goes wrong is said in the log: the tab keeps what it showed.
pub(super) async fn publish(slack: &Slack, user: &str) {
    if !people::is_user(user) {
        return;
    }
    let blocks = match people::who(slack, user, None).await {
        Ok(person) => match queue(slack, &person).await {
            Some(blocks) => blocks,
            None => return,
        },
        Err(stranger) => nobody(slack, stranger),
    };
    let body = json!({"user_id": user, "view": {"type": "home", "blocks": blocks}});
    if let Err(failed) = slack.settings.api.call(&slack.settings.bot_token, "views.publish", &body).await {
        tracing::warn!(why = failed.why(), "a home tab was not brought up to date");
    }
}

async fn queue(slack: &Slack, person: &Person) -> Option<Vec<Value>> {
    let mut tasks = match slack.service.waiting(person).await {
        Ok(tasks) => tasks,
        Err(fault) => {
            tracing::error!(%fault, "what waits for somebody could not be read");
            return None;
        }
    };
    tasks.sort_by_key(|task| task.expires_at_ms);
    let now = slack.service.now_ms();
    Some(listed(&tasks, now, &|id| slack.link(id), &format!("{}/inbox", slack.service.config().issuer())))
}

/// The blocks of a queue.
pub(super) fn listed(tasks: &[TaskView], now: i64, link: &dyn Fn(&str) -> String, inbox: &str) -> Vec<Value> {
    let title = match tasks.len() {
        0 => "Nothing waits for you".to_owned(),
        1 => "1 request waits for you".to_owned(),
        many => format!("{many} requests wait for you"),
    };
    let mut blocks = vec![json!({"type": "header", "text": said(title, 150)})];
    for task in tasks.iter().take(LISTED) {
        let request = Request::of(task);
        blocks.push(card::section(request.sentence.to_string()));
        let about = format!(
            "{} · {} · {}/{} · {} · {} · Code {}",
            request.requester(),
            request.object(),
            request.policy.id,
            request.policy.rule,
            request.progress(),
            times::left(request.expires_at_ms, now),
            request.code
        );
        blocks.push(json!({"type": "context", "elements": [said(about, 500)]}));
        blocks.push(card::actions(&request, &link(&request.id)));
        blocks.push(json!({"type": "divider"}));
    }
    if tasks.len() > LISTED {
        blocks.push(card::section(format!("… and {} more", tasks.len() - LISTED)));
    }
    blocks.push(open(inbox, "Open the inbox"));
    blocks
}

fn nobody(slack: &Slack, stranger: Stranger) -> Vec<Value> {
    let mut blocks = vec![card::section(crate::inbox::sentence_case(&stranger.to_string()))];
    match stranger {
        Stranger::Unlinked if slack.settings.sign_in.is_some() => {
            blocks.push(open(&slack.settings_page(), "Link your account"));
        }
        Stranger::Unlinked
        | Stranger::Elsewhere
        | Stranger::Guest
        | Stranger::Bot
        | Stranger::Gone
        | Stranger::Unreachable => {}
    }
    blocks
}

fn open(url: &str, text: &str) -> Value {
    json!({"type": "actions", "elements": [
        {"type": "button", "action_id": "open", "url": url, "text": plain(&inert(text), 75)},
    ]})
}
