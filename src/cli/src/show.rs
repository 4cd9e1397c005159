//! `countersign show ID`: one request in full, as a reviewer must see it before deciding.

use std::process::ExitCode;

use countersign_server::{
    approver::{
        scope::span,
        sentence::grouped,
        text::Inert,
        view::{Open, Request, Reversible},
    },
    inbox::times,
};

use crate::approver::{Client, Fault, Reach, finish, now_ms, print};

/// `countersign show ID`
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The request's id, or its code such as MAPLE-42.
    id: String,
    #[command(flatten)]
    reach: Reach,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Shows one request.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    finish(show(arguments))
}

fn show(arguments: &Arguments) -> Result<(), Fault> {
    let request = Client::open(&arguments.reach)?.request(&arguments.id)?;
    if arguments.json {
        print(&format!("{}\n", serde_json::json!(request)));
    } else {
        print(&page(&request, now_ms()));
    }
    Ok(())
}

/// The whole request as text for a terminal; everything in it is inert.
pub(crate) fn page(r: &Request, now: i64) -> String {
    let mut facts = Facts(vec![r.sentence.to_string(), format!("  {}", headline(r, now)), String::new()]);
    asking(&mut facts, r, now);
    doing(&mut facts, r);
    deciding(&mut facts, r);
    let Facts(mut lines) = facts;
    if !r.payload.excerpt.is_empty() {
        lines.push(String::new());
        lines.extend(r.payload.excerpt.as_str().lines().map(|line| format!("    {line}")));
    }
    lines.extend([
        String::new(),
        format!("  digest    {}", r.display_digest),
        format!("  id        {}", r.id),
    ]);
    lines.join("\n") + "\n"
}

/// Lines of a page: what each is about, and the text.
struct Facts(Vec<String>);

impl Facts {
    fn add(&mut self, name: &str, text: impl AsRef<str>) {
        self.0.push(format!("  {name:<9} {}", text.as_ref().replace('\n', "\n            ")));
    }
}

/// Who asks, why, and what was said about it since.
fn asking(facts: &mut Facts, r: &Request, now: i64) {
    facts.add("who", r.requester());
    facts.add("workload", r.who.workload.to_string());
    for (name, humans) in [("owned by", &r.who.owners), ("started", &r.who.triggered_by)] {
        if !humans.is_empty() {
            let names: Vec<&str> = humans.iter().map(|human| human.sub.as_str()).collect();
            facts.add(name, names.join(", "));
        }
    }
    facts.add(
        "why",
        r.why.as_ref().map_or_else(
            || "the agent gave no reason".to_owned(),
            |why| format!("“{why}” (said by the agent, not verified)"),
        ),
    );
    if let Some(question) = &r.question {
        facts.add(
            "asked",
            format!("{} ({}, {})", question.text, question.by, times::ago(question.at_ms, now)),
        );
    }
    for answer in &r.answers {
        facts.add("answer", format!("“{}” (said by the agent, not verified)", answer.text));
    }
    if let Some(earlier) = &r.earlier {
        facts.add("earlier", format!("{} See {}.", earlier.words(), earlier.id));
    }
    if let Some(unknown) = &r.unknown {
        let settled = unknown.settled.as_ref().map(|settled| format!("\n{}.", settled.words()));
        facts.add("outcome", format!("{}.{}", unknown.words(), settled.unwrap_or_default()));
    }
    if let Some(revoked) = &r.revoked {
        facts.add("revoked", format!("{}.", revoked.words()));
    }
}

