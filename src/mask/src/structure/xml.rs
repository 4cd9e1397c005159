//! Markup wherever it stands in a text: XML 1.0, SOAP, SAML, plists, HTML.
//!
//! A forward reader of tags, not a parser: it knows which elements are open, so that a text belongs to its element and an
//! attribute to its name, and it takes what is not well-formed as it comes. A name may also be said beside its value: `<add
//! key="password" value="x"/>`, `<property name="password">x</property>`, `<key>password</key><string>x</string>`,
//! `<th>Password</th><td>x</td>`, `<b>Password:</b> x`. Character references and CDATA are read before anything is judged;
//! of declarations nothing is expanded or fetched. Nesting lives in a stack with a limit.
//!
//! What no name tells is left to the detectors, who read all of it anyway. What this reader cannot know: what a style sheet
//! or a script makes of a page.

use core::ops::Range;

use crate::bytes::{at, part, rest, run};
use crate::custom::Named;
use crate::keys::{Key, Noun, classify, inside, noun};
use crate::kind::Kind;
use crate::looks;
use crate::masked::step;
use crate::structure::cells::{Cells, Spelling};
use crate::structure::value;

/// Most elements that are told apart from those around them; what is nested deeper belongs to the last of these.
const DEEPEST: usize = 64;

/// Elements and attributes that say what the value beside them is, and those that hold that value.
const NAMING: &[&str] =
    &["name", "key", "id", "th", "dt", "label", "property", "field", "attributename", "n"];
const VALUES: &[&str] = &[
    "value",
    "val",
    "v",
    "string",
    "text",
    "content",
    "data",
    "item",
    "integer",
    "td",
    "dd",
    "attributevalue",
    "literal",
    "_",
    "defaultvalue",
    "newvalue",
    "oldvalue",
];

/// HTML's elements without an end.
const VOID: &[&str] = &["br", "hr", "img", "input", "meta"];

/// An element that is open.
struct Level {
    name: Range<usize>,
    /// What its name, or the name beside it, says of its text.
    key: Key,
    /// How long the path to its parent is.
    path: usize,
    /// What the last element in it that names says of the next that holds a value.
    sibling: Key,
    /// Whom a plain `name` in it is of, and one that waits for the element that tells, with the length of its path.
    about: Noun,
    held: Option<(Range<usize>, usize)>,
}

/// Whether a tag, a comment or a declaration begins at the `<` at `i`.
pub(super) fn begins(text: &str, i: usize) -> bool {
    let ends = at(text, run(text, i + 1, 64, is_name));
    let tag = is_first(at(text, i + 1)) && (ends.is_ascii_whitespace() || matches!(ends, b'>' | b'/'));
    tag || rest(text, i).starts_with("<?xml") || rest(text, i).starts_with("<!")
}

/// Reads the markup at `start` and answers where its first element ends; nothing where it does not.
pub(super) fn read(cells: &mut Cells<'_>, start: usize) -> Option<usize> {
    let text = cells.text;
    let (levels, path) = (Vec::new(), String::new());
    let mut reader = Reader { text, cells, i: start, levels, path, label: Key::Plain, deeper: 0, tags: 0 };
    while reader.i < reader.text.len() {
        reader.step();
        if reader.tags > 0 && reader.levels.is_empty() {
            return Some(reader.i);
        }
    }
    None
}

struct Reader<'c, 'a> {
    cells: &'c mut Cells<'a>,
    text: &'a str,
    i: usize,
    levels: Vec<Level>,
    path: String,
    /// What the text before says of this one: `Password:`.
    label: Key,
    /// Elements that are open beyond the limit.
    deeper: usize,
    /// Tags so far.
    tags: usize,
}

impl Reader<'_, '_> {
    fn step(&mut self) {
        let left = rest(self.text, self.i);
        let until = |mark: &str| left.find(mark).map_or(self.text.len(), |length| self.i + length);
        if left.starts_with("<!--") {
            let end = until("-->");
            self.value(self.path.len(), ("", Key::Plain), self.i + 4..end, Spelling::Raw);
            self.i = (end + 3).min(self.text.len());
        } else if left.starts_with("<![CDATA[") {
            let end = until("]]>");
            let key = self.levels.last().map_or(Key::Plain, |level| level.key);
            self.content(key, self.i + 9..end, Spelling::Raw);
            self.i = (end + 3).min(self.text.len());
        } else if left.starts_with("</") {
            self.close();
        } else if left.starts_with('<') && (is_first(at(left, 1)) || matches!(at(left, 1), b'?' | b'!')) {
            self.open();
        } else {
            let raw = self
                .levels
                .last()
                .is_some_and(|level| matches!(part(self.text, level.name.clone()), "script" | "style"));
            // A `<` that begins no tag is text.
            let skip = usize::from(left.starts_with('<'));
            let length =
                if raw { left.find("</") } else { rest(left, skip).find('<').map(|length| length + skip) };
            let end = length.map_or(self.text.len(), |length| self.i + length);
            self.text(end);
            self.i = end;
        }
    }

