//! Asking the configured sources.

use countersign_wire::parties::{Act, Actor, Entity};

use super::{
    Facts, Human, HumanDoc, JwtDoc, JwtHuman, MAX_HOPS, NoRequester, Requester, Source, SourceDoc, StaticDoc,
};
use crate::policy::Many;

/// The longest identity, as long as the wire carries.
const MAX_ID: usize = 512;

/// The configured sources, in order.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<SourceDoc>);

/// What one source knows.
#[derive(Default)]
struct Part {
    subject: Option<(&'static str, String)>,
    agent: Option<Agent>,
    human: Option<Act>,
    /// Whoever else the token names: never a reviewer, and no more than that.
    others: Vec<Act>,
    owners: Vec<Act>,
    triggered_by: Vec<Act>,
}

/// The agent, and who vouches for it.
struct Agent {
    id: String,
    issuer: Option<String>,
}

impl Sources {
    /// These sources, in this order.
    pub fn new(sources: Vec<SourceDoc>) -> Self {
        Self(sources)
    }

    /// Who asks, as far as the sources know.
    ///
    /// # Errors
    /// [`NoRequester`] where no source names a subject, or one names it unreadably.
    pub fn resolve(&self, facts: &dyn Facts) -> Result<Requester, NoRequester> {
        let mut subject = None;
        let mut agent = None;
        let mut human = None;
        let mut others = Vec::new();
        let (mut owners, mut triggered_by) = (Vec::new(), Vec::new());
        for source in &self.0 {
            let (part, origin) = match source {
                SourceDoc::Mtls(_) => (mtls(facts)?, Source::Mtls),
                SourceDoc::Jwt(jwt) => (token(jwt, facts)?, Source::Jwt),
                SourceDoc::Proxy(_) => (proxy(facts)?, Source::Proxy),
                SourceDoc::Static(document) => (fixed(document), Source::Static),
            };
            subject = subject.or(part.subject.map(|named| (named, origin)));
            agent = agent.or(part.agent);
            human = human.or(part.human);
            others.extend(part.others);
            add(&mut owners, part.owners);
            add(&mut triggered_by, part.triggered_by);
        }
        if owners.len() > MAX_HOPS || triggered_by.len() > MAX_HOPS {
            return Err(NoRequester::TooManyHops);
        }
        let ((kind, id), source) = subject.ok_or(NoRequester::Unnamed)?;
        let known = human.as_ref().map_or(Human::Unknown, |_| Human::Known);
        let (actor, issuer, what) = match agent {
            Some(agent) => (agent.id, agent.issuer, "ai_agent"),
            None => (id.clone(), None, kind),
        };
        let act = chain(human.into_iter().chain(others));
        let actor = Actor { id: actor, kind: Some(what.to_owned()), issuer, act, owners, triggered_by };
        Ok(Requester { subject: Entity::new(kind, id), actor, known_human: known, source })
    }
}

fn mtls(facts: &dyn Facts) -> Result<Part, NoRequester> {
    // One byte, a boolean. Without it the certificate was not asked for or not verified.
    if facts.property(&["connection", "mtls"]).as_deref() != Some(&[1]) {
        return Ok(Part::default());
    }
    let uri = text(facts.property(&["connection", "uri_san_peer_certificate"]))?;
    Ok(Part { subject: uri.map(|uri| ("workload", uri)), ..Part::default() })
}

fn token(jwt: &JwtDoc, facts: &dyn Facts) -> Result<Part, NoRequester> {
    const BASE: [&str; 3] = ["metadata", "filter_metadata", "envoy.filters.http.jwt_authn"];
    let claim = |path: &[&str]| {
        let whole: Vec<&str> =
            BASE.iter().copied().chain([jwt.payload.as_str()]).chain(path.iter().copied()).collect();
        text(facts.property(&whole))
    };
    let Some(sub) = claim(&["sub"])? else { return Ok(Part::default()) };
    let iss = claim(&["iss"])?;
    let named = |name: &Option<String>| -> Result<Vec<Act>, NoRequester> {
        let Some(name) = name else { return Ok(Vec::new()) };
        let said = claim(&[name.as_str()])?;
        Ok(said.map(|sub| Act { sub, iss: iss.clone(), act: None }).into_iter().collect())
    };
    let (owners, triggered_by) = (named(&jwt.owner)?, named(&jwt.triggered_by)?);
    let mut acts = Vec::new();
    let mut path = Vec::new();
    loop {
        path.push("act");
        let named = |member: &'static str| path.iter().copied().chain([member]).collect::<Vec<&str>>();
        let Some(sub) = claim(&named("sub"))? else { break };
        if acts.len() == MAX_HOPS {
            return Err(NoRequester::TooManyHops);
        }
        // A hop without an issuer is named by the token's own.
        acts.push(Act { sub, iss: claim(&named("iss"))?.or_else(|| iss.clone()), act: None });
    }
    let top = Act { sub: sub.clone(), iss: iss.clone(), act: None };
    let mut acts = acts.into_iter();
    let (agent, human) = match (jwt.human, acts.next()) {
        (JwtHuman::Delegated | JwtHuman::Sub, Some(act)) => (Some(act), Some(top)),
        (JwtHuman::Delegated | JwtHuman::None, None) => (Some(top), None),
        (JwtHuman::Sub, None) => (None, Some(top)),
        (JwtHuman::Act, act) => (Some(top), act),
        (JwtHuman::None, Some(act)) => {
            let others = std::iter::once(act).chain(acts).collect();
            return Ok(Part {
                subject: Some(("workload", sub.clone())),
                agent: Some(Agent { id: sub, issuer: iss }),
                human: None,
                others,
                owners,
                triggered_by,
            });
        }
    };
    let subject = agent.as_ref().map_or(("user", sub), |agent| ("workload", agent.sub.clone()));
    let agent = agent.map(|act| Agent { id: act.sub, issuer: act.iss });
    Ok(Part { subject: Some(subject), agent, human, others: acts.collect(), owners, triggered_by })
}

fn proxy(facts: &dyn Facts) -> Result<Part, NoRequester> {
    let variable = |name| text(facts.environment(name).map(String::into_bytes));
    let istio = (variable("TRUST_DOMAIN")?, variable("POD_NAMESPACE")?, variable("SERVICE_ACCOUNT")?);
    let id = match istio {
        (domain, Some(namespace), Some(account)) => {
            let domain = domain.as_deref().unwrap_or("cluster.local");
            Some(format!("spiffe://{domain}/ns/{namespace}/sa/{account}"))
        }
        _ => text(facts.property(&["xds", "node", "id"]))?.map(|node| format!("node:{node}")),
    };
    Ok(Part { subject: id.map(|id| ("workload", id)), ..Part::default() })
}

fn fixed(document: &StaticDoc) -> Part {
    let human = |human: &HumanDoc| Act { sub: human.sub.clone(), iss: Some(human.iss.clone()), act: None };
    let humans = |written: &Option<Many<HumanDoc>>| -> Vec<Act> {
        written.iter().flat_map(|many| &many.0).map(human).collect()
    };
    Part {
        subject: document.id.clone().map(|id| ("workload", id)),
        agent: document.agent.clone().map(|id| Agent { id, issuer: None }),
        human: document.human.as_ref().map(human),
        others: Vec::new(),
        owners: humans(&document.owner),
        triggered_by: humans(&document.triggered_by),
    }
}

/// Adds whom the list does not name yet.
fn add(known: &mut Vec<Act>, more: Vec<Act>) {
    for one in more {
        if !known.contains(&one) {
            known.push(one);
        }
    }
}

/// One chain of these hops, the first outermost.
fn chain(hops: impl Iterator<Item = Act>) -> Option<Act> {
    let hops: Vec<Act> = hops.collect();
    hops.into_iter().rev().fold(None, |inner, hop| Some(Act { act: inner.map(Box::new), ..hop }))
}

/// An identity as text; an empty one is none.
fn text(bytes: Option<Vec<u8>>) -> Result<Option<String>, NoRequester> {
    let Some(bytes) = bytes else { return Ok(None) };
    let text = String::from_utf8(bytes).map_err(|_| NoRequester::Unreadable)?;
    if text.len() > MAX_ID || text.chars().any(char::is_control) {
        return Err(NoRequester::Unreadable);
    }
    Ok((!text.is_empty()).then_some(text))
}
