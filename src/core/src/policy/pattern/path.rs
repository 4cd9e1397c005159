//! Path templates: `/v2/{collection}/import`, `/v2/*/import`, `/v2/**`. `**` is any number of segments, none included.

use super::{BadPattern, Glob, Reading};

/// A compiled path template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    segments: Vec<Segment>,
    slash: FinalSlash,
}

/// Whether a template ends in `/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FinalSlash {
    Written,
    None,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(Box<str>),
    /// `{name}` or `*`: one segment, not empty.
    One,
    Pattern(Glob),
    /// `**`
    Any,
}

impl PathPattern {
    /// Compiles a template.
    ///
    /// # Errors
    /// [`BadPattern`].
    pub fn new(text: &str) -> Result<Self, BadPattern> {
        if text.is_empty() {
            return Err(BadPattern::Empty);
        }
        let Some(rest) = text.strip_prefix('/') else { return Err(BadPattern::NotAPath) };
        if text.contains(['?', '#', '%', ';', '\\']) {
            return Err(BadPattern::PathCharacter);
        }
        let (rest, slash) = match rest.strip_suffix('/') {
            Some(rest) => (rest, FinalSlash::Written),
            None if rest.is_empty() => (rest, FinalSlash::Written),
            None => (rest, FinalSlash::None),
        };
        let segments = if rest.is_empty() {
            Vec::new()
        } else {
            rest.split('/').map(segment).collect::<Result<_, _>>()?
        };
        Ok(Self { segments, slash })
    }

    /// Whether a path in its matching form is of this template, in time proportional to both at worst.
    pub fn matches(&self, path: &str, reading: Reading) -> bool {
        let Some(inner) = path.strip_prefix('/') else { return false };
        let (inner, slash) = match inner.strip_suffix('/') {
            Some(inner) => (inner, FinalSlash::Written),
            None if inner.is_empty() => (inner, FinalSlash::Written),
            None => (inner, FinalSlash::None),
        };
        let open_end = self.segments.last() == Some(&Segment::Any);
        if reading == Reading::Releasing && slash != self.slash && !open_end {
            return false;
        }
        self.matches_segments((!inner.is_empty()).then_some(inner), reading)
    }

    fn matches_segments(&self, path: Option<&str>, reading: Reading) -> bool {
        let (mut own, mut left) = (0, path);
        // After which segment of the template, and from where in the path, the last `**` goes on.
        let mut any: Option<(usize, Option<&str>)> = None;
        loop {
            let fits = match (self.segments.get(own), left) {
                (None, None) => return true,
                (Some(Segment::Any), _) => {
                    own += 1;
                    any = Some((own, left));
                    continue;
                }
                (Some(segment), Some(text)) => segment.matches(first(text).0, reading),
                (Some(_), None) | (None, Some(_)) => false,
            };
            if fits {
                own += 1;
                left = left.and_then(|text| first(text).1);
                continue;
            }
            let Some((next, Some(from))) = any else { return false };
            left = first(from).1;
            any = Some((next, left));
            own = next;
        }
    }

    /// Whether it names a path: some literal segment.
    pub fn names_something(&self) -> bool {
        let literal = |segment: &Segment| match segment {
            Segment::Literal(_) | Segment::Pattern(_) => true,
            Segment::One | Segment::Any => false,
        };
        self.segments.is_empty() || self.segments.iter().any(literal)
    }

    /// The literal segments it starts with, lower case, each with its `/`, and how many they are.
    pub(in crate::policy) fn literal_start(&self) -> (String, usize) {
        let mut start = String::new();
        let mut depth = 0;
        for segment in &self.segments {
            let Segment::Literal(text) = segment else { break };
            start.push('/');
            start.push_str(&text.to_ascii_lowercase());
            depth += 1;
        }
        (start, depth)
    }
}

impl Segment {
    fn matches(&self, text: &str, reading: Reading) -> bool {
        match (self, reading) {
            (Self::Literal(own), Reading::Guarding) => own.eq_ignore_ascii_case(text),
            (Self::Literal(own), Reading::Releasing) => **own == *text,
            (Self::One, _) => !text.is_empty(),
            (Self::Pattern(glob), reading) => !text.is_empty() && glob.matches(text, reading),
            (Self::Any, _) => true,
        }
    }
}

/// The first segment, and what follows it.
fn first(path: &str) -> (&str, Option<&str>) {
    path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)))
}

fn segment(text: &str) -> Result<Segment, BadPattern> {
    match text {
        "" | "." | ".." => return Err(BadPattern::BadSegment),
        "**" => return Ok(Segment::Any),
        "*" => return Ok(Segment::One),
        _ if text.contains("**") => return Err(BadPattern::MisplacedStars),
        _ => {}
    }
    let mut glob = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, next) = after.split_once('}').ok_or(BadPattern::BadParameter)?;
        let is_name =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if !is_name || before.contains('}') || before.ends_with('*') || next.starts_with(['{', '*']) {
            return Err(BadPattern::BadParameter);
        }
        glob.push_str(before);
        glob.push('*');
        rest = next;
    }
    if rest.contains('}') {
        return Err(BadPattern::BadParameter);
    }
    glob.push_str(rest);
    match glob.as_str() {
        "*" => Ok(Segment::One),
        literal if !literal.contains('*') => Ok(Segment::Literal(literal.into())),
        pattern => Glob::new(pattern).map(Segment::Pattern),
    }
}
