//! What a reviewer is shown of a request, and the proof that it was masked.
//!
//! Nothing raw leaves here: a body that cannot be read is shown by size and type. What is shown is cut to what an approval can
//! carry; a rule may refuse to have less than all of it decided on ([`Display::Complete`]).

use std::borrow::Cow;

use countersign_mask::{Finding, Masker, Report, Understood};
use countersign_wire::{
    json::{Limits, strict},
    masking::{Extent, Masking},
    names,
    submission::{Masked, Payload},
};

use crate::{
    action::plain_body,
    ask::Unaskable,
    call::Call,
    policy::{Display, Terms},
};

/// What a reviewer is shown of it, and the proof of the masking. A body in a content encoding or another charset is shown as
/// what it says, where it can be read.
pub(crate) fn shown(call: &Call, body: &[u8], terms: &Terms, masker: &Masker) -> Payload {
    let mut media_type = call.headers().text("content-type");
    let mut encoding = call.headers().text("content-encoding");
    let (_, mut report) = masker.headers(call.headers().iter().filter(|(name, _)| !name.starts_with(':')));
    report.join(masker.path(call.raw_path()).1);
    report.join(masker.query(call.query()).1);
    let named = media_type.map(|named| masker.text(named).0.into_string()).unwrap_or_default();
    let plain = plain_body(call, body).unwrap_or(Cow::Borrowed(body));
    if let Cow::Owned(_) = plain {
        encoding = None;
        let multipart = media_type.is_some_and(|named| named.contains("boundary"));
        media_type = media_type.map(|named| if multipart { named } else { essence(named) });
    }
    let (mut excerpt, mut extent) = (String::new(), Extent::Nothing);
    if let Some(body) = without(&plain, &terms.mask, &mut report) {
        let shown = masker.payload(media_type, encoding, &body, names::MAX_EXCERPT);
        extent = match shown.understood {
            Understood::Whole => Extent::All,
            Understood::Cut => Extent::Beginning,
            Understood::NotUnderstood { .. } => Extent::Nothing,
        };
        excerpt = shown.excerpt.into_string();
        report.join(shown.report);
    } else {
        report.withhold(plain.len());
    }
    let Report { findings, proof } = report;
    Payload {
        media_type: named,
        size: body.len() as u64,
        truncated: extent != Extent::All && !body.is_empty(),
        masked_excerpt: excerpt,
        masked: findings.into_iter().map(place).collect(),
        masking: Some(Masking {
            detectors: countersign_mask::DETECTORS.to_owned(),
            counts: proof.counts.iter().map(|(kind, count)| (kind.as_str().to_owned(), *count)).collect(),
            seen: proof.seen,
            not_understood: proof.not_understood,
            residual: proof.residual,
            shown: if body.is_empty() { Extent::All } else { extent },
        }),
        allowed: Vec::new(),
        display_digest: String::new(),
    }
}

/// Whether a reviewer sees enough of it for the rule.
pub(crate) fn complete(payload: &Payload, display: Display) -> Result<(), Unaskable> {
    let (Display::Complete, Some(masking)) = (display, &payload.masking) else { return Ok(()) };
    match masking.shown {
        Extent::All if masking.is_complete() => Ok(()),
        Extent::Nothing => Err(Unaskable::NotShown("its body can only be shown by size and type")),
        Extent::Beginning if masking.not_understood == 0 => {
            Err(Unaskable::NotShown("only its beginning fits an approval"))
        }
        Extent::All | Extent::Beginning => {
            Err(Unaskable::NotShown("parts of it can only be shown by size and type"))
        }
    }
}

/// A finding as it is sent.
pub(crate) fn place(one: Finding) -> Masked {
    Masked {
        path: one.path,
        detector: one.detector.into_owned(),
        kind: Some(one.kind.as_str().to_owned()),
        count: (one.count > 1).then_some(one.count),
        at: Some(one.at),
    }
}

/// `type/subtype` without its parameters.
fn essence(named: &str) -> &str {
    named.split(';').next().unwrap_or("").trim()
}

/// The body without what the rule's JSON Pointers name, which the report counts as secrets. `None`, and so nothing is shown,
/// where there are pointers and the body is no JSON to find them in.
fn without<'b>(body: &'b [u8], pointers: &[String], report: &mut Report) -> Option<Cow<'b, [u8]>> {
    if pointers.is_empty() || body.is_empty() {
        return Some(Cow::Borrowed(body));
    }
    let mut value = strict(body, &Limits { size: usize::MAX, depth: 64 }).ok()?;
    for pointer in pointers {
        if let Some(place) = value.pointer_mut(pointer) {
            *place = serde_json::Value::String("[masked]".to_owned());
            report.take_out(pointer);
        }
    }
    serde_json::to_vec(&value).ok().map(Cow::Owned)
}
