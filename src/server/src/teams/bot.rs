//! The bot as it is configured: who it is, whom it listens to, and where it may answer.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_wire::digest::{Secret, b64url};

use super::{
    config::is_listed,
    keys::Keyring,
    outbound::{Login, Tokens},
};
use crate::{
    approver::text::inert_short,
    outward::{Outward, is_this_machine},
};

/// The bot.
pub(crate) struct Bot {
    pub(super) app_id: String,
    pub(super) tenants: BTreeSet<String>,
    hosts: Vec<String>,
    pub(super) keyring: Keyring,
    pub(super) outward: Outward,
    pub(super) tokens: Tokens,
    card_key: Secret,
}

impl std::fmt::Debug for Bot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bot({})", self.app_id)
    }
}

/// An address of the Bot Connector that the bot's token may be sent to. Only [`Bot::trusted`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServiceUrl(String);

impl ServiceUrl {
    /// The address, with a slash at its end.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which state of a request a card showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The present one.
    Now,
    /// One before the requester's latest answer.
    Before,
    /// We made no such card.
    Forged,
}

impl Bot {
    pub(super) fn new(
        app_id: String,
        tenants: BTreeSet<String>,
        hosts: Vec<String>,
        keyring: Keyring,
        outward: Outward,
        login: Login,
        card_key: Secret,
    ) -> Self {
        Self {
            app_id,
            tenants,
            hosts,
            keyring,
            tokens: Tokens::new(outward.clone(), login),
            outward,
            card_key,
        }
    }

    /// Whether the bot may answer at `url`.
    ///
    /// # Errors
    /// A sentence; nothing is sent there.
    pub(crate) fn trusted(&self, url: &str) -> Result<ServiceUrl, String> {
        let refuse = || format!("serviceUrl `{}` is no address of the Bot Connector", inert_short(url, 120));
        let (scheme, rest) = url.split_once("://").ok_or_else(refuse)?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let plain =
            path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b)) && !path.contains("..");
        let secure = match scheme {
            "https" => true,
            "http" => is_this_machine(host),
            _ => false,
        };
        if !(plain && secure && is_listed(host, &self.hosts)) {
            return Err(refuse());
        }
        Ok(ServiceUrl(format!("{}/", url.trim_end_matches('/'))))
    }

    /// The mark of a card for a request: this request, as it was shown, after so many answers of the requester's side.
    pub(crate) fn mark(&self, tid: &str, display_digest: &str, answers: usize) -> String {
        b64url(&self.card_key.hmac(&[marked(tid, display_digest, answers).as_bytes()]))
    }

    /// Which state a card's mark is of.
    pub(crate) fn shown(&self, mark: &str, tid: &str, display_digest: &str, answers: usize) -> Shown {
        let Ok(mark) = URL_SAFE_NO_PAD.decode(mark) else { return Shown::Forged };
        let is = |round| self.card_key.verifies(&[marked(tid, display_digest, round).as_bytes()], &mark);
        if is(answers) {
            Shown::Now
        } else if (0..answers).any(is) {
            Shown::Before
        } else {
            Shown::Forged
        }
    }
}

fn marked(tid: &str, display_digest: &str, answers: usize) -> String {
    format!("countersign-teams-card-v1\0{tid}\0{display_digest}\0{answers}")
}