    /// The tag at the cursor.
    fn open(&mut self) {
        let name_start = self.i + 1;
        self.i = run(self.text, name_start, 256, is_name).max(name_start + 1);
        let name = name_start..self.i;
        let attributes = self.attributes();
        let empty = at(self.text, self.i) == b'/';
        let end = run(self.text, self.i, 2, |b| matches!(b, b'/' | b'>' | b'?'));
        self.i = if at(self.text, self.i) == b'<' { self.i } else { end };

        let shown = local(part(self.text, name.clone()));
        let declaration = matches!(at(self.text, name_start), b'?' | b'!');
        let (mut beside, mut told) = (Key::Plain, Key::Plain);
        for (attribute, value) in &attributes {
            let attribute = part(self.text, attribute.clone());
            if is_one_of(NAMING, attribute) && beside == Key::Plain {
                beside = classify(part(self.text, value.clone()));
                if beside == Key::Name {
                    beside = Key::Maybe(Kind::Name);
                }
                // What a page calls an element says nothing of the text in it.
                told = if attribute.eq_ignore_ascii_case("id") { Key::Plain } else { beside };
            }
        }
        let path = self.path.len();
        // A name that long may hold something itself.
        let masked = (shown.len() > 15).then(|| value::mask(Key::Plain, shown, self.cells.look)).flatten();
        self.path.push_str(&step(masked.as_ref().map_or(shown, |masked| &masked.text)));
        let parent = self.levels.last();
        let around = parent.map_or(Noun::Unknown, |level| level.about);
        let above = local(parent.map_or("", |level| part(self.text, level.name.clone())));
        let mut about = match noun(shown) {
            Noun::Same => around,
            told @ (Noun::Person | Noun::Thing | Noun::Key | Noun::Unknown) => told,
        };
        let says = |attribute: &Range<usize>| inside(shown, local(part(self.text, attribute.clone())));
        if about == Noun::Unknown && attributes.iter().any(|(attribute, _)| says(attribute).is_personal()) {
            about = Noun::Person;
        }
        let said = inside(above, shown);
        for (attribute, value) in attributes {
            let name = part(self.text, attribute.clone());
            let key = match says(&attribute).key {
                Key::Plain if is_one_of(VALUES, name) => beside,
                Key::Name if about == Noun::Person && looks::person(part(self.text, value.clone()), 1) => {
                    Key::Holds(Kind::Name)
                }
                own => own,
            };
            self.value(self.path.len(), (name, key), value, Spelling::Entities);
        }
        if said.is_personal() {
            self.tell();
        }
        self.tags += usize::from(!declaration);
        if declaration || empty || VOID.iter().any(|void| shown.eq_ignore_ascii_case(void)) {
            self.path.truncate(path);
            return;
        }
        if self.levels.len() >= DEEPEST {
            self.deeper += 1;
            self.path.truncate(path);
            return;
        }
        let key = match (said.key, self.levels.last()) {
            (Key::Plain, _) if told != Key::Plain => told,
            (Key::Plain, Some(parent)) if is_one_of(VALUES, shown) && parent.sibling != Key::Plain => {
                parent.sibling
            }
            (Key::Plain, Some(Level { key, .. })) if is_one_of(VALUES, shown) => *key,
            (own, _) => own,
        };
        self.levels.push(Level { name, key, path, sibling: Key::Plain, about, held: None });
    }

    /// An element says that the one it is in is about a person, and so whose the name in that is.
    fn tell(&mut self) {
        if let Some(level) = self.levels.last_mut()
            && level.about == Noun::Unknown
        {
            level.about = Noun::Person;
            if let Some((range, path)) = level.held.take() {
                self.value(path, ("name", Key::Holds(Kind::Name)), range, Spelling::Entities);
            }
        }
    }

