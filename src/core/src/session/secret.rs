//! Secrets that a released call takes along: opened when the grant is redeemed, put into the headers, kept from the answer.
//!
//! All that the request asks for and nothing else must have come, sealed for this very grant and request; else nothing leaves.
//! The call leaves once the host says that every header is set. From the answer's head, body and trailers the values are taken
//! out as they go by (see [`crate::redact`]); an answer that cannot be looked through, because it is compressed, a part of a
//! whole (206), or no HTTP any more, is withheld, and the upstream is asked for `identity`. The values go with the stream. What it cannot do: the
//! proxy keeps the header of the request that left until its stream is over, and lets nobody change it any more, so an access log that
//! is told to show this very header shows the value.

use countersign_wire::sealed::{Envelope, Opened, Sealed};
use serde_json::{Value, json};

use super::{
    Desk, Effect, End, Flow, Holding, Measure, Side, Verdict, Wants,
    response::{Handed, Undone},
};
use crate::{
    anonymise::Edit,
    answer::{Situation, Ticket, reply, speech::Speech},
    ask::Ask,
    call::HeaderMap,
    placeholder::Template,
    redact::{Forms, Found, overwritten},
};

/// The most of an answer that waits for its next piece, in bytes: more than the longest form, so honest answers never do.
const LONGEST_WAIT: usize = 256 * 1024;

/// Opens what came with the answer to a redeem; the error says what is wrong with it.
pub(super) fn open(
    desk: &Desk<'_>,
    holding: &Holding,
    jti: &str,
    sealed: &[Sealed],
) -> Result<Vec<Opened>, String> {
    let wanted = &holding.ask.submission.context.v1.secrets;
    if let Some(missing) = wanted.iter().find(|name| !sealed.iter().any(|one| one.name == **name)) {
        return Err(format!("secret `{missing}`: it did not come with the receipt"));
    }
    if sealed.len() != wanted.len() {
        return Err("other secrets came with the receipt than the request uses".to_owned());
    }
    let request_digest = &holding.ask.request_digest;
    let envelope = Envelope { key: &desk.worker.config.signing.secret, jti, request_digest };
    let opened = |one: &Sealed| envelope.open(one).map_err(|fault| format!("secret `{}`: {fault}", one.name));
    sealed.iter().map(opened).collect()
}

/// Has the host put the secrets into the request. `None` where one of them is not there.
pub(super) fn inject(templates: &[Template], opened: &[Opened]) -> Option<Vec<Effect>> {
    let filled =
        |template: &Template| Some(Effect::Inject(template.header().to_owned(), template.fill(opened)?));
    let mut effects = templates.iter().map(filled).collect::<Option<Vec<_>>>()?;
    effects.push(Effect::Header(Side::Request, Edit::set("accept-encoding", "identity")));
    effects.push(Effect::Confirm);
    Some(effects)
}

/// Takes the headers out of the request again.
pub(super) fn withdraw(templates: &[Template]) -> Effect {
    Effect::Strip(templates.iter().map(|template| template.header().to_owned()).collect())
}

/// Names and versions, for records.
pub(super) fn named(opened: &[Opened]) -> Value {
    opened.iter().map(|one| json!({"name": one.name, "version": one.version})).collect()
}

/// Keeps the values from the answer.
#[derive(Debug)]
pub(super) struct Guard {
    forms: Forms,
    templates: Vec<Template>,
    speech: Speech,
    ticket: Ticket,
    stage: Stage,
    redacted: u64,
    why: Option<&'static str>,
}

#[derive(Debug)]
enum Stage {
    /// Nothing of the answer has come.
    Before,
    /// It is handed on as it comes.
    Through,
    /// So many bytes of it wait for what follows.
    Waiting(usize),
    /// The agent was answered instead.
    Withheld,
}

impl Guard {
    /// `None` where nothing was put in.
    pub(super) fn new(ask: &Ask, opened: &[Opened], ticket: &Ticket) -> Option<Self> {
        let values = opened.iter().map(|one| &one.value);
        (!opened.is_empty()).then(|| Self {
            forms: Forms::new(values),
            templates: ask.secrets.clone(),
            speech: ask.speech.clone(),
            ticket: ticket.clone(),
            stage: Stage::Before,
            redacted: 0,
            why: None,
        })
    }

    pub(super) fn flow(&self) -> Flow {
        match self.stage {
            Stage::Before | Stage::Through => Flow::Pass,
            Stage::Waiting(_) | Stage::Withheld => Flow::Hold,
        }
    }

    pub(super) fn wants(&self) -> Wants {
        match self.stage {
            Stage::Before | Stage::Through | Stage::Waiting(_) => Wants::Response,
            Stage::Withheld => Wants::Nothing,
        }
    }

