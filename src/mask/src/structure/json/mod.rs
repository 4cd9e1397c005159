//! JSON (RFC 8259): strings are unescaped before they are looked at, and everything that can stay is copied byte for byte.
//!
//! The reader does not recurse: nesting lives in a stack with a limit. Several documents one after the other (NDJSON) are
//! read as such. The names of members stay, unless a name itself holds something to mask.
//!
//! What a member is may be told by what stands around it: the name of the object it is in (`name` in `customer`), and its
//! siblings, which may come later (an `email` beside a `name`, `{"value": "x", "type": "phone"}`). Such members are held
//! until the object closes.

mod around;
mod places;
mod seen;
mod strings;

use std::borrow::Cow;

use crate::bytes::{at, part, run};
use crate::custom::Named;
use crate::keys::{Key, Noun, Said, noun};
use crate::marks::CUT;
use crate::masked::{Masked, Rewrite, step};
use crate::masker::Look;
use crate::structure::rows::{Row, Table};
use crate::structure::{Fault, sql, value};
use crate::traffic::{Slot, Track};
use around::{Awaits, Is, Level, MOST_HELD, of_person};
use places::bare_number;
use seen::Seen;
use strings::{is_number, quote, quote_number, unescape};

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
        seen: Seen::default(),
        look,
        end: if mark.is_empty() { End::Whole } else { End::Cut },
    };
    walk.documents()?;
    let mut masked = walk.rewrite.finish();
    masked.text.push_str(mark);
    Ok(masked)
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
    levels: Vec<Level<'a>>,
    /// Masked names so far: they are numbered, so that two of them stay two members.
    names: usize,
    table: Table,
    seen: Seen,
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
                            self.follow(None);
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
        self.tell();
        let plain = Said::NOTHING;
        let (parent, around) = match self.levels.last() {
            Some(level) => (level.name.clone(), level.about),
            None => (Cow::Borrowed(""), Noun::Unknown),
        };
        let (said, named, step, name) = match is {
            Is::Object => (plain, Named::default(), String::new(), Cow::Borrowed("")),
            Is::Array => {
                (Said { key: self.key(), whole: false }, self.named(), "[*]".to_owned(), parent.clone())
            }
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
        let about = match noun(&parent) {
            Noun::Same => around,
            Noun::Unknown if is == Is::Array => around,
            told @ (Noun::Person | Noun::Thing | Noun::Key | Noun::Unknown) => told,
        };
        let track = [self.track(), Track::default()];
        self.levels.push(Level {
            is,
            track,
            parent,
            name,
            said,
            named,
            step,
            label: (Key::Plain, Named::default()),
            about,
            held: Vec::new(),
            row,
            place: 0,
            start: self.i,
        });
        self.i += 1;
        self.follow(None);
        Ok(match is {
            Is::Object => Next::FirstName,
            Is::Array => Next::FirstElement,
        })
    }

    fn close(&mut self, is: Is) -> Result<Next, Fault> {
        match self.levels.pop() {
            Some(level) if level.is == is => {
                self.i += 1;
                if is == Is::Array
                    && let Some(around) = self.levels.last_mut()
                    && around.held.len() < MOST_HELD
                {
                    around.held.extend(level.held);
                }
                Ok(Next::After)
            }
            Some(_) | None => Err(Fault::Malformed),
        }
    }

    fn name(&mut self) -> Result<Next, Fault> {
        let (end, name) = self.string(self.i)?;
        let named = self.look.under(&name).named;
        // `{"f": [{"v": "x"}]}`
        let above = self.levels.iter().nth_back(1).and_then(|above| self.table.key(above.row, above.place));
        let Some(level) = self.levels.last() else { return Err(Fault::Malformed) };
        let (said, masked) = self.seen.name(&level.parent, &name, self.look);
        if let Some(level) = self.levels.last_mut() {
            level.step = step(masked.as_ref().map_or(&name, |masked| &masked.text));
        }
        self.follow(Some(&name));
        if let Some(level) = self.levels.last_mut() {
            level.member(name, said, named, above);
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
        let (end, plain) = self.string(self.i)?;
        self.tell();
        if let [.., above, level] = self.levels.as_slice()
            && above.row == Row::Names
            && level.name == "name"
        {
            self.table.name(&plain);
        }
        if let Some(level) = self.levels.last() {
            self.table.see(level.row, level.place, &plain);
        }
        if plain.contains(['?', '$', '%', ':'])
            && let Some(columns) = sql::parameters(self.look, &plain)
        {
            self.table.statement(columns);
        }
        let said = self.key();
        let about = self.levels.last().map_or(Noun::Unknown, |level| level.about);
        let of_person = of_person(said, &plain);
        let key = of_person.filter(|_| about == Noun::Person).unwrap_or(said);
        if let Some(field) = self.track().chosen {
            self.put(end, field, &plain, Slot::Text);
        } else if let Some(masked) = value::mask(key, &plain, self.look.said(self.named())) {
            let path = self.path();
            self.rewrite.adopt(self.i..end, &path, masked, quote);
        } else if let Some(key) = of_person
            && about == Noun::Unknown
        {
            self.hold(end, key, Awaits::Person);
        } else if self.levels.last().is_some_and(Level::awaits_label) {
            self.hold(end, Key::Plain, Awaits::Label);
        }
        self.label(&plain);
        self.i = end;
        Ok(Next::After)
    }

    /// A number, or `true`, `false`, `null`.
    fn bare_value(&mut self) -> Result<Next, Fault> {
        let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
        let end = run(self.text, self.i, usize::MAX, word);
        let shown = part(self.text, self.i..end);
        if shown == "null" || shown.len() >= TELLING_NUMBER {
            self.tell();
        }
        if let Some(field) = self.track().chosen {
            if !matches!(shown, "true" | "false" | "null") && !is_number(shown) {
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

    /// The string at `start`: where it ends, quotes included, and what it says.
    fn string(&self, start: usize) -> Result<(usize, Cow<'a, str>), Fault> {
        let start = start + 1;
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
            .map_or(Key::Plain, |level| self.table.key(level.row, level.place).unwrap_or(level.said.key))
    }

    /// The plain values of the array at the cursor, if it holds nothing else and is no longer than a row.
    fn cells(&self) -> Option<Vec<Cow<'a, str>>> {
        let mut cells = Vec::new();
        let mut i = self.i + 1;
        loop {
            i = run(self.text, i, 256, |b| b.is_ascii_whitespace());
            let (end, cell) = if at(self.text, i) == b'"' {
                self.string(i).ok()?
            } else {
                let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
                let end = run(self.text, i, 64, word);
                (end, Cow::Borrowed(part(self.text, i..end)))
            };
            if end == i || cells.len() > LONGEST_ROW || end - self.i > LONGEST_ROW_TEXT {
                return None;
            }
            cells.push(cell);
            i = run(self.text, end, 256, |b| b.is_ascii_whitespace());
            match at(self.text, i) {
                b',' => i += 1,
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
