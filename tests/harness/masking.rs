//! Rows of the masking corpus, and how well masked text keeps what must go from view and what must stay in it.
//!
//! The measures are those of the corpus' own `score.py`. The one difference is what counts as a letter of a word: Python's
//! `\w` and Rust's `is_alphanumeric` differ on vowel signs of Indic scripts, which moves the share of lost words in the third
//! decimal.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;

use crate::place;

/// A text with what must go and what must stay.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    /// Its name.
    pub id: String,
    /// What it is about.
    pub kind: String,
    /// Its format.
    pub fmt: String,
    /// The text.
    pub text: String,
    /// Where what must go stands, in characters, and of what type it is.
    pub spans: Vec<(usize, usize, String)>,
    /// Where a further reader might mask something, too.
    #[serde(default)]
    pub soft_spans: Vec<(usize, usize, String)>,
    /// What must not survive.
    pub must_mask: Vec<String>,
    /// What must.
    pub must_keep: Vec<String>,
    /// `core`, `extended` or `ner`.
    pub scope: String,
    /// For a row with nothing to mask, how sure that is.
    pub neg: Option<String>,
    /// Whether next to nothing stands around the values.
    pub bare: bool,
    /// The file it is from, without its ending.
    #[serde(skip)]
    pub file: String,
}

/// Where the corpus is, if it stands beside the project.
pub fn corpus() -> Option<PathBuf> {
    let corpus = place::root().parent()?.join("shared/corpus/masking/dev");
    corpus.is_dir().then_some(corpus)
}

/// The rows of every file in a folder. At rest their secrets are broken, so that no scanner takes them for real ones; here
/// they are whole.
///
/// # Errors
/// When one cannot be read.
pub fn read(folder: &Path) -> Result<Vec<Row>> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "jsonl"));
    files.sort();
    let mut rows = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for (number, line) in fs::read_to_string(&file)?.lines().enumerate() {
            let row: Row = serde_json::from_str(&line.replace("\\u2063", ""))
                .with_context(|| format!("{}, line {}", file.display(), number + 1))?;
            rows.push(Row { file: name.clone(), ..row });
        }
    }
    Ok(rows)
}

/// How many of something, and how many of those went wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// All.
    pub all: usize,
    /// Those that went wrong.
    pub wrong: usize,
}

impl Share {
    fn add(&mut self, wrong: bool) {
        self.all += 1;
        self.wrong += usize::from(wrong);
    }

    /// In ten-thousandths, rounded.
    pub fn share(self) -> usize {
        (self.wrong * 10_000 + self.all / 2).checked_div(self.all).unwrap_or_default()
    }

    /// In per cent, as people read it.
    pub fn percent(self) -> String {
        if self.all == 0 {
            return "-".to_owned();
        }
        // To one place, from the exact figures.
        let tenths = (self.wrong * 1000 + self.all / 2) / self.all;
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// What became of values that must go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// How many there are.
    pub all: usize,
    /// Those that survived as they were.
    pub verbatim: usize,
    /// Those that survived in some encoding.
    pub encoded: usize,
    /// Those of which three fifths survived.
    pub partly: usize,
}

impl Values {
    fn add(&mut self, fate: Fate) {
        self.all += 1;
        match fate {
            Fate::Gone => {}
            Fate::Verbatim => self.verbatim += 1,
            Fate::Encoded => self.encoded += 1,
            Fate::Partly => self.partly += 1,
        }
    }

    /// Those that can still be read.
    pub fn leaked(self) -> Share {
        Share { all: self.all, wrong: self.verbatim + self.encoded }
    }

    /// Those that can be read in part.
    pub fn partial(self) -> Share {
        Share { all: self.all, wrong: self.partly }
    }
}

/// What became of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Gone,
    Verbatim,
    Encoded,
    Partly,
}

/// How a masking did.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// How many rows there are.
    pub rows: usize,
    /// Values of the scope `core` with something around them: the headline.
    pub core: Values,
    /// Values of that scope with nothing around them.
    pub bare: Values,
    /// Values of the scope `extended` with something around them.
    pub extended: Values,
    /// The headline's values by the format of their row.
    pub formats: BTreeMap<String, Values>,
    /// The headline's values by their type.
    pub kinds: BTreeMap<String, Values>,
    /// The headline's values by the file of their row.
    pub files: BTreeMap<String, Values>,
    /// Clean rows that changed.
    pub strict: Share,
    /// Arguably clean rows that changed.
    pub soft: Share,
    /// What must stay and is gone.
    pub kept: Share,
    /// Words beside the values of the headline's rows, and those that are gone.
    pub words: Share,
    /// JSON rows, and those that are none any more or have other members.
    pub json: Share,
    /// What went wrong, by the names of rows.
    pub wrong: Vec<String>,
}

