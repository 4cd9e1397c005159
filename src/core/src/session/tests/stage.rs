//! A session with an honest (or lying) approval service around it, all in memory.

use super::super::{Effect, End, Event, Flow, Serial, Session, Side, State, Step};
use crate::{
    answer::Reply,
    ask::Surroundings,
    call::{HeaderMap, Leaving},
    config::Config,
    now::Now,
    requester::Facts,
    service::{Answer, Dispatch},
    worker::{Host, Worker},
};
use countersign_wire::{
    digest::unhex,
    evaluation::Redeem,
    grant::{Approver, BreakGlass, Decision, GrantClaims, GrantPolicy, GrantQuorum, ReceiptClaims, Release},
    jws::Issuer,
    names,
    record::Record,
    sealed::{Envelope, Plain, Sealed},
    submission::Submission,
};
use serde_json::{Value, json};
use std::rc::Rc;

/// Must never be seen by anybody.
pub(super) const CANARY: &str = "hunter2-canary-7Hq2";
pub(super) const TID: &str = "arq_1";
const ISSUER: &str = "https://approvals.test";
const CLIENT: &str = "urn:countersign:pep:test";

pub(super) fn issuer() -> Issuer {
    let seed = unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
    Issuer::from_seed(&seed.try_into().unwrap())
}

fn config() -> Rc<Config> {
    config_with(|_| ())
}

/// The configuration of the stage with a change.
pub(super) fn config_with(change: impl FnOnce(&mut Value)) -> Rc<Config> {
    let human = json!({"iss": "https://idp.test", "sub": "alice@people.test"});
    let anonymise = json!({
        "request": [{"name": "password", "with": "pseudonym"}],
        "response": {"fields": [{"name": "password", "with": "label"}], "limit": "1KiB"},
    });
    let mut document = json!({
        "client_id": CLIENT,
        "approval": {"cluster": "approvals", "authority": "approvals.test", "issuer": ISSUER,
            "jwks": {"keys": [issuer().jwk()]}, "poll": "stream"},
        "signing_key": {"keyid": "pep", "env": "SIGNING"},
        "binding_key": {"kid": "bk1", "env": "BINDING"},
        "limits": {"body_bytes": 1000},
        "policy": {
            "apiVersion": "countersign.dev/v1", "name": "tests",
            "requester": {"sources": [{"static": {"id": "spiffe://test/sa/bot", "human": human}}]},
            "groups": {"security": {}},
            "secrets": {
                "api-key": {"authority": ["secret.test", "open.test"], "header": "x-api-key", "rules": ["secret"]},
                "other-key": {"authority": "secret.test", "header": "x-api-key"},
            },
            "defaults": {"hold": "30s", "expiry": "10m", "grant": "5m",
                "reviewers": {"groups": ["security"], "quorum": 1}},
            "rules": [
                {"name": "held", "match": {"host": "held.test"}, "effect": "hold", "on_disconnect": "cancel"},
                {"name": "denied", "match": {"host": "denied.test"}, "effect": "deny"},
                {"name": "changed", "match": {"host": "changed.test", "method": ["GET", "POST"]}, "effect": "allow",
                    "anonymise": anonymise},
                {"name": "secret", "match": {"host": "secret.test"}, "effect": "hold", "on_disconnect": "cancel"},
                {"name": "held-changed", "match": {"host": "heldchanged.test"}, "effect": "hold", "anonymise": anonymise},
            ],
        },
    });
    change(&mut document);
    let environment = |name: &str| match name {
        "SIGNING" => Some("01".repeat(32)),
        "BINDING" => Some("02".repeat(32)),
        _ => None,
    };
    Config::load(document.to_string().as_bytes(), &environment).unwrap()
}

/// A proxy that knows nothing but the request in its buffers.
#[derive(Clone, Default)]
pub(super) struct Proxy {
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) speaks: Speaks,
}

/// Whether the proxy says what it would send.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Speaks {
    #[default]
    Yes,
    No,
}

impl Facts for Proxy {
    fn property(&self, _path: &[&str]) -> Option<Vec<u8>> {
        None
    }
    fn environment(&self, _name: &str) -> Option<String> {
        None
    }
    fn leaving(&self) -> Option<Leaving> {
        let leaving =
            Leaving { headers: HeaderMap::from_pairs(self.headers.clone()), body: self.body.clone() };
        (self.speaks == Speaks::Yes).then_some(leaving)
    }
}

