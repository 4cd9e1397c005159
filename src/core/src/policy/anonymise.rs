//! What a rule has changed in the traffic itself: as it is typed, and compiled.
//!
//! A rule with `anonymise` guards, whatever its effect: it counts for every spelling of a call that some server accepts, for
//! what cannot be known, and beside every other rule that matches. Of several such rules all fields count, in the order of the
//! rules' names; where two mean the same value, the first.

use std::{fmt, sync::Arc};

use countersign_mask::{Field, Fields, Kind, MOST_FIELDS, MOST_KEPT, Strategy, What};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{Effect, PolicyError, RuleDoc, argument::tokens, compile::Place};

/// `anonymise:`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnonymiseDoc {
    /// What is changed in the request, body and query.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request: Vec<FieldDoc>,
    /// What is changed in the response's body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<ResponseDoc>,
}

/// One field: exactly one of `kind`, `at` and `name` says which values, and `kind` may say what `at` and `name` hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldDoc {
    /// Values of this kind, wherever they are found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The value at this JSON Pointer; `*` is each member or element.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Values under this name, however it is spelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// By what they are replaced; a label where nothing is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<Strategy>,
}

/// `response:`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseDoc {
    /// What is changed.
    pub fields: Vec<FieldDoc>,
    /// The largest body that is changed: `1MiB` where nothing is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Size>,
    /// What becomes of a response that cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Otherwise>,
}

/// What becomes of a response that cannot be changed: larger than the limit, a stream, compressed, not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Otherwise {
    /// It is withheld.
    Refuse,
    /// It passes as it came, and the record says so.
    Pass,
}

/// A number of bytes: `64KiB`, `1MiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub usize);

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;
const DEFAULT_LIMIT: usize = MIB;
const LARGEST_LIMIT: usize = 64 * MIB;

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes % MIB == 0 => write!(f, "{}MiB", bytes / MIB),
            bytes => write!(f, "{}KiB", bytes / KIB),
        }
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        writer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let text = String::deserialize(reader)?;
        let (digits, unit) = match (text.strip_suffix("KiB"), text.strip_suffix("MiB")) {
            (Some(digits), _) => (digits, KIB),
            (None, Some(digits)) => (digits, MIB),
            (None, None) => ("", 1),
        };
        let bytes = digits.parse::<usize>().ok().and_then(|number| number.checked_mul(unit));
        let bad = || D::Error::custom(format_args!("bad size `{text}`: write `64KiB` or `1MiB`"));
        bytes.map(Self).ok_or_else(bad)
    }
}

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
    let top = "anonymise";
    if rule.effect == Effect::Deny {
        let sentence = "`anonymise` is for calls that leave, this one says `deny`";
        return Err(place.error(&[top], sentence));
    }
    if document.request.is_empty() && document.response.is_none() {
        return Err(place.error(&[top], "`anonymise` names nothing in the `request` and no `response`"));
    }
    let request = fields(&document.request, place, &[top, "request"])?;
    let response = match &document.response {
        None => None,
        Some(response) => {
            let at = [top, "response"];
            if response.fields.is_empty() {
                return Err(place.error(&at, "the response's `fields` name nothing"));
            }
            let limit = response.limit.map_or(DEFAULT_LIMIT, |Size(bytes)| bytes);
            if !(1..=LARGEST_LIMIT).contains(&limit) {
                return Err(
                    place.error(&at, format!("`limit` must be from `1KiB` to `{}`", Size(LARGEST_LIMIT)))
                );
            }
            let fields = fields(&response.fields, place, &[top, "response", "fields"])?;
            let otherwise = response.otherwise.unwrap_or(Otherwise::Refuse);
            Some(AnonymiseResponse { fields, limit, otherwise })
        }
    };
    Ok(Some(Arc::new(Anonymise { rule: rule.name.clone(), request, response })))
}

fn fields(written: &[FieldDoc], place: &Place<'_>, at: &[&str]) -> Result<Fields, PolicyError> {
    let compiled = written.iter().map(|one| field(one).map_err(|sentence| place.error(at, sentence)));
    let many = || place.error(at, format!("more than {MOST_FIELDS} fields"));
    Fields::new(compiled.collect::<Result<_, _>>()?).ok_or_else(many)
}

fn field(written: &FieldDoc) -> Result<Field, String> {
    let FieldDoc { kind, at, name, with } = written;
    let what = match (*kind, at, name) {
        (Some(_), None, None) => What::Kind,
        (_, Some(pointer), None) => {
            let tokens = tokens(pointer).filter(|tokens| !tokens.is_empty());
            What::At(tokens.ok_or_else(|| {
                format!("bad pointer `{pointer}`: a JSON Pointer starts with `/`, and `~` is written `~0`")
            })?)
        }
        (_, None, Some(name)) if !name.trim().is_empty() => What::Name(name.clone()),
        (_, None, Some(_)) => return Err("the `name` of a field is empty".to_owned()),
        (None, None, None) | (_, Some(_), Some(_)) => {
            return Err("a field has a `kind`, a place (`at`) or a `name`".to_owned());
        }
    };
    let strategy = with.unwrap_or_default();
    match strategy {
        Strategy::KeepLast(kept) if !(1..=MOST_KEPT).contains(&kept) => {
            Err(format!("`keep_last` is from 1 to {MOST_KEPT}, not {kept}"))
        }
        Strategy::KeepLast(_)
        | Strategy::Remove
        | Strategy::Label
        | Strategy::Pseudonym
        | Strategy::Generalise => Ok(Field { what, kind: *kind, strategy }),
    }
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
