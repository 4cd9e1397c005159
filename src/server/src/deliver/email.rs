//! E-mail: says that something waits, or what became of it, and links to where a human decides. Nothing is decided by mail.
//!
//! Promises: the connection is TLS, except to this machine where the configuration says so; no part of a mail but its
//! subject and plain text comes from a request, and both are inert; the only link is ours.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, MessageBuilder, MultiPart, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use serde::Deserialize;

use super::{Digest, Event, Place, Told, Undelivered, words};
use crate::{
    approver::text::inert_short, config::document::SecretFrom, outward::is_this_machine, secrets::plain,
    service::Status,
};

const TIMEOUT: Duration = Duration::from_secs(20);

/// E-mail as it is typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailAt {
    /// The mail server's name.
    pub server: String,
    /// Its port: 587 for `starttls`, 465 for `implicit`, 25 for `none`.
    pub port: Option<u16>,
    /// How the connection is protected: `starttls` where nothing is written.
    #[serde(default)]
    pub tls: TlsAt,
    /// Whom we log in as.
    pub username: Option<String>,
    /// With which password.
    pub password: Option<SecretFrom>,
    /// The sender: `Countersign <approvals@example.com>`.
    pub from: String,
    /// Who is told.
    pub to: Vec<String>,
    /// A PEM file with the authorities that sign the server's certificate; Mozilla's where nothing is written.
    pub ca: Option<String>,
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TlsAt {
    /// From the first byte (RFC 8314).
    Implicit,
    /// By STARTTLS, without which nothing is sent (RFC 3207).
    #[default]
    Starttls,
    /// Not at all: only to this machine.
    None,
}

/// E-mail that was checked.
pub(crate) struct Email {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl Email {
    pub(super) fn compile(at: EmailAt) -> Result<Self, String> {
        if at.tls == TlsAt::None && !is_this_machine(&at.server) {
            return Err(format!(
                "mail to `{}` would go over the network in the clear; use `tls: starttls` or `tls: implicit`",
                at.server
            ));
        }
        let mailbox = |text: &String| {
            text.parse::<Mailbox>().map_err(|error| format!("`{text}` is no mail address: {error}"))
        };
        let to = at.to.iter().map(mailbox).collect::<Result<Vec<_>, _>>()?;
        if to.is_empty() {
            return Err("`to` is empty, so nobody would be told".to_owned());
        }
        let (usual, tls) = match at.tls {
            TlsAt::Implicit => (465, Tls::Wrapper(parameters(&at)?)),
            TlsAt::Starttls => (587, Tls::Required(parameters(&at)?)),
            TlsAt::None => (25, Tls::None),
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&at.server)
            .port(at.port.unwrap_or(usual))
            .tls(tls)
            .timeout(Some(TIMEOUT));
        match (at.username, &at.password) {
            (None, None) => {}
            (Some(name), Some(from)) => {
                let password = plain(from).map_err(|why| format!("`password`: {why}"))?;
                transport = transport.credentials(Credentials::new(name, password.expose().to_owned()));
            }
            (Some(_), None) | (None, Some(_)) => {
                return Err("`username` and `password` belong together".to_owned());
            }
        }
        Ok(Self { transport: transport.build(), from: mailbox(&at.from)?, to })
    }

    pub(super) async fn tell(&self, told: &Told<'_>) -> Result<Place, Undelivered> {
        let Some(mail) = self.mail(told).map_err(Undelivered::never)? else { return Ok(None) };
        self.send(mail).await.map(|()| None)
    }

    /// One mail about many requests.
    pub(super) async fn digest(&self, digest: &Digest) -> Result<(), Undelivered> {
        let id = format!("<digest_{}@{}>", digest.id, self.from.email.domain());
        let head = self.head(id).subject(digest.title());
        self.send(body(head, digest.text(), &digest.link).map_err(Undelivered::never)?).await
    }

    async fn send(&self, mail: Message) -> Result<(), Undelivered> {
        match self.transport.send(mail).await {
            Ok(_) => Ok(()),
            Err(error) => {
                let why = format!("the mail server: {}", inert_short(&error.to_string(), 300));
                Err(if error.is_permanent() { Undelivered::never(why) } else { Undelivered::later(why) })
            }
        }
    }

    /// Whether the server answers, and takes our login.
    pub(crate) async fn answers(&self) -> Result<bool, String> {
        self.transport
            .test_connection()
            .await
            .map_err(|error| inert_short(&error.to_string(), 300).to_string())
    }

    /// Who is told.
    pub(crate) fn readers(&self) -> usize {
        self.to.len()
    }

    fn head(&self, id: String) -> MessageBuilder {
        let head = Message::builder().from(self.from.clone()).message_id(Some(id));
        self.to.iter().fold(head, |head, to| head.to(to.clone()))
    }

    /// The mail, where there is something to say: what was overtaken meanwhile is not told.
    fn mail(&self, told: &Told<'_>) -> Result<Option<Message>, String> {
        let asks = matches!(told.event, Event::Submitted | Event::Asked | Event::Reminder);
        if told.event == Event::Updated || (asks && told.task.status != Status::Pending) {
            return Ok(None);
        }
        let host = self.from.email.domain();
        // Every mail about one request is one conversation.
        let thread = format!("<{}@{host}>", told.task.id);
        let id = match told.event {
            Event::Submitted => thread.clone(),
            _ => format!("<evt_{}@{host}>", told.id),
        };
        let mut mail = self.head(id).subject(words::title(told));
        if told.event != Event::Submitted {
            mail = mail.in_reply_to(thread.clone()).references(thread);
        }
        body(mail, words::text(told), &told.link()).map(Some)
    }
}

fn body(head: MessageBuilder, text: String, link: &str) -> Result<Message, String> {
    let html = html(&text, link);
    head.header(lettre::message::header::MIME_VERSION_1_0)
        .multipart(
            MultiPart::alternative()
                .singlepart(part(ContentType::TEXT_PLAIN, text))
                .singlepart(part(ContentType::TEXT_HTML, html)),
        )
        .map_err(|error| format!("the mail cannot be written: {error}"))
}

fn part(kind: ContentType, text: String) -> lettre::message::SinglePart {
    lettre::message::SinglePart::builder().header(kind).body(text)
}

/// The plain text as it is, and our link as the only one.
fn html(text: &str, link: &str) -> String {
    let escaped = |text: &str| {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    format!(
        "<!doctype html><html lang=\"en\"><body><pre style=\"font:15px/1.5 system-ui,sans-serif;white-space:pre-wrap\">{}</pre>\
         <p><a href=\"{}\">Look at it</a></p></body></html>",
        escaped(text),
        escaped(link)
    )
}

fn parameters(at: &EmailAt) -> Result<TlsParameters, String> {
    let mut parameters = TlsParameters::builder(at.server.clone());
    if let Some(path) = &at.ca {
        let pem = std::fs::read(path).map_err(|error| format!("cannot read ca `{path}`: {error}"))?;
        let certificate =
            Certificate::from_pem(&pem).map_err(|error| format!("ca `{path}` is not of PEM: {error}"))?;
        parameters = parameters.add_root_certificate(certificate);
    }
    parameters.build_rustls().map_err(|error| format!("TLS to the mail server cannot be set up: {error}"))
}