impl Proxy {
    /// Sets or removes a header.
    pub(super) fn set(&mut self, name: &str, value: Option<&str>) {
        self.headers.retain(|(known, _)| known != name);
        self.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }

    /// Does what an effect says of the request.
    fn obey(&mut self, effect: &Effect) {
        match effect {
            Effect::Strip(names) => names.iter().for_each(|name| self.set(name, None)),
            Effect::Header(Side::Request, edit) => self.set(&edit.name, edit.value.as_deref()),
            Effect::ReplaceBody(body, _) => self.body.clone_from(body),
            _ => {}
        }
    }
}

/// Which request comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Read,
    Held,
    Denied,
    Garbled,
    /// Passes, and is anonymised both ways.
    Changed,
    /// Is held, and anonymised both ways.
    HeldChanged,
    /// Is held, and has a placeholder for a secret.
    Secret,
    /// Would pass, and has one.
    SecretPassing,
}

/// What the service answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Lost,
    Error,
    Garbage,
    /// 429, with the name of a limit.
    Full,
    Pending,
    Question,
    NotModified,
    Unknown,
    OtherTask,
    Approved,
    ApprovedWithoutGrant,
    ApprovedByStranger,
    ApprovedForAnother,
    ApprovedAsMaskedOtherwise,
    ApprovedByRequester,
    ApprovedAlone,
    ApprovedLongAgo,
    Denied,
    DeniedUnsigned,
    Expired,
    Cancelled,
    Failed,
    Receipt,
    ReceiptByStranger,
    ReceiptForAnotherNonce,
    ReceiptForAnotherRecord,
    ReceiptMissing,
    /// With the secret that the request uses.
    ReceiptWithSecret,
    ReceiptWithSecretForAnother,
    ReceiptWithMoreSecrets,
    ReceiptWithOtherSecret,
    Refused(&'static str),
}

/// One thing that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ev {
    Head(Kind, End),
    Grows(usize),
    BodyEnds,
    Trailers(usize),
    Said(Said),
    /// The same under a number nobody asked with.
    Stale(Said),
    Woken,
    /// So many milliseconds pass.
    After(u64),
    /// The clock stands so many milliseconds before (negative) or after the deadline of the hold.
    Deadline(i64),
    ChainKnown,
    ResponseHead(Answers, End),
    ResponseBody,
    ResponseGrows(usize),
    ResponseEnds(&'static str),
    ResponsePiece(&'static str, End),
    ResponseTrailers,
    Done,
    Undone,
    /// Another filter of the proxy changes the held request.
    Altered,
    Gone,
}

/// Which answer the upstream begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answers {
    /// JSON of a known length.
    Json,
    /// A stream of events.
    Stream,
    /// A part of a whole.
    Part,
    /// Compressed.
    Compressed,
    /// With the secret in its headers.
    Echo,
    /// Nothing that can be read.
    Garbled,
}

pub(super) struct Stage {
    pub(super) worker: Worker,
    pub(super) session: Session,
    pub(super) now: Now,
    pub(super) submission: Option<Submission>,
    pub(super) redeem: Option<Redeem>,
    pub(super) dispatches: Vec<(Serial, Dispatch)>,
    pub(super) notices: Vec<Dispatch>,
    pub(super) records: Vec<Record>,
    pub(super) replies: Vec<Reply>,
    pub(super) withheld: Vec<Reply>,
    pub(super) sent: Option<String>,
    pub(super) handed: Option<String>,
    pub(super) edits: Vec<(Side, String, Option<String>)>,
    pub(super) injected: Vec<(String, String)>,
    pub(super) stripped: Vec<String>,
    pub(super) confirms: usize,
    pub(super) resumed: usize,
    pub(super) kind: Option<Kind>,
    pub(super) body: &'static str,
    pub(super) proxy: Proxy,
    asked: Option<Serial>,
    held_since: Option<u64>,
}

const START: Now = Now { mono_ms: 100_000, unix_ms: 1_795_241_040_000 };
pub(super) const HOLD_MS: u64 = 30_000;
pub(super) const BODY: &str = r#"{"rows":7,"password":"hunter2-canary-7Hq2"}"#;

