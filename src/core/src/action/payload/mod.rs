//! A body as its server would decode it: without content encodings, in UTF-8, as documents.
//!
//! A decoder asks for [`Payload::of`] and never looks at the raw bytes: so a gzipped, UTF-16 or wrongly labelled body is
//! the same to all of them. Where servers differ in how they read a body, each way is a *reading*, and a decoder judges
//! them all: the strictest counts. What no two servers would read alike, or what is not read here (`br`, an unknown
//! charset, a broken multipart), is [`Payload::Opaque`], which is never a read.
//!
//! Bounds: [`LIMITS`] for a body, for each step of its encodings and for its nesting. At worst a call holds its body, two
//! plain copies of at most 1.5 MiB, and values of about 35 times a body of one-digit numbers (36 MiB for one of 1 MiB).
//! Only documents of at most 64 KiB have several readings, at most eight. Time is linear in what is inflated.
//!
//! It cannot know which content types a server really accepts. Binary formats (protobuf, CBOR, Avro) have no readings.

mod charset;
mod documents;
mod encoding;
mod form;
mod multipart;
mod xml;
mod yaml;

use std::borrow::Cow;

use countersign_wire::json::Limits;
use serde_json::Value;

use super::{
    Obscurity,
    media::{Media, Parameter, parameter},
};
use crate::call::{Body, Call};
use documents::Fault;

/// The most of a body that is decoded, also after inflating. A larger one is judged as a write.
pub(super) const LIMITS: Limits = Limits { size: 1024 * 1024, depth: 64 };

/// What a body says.
pub(super) enum Payload<'a> {
    /// There is none.
    Absent,
    /// It is not read yet.
    Unread,
    /// It may say anything.
    Opaque(Obscurity),
    /// It says this.
    Read(Content<'a>),
}

/// A body that is read.
pub(super) struct Content<'a> {
    /// What it is: what its content type says, or what it turned out to be.
    pub(super) media: Media,
    /// Without encodings; a text in UTF-8 without a byte order mark.
    pub(super) bytes: Cow<'a, [u8]>,
    /// Every way in which a server may read it as a document; the first is the most usual. Forms are objects of texts and
    /// lists, lines are a list. None where it is no document, or one of a format that is not read.
    pub(super) readings: Vec<Value>,
}

impl<'a> Payload<'a> {
    /// Decodes a body.
    pub(super) fn of(call: &Call, body: Body<'a>) -> Self {
        let bytes = match body {
            Body::Absent | Body::Read([]) => return Self::Absent,
            Body::Unread => return Self::Unread,
            Body::Read(bytes) => bytes,
        };
        let media = Media::of(call);
        match plain(call, media, bytes).and_then(|bytes| read(call, media, bytes)) {
            Ok(content) => Self::Read(content),
            Err(why) => Self::Opaque(why),
        }
    }
}

/// The body without its content encodings; `None` where they cannot be undone.
pub(crate) fn undone<'a>(call: &Call, body: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    encoding::decoded(call, body).ok()
}

/// What a body says, without its encodings and in UTF-8 where it is text; none where it cannot be read.
pub(crate) fn plain_body<'a>(call: &Call, body: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    plain(call, Media::of(call), body).ok()
}

/// The same for a body that may be absent, which is empty, or unread, which is `None`.
pub(super) fn plain_of<'a>(
    call: &Call,
    media: Media,
    body: Body<'a>,
) -> Result<Option<Cow<'a, [u8]>>, Obscurity> {
    match body {
        Body::Unread => Ok(None),
        Body::Absent => Ok(Some(Cow::Borrowed(&[]))),
        Body::Read(bytes) => plain(call, media, bytes).map(Some),
    }
}

