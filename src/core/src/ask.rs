//! What a held call asks for: the request that is bound, the display that a reviewer gets, and the document that carries
//! both to the approval service.
//!
//! Everything a person or a backend will see passes the masker here; everything that is bound is taken raw and leaves only
//! as a keyed digest. A value longer than the published schema allows refuses: nothing is truncated into consent.

mod bound;
mod told;

use crate::{
    action::Protocol,
    anonymise::Told,
    answer::speech::Speech,
    batch,
    call::{Body, Call, Leaving, is_forbidden},
    config::Config,
    display::{complete, shown},
    entropy::Entropy,
    mcp,
    now::Now,
    placeholder::{self, Misplaced, Template},
    policy::{Anonymise, ContentDigest, Held, Terms},
    requester::Requester,
    scope::offer,
};
use countersign_wire::json::JsonFault;
use countersign_wire::{
    clock::rfc3339_s,
    digest::content_digest,
    parties::{ActionName, Entity, PolicyRef},
    people::{Requesters, Separation},
    submission::{
        Client, Context, Denial, Description, OnDisconnect, QuorumAsk, RecordRef, RequestedAccess,
        Submission, Trace,
    },
};
use serde_json::Map;
use std::{borrow::Cow, sync::Arc};

pub(crate) use told::masked;

use bound::{Named, Stable, bind, names_of};
use told::{as_looked_at, destination, justification, lineage, properties, stays};

/// A held call, ready to be asked for.
#[derive(Clone, Debug)]
pub struct Ask {
    /// What is sent; its `audit` member is filled in when `approval.requested` is written.
    pub submission: Submission,
    /// What an approval is good for.
    pub request_digest: String,
    /// What a reviewer is shown.
    pub display_digest: String,
    /// What the rules demand.
    pub terms: Arc<Terms>,
    /// Who may not review.
    pub requesters: Requesters,
    /// Who may not either, since they wrote the policy and the rule says so.
    pub authors: Requesters,
    /// How the agent speaks.
    pub speech: Speech,
    /// How the action was written, and so which form of the body is bound.
    pub protocol: Protocol,
    /// The opaque name the agent gets: the same for an identical retry on any worker or pod.
    pub handle: String,
    /// Bytes of the body that would leave.
    pub body_bytes: u64,
    /// `traceparent`, where the request has a valid one.
    pub trace: Option<String>,
    /// How often an MCP client has tried before.
    pub rounds: u32,
    /// The upstream's own state that an MCP client carries.
    pub upstream_state: Option<String>,
    /// What the rules have changed in the traffic, and what was changed in the request.
    pub anonymised: Option<(Arc<Anonymise>, Told)>,
    /// The headers into which secrets are put when it is released.
    pub secrets: Vec<Template>,
}

impl std::fmt::Debug for Surroundings {
    /// What the agent says may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Surroundings(round {})", self.rounds)
    }
}

/// The call that is held, by which terms, and who makes it.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The call.
    pub call: &'a Call,
    /// Its whole body, empty where it has none.
    pub body: &'a [u8],
    /// What it does, and what the rules demand.
    pub held: &'a Held,
    /// Who asks.
    pub requester: &'a Requester,
    /// What was changed in it before.
    pub told: Option<&'a Told>,
}

/// Why a held call cannot even be asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unaskable {
    /// A value over the schema's bound.
    #[error("the {0} is longer than an approval can carry")]
    TooLong(&'static str),
    /// A bound header that is not text.
    #[error("the header `{0}` is not UTF-8 or has control characters")]
    Header(String),
    /// A body that two readers may read differently.
    #[error("the JSON-RPC body cannot be bound: {0}")]
    Body(JsonFault),
    /// A placeholder for a secret where it means nothing.
    #[error("{0}")]
    Placeholder(#[from] Misplaced),
    /// A batch of which a reviewer could not be shown each thing that it does.
    #[error(
        "the batch does {found} different things that need consent, and an approval can list {most} of them; send fewer at once"
    )]
    BatchTooLong {
        /// How many.
        found: usize,
        /// How many fit.
        most: usize,
    },
    /// A reviewer could not be shown all of it, and a rule wants that.
    #[error(
        "the rule wants reviewers to see the whole request, and {0}; send less at once, in a form that can be read, or have the rule's `display` say `partial`"
    )]
    NotShown(&'static str),
}

/// What the shell knows besides the request itself.
#[derive(Clone, Default)]
pub struct Surroundings {
    /// Envoy's cluster, where known.
    pub cluster: Option<String>,
    /// What the agent says it wants this for.
    pub justification: Option<String>,
    /// How often an MCP client has tried before.
    pub rounds: u32,
    /// The upstream's own state that an MCP client carries.
    pub upstream_state: Option<String>,
}