/// Masks every row and measures what came of it.
pub fn score(rows: &[Row], mask: &dyn Fn(&str) -> String) -> Score {
    let mut score = Score::default();
    for row in rows {
        score.add(row, &mask(&row.text));
    }
    score
}

impl Score {
    fn add(&mut self, row: &Row, shown: &str) {
        self.rows += 1;
        if row.spans.is_empty() {
            if let Some(neg) = &row.neg {
                let changed = shown != row.text;
                let strict = neg == "strict";
                if strict { &mut self.strict } else { &mut self.soft }.add(changed);
                if changed && strict {
                    self.wrong.push(format!("{}: a clean row changed", row.id));
                }
            }
        } else {
            self.values(row, shown);
        }
        for kept in &row.must_keep {
            self.kept.add(!shown.contains(kept.as_str()));
        }
        if matches!(row.fmt.as_str(), "json" | "graphql")
            && let Ok(before) = serde_json::from_str::<Value>(&row.text)
        {
            let same =
                serde_json::from_str::<Value>(shown).is_ok_and(|after| members(&before) == members(&after));
            self.json.add(!same);
            if !same {
                self.wrong.push(format!("{}: its JSON broke", row.id));
            }
        }
    }

    fn values(&mut self, row: &Row, shown: &str) {
        let text: Vec<char> = row.text.chars().collect();
        let types: HashMap<String, &str> = row
            .spans
            .iter()
            .rev()
            .map(|(start, end, kind)| {
                (text.get(*start..*end).unwrap_or_default().iter().collect(), kind.as_str())
            })
            .collect();
        let headline = row.scope == "core" && !row.bare;
        for value in &row.must_mask {
            let kind = types.get(value).copied().unwrap_or(&row.kind);
            let fate = fate(value, kind, shown);
            if headline {
                let kind = if kind.starts_with("NATIONAL_ID_") { "NATIONAL_ID" } else { kind };
                self.core.add(fate);
                self.formats.entry(row.fmt.clone()).or_default().add(fate);
                self.kinds.entry(kind.to_owned()).or_default().add(fate);
                self.files.entry(row.file.clone()).or_default().add(fate);
                if fate != Fate::Gone {
                    self.wrong.push(format!("{}: {kind} {fate:?}", row.id));
                }
            } else if row.scope == "core" {
                self.bare.add(fate);
            } else if row.scope == "extended" && !row.bare {
                self.extended.add(fate);
            }
        }
        if headline {
            let mut spans: Vec<_> = row.spans.iter().chain(&row.soft_spans).collect();
            spans.sort();
            let (mut outside, mut at) = (String::new(), 0);
            for (start, end, _) in spans {
                outside.extend(text.get(at..*start).unwrap_or_default());
                outside.push('\n');
                at = at.max(*end);
            }
            outside.extend(text.get(at..).unwrap_or_default());
            let (before, after) = (words(&outside), words(shown));
            for (word, count) in before {
                self.words.all += count;
                self.words.wrong += count.saturating_sub(after.get(word).copied().unwrap_or_default());
            }
        }
    }
}

/// The words of three letters or more, and how often each occurs.
fn words(text: &str) -> HashMap<&str, usize> {
    let mut all = HashMap::new();
    for word in text.split(|c: char| !in_word(c) && c != '_').filter(|word| word.chars().count() >= 3) {
        *all.entry(word).or_default() += 1;
    }
    all
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric()
}

/// What became of `value` in `shown`.
fn fate(value: &str, kind: &str, shown: &str) -> Fate {
    let length = value.chars().count();
    if contains(value, length, shown) {
        return Fate::Verbatim;
    }
    if length >= 6 && encodings(value).iter().any(|one| one.chars().count() >= 6 && shown.contains(one)) {
        return Fate::Encoded;
    }
    let partly = if value.contains('@') && kind.contains("EMAIL") {
        let local = value.split('@').next().unwrap_or_default();
        local.chars().count() >= 3 && shown.contains(&format!("{local}@"))
    } else {
        let least = (length * 3).div_ceil(5).max(5);
        let chars: Vec<char> = value.chars().collect();
        length > least && chars.windows(least).any(|run| shown.contains(&run.iter().collect::<String>()))
    };
    if partly { Fate::Partly } else { Fate::Gone }
}

/// Whether `value` is there; a short one as a word of its own.
fn contains(value: &str, length: usize, shown: &str) -> bool {
    if length >= 6 {
        return shown.contains(value);
    }
    shown.match_indices(value).any(|(start, _)| {
        let (before, after) = (shown.get(..start), shown.get(start + value.len()..));
        let glued = |c: Option<char>| c.is_some_and(in_word);
        !glued(before.and_then(|text| text.chars().next_back()))
            && !glued(after.and_then(|text| text.chars().next()))
    })
}

