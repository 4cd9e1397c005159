//! From a document to a policy: everything is parsed and checked once, here.
//!
//! Each refusal is a [`PolicyError`]: one sentence, the rule it is about, and where it stands in the document.

use std::{collections::BTreeMap, sync::Arc};

use countersign_wire::{
    digest::{tagged, tagged_as_hex},
    json::jcs_of,
};
use serde_json::json;

use super::{
    API_VERSION, ContentDigest, DefaultEffect, DefaultsDoc, Display, Document, Effect, Need, OnDisconnect,
    Policy, PolicyError, Recording, RuleDoc, RuleRef, Scoped, Span, Step, Strategies, Terms, Tunnels,
    index::Index,
    masking::{self, Masking},
    matching,
    pattern::{HostPattern, PathPattern},
    reviewers,
    rule::Rule,
    secrets,
    terms::{RULE_PREFIX, union},
};
use crate::{
    action::{Decoders, Endpoint},
    catalog::Catalog,
    requester::{MtlsDoc, ProxyDoc, RequesterDoc, SourceDoc, Sources},
};

/// The name by which the defaults go in tasks and records.
pub(super) const DEFAULT: &str = "default";

const HOLD: Span = Span::from_ms(45_000);
const EXPIRY: Span = Span::from_ms(15 * 60_000);
const GRANT: Span = Span::from_ms(5 * 60_000);
const LONGEST_GRANT: Span = Span::from_ms(24 * 3_600_000);
const LONGEST_EXPIRY: Span = Span::from_ms(30 * 24 * 3_600_000);
const MAX_RULES: usize = 20_000;
const MAX_AUTHORS: usize = 64;

/// A place in the document, and the rule it belongs to.
pub(super) struct Place<'a> {
    pub(super) rule: Option<&'a str>,
    pub(super) steps: Vec<Step>,
}

impl Place<'_> {
    /// The error that `sentence` says, at `steps` below this place.
    pub(super) fn error(&self, steps: &[&str], sentence: impl Into<String>) -> PolicyError {
        let at = self.steps.iter().cloned().chain(steps.iter().map(|step| Step::from(*step))).collect();
        PolicyError { rule: self.rule.map(str::to_owned), at, sentence: sentence.into() }
    }

    /// The member of that name.
    pub(super) fn below(&self, member: &str) -> Self {
        let steps = self.steps.iter().cloned().chain([Step::from(member)]).collect();
        Self { rule: self.rule, steps }
    }
}

impl Policy {
    pub(super) fn read(document: &Document) -> Result<Self, PolicyError> {
        let top = Place { rule: None, steps: Vec::new() };
        check_head(document, &top)?;
        let digest = tagged("countersign-policy-v1\0", &jcs_of(document));
        let commit = match &document.revision {
            Some(revision) => revision.clone(),
            None => tagged_as_hex(&digest).unwrap_or_default(),
        };
        let defaults = &document.defaults;
        let write = defaults.write.unwrap_or(DefaultEffect::Hold);
        let read = defaults.read.unwrap_or(DefaultEffect::Pass);
        if write == DefaultEffect::Pass {
            let sentence = "`defaults.write` is `hold` or `deny`: nobody has a blanket permission";
            return Err(top.error(&["defaults", "write"], sentence));
        }
        let masking = masking::compile(document.masking.as_ref(), &top)?;
        let mut index = Index::default();
        let mut rules = Vec::with_capacity(document.rules.len());
        let mut names = BTreeMap::new();
        for (number, rule) in document.rules.iter().enumerate() {
            let place =
                Place { rule: Some(&rule.name), steps: vec![Step::from("rules"), Step::from(number)] };
            check_name(&rule.name, &place)?;
            if names.insert(rule.name.as_str(), number).is_some() {
                return Err(place.error(&["name"], "another rule has the same name"));
            }
            let compiled = compile_rule(rule, document, &masking, &place)?;
            index.enter(number, &compiled);
            rules.push(compiled);
        }
        let holds_by_default = [read, write].contains(&DefaultEffect::Hold);
        let default_terms =
            if holds_by_default { Some(Arc::new(default_terms(document, &masking, &top)?)) } else { None };
        Ok(Self {
            id: String::new(),
            commit,
            digest,
            repo_url: None,
            authors: document.authors.clone(),
            sources: sources(&document.requester, &top)?,
            decoders: Decoders::new(endpoints(document, &top)?, catalog(document, &top)?),
            index,
            rules,
            read,
            write,
            allowed: defaults.allowed.unwrap_or(Recording::Counted),
            default_terms,
            masking,
            secrets: secrets::compile(document, &top)?,
        })
    }
}

