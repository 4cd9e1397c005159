//! Anonymises traffic: rewrites what a policy names in a body or a query, so that what leaves is still what it was.
//!
//! It changes only what the fields of a rule name: a kind of value wherever it is found, a place (JSON Pointer, RFC 6901, with
//! `*` for each member or element), or a name (JSON member, form field, query parameter). A place that is an object or an
//! array means every value in it. All other bytes stay as they were; JSON stays JSON with the same members, a number a number
//! or `null`, a form a form. What stands in for a value is in [`standin`].
//!
//! It promises that a second look for the same fields finds nothing, or nothing comes out: the text is written a second time
//! with labels, which no detector takes for a value, and that is looked through. It will not guess: a body that is not
//! understood whole (compressed, binary, another charset, malformed, a type without a reading here, nested too deeply) is a
//! [`Why`], and then nothing may be sent.
//!
//! It cannot know what a detector does not find; whoever knows the place names it.

mod fields;
mod standin;
mod table;

pub use fields::{Field, Fields, MOST_FIELDS, What};
pub(crate) use fields::{Step, Track};

use core::fmt;
use std::borrow::Cow;

use crate::bytes::part;
use crate::custom::Own;
use crate::detect::{Scan, scan};
use crate::keys::Key;
use crate::kind::Kind;
use crate::marks::{Marks, stand_in};
use crate::masked::Masked;
use crate::masker::{Look, Masker};
use crate::payload::{essence, why};
use crate::readable;
use crate::report::Report;
use crate::shown::Why;
use crate::strategy::Strategy;
use crate::structure::{self, Format, form, json, sniff};

/// How often traffic is rewritten when the second look finds something.
const PASSES: usize = 3;

/// A look that rewrites traffic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traffic<'a> {
    pub(crate) fields: &'a Fields,
    says: Says,
    slot: Slot,
}

/// What is written in the place of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// What the fields ask for.
    StandIns,
    /// Labels: what the second look reads.
    Labels,
}

/// What a value is in its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// A text.
    Text,
    /// A JSON number, or a word of JSON.
    Number,
}

/// Traffic written anew.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// What may be sent; `None` where nothing had to be changed.
    pub text: Option<String>,
    /// What was replaced and where. It holds no values.
    pub report: Report,
}

impl fmt::Debug for Rewritten {
    /// What was not named is in the text as it was, and may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rewritten({} places)", self.report.findings.len())
    }
}

impl Masker {
    /// Rewrites a body. `media_type` and `content_encoding` are the header values as sent.
    ///
    /// # Errors
    /// [`Why`] the body may not be sent: it is not understood whole, or the second look still found something.
    pub fn rewrite(
        &self,
        fields: &Fields,
        media_type: Option<&str>,
        content_encoding: Option<&str>,
        body: &[u8],
    ) -> Result<Rewritten, Why> {
        if body.is_empty() || fields.is_empty() {
            return Ok(Rewritten::default());
        }
        let essence = essence(media_type);
        let text = bytes_as_text(&essence, media_type, content_encoding, body)?;
        let format = reading(&essence, media_type, text)?;
        let columns = table::is_table(&essence) && fields.name_something();
        if !fields.can_read(format) && !columns {
            return Err(Why::Format);
        }
        self.rewritten(fields, "$", text, &|text, look| {
            // A text that looks like JSON and is none may still be a text; what calls itself JSON may not.
            let (format, strict) = match format {
                Format::Text => (sniff(text), false),
                named => (named, named == Format::Json),
            };
            if columns {
                table::mask(text, look)
            } else if strict {
                json::mask(text, look).map_err(|fault| match fault {
                    structure::Fault::Malformed => Why::Malformed,
                    structure::Fault::TooDeep => Why::TooDeep,
                })
            } else {
                structure::mask(text, format, look).map_err(why)
            }
        })
    }

