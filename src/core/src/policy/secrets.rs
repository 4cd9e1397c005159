//! Secrets that a policy has put into requests: which, for which authority, in which header, by which rules.
//!
//! ```yaml
//! secrets:
//!   thirdparty-api-key:
//!     authority: api.thirdparty.example
//!     header: authorization
//!     rules: [pii-export]
//! ```
//!
//! Authorities are written out, with the port where it is not 443: there are no patterns, and a secret never leaves but over
//! TLS, by the filter's `destinations`. Without `rules` every rule that holds may release it. A call with a placeholder that
//! is not held, or for anything else than what stands here, is refused before anybody is asked: it would leave as it is, or
//! tell what an answer looks like. Values are never here: the approval service has them.

use countersign_wire::sealed::is_name;
use serde_json::Value;

use super::{
    Denied, Document, Effect, Judgement, PolicyError,
    compile::{DEFAULT, NAME_RULE, Place},
    judgement::reason,
    masking::Members,
    matching::is_header_name,
};
use crate::{
    action::{self, Action},
    call::{Body, Call, Scheme, plain_authority},
    placeholder::{self, Misplaced, Template},
};

const MOST_SECRETS: usize = 256;

/// The secrets of a policy, by name.
#[derive(Debug, Default)]
pub(super) struct Secrets(Vec<Secret>);

#[derive(Debug)]
struct Secret {
    name: String,
    authorities: Vec<String>,
    headers: Vec<String>,
    /// None where every rule that holds may release it.
    rules: Vec<String>,
}

/// Compiles `secrets:`.
pub(super) fn compile(document: &Document, top: &Place<'_>) -> Result<Secrets, PolicyError> {
    let Some(written) = &document.secrets else { return Ok(Secrets::default()) };
    let all = Members::of(written, None, &top.below("secrets"))?;
    if all.members.len() > MOST_SECRETS {
        return Err(all.place.error(&[], format!("a policy has at most {MOST_SECRETS} secrets")));
    }
    let secret = |(name, value): (&String, &Value)| {
        if !is_name(name) {
            return Err(all.place.error(&[name], format!("bad secret name `{name}`: {NAME_RULE}")));
        }
        let members = Members::of(value, Some(&["authority", "header", "rules"]), &all.place.below(name))?;
        Ok(Secret {
            name: name.clone(),
            authorities: authorities(name, &members)?,
            headers: headers(name, &members)?,
            rules: rules(name, &members, document)?,
        })
    };
    all.members.iter().map(secret).collect::<Result<_, _>>().map(Secrets)
}

/// One text or a list of them; at least one.
fn some(of: &str, members: &Members<'_>, name: &str) -> Result<Vec<String>, PolicyError> {
    let texts = match members.members.get(name) {
        Some(Value::String(one)) => vec![one.clone()],
        Some(_) => members.texts(name)?,
        None => Vec::new(),
    };
    if texts.is_empty() {
        return Err(members.place.error(&[name], format!("secret `{of}`: it names no `{name}`")));
    }
    Ok(texts)
}

fn authorities(of: &str, members: &Members<'_>) -> Result<Vec<String>, PolicyError> {
    let plain = |spelled: &String| {
        plain_authority(spelled).ok_or_else(|| {
            let rule = "a host name or an IP address, with its port where that is not 443, and no pattern";
            let sentence = format!("secret `{of}`: bad authority `{spelled}`: it is {rule}");
            members.place.error(&["authority"], sentence)
        })
    };
    some(of, members, "authority")?.iter().map(plain).collect()
}

fn headers(of: &str, members: &Members<'_>) -> Result<Vec<String>, PolicyError> {
    let plain = |name: String| {
        let name = name.to_ascii_lowercase();
        if !is_header_name(&name) || name.starts_with("x-envoy-") || name.starts_with("countersign-") {
            let sentence = format!("secret `{of}`: bad header name `{name}`");
            return Err(members.place.error(&["header"], sentence));
        }
        if placeholder::is_fixed(&name) {
            let why = "it says what a request does or how it is framed, and an approval binds it as the agent sends it";
            let sentence = format!("secret `{of}`: the header `{name}` is no place for a secret: {why}");
            return Err(members.place.error(&["header"], sentence));
        }
        Ok(name)
    };
    some(of, members, "header")?.into_iter().map(plain).collect()
}