impl Stage {
    pub(super) fn new() -> Self {
        thread_local!(static CONFIG: Rc<Config> = config());
        Self::with(Worker::new(CONFIG.with(Rc::clone), [7; 32], Host::default()), START)
    }

    /// A new request on a worker that has seen others.
    pub(super) fn with(worker: Worker, now: Now) -> Self {
        Self {
            worker,
            session: Session::new(1),
            now,
            submission: None,
            redeem: None,
            dispatches: Vec::new(),
            notices: Vec::new(),
            records: Vec::new(),
            replies: Vec::new(),
            withheld: Vec::new(),
            sent: None,
            handed: None,
            edits: Vec::new(),
            injected: Vec::new(),
            stripped: Vec::new(),
            confirms: 0,
            resumed: 0,
            kind: None,
            body: BODY,
            proxy: Proxy::default(),
            asked: None,
            held_since: None,
        }
    }

    /// A held call whose task is known and pending.
    pub(super) fn waiting() -> Self {
        let mut stage = Self::new();
        stage.all(&[Ev::Head(Kind::Held, End::Yes), Ev::ChainKnown, Ev::Said(Said::Pending)]);
        stage
    }

    /// A call that passed, anonymised.
    pub(super) fn changed() -> Self {
        let mut stage = Self::new();
        stage.all(&[Ev::Head(Kind::Changed, End::No), Ev::BodyEnds]);
        assert_eq!(stage.state(), "released");
        stage
    }

    /// A call that left with a secret.
    pub(super) fn with_secret() -> Self {
        let mut stage = Self::asking_for_secret();
        stage.all(&[Ev::Said(Said::ReceiptWithSecret), Ev::Done]);
        assert_eq!((stage.state(), stage.resumed), ("released", 1));
        stage
    }

    /// A held call with a placeholder whose grant is being redeemed.
    pub(super) fn asking_for_secret() -> Self {
        let mut stage = Self::new();
        stage.all(&[
            Ev::Head(Kind::Secret, End::Yes),
            Ev::ChainKnown,
            Ev::Said(Said::Pending),
            Ev::Said(Said::Approved),
        ]);
        assert_eq!(stage.state(), "redeeming");
        stage
    }

    /// A held call whose grant is being redeemed.
    pub(super) fn redeeming() -> Self {
        let mut stage = Self::waiting();
        stage.event(Ev::Said(Said::Approved));
        assert_eq!(stage.state(), "redeeming");
        stage
    }

    pub(super) fn all(&mut self, events: &[Ev]) {
        for event in events {
            self.event(*event);
        }
    }

    pub(super) fn event(&mut self, event: Ev) -> Vec<Effect> {
        let body = self.body.as_bytes();
        let asked = self.asked.unwrap_or(Serial(0));
        let event = match event {
            Ev::Head(kind, end) => {
                self.kind = self.kind.or(Some(kind));
                if self.proxy.headers.is_empty() {
                    self.proxy.headers = pairs(kind);
                }
                Event::Head(HeaderMap::from_pairs(pairs(kind)), Surroundings::default(), end)
            }
            Ev::Grows(size) => Event::BodyGrows(size),
            Ev::BodyEnds => {
                self.arrives();
                Event::BodyEnds(body)
            }
            Ev::Trailers(count) => {
                self.arrives();
                Event::Trailers(count, body)
            }
            Ev::Said(said) => Event::Answer(asked, self.answer(said)),
            Ev::Stale(said) => Event::Answer(Serial(asked.0.wrapping_add(99)), self.answer(said)),
            Ev::Woken => Event::Woken,
            Ev::After(ms) => {
                self.now = self.now.after(ms);
                Event::Tick
            }
            Ev::Deadline(offset) => {
                let deadline = self.held_since.unwrap_or(self.now.mono_ms) + HOLD_MS;
                let target = deadline.saturating_add_signed(offset);
                self.now = self.now.after(target.saturating_sub(self.now.mono_ms));
                Event::Tick
            }
            Ev::ChainKnown => {
                self.acknowledge();
                return Vec::new();
            }
            Ev::ResponseHead(answers, end) => Event::ResponseHead(answer_head(answers), end),
            Ev::ResponseBody => Event::ResponseBody(b"ok"),
            Ev::ResponseGrows(size) => Event::ResponseGrows(size),
            Ev::ResponseEnds(body) => Event::ResponseEnds(body.as_bytes()),
            Ev::ResponsePiece(piece, End::No) => Event::ResponseBody(piece.as_bytes()),
            Ev::ResponsePiece(piece, End::Yes) => Event::ResponseRest(piece.as_bytes()),
            Ev::ResponseTrailers => Event::ResponseTrailers(Some(HeaderMap::from_pairs([
                ("grpc-status", "16"),
                ("grpc-message", SECRET),
            ]))),
            Ev::Done => Event::Done,
            Ev::Undone => Event::Undone,
            Ev::Altered => {
                self.proxy.set(":path", Some("/v2/other"));
                return Vec::new();
            }
            Ev::Gone => Event::Gone,
        };
        let effects = self.session.handle(&mut self.worker, &self.proxy.clone(), self.now, event);
        for effect in &effects {
            self.proxy.obey(effect);
        }
        self.note(&effects);
        effects
    }

