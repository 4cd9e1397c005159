//! The upstream's answer to a call whose rule anonymises it: held back whole, rewritten, handed on.
//!
//! Only an answer that is known whole can be rewritten. One that is a stream, compressed, a part (206), larger than the rule's
//! limit or not understood is withheld, unless the rule lets it pass; the call itself was executed, and both the agent and
//! the record are told so. An answer without a body passes as it is.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Desk, Effect, End, Flow, Measure, Side, Verdict};
use crate::{
    anonymise::{ChangedAnswer, Edit, ResponseHead, Told, too_large},
    answer::{Situation, Ticket, reply, speech::Speech},
    call::HeaderMap,
    policy::{Anonymise, Otherwise},
};

/// An answer on its way.
#[derive(Debug)]
pub(super) struct Answering {
    anonymise: Arc<Anonymise>,
    speech: Speech,
    ticket: Ticket,
    stage: Stage,
    request: Told,
    response: Option<Told>,
}

#[derive(Debug)]
enum Stage {
    /// Nothing of it has come.
    Before,
    /// So many bytes of its body are held back.
    Gathering(ResponseHead, usize),
    /// It is handed on as it comes.
    Through,
    /// The agent was answered instead.
    Withheld,
}

/// What of the body goes to the agent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Handed {
    /// As it came.
    Same,
    /// This.
    Other(Vec<u8>),
    /// Nothing.
    Nothing,
}

/// What is left to be done about a host that did not do as it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undone {
    /// The request is not as it must be, and has not left: it must not.
    Request,
    /// Nothing.
    Nothing,
}

impl Answering {
    pub(super) fn new(anonymise: Arc<Anonymise>, request: Told, speech: Speech, ticket: Ticket) -> Self {
        Self { anonymise, speech, ticket, stage: Stage::Before, request, response: None }
    }

    /// Whether the answer may go on.
    pub(super) fn flow(&self) -> Flow {
        match self.stage {
            Stage::Before | Stage::Through => Flow::Pass,
            Stage::Gathering(..) | Stage::Withheld => Flow::Hold,
        }
    }

    pub(super) fn wants(&self) -> super::Wants {
        match self.stage {
            Stage::Before | Stage::Through => super::Wants::Response,
            Stage::Gathering(..) => super::Wants::WholeResponse,
            Stage::Withheld => super::Wants::Nothing,
        }
    }

    /// Its head.
    pub(super) fn head(&mut self, desk: &mut Desk<'_>, headers: Option<&HeaderMap>, end: End) {
        match self.stage {
            Stage::Before => {}
            Stage::Gathering(..) | Stage::Through | Stage::Withheld => return,
        }
        let Some(rules) = &self.anonymise.response else {
            self.stage = Stage::Through;
            return;
        };
        match (end, headers.map(|headers| ResponseHead::read(headers, rules))) {
            (End::Yes, _) => self.stage = Stage::Through,
            (End::No, Some(Ok(head))) => self.stage = Stage::Gathering(head, 0),
            (End::No, Some(Err(why))) => self.cannot(desk, &why),
            (End::No, None) => self.cannot(desk, "not readable"),
        }
    }

    /// So many bytes of the body are held back.
    pub(super) fn grows(&mut self, desk: &mut Desk<'_>, size: usize) {
        let limit = self.anonymise.response.as_ref().map_or(0, |rules| rules.limit);
        match &mut self.stage {
            Stage::Gathering(..) if size > limit => self.cannot(desk, &too_large(limit)),
            Stage::Gathering(_, held) => *held = size,
            Stage::Before | Stage::Through | Stage::Withheld => {}
        }
    }

    /// The whole body. Less than was held back is no whole body: the host did not hand it over, and what nobody has seen is
    /// not let through.
    pub(super) fn ends(&mut self, desk: &mut Desk<'_>, body: &[u8]) -> Handed {
        if let Stage::Gathering(_, held) = self.stage
            && body.len() < held
        {
            self.withhold(desk, "not handed over by the proxy");
        }
        self.grows(desk, body.len());
        let head = match std::mem::replace(&mut self.stage, Stage::Through) {
            Stage::Gathering(head, _) => head,
            stage @ (Stage::Before | Stage::Through) => {
                self.stage = stage;
                return Handed::Same;
            }
            Stage::Withheld => {
                self.stage = Stage::Withheld;
                return Handed::Nothing;
            }
        };
        let Some(rules) = &self.anonymise.response else { return Handed::Same };
        match head.rewrite(&rules.fields, desk.worker.config.policy.plain_masker(), body) {
            Ok(ChangedAnswer { body, edits, told }) => {
                self.response = Some(told);
                desk.effects.extend(edits.into_iter().map(|edit: Edit| Effect::Header(Side::Response, edit)));
                body.map_or(Handed::Same, Handed::Other)
            }
            Err(why) => {
                self.cannot(desk, &why);
                match self.stage {
                    Stage::Withheld => Handed::Nothing,
                    Stage::Before | Stage::Gathering(..) | Stage::Through => Handed::Same,
                }
            }
        }
    }

    /// The host did not change what it was told to. An answer is withheld then.
    pub(super) fn undone(&mut self, desk: &mut Desk<'_>) -> Undone {
        match self.stage {
            Stage::Before => Undone::Request,
            Stage::Withheld => Undone::Nothing,
            Stage::Gathering(..) | Stage::Through => {
                self.withhold(desk, "not changed by the proxy");
                Undone::Nothing
            }
        }
    }

    /// The answer cannot be rewritten: the rule says what becomes of it.
    fn cannot(&mut self, desk: &mut Desk<'_>, why: &str) {
        let otherwise = self.anonymise.response.as_ref().map_or(Otherwise::Refuse, |rules| rules.otherwise);
        match otherwise {
            Otherwise::Pass => {
                self.response = Some(Told::not("passed", why));
                self.stage = Stage::Through;
            }
            Otherwise::Refuse => self.withhold(desk, why),
        }
    }

    fn withhold(&mut self, desk: &mut Desk<'_>, why: &str) {
        self.response = Some(Told::not("withheld", why));
        self.stage = Stage::Withheld;
        let situation = Situation::Withheld { why: format!("a rule anonymises it, and it is {why}") };
        let reply = reply(&self.speech, &situation, &self.ticket, &desk.worker.config.answers);
        desk.effects.push(Effect::Verdict(Verdict::Withheld));
        desk.effects.push(Effect::Measure(Measure::Refused(Verdict::Withheld)));
        desk.effects.push(Effect::Withhold(reply));
    }

    /// The member of the closing record.
    pub(super) fn told(&self) -> Value {
        let cut = Told::not("withheld", "not whole when the stream ended");
        let response = match self.stage {
            Stage::Gathering(..) => Some(&cut),
            Stage::Before | Stage::Through | Stage::Withheld => self.response.as_ref(),
        };
        told(&self.anonymise.rule, &self.request, response)
    }
}

/// The member `anonymised` of a record.
pub(super) fn told(rule: &str, request: &Told, response: Option<&Told>) -> Value {
    let mut members =
        Map::from_iter([("rule".to_owned(), rule.into()), ("request".to_owned(), request.value())]);
    members.extend(response.map(|told| ("response".to_owned(), told.value())));
    Value::Object(members)
}
