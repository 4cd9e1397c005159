//! Slack: cards in channels, decisions in windows, a queue in the app's home tab.
//!
//! Promises: nothing is read that Slack did not sign, or that did not come over the connection that this service opened to
//! Slack; nothing of another app or workspace counts; nobody decides who did not link their account themselves, and no guest,
//! bot or member of another workspace does. A button decides nothing. Every decision goes through
//! [`Service::decide`](crate::service::Service::decide), which checks everything again. Where Slack cannot be asked who
//! somebody is, they may not decide here; the web inbox stays.

mod api;
mod card;
pub(crate) mod config;
pub(crate) mod doctor;
mod home;
mod inbound;
mod link;
mod modal;
mod people;
pub(crate) mod post;
mod socket;
mod text;
mod verify;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::map_response,
    routing::{get, post},
};
use countersign_wire::digest::Secret;

use crate::{inbox, service::Service};
use config::Settings;

/// The word for Slack in the store.
pub(crate) const PROVIDER: &str = "slack";
/// The largest call of Slack that is read: a press brings its whole message along, spelled as a form.
const LARGEST: usize = 512 * 1024;

/// The app of Slack, as it runs; cheap to clone.
#[derive(Clone)]
pub(crate) struct Slack(Arc<Running>);

pub(crate) struct Running {
    service: Service,
    settings: Settings,
    members: people::Members,
}

impl std::ops::Deref for Slack {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.0
    }
}

impl Slack {
    /// The app that is configured; `None` where there is none.
    pub(crate) fn of(service: &Service) -> Option<Self> {
        let settings = service.config().slack.clone()?;
        let service = service.clone();
        Some(Self(Arc::new(Running { service, settings, members: people::Members::default() })))
    }
}

impl Running {
    /// The key of what this service hands to Slack and gets back.
    fn key(&self) -> Secret {
        crate::chat::key(&self.service)
    }

    /// Where a request stands in the inbox.
    fn link(&self, id: &str) -> String {
        format!("{}/r/{id}", self.service.config().issuer())
    }

    /// Where people link their accounts.
    fn settings_page(&self) -> String {
        format!("{}/settings/slack/link", self.service.config().issuer())
    }
}

/// Whether people can link accounts of Slack here.
pub(crate) fn can_link(service: &Service) -> Offered {
    let sign_in = service.config().slack.as_ref().and_then(|settings| settings.sign_in.as_ref());
    sign_in.map_or(Offered::No, |_| Offered::Yes)
}

/// Whether a page offers something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offered {
    Yes,
    No,
}

/// What Slack calls, and the pages by which people link their accounts; nothing where Slack is not configured.
pub(crate) fn router(service: &Service) -> Router {
    let Some(slack) = Slack::of(service) else { return Router::new() };
    let calls: Router = match &slack.settings.signing_secret {
        None => Router::new(),
        Some(_) => Router::new()
            .route("/slack/interactions", post(inbound::interactions))
            .route("/slack/events", post(inbound::events))
            .layer(DefaultBodyLimit::max(LARGEST))
            .with_state(slack.clone()),
    };
    if slack.settings.sign_in.is_none() {
        return calls;
    }
    let pages = Router::new()
        .route("/settings/slack/link", get(link::start))
        .route("/settings/slack/return", get(link::back))
        .route("/settings/slack/confirm", post(link::confirm))
        .route("/settings/slack/unlink", post(link::unlink))
        .layer(DefaultBodyLimit::max(16 * 1024))
        .layer(map_response(inbox::guarded))
        .with_state(service.clone());
    calls.merge(pages)
}

/// Opens Socket Mode, where it is configured; it ends with the service.
pub(crate) fn listen(service: &Service) {
    let Some(slack) = Slack::of(service) else { return };
    if slack.settings.app_token.is_some() {
        tokio::spawn(socket::run(slack));
    }
}
