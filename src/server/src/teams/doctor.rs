//! Whether Teams is set up as it must be: for `countersign doctor teams`. It asks for the published keys and for a token of the
//! bot, and reads what the service has heard; it sends nothing to anybody's conversation.

use std::collections::BTreeMap;

use super::{bot::Bot, config::Conversation, outbound::Unsent};
use crate::{
    clock::{Clock as _, System},
    doctor::{Finding, Setting},
    store::teams::{Met, met},
};

/// What is found of the bot and its channels.
pub(crate) async fn examine(setting: Setting<'_>) -> Vec<Finding> {
    let Some(bot) = setting.config.teams() else { return Vec::new() };
    let mut found = vec![published(bot).await, login(bot).await, reached(setting)];
    let channels = setting.config.routes.channels();
    let rooms: BTreeMap<&String, &Conversation> =
        channels.iter().filter_map(|(name, channel)| Some((name, channel.teams()?))).collect();
    if rooms.is_empty() {
        found.push(Finding::warn(
            "no channel is a `teams_bot`, so the bot shows nobody anything",
            "add one under `channels` and name it in `notify`",
        ));
    }
    for (name, room) in rooms {
        found.push(heard(setting, bot, name, room).await);
    }
    found
}

async fn published(bot: &Bot) -> Finding {
    match bot.keyring.fetch().await {
        Ok(keys) => Finding::ok(format!("the Bot Connector publishes {} keys", keys.len())),
        Err(why) => Finding::fail(
            format!("the Bot Connector's keys cannot be fetched: {why}"),
            "let this service reach `login.botframework.com` by https; without the keys every press is refused",
        ),
    }
}

async fn login(bot: &Bot) -> Finding {
    match bot.can_log_in(System.now_ms()).await {
        Ok(()) => Finding::ok("the login gives the bot a token"),
        Err(Unsent::Later { why, .. } | Unsent::Never { why }) => Finding::fail(
            why,
            "compare `app_id`, `tenant` and `secret` with the app registration in Entra, and let this service reach \
             `login.microsoftonline.com`",
        ),
        Err(Unsent::Gone) => Finding::fail("the login is not there", "correct `login`"),
    }
}

/// Teams calls the bot from outside.
fn reached(setting: Setting<'_>) -> Finding {
    let issuer = setting.config.issuer();
    if issuer.starts_with("https://") {
        return Finding::ok(format!("the Azure Bot's messaging endpoint must be `{issuer}/teams/messages`"));
    }
    Finding::warn(
        format!("`issuer` is `{issuer}`, and Teams calls https addresses only"),
        "put the service behind TLS under a public name and write that into `issuer`",
    )
}

async fn heard(setting: Setting<'_>, bot: &Bot, name: &str, room: &Conversation) -> Finding {
    let known = known(setting, room).await;
    match known {
        Ok(Some(met)) => match bot.trusted(&met.service_url) {
            Ok(_) => Finding::ok(format!("channel `{name}`: the bot was heard there")),
            Err(why) => Finding::fail(
                format!("channel `{name}`: {why}"),
                "add its host to `service_hosts`, if it is Microsoft's for your cloud",
            ),
        },
        Ok(None) => Finding::fail(
            format!("channel `{name}`: the bot was never heard of in `{}`", room.id),
            "add the app to the team, write `@countersign` in the channel, and compare the id that it answers with",
        ),
        Err(why) => Finding::warn(
            format!("channel `{name}`: whether the bot was heard there cannot be read: {why}"),
            "run the doctor as the user that runs the service, after its first start",
        ),
    }
}

async fn known(setting: Setting<'_>, room: &Conversation) -> Result<Option<Met>, String> {
    let mut sql = setting.store().await.map_err(|error| error.to_string())?;
    met(&mut sql, &room.id, room.team.as_deref()).await.map_err(|fault| fault.to_string())
}
