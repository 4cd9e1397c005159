//! JSON (RFC 8259): strings are unescaped before they are looked at, and everything that can stay is copied byte for byte.
//!
//! The reader does not recurse: nesting lives in a stack with a limit. Several documents one after the other (NDJSON) are
//! read as such. The names of members stay, unless a name itself holds something to mask.

use std::borrow::Cow;

use crate::bytes::{at, part, run};
use crate::custom::Named;
use crate::display::escape;
use crate::keys::{Key, classify};
use crate::marks::CUT;
use crate::masked::{Masked, Rewrite, step};
use crate::masker::Look;
use crate::structure::rows::{Row, Table};
use crate::structure::{Fault, value};
use crate::traffic::{Slot, Step, Track};

/// Most levels of nesting that are followed.
const DEEPEST_NESTING: usize = 64;

/// Shortest number that may be a card or an account.
const TELLING_NUMBER: usize = 12;

/// Shortest number that is masked for its name alone: `"pin": 1234`, but `"pass": 7`.
const SECRET_NUMBER: usize = 3;

/// Most values that an array has as a row, and most text.
const LONGEST_ROW: usize = 256;
const LONGEST_ROW_TEXT: usize = 8192;

/// Masks a document. The result is the same text where nothing is found.
///
/// A document that ends in the mark of a cut is an excerpt of this crate, and may stop anywhere.
pub(crate) fn mask(text: &str, look: Look<'_>) -> Result<Masked, Fault> {
    let (text, mark) = text.strip_suffix(CUT).map_or((text, ""), |text| (text, CUT));
    let mut walk = Walk {
        text,
        i: 0,
        rewrite: Rewrite::new(text),
        levels: Vec::new(),
        names: 0,
        table: Table::default(),
        look,
        end: if mark.is_empty() { End::Whole } else { End::Cut },
    };
    walk.documents()?;
    let mut masked = walk.rewrite.finish();
    masked.text.push_str(mark);
    Ok(masked)
}

/// An object or array that is open.
#[derive(Debug)]
struct Level {
    is: Is,
    /// What the name of the current member says; in an array, what the array's name says.
    key: Key,
    /// What the policy says of that name.
    named: Named,
    /// The step to the current member or element.
    step: String,
    /// Which places of the traffic's fields lead to this object or array, and which to the member at hand.
    track: [Track; 2],
    /// What a sibling says of the member called `value`: `{"name": "DB_PASSWORD", "value": "x"}`.
    sibling: (Key, Named),
    /// What it is as a row, how many elements came before, and where it begins.
    row: Row,
    place: usize,
    start: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    Object,
    Array,
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Value,
    FirstElement,
    Name,
    FirstName,
    After,
}

struct Walk<'a> {
    text: &'a str,
    i: usize,
    rewrite: Rewrite<'a>,
    levels: Vec<Level>,
    /// Masked names so far: they are numbered, so that two of them stay two members.
    names: usize,
    table: Table,
    look: Look<'a>,
    end: End,
}

/// How the text may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// After a whole document.
    Whole,
    /// Anywhere.
    Cut,
}

impl<'a> Walk<'a> {
    fn documents(&mut self) -> Result<(), Fault> {
        let mut next = Next::Value;
        loop {
            self.blanks();
            let byte = at(self.text, self.i);
            if self.i >= self.text.len() {
                let whole = self.levels.is_empty() && next == Next::After;
                return if whole || self.end == End::Cut { Ok(()) } else { Err(Fault::Malformed) };
            }
            next = match (next, byte) {
                (Next::Value | Next::FirstElement, b'{') => self.open(Is::Object)?,
                (Next::Value | Next::FirstElement, b'[') => self.open(Is::Array)?,
                (Next::Value | Next::FirstElement, b'"') => self.string_value()?,
                (Next::Value | Next::FirstElement, b'-' | b'0'..=b'9' | b'a'..=b'z') => self.bare_value()?,
                (Next::FirstElement | Next::After, b']') => self.close(Is::Array)?,
                (Next::FirstName | Next::After, b'}') => self.close(Is::Object)?,
                (Next::Name | Next::FirstName, b'"') => self.name()?,
                (Next::After, b',') => {
                    self.i += 1;
                    match self.levels.last().ok_or(Fault::Malformed)?.is {
                        Is::Object => Next::Name,
                        Is::Array => {
                            if let Some(level) = self.levels.last_mut() {
                                level.place += 1;
                            }
                            self.item();
                            Next::Value
                        }
                    }
                }
                (Next::After, _) if self.levels.is_empty() => Next::Value,
                (Next::Value | Next::FirstElement | Next::Name | Next::FirstName | Next::After, _) => {
                    return Err(Fault::Malformed);
                }
            };
        }
    }