    /// The attributes of the tag at the cursor, each name with its value, and the cursor behind them. In a declaration the
    /// word before a value is its name: `<!ENTITY password "x">`.
    fn attributes(&mut self) -> Vec<(Range<usize>, Range<usize>)> {
        const MOST: usize = 256;
        let mut found = Vec::new();
        let mut name = self.i..self.i;
        let mut valued = false;
        while self.i < self.text.len() && found.len() < MOST {
            let byte = at(self.text, self.i);
            let start = self.i;
            match byte {
                b'>' | b'<' => break,
                b'/' | b'?' if at(self.text, start + 1) == b'>' => break,
                b'=' => {
                    valued = true;
                    self.i += 1;
                }
                b'"' | b'\'' => {
                    let closes = rest(self.text, start + 1).find(char::from(byte));
                    let end = closes.map_or(self.text.len(), |length| start + 1 + length);
                    found.push((name.clone(), start + 1..end));
                    (self.i, valued) = (end + 1, false);
                }
                b if b.is_ascii_whitespace() => self.i += 1,
                _ => {
                    self.i = run(self.text, start, usize::MAX, |b| {
                        !b.is_ascii_whitespace() && !matches!(b, b'=' | b'>' | b'<' | b'"' | b'\'')
                    });
                    // `href=/a/>`: the slash may be the end of either, and hides nothing.
                    if valued {
                        found.push((name.clone(), start..self.i));
                    } else {
                        name = start..self.i;
                    }
                    valued = false;
                }
            }
        }
        self.i = self.i.min(self.text.len());
        found
    }

    /// The end tag at the cursor closes the last element of its name, and those left open inside it.
    fn close(&mut self) {
        let start = self.i + 2;
        let end = run(self.text, start, 256, is_name);
        let name = part(self.text, start..end);
        self.i = rest(self.text, end).find(['>', '<']).map_or(self.text.len(), |length| end + length);
        self.i += usize::from(at(self.text, self.i) == b'>');
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        let same = |level: &Level| part(self.text, level.name.clone()).eq_ignore_ascii_case(name);
        if let Some(place) = self.levels.iter().rposition(same) {
            self.path.truncate(self.levels.get(place).map_or(0, |level| level.path));
            self.levels.truncate(place);
        }
    }

    /// The text up to `end`: the value of its element if that ends there, and perhaps the name of another.
    fn text(&mut self, end: usize) {
        let raw = part(self.text, self.i..end);
        let shown = raw.trim();
        if shown.is_empty() {
            return;
        }
        let start = self.i + (raw.len() - raw.trim_start().len());
        let ends =
            rest(self.text, end).starts_with("</") || (end >= self.text.len() && self.levels.len() > 1);
        let key = self.levels.last().map_or(Key::Plain, |level| level.key);
        let key = match key {
            _ if !ends => Key::Plain,
            Key::Plain if !shown.contains(' ') => self.label,
            // A signature is written over several lines.
            Key::Perhaps if looks::random(&shown.split_ascii_whitespace().collect::<String>()) => Key::SECRET,
            key => key,
        };
        let names = !shown.contains('\n') && shown.len() < 64;
        self.label = if names && shown.ends_with(':') { classify(shown) } else { Key::Plain };
        if let [.., parent, level] = self.levels.as_mut_slice()
            && is_one_of(NAMING, local(part(self.text, level.name.clone())))
        {
            parent.sibling = if names { classify(shown) } else { Key::Plain };
        }
        let range = start..start + shown.len();
        let key = match key {
            Key::Name if looks::person(shown, 1) => match self.levels.as_mut_slice() {
                [.., Level { about: Noun::Person, .. }, _] => Key::Holds(Kind::Name),
                [.., parent @ Level { about: Noun::Unknown, .. }, level] => {
                    parent.held = Some((range.clone(), level.path));
                    Key::Name
                }
                _ => Key::Plain,
            },
            key => key,
        };
        self.content(key, range, Spelling::Entities);
    }

    /// Masks what an element holds.
    fn content(&mut self, key: Key, range: Range<usize>, spelling: Spelling) {
        let level = self.levels.last();
        let path = level.map_or(0, |level| level.path);
        let name = local(level.map_or("", |level| part(self.text, level.name.clone())));
        self.value(path, (name, key), range, spelling);
    }

    /// Masks a value at the path of that length, unless the detectors see all there is to see of it anyway.
    fn value(&mut self, path: usize, (name, key): (&str, Key), range: Range<usize>, spelling: Spelling) {
        let raw = part(self.text, range.clone());
        let escaped = spelling == Spelling::Entities && raw.contains('&');
        let structured = raw.trim_start().starts_with(['{', '[', '<', '"']);
        let said = self.cells.look.under(name).named != Named::default();
        if key != Key::Plain || escaped || structured || said {
            self.cells.add(part(&self.path, 0..path), (name, key), range, spelling);
        }
    }
}

/// A name without its namespace's prefix.
fn local(name: &str) -> &str {
    let prefix = name.bytes().rev().take_while(|b| *b != b':').count();
    rest(name, name.len() - prefix)
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    let name = local(name);
    names.iter().any(|one| one.len() == name.len() && name.eq_ignore_ascii_case(one))
}

fn is_first(b: u8) -> bool {
    b.is_ascii_alphabetic() || b == b'_' || b >= 0x80
}

fn is_name(b: u8) -> bool {
    is_first(b) || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b':' | b'!' | b'?')
}
