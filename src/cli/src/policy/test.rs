//! `countersign test CASES...`: policy authors test their policies.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use countersign_core::policy::{Judgement, Outcome, Policy};
use serde::Deserialize;

use super::{Fault, document, finish, print, request::CaseRequest, who::Who};
use crate::exit;

/// `countersign test CASES...`
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Files of cases, YAML or JSON.
    #[arg(required = true)]
    cases: Vec<PathBuf>,
    /// The policy to test instead of the one that the cases name.
    #[arg(short, long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    /// The policy, beside the cases.
    policy: Option<PathBuf>,
    /// Who asks, where a case does not say.
    #[serde(default)]
    requester: Who,
    #[serde(rename = "cases")]
    all: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    request: CaseRequest,
    #[serde(default)]
    requester: Who,
    expect: Expect,
}

/// What is written is compared, what is not is not.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    effect: String,
    rule: Option<String>,
    reason: Option<String>,
    class: Option<String>,
    protocol: Option<String>,
    service: Option<String>,
    operation: Option<String>,
    resource: Option<String>,
    quorum: Option<u8>,
    groups: Option<Vec<String>>,
    /// The rule that has the traffic anonymised.
    anonymised_by: Option<String>,
    /// Path, query and body as they would leave; an empty body where there is none.
    sends: Option<Sends>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sends {
    target: Option<String>,
    body: Option<String>,
}

/// Runs every case of every file.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    finish(test(arguments))
}

fn test(arguments: &Arguments) -> Result<ExitCode, Fault> {
    let (mut passed, mut failed) = (0, 0);
    for file in &arguments.cases {
        let (good, bad) = test_file(file, arguments.policy.as_deref())?;
        passed += good;
        failed += bad;
    }
    let noun = if passed + failed == 1 { "case" } else { "cases" };
    print(&format!("{} {noun}: {passed} ok, {failed} failed\n", passed + failed))?;
    Ok(if failed == 0 { exit::OK } else { exit::failed() })
}

fn test_file(file: &Path, policy: Option<&Path>) -> Result<(usize, usize), Fault> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| Fault::file(file, &error))?;
    // A bad cases file is wrong use, a bad policy is not.
    let cases: Cases = document::parse(&name, &text).map_err(|fault| Fault::Usage(fault.to_string()))?;
    if cases.all.is_empty() {
        return Err(Fault::Usage(format!("`{name}` has no cases")));
    }
    let folder = file.parent().unwrap_or(Path::new("."));
    let policy = match (policy, &cases.policy) {
        (Some(path), _) => path.to_owned(),
        (None, Some(beside)) => folder.join(beside),
        (None, None) => {
            return Err(Fault::Usage(format!(
                "`{name}` names no policy: write `policy`, or give `--policy`"
            )));
        }
    };
    let (_, policy) = document::load(&policy)?;
    let (mut out, mut failed) = (String::new(), 0);
    for case in &cases.all {
        let differences = test_case(case, &cases.requester, &policy, folder)
            .map_err(|fault| Fault::Usage(format!("{name}: case `{}`: {fault}", case.name)))?;
        let word = if differences.is_empty() { "ok" } else { "FAILED" };
        writeln!(out, "{word:<8}{}", case.name).unwrap_or_default();
        for difference in &differences {
            writeln!(out, "        {difference}").unwrap_or_default();
        }
        failed += usize::from(!differences.is_empty());
    }
    print(&out)?;
    Ok((cases.all.len() - failed, failed))
}

/// What differs from what was expected.
fn test_case(case: &Case, who: &Who, policy: &Policy, folder: &Path) -> Result<Vec<String>, Fault> {
    let request = case.request.request(folder)?;
    let call = request.call()?;
    let found = policy.judge(&call, request.body(), &mut || Ok(case.requester.requester(who)));
    let anonymise = match &found {
        Judgement::Pass(passed) => passed.anonymise.clone(),
        Judgement::Hold(held) => held.anonymise.clone(),
        Judgement::Deny(_) | Judgement::NeedsBody => None,
    };
    let found = Outcome::from(found);
    // A call that merely passes is not decoded; its class is still what it is.
    let action = found.action.clone().or_else(|| {
        let explained = policy.explain(&call, request.body(), &mut || Ok(case.requester.requester(who)));
        explained.actions.into_iter().max_by_key(|action| action.class)
    });
    let action = action.as_ref();
    let quorum = found.terms.as_ref().map(|terms| &terms.quorum);
    let expect = &case.expect;
    let mut differences = Vec::new();
    let mut compare = |what: &str, wanted: Option<&str>, found: Option<&str>| {
        if let Some(wanted) = wanted.filter(|wanted| found != Some(*wanted)) {
            let found = found.map_or("nothing".to_owned(), |found| format!("`{found}`"));
            differences.push(format!("{what}: expected `{wanted}`, found {found}"));
        }
    };
    compare("effect", Some(&expect.effect), Some(found.effect));
    compare("rule", expect.rule.as_deref(), found.rule.as_deref());
    compare("reason", expect.reason.as_deref(), found.reason);
    compare("class", expect.class.as_deref(), action.map(|action| action.class.as_str()));
    compare("protocol", expect.protocol.as_deref(), action.map(|action| action.protocol.as_str()));
    compare("service", expect.service.as_deref(), action.map(|action| action.service.as_str()));
    compare("operation", expect.operation.as_deref(), action.map(|action| action.operation.as_str()));
    compare("resource", expect.resource.as_deref(), action.map(|action| action.resource.id.as_str()));
    let wanted = expect.quorum.map(|quorum| quorum.to_string());
    compare("quorum", wanted.as_deref(), quorum.map(|quorum| quorum.required.to_string()).as_deref());
    let wanted = expect.groups.as_ref().map(|groups| groups.join(", "));
    compare("groups", wanted.as_deref(), quorum.map(|quorum| quorum.groups.join(", ")).as_deref());
    compare("anonymised_by", expect.anonymised_by.as_deref(), found.anonymised_by.as_deref());
    if let Some(sends) = &expect.sends {
        let sent = request.sent(anonymise.as_deref(), policy, &call)?;
        let (target, body) = match &sent {
            Ok((target, body)) => (target.as_str(), String::from_utf8_lossy(body).into_owned()),
            Err(why) => (why.as_str(), why.clone()),
        };
        compare("sends target", sends.target.as_deref(), Some(target));
        compare("sends body", sends.body.as_deref(), Some(&body));
    }
    Ok(differences)
}
