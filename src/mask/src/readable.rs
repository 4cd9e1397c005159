//! A body as text: which bodies are text at all, in which charset, and what of a multipart body is.
//!
//! UTF-8 is read, with or without a byte order mark; UTF-16 where a mark or the media type says so; Latin-1 and its Windows
//! relative where the media type says so. Any other charset, compressed content, media types that are not text, and text
//! with NUL bytes are not looked into. Of a multipart body (RFC 2046) only those parts are left out that are no text; their
//! headers stay.

use core::str;
use std::borrow::Cow;

use crate::detect::size;
use crate::shown::Why;
use crate::structure::http::parameter;

/// Largest body that is looked into, in bytes.
const MOST: usize = 16 << 20;

/// A body as text, and how many bytes of it were no text and are not in there.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) unread: usize,
}

/// Beginnings of media types that are not text.
const BINARY: &[&str] = &[
    "image/",
    "audio/",
    "video/",
    "font/",
    "application/zip",
    "application/gzip",
    "application/pdf",
    "application/grpc",
    "application/x-protobuf",
    "application/protobuf",
    "application/x-tar",
    "application/x-7z",
    "application/msgpack",
    "application/cbor",
    "application/avro",
    "application/vnd.apache.parquet",
    "application/wasm",
];

/// What occurs in media types of text; in those, control characters do not make a body binary.
const TEXT: &[&str] = &[
    "text/",
    "json",
    "xml",
    "yaml",
    "form-urlencoded",
    "csv",
    "multipart/",
    "graphql",
    "sql",
    "javascript",
    "http",
    "message/",
];

/// The body as text, if it can be read as that.
pub(crate) fn read<'a>(
    essence: &str,
    media_type: Option<&str>,
    content_encoding: Option<&str>,
    body: &'a [u8],
) -> Result<Text<'a>, Why> {
    let encoded = content_encoding.is_some_and(|names| {
        names.split(',').any(|name| !name.trim().is_empty() && !name.trim().eq_ignore_ascii_case("identity"))
    });
    if encoded {
        return Err(Why::Compressed);
    }
    let text = TEXT.iter().any(|word| essence.contains(word));
    if !text && BINARY.iter().any(|kind| essence.starts_with(kind)) {
        return Err(Why::Binary);
    }
    if body.len() > MOST {
        return Err(Why::TooLarge);
    }
    let whole = |text| Text { text, unread: 0 };
    let charset = parameter(media_type.unwrap_or(""), "charset").unwrap_or("").trim_matches('\'');
    let is = |names: &[&str]| names.iter().any(|name| charset.eq_ignore_ascii_case(name));
    if body.starts_with(&[0xff, 0xfe]) || is(&["utf-16le"]) {
        return utf16(body, u16::from_le_bytes).map(whole);
    }
    if body.starts_with(&[0xfe, 0xff]) || is(&["utf-16be", "utf-16"]) {
        return utf16(body, u16::from_be_bytes).map(whole);
    }
    if is(&["iso-8859-1", "latin1", "windows-1252", "cp1252"]) {
        return Ok(whole(body.iter().copied().map(char::from).collect())).and_then(printable);
    }
    if !charset.is_empty() && !is(&["utf-8", "utf8", "us-ascii", "ascii"]) {
        return Err(Why::NotUtf8);
    }
    let body = body.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(body);
    let control = |b: &u8| b.is_ascii_control() && !matches!(b, b'\n' | b'\r' | b'\t');
    if essence.starts_with("multipart/") && !is_text(body) {
        return parts(body).ok_or(Why::Binary);
    }
    let shown = str::from_utf8(body).map_err(|_| Why::NotUtf8)?;
    if !text && body.iter().any(control) {
        return Err(Why::Binary);
    }
    printable(whole(Cow::Borrowed(shown)))
}

/// Text without NUL, which no text has.
fn printable(text: Text<'_>) -> Result<Text<'_>, Why> {
    if text.text.contains('\0') { Err(Why::Binary) } else { Ok(text) }
}

fn is_text(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).is_ok() && !bytes.contains(&0)
}

/// UTF-16 (RFC 2781); a lone surrogate becomes U+FFFD.
fn utf16(body: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, Why> {
    let units = body.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(unit);
    let text: String = char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .filter(|c| *c != '\u{feff}')
        .collect();
    printable(Text { text: Cow::Owned(text), unread: 0 }).map(|text| text.text)
}

/// The parts of a multipart body, each that is no text by its headers and its size.
fn parts(body: &[u8]) -> Option<Text<'static>> {
    let mut out = String::new();
    let mut unread = 0;
    let mut part = Vec::new();
    let mut delimiter: &[u8] = &[];
    for line in body.split_inclusive(|b| *b == b'\n') {
        if delimiter.is_empty() && line.starts_with(b"--") {
            delimiter = line.trim_ascii_end();
        }
        if delimiter.len() > 2 && line.starts_with(delimiter) {
            unread += text_of(&part, &mut out);
            part.clear();
            unread += text_of(line, &mut out);
        } else {
            part.extend_from_slice(line);
        }
    }
    unread += text_of(&part, &mut out);
    // A body that is no part of anything is binary.
    (delimiter.len() > 2).then_some(Text { text: Cow::Owned(out), unread })
}

/// Writes a part as far as it is text, and answers how many bytes are not.
fn text_of(part: &[u8], out: &mut String) -> usize {
    if let Some(text) = str::from_utf8(part).ok().filter(|text| !text.contains('\0')) {
        out.push_str(text);
        return 0;
    }
    let end =
        |gap: &[u8]| part.windows(gap.len()).position(|bytes| bytes == gap).map(|start| start + gap.len());
    let head = end(b"\r\n\r\n").or_else(|| end(b"\n\n")).unwrap_or(0);
    let (head, content) = part.split_at_checked(head).unwrap_or((&[], part));
    out.push_str(str::from_utf8(head).unwrap_or(""));
    out.push_str(&size(content.len()));
    out.push_str("\r\n");
    content.len()
}
