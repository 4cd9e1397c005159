//! A button of a card that was pressed in Teams (`Action.Execute`).
//!
//! Who pressed it is the Entra object id of the verified activity, linked to an account of ours; never a name or an address.
//! What was shown is what the card carries, and must be marked by us. The service checks everything else again. The same
//! activity twice, or the same decision by the same person twice, changes nothing the second time.
//!
//! Answers as the "Universal Action Model" has them: 200 with a card or a message, 400 and 500 with an error object, always
//! inside an HTTP 200.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    bot::{Bot, Shown},
    card::{Face, Typed, card, wants_code},
    inbound::Verified,
    token::SKEW_S,
};
use crate::{
    approver::view::Request,
    chat,
    inbox::sentence_case,
    service::{Channel, Choice, Fault, Person, Refusal, Service, Status, TaskView, Vote},
    store::chat::Seen,
};

/// Under which name activities are remembered.
const PROVIDER: &str = "teams";

/// What the presser gets.
enum Reply {
    /// The request as it stands, with a sentence on top.
    Card { task: Box<TaskView>, said: Option<String> },
    /// A sentence that only they see.
    Message(String),
    /// It was no call of a card of ours.
    Invalid(&'static str),
    /// The service failed.
    Failed,
}

#[derive(Deserialize)]
struct Pressed {
    action: Action,
}

#[derive(Deserialize)]
struct Action {
    #[serde(rename = "type")]
    kind: String,
    verb: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    tid: String,
    display_digest: String,
    mac: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    code: String,
}

/// Takes what a button says, and answers for Teams.
pub(super) async fn execute(service: &Service, bot: &Bot, verified: &Verified) -> Value {
    let reply = press(service, bot, verified).await.unwrap_or_else(|fault| {
        tracing::error!(%fault, "a decision from Teams was not taken");
        Reply::Failed
    });
    let error = |status: u16, code: &str, message: &str| {
        json!({"statusCode": status, "type": "application/vnd.microsoft.error",
            "value": {"code": code, "message": message}})
    };
    match reply {
        Reply::Card { task, said } => json!({
            "statusCode": 200,
            "type": "application/vnd.microsoft.card.adaptive",
            "value": of(bot, &task, &super::link(service, &task.id), said.as_deref()),
        }),
        Reply::Message(text) => json!({
            "statusCode": 200,
            "type": "application/vnd.microsoft.activity.message",
            "value": text,
        }),
        Reply::Invalid(why) => error(400, "BadRequest", why),
        Reply::Failed => {
            error(500, "ServiceError", "The approval service failed and nothing was decided. Try again.")
        }
    }
}

/// The card of a task with its buttons.
pub(super) fn of(bot: &Bot, task: &TaskView, link: &str, said: Option<&str>) -> Value {
    let mark = bot.mark(&task.id, &task.display_digest, task.answers.len());
    card(&Request::of(task), Face::Decides(&mark), link, said)
}

async fn press(service: &Service, bot: &Bot, verified: &Verified) -> Result<Reply, Fault> {
    let Ok(Pressed { action }) = Pressed::deserialize(&verified.activity.value) else {
        return Ok(Reply::Invalid("This is no button of an approval."));
    };
    let choice = match (action.kind.as_str(), action.verb.as_str()) {
        ("Action.Execute", "approve") => Choice::Approve,
        ("Action.Execute", "deny") => Choice::Deny,
        ("Action.Execute", "context") => Choice::Ask,
        _ => return Ok(Reply::Invalid("This is no button of an approval.")),
    };
    let who = match presser(service, verified).await? {
        Ok(who) => who,
        Err(why) => return Ok(Reply::Message(why)),
    };
    let data = action.data;
    let Some(task) = find(service, &data.tid).await? else {
        return Ok(Reply::Invalid("There is no such request."));
    };
    let stale = "Nothing was decided: the card that you pressed is out of date. This is how it stands now.";
    match bot.shown(&data.mac, &task.id, &data.display_digest, task.answers.len()) {
        Shown::Now => {}
        Shown::Before => return Ok(shown(task, Some(stale.to_owned()))),
        Shown::Forged => return Ok(Reply::Invalid("This card was not made by this service.")),
    }
    let known = verified.activity.id.as_deref().ok_or(());
    let Ok(activity) = known else { return Ok(Reply::Invalid("The activity has no id.")) };
    // An activity is remembered for as long as its token is good.
    match chat::once(service, PROVIDER, (verified.until_s, activity), SKEW_S).await? {
        Seen::New if !has_decided(&task, &who, choice, &data.reason) => {}
        Seen::New | Seen::Before => return Ok(shown(task, None)),
    }
    if choice == Choice::Approve
        && wants_code(&Request::of(&task)) == Typed::Wanted
        && data.code.trim().is_empty()
    {
        return Ok(Reply::Message(
            "Nothing was decided: to approve this, type the code of the card.".to_owned(),
        ));
    }
    let code = data.code.trim();
    let vote = Vote {
        choice,
        reason: data.reason,
        display_digest: data.display_digest,
        code: (choice == Choice::Approve && !code.is_empty()).then(|| code.to_owned()),
    };
    match service.decide(&who, Channel::Teams, &task.id, vote).await {
        Ok(task) => Ok(shown(task, None)),
        Err(Refusal::StaleView) => Ok(now(service, &task.id, Some(stale.to_owned())).await?),
        Err(refusal @ Refusal::NotPending { .. }) => {
            let said = format!("Nothing was decided: {refusal}.");
            Ok(now(service, &task.id, Some(said)).await?)
        }
        Err(Refusal::Fault(why)) => Err(Fault::Store(why)),
        Err(refusal) => {
            Ok(Reply::Message(format!("Nothing was decided. {}", sentence_case(&refusal.to_string()))))
        }
    }
}

/// The account of ours behind the presser; the error is a sentence for them.
async fn presser(service: &Service, verified: &Verified) -> Result<Result<Person, String>, Fault> {
    let from = &verified.activity.from;
    let oid = from.aad_object_id.as_deref().and_then(|oid| uuid::Uuid::parse_str(oid).ok());
    let human = from.role.as_deref().is_none_or(|role| role == "user");
    let Some(oid) = oid.filter(|_| human) else {
        return Ok(Err("Nothing was decided. Guests and bots decide nothing here.".to_owned()));
    };
    let oid = oid.hyphenated().to_string();
    // Signing in with Entra is what links it.
    let account = chat::Account { provider: "entra", tenant: &verified.tenant, external_id: &oid };
    let linked = chat::person(service, account).await?;
    Ok(linked.ok_or_else(|| {
        format!(
            "Nothing was decided. Your account in Teams is not linked to a reviewer yet: sign in at {}/settings once.",
            service.config().issuer()
        )
    }))
}

/// Whether the same person said the same before, and it still stands.
fn has_decided(task: &TaskView, who: &Person, choice: Choice, reason: &str) -> bool {
    let mine = task.votes.iter().rfind(|vote| vote.person.iss == who.iss && vote.person.sub == who.sub);
    match choice {
        Choice::Approve | Choice::Deny | Choice::BreakGlass => mine.is_some_and(|vote| vote.choice == choice),
        Choice::Ask => task
            .needs_context
            .as_ref()
            .is_some_and(|question| question.asked_by == who.name && question.text.trim() == reason.trim()),
    }
}

fn shown(task: TaskView, said: Option<String>) -> Reply {
    Reply::Card { task: Box::new(task), said }
}

async fn find(service: &Service, id: &str) -> Result<Option<TaskView>, Fault> {
    if countersign_wire::names::is_task_id(id) { service.task(id).await } else { Ok(None) }
}

/// The request as it is by now.
async fn now(service: &Service, id: &str, said: Option<String>) -> Result<Reply, Fault> {
    let task = find(service, id).await?.ok_or_else(|| Fault::Corrupt("a task vanished".to_owned()))?;
    // Whoever is late is told so by the card itself where nothing else is to be said.
    let said = said.filter(|_| task.status == Status::Pending || task.decided_at_ms.is_some());
    Ok(shown(task, said))
}
