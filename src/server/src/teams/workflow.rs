//! A Teams Workflows webhook ("Send webhook alerts to a channel"): it tells, it takes no decisions.
//!
//! Whoever has its address can write into the channel, so the address is a secret: it is read anew each time and stands in no
//! sentence, log or record. What comes back through it proves nobody, so its card has one button, which opens the inbox.
//! A message cannot be changed afterwards: each change that people should know of is a card of its own.
//!
//! Shape: "Create incoming webhooks with Workflows for Microsoft Teams", support.microsoft.com; a flow answers 202.

use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::Request;

use super::{
    config::{TeamsWorkflowAt, is_listed, reveal, workflow_hosts},
    outbound::{Unsent, after},
};
use crate::{
    config::document::SecretFrom,
    outward::{Outward, safe},
};

/// A webhook.
pub(crate) struct Workflow {
    outward: Outward,
    url: SecretFrom,
    hosts: Vec<String>,
}

impl std::fmt::Debug for Workflow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Workflow")
    }
}

impl TeamsWorkflowAt {
    /// Checks what was typed, and the address as it is now.
    ///
    /// # Errors
    /// A sentence.
    pub(crate) fn compile(self) -> Result<Workflow, String> {
        let outward = Outward::new(Duration::from_secs(15), None)?;
        let workflow = Workflow { outward, url: self.url, hosts: workflow_hosts(&self.hosts) };
        workflow.address().map(|_| workflow)
    }
}

impl Workflow {
    /// The address, where it is one of a workflow. No error repeats it.
    fn address(&self) -> Result<countersign_wire::sealed::Plain, String> {
        let url = reveal(&self.url).map_err(|why| format!("url: {why}"))?;
        let host = url
            .expose()
            .split_once("://")
            .map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
        if safe(url.expose()).is_err()
            || !host.is_some_and(|host| is_listed(&host.to_ascii_lowercase(), &self.hosts))
        {
            return Err("url: it is not https at one of these hosts: ".to_owned() + &self.hosts.join(", "));
        }
        Ok(url)
    }

    /// Sends a card.
    pub(crate) async fn send(&self, card: &Value) -> Result<(), Unsent> {
        let url = self.address().map_err(|why| Unsent::Never { why })?;
        let request = Request::post(url.expose())
            .header("content-type", "application/json")
            .body(envelope(card).to_string().into_bytes())
            .map_err(|_| Unsent::Never { why: "url: it is no address".to_owned() })?;
        let answer = self.outward.call(request).await;
        let answer = answer.map_err(|error| Unsent::Later { why: error.to_string(), after: None })?;
        match answer.status {
            200..=299 => Ok(()),
            401 | 403 | 404 | 410 => Err(Unsent::Never {
                why: format!(
                    "the workflow answers {}: it was deleted or turned off, or its address was made anew; copy the address from the \
                     workflow's trigger again",
                    answer.status
                ),
            }),
            408 | 429 | 500..=599 => Err(Unsent::Later {
                why: format!("the workflow answers {}", answer.status),
                after: after(&answer),
            }),
            status => Err(Unsent::Never { why: format!("the workflow refuses the card with {status}") }),
        }
    }
}

/// The message that a workflow's trigger reads.
pub(crate) fn envelope(card: &Value) -> Value {
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    })
}