/// The ways in which a value may still be written.
fn encodings(value: &str) -> BTreeSet<String> {
    let bytes = value.as_bytes();
    let mut all: BTreeSet<String> =
        ["", "/", "!$*_-.~", "!*'()"].map(|safe| percent(bytes, safe)).into_iter().collect();
    all.insert(percent(bytes, " ").replace(' ', "+"));
    all.insert(percent(bytes, "").to_lowercase());
    let quoted = serde_json::to_string(value).unwrap_or_default();
    let quoted =
        quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default().to_owned();
    if quoted.is_ascii() {
        all.insert(quoted.clone());
    } else {
        all.insert(quoted.chars().map(|c| if c.is_ascii() { c.to_string() } else { unit(c) }).collect());
        all.insert(quoted);
    }
    all.insert(
        value.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { unit(c) }).collect(),
    );
    let html = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#x27;")];
    all.insert(html.iter().fold(value.to_owned(), |text, (c, name)| text.replace(*c, name)));
    all.insert(value.chars().map(|c| format!("&#{};", u32::from(c))).collect());
    all.insert(value.replace('@', "&#64;"));
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    all.insert(hex.to_uppercase());
    all.insert(hex);
    // Base64 at each alignment, whole groups only.
    for (before, skip) in [(0, 0), (1, 2), (2, 3)] {
        let code = STANDARD.encode([&vec![0; before], bytes].concat());
        let code = code.trim_end_matches('=');
        let end = code.len().saturating_sub(usize::from((bytes.len() + before) % 3 != 0));
        if let Some(code) = code.get(skip..end).filter(|code| code.len() >= 8) {
            all.insert(code.replace('+', "-").replace('/', "_"));
            all.insert(code.to_owned());
        }
    }
    all.remove(value);
    all
}

/// `\uXXXX`, twice where one is not enough.
fn unit(c: char) -> String {
    c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

fn percent(bytes: &[u8], safe: &str) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let c = char::from(*byte);
        if byte.is_ascii_alphanumeric() || "_.-~".contains(c) || (byte.is_ascii() && safe.contains(c)) {
            out.push(c);
        } else {
            write!(out, "%{byte:02X}").unwrap_or_default();
        }
        out
    })
}

/// The names of all members, with their place, and the lengths of all arrays.
fn members(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, all: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    all.push(format!("{at}{name}"));
                    walk(value, &format!("{at}{name}."), all);
                }
            }
            Value::Array(items) => {
                all.push(format!("{at}#{}", items.len()));
                items.iter().for_each(|value| walk(value, &format!("{at}[]."), all));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut all = Vec::new();
    walk(value, "", &mut all);
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str, value: &str) -> Row {
        let start = text.find(value).unwrap_or_default();
        Row {
            id: "r".to_owned(),
            kind: "KEY".to_owned(),
            fmt: "json".to_owned(),
            text: text.to_owned(),
            spans: vec![(start, start + value.len(), "KEY".to_owned())],
            soft_spans: Vec::new(),
            must_mask: vec![value.to_owned()],
            must_keep: vec!["invoices".to_owned()],
            scope: "core".to_owned(),
            neg: None,
            bare: false,
            file: String::new(),
        }
    }

    #[test]
    fn a_value_that_survives_in_any_spelling_has_leaked() {
        let value = "Zebra/Quagga+7";
        let row = row(r#"{"table":"invoices","key":"Zebra/Quagga+7"}"#, value);
        let with = |instead: &str| score(std::slice::from_ref(&row), &|text| text.replace(value, instead));
        assert_eq!(with("[secret]").core, Values { all: 1, ..Values::default() });
        assert_eq!(with(value).core.verbatim, 1);
        for spelling in [
            "Zebra%2FQuagga%2B7",
            "5a656272612f5175616767612b37",
            "WmVicmEvUXVhZ2dhKzc=",
            "Zebra\\u002fQuagga\\u002b7",
        ] {
            assert_eq!(with(spelling).core.leaked().wrong, 1, "{spelling}");
        }
        assert_eq!(with("Zebra/Quag[secret]").core.partly, 1);
        assert_eq!(with("[secret]").words.wrong, 0);
        assert_eq!(with("\"").json.wrong, 1);
        assert_eq!(score(&[row], &|_| "{}".to_owned()).kept.wrong, 1);
    }

    #[test]
    fn a_clean_row_must_not_change() {
        let clean = Row {
            spans: Vec::new(),
            must_mask: Vec::new(),
            neg: Some("strict".to_owned()),
            ..row("invoices", "x")
        };
        let rows = [clean.clone(), Row { neg: Some("soft".to_owned()), ..clean }];
        let changed = score(&rows, &|text| text.to_uppercase());
        assert_eq!((changed.strict.wrong, changed.soft.wrong), (1, 1));
        assert_eq!(score(&rows, &str::to_owned).strict.percent(), "0.0");
    }
}
