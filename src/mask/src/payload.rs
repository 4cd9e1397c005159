//! A body: what it is, what of it is shown, and proof by a second look that nothing is left.

use crate::display::{Fit, Lines, excerpt, visible};
use crate::masked::Masked;
use crate::masker::{Look, Masker};
use crate::readable;
use crate::report::Report;
use crate::shown::{MaskedText, Shown, Understood, Why};
use crate::structure::{self, Fault, Format, sniff};

/// How often masked text is masked again when the second look finds something.
const PASSES: usize = 5;

impl Masker {
    /// Masks a body for a reviewer.
    ///
    /// `media_type` and `content_encoding` are the header values as sent, `limit` is the most bytes of the excerpt. A body
    /// that cannot be read as text (compressed, binary, an unknown charset, nested too deeply, larger than 16 MiB) is
    /// shown by size and type only, and so is a part of a multipart body that is no text. The report covers the whole body, also past the end of the excerpt.
    pub fn payload(
        &self,
        media_type: Option<&str>,
        content_encoding: Option<&str>,
        body: &[u8],
        limit: usize,
    ) -> Shown {
        let essence = essence(media_type);
        let read = readable::read(&essence, media_type, content_encoding, body).and_then(|read| {
            let format = match format(&essence) {
                Some(format) => format,
                None => sniff(&read.text),
            };
            let mut masked = structure::mask(&read.text, format, Look::new(self)).map_err(why)?;
            masked.found.unread(read.unread);
            Ok(masked)
        });
        let (excerpt, mut report, understood) =
            match read.and_then(|masked| settle(self, masked, "$", Lines::Keep, limit)) {
                Ok((text, report, fit)) => {
                    let understood = match fit {
                        Fit::Whole if report.proof.not_understood == 0 => Understood::Whole,
                        Fit::Whole | Fit::Cut => Understood::Cut,
                    };
                    (text, report, understood)
                }
                Err(why) => {
                    let (sentence, _) = excerpt(format!("[not shown: {why}]"), limit);
                    let mut report = Report::default();
                    report.unread(body.len());
                    (MaskedText::seal(sentence), report, Understood::NotUnderstood { why })
                }
            };
        report.see(body.len());
        Shown {
            media_type: essence,
            size: u64::try_from(body.len()).unwrap_or(u64::MAX),
            truncated: understood != Understood::Whole,
            excerpt,
            report,
            understood,
        }
    }
}

/// [`Masker::payload`] of no policy.
pub fn payload(media_type: Option<&str>, content_encoding: Option<&str>, body: &[u8], limit: usize) -> Shown {
    Masker::plain().payload(media_type, content_encoding, body, limit)
}

/// Makes masked text safe to look at, cuts it to `limit`, and looks again until nothing is found.
pub(crate) fn settle(
    masker: &Masker,
    first: Masked,
    root: &str,
    lines: Lines,
    limit: usize,
) -> Result<(MaskedText, Report, Fit), Why> {
    let mut report = Report::default();
    report.adopt_at(root, first.found);
    let (mut text, mut fit) = excerpt(visible(&first.text, lines), limit);
    for _ in 0..PASSES {
        let again = look(&text, Look::new(masker)).map_err(why)?;
        if again.found.is_empty() {
            return Ok((MaskedText::seal(text), report, fit));
        }
        report.adopt_at(root, again.found);
        let (next, cut) = excerpt(visible(&again.text, lines), limit);
        text = next;
        fit = if cut == Fit::Cut { Fit::Cut } else { fit };
    }
    Err(Why::Unsettled)
}

/// Masks text by what it looks like.
pub(crate) fn look(text: &str, look: Look<'_>) -> Result<Masked, Fault> {
    structure::mask(text, sniff(text), look)
}

/// A fault that is left over when malformed text was read as plain text.
pub(crate) fn why(fault: Fault) -> Why {
    match fault {
        Fault::Malformed => Why::Unsettled,
        Fault::TooDeep => Why::TooDeep,
    }
}

/// `type/subtype` in lower case, or nothing where that is not what the header says. It is shown, so it is masked too.
pub(crate) fn essence(media_type: Option<&str>) -> String {
    let named = media_type.unwrap_or("").split(';').next().unwrap_or("").trim();
    let token = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-' | b'_'))
    };
    let good =
        named.len() <= 127 && named.split_once('/').is_some_and(|(main, sub)| token(main) && token(sub));
    let clean = look(named, Look::new(Masker::plain())).is_ok_and(|masked| masked.found.is_empty());
    if good && clean { named.to_ascii_lowercase() } else { String::new() }
}

/// The format that a media type names, if it names one.
pub(crate) fn format(essence: &str) -> Option<Format> {
    let json = essence.ends_with("/json") || essence.ends_with("+json") || essence.ends_with("ndjson");
    if json || essence.ends_with("json-seq") || essence.ends_with("jsonl") {
        Some(Format::Json)
    } else if essence == "application/x-www-form-urlencoded" {
        Some(Format::Form)
    } else {
        None
    }
}