fn check_head(document: &Document, top: &Place<'_>) -> Result<(), PolicyError> {
    if document.api_version != API_VERSION {
        let sentence =
            format!("this build reads `apiVersion: {API_VERSION}`, not `{}`", document.api_version);
        return Err(top.error(&["apiVersion"], sentence));
    }
    if !is_name(&document.name) {
        let sentence = format!("bad policy name `{}`: {NAME_RULE}", document.name);
        return Err(top.error(&["name"], sentence));
    }
    if let Some(revision) = &document.revision {
        let hex = revision.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !hex || ![40, 64].contains(&revision.len()) {
            let sentence = format!("bad revision `{revision}`: a commit is 40 or 64 hexadecimal digits");
            return Err(top.error(&["revision"], sentence));
        }
    }
    if let Some(name) = document.groups.keys().find(|name| !is_name(name)) {
        return Err(top.error(&["groups", name], format!("bad group name `{name}`: {NAME_RULE}")));
    }
    let odd = |name: &&String| {
        name.trim().is_empty() || name.chars().count() > 256 || name.chars().any(char::is_control)
    };
    if document.authors.len() > MAX_AUTHORS || document.authors.iter().any(|name| odd(&name)) {
        let sentence =
            format!("`authors` are at most {MAX_AUTHORS} names or addresses of up to 256 characters");
        return Err(top.error(&["authors"], sentence));
    }
    if document.rules.len() > MAX_RULES {
        return Err(top.error(&["rules"], format!("a policy has at most {MAX_RULES} rules")));
    }
    Ok(())
}

pub(super) const NAME_RULE: &str = "a name has 1 to 128 letters, digits, `-`, `_` and `.`";

pub(super) fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=128).contains(&name.len()) && name.bytes().all(plain)
}

fn check_name(name: &str, place: &Place<'_>) -> Result<(), PolicyError> {
    if !is_name(name) {
        return Err(place.error(&["name"], format!("bad rule name: {NAME_RULE}")));
    }
    if name == DEFAULT {
        return Err(place.error(&["name"], "`default` names what holds where no rule matches"));
    }
    Ok(())
}

fn sources(document: &RequesterDoc, top: &Place<'_>) -> Result<Sources, PolicyError> {
    let proved = || vec![SourceDoc::Mtls(MtlsDoc {}), SourceDoc::Proxy(ProxyDoc {})];
    let sources = match &document.sources {
        None => proved(),
        Some(sources) if sources.is_empty() => {
            let sentence = "no source names the requester: leave `requester` out for the peer certificate, then the \
                            proxy's own identity";
            return Err(top.error(&["requester", "sources"], sentence));
        }
        Some(sources) => sources.clone(),
    };
    Ok(Sources::new(sources))
}

fn catalog(document: &Document, top: &Place<'_>) -> Result<Catalog, PolicyError> {
    let Some(catalog) = &document.catalog else { return Ok(Catalog::default()) };
    Catalog::new(catalog).map_err(|error| top.error(&["catalog"], error.to_string()))
}

fn endpoints(document: &Document, top: &Place<'_>) -> Result<Vec<Endpoint>, PolicyError> {
    let endpoint = |(number, endpoint): (usize, &super::EndpointDoc)| {
        let place = Place { rule: top.rule, steps: vec![Step::from("endpoints"), Step::from(number)] };
        let host = HostPattern::new(&endpoint.host)
            .map_err(|bad| place.error(&["host"], format!("bad host pattern `{}`: {bad}", endpoint.host)))?;
        if !host.names_something() {
            return Err(
                place.error(&["host"], format!("an endpoint names its host, `{}` names none", endpoint.host))
            );
        }
        let path = match &endpoint.path {
            None => None,
            Some(path) => Some(
                PathPattern::new(path)
                    .map_err(|bad| place.error(&["path"], format!("bad path pattern `{path}`: {bad}")))?,
            ),
        };
        Ok(Endpoint { host, path, protocol: endpoint.protocol })
    };
    document.endpoints.iter().enumerate().map(endpoint).collect()
}

