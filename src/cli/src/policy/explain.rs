//! `countersign explain`: what a policy says of one request, and why.

use std::{fmt::Write, path::PathBuf, process::ExitCode};

use countersign_core::action::{Action, Basis, Dataset, Reversible};
use countersign_core::policy::{
    Display, Effect, Explanation, Fit, Kind, MaskingDoc, Matches, Need, Span, Strategy, Terms,
};
use countersign_wire::people::Separation;

use super::{
    Fault, document, finish, print,
    request::{self, Curl, Request},
    who::Who,
};
use crate::exit;

/// `countersign explain --policy FILE [curl's flags] URL`
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The policy document.
    #[arg(short, long, value_name = "FILE")]
    policy: PathBuf,
    #[command(flatten)]
    curl: Curl,
    /// A raw HTTP request instead of a URL.
    #[arg(long, value_name = "FILE", conflicts_with = "curl")]
    http: Option<PathBuf>,
    /// A HAR file instead of a URL.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["curl", "http"])]
    har: Option<PathBuf>,
    /// Which entry of the HAR file, from 0.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "har")]
    entry: usize,
    #[command(flatten)]
    who: Who,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Print every rule, also those of other hosts.
    #[arg(long)]
    all: bool,
}

/// Explains one request.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    finish(explain(arguments).map(|()| exit::OK))
}

fn explain(arguments: &Arguments) -> Result<(), Fault> {
    let (document, policy) = document::load(&arguments.policy)?;
    let request = request(arguments)?;
    let call = request.call()?;
    let mut asker = || Ok(arguments.who.requester(&Who::default()));
    let explanation = policy.explain(&call, request.body(), &mut asker);
    if arguments.json {
        let whole = Whole { explanation: &explanation, masking: document.masking.as_ref() };
        let json = serde_json::to_string_pretty(&whole).map_err(|error| Fault::Usage(error.to_string()))?;
        return print(&format!("{json}\n"));
    }
    let which = if arguments.all { Which::All } else { Which::Near };
    let masking = document.masking().map(|said| masking(&said)).unwrap_or_default();
    print(&text(&explanation, &masking, which))
}

/// What is printed as JSON: the masking in force beside the rest.
#[derive(serde::Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    explanation: &'a Explanation,
    #[serde(skip_serializing_if = "Option::is_none")]
    masking: Option<&'a serde_json::Value>,
}

/// What the document says about masking, a line each.
fn masking(masking: &MaskingDoc) -> Vec<String> {
    let mut all = Vec::new();
    let detectors = masking.detectors.iter().map(|one| {
        let own = one
            .strategy
            .map(|strategy| format!(", shown {} where no rule says otherwise", strategy_word(strategy)))
            .unwrap_or_default();
        format!("finds {} with `{}`{own}", one.kind.as_str(), one.name)
    });
    all.extend(detectors);
    let names = masking.names.iter().map(|(name, holds)| match holds {
        None => format!("takes nothing from the name `{name}`"),
        Some(kind) => format!("takes what is called `{name}` for a {}", kind.as_str()),
    });
    all.extend(names);
    if !masking.allow.is_empty() {
        all.push(format!("lets `{}` stay", masking.allow.join("`, `")));
    }
    all
}

fn strategy_word(strategy: Strategy) -> String {
    match strategy {
        Strategy::Remove => "not at all".to_owned(),
        Strategy::Label => "as a label".to_owned(),
        Strategy::KeepLast(1) => "by the last character".to_owned(),
        Strategy::KeepLast(kept) => format!("by the last {kept} characters"),
        Strategy::Pseudonym => "as a pseudonym".to_owned(),
        Strategy::Generalise => "coarser".to_owned(),
    }
}

fn request(arguments: &Arguments) -> Result<Request, Fault> {
    if let Some(path) = &arguments.http {
        return request::raw(path);
    }
    if let Some(path) = &arguments.har {
        return request::har(path, arguments.entry);
    }
    let nothing = || Fault::Usage("no request: give a URL, `--http FILE` or `--har FILE`".to_owned());
    arguments.curl.request()?.ok_or_else(nothing)
}

/// Where the class comes from, and what else a catalog says.
fn source(action: &Action) -> String {
    let mut said = match action.basis {
        Basis::AccessLevel => "by the provider's access level".to_owned(),
        Basis::Permission => "by the permission that the provider demands".to_owned(),
        Basis::Scope => "by the scope that the provider demands".to_owned(),
        Basis::Verb => "by the method in the provider's description".to_owned(),
        Basis::Name => "by its name in the provider's description".to_owned(),
        Basis::Curated => "by a catalog".to_owned(),
        Basis::Grammar => "by the grammar of its protocol".to_owned(),
        Basis::Words => "by method and words alone".to_owned(),
    };
    match action.reversible {
        Reversible::Yes => said.push_str("; it can be undone"),
        Reversible::No => said.push_str("; it cannot be undone"),
        Reversible::Unknown => {}
    }
    said
}

/// Which rules are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    All,
    /// Those that match, and those that are about the same host.
    Near,
}

