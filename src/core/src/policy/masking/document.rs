//! What a policy document says about masking, as people write it.
//!
//! Read by hand from JSON values: every filter loads this code, and derived readers of these few maps were 25 kB of it. What
//! cannot be read is told in the words that serde uses, so that the command line mends them alike.

use countersign_mask::{Kind, Strategy};
use serde_json::{Map, Value};

use crate::policy::{PolicyError, Step, compile::Place};

/// `masking:` of the document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MaskingDoc {
    /// What comes in the place of values, by kind; the label where nothing is written.
    pub strategies: Vec<(Kind, Strategy)>,
    /// Values that are harmless; `*` is any run of characters.
    pub allow: Vec<String>,
    /// Names of fields, and what they hold; `None` where it is nothing that the name gives away.
    pub names: Vec<(String, Option<Kind>)>,
    /// Detectors besides those of this build.
    pub detectors: Vec<DetectorDoc>,
}

/// A detector.
#[derive(Clone, Debug, PartialEq)]
pub struct DetectorDoc {
    /// Its name, unique in the document.
    pub name: String,
    /// What it finds.
    pub kind: Kind,
    /// How that is written.
    pub pattern: String,
    /// Words of which one stands in the field's name, or up to 48 bytes before.
    pub near: Vec<String>,
    /// The rule that its digits keep.
    pub check: Option<String>,
    /// Matches that are harmless; `*` is any run of characters.
    pub allow: Vec<String>,
    /// What comes in their place, over what comes in the place of their kind.
    pub strategy: Option<Strategy>,
    /// Texts in each of which it masks something.
    pub masks: Vec<String>,
    /// Texts in which it masks nothing.
    pub keeps: Vec<String>,
}

impl MaskingDoc {
    /// Reads `masking:`.
    pub(in crate::policy) fn read(value: &Value, place: &Place<'_>) -> Result<Self, PolicyError> {
        let members = Members::of(value, Some(&["strategies", "allow", "names", "detectors"]), place)?;
        let mut masking = Self {
            strategies: read_strategies(&members)?,
            allow: members.texts("allow")?,
            names: Vec::new(),
            detectors: Vec::new(),
        };
        if let Some(names) = members.below("names", None)? {
            for (name, holds) in names.members {
                let word = names.text_of(name, holds)?;
                let holds = if word == "plain" { None } else { Some(kind(word, &names.place, name)?) };
                masking.names.push((name.clone(), holds));
            }
        }
        for (place, value) in members.items("detectors")? {
            masking.detectors.push(DetectorDoc::read(value, &place)?);
        }
        Ok(masking)
    }
}

impl DetectorDoc {
    fn read(value: &Value, place: &Place<'_>) -> Result<Self, PolicyError> {
        const KEYS: &[&str] = &["name", "kind", "pattern", "near", "check", "allow", "strategy", "tests"];
        let members = Members::of(value, Some(KEYS), place)?;
        let tests = members.below("tests", Some(&["masks", "keeps"]))?;
        let list = |name| tests.as_ref().map_or(Ok(Vec::new()), |tests| tests.texts(name));
        Ok(Self {
            name: members.required("name")?.to_owned(),
            kind: kind(members.required("kind")?, place, "kind")?,
            pattern: members.required("pattern")?.to_owned(),
            near: members.texts("near")?,
            check: members.text("check")?.map(str::to_owned),
            allow: members.texts("allow")?,
            strategy: match members.members.get("strategy") {
                Some(value) => Some(strategy(value, place, "strategy")?),
                None => None,
            },
            masks: list("masks")?,
            keeps: list("keeps")?,
        })
    }
}

/// `strategies:` of the document's `masking` or of a rule's.
pub(in crate::policy) fn strategies(
    value: &Value,
    place: &Place<'_>,
) -> Result<Vec<(Kind, Strategy)>, PolicyError> {
    read_strategies(&Members::of(value, Some(&["strategies"]), place)?)
}

fn read_strategies(members: &Members<'_>) -> Result<Vec<(Kind, Strategy)>, PolicyError> {
    let mut all = Vec::new();
    if let Some(strategies) = members.below("strategies", Some(Kind::WORDS))? {
        for (word, value) in strategies.members {
            all.push((kind(word, &strategies.place, word)?, strategy(value, &strategies.place, word)?));
        }
    }
    Ok(all)
}

/// Strategies of one word.
const STRATEGIES: [(&str, Strategy); 4] = [
    ("remove", Strategy::Remove),
    ("label", Strategy::Label),
    ("pseudonym", Strategy::Pseudonym),
    ("generalise", Strategy::Generalise),
];