    /// Why no body with such a head can be rewritten, as far as the head tells.
    pub fn declines(&self, media_type: Option<&str>, content_encoding: Option<&str>) -> Option<Why> {
        let essence = essence(media_type);
        let unnamed = media_type.is_none_or(|named| named.trim().is_empty());
        let read = bytes_as_text(&essence, media_type, content_encoding, b"");
        read.err().or_else(|| if unnamed { None } else { reading(&essence, media_type, "").err() })
    }

    /// Rewrites a query, with or without its leading `?`.
    ///
    /// # Errors
    /// As [`Masker::rewrite`].
    pub fn rewrite_query(&self, fields: &Fields, query: &str) -> Result<Rewritten, Why> {
        let (mark, pieces) = query.strip_prefix('?').map_or(("", query), |pieces| ("?", pieces));
        if pieces.is_empty() || fields.is_empty() {
            return Ok(Rewritten::default());
        }
        let mut done = self.rewritten(fields, "$.query", pieces, &|text, look| Ok(form::mask(text, look)))?;
        if let Some(text) = &mut done.text {
            text.insert_str(0, mark);
        }
        Ok(done)
    }

    fn rewritten(
        &self,
        fields: &Fields,
        root: &str,
        raw: &str,
        write: &dyn Fn(&str, Look<'_>) -> Result<Masked, Why>,
    ) -> Result<Rewritten, Why> {
        let look =
            |says| Look { traffic: Some(Traffic { fields, says, slot: Slot::Text }), ..Look::new(self) };
        let mut report = Report::default();
        report.see(raw.len());
        let mut text = None;
        for _ in 0..PASSES {
            let at_hand = text.as_deref().unwrap_or(raw);
            let next = write(at_hand, look(Says::StandIns))?;
            if next.found.proof.not_understood > 0 {
                return Err(Why::Part);
            }
            if next.found.is_empty() {
                return Ok(Rewritten { text, report });
            }
            let labelled = write(at_hand, look(Says::Labels))?;
            report.adopt_at(root, next.found);
            text = Some(next.text);
            if write(&labelled.text, look(Says::Labels))?.found.is_empty() {
                return Ok(Rewritten { text, report });
            }
        }
        Err(Why::Unsettled)
    }
}

/// The body as text, if its bytes are those of the text: what was transcoded or left out could not be sent as it came.
fn bytes_as_text<'b>(
    essence: &str,
    media_type: Option<&str>,
    content_encoding: Option<&str>,
    body: &'b [u8],
) -> Result<&'b str, Why> {
    let read = readable::read(essence, media_type, content_encoding, body)?;
    match read.text {
        Cow::Borrowed(text) if text.len() == body.len() && read.unread == 0 => Ok(text),
        Cow::Borrowed(_) | Cow::Owned(_) => Err(Why::NotUtf8),
    }
}

/// How a body is read for rewriting. A body that names no type is JSON or a form, or it is not read.
fn reading(essence: &str, media_type: Option<&str>, text: &str) -> Result<Format, Why> {
    const TEXTS: &[&str] = &["xml", "yaml", "graphql", "javascript", "csv", "toml", "sql"];
    match crate::payload::format(essence) {
        Some(format) => Ok(format),
        None if essence == "text/event-stream" => Err(Why::Stream),
        None if essence.starts_with("text/") || TEXTS.iter().any(|name| essence.contains(name)) => {
            Ok(Format::Text)
        }
        None if media_type.is_none_or(|named| named.trim().is_empty()) => {
            Some(sniff(text)).filter(|format| *format != Format::Text).ok_or(Why::Format)
        }
        None => Err(Why::Format),
    }
}