/// The body without encodings, and in UTF-8 where it is text.
pub(super) fn plain<'a>(call: &Call, media: Media, body: &'a [u8]) -> Result<Cow<'a, [u8]>, Obscurity> {
    let bytes = encoding::decoded(call, body)?;
    let named = parameter(call, "charset");
    let large = bytes.len() > LIMITS.size;
    match media {
        Media::Several => Err(Obscurity::ContentType),
        // Their parts are bytes: what must hold is that ASCII means itself.
        Media::Grpc | Media::Multipart => charset::utf8(Cow::Borrowed(b"a"), &named).map(|_| bytes),
        Media::Json | Media::Lines | Media::GraphQl | Media::Form if large => Err(Obscurity::TooLarge),
        Media::Json | Media::Lines | Media::GraphQl => charset::utf8(bytes, &named),
        // Without a charset it may be binary, or a form in some superset of ASCII.
        Media::None | Media::Form | Media::Yaml | Media::Xml | Media::Other if large => {
            charset::utf8(Cow::Borrowed(b"a"), &named).map(|_| bytes)
        }
        Media::None | Media::Form | Media::Yaml | Media::Xml | Media::Other => {
            match charset::utf8(Cow::Borrowed(&bytes), &named) {
                Ok(Cow::Owned(text)) => Ok(Cow::Owned(text)),
                Err(why) if named != Parameter::Absent => Err(why),
                Ok(Cow::Borrowed(_)) | Err(_) => Ok(bytes),
            }
        }
    }
}

fn read<'a>(call: &Call, media: Media, bytes: Cow<'a, [u8]>) -> Result<Content<'a>, Obscurity> {
    let small = bytes.len() <= LIMITS.size;
    let text = || std::str::from_utf8(&bytes).ok().filter(|_| small);
    let (media, readings) = match media {
        Media::Json => json(&bytes)?,
        Media::Lines => (Media::Lines, vec![documents::lines(&bytes)?]),
        Media::Multipart if small => (media, multipart::readings(&bytes, &parameter(call, "boundary"))?),
        Media::Multipart | Media::Grpc | Media::Several => (media, Vec::new()),
        Media::Form => labelled_form(&bytes)?,
        Media::None | Media::GraphQl | Media::Yaml | Media::Xml | Media::Other => match sniffed(&bytes)? {
            Some(found) => found,
            None => match media {
                Media::None if small && is_form(&bytes) => (Media::Form, form::readings(&bytes)?),
                Media::None if bytes.starts_with(b"<") => {
                    (Media::Xml, text().and_then(xml::read).into_iter().collect())
                }
                Media::Yaml => (media, text().and_then(yaml::read).into_iter().collect()),
                Media::Xml => (media, text().and_then(xml::read).into_iter().collect()),
                media => (media, Vec::new()),
            },
        },
    };
    Ok(Content { media, bytes, readings })
}

/// JSON, or several documents of it: some readers take the first and leave the rest.
fn json(bytes: &[u8]) -> Result<(Media, Vec<Value>), Obscurity> {
    match documents::readings(bytes) {
        Ok(readings) => Ok((Media::Json, readings)),
        Err(Fault::NotJson) => {
            let all = documents::lines(bytes)?;
            let first = all.get(0).cloned();
            Ok((Media::Lines, [Some(all), first].into_iter().flatten().collect()))
        }
        Err(fault) => Err(fault.into()),
    }
}

/// JSON in the name of something else: many servers read it as what it is.
fn sniffed(bytes: &[u8]) -> Result<Option<(Media, Vec<Value>)>, Obscurity> {
    if !matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[')) || bytes.len() > LIMITS.size {
        return Ok(None);
    }
    match json(bytes) {
        Ok(found) => Ok(Some(found)),
        // Not JSON to a strict reader. A lenient one may find a message in it.
        Err(_) if bytes.windows(9).any(|window| window == b"\"jsonrpc\"") => Err(Obscurity::ContentType),
        Err(_) => Ok(None),
    }
}

/// A form; or JSON in the name of one, as curl sends it, which is a form too where it has several fields.
fn labelled_form(bytes: &[u8]) -> Result<(Media, Vec<Value>), Obscurity> {
    let Some((media, mut readings)) = sniffed(bytes)? else {
        return Ok((Media::Form, form::readings(bytes)?));
    };
    if bytes.contains(&b'&') {
        readings.extend(form::readings(bytes)?);
    }
    Ok((media, readings))
}

/// Whether bytes that nobody has labelled are a form, by what a form may hold (WHATWG URL standard, section 5.2).
fn is_form(bytes: &[u8]) -> bool {
    let may = |b: &u8| b.is_ascii_alphanumeric() || b"*-._+%&=[]:/,~!$'()@".contains(b);
    bytes.contains(&b'=') && bytes.trim_ascii_end().iter().all(may)
}

#[cfg(test)]
mod tests;