impl Ask {
    /// Puts together what is bound, shown and sent.
    ///
    /// # Errors
    /// [`Unaskable`]; the call is then refused.
    pub fn compose(
        case: Case<'_>,
        around: Surroundings,
        config: &Config,
        entropy: &mut Entropy,
        now: Now,
    ) -> Result<Self, Unaskable> {
        let Case { call, body, held, requester, told } = case;
        let stable = Stable::of(body, held.action.protocol)?;
        let terms = Arc::clone(&held.terms);
        let masker = &config.policy.masker(&terms);
        let action = ActionName {
            name: held.action.class.as_str().to_owned(),
            properties: properties(&held.action, call, masker),
        };
        let resource =
            Entity::new(held.action.resource.kind.clone(), masked(masker, &held.action.resource.id));
        bounded(&requester.subject.id, 512, "requester's name")?;
        bounded(&resource.id, 512, "resource's name")?;
        bounded(call.authority(), 253, "authority")?;
        let policy = policy_ref(config, &terms);
        let secrets = placeholder::in_head(call.headers())?;
        let named = Named {
            terms: &terms,
            subject: &requester.subject,
            resource: &resource,
            action: &action,
            policy: &policy,
        };
        let binding = bind(call, &stable, named)?;
        let request_digest = binding.request_digest(&config.binding);
        let trace =
            call.headers().text("traceparent").filter(|trace| is_traceparent(trace)).map(str::to_owned);
        let plain = match terms.content_digest {
            ContentDigest::Keyed => None,
            ContentDigest::Plain => Some(content_digest(body)),
        };
        let mut payload = shown(call, &stable.bytes, &terms, masker);
        let destination = destination(call, around.cluster, masker)?;
        complete(&payload, terms.display)?;
        payload.masked.splice(0..0, told.into_iter().flat_map(|told| told.places.iter().cloned()));
        let lineage = lineage(&terms, &held.action, masker);
        let batch = batch::shown(&held.members, masker)?;
        // What the policy itself declares is the policy's word, whatever it looks like.
        let declared = lineage.inputs.iter().chain(&lineage.outputs).map(|set| set.name.as_str());
        payload.allowed = stays(declared);
        if masker.loosens() {
            let properties = action.properties.values().map(as_looked_at);
            let properties: Vec<Cow<'_, str>> = properties.collect();
            let shown = [payload.masked_excerpt.as_str(), destination.path.as_str()];
            let members = batch::texts(batch.as_ref());
            let properties = properties.iter().map(AsRef::as_ref);
            payload.allowed.extend(stays(shown.into_iter().chain(properties).chain(members)));
        }
        let description = Description {
            content_digest: plain,
            lineage: Some(lineage),
            quorum: quorum(&terms),
            secrets: names_of(&secrets),
            code: Some(entropy.code()),
            trace: trace.clone().map(|traceparent| Trace { traceparent }),
            audit: RecordRef { chain: String::new(), seq: 0, hash: String::new() },
            destination,
            policy,
            payload,
            batch,
        };
        let scoped = offer(&case, &binding, &description.payload, config);
        let mut submission = Submission {
            subject: requester.subject.clone(),
            resource,
            action,
            context: Context {
                business_justification: justification(around.justification.as_deref(), masker)?,
                request_digest: request_digest.clone(),
                v1: description,
            },
            requested_access: Some(RequestedAccess { scoped, ..requested(&terms, now) }),
            client: Client {
                id: config.client_id.clone(),
                name: Some("countersign".to_owned()),
                actor: requester.actor.clone(),
                source: Map::new(),
            },
            denial: denial(&terms, entropy, now),
        };
        let display_digest = submission.display_digest();
        submission.context.v1.payload.display_digest.clone_from(&display_digest);
        let handle = handle(config, &request_digest);
        Ok(Self {
            requesters: Requesters::of(&submission.subject, &submission.client.actor),
            authors: submission.barred_authors(),
            speech: Speech::of(call, Body::Read(body), held.action.protocol),
            protocol: held.action.protocol,
            body_bytes: body.len() as u64,
            submission,
            request_digest,
            display_digest,
            terms,
            handle,
            trace,
            rounds: around.rounds,
            upstream_state: around.upstream_state,
            anonymised: held.anonymise.clone().zip(told.cloned()),
            secrets,
        })
    }

