//! How a task becomes what a person sees: the one place where text of a submission turns [`Inert`].

use countersign_wire::{clock::rfc3339_s, submission::Submission};
use serde_json::Value;

use super::{
    BreakGlass,
    after::{Earlier, Revoked, Unknown},
    scope::{Alike, Scope, Under, times},
    sentence::{class_words, grouped, sentence},
    text::{Inert, inert, inert_block, inert_short},
    view::{
        Action, Answer, Approval, Batch, BatchMember, Counted, Destination, Here, Human, Lineage, Masked,
        Masking, Outcome, Payload, Policy, Question, Quorum, Record, Request, Resource, Reversible, State,
        Vote, Waiting, Who,
    },
};
use crate::service::{Fate, Status, TaskView, VoteView, Waiter};

/// Longest name of anything outside the payload, in characters; the wire allows no more.
const NAME: usize = 2048;

impl Request {
    /// What a person may see of `task`.
    pub fn of(task: &TaskView) -> Self {
        let submission = &task.submission;
        let v1 = &submission.context.v1;
        Self {
            id: task.id.clone(),
            state: state(task),
            sentence: headline(submission),
            code: inert_short(&task.code, 32),
            version: task.version,
            display_digest: task.display_digest.clone(),
            created_at: rfc3339_s(task.created_at_ms),
            expires_at: rfc3339_s(task.expires_at_ms),
            created_at_ms: task.created_at_ms,
            expires_at_ms: task.expires_at_ms,
            decided_at_ms: task.decided_at_ms,
            waiting: task.waiter.map(|waiter| match waiter {
                Waiter::Here => Waiting { here: Here::Yes, gone_since_ms: None },
                Waiter::GoneSince(since) => Waiting { here: Here::No, gone_since_ms: Some(since) },
            }),
            who: who(submission, &task.client),
            why: submission
                .context
                .business_justification
                .as_deref()
                .filter(|why| !why.trim().is_empty())
                .map(|why| inert_short(why, 1000)),
            action: action(submission),
            resource: resource(submission),
            batch: v1.batch.as_ref().map(batch),
            destination: destination(&v1.destination),
            policy: Policy {
                id: name(&v1.policy.id),
                rule: name(&v1.policy.rule),
                commit: name(&v1.policy.commit),
                rule_digest: name(&v1.policy.rule_digest),
                repo_url: v1.policy.repo_url.as_deref().map(name),
            },
            quorum: quorum(task),
            payload: payload(submission),
            lineage: lineage(submission),
            secrets: names(&v1.secrets),
            question: task.needs_context.as_ref().map(|question| Question {
                text: inert_block(&question.text),
                by: name(&question.asked_by),
                at_ms: question.at_ms,
            }),
            answers: task.answers.iter().map(answer).collect(),
            votes: task.votes.iter().map(vote).collect(),
            approval: task.approval.as_ref().map(|approval| Approval {
                jti: approval.jti.clone(),
                approved_until_ms: approval.approved_until_ms,
                used: approval.used,
            }),
            outcome: task.outcome.as_ref().map(|outcome| Outcome {
                state: name(&outcome.state),
                status: outcome.status,
                request_bytes: outcome.request_bytes,
                response_bytes: outcome.response_bytes,
                duration_ms: outcome.duration_ms,
                at_ms: outcome.at_ms,
            }),
            unknown: task.fate.as_ref().and_then(Unknown::of),
            earlier: task.earlier.as_ref().map(Earlier::of),
            revoked: task.revoked.as_ref().map(Revoked::of),
            record: task.record.as_ref().map(|record| Record {
                chain: record.chain.clone(),
                seq: record.seq,
                hash: record.hash.clone(),
                leaf: record.leaf,
            }),
            break_glass: task.glass.as_ref().map(BreakGlass::of),
            alike: task
                .alike
                .as_ref()
                .map(|alike| Alike { group: alike.group.clone(), waiting: alike.waiting.unsigned_abs() }),
            scope: Scope::of(task),
            typed_code: task.demands.typed_code,
            not_approvable: task.demands.whole(submission).err().map(|refusal| refusal.to_string()),
            standing: task
                .standing
                .as_ref()
                .map(|under| Under { id: under.id.clone(), number: under.number.unsigned_abs() }),
        }
    }
}