    /// Steps over blanks. A carriage return on its own becomes a line feed: it would let a terminal overwrite the line.
    fn blanks(&mut self) {
        loop {
            match at(self.text, self.i) {
                b' ' | b'\n' | b'\t' => {}
                b'\r' if at(self.text, self.i + 1) == b'\n' || self.look.traffic.is_some() => {}
                b'\r' => self.rewrite.replace(self.i..self.i + 1, |out| out.push('\n')),
                _ => return,
            }
            self.i += 1;
        }
    }

    fn open(&mut self, is: Is) -> Result<Next, Fault> {
        if self.levels.len() >= DEEPEST_NESTING {
            return Err(Fault::TooDeep);
        }
        let (key, named, step) = match is {
            Is::Object => (Key::Plain, Named::default(), String::new()),
            Is::Array => (self.key(), self.named(), "[*]".to_owned()),
        };
        let row = match is {
            Is::Object => Row::Plain,
            Is::Array => {
                let cells = self.cells();
                let above = self.levels.last();
                let within =
                    above.filter(|level| level.is == Is::Array).map(|level| (level.start, level.place));
                self.table.row(above.map_or("", |level| &level.step), within, cells.as_deref())
            }
        };
        self.levels.push(Level {
            is,
            key,
            named,
            step,
            track: [self.track(), Track::default()],
            sibling: (Key::Plain, Named::default()),
            row,
            place: 0,
            start: self.i,
        });
        self.i += 1;
        self.item();
        Ok(match is {
            Is::Object => Next::FirstName,
            Is::Array => Next::FirstElement,
        })
    }

    /// Follows the places to the element of an array at hand.
    fn item(&mut self) {
        let depth = self.levels.len().saturating_sub(1);
        if let (Some(traffic), Some(level)) = (self.look.traffic, self.levels.last_mut())
            && level.is == Is::Array
        {
            let [whole, _] = level.track;
            level.track = [whole, traffic.fields.after(whole, depth, Step::Item(level.place))];
        }
    }

    /// What the fields make of the value at hand.
    fn track(&self) -> Track {
        self.levels.last().map_or_else(|| self.look.places(), |level| level.track[1])
    }

    fn close(&mut self, is: Is) -> Result<Next, Fault> {
        match self.levels.pop() {
            Some(level) if level.is == is => {
                self.i += 1;
                Ok(Next::After)
            }
            Some(_) | None => Err(Fault::Malformed),
        }
    }

    fn name(&mut self) -> Result<Next, Fault> {
        let (end, name) = self.string()?;
        let mut key = classify(&name);
        let mut named = self.look.under(&name).named;
        // `{"f": [{"v": "x"}]}`
        let above = self.levels.iter().nth_back(1).and_then(|above| self.table.key(above.row, above.place));
        let masked = value::mask(Key::Plain, &name, self.look);
        let step = step(masked.as_ref().map_or(&name, |masked| &masked.text));
        let depth = self.levels.len().saturating_sub(1);
        if let Some(level) = self.levels.last_mut() {
            if let Some(traffic) = self.look.traffic {
                let [whole, _] = level.track;
                level.track = [whole, traffic.fields.after(whole, depth, Step::Name(&name))];
            }
            if key == Key::Plain && matches!(&*name, "value" | "Value" | "val" | "content") {
                (key, named) = level.sibling;
            }
            if key == Key::Plain && name == "v" {
                key = above.unwrap_or(key);
            }
            level.key = key;
            level.named = named;
            level.step = step;
        }
        if let Some(masked) = masked {
            self.names += 1;
            // A pseudonym of the traffic keeps names apart by itself.
            let numbered = match self.look.traffic {
                Some(_) if masked.text.contains('@') => masked.text.clone(),
                Some(_) | None => format!("{} {}", masked.text, self.names),
            };
            let path = self.path();
            self.rewrite.adopt(self.i..end, &path, masked, |_, out| quote(&numbered, out));
        }
        self.i = end;
        self.blanks();
        match at(self.text, self.i) {
            b':' => self.i += 1,
            _ if self.stops_at(self.i) => {}
            _ => return Err(Fault::Malformed),
        }
        Ok(Next::Value)
    }