    /// The digest of what the proxy would send now, bound as [`Ask::compose`] binds; `None` where it cannot be read, is
    /// ambiguous, or carries a header that was taken out of it.
    pub fn digest_of(&self, leaving: Leaving, config: &Config) -> Option<String> {
        let Leaving { headers, body } = leaving;
        if headers.iter().any(|(name, _)| is_forbidden(name)) {
            return None;
        }
        let call = Call::read(headers, &config.destinations).ok()?;
        let stable = Stable::of(&body, self.protocol).ok()?;
        let sent = &self.submission;
        let (resource, action, policy) = (&sent.resource, &sent.action, &sent.context.v1.policy);
        let named = Named { terms: &self.terms, subject: &sent.subject, resource, action, policy };
        let binding = bind(&call, &stable, named).ok().filter(|_| call.ambiguity().is_none())?;
        Some(binding.request_digest(&config.binding))
    }

    /// The state with which a recent MCP client comes again; none once it has come too often.
    pub fn next_round(&self, config: &Config, now: Now) -> Option<String> {
        let rounds = self.rounds.saturating_add(1);
        let state = mcp::Rounds {
            rounds,
            upstream: self.upstream_state.clone(),
            request_digest: self.request_digest.clone(),
            subject: self.submission.subject.id.clone(),
            exp: now.after(self.terms.expires_ms).unix_s(),
        };
        (rounds <= mcp::MOST_ROUNDS).then(|| mcp::seal(&state, &config.binding))
    }
}

/// How long the task may live and a grant be good, and how long its call is held.
fn requested(terms: &Terms, now: Now) -> RequestedAccess {
    RequestedAccess {
        requested_until: Some(rfc3339_s(now.after(terms.expires_ms).unix_ms)),
        grant_seconds: i64::try_from(terms.grant_ms / 1000).ok(),
        hold_seconds: i64::try_from(terms.hold_ms / 1000).ok(),
        on_disconnect: Some(match terms.on_disconnect {
            crate::policy::OnDisconnect::Keep => OnDisconnect::Keep,
            crate::policy::OnDisconnect::Cancel => OnDisconnect::Cancel,
        }),
        scoped: None,
    }
}

/// The local denial that ARAP starts from.
fn denial(terms: &Terms, entropy: &mut Entropy, now: Now) -> Denial {
    Denial {
        evaluation_id: format!("eval_{}", entropy.nonce()),
        evaluated_at: Some(rfc3339_s(now.unix_ms)),
        expires_at: rfc3339_s(now.after(300_000).unix_ms),
        reason: Some("approval_required".to_owned()),
        template: Some(terms.rule.clone()),
        binding_token: None,
    }
}

/// Who must agree.
fn quorum(terms: &Terms) -> QuorumAsk {
    let reason = match terms.reason {
        crate::policy::Need::Required => "required",
        crate::policy::Need::Optional => "optional",
    };
    QuorumAsk {
        required: terms.quorum.required,
        groups: terms.quorum.groups.clone(),
        distinct: true,
        veto: terms.quorum.veto,
        reason: Some(reason.to_owned()),
        ways: terms.quorum.ways.clone(),
        separation: terms.quorum.separation.clone(),
        break_glass: terms.quorum.break_glass.clone(),
    }
}

/// The opaque name: derived, so that it needs no table, and keyed, so that it says nothing.
fn handle(config: &Config, request_digest: &str) -> String {
    let digest = config.binding.request_digest(format!("handle\0{request_digest}").as_bytes());
    let tail = digest.rsplit(':').next().unwrap_or_default();
    format!("h_{}", tail.get(..22).unwrap_or_default())
}

fn policy_ref(config: &Config, terms: &Terms) -> PolicyRef {
    PolicyRef {
        id: config.policy.id().to_owned(),
        rule: terms.rule.clone(),
        commit: config.policy.commit().to_owned(),
        rule_digest: terms.rule_digest.clone(),
        digest: config.policy.digest().to_owned(),
        repo_url: config.policy.repo_url().map(str::to_owned),
        authors: if terms.quorum.separation.contains(&Separation::PolicyAuthor) {
            config.policy.authors().to_vec()
        } else {
            Vec::new()
        },
    }
}

fn bounded(text: &str, most: usize, what: &'static str) -> Result<(), Unaskable> {
    if text.chars().count() > most { Err(Unaskable::TooLong(what)) } else { Ok(()) }
}

/// W3C trace context, version 00.
fn is_traceparent(text: &str) -> bool {
    let mut parts = text.split('-');
    let hex = |part: Option<&str>, length: usize| {
        part.is_some_and(|p| {
            p.len() == length && p.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        })
    };
    parts.next() == Some("00")
        && hex(parts.next(), 32)
        && hex(parts.next(), 16)
        && hex(parts.next(), 2)
        && parts.next().is_none()
}

#[cfg(test)]
mod tests;