fn destination(to: &countersign_wire::submission::Destination) -> Destination {
    Destination { scheme: name(&to.scheme), authority: name(&to.authority), path: name(&to.path) }
}

fn quorum(task: &TaskView) -> Quorum {
    let v1 = &task.submission.context.v1;
    Quorum {
        required: task.progress.required,
        approved: task.progress.approved,
        groups: names(&v1.quorum.groups),
        wanted: (!v1.quorum.ways.is_empty()).then(|| name(&v1.quorum.wanted().words())),
        awaiting: names(&task.progress.awaiting),
        veto: v1.quorum.veto,
        separation: v1.quorum.separation.iter().map(|by| name(by.as_str())).collect(),
        break_glass: names(&v1.quorum.break_glass),
    }
}

fn answer(answer: &crate::service::Answer) -> Answer {
    Answer { question: inert_block(&answer.question), text: inert_block(&answer.text), at_ms: answer.at_ms }
}

fn name(text: &str) -> Inert {
    inert_short(text, NAME)
}

fn names(texts: &[String]) -> Vec<Inert> {
    texts.iter().map(|text| inert(text)).collect()
}

fn state(task: &TaskView) -> State {
    match (&task.fate, &task.revoked) {
        (Some(Fate::Unknown { .. }), _) => return State::OutcomeUnknown,
        (_, Some(_)) => return State::Revoked,
        (Some(Fate::UnderWay { .. } | Fate::Settled { .. }) | None, None) => {}
    }
    match task.status {
        Status::Pending if task.needs_context.is_some() => State::NeedsContext,
        Status::Pending => State::Pending,
        Status::Approved if task.approval.as_ref().is_some_and(|approval| approval.used > 0) => {
            State::Consumed
        }
        Status::Approved => State::Approved,
        Status::Denied => State::Denied,
        Status::Expired => State::Expired,
        Status::Cancelled => State::Cancelled,
    }
}

fn who(submission: &Submission, client: &str) -> Who {
    let actor = &submission.client.actor;
    let human = |act: &countersign_wire::parties::Act| Human {
        sub: name(&act.sub),
        iss: act.iss.as_deref().map(name),
    };
    Who {
        workload: name(&submission.subject.id),
        agent: name(&actor.id),
        humans: actor.chain().take(16).map(human).collect(),
        owners: actor.owners.iter().map(human).collect(),
        triggered_by: actor.triggered_by.iter().map(human).collect(),
        client: name(client),
    }
}

fn action(submission: &Submission) -> Action {
    let properties = &submission.action.properties;
    let word = |key: &str| properties.get(key).and_then(Value::as_str).map(|text| inert_short(text, 120));
    Action {
        class: inert_short(&submission.action.name, 64),
        protocol: word("protocol"),
        method: word("method"),
        service: word("service"),
        operation: word("operation"),
        reversible: match properties.get("reversible") {
            Some(Value::Bool(true)) => Reversible::Yes,
            Some(Value::Bool(false)) => Reversible::No,
            Some(Value::String(said)) => match said.as_str() {
                "yes" => Reversible::Yes,
                "no" => Reversible::No,
                _ => Reversible::Unknown,
            },
            _ => Reversible::Unknown,
        },
    }
}

fn resource(submission: &Submission) -> Resource {
    let labels = submission.resource.properties.get("labels").and_then(Value::as_array);
    Resource {
        kind: inert_short(&submission.resource.kind, 64),
        id: name(&submission.resource.id),
        labels: labels
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .take(12)
            .map(|label| inert_short(label, 32))
            .collect(),
    }
}

