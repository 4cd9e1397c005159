//! What a rule has changed in the traffic itself, read by hand like the document's `masking`.
//!
//! A rule with `anonymise` guards, whatever its effect: it counts for every spelling of a call that some server accepts, for
//! what cannot be known, and beside every other rule that matches. Of several such rules all fields count, in the order of the
//! rules' names; where two mean the same value, the first.

use std::sync::Arc;

use countersign_mask::{Field, Fields, MOST_FIELDS, What};

use super::{
    Effect, PolicyError, RuleDoc,
    argument::tokens,
    compile::Place,
    masking::{Members, kind, strategy},
};

/// What becomes of a response that cannot be changed: larger than the limit, a stream, compressed, not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// It is withheld.
    Refuse,
    /// It passes as it came, and the record says so.
    Pass,
}

const KIB: usize = 1024;
const DEFAULT_LIMIT: usize = 1024 * KIB;
const LARGEST_LIMIT: usize = 64 * 1024 * KIB;

/// What the rules that match have changed in the traffic.
#[derive(Clone, Debug, PartialEq)]
pub struct Anonymise {
    /// The rule, several joined by `+`.
    pub rule: String,
    /// What is changed in the request.
    pub request: Fields,
    /// What is changed in the response.
    pub response: Option<AnonymiseResponse>,
}

/// What is changed in a response.
#[derive(Clone, Debug, PartialEq)]
pub struct AnonymiseResponse {
    /// What.
    pub fields: Fields,
    /// The largest body that is changed, in bytes.
    pub limit: usize,
    /// What becomes of one that cannot be changed.
    pub otherwise: Otherwise,
}

/// Compiles what a rule has changed.
pub(super) fn compile(rule: &RuleDoc, place: &Place<'_>) -> Result<Option<Arc<Anonymise>>, PolicyError> {
    let Some(document) = &rule.anonymise else { return Ok(None) };
    let place = place.below("anonymise");
    if rule.effect == Effect::Deny {
        return Err(place.error(&[], "`anonymise` is for calls that leave, this one says `deny`"));
    }
    let members = Members::of(document, Some(&["request", "response"]), &place)?;
    let request = fields(&members, "request")?;
    let response = match members.below("response", Some(&["fields", "limit", "otherwise"]))? {
        None => None,
        Some(members) => Some(response(&members)?),
    };
    if request.is_empty() && response.is_none() {
        return Err(place.error(&[], "`anonymise` names nothing in the `request` and no `response`"));
    }
    Ok(Some(Arc::new(Anonymise { rule: rule.name.clone(), request, response })))
}

fn response(members: &Members<'_>) -> Result<AnonymiseResponse, PolicyError> {
    let place = &members.place;
    let fields = fields(members, "fields")?;
    if fields.is_empty() {
        return Err(place.error(&["fields"], "the response's `fields` name nothing"));
    }
    let limit = match members.text("limit")? {
        None => DEFAULT_LIMIT,
        Some(text) => size(text).ok_or_else(|| {
            let sentence = format!("bad `limit` `{text}`: write `64KiB` or `1MiB`, at most `64MiB`");
            place.error(&["limit"], sentence)
        })?,
    };
    let otherwise = match members.text("otherwise")? {
        None | Some("refuse") => Otherwise::Refuse,
        Some("pass") => Otherwise::Pass,
        Some(word) => {
            let sentence = format!("bad `otherwise` `{word}`: write `refuse` or `pass`");
            return Err(place.error(&["otherwise"], sentence));
        }
    };
    Ok(AnonymiseResponse { fields, limit, otherwise })
}

/// A number of bytes as people write it.
fn size(text: &str) -> Option<usize> {
    let (digits, unit) = match (text.strip_suffix("KiB"), text.strip_suffix("MiB")) {
        (Some(digits), _) => (digits, KIB),
        (None, Some(digits)) => (digits, 1024 * KIB),
        (None, None) => return None,
    };
    let bytes = digits.parse::<usize>().ok()?.checked_mul(unit)?;
    (1..=LARGEST_LIMIT).contains(&bytes).then_some(bytes)
}

fn fields(members: &Members<'_>, name: &str) -> Result<Fields, PolicyError> {
    let mut all = Vec::new();
    for (place, value) in members.items(name)? {
        all.push(field(&Members::of(value, Some(&["kind", "at", "name", "with"]), &place)?)?);
    }
    Fields::new(all).ok_or_else(|| members.place.error(&[name], format!("more than {MOST_FIELDS} fields")))
}

fn field(written: &Members<'_>) -> Result<Field, PolicyError> {
    let place = &written.place;
    let kind = match written.text("kind")? {
        None => None,
        Some(word) => Some(kind(word, place, "kind")?),
    };
    let what = match (kind, written.text("at")?, written.text("name")?) {
        (Some(_), None, None) => What::Kind,
        (_, Some(pointer), None) => {
            let tokens = tokens(pointer).filter(|tokens| !tokens.is_empty());
            What::At(tokens.ok_or_else(|| {
                let rule = "a JSON Pointer starts with `/`, and `~` is written `~0`";
                place.error(&["at"], format!("bad pointer `{pointer}`: {rule}"))
            })?)
        }
        (_, None, Some(name)) if !name.trim().is_empty() => What::Name(name.to_owned()),
        (_, None, Some(_)) => return Err(place.error(&["name"], "the `name` of a field is empty")),
        (None, None, None) | (_, Some(_), Some(_)) => {
            return Err(place.error(&[], "a field has a `kind`, a place (`at`) or a `name`"));
        }
    };
    let strategy = match written.members.get("with") {
        None => countersign_mask::Strategy::Label,
        Some(value) => strategy(value, place, "with")?,
    };
    Ok(Field { what, kind, strategy })
}

/// The fields of all; nothing where they are more than can be looked for at once. `all` is sorted by name.
pub(super) fn together(all: &[Arc<Anonymise>]) -> Option<Arc<Anonymise>> {
    let (first, rest) = all.split_first()?;
    if rest.is_empty() {
        return Some(Arc::clone(first));
    }
    let join = |a: &Fields, b: &Fields| Fields::new(a.iter().chain(b.iter()).cloned().collect());
    let mut sum = Anonymise::clone(first);
    for one in rest {
        sum.rule = format!("{}+{}", sum.rule, one.rule);
        sum.request = join(&sum.request, &one.request)?;
        sum.response = match (sum.response, &one.response) {
            (None, other) => other.clone(),
            (some, None) => some,
            (Some(a), Some(b)) => Some(AnonymiseResponse {
                fields: join(&a.fields, &b.fields)?,
                limit: a.limit.min(b.limit),
                otherwise: match (a.otherwise, b.otherwise) {
                    (Otherwise::Pass, Otherwise::Pass) => Otherwise::Pass,
                    (Otherwise::Refuse, _) | (_, Otherwise::Refuse) => Otherwise::Refuse,
                },
            }),
        };
    }
    Some(Arc::new(sum))
}