    /// The body is in the proxy's buffer, unless something came before.
    fn arrives(&mut self) {
        if matches!(self.session.state, State::Reading(_)) {
            self.proxy.body = self.body.as_bytes().to_vec();
        }
    }

    fn note(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Record(line) => self.records.push(Record::read(line.as_bytes(), 0).unwrap()),
                Effect::Dispatch(serial, dispatch) => {
                    if let Ok(sent) = serde_json::from_slice::<Submission>(&dispatch.body) {
                        self.submission = Some(sent);
                        self.held_since.get_or_insert(self.now.mono_ms);
                    }
                    if let Ok(redeem) = serde_json::from_slice::<Redeem>(&dispatch.body) {
                        self.redeem = Some(redeem);
                    }
                    self.asked = Some(*serial);
                    self.dispatches.push((*serial, dispatch.clone()));
                }
                Effect::Notify(dispatch) | Effect::Withdraw(dispatch) => self.notices.push(dispatch.clone()),
                Effect::Reply(reply) => self.replies.push(reply.clone()),
                Effect::Resume(_) => self.resumed += 1,
                Effect::Withhold(reply) => self.withheld.push(reply.clone()),
                Effect::ReplaceBody(body, _) => self.sent = Some(String::from_utf8(body.clone()).unwrap()),
                Effect::ReplaceResponse(body) => self.handed = Some(String::from_utf8(body.clone()).unwrap()),
                Effect::Header(side, edit) => {
                    self.edits.push((*side, edit.name.clone(), edit.value.clone()));
                }
                Effect::Inject(name, value) => {
                    self.injected.push((name.clone(), value.expose().to_owned()));
                }
                Effect::Confirm => self.confirms += 1,
                Effect::Strip(names) => self.stripped.extend(names.iter().cloned()),
                Effect::Verdict(_) | Effect::Label(..) | Effect::Measure(_) => {}
            }
        }
    }

    /// The service echoes every record it is offered.
    pub(super) fn acknowledge(&mut self) {
        let Some(lines) = self.worker.journal.batch(self.now) else { return };
        let records = lines.split(|b| *b == b'\n').filter(|line| !line.is_empty());
        let names: Vec<Value> = records
            .map(|line| serde_json::to_value(Record::read(line, 0).unwrap().name()).unwrap())
            .collect();
        self.worker.journal.answered(self.now, &ok(&json!({ "accepted": names })));
    }

    pub(super) fn events(&self) -> Vec<&str> {
        self.records.iter().map(Record::event).collect()
    }

    pub(super) fn flow(&self) -> Flow {
        self.session.flow()
    }

    /// The state's name.
    pub(super) fn state(&self) -> &'static str {
        match &self.session.state {
            State::Fresh => "fresh",
            State::Passing => "passing",
            State::Reading(_) => "reading",
            State::Asking(..) => "asking",
            State::Waiting(..) => "waiting",
            State::Redeeming(..) => "redeeming",
            State::Released(_) => "released",
            State::Ended => "ended",
        }
    }

    /// Everything that decides what happens next, coarse enough to be finite.
    pub(super) fn print(&self) -> String {
        let step = |step: &Step| match step {
            Step::Answer { .. } => "answer",
            Step::Until(_) => "until",
            Step::Watched => "watched",
        };
        let holding = |h: &super::super::Holding| {
            let left = h.deadline.saturating_sub(self.now.mono_ms);
            let left = if left == 0 {
                "late"
            } else if left < 2000 {
                "short"
            } else {
                "time"
            };
            format!("{:?} {:?} {left}", h.contact, h.justified)
        };
        let detail = match &self.session.state {
            State::Asking(h, a) => format!("{} {} {}", holding(h), a.tries, step(&a.step)),
            State::Waiting(h, w) => format!("{} {} {}", holding(h), w.losses.min(1), step(&w.step)),
            State::Redeeming(h, r) => format!("{} {}", holding(h), r.tries),
            State::Released(released) => format!("{:?} {:?}", released.wants(), released.flow()),
            State::Fresh | State::Passing | State::Reading(_) | State::Ended => String::new(),
        };
        // Until it leaves, a held call that is anonymised is a held call.
        let kind = match (&self.session.state, self.kind) {
            (State::Released(_), kind) => kind,
            (State::Redeeming(_, redeeming), Some(Kind::Secret)) if redeeming.tries == 1 => {
                return format!("redeeming {detail} with a secret {}", redeeming.ready.is_some());
            }
            (_, Some(Kind::HeldChanged | Kind::Secret | Kind::SecretPassing)) => Some(Kind::Held),
            (_, kind) => kind,
        };
        format!("{} {detail} {:?} {kind:?}", self.state(), self.worker.journal.standing())
    }

    fn answer(&self, said: Said) -> Answer {
        let task = |status: &str| json!({"task": {"id": TID, "status": status}});
        let approved = |token: String, jti: &str| {
            let approval = json!({"id": jti, "state": token});
            ok(&json!({"task": {"id": TID, "status": "approved",
                "result": {"mode": "reevaluate", "approval": approval}}}))
        };
        let stranger = Issuer::from_seed(&[3; 32]);
        match said {
            Said::Lost => Answer::Lost,
            Said::Error => Answer::Http { status: 500, retry_after_s: None, body: Vec::new() },
            Said::Garbage => Answer::Http { status: 200, retry_after_s: None, body: b"<html>".to_vec() },
            Said::Full => Answer::Http {
                status: 429,
                retry_after_s: Some(17),
                body: br#"{"limit":"pending_per_subject","current":2000}"#.to_vec(),
            },
            Said::Pending => ok(&task("pending")),
            Said::Question => ok(&json!({"task": {"id": TID, "status": "pending",
                "progress": {"step_name": "needs_context"},
                "display": {"urn:countersign:v1": {"question": "which vendor?"}}}})),
            Said::NotModified => Answer::Http { status: 304, retry_after_s: None, body: Vec::new() },
            Said::Unknown => ok(&task("granted")),
            Said::OtherTask => ok(&json!({"task": {"id": "arq_2", "status": "pending"}})),
            Said::Approved => approved(issuer().sign(names::GRANT_TYP, &self.claims()), "apr_1"),
            Said::ApprovedWithoutGrant => ok(&task("approved")),
            Said::ApprovedByStranger => approved(stranger.sign(names::GRANT_TYP, &self.claims()), "apr_1"),
            Said::ApprovedForAnother => {
                let claims = GrantClaims { request_digest: "hmac-sha-256:bk1:x".into(), ..self.claims() };
                approved(issuer().sign(names::GRANT_TYP, &claims), "apr_1")
            }
            Said::ApprovedAsMaskedOtherwise => {
                let mut claims = self.claims();
                claims.masking.iter_mut().for_each(|masking| masking.not_understood += 1);
                approved(issuer().sign(names::GRANT_TYP, &claims), "apr_1")
            }
            Said::ApprovedByRequester => {
                let mut claims = self.claims();
                claims.approvers[0].email = Some("Alice+x@people.test".into());
                approved(issuer().sign(names::GRANT_TYP, &claims), "apr_1")
            }
            Said::ApprovedAlone => {
                let break_glass = Some(BreakGlass { review_by: self.now.unix_s() + 86_400 });
                let claims = GrantClaims { break_glass, ..self.claims() };
                approved(issuer().sign(names::GRANT_TYP, &claims), "apr_1")
            }
            Said::ApprovedLongAgo => {
                let claims = self.claims();
                let (iat, exp) = (claims.iat - 1000, claims.exp - 1000);
                let claims = GrantClaims { iat, nbf: iat, exp, ..claims };
                approved(issuer().sign(names::GRANT_TYP, &claims), "apr_1")
            }
            Said::Denied => {
                let claims = GrantClaims { decision: Decision::Denied, approvers: vec![], ..self.claims() };
                let state = issuer().sign(names::GRANT_TYP, &claims);
                ok(&json!({"task": {"id": TID, "status": "denied", "display": {"description": "no DPA"},
                    "result": {"denial": {"state": state}}}}))
            }
            Said::DeniedUnsigned => ok(&task("denied")),
            Said::Expired => ok(&task("expired")),
            Said::Cancelled => ok(&task("cancelled")),
            Said::Failed => ok(&task("failed")),
            Said::Receipt => receipt(&issuer(), &self.receipt_claims()),
            Said::ReceiptByStranger => receipt(&stranger, &self.receipt_claims()),
            Said::ReceiptForAnotherNonce => receipt(
                &issuer(),
                &ReceiptClaims { nonce: "AAECAwQFBgcICQoLDA0ODw".into(), ..self.receipt_claims() },
            ),
            Said::ReceiptForAnotherRecord => {
                let mut claims = self.receipt_claims();
                claims.audit.seq += 1;
                receipt(&issuer(), &claims)
            }
            Said::ReceiptWithSecret => self.receipt_with(&[self.sealed("api-key", "apr_1")]),
            Said::ReceiptWithSecretForAnother => self.receipt_with(&[self.sealed("api-key", "apr_2")]),
            Said::ReceiptWithMoreSecrets => {
                self.receipt_with(&[self.sealed("api-key", "apr_1"), self.sealed("other-key", "apr_1")])
            }
            Said::ReceiptWithOtherSecret => self.receipt_with(&[self.sealed("other-key", "apr_1")]),
            Said::ReceiptMissing => ok(&json!({"decision": true})),
            Said::Refused(detail) => {
                ok(&json!({"decision": false, "context": {"urn:countersign:v1": {"detail": detail}}}))
            }
        }
    }

    fn sealed(&self, name: &str, jti: &str) -> Sealed {
        let key = &self.worker.config.signing.secret;
        let claims = self.receipt_claims();
        let envelope = Envelope { key, jti, request_digest: &claims.request_digest };
        envelope.seal(name, "v3", &Plain::value(SECRET.into()).unwrap(), [9; 12]).unwrap()
    }

    fn receipt_with(&self, secrets: &[Sealed]) -> Answer {
        let token = issuer().sign(names::RECEIPT_TYP, &self.receipt_claims());
        let v1 = json!({"receipt": token, "secrets": secrets});
        ok(&json!({"decision": true, "context": {"urn:countersign:v1": v1}}))
    }

    /// The claims of an honest grant for what was submitted; without a submission, for nothing.
    pub(super) fn claims(&self) -> GrantClaims {
        let Some(sent) = self.submission.clone() else { return self.nothing() };
        let v1 = &sent.context.v1;
        GrantClaims {
            request_digest: sent.context.request_digest.clone(),
            display_digest: sent.display_digest(),
            masking: v1.payload.masking.clone(),
            subject: sent.subject.bound(),
            action: sent.action.bound(),
            resource: sent.resource.bound(),
            actor: sent.client.actor.clone(),
            release: Release { secrets: v1.secrets.clone() },
            policy: GrantPolicy {
                id: v1.policy.id.clone(),
                rule: v1.policy.rule.clone(),
                commit: v1.policy.commit.clone(),
                rule_digest: v1.policy.rule_digest.clone(),
                digest: v1.policy.digest.clone(),
            },
            ..self.nothing()
        }
    }

    fn nothing(&self) -> GrantClaims {
        let mut claims: GrantClaims =
            serde_json::from_str(include_str!("../../../../wire/vectors/approval_claims.json")).unwrap();
        let at = self.now.unix_s();
        claims.iss = ISSUER.into();
        claims.aud = CLIENT.into();
        (claims.iat, claims.nbf, claims.exp) = (at, at, at + 300);
        claims.jti = "apr_1".into();
        claims.tid = TID.into();
        claims.quorum =
            GrantQuorum { required: 1, groups: vec!["security".into()], distinct: true, ways: vec![] };
        claims.approvers = vec![Approver {
            iss: "https://idp.test".into(),
            sub: "bob".into(),
            email: Some("bob@people.test".into()),
            group: "security".into(),
            channel: None,
            at,
        }];
        claims.release = Release::default();
        claims
    }

    fn receipt_claims(&self) -> ReceiptClaims {
        let at = self.now.unix_s();
        let redeem = self.redeem.as_ref();
        let record = redeem.map(|redeem| Record::from_value(redeem.context.v1.record.clone(), 0).unwrap());
        let audit = record.map(|record| record.name().clone());
        let vector: ReceiptClaims =
            serde_json::from_str(include_str!("../../../../wire/vectors/receipt_claims.json")).unwrap();
        ReceiptClaims {
            iss: ISSUER.into(),
            aud: CLIENT.into(),
            iat: at,
            exp: at + 30,
            jti: "apr_1".into(),
            request_digest: redeem.map(|r| r.context.request_digest.clone()).unwrap_or_default(),
            nonce: redeem.map(|r| r.context.v1.nonce.clone()).unwrap_or_default(),
            audit: audit.unwrap_or(vector.audit),
        }
    }
}