/// The sentence of the strictest request, and how many more go with it.
fn headline(submission: &Submission) -> Inert {
    let v1 = &submission.context.v1;
    let first = sentence(&submission.action, &submission.resource, &v1.destination.authority);
    match v1.batch.as_ref().map_or(0, |batch| batch.total.saturating_sub(1)) {
        0 => first,
        more => inert(&format!("{first}, and {} more in one batch", grouped(more))),
    }
}

fn batch(batch: &countersign_wire::submission::Batch) -> Batch {
    let member = |one: &countersign_wire::submission::BatchMember| BatchMember {
        class: inert_short(&one.class, 64),
        words: class_words(&one.class),
        operation: inert_short(&one.operation, 512),
        kind: inert_short(&one.resource.kind, 64),
        id: inert_short(&one.resource.id, 512),
        count: one.count,
    };
    let members = batch.members.iter().map(member).collect();
    Batch { total: batch.total, members, more_reads: batch.more_reads }
}

fn payload(submission: &Submission) -> Payload {
    let payload = &submission.context.v1.payload;
    Payload {
        media_type: inert_short(&payload.media_type, 200),
        size: payload.size,
        truncated: payload.truncated,
        excerpt: inert_block(&payload.masked_excerpt),
        masked: places(&payload.masked),
        allowed: places(&payload.allowed),
        masking: payload.masking.as_ref().map(masking),
    }
}

fn places(masked: &[countersign_wire::submission::Masked]) -> Vec<Masked> {
    let place = |hidden: &countersign_wire::submission::Masked| Masked {
        path: inert_short(&hidden.path, 200),
        detector: inert_short(&hidden.detector, 64),
        words: inert_short(&hidden.detector.replace('_', " "), 64),
        count: hidden.count.unwrap_or(1),
    };
    masked.iter().map(place).collect()
}

fn masking(proof: &countersign_wire::masking::Masking) -> Masking {
    let counted = |(kind, count): (&String, &u64)| Counted {
        kind: inert_short(&kind.replace('_', " "), 32),
        count: *count,
    };
    Masking {
        detectors: inert_short(&proof.detectors, 64),
        counts: proof.counts.iter().map(counted).collect(),
        seen: proof.seen,
        not_understood: proof.not_understood,
        residual: proof.residual,
    }
}

fn lineage(submission: &Submission) -> Lineage {
    let Some(lineage) = &submission.context.v1.lineage else {
        return Lineage { source: inert("policy"), inputs: Vec::new(), outputs: Vec::new(), run: None };
    };
    let dataset = |set: &countersign_wire::submission::Dataset| {
        inert_short(&format!("{} {}", scheme(&set.namespace), set.name), 200)
    };
    Lineage {
        source: inert_short(&lineage.source, 32),
        inputs: lineage.inputs.iter().take(20).map(dataset).collect(),
        outputs: lineage.outputs.iter().take(20).map(dataset).collect(),
        run: lineage.parent_run.as_ref().map(|run| {
            inert_short(&format!("{} run {}", run.name, run.run_id.get(..8).unwrap_or(&run.run_id)), 120)
        }),
    }
}

/// `postgres` of `postgres://db:5432`, else the namespace itself.
fn scheme(namespace: &str) -> &str {
    match namespace.split_once("://") {
        Some(("http" | "https", host)) => host,
        Some((scheme, _)) => scheme,
        None => namespace,
    }
}

fn vote(vote: &VoteView) -> Vote {
    Vote {
        person: name(&vote.person.name),
        iss: name(&vote.person.iss),
        sub: name(&vote.person.sub),
        group: name(&vote.group),
        choice: vote.choice.as_str().to_owned(),
        reason: inert_block(&vote.reason),
        channel: name(&vote.channel),
        at_ms: vote.at_ms,
        again: vote.again.map(|again| times(again.uses.unsigned_abs(), again.until_ms)),
    }
}
