//! The head of a request: headers, path and query. And any other text, and the second look.

use crate::detect::query;
use crate::display::Lines;
use crate::keys::Key;
use crate::kind::Kind;
use crate::looks;
use crate::masked::{Masked, Rewrite, step};
use crate::masker::{Look, Masker};
use crate::payload::{look, settle};
use crate::report::Report;
use crate::shown::MaskedText;
use crate::structure::http::header_key;
use crate::structure::{form, value};

/// Stands for a header value that is not UTF-8.
const BINARY: &str = "[binary]";

impl Masker {
    /// Masks headers, in order: names in lower case, values masked.
    ///
    /// `authorization` keeps its scheme, cookies keep their names, a value under a secret-looking name goes whole, and every
    /// other value is scanned. A finding's path is `$.headers.<name>`, its offset that in the value.
    pub fn headers<'a>(
        &self,
        pairs: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> (Vec<(String, MaskedText)>, Report) {
        let mut shown = Vec::new();
        let mut report = Report::default();
        for (raw_name, raw_value) in pairs {
            let name = value::mask(Key::Plain, raw_name, Look::new(self));
            let (name, in_name) = self.sealed(name, raw_name, "$.headers");
            let name = name.into_string().to_ascii_lowercase();
            let path = format!("$.headers{}", step(&name));
            let (text, in_value) = if let Ok(text) = core::str::from_utf8(raw_value) {
                let look = Look::new(self).under(raw_name);
                self.sealed(value::mask(header_key(raw_name), text, look), text, &path)
            } else {
                let mut unread = Report::default();
                unread.see(raw_value.len());
                unread.unread(raw_value.len());
                unread.add(path, Kind::Secret, "not_text".into(), 0);
                (MaskedText::seal(BINARY.to_owned()), unread)
            };
            report.join(in_name);
            report.join(in_value);
            shown.push((name, text));
        }
        (shown, report)
    }

    /// Masks a query, with or without its leading `?`. A finding's path is `$.query.<name>`.
    pub fn query(&self, query: &str) -> (MaskedText, Report) {
        let (mark, pieces) = query.strip_prefix('?').map_or(("", query), |pieces| ("?", pieces));
        let mut masked = form::mask(pieces, Look::new(self));
        masked.text.insert_str(0, mark);
        self.sealed(Some(masked), query, "$.query")
    }

    /// Masks a path, segment by segment. A segment that follows a telling one (`/token/x`) goes when it looks random. A
    /// finding's path is `$.path`.
    pub fn path(&self, path: &str) -> (MaskedText, Report) {
        let mut rewrite = Rewrite::new(path);
        let mut telling = false;
        let mut at = 0;
        for raw in path.split('/') {
            let range = at..at + raw.len();
            at = range.end + 1;
            let Some(plain) = form::decode(raw) else {
                rewrite.found.unread(raw.len());
                rewrite.found.add(String::new(), Kind::Secret, "not_text".into(), range.start);
                rewrite.replace(range, |out| out.push_str(Kind::Secret.label()));
                continue;
            };
            let key = if telling && looks::random(&plain) { Key::SECRET } else { Key::Plain };
            if let Some(masked) = value::mask(key, &plain, Look::new(self)) {
                rewrite.adopt(range, "", masked, form::encode);
            }
            telling = query::telling(&plain);
        }
        self.sealed(Some(rewrite.finish()), path, "$.path")
    }

    /// Masks any other text, by what it looks like. A finding's path begins with `$`.
    pub fn text(&self, text: &str) -> (MaskedText, Report) {
        let masked = look(text, Look::new(self)).ok();
        match masked.and_then(|masked| settle(self, masked, "$", Lines::Keep, usize::MAX).ok()) {
            Some((shown, mut report, _)) => {
                report.see(text.len());
                (shown, report)
            }
            None => hidden(text, "$"),
        }
    }

    /// What is shown of a value: masked as given, or as it was when there was nothing to mask; a value that does not come
    /// to rest is hidden whole.
    fn sealed(&self, masked: Option<Masked>, text: &str, root: &str) -> (MaskedText, Report) {
        let masked = masked.unwrap_or_else(|| Masked { text: text.to_owned(), found: Report::default() });
        match settle(self, masked, root, Lines::Escape, usize::MAX) {
            Ok((shown, mut report, _)) => {
                report.see(text.len());
                (shown, report)
            }
            Err(_) => hidden(text, root),
        }
    }
}

/// [`Masker::headers`] of no policy.
pub fn headers<'a>(
    pairs: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> (Vec<(String, MaskedText)>, Report) {
    Masker::plain().headers(pairs)
}

/// [`Masker::query`] of no policy.
pub fn query(query: &str) -> (MaskedText, Report) {
    Masker::plain().query(query)
}

/// [`Masker::path`] of no policy.
pub fn path(path: &str) -> (MaskedText, Report) {
    Masker::plain().path(path)
}

/// [`Masker::text`] of no policy.
pub fn text(text: &str) -> (MaskedText, Report) {
    Masker::plain().text(text)
}

/// Looks for anything that should have been masked in text that was. It must find nothing.
///
/// The approval service asks this of what arrives: a finding there is an incident.
pub fn residual(masked: &str) -> Report {
    let mut report = Report::default();
    match look(masked, Look::new(Masker::plain())) {
        Ok(again) => report.adopt("$", again.found, 0),
        Err(_) => report = hidden(masked, "$").1,
    }
    report
}

fn hidden(text: &str, root: &str) -> (MaskedText, Report) {
    let mut report = Report::default();
    report.see(text.len());
    report.unread(text.len());
    report.add(root.to_owned(), Kind::Secret, "not_understood".into(), 0);
    (MaskedText::seal(Kind::Secret.label().to_owned()), report)
}
