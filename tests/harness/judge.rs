//! What the native core makes of labelled requests, counted against their labels.
//!
//! Only the request is read. What cannot be read is a write, and of several actions the strictest class counts.

use anyhow::Result;
use countersign_core::action::{Class, Decoded, Decoders};
use countersign_core::call::{Body, Call, Destinations, HeaderMap, Scheme};

use crate::rows::Row;

/// The strictest class of what a request does.
///
/// # Errors
/// When the row's body is no base64.
pub fn class(decoders: &Decoders, row: &Row) -> Result<Class> {
    let Some(call) = call(row)? else { return Ok(Class::DataWrite) };
    let body = row.request.body()?;
    let body = body.as_deref().map_or(Body::Absent, Body::Read);
    Ok(match decoders.decode(&call, body) {
        Decoded::Known(members) => {
            members.iter().map(|member| member.action.class).max().unwrap_or(Class::DataWrite)
        }
        Decoded::NeedsBody | Decoded::Undecodable(_) | Decoded::Contradiction(_) => Class::DataWrite,
    })
}

/// Whether a request passes for a read by its head alone, on the fast path.
///
/// # Errors
/// When the row's body is no base64.
pub fn is_plain_read(decoders: &Decoders, row: &Row) -> Result<bool> {
    let body = row.request.body()?;
    let body = body.as_deref().map_or(Body::Absent, Body::Read);
    Ok(call(row)?.is_some_and(|call| decoders.is_plain_read(&call, body)))
}

/// The call that a row is; `None` where it is none.
fn call(row: &Row) -> Result<Option<Call>> {
    let sent = &row.request;
    let own = [(":method", &sent.method), (":authority", &sent.authority), (":path", &sent.path)];
    let own = own.iter().map(|(name, value)| ((*name).to_owned(), value.as_str()));
    let headers = sent.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()));
    let pairs: Vec<(String, &str)> = own.chain(headers).collect();
    let none: [&str; 0] = [];
    let scheme = if sent.scheme == "http" { Scheme::Http } else { Scheme::Https };
    let head = HeaderMap::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), *value)));
    Ok(Call::read(head, &Destinations::new(scheme, none)?).ok())
}

/// The word for a class in labels: the corpus has its own for what is sent to somebody.
fn word(class: Class) -> &'static str {
    match class {
        Class::Communication => "message_or_payment",
        Class::ReadOnly
        | Class::DataWrite
        | Class::ModelChange
        | Class::CodeChange
        | Class::InfraChange
        | Class::SchemaChange
        | Class::DataDelete
        | Class::DataExport
        | Class::CredentialAccess
        | Class::PrivilegeChange => class.as_str(),
    }
}

/// What became of rows.
#[derive(Clone, Debug, Default)]
pub struct Count {
    /// Privileged, and seen as such.
    pub caught: usize,
    /// Privileged, and taken for reads.
    pub missed: usize,
    /// Harmless, and taken for privileged.
    pub held: usize,
    /// Harmless, and seen as such.
    pub passed: usize,
    /// Rows of exactly the label's class.
    pub exact: usize,
    /// Rows of a class that a fair reader might choose.
    pub fair: usize,
}

impl Count {
    /// Counts a row that was read as `class`.
    pub fn add(&mut self, row: &Row, class: Class) {
        let place = match (row.label.privileged, class) {
            (true, Class::ReadOnly) => &mut self.missed,
            (true, _) => &mut self.caught,
            (false, Class::ReadOnly) => &mut self.passed,
            (false, _) => &mut self.held,
        };
        *place += 1;
        let is = |label: &str| label == class.as_str() || label == word(class);
        let exact = is(&row.label.class);
        let fair = exact || row.label.acceptable_classes.iter().any(|label| is(label));
        self.exact += usize::from(exact);
        self.fair += usize::from(fair);
    }

    /// All rows.
    pub fn rows(&self) -> usize {
        self.caught + self.missed + self.held + self.passed
    }

    /// The rows that are privileged by their labels.
    pub fn privileged(&self) -> usize {
        self.caught + self.missed
    }

    /// How much of what is held should be, in thousandths; of nothing, all.
    pub fn precision(&self) -> usize {
        share(self.caught, self.caught + self.held)
    }

    /// How much of what is privileged is held, in thousandths; of nothing, all.
    pub fn recall(&self) -> usize {
        share(self.caught, self.caught + self.missed)
    }

    /// The harmonic mean of precision and recall, in thousandths.
    pub fn f1(&self) -> usize {
        share(2 * self.caught, 2 * self.caught + self.held + self.missed)
    }

    /// How much of the harmless is held, in thousandths; of nothing, none.
    pub fn wrongly_held(&self) -> usize {
        if self.held == 0 { 0 } else { share(self.held, self.held + self.passed) }
    }

    /// How many rows have exactly their label's class, in thousandths.
    pub fn strict(&self) -> usize {
        share(self.exact, self.rows())
    }

    /// How many rows have a class that a fair reader might choose, in thousandths.
    pub fn lenient(&self) -> usize {
        share(self.fair, self.rows())
    }
}

/// A share in thousandths, to the nearest; of nothing, all.
fn share(part: usize, whole: usize) -> usize {
    (part * 1000 + whole / 2).checked_div(whole).unwrap_or(1000)
}
