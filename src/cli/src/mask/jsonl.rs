//! JSON Lines of texts in, JSON Lines of masked texts out, one row at a time and in order.

use std::io::{BufRead, BufReader, BufWriter, ErrorKind, Read, Write};

use countersign_mask::{Masker, Understood};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Changes;
use crate::policy::Fault;

/// Longest line that is read, in bytes.
const LONGEST: u64 = 64 << 20;

/// `{"id", "text", "media_type"?}`
struct Row {
    id: Value,
    text: String,
    media_type: Option<String>,
}

#[derive(Serialize)]
struct Masked<'a> {
    id: &'a Value,
    masked_text: &'a str,
}

/// Whether masked rows are written, or only counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    Written,
    Counted,
}

/// Masks every row. It stops at the first line that is none, after what came before it was written.
pub(super) fn mask(
    from: impl Read,
    media_type: Option<&str>,
    masker: &Masker,
    rows: Rows,
) -> Result<Changes, Fault> {
    let mut lines = BufReader::new(from);
    let mut out = BufWriter::new(std::io::stdout().lock());
    let failed = |error: std::io::Error| Fault::Usage(format!("cannot read or write rows: {error}"));
    let (mut line, mut changes) = (Vec::new(), Changes::default());
    for number in 1_u64.. {
        line.clear();
        let read = lines.by_ref().take(LONGEST).read_until(b'\n', &mut line).map_err(failed)?;
        if read == 0 {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let row = if read as u64 == LONGEST && !line.ends_with(b"\n") {
            Err("is longer than 64 MiB")
        } else {
            row(&line)
        };
        let row = match row {
            Ok(row) => row,
            Err(why) => {
                pass(out.flush()).map_err(failed)?;
                return Err(Fault::Usage(format!("line {number} {why}")));
            }
        };
        let (text, touched) = one(&row, media_type, masker);
        changes.all += 1;
        changes.changed += u64::from(touched);
        if rows == Rows::Counted {
            continue;
        }
        let answer = Masked { id: &row.id, masked_text: &text };
        let mut written = serde_json::to_vec(&answer).map_err(|error| Fault::Usage(error.to_string()))?;
        written.push(b'\n');
        let mut done = out.write_all(&written);
        // Whoever sends one row and waits for it gets it.
        if done.is_ok() && lines.buffer().is_empty() {
            done = out.flush();
        }
        if pass(done).map_err(failed)? == Reader::Gone {
            return Ok(changes);
        }
    }
    pass(out.flush()).map_err(failed)?;
    Ok(changes)
}

/// Whether anybody still reads.
#[derive(PartialEq, Eq)]
enum Reader {
    There,
    Gone,
}

/// A reader that has seen enough, as `head` does, is no error.
fn pass(done: std::io::Result<()>) -> std::io::Result<Reader> {
    match done {
        Ok(()) => Ok(Reader::There),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(error),
    }
}

/// The masked text, and whether anything in it was masked or could not be read.
fn one(row: &Row, media_type: Option<&str>, masker: &Masker) -> (String, bool) {
    if let Some(media_type) = row.media_type.as_deref().or(media_type) {
        let shown = masker.payload(Some(media_type), None, row.text.as_bytes(), usize::MAX);
        let changed = !shown.report.is_empty() || shown.understood != Understood::Whole;
        (shown.excerpt.into_string(), changed)
    } else {
        let (shown, report) = masker.text(&row.text);
        (shown.into_string(), !report.is_empty())
    }
}

/// A row, or what is wrong with the line. It says nothing of what the line holds: that may be secret.
fn row(line: &[u8]) -> Result<Row, &'static str> {
    let mut members: Map<String, Value> = serde_json::from_slice(line).map_err(|_| "is no JSON object")?;
    let Some(id) = members.remove("id") else { return Err("has no `id`") };
    let Some(Value::String(text)) = members.remove("text") else {
        return Err("has no `text` that is a string");
    };
    let media_type = match members.remove("media_type") {
        None | Some(Value::Null) => None,
        Some(Value::String(media_type)) => Some(media_type),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            return Err("has a `media_type` that is no string");
        }
    };
    Ok(Row { id, text, media_type })
}