fn rules(of: &str, members: &Members<'_>, document: &Document) -> Result<Vec<String>, PolicyError> {
    let rules = if members.members.contains_key("rules") { some(of, members, "rules")? } else { Vec::new() };
    for name in &rules {
        if name == DEFAULT {
            continue;
        }
        let sentence = match document.rules.iter().find(|rule| rule.name == *name) {
            Some(rule) if rule.effect == Effect::Hold => continue,
            Some(_) => format!("secret `{of}`: rule `{name}` does not hold, so nobody would release it"),
            None => format!("secret `{of}`: there is no rule `{name}`"),
        };
        return Err(members.place.error(&["rules"], sentence));
    }
    Ok(rules)
}

impl Secrets {
    /// What becomes of a call that the rules judge so, once its placeholders are looked at.
    pub(super) fn judge(&self, call: &Call, body: Body<'_>, judgement: Judgement) -> Judgement {
        let refused = match &judgement {
            Judgement::Deny(_) => Ok(()),
            Judgement::Pass(passed) => self.look(call, body, Asked::Nobody, passed.action.as_ref()),
            Judgement::Hold(held) => self.look(call, body, Asked::By(&held.terms.rule), Some(&held.action)),
            Judgement::NeedsBody => self.look(call, body, Asked::Unknown, None),
        };
        match refused {
            Ok(()) => judgement,
            Err(denied) => Judgement::Deny(*denied),
        }
    }

    fn look(
        &self,
        call: &Call,
        body: Body<'_>,
        asked: Asked<'_>,
        action: Option<&Action>,
    ) -> Result<(), Box<Denied>> {
        let deny = |reason: &'static str, detail: String| {
            Box::new(Denied { action: action.cloned(), rule: None, reason, detail })
        };
        let misplaced = |why: Misplaced| deny(reason::PLACEHOLDER, why.to_string());
        let templates = placeholder::in_head(call.headers()).map_err(misplaced)?;
        match body {
            Body::Read(bytes) => placeholder::in_body(bytes).map_err(misplaced)?,
            Body::Absent | Body::Unread => {}
        }
        for (template, name) in templates.iter().flat_map(|one| one.names().map(move |name| (one, name))) {
            self.check(call, template, name, asked).map_err(|(reason, detail)| deny(reason, detail))?;
        }
        if !templates.is_empty() && action::tunnel(call).is_some() {
            let detail = "what comes back through a tunnel cannot be looked through, so no secret is put in";
            return Err(deny(reason::PLACEHOLDER, detail.to_owned()));
        }
        Ok(())
    }

    fn check(
        &self,
        call: &Call,
        template: &Template,
        name: &str,
        asked: Asked<'_>,
    ) -> Result<(), (&'static str, String)> {
        let Some(secret) = self.0.iter().find(|secret| secret.name == name) else {
            // Not by its name: somebody may have put the secret itself there.
            let header = template.header();
            return Err((
                reason::UNKNOWN_SECRET,
                format!("the policy knows no secret of the name that the header `{header}` says"),
            ));
        };
        let elsewhere = |why: String| Err((reason::SECRET_ELSEWHERE, why));
        if !secret.authorities.iter().any(|one| one == call.authority()) {
            return elsewhere(format!("the secret `{name}` is not for `{}`", call.authority()));
        }
        match call.scheme() {
            Scheme::Https => {}
            Scheme::Http => {
                let host = call.host();
                return elsewhere(format!(
                    "the secret `{name}` leaves only over TLS, and `{host}` is reached by http"
                ));
            }
        }
        if !secret.headers.iter().any(|one| one == template.header()) {
            return elsewhere(format!("the secret `{name}` is not for the header `{}`", template.header()));
        }
        match asked {
            Asked::Unknown => Ok(()),
            Asked::Nobody => Err((
                reason::PLACEHOLDER,
                format!("nobody is asked about this call, so the secret `{name}` is not put in"),
            )),
            Asked::By(rule) => {
                let named = |one: &String| rule.split('+').any(|name| name == one);
                if secret.rules.is_empty() || secret.rules.iter().any(named) {
                    Ok(())
                } else {
                    elsewhere(format!("the secret `{name}` is not released by rule `{rule}`"))
                }
            }
        }
    }
}

/// Whether people are asked about the call.
#[derive(Clone, Copy)]
enum Asked<'a> {
    /// The body will tell.
    Unknown,
    /// They are not.
    Nobody,
    /// They are, by this rule, several joined by `+`.
    By(&'a str),
}