pub(in crate::policy) fn strategy(
    value: &Value,
    place: &Place<'_>,
    at: &str,
) -> Result<Strategy, PolicyError> {
    let word = match value {
        Value::Object(members) if members.len() == 1 => match members.iter().next() {
            Some((word, kept)) if word == "keep_last" => {
                let kept = kept.as_u64().and_then(|kept| u8::try_from(kept).ok());
                let kept = kept.filter(|kept| (1..=countersign_mask::MOST_KEPT).contains(kept));
                return kept.map(Strategy::KeepLast).ok_or_else(|| {
                    place.error(&[at, "keep_last"], "`keep_last` is a whole number from 1 to 4")
                });
            }
            Some((word, _)) => word.as_str(),
            None => "",
        },
        Value::String(word) => word.as_str(),
        Value::Object(_) | Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {
            return Err(
                place.error(&[at], "a strategy is expected here, such as `label` or `{keep_last: 4}`")
            );
        }
    };
    let known = STRATEGIES.iter().find(|(one, _)| *one == word && value.is_string());
    known.map(|(_, strategy)| *strategy).ok_or_else(|| {
        let words = ["remove", "label", "pseudonym", "generalise", "{keep_last: 4}"];
        place.error(&[at], unknown("variant", word, &words))
    })
}

/// A strategy as it is written.
pub(in crate::policy) fn written(strategy: Strategy) -> Value {
    if let Strategy::KeepLast(kept) = strategy {
        let mut written = Map::new();
        written.insert("keep_last".to_owned(), kept.into());
        return Value::Object(written);
    }
    STRATEGIES.iter().find(|(_, one)| *one == strategy).map_or(Value::Null, |(word, _)| (*word).into())
}

pub(in crate::policy) fn kind(word: &str, place: &Place<'_>, at: &str) -> Result<Kind, PolicyError> {
    Kind::named(word).ok_or_else(|| place.error(&[at], unknown("variant", word, Kind::WORDS)))
}

/// What serde says of a word that is none of these.
pub(super) fn unknown(what: &str, word: &str, known: &[&str]) -> String {
    format!("unknown {what} `{word}`, expected one of `{}`", known.join("`, `"))
}

/// The members of a map, and where it stands.
pub(in crate::policy) struct Members<'v> {
    pub(in crate::policy) members: &'v Map<String, Value>,
    pub(in crate::policy) place: Place<'v>,
}

impl<'v> Members<'v> {
    /// The members of a map that may have these; any where none are named.
    pub(in crate::policy) fn of(
        value: &'v Value,
        known: Option<&[&str]>,
        place: &Place<'v>,
    ) -> Result<Self, PolicyError> {
        let members = value.as_object().ok_or_else(|| place.error(&[], "a map is expected here"))?;
        let odd = |known: &&[&str]| members.keys().find(|key| !known.contains(&key.as_str()));
        match known.and_then(|known| odd(&known).map(|key| (known, key))) {
            Some((known, key)) => Err(place.error(&[key], unknown("field", key, known))),
            None => Ok(Self { members, place: Place { rule: place.rule, steps: place.steps.clone() } }),
        }
    }

    pub(in crate::policy) fn below(
        &self,
        name: &str,
        known: Option<&[&str]>,
    ) -> Result<Option<Self>, PolicyError> {
        match self.members.get(name) {
            Some(value) => Self::of(value, known, &self.place.below(name)).map(Some),
            None => Ok(None),
        }
    }

    fn text_of(&self, name: &str, value: &'v Value) -> Result<&'v str, PolicyError> {
        value.as_str().ok_or_else(|| self.place.error(&[name], "a text is expected here"))
    }

    pub(in crate::policy) fn text(&self, name: &str) -> Result<Option<&'v str>, PolicyError> {
        self.members.get(name).map(|value| self.text_of(name, value)).transpose()
    }

    fn required(&self, name: &str) -> Result<&'v str, PolicyError> {
        self.text(name)?.ok_or_else(|| self.place.error(&[], format!("missing field `{name}`")))
    }

    /// The items of a list, each with where it stands.
    pub(in crate::policy) fn items(&self, name: &str) -> Result<Vec<(Place<'v>, &'v Value)>, PolicyError> {
        let Some(value) = self.members.get(name) else { return Ok(Vec::new()) };
        let place = self.place.below(name);
        let list = value.as_array().ok_or_else(|| place.error(&[], "a list is expected here"))?;
        let item = |(number, value)| {
            let steps = place.steps.iter().cloned().chain([Step::from(number)]).collect();
            (Place { rule: place.rule, steps }, value)
        };
        Ok(list.iter().enumerate().map(item).collect())
    }

    pub(in crate::policy) fn texts(&self, name: &str) -> Result<Vec<String>, PolicyError> {
        let Some(value) = self.members.get(name) else { return Ok(Vec::new()) };
        let list = value.as_array().ok_or_else(|| self.place.error(&[name], "a list is expected here"))?;
        let mut texts = Vec::with_capacity(list.len());
        for value in list {
            texts.push(self.text_of(name, value)?.to_owned());
        }
        Ok(texts)
    }
}
