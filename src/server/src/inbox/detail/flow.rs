//! The small picture of where data comes from, through what, and where it goes.

use crate::approver::{sentence::short_name, text::Inert, view::Request};

/// Most datasets named in a box.
const NAMED: usize = 4;

/// The picture: one box for each, and the same in a sentence for who cannot see it.
pub(super) struct Flow {
    pub(super) from: Option<Node>,
    pub(super) via: Node,
    pub(super) to: Node,
    pub(super) words: String,
    /// Who says so, and whether that was verified.
    pub(super) source: &'static str,
    /// The same in a word or two.
    pub(super) origin: &'static str,
    pub(super) claimed: bool,
}

/// A box.
pub(super) struct Node {
    pub(super) label: &'static str,
    pub(super) names: Vec<String>,
    pub(super) below: Vec<String>,
    pub(super) tags: Vec<String>,
}

/// The picture of a request.
pub(super) fn flow(r: &Request) -> Flow {
    let labels: Vec<String> = r.resource.labels.iter().map(ToString::to_string).collect();
    let reads = matches!(r.action.class.as_str(), "data_export" | "read_only" | "credential_access");
    let known = !r.lineage.inputs.is_empty() || !r.lineage.outputs.is_empty();
    let from = if !r.lineage.inputs.is_empty() {
        Some(node("Data", sets(&r.lineage.inputs), Vec::new(), labels.clone()))
    } else if reads {
        let name = short_name(r.resource.id.as_str()).to_string();
        Some(node("Data", vec![name], Vec::new(), labels.clone()))
    } else {
        None
    };
    let target = match (reads, r.lineage.outputs.is_empty()) {
        (true, _) => Vec::new(),
        (false, false) => sets(&r.lineage.outputs),
        (false, true) => vec![r.object()],
    };
    let run = r.lineage.run.iter().map(ToString::to_string).collect();
    let via = node("Agent", vec![r.who.agent.to_string()], run, Vec::new());
    let tags = if from.is_none() { labels } else { Vec::new() };
    let to = node("Goes to", vec![r.destination.authority.to_string()], target, tags);
    let claimed = r.lineage.source.as_str() == "claimed";
    let (source, origin) = match r.lineage.source.as_str() {
        _ if !known => ("", ""),
        "claimed" => ("Where the data comes from is the agent's own claim and not verified.", "claimed"),
        "resolver" => ("So says the lineage service.", "by the lineage service"),
        _ => ("So says the policy.", "by the policy"),
    };
    let mut words = match &from {
        Some(from) => format!("From {} through {}", said(from), said(&via)),
        None => format!("From {}", said(&via)),
    };
    words = format!("{words} to {}", said(&to));
    Flow { from, via, to, words, source, origin, claimed }
}

fn node(label: &'static str, names: Vec<String>, below: Vec<String>, tags: Vec<String>) -> Node {
    Node { label, names, below, tags }
}

fn sets(sets: &[Inert]) -> Vec<String> {
    let mut names: Vec<String> = sets.iter().take(NAMED).map(ToString::to_string).collect();
    if sets.len() > NAMED {
        names.push(format!("and {} more", sets.len() - NAMED));
    }
    names
}

fn said(node: &Node) -> String {
    let names = node.names.join(", ");
    if node.tags.is_empty() { names } else { format!("{names} ({})", node.tags.join(", ")) }
}