/// What it does, to what, where, under which rule.
fn doing(facts: &mut Facts, r: &Request) {
    facts.add("what", format!("{} · {} {}", r.action.class, r.resource.kind, r.object()));
    if let Some(batch) = &r.batch {
        let mut lines = vec![format!("{} requests, sent all or none", grouped(batch.total))];
        for one in &batch.members {
            let times = if one.count > 1 { format!("{} × ", grouped(one.count)) } else { String::new() };
            lines.push(format!("{times}{} · {} · {} {}", one.words, one.operation, one.kind, one.id));
        }
        if batch.more_reads > 0 {
            lines.push(format!("and {} more that only read", grouped(batch.more_reads)));
        }
        facts.add("batch", lines.join("\n"));
    }
    let method = r.action.method.as_ref().map_or("", |method| method.as_str());
    let to = &r.destination;
    facts.add("where", format!("{method} {}://{}{}", to.scheme, to.authority, to.path).trim());
    let claimed =
        if r.lineage.source.as_str() == "claimed" { " (said by the agent, not verified)" } else { "" };
    for (name, datasets) in [("reads", &r.lineage.inputs), ("writes", &r.lineage.outputs)] {
        if !datasets.is_empty() {
            let names: Vec<&str> = datasets.iter().map(Inert::as_str).collect();
            facts.add(name, format!("{}{claimed}", names.join("\n")));
        }
    }
    let commit: String = r.policy.commit.as_str().chars().take(7).collect();
    let wanted = r.quorum.words();
    facts.add(
        "policy",
        format!(
            "{} / {} at {commit}, requires {} of {wanted}",
            r.policy.id, r.policy.rule, r.quorum.required
        ),
    );
    facts.add("sends", body(r));
    for masked in &r.payload.masked {
        facts.add("masked", format!("{} ({})", masked.path, masked.words));
    }
}

/// What reviewers may agree to, and what they decided.
fn deciding(facts: &mut Facts, r: &Request) {
    if let Some(scope) = &r.scope {
        facts.add(
            "again",
            format!("{}\nat most {} times within {}", scope.words, scope.uses, span(scope.seconds)),
        );
    }
    if let Some(under) = &r.standing {
        facts.add("standing", format!("use {} of standing approval {}", under.number, under.id));
    }
    if let Some(alike) = r.alike.as_ref().filter(|alike| alike.waiting > 1 && r.is_open() == Open::Yes) {
        facts.add("alike", format!("{} requests wait that differ only in the body", alike.waiting));
    }
    for vote in &r.votes {
        let reason = if vote.reason.is_empty() { String::new() } else { format!(": {}", vote.reason) };
        let again =
            vote.again.as_ref().map(|again| format!(", and the same again {again}")).unwrap_or_default();
        facts.add(
            &vote.choice,
            format!("{} for {}, {}{again}{reason}", vote.person, vote.group, times::moment(vote.at_ms)),
        );
    }
    if let Some(broken) = &r.break_glass {
        let due = times::moment(broken.review_by_ms);
        facts
            .add("alone", format!("{} by {}, due {due}: {}", broken.state.words(), broken.by, broken.reason));
    }
    if let Some(outcome) = &r.outcome {
        let status = outcome.status.map_or_else(String::new, |status| format!(" with {status}"));
        facts.add(
            "outcome",
            format!("{}{status}, {} bytes sent", outcome.state, grouped(outcome.request_bytes)),
        );
    }
    if let Some(record) = &r.record {
        facts.add("record", format!("{} of chain {} ({})", record.seq, record.chain, record.hash));
    }
}

fn headline(r: &Request, now: i64) -> String {
    let mut parts = vec![r.progress()];
    match r.action.reversible {
        Reversible::Yes => parts.push("reversible".to_owned()),
        Reversible::No => parts.push("irreversible".to_owned()),
        Reversible::Unknown => {}
    }
    if r.is_open() == Open::Yes {
        parts.push(times::left(r.expires_at_ms, now));
    }
    parts.push(r.code.to_string());
    parts.join(" · ")
}

fn body(r: &Request) -> String {
    let payload = &r.payload;
    if payload.size == 0 {
        return "no body".to_owned();
    }
    let size = format!("{} bytes of {}", grouped(payload.size), payload.media_type);
    if payload.excerpt.is_empty() {
        format!("{size}, which could not be read and are not shown")
    } else if payload.truncated {
        format!("{size}; only the beginning is shown")
    } else {
        format!("exactly these {size}, nothing cut")
    }
}
