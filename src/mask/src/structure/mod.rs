//! The structures: each takes a format apart, has its values masked, and puts it together again as it was.

mod cells;
pub(crate) mod csv;
mod embedded;
pub(crate) mod escapes;
pub(crate) mod form;
pub(crate) mod http;
pub(crate) mod json;
mod lines;
mod rows;
mod segments;
mod sql;
pub(crate) mod value;
mod xml;

pub(crate) use cells::cells;

use crate::masked::Masked;
use crate::masker::Look;

/// What a text is, by its first look. A body that names its type is read as that type instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// One JSON document or several, one after the other.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// Anything else that is text: names with values, headers, SQL, prose.
    Text,
}

/// Why a text was not masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not what it seemed to be.
    Malformed,
    /// It nests deeper than is followed.
    TooDeep,
}

/// What `text` looks like.
pub(crate) fn sniff(text: &str) -> Format {
    let text = text.trim();
    if text.starts_with(['{', '[', '"']) {
        Format::Json
    } else if form::is_form(text) {
        Format::Form
    } else {
        Format::Text
    }
}

/// Masks `text` as `format`; what is malformed is masked as plain text, what nests too deeply is not masked at all.
pub(crate) fn mask(text: &str, format: Format, look: Look<'_>) -> Result<Masked, Fault> {
    match format {
        Format::Json => match json::mask(text, look) {
            Err(Fault::Malformed) => Ok(value::plain(text, look)),
            done @ (Ok(_) | Err(Fault::TooDeep)) => done,
        },
        Format::Form => Ok(form::mask(text, look)),
        Format::Text => Ok(value::plain(text, look)),
    }
}
