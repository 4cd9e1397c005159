//! From what a document says about masking to what masks.

use countersign_mask::{Allowed, Check, Custom, Detector, LEAST_ALLOWED, MOST_DETECTORS, Pattern};
use serde_json::Value;

use super::{
    super::compile::{NAME_RULE, Place, is_name},
    DetectorDoc, Masking, MaskingDoc, Strategies,
    document::unknown,
};
use crate::policy::{PolicyError, Step};

/// Most names, and most allowed values, of one list.
const MOST_LISTED: usize = 256;
/// Longest of them, in bytes.
const LONGEST: usize = 128;
/// Least and most letters of a keyword, and most keywords.
const KEYWORD: std::ops::RangeInclusive<usize> = 3..=48;
const MOST_KEYWORDS: usize = 16;

/// Compiles `masking:` of a document.
pub(in crate::policy) fn compile(document: Option<&Value>, top: &Place<'_>) -> Result<Masking, PolicyError> {
    let Some(document) = document else {
        return Ok(Masking::new(Strategies::default(), Custom::default()));
    };
    let place = top.below("masking");
    let document = MaskingDoc::read(document, &place)?;
    let strategies = Strategies::of_document(&document.strategies);
    let allow = allowed(&document.allow, &place, "")?;
    if document.names.len() > MOST_LISTED {
        return Err(place.error(&["names"], format!("a policy has at most {MOST_LISTED} names")));
    }
    if let Some(name) = document.names.iter().map(|(name, _)| name).find(|name| {
        name.len() > LONGEST / 2 || !name.bytes().any(|b| b.is_ascii_alphanumeric() || !b.is_ascii())
    }) {
        let sentence =
            format!("bad field name `{name}`: it has 1 to {} bytes, and a letter or digit", LONGEST / 2);
        return Err(place.error(&["names", name], sentence));
    }
    if document.detectors.len() > MOST_DETECTORS {
        let sentence =
            format!("a policy has at most {MOST_DETECTORS} detectors: join those of one kind with `|`");
        return Err(place.error(&["detectors"], sentence));
    }
    let mut detectors: Vec<Detector> = Vec::with_capacity(document.detectors.len());
    for (number, one) in document.detectors.iter().enumerate() {
        let mut place = place.below("detectors");
        place.steps.push(Step::from(number));
        if detectors.iter().any(|known| known.name == one.name) {
            return Err(place.error(&["name"], format!("another detector is called `{}`, too", one.name)));
        }
        detectors.push(detector(one, &place)?);
    }
    Ok(Masking::new(strategies, Custom::new(detectors, allow, document.names)))
}

pub(super) fn detector(document: &DetectorDoc, place: &Place<'_>) -> Result<Detector, PolicyError> {
    let name = &document.name;
    let of = format!("detector `{name}`: ");
    if !is_name(name) {
        return Err(place.error(&["name"], format!("bad detector name `{name}`: {NAME_RULE}")));
    }
    let pattern = Pattern::new(&document.pattern)
        .map_err(|bad| place.error(&["pattern"], format!("{of}bad pattern `{}`: {bad}", document.pattern)))?;
    if let Some(word) = document.near.iter().find(|word| !KEYWORD.contains(&word.len())) {
        let sentence = format!(
            "{of}bad keyword `{word}` under `near`: it has {} to {} bytes, or it would stand anywhere",
            KEYWORD.start(),
            KEYWORD.end()
        );
        return Err(place.error(&["near"], sentence));
    }
    if document.near.len() > MOST_KEYWORDS {
        return Err(place.error(&["near"], format!("{of}`near` has at most {MOST_KEYWORDS} keywords")));
    }
    let written = document.check.as_deref().unwrap_or("none");
    let check = Check::ALL.into_iter().find_map(|(word, check)| (word == written).then_some(check));
    let check = check.ok_or_else(|| {
        place.error(&["check"], unknown("variant", written, &Check::ALL.map(|(word, _)| word)))
    })?;
    Ok(Detector {
        name: name.clone(),
        kind: document.kind,
        pattern,
        near: document.near.clone(),
        check,
        allow: allowed(&document.allow, place, &of)?,
        strategy: document.strategy,
    })
}

fn allowed(values: &[String], place: &Place<'_>, of: &str) -> Result<Vec<Allowed>, PolicyError> {
    if values.len() > MOST_LISTED {
        return Err(place.error(&["allow"], format!("{of}`allow` has at most {MOST_LISTED} values")));
    }
    let one = |value: &String| {
        Allowed::new(value).filter(|_| value.len() <= LONGEST).ok_or_else(|| {
            let sentence = format!(
                "{of}bad value `{value}` under `allow`: it has at least {LEAST_ALLOWED} characters besides `*`, and at \
                 most {LONGEST} bytes"
            );
            place.error(&["allow"], sentence)
        })
    };
    values.iter().map(one).collect()
}
