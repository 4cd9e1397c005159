//! Whether webhooks, on-call services and mail servers can be told: for `countersign doctor webhook` and `email`.
//!
//! A receiver is reached, and not called: a webhook that is called is told something, and an alert wakes somebody. So whether a
//! key or a secret is the right one shows with the first request; whether a mail server takes our login shows here.

use super::{Finding, Setting};
use crate::config::Config;

/// Whether there is a webhook or an on-call service.
pub(super) fn has_webhooks(config: &Config) -> bool {
    config.routes.channels().values().any(|channel| channel.reached().is_some())
}

/// Whether there is a channel by e-mail.
pub(super) fn has_email(config: &Config) -> bool {
    config.routes.channels().values().any(|channel| channel.email().is_some())
}

/// Looks at every webhook and on-call service.
pub(super) async fn webhooks(setting: Setting<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, channel) in setting.config.routes.channels().iter() {
        let Some((url, outward)) = channel.reached() else { continue };
        let request = ureq::http::Request::head(url).body(Vec::new());
        let Ok(request) = request else {
            found.push(Finding::fail(format!("channel `{name}`: `{url}` is no address"), "correct `url`"));
            continue;
        };
        found.push(match outward.call(request).await {
            // Any answer shows that name, network and certificate are right; few receivers like HEAD.
            Ok(answer) if matches!(answer.status, 300..=399) => Finding::warn(
                format!("channel `{name}`: `{url}` sends elsewhere (status {})", answer.status),
                "configure the address it sends to: nobody is followed elsewhere",
            ),
            Ok(answer) => {
                Finding::ok(format!("channel `{name}`: `{url}` is reached (status {} to HEAD)", answer.status))
            }
            Err(fault) => Finding::fail(
                format!("channel `{name}`: {}", fault.0),
                "see that this machine resolves and reaches it, and name its authority with `ca` where it has a private one",
            ),
        });
        found.extend(routed(setting.config, name));
    }
    found
}

/// Looks at every channel by e-mail: connects, starts TLS, logs in, and sends nothing.
pub(super) async fn email(setting: Setting<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, channel) in setting.config.routes.channels().iter() {
        let Some(email) = channel.email() else { continue };
        found.push(match email.answers().await {
            Ok(true) => Finding::ok(format!(
                "channel `{name}`: the mail server takes our connection; {} would be told",
                people(email.readers())
            )),
            Ok(false) => Finding::fail(
                format!("channel `{name}`: the mail server hangs up"),
                "see that it is the right port, and that it lets this machine in",
            ),
            Err(why) => Finding::fail(
                format!("channel `{name}`: {why}"),
                "look at `server`, `port`, `tls`, `username` and `password`; name a private authority with `ca`",
            ),
        });
        found.extend(routed(setting.config, name));
    }
    found
}

fn people(count: usize) -> String {
    if count == 1 { "one address".to_owned() } else { format!("{count} addresses") }
}

/// A channel that no route names is never told.
fn routed(config: &Config, name: &str) -> Option<Finding> {
    (!config.routes.names(name)).then(|| {
        Finding::warn(
            format!("channel `{name}`: no route of `notify` names it, so it is told nothing"),
            "name it in a route, or leave it out",
        )
    })
}
