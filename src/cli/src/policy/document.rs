//! Policy documents as files: YAML or JSON, read, compiled, and complained about with file, line, column and a caret.

use std::{fmt, path::Path};

use countersign_core::policy::{Document, Policy, PolicyError, Trial, Tried};

use super::{
    Fault,
    place::{self, Place},
};

/// What is wrong with a document, and where.
#[derive(Debug)]
pub(crate) struct Complaint {
    file: String,
    place: Place,
    sentence: String,
    /// The line itself.
    line: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, place: Place { line, column }, sentence, line: text } = self;
        writeln!(f, "{file}:{line}:{column}: {sentence}")?;
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        // A tab stays a tab, so that the caret stands under what it means in every terminal.
        let before = usize::try_from(*column).unwrap_or(1).saturating_sub(1);
        let indent: String = text.chars().take(before).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        write!(f, "{margin} |\n{number} | {text}\n{margin} | {indent}^")
    }
}

/// Reads and compiles a file.
pub(super) fn load(path: &Path) -> Result<(Document, Policy), Fault> {
    let bytes = super::read(path)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Fault::Usage(format!("cannot read `{}`: it is not UTF-8", path.display())))?;
    let document = parse::<Document>(&path.display().to_string(), &text)?;
    let policy = Policy::compile(document.clone())
        .map_err(|error| Fault::Policy(misfit(&path.display().to_string(), &text, &error)))?;
    Ok((document, policy))
}

/// What a trial of the document's detectors found, each with its place: what fails, and what to warn of.
pub(super) fn tried(path: &Path, trial: Trial) -> Result<Vec<(Weight, Complaint)>, Fault> {
    let text = String::from_utf8(super::read(path)?).unwrap_or_default();
    let file = path.display().to_string();
    let told = |one| match one {
        Tried::Fails(error) => (Weight::Error, misfit(&file, &text, &error)),
        Tried::Warns(error) => {
            let complaint = misfit(&file, &text, &error);
            (Weight::Warning, Complaint { sentence: format!("warning: {}", complaint.sentence), ..complaint })
        }
    };
    Ok(trial.found.into_iter().map(told).collect())
}

/// Whether a policy with a complaint is one all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Error,
    Warning,
}

/// Reads YAML or JSON.
pub(super) fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, Fault> {
    serde_saphyr::from_str(text).map_err(|error| {
        let error = error.without_snippet();
        let location = error.location();
        let place =
            Place { line: location.map_or(1, |l| l.line()), column: location.map_or(1, |l| l.column()) };
        let whole = error.to_string();
        // The place is said in front already.
        let sentence = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(sentence, _)| sentence);
        Fault::Policy(complaint(file, text, place, plain(sentence)))
    })
}

/// A document that is well written and means nothing.
fn misfit(file: &str, text: &str, error: &PolicyError) -> Complaint {
    let place = place::find(text, &error.at).unwrap_or(Place { line: 1, column: 1 });
    let sentence = plain(&error.sentence);
    complaint(file, text, place, PolicyError { sentence, ..error.clone() }.to_string())
}

fn complaint(file: &str, text: &str, place: Place, sentence: String) -> Complaint {
    let number = usize::try_from(place.line).unwrap_or(1).saturating_sub(1);
    let line = text.lines().nth(number).unwrap_or_default().to_owned();
    Complaint { file: file.to_owned(), place, sentence, line }
}

/// The parser's sentence in the user's words.
fn plain(sentence: &str) -> String {
    if let Some(rest) = sentence.strip_prefix("unknown field ") {
        return unknown("key", rest);
    }
    if let Some(rest) = sentence.strip_prefix("unknown variant ") {
        return unknown("value", rest);
    }
    if let Some(field) = sentence.strip_prefix("missing field ") {
        return format!("the key {field} is missing");
    }
    if let Some(rest) = sentence.strip_prefix("duplicate mapping key: ") {
        let key = rest.split(',').next().unwrap_or(rest);
        return format!("the key `{key}` is written twice");
    }
    match sentence {
        // The parser speaks of its own types.
        "expected string scalar" => "a text is expected here".to_owned(),
        "externally tagged enum expected scalar or mapping" => "one word is expected here".to_owned(),
        "invalid floating point" | "invalid u8" | "invalid u16" => {
            "a number is expected here, and this is none".to_owned()
        }
        other => other.to_owned(),
    }
}

/// ``unknown key `x`: did you mean `y`?``, or all there are.
fn unknown(what: &str, rest: &str) -> String {
    let (name, known) = rest
        .split_once(", expected one of ")
        .or_else(|| rest.split_once(", expected "))
        .unwrap_or((rest, ""));
    let word = name.trim_matches('`');
    let known: Vec<&str> = known
        .split([',', ' '])
        .map(|one| one.trim().trim_matches('`'))
        .filter(|one| !one.is_empty() && *one != "or")
        .collect();
    let near = known.iter().map(|one| (distance(word, one), one)).min().filter(|(far, _)| *far <= 2);
    match (near, known.as_slice()) {
        (_, []) => format!("unknown {what} `{word}`: nothing is written here"),
        (Some((_, near)), _) => format!("unknown {what} `{word}`: did you mean `{near}`?"),
        (None, known) => format!("unknown {what} `{word}`: there are `{}`", known.join("`, `")),
    }
}

/// How many letters must change.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (y, (over, left_over)) in b.iter().zip(row.iter().skip(1).zip(row.iter())) {
            let left = next.last().copied().unwrap_or(i + 1);
            next.push((left + 1).min(over + 1).min(left_over + usize::from(x != *y)));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_miss_is_named() {
        assert_eq!(
            unknown("key", "`rulez`, expected one of `name`, `rules`"),
            "unknown key `rulez`: did you mean `rules`?"
        );
        assert_eq!(
            unknown("value", "`hodl`, expected one of allow, hold"),
            "unknown value `hodl`: did you mean `hold`?"
        );
        assert_eq!(
            unknown("key", "`zzz`, expected one of `name`, `rules`"),
            "unknown key `zzz`: there are `name`, `rules`"
        );
        assert_eq!((distance("", "ab"), distance("abc", "abc"), distance("hodl", "hold")), (2, 0, 2));
    }
}