    fn string_value(&mut self) -> Result<Next, Fault> {
        let (end, plain) = self.string()?;
        if let Some(level) = self.levels.last_mut()
            && matches!(level.step.as_str(), ".name" | ".key" | ".Name" | ".Key" | ".header" | ".field")
        {
            level.sibling = (classify(&plain), self.look.under(&plain).named);
        }
        if let [.., above, level] = self.levels.as_slice()
            && above.row == Row::Names
            && level.step == ".name"
        {
            self.table.name(&plain);
        }
        if let Some(level) = self.levels.last() {
            self.table.see(level.row, level.place, &plain);
        }
        let look = self.look.said(self.named());
        if let Some(field) = self.track().chosen {
            self.put(end, field, &plain, Slot::Text);
        } else if let Some(masked) = value::mask(self.key(), &plain, look) {
            let path = self.path();
            self.rewrite.adopt(self.i..end, &path, masked, quote);
        }
        self.i = end;
        Ok(Next::After)
    }

    /// Puts what stands in for a value that a place of the traffic's fields names.
    fn put(&mut self, end: usize, field: u8, plain: &str, slot: Slot) {
        let Some((kind, text)) = self.look.said(self.named()).place(field, self.key(), plain, slot) else {
            return;
        };
        self.rewrite.found.add(self.path(), kind, "policy".into(), self.i);
        self.rewrite.replace(self.i..end, |out| match (text, slot) {
            (None, _) => out.push_str("null"),
            (Some(text), Slot::Number) if is_number(&text) => out.push_str(&text),
            (Some(text), Slot::Number | Slot::Text) => quote(&text, out),
        });
    }

    /// A number, or `true`, `false`, `null`.
    fn bare_value(&mut self) -> Result<Next, Fault> {
        let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
        let end = run(self.text, self.i, usize::MAX, word);
        let shown = part(self.text, self.i..end);
        if let Some(field) = self.track().chosen {
            let word = matches!(shown, "true" | "false" | "null");
            if !word && !is_number(shown) {
                return Err(Fault::Malformed);
            }
            if shown != "null" {
                self.put(end, field, shown, Slot::Number);
            }
        } else if !matches!(shown, "true" | "false" | "null") {
            if !is_number(shown) && !self.stops_at(end) {
                return Err(Fault::Malformed);
            }
            let key = self.key();
            let named = self.named();
            let known = key != Key::Plain || named != Named::default();
            let telling = shown.len() >= TELLING_NUMBER || (known && shown.len() >= SECRET_NUMBER);
            let look = self.look.said(named).at_number();
            if telling && let Some(masked) = value::mask(key, shown, look) {
                let path = self.path();
                let write = if self.look.speaks() { quote_number } else { bare_number };
                self.rewrite.adopt(self.i..end, &path, masked, write);
            }
        }
        self.i = end;
        Ok(Next::After)
    }

    /// The string at the cursor: where it ends, quotes included, and what it says.
    fn string(&self) -> Result<(usize, Cow<'a, str>), Fault> {
        let start = self.i + 1;
        let mut end = start;
        loop {
            match at(self.text, end) {
                b'"' => break,
                0 if self.stops_at(end) => break,
                b'\\' => end += 2,
                0..=0x1f => return Err(Fault::Malformed),
                _ => end += 1,
            }
        }
        let raw = part(self.text, start..end);
        let plain = if raw.contains('\\') { Cow::Owned(unescape(raw)?) } else { Cow::Borrowed(raw) };
        Ok(((end + 1).min(self.text.len()), plain))
    }