fn text(explanation: &Explanation, masking: &[String], which: Which) -> String {
    let mut out = String::new();
    let mut line = |label: &str, text: &str| {
        let (label, gap) =
            if label.is_empty() { ("", 12) } else { (label, 12_usize.saturating_sub(label.len())) };
        writeln!(out, "{label}{}{text}", " ".repeat(gap)).unwrap_or_default();
    };
    let Explanation { method, url, ambiguity, actions, obscure, rules, judgement } = explanation;
    line("request", &format!("{method} {url}"));
    if let Some(ambiguity) = ambiguity {
        line("ambiguous", ambiguity);
    }
    for (number, action) in actions.iter().enumerate() {
        let label = if number == 0 { "action" } else { "" };
        let (protocol, resource) = (action.protocol.as_str(), &action.resource);
        let what =
            format!("{} · {protocol} `{}` of {}", action.class.as_str(), action.operation, action.service);
        line(label, &what);
        line("", &format!("on {} `{}`", resource.kind, resource.id));
        line("", &source(action));
        for (verb, datasets) in [("reads", &action.reads), ("writes", &action.writes)] {
            for Dataset { namespace, name } in datasets {
                line("", &format!("{verb} `{name}` in `{namespace}`"));
            }
        }
    }
    if let Some(obscure) = obscure {
        line("unclear", &format!("{obscure}: judged as a write, and against every rule that guards"));
    }
    let host = |fits: Fit| fits == Fit::No;
    let far = |rule: &&countersign_core::policy::Considered| {
        rule.conditions.iter().any(|looked| looked.condition == "host" && host(looked.fits))
    };
    let shown: Vec<_> = rules.iter().filter(|rule| which == Which::All || !far(rule)).collect();
    let matching = rules.iter().filter(|rule| rule.matches == Matches::Yes).count();
    line("rules", &format!("{matching} of {} match", rules.len()));
    for rule in &shown {
        let matches = match rule.matches {
            Matches::Yes => "matches",
            Matches::No => "does not match",
            Matches::Unread => "the body will tell",
        };
        line("", &format!("{} `{}`: {matches}", rule.effect.as_str(), rule.rule));
        let conditions: Vec<String> = rule
            .conditions
            .iter()
            .map(|looked| format!("{} {}", looked.condition, word(looked.fits, rule.effect)))
            .collect();
        let conditions =
            if conditions.is_empty() { "matches every call".to_owned() } else { conditions.join(", ") };
        line("", &format!("    {conditions}"));
    }
    let hidden = rules.len() - shown.len();
    if hidden > 0 {
        line("", &format!("{hidden} of other hosts, see --all"));
    }
    let by = match (&judgement.rule, judgement.effect) {
        (Some(rule), _) => format!(" by `{rule}`"),
        (None, "pass") => ": no rule matches, and a read passes".to_owned(),
        (None, _) => String::new(),
    };
    line("judgement", &format!("{}{by}", judgement.effect));
    if let (Some(reason), Some(detail)) = (judgement.reason, &judgement.detail) {
        line("", &format!("{reason}: {detail}"));
    }
    if let Some(rule) = &judgement.anonymised_by {
        line("", &format!("anonymised by `{rule}`"));
    }
    if let Some(terms) = &judgement.terms {
        for demand in demands(terms) {
            line("", &demand);
        }
    }
    for (number, said) in masking.iter().enumerate() {
        line(if number == 0 { "masking" } else { "" }, said);
    }
    out
}

fn word(fits: Fit, effect: Effect) -> &'static str {
    match (fits, effect) {
        (Fit::Yes, _) => "fits",
        (Fit::No, _) => "differs",
        (Fit::Unread, _) => "is in the body",
        (Fit::Unknown, Effect::Hold | Effect::Deny) => "cannot be known, so it fits",
        (Fit::Unknown, Effect::Allow | Effect::Observe) => "cannot be known, so it differs",
    }
}

fn demands(terms: &Terms) -> Vec<String> {
    let quorum = &terms.quorum;
    let people =
        if quorum.required == 1 { "1 reviewer".to_owned() } else { format!("{} reviewers", quorum.required) };
    let wanted = if quorum.ways.is_empty() { quorum.groups.join(", ") } else { quorum.wanted().words() };
    let veto = if quorum.veto { "one denial decides" } else { "a denial does not decide alone" };
    let span = Span::from_ms;
    let (hold, expiry, grant) = (span(terms.hold_ms), span(terms.expires_ms), span(terms.grant_ms));
    let mut all = vec![
        format!("{people} of {wanted}; {veto}"),
        format!("held for {hold}, waits for reviewers for {expiry}, a grant lasts {grant}"),
    ];
    for by in &quorum.separation {
        all.push(match by {
            Separation::PolicyAuthor => "whoever wrote the policy may not review".to_owned(),
            Separation::LastApprover => {
                "whoever approved the last request of this requester under this rule may not review"
                    .to_owned()
            }
        });
    }
    if !quorum.break_glass.is_empty() {
        let groups = quorum.break_glass.join(" or ");
        all.push(format!(
            "in an emergency one person of {groups} may decide alone, and a second one looks at it"
        ));
    }
    if terms.reason == Need::Required {
        all.push("a reviewer must give a reason".to_owned());
    }
    if !terms.bind_headers.is_empty() {
        all.push(format!("binds the headers {}", terms.bind_headers.join(", ")));
    }
    if terms.display == Display::Complete {
        all.push("refuses what reviewers cannot be shown whole".to_owned());
    }
    if let Some(scoped) = &terms.scoped {
        all.push(format!(
            "reviewers may agree to the same again: {} times within {}",
            scoped.uses,
            span(scoped.for_ms)
        ));
    }
    if !terms.mask.is_empty() {
        all.push(format!("masks {}", terms.mask.join(", ")));
    }
    if !terms.masking.is_empty() {
        let shown =
            |(kind, strategy): (Kind, Strategy)| format!("{} {}", kind.as_str(), strategy_word(strategy));
        all.push(format!("shows {}", terms.masking.iter().map(shown).collect::<Vec<_>>().join(", ")));
    }
    all
}