    /// The answer's head.
    pub(super) fn head(&mut self, desk: &mut Desk<'_>, headers: Option<&HeaderMap>, end: End) {
        match self.stage {
            Stage::Before => {}
            Stage::Through | Stage::Waiting(_) | Stage::Withheld => return,
        }
        match (headers, end) {
            (None, _) => self.withhold(desk, "it is not readable"),
            (Some(headers), End::No) if partial(headers) => self.withhold(desk, "it is a part of a whole"),
            (Some(headers), End::No) if encoded(headers) => {
                self.withhold(desk, "it is compressed or encoded");
            }
            (Some(headers), _) => {
                self.stage = Stage::Through;
                self.edit(desk, Side::Response, headers);
            }
        }
    }

    /// A piece of the body, with all that waits before it.
    pub(super) fn piece(&mut self, desk: &mut Desk<'_>, piece: &[u8], end: End) -> Handed {
        match self.stage {
            // A body without a head is nothing that HTTP knows.
            Stage::Before => self.withhold(desk, "its head was not readable"),
            Stage::Waiting(held) if piece.len() < held => {
                self.withhold(desk, "the proxy did not hand it over");
            }
            Stage::Through | Stage::Waiting(_) | Stage::Withheld => {}
        }
        if let Stage::Withheld = self.stage {
            return Handed::Nothing;
        }
        let found = self.forms.scan(piece, end);
        if found.open.is_some() {
            self.stage = Stage::Waiting(piece.len());
            if piece.len() > LONGEST_WAIT {
                self.withhold(desk, "it might be a secret without an end");
            }
            return Handed::Nothing;
        }
        self.stage = Stage::Through;
        self.overwrite(piece, &found)
    }

    /// A whole body that somebody else has already held back and rewritten.
    pub(super) fn whole(&mut self, body: &[u8]) -> Handed {
        let found = self.forms.scan(body, End::Yes);
        self.overwrite(body, &found)
    }

    /// The answer's trailers.
    pub(super) fn trailers(&mut self, desk: &mut Desk<'_>, trailers: Option<&HeaderMap>) {
        match (self.stage_is_over(), trailers) {
            (Over::Yes, _) => {}
            (Over::No, Some(trailers)) => self.edit(desk, Side::Trailers, trailers),
            (Over::No, None) => self.withhold(desk, "its trailers are not readable"),
        }
    }

    /// The host did not change the answer as it was told.
    pub(super) fn undone(&mut self, desk: &mut Desk<'_>) -> Undone {
        if let Over::No = self.stage_is_over() {
            self.withhold(desk, "the proxy would not change it");
        }
        Undone::Nothing
    }

    /// The member of the closing record.
    pub(super) fn told(&self) -> Value {
        let names: Vec<&str> = self.templates.iter().flat_map(Template::names).collect();
        let mut told = json!({"names": names, "redacted": self.redacted});
        if let (Some(why), Some(members)) = (self.why, told.as_object_mut()) {
            members.insert("withheld".into(), why.into());
        }
        told
    }

    fn stage_is_over(&self) -> Over {
        match self.stage {
            Stage::Before | Stage::Through | Stage::Waiting(_) => Over::No,
            Stage::Withheld => Over::Yes,
        }
    }

    fn overwrite(&mut self, text: &[u8], found: &Found) -> Handed {
        self.redacted = self.redacted.saturating_add(found.hits.len() as u64);
        overwritten(text, found).map_or(Handed::Same, Handed::Other)
    }

    /// Takes the values out of headers or trailers; one that comes several times goes as a whole.
    fn edit(&mut self, desk: &mut Desk<'_>, side: Side, headers: &HeaderMap) {
        let mut done: Vec<&str> = Vec::new();
        for (name, value) in headers.iter() {
            let found = self.forms.scan(value, End::Yes);
            if found.hits.is_empty() || name.starts_with(':') || done.contains(&name) {
                continue;
            }
            done.push(name);
            let sole = headers.get_all(name).nth(1).is_none();
            let edit = match self.overwrite(value, &found) {
                Handed::Other(value) if sole => match String::from_utf8(value) {
                    Ok(value) => Edit::set(name, value),
                    Err(_) => Edit::remove(name),
                },
                Handed::Other(_) | Handed::Same | Handed::Nothing => Edit::remove(name),
            };
            desk.effects.push(Effect::Header(side, edit));
        }
    }

    fn withhold(&mut self, desk: &mut Desk<'_>, why: &'static str) {
        self.stage = Stage::Withheld;
        self.why = Some(why);
        let because = "a secret was put into the request and could stand in it, and ";
        let situation = Situation::Withheld { why: format!("{because}{why}") };
        let reply = reply(&self.speech, &situation, &self.ticket, &desk.worker.config.answers);
        desk.effects.push(Effect::Verdict(Verdict::Withheld));
        desk.effects.push(Effect::Measure(Measure::Refused(Verdict::Withheld)));
        desk.effects.push(Effect::Withhold(reply));
    }
}

/// Whether nothing of the answer is handed on any more.
enum Over {
    Yes,
    No,
}

fn partial(headers: &HeaderMap) -> bool {
    matches!(headers.text(":status"), Some("206" | "101"))
}

fn encoded(headers: &HeaderMap) -> bool {
    headers.get_all("content-encoding").any(|value| !value.trim_ascii().eq_ignore_ascii_case(b"identity"))
}