impl Look<'_> {
    /// Whether people read what is written: labels, then, whatever they stand in for.
    pub(crate) fn speaks(self) -> bool {
        self.traffic.is_none_or(|traffic| traffic.says == Says::Labels)
    }

    /// The same look at a JSON number.
    pub(crate) fn at_number(self) -> Self {
        Self { traffic: self.traffic.map(|traffic| Traffic { slot: Slot::Number, ..traffic }), ..self }
    }

    /// Whether values of `kind` are to be changed.
    pub(crate) fn changes(self, kind: Kind) -> bool {
        self.traffic.is_none_or(|traffic| traffic.fields.strategy(kind).is_some())
    }

    /// What counts of a name: nothing where its kind is not to be changed, so that the value is looked through.
    pub(crate) fn heeded(self, key: Key) -> Key {
        let kind = match key {
            Key::Plain => return key,
            Key::Perhaps | Key::Authorization | Key::Cookie => Kind::Secret,
            Key::Name => Kind::Name,
            Key::Maybe(kind) | Key::Holds(kind) => kind,
        };
        if self.changes(kind) { key } else { Key::Plain }
    }

    /// Forgets what is not to be changed: other kinds, and what stands in for values already.
    pub(crate) fn sift(self, text: &str, marks: &mut Marks) {
        if let Some(traffic) = self.traffic {
            marks.retain(|mark| {
                // Cells and wrappings were sifted when they were looked through.
                mark.cell.is_some()
                    || mark.detector == "base64"
                    || traffic.fields.strategy(mark.kind).is_some()
                        && !standin::is_address(part(text, mark.range.clone()))
            });
        }
    }

    /// What comes in the place of `value`.
    pub(crate) fn stand_in(self, kind: Kind, own: Option<Strategy>, value: &str) -> String {
        match self.traffic {
            None => self.masker.stand_in(kind, own, value),
            Some(traffic) if traffic.says == Says::Labels => kind.label().to_owned(),
            Some(traffic) => {
                let strategy = traffic.fields.strategy(kind).unwrap_or_default();
                let key = self.masker.key.as_ref();
                standin::of(strategy, key, kind, value, traffic.slot).unwrap_or_else(|| "null".to_owned())
            }
        }
    }

    /// The places that lead on from the beginning of the text at hand. Pointers point into the body itself, not into texts
    /// inside it.
    pub(crate) fn places(self) -> Track {
        match self.traffic {
            Some(_) if self.depth == 0 => Track::START,
            Some(_) | None => Track::default(),
        }
    }

    /// The field that names values of this name.
    pub(crate) fn meant(self, name: &str) -> Option<u8> {
        self.traffic.and_then(|traffic| traffic.fields.after(Track::default(), 0, Step::Name(name)).chosen)
    }

    /// What comes in the place of a value that `field` names, and of which kind the value is; the inner `None` is JSON's
    /// `null`. Nothing where the value may stay: it is empty, or was replaced before.
    pub(crate) fn place(
        self,
        field: u8,
        key: Key,
        value: &str,
        slot: Slot,
    ) -> Option<(Kind, Option<String>)> {
        let traffic = self.traffic?;
        let field = traffic.fields.get(field)?;
        if value.is_empty() || stand_in(value) == Some(value.len()) || standin::is_address(value) {
            return None;
        }
        let kind = field.kind.unwrap_or_else(|| self.kind_of(key, value));
        let text = match traffic.says {
            Says::Labels => Some(kind.label().to_owned()),
            Says::StandIns => standin::of(field.strategy, self.masker.key.as_ref(), kind, value, slot),
        };
        Some((kind, text))
    }

    /// What a value is that only its place gives away: what its name says, or what a detector says of all of it, or else a
    /// secret.
    fn kind_of(self, key: Key, value: &str) -> Kind {
        match (self.named.own, key) {
            (Own::Holds(kind), _) | (_, Key::Holds(kind) | Key::Maybe(kind)) => return kind,
            (Own::Nothing | Own::Plain, Key::Name) => return Kind::Name,
            (Own::Nothing | Own::Plain, _) => {}
        }
        let trimmed = value.trim();
        let seen = scan(Scan { text: trimmed, look: Look { traffic: None, ..self } }).settle();
        seen.first().filter(|mark| mark.range == (0..trimmed.len())).map_or(Kind::Secret, |mark| mark.kind)
    }
}

#[cfg(test)]
mod tests;
