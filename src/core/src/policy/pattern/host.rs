//! Host patterns: literal names, `*` within a label, `**.` for any number of labels before the rest.

use super::{BadPattern, Glob, Reading};

/// A compiled host pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern {
    /// Whether any number of labels, at least one, may stand before `labels`.
    open: Open,
    labels: Vec<Label>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Yes,
    No,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Label {
    Literal(Box<str>),
    Pattern(Glob),
}

/// Under which key of an index a pattern stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::policy) enum HostKey {
    /// This host.
    Exact(String),
    /// Hosts that end in these labels, and have more.
    Suffix(String),
    /// Any host.
    Any,
}

impl HostPattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// [`BadPattern`].
    pub fn new(text: &str) -> Result<Self, BadPattern> {
        if text.is_empty() {
            return Err(BadPattern::Empty);
        }
        if text == "*" {
            return Err(BadPattern::LoneStar);
        }
        if text == "**" {
            return Ok(Self { open: Open::Yes, labels: Vec::new() });
        }
        if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let address: std::net::Ipv6Addr = inner.parse().map_err(|_| BadPattern::HostCharacter)?;
            let label = Label::Literal(format!("[{address}]").into_boxed_str());
            return Ok(Self { open: Open::No, labels: vec![label] });
        }
        let (open, rest) = match text.strip_prefix("**.") {
            Some(rest) => (Open::Yes, rest),
            None => (Open::No, text),
        };
        let labels = rest.split('.').map(label).collect::<Result<_, _>>()?;
        Ok(Self { open, labels })
    }

    /// Whether a host in its matching form is of this pattern.
    pub fn matches(&self, host: &str) -> bool {
        if self.labels.is_empty() {
            return true;
        }
        let bracketed = host.starts_with('[');
        let mut left = if bracketed { None } else { Some(host) };
        if bracketed {
            return matches!((self.open, self.labels.as_slice()), (Open::No, [Label::Literal(own)]) if **own == *host);
        }
        for label in self.labels.iter().rev() {
            let Some(text) = left else { return false };
            let (rest, last) = text.rsplit_once('.').map_or((None, text), |(rest, last)| (Some(rest), last));
            let fits = match label {
                Label::Literal(own) => **own == *last,
                Label::Pattern(glob) => glob.matches(last, Reading::Releasing),
            };
            if !fits {
                return false;
            }
            left = rest;
        }
        match self.open {
            Open::Yes => left.is_some(),
            Open::No => left.is_none(),
        }
    }

    /// Whether it names a host or a domain, not just a top-level domain or less.
    pub fn names_something(&self) -> bool {
        let literal = self.labels.iter().rev().take_while(|label| matches!(label, Label::Literal(_))).count();
        literal >= 2 || (literal == self.labels.len() && literal > 0 && self.open == Open::No)
    }

    pub(in crate::policy) fn key(&self) -> HostKey {
        let mut literal: Vec<&str> = Vec::new();
        for label in self.labels.iter().rev() {
            match label {
                Label::Literal(text) => literal.push(text),
                Label::Pattern(_) => break,
            }
        }
        literal.reverse();
        let text = literal.join(".");
        match (literal.len() == self.labels.len(), self.open) {
            _ if literal.is_empty() => HostKey::Any,
            (true, Open::No) => HostKey::Exact(text),
            (true, Open::Yes) | (false, _) => HostKey::Suffix(text),
        }
    }
}

fn label(text: &str) -> Result<Label, BadPattern> {
    if text.is_empty() {
        return Err(BadPattern::EmptyLabel);
    }
    if text.contains("**") {
        return Err(BadPattern::MisplacedStars);
    }
    if !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'*')) {
        return Err(BadPattern::HostCharacter);
    }
    let lower = text.to_ascii_lowercase();
    if lower.contains('*') {
        Glob::new(&lower).map(Label::Pattern)
    } else {
        Ok(Label::Literal(lower.into_boxed_str()))
    }
}