fn compile_rule(
    rule: &RuleDoc,
    document: &Document,
    masking: &Masking,
    place: &Place<'_>,
) -> Result<Rule, PolicyError> {
    let mut compiled = matching::compile(rule, place)?;
    if let Effect::Hold = rule.effect {
        let mut terms = demands(rule, document, masking, place)?;
        terms.rule_digest = digest(rule, Some(&terms));
        compiled.terms = Some(Arc::new(terms));
    } else {
        refuse_demands(rule, place)?;
    }
    let digest =
        compiled.terms.as_ref().map_or_else(|| digest(rule, None), |terms| terms.rule_digest.clone());
    compiled.reference = RuleRef { name: rule.name.as_str().into(), digest: digest.into() };
    Ok(compiled)
}

/// The digest of the compiled rule: what it matches, what it asks, the defaults filled in.
fn digest(rule: &RuleDoc, terms: Option<&Terms>) -> String {
    let mut whole = json!({"name": rule.name, "match": rule.matches, "effect": rule.effect, "terms": terms});
    if let (Some(anonymise), Some(members)) = (&rule.anonymise, whole.as_object_mut()) {
        members.insert("anonymise".to_owned(), anonymise.clone());
    }
    tagged(RULE_PREFIX, &jcs_of(&whole))
}

fn refuse_demands(rule: &RuleDoc, place: &Place<'_>) -> Result<(), PolicyError> {
    let written = [
        ("reviewers", rule.reviewers.is_some()),
        ("break_glass", rule.break_glass.is_some()),
        ("reason", rule.reason.is_some()),
        ("hold", rule.hold.is_some()),
        ("expiry", rule.expiry.is_some()),
        ("grant", rule.grant.is_some()),
        ("bind_headers", !rule.bind_headers.is_empty()),
        ("mask", !rule.mask.is_empty()),
        ("masking", rule.masking.is_some()),
        ("display", rule.display.is_some()),
        ("scoped", rule.scoped.is_some()),
        ("lineage", rule.lineage.is_some()),
        ("digest", rule.digest.is_some()),
        ("known_principal", rule.known_principal.is_some()),
        ("on_disconnect", rule.on_disconnect.is_some()),
        ("connect", rule.connect.is_some()),
    ];
    match written.into_iter().find(|(_, written)| *written) {
        None => Ok(()),
        Some((member, _)) => {
            let effect = rule.effect.as_str();
            Err(place
                .error(&[member], format!("`{member}` is for rules that hold, this one says `{effect}`")))
        }
    }
}

fn demands(
    rule: &RuleDoc,
    document: &Document,
    masking: &Masking,
    place: &Place<'_>,
) -> Result<Terms, PolicyError> {
    let defaults = &document.defaults;
    let mut quorum = match (&rule.reviewers, &defaults.reviewers) {
        (Some(own), _) => reviewers::compile(own, &document.groups, &place.below("reviewers"))?,
        (None, Some(usual)) => {
            let top = Place { rule: None, steps: vec![Step::from("defaults"), Step::from("reviewers")] };
            reviewers::compile(usual, &document.groups, &top)?
        }
        (None, None) => {
            let sentence = "it holds and names no `reviewers`, and `defaults` names none";
            return Err(place.error(&["effect"], sentence));
        }
    };
    quorum.break_glass = reviewers::break_glass(rule.break_glass.as_ref(), &document.groups, place)?;
    let hold = rule.hold.or(defaults.hold).unwrap_or(HOLD);
    let expiry = rule.expiry.or(defaults.expiry).unwrap_or(EXPIRY);
    let grant = rule.grant.or(defaults.grant).unwrap_or(GRANT);
    check_times(rule, hold, expiry, grant, place)?;
    let lineage = rule.lineage.clone().unwrap_or_default();
    Ok(Terms {
        rule: rule.name.clone(),
        rule_digest: String::new(),
        quorum,
        hold_ms: hold.ms(),
        expires_ms: expiry.ms(),
        grant_ms: grant.ms(),
        reason: rule.reason.unwrap_or(Need::Optional),
        bind_headers: bind_headers(rule, place)?,
        content_digest: rule.digest.unwrap_or(ContentDigest::Keyed),
        lineage_inputs: lineage.inputs,
        lineage_outputs: lineage.outputs,
        mask: pointers(rule, place)?,
        masking: strategies(rule, masking, place)?,
        display: rule.display.unwrap_or(Display::Partial),
        scoped: Scoped::compile(rule.scoped.as_ref(), &rule.matches, &defaults.always_ask, place)?,
        known_principal: rule.known_principal.unwrap_or(Need::Optional),
        on_disconnect: rule.on_disconnect.unwrap_or(OnDisconnect::Keep),
        connect: rule.connect.unwrap_or(Tunnels::Refuse),
    })
}