    /// Whether the text was cut at `i`.
    fn stops_at(&self, i: usize) -> bool {
        i >= self.text.len() && self.end == End::Cut
    }

    fn key(&self) -> Key {
        self.levels
            .last()
            .map_or(Key::Plain, |level| self.table.key(level.row, level.place).unwrap_or(level.key))
    }

    /// The plain values of the array at the cursor, if it holds nothing else and is no longer than a row.
    fn cells(&self) -> Option<Vec<Cow<'a, str>>> {
        let mut ahead =
            Self { rewrite: Rewrite::new(""), levels: Vec::new(), table: Table::default(), ..*self };
        let mut cells = Vec::new();
        ahead.i += 1;
        loop {
            ahead.i = run(self.text, ahead.i, 256, |b| b.is_ascii_whitespace());
            let (end, cell) = if at(self.text, ahead.i) == b'"' {
                ahead.string().ok()?
            } else {
                let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
                let end = run(self.text, ahead.i, 64, word);
                (end, Cow::Borrowed(part(self.text, ahead.i..end)))
            };
            if end == ahead.i || cells.len() > LONGEST_ROW || end - self.i > LONGEST_ROW_TEXT {
                return None;
            }
            cells.push(cell);
            ahead.i = run(self.text, end, 256, |b| b.is_ascii_whitespace());
            match at(self.text, ahead.i) {
                b',' => ahead.i += 1,
                b']' => return Some(cells),
                _ => return None,
            }
        }
    }

    fn named(&self) -> Named {
        self.levels.last().map_or(self.look.named, |level| match self.table.column(level.row, level.place) {
            Some(column) => self.look.under(&column).named,
            None => level.named,
        })
    }

    fn path(&self) -> String {
        self.levels.iter().map(|level| level.step.as_str()).collect()
    }
}

fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    digits(whole)
        && !leading_zero
        && digits(fraction)
        && digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
}

/// What a string says. A lone surrogate becomes U+FFFD: it hides nothing and reads as what it is.
fn unescape(raw: &str) -> Result<String, Fault> {
    let mut out = String::with_capacity(raw.len());
    let mut left = raw;
    while let Some(slash) = left.find('\\') {
        out.push_str(part(left, 0..slash));
        let escaped = at(left, slash + 1);
        let mut width = 2;
        match escaped {
            b'"' | b'\\' | b'/' => out.push(char::from(escaped)),
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'u' => {
                let high = unit(left, slash)?;
                width = 6;
                let low = if (0xd800..0xdc00).contains(&high) { unit(left, slash + 6).ok() } else { None };
                let pair = low.filter(|low| (0xdc00..0xe000).contains(low));
                if let Some(low) = pair {
                    width = 12;
                    let code = 0x10000 + ((u32::from(high) - 0xd800) << 10) + (u32::from(low) - 0xdc00);
                    out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                } else {
                    out.push(char::from_u32(u32::from(high)).unwrap_or('\u{fffd}'));
                }
            }
            _ => return Err(Fault::Malformed),
        }
        left = part(left, slash + width..left.len());
    }
    out.push_str(left);
    Ok(out)
}

/// The UTF-16 unit of the `\uXXXX` at `i`.
fn unit(text: &str, i: usize) -> Result<u16, Fault> {
    let digits = part(text, i..i + 6).strip_prefix("\\u").ok_or(Fault::Malformed)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Fault::Malformed);
    }
    u16::from_str_radix(digits, 16).map_err(|_| Fault::Malformed)
}

/// Writes what stands in for a number: a string, or `null` where nothing does.
fn quote_number(text: &str, out: &mut String) {
    if text.is_empty() { out.push_str("null") } else { quote(text, out) }
}

/// Writes what stands in for a number of the traffic: a number, or `null`.
fn bare_number(text: &str, out: &mut String) {
    out.push_str(if is_number(text) { text } else { "null" });
}

/// Writes `text` as a JSON string.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\x1f' => escape(c, out),
            c => out.push(c),
        }
    }
    out.push('"');
}
