//! Compiling the `match` of a rule.

use super::{
    ActionDoc, Effect, Many, MatchDoc, PolicyError, RequesterMatchDoc, RuleDoc, RuleRef, anonymise,
    argument::Argument,
    compile::Place,
    pattern::{BadPattern, Glob, HostPattern, PathPattern},
    rule::{ActionMatch, RequesterMatch, Rule},
};

/// Everything of a rule but its digest and its terms.
pub(super) fn compile(rule: &RuleDoc, place: &Place<'_>) -> Result<Rule, PolicyError> {
    let MatchDoc { host, method, path, headers, action, arguments, requester, destination } = &rule.matches;
    let hosts = patterns(host.as_ref(), place, &["match", "host"], "host pattern", HostPattern::new)?;
    let paths = patterns(path.as_ref(), place, &["match", "path"], "path pattern", PathPattern::new)?;
    let methods = methods(method.as_ref(), place)?;
    let mut compiled_headers = Vec::new();
    for (name, text) in headers {
        let at = ["match", "headers", name.as_str()];
        let lower = name.to_ascii_lowercase();
        if !is_header_name(&lower) {
            return Err(place.error(&at, format!("bad header name `{name}`")));
        }
        let glob = Glob::new(text).map_err(|bad| place.error(&at, format!("bad pattern `{text}`: {bad}")))?;
        compiled_headers.push((lower, glob));
    }
    let argument =
        |document| Argument::new(document).map_err(|bad| place.error(&["match", "arguments"], bad));
    let destination = destination.clone().unwrap_or_default();
    let compiled = Rule {
        reference: RuleRef { name: rule.name.as_str().into(), digest: "".into() },
        effect: rule.effect,
        hosts,
        methods,
        paths,
        headers: compiled_headers,
        action: action_match(action.as_ref(), place)?,
        arguments: arguments.iter().map(argument).collect::<Result<_, _>>()?,
        requester: requester_match(requester.as_ref(), place)?,
        scheme: destination.scheme,
        port: destination.port,
        anonymise: anonymise::compile(rule, place)?,
        terms: None,
    };
    if matches!(rule.effect, Effect::Allow | Effect::Observe) {
        refuse_blanket(&compiled, place)?;
    }
    Ok(compiled)
}

/// Nobody has a blanket permission: what releases names a host, and what may be done there.
fn refuse_blanket(rule: &Rule, place: &Place<'_>) -> Result<(), PolicyError> {
    let effect = rule.effect.as_str();
    let named = !rule.hosts.is_empty() && rule.hosts.iter().all(HostPattern::names_something);
    if !named {
        let sentence =
            format!("a rule that says `{effect}` names its hosts: nobody has a blanket permission");
        return Err(place.error(&["match"], sentence));
    }
    let ActionMatch { classes, protocols: _, services, operations, resources } = &rule.action;
    let globs = |globs: &[Glob]| !globs.is_empty() && globs.iter().all(Glob::names_something);
    let narrows = !rule.methods.is_empty()
        || !rule.paths.is_empty() && rule.paths.iter().all(PathPattern::names_something)
        || !classes.is_empty()
        || globs(services)
        || globs(operations)
        || globs(resources);
    if narrows {
        return Ok(());
    }
    let sentence = format!(
        "a rule that says `{effect}` names a method, a path or an action: nobody has a blanket permission"
    );
    Err(place.error(&["match"], sentence))
}

fn methods(written: Option<&Many<String>>, place: &Place<'_>) -> Result<Vec<String>, PolicyError> {
    let Some(Many(written)) = written else { return Ok(Vec::new()) };
    let at = ["match", "method"];
    if written.is_empty() {
        return Err(place.error(&at, "the list is empty: nothing would match"));
    }
    let method = |text: &String| {
        let token =
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if token {
            Ok(text.to_ascii_uppercase())
        } else {
            Err(place.error(&at, format!("bad method `{text}`")))
        }
    };
    written.iter().map(method).collect()
}

fn patterns<T>(
    written: Option<&Many<String>>,
    place: &Place<'_>,
    at: &[&str],
    what: &str,
    compile: impl Fn(&str) -> Result<T, BadPattern>,
) -> Result<Vec<T>, PolicyError> {
    let Some(Many(written)) = written else { return Ok(Vec::new()) };
    if written.is_empty() {
        return Err(place.error(at, "the list is empty: nothing would match"));
    }
    let pattern =
        |text: &String| compile(text).map_err(|bad| place.error(at, format!("bad {what} `{text}`: {bad}")));
    written.iter().map(pattern).collect()
}

fn action_match(written: Option<&ActionDoc>, place: &Place<'_>) -> Result<ActionMatch, PolicyError> {
    let Some(ActionDoc { class, protocol, service, operation, resource }) = written else {
        return Ok(ActionMatch::default());
    };
    let globs = |written: &Option<Many<String>>, member: &str| {
        patterns(written.as_ref(), place, &["match", "action", member], "pattern", Glob::new)
    };
    Ok(ActionMatch {
        classes: listed(class.as_ref(), place, "class")?,
        protocols: listed(protocol.as_ref(), place, "protocol")?,
        services: globs(service, "service")?,
        operations: globs(operation, "operation")?,
        resources: globs(resource, "resource")?,
    })
}

fn listed<T: Clone>(
    written: Option<&Many<T>>,
    place: &Place<'_>,
    member: &str,
) -> Result<Vec<T>, PolicyError> {
    match written {
        None => Ok(Vec::new()),
        Some(Many(list)) if list.is_empty() => {
            Err(place.error(&["match", "action", member], "the list is empty: nothing would match"))
        }
        Some(Many(list)) => Ok(list.clone()),
    }
}

fn requester_match(
    written: Option<&RequesterMatchDoc>,
    place: &Place<'_>,
) -> Result<RequesterMatch, PolicyError> {
    let Some(RequesterMatchDoc { subject, actor, human }) = written else {
        return Ok(RequesterMatch::default());
    };
    let glob = |text: &Option<String>, member: &str| match text {
        None => Ok(None),
        Some(text) => Glob::new(text).map(Some).map_err(|bad| {
            place.error(&["match", "requester", member], format!("bad pattern `{text}`: {bad}"))
        }),
    };
    Ok(RequesterMatch {
        subject: glob(subject, "subject")?,
        actor: glob(actor, "actor")?,
        human: glob(human, "human")?,
    })
}

/// Whether a lower-case text is a header's name (RFC 9110 section 5.6.2).
pub(super) fn is_header_name(name: &str) -> bool {
    let token = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty() && name.bytes().all(token)
}