fn receipt(by: &Issuer, claims: &ReceiptClaims) -> Answer {
    let token = by.sign(names::RECEIPT_TYP, claims);
    ok(&json!({"decision": true, "context": {"urn:countersign:v1": {"receipt": token}}}))
}

fn ok(body: &Value) -> Answer {
    Answer::Http { status: 200, retry_after_s: None, body: body.to_string().into_bytes() }
}

fn pairs(kind: Kind) -> Vec<(String, String)> {
    let (method, host) = match kind {
        Kind::Read | Kind::SecretPassing => ("GET", "open.test"),
        Kind::Held => ("POST", "held.test"),
        Kind::Denied => ("POST", "denied.test"),
        Kind::Garbled => ("", ""),
        Kind::Changed => ("POST", "changed.test"),
        Kind::HeldChanged => ("POST", "heldchanged.test"),
        Kind::Secret => ("POST", "secret.test"),
    };
    let held = if matches!(kind, Kind::Secret | Kind::SecretPassing) { PLACEHOLDER } else { "none" };
    let place = if method == "GET" { "status" } else { "import" };
    let query = format!("/v2/{place}?token={CANARY}");
    let bearer = format!("Bearer {CANARY}");
    let why = format!("Quarterly reconciliation, password={CANARY}");
    let pairs = [
        (":method", method),
        (":authority", host),
        (":path", query.as_str()),
        ("content-type", "application/json"),
        ("authorization", bearer.as_str()),
        ("x-api-key", held),
        ("countersign-justification", why.as_str()),
        ("countersign-verdict", "approved"),
        ("x-envoy-retry-on", "5xx"),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A secret of the approval service's, and what the agent has of it.
pub(super) const SECRET: &str = "sk-canary-7Hq2/x+1";
pub(super) const PLACEHOLDER: &str = "key={{countersign:api-key}}";

/// What an upstream answers to a call that is anonymised.
pub(super) const ANSWER: &str = r#"{"rows":7,"password":"hunter2-canary-7Hq2"}"#;

fn answer_head(answers: Answers) -> Option<HeaderMap> {
    let (status, media_type) = match answers {
        Answers::Json | Answers::Compressed | Answers::Echo => ("200", "application/json"),
        Answers::Stream => ("200", "text/event-stream"),
        Answers::Part => ("206", "application/json"),
        Answers::Garbled => return None,
    };
    let encoding = if answers == Answers::Compressed { "gzip" } else { "identity" };
    let echo = if answers == Answers::Echo { SECRET } else { "none" };
    Some(HeaderMap::from_pairs([
        (":status", status),
        ("content-encoding", encoding),
        ("x-echo", echo),
        ("set-cookie", "a=1"),
        ("set-cookie", echo),
        ("content-type", media_type),
        ("content-length", "44"),
        ("etag", "\"v1\""),
    ]))
}