/// The demands of a hold by default: those of a rule that says nothing.
fn default_terms(document: &Document, masking: &Masking, top: &Place<'_>) -> Result<Terms, PolicyError> {
    let DefaultsDoc { hold, expiry, grant, reviewers, read, write, allowed: _, always_ask: _ } =
        &document.defaults;
    if reviewers.is_none() {
        let sentence = "what no rule names is held, and `defaults` names no `reviewers`";
        return Err(top.error(&["defaults"], sentence));
    }
    let mut silent = RuleDoc::silent(DEFAULT, Effect::Hold);
    (silent.hold, silent.expiry, silent.grant) = (*hold, *expiry, *grant);
    let place = Place { rule: None, steps: vec![Step::from("defaults")] };
    let mut terms = demands(&silent, document, masking, &place)?;
    let whole = json!({"name": DEFAULT, "read": read, "write": write, "terms": terms});
    terms.rule_digest = tagged(RULE_PREFIX, &jcs_of(&whole));
    Ok(terms)
}

fn check_times(
    rule: &RuleDoc,
    hold: Span,
    expiry: Span,
    grant: Span,
    place: &Place<'_>,
) -> Result<(), PolicyError> {
    let longer = if rule.expiry.is_none() { "hold" } else { "expiry" };
    let zero = Span::from_ms(0);
    let broken = [
        ("hold", hold == zero, "`hold` must be at least `1s`".to_owned()),
        (longer, expiry <= hold, format!("`hold` ({hold}) must be shorter than `expiry` ({expiry})")),
        ("expiry", expiry > LONGEST_EXPIRY, format!("`expiry` ({expiry}) must be at most 30 days")),
        ("grant", grant == zero, "`grant` must be at least `1s`".to_owned()),
        ("grant", grant > LONGEST_GRANT, format!("`grant` ({grant}) must be at most `24h`")),
    ];
    match broken.into_iter().find(|(_, broken, _)| *broken) {
        None => Ok(()),
        Some((member, _, sentence)) => Err(place.error(&[member], sentence)),
    }
}

fn bind_headers(rule: &RuleDoc, place: &Place<'_>) -> Result<Vec<String>, PolicyError> {
    let names: Vec<String> = rule.bind_headers.iter().map(|name| name.to_ascii_lowercase()).collect();
    if let Some(bad) = names.iter().find(|name| !matching::is_header_name(name)) {
        return Err(place.error(&["bind_headers"], format!("bad header name `{bad}`")));
    }
    Ok(union(names, &[]))
}

fn strategies(rule: &RuleDoc, masking: &Masking, place: &Place<'_>) -> Result<Strategies, PolicyError> {
    let own = match &rule.masking {
        Some(own) => masking::strategies(own, &place.below("masking"))?,
        None => Vec::new(),
    };
    Ok(masking.strategies().clone().with(&own))
}

fn pointers(rule: &RuleDoc, place: &Place<'_>) -> Result<Vec<String>, PolicyError> {
    match rule.mask.iter().find(|pointer| !pointer.starts_with('/')) {
        Some(bad) => {
            Err(place.error(&["mask"], format!("bad pointer `{bad}`: a JSON Pointer starts with `/`")))
        }
        None => Ok(rule.mask.clone()),
    }
}
