//! Looking for a pattern: all its ways are walked at once, one byte after the other, so no text makes it go back.
//!
//! Of the ways that meet in one position only the one that began first goes on (Pike's machine): at every place where a
//! match ends, the one that began first is known. Of those that began at one place the longest counts. Matches may
//! overlap, and everything that is part of one is to be masked: that is what lets a single walk be enough.

use crate::bytes::{at, before, rest};
use crate::custom::pattern::{Pattern, Takes};
use crate::marks::{CUT, stand_in};

/// A walk through one text.
struct Walk<'a> {
    pattern: &'a Pattern,
    text: &'a str,
    /// The ways that are open: a position that took the byte before, and where the way began; the first began first.
    open: Vec<(u8, usize)>,
    /// Those that may take the byte that comes.
    ready: Vec<(u8, usize)>,
    /// At which place a position was made ready last, plus one.
    seen: Vec<usize>,
    /// Where the match that ends at the place at hand begins.
    ended: Option<usize>,
}

/// Tells `found` where matches lie in `text`. They come in order of their ends. What stands in for a value is no part of
/// any.
pub(super) fn each(pattern: &Pattern, text: &str, found: &mut dyn FnMut(usize, usize)) {
    let mut walk = Walk {
        pattern,
        text,
        open: Vec::new(),
        ready: Vec::new(),
        seen: vec![0; pattern.positions.len()],
        ended: None,
    };
    let mut longest: Option<(usize, usize)> = None;
    let mut i = 0;
    loop {
        if walk.open.is_empty() {
            let bytes = text.as_bytes().get(i..).unwrap_or_default();
            i += bytes.iter().take_while(|b| !pattern.begins.has(**b) && !opens_stand_in(**b)).count();
        }
        let byte = at(text, i);
        let masked = if opens_stand_in(byte) { stand_in(rest(text, i)) } else { None };
        walk.step(i, byte, masked.is_none());
        if let Some(start) = walk.ended.take() {
            match &mut longest {
                Some((begun, end)) if *begun == start => *end = i,
                other => {
                    if let Some((start, end)) = other.replace((start, i)) {
                        found(start, end);
                    }
                }
            }
        }
        if i >= text.len() {
            break;
        }
        i += masked.unwrap_or(1);
    }
    if let Some((start, end)) = longest {
        found(start, end);
    }
}

/// Whether what stands in for a value may begin with this byte.
fn opens_stand_in(b: u8) -> bool {
    b == b'[' || b == at(CUT, 0)
}

impl Walk<'_> {
    /// Goes over the place before `byte`, and over `byte` where it `may` be taken.
    fn step(&mut self, i: usize, byte: u8, may: bool) {
        let open = core::mem::take(&mut self.open);
        for (number, start) in &open {
            if let Some(position) = self.pattern.positions.get(usize::from(*number)) {
                if position.ends {
                    self.ended.get_or_insert(*start);
                }
                for next in &position.next {
                    self.make_ready(*next, *start, i, byte);
                }
            }
        }
        if may && i < self.text.len() {
            for first in &self.pattern.first {
                self.make_ready(*first, i, i, byte);
            }
        }
        self.open = open;
        self.open.clear();
        for (number, start) in self.ready.drain(..) {
            let takes = self.pattern.positions.get(usize::from(number)).map(|position| position.takes);
            if may && matches!(takes, Some(Takes::Byte(class)) if class.has(byte)) {
                self.open.push((number, start));
            }
        }
    }

    /// A way goes on at a position, unless one that began earlier already does. Only positions that take no byte lead on
    /// at once, each once for a place, so this nests no deeper than a pattern has of them.
    fn make_ready(&mut self, number: u8, start: usize, i: usize, byte: u8) {
        let pattern = self.pattern;
        let (Some(position), Some(seen)) =
            (pattern.positions.get(usize::from(number)), self.seen.get_mut(usize::from(number)))
        else {
            return;
        };
        if *seen == i + 1 {
            return;
        }
        *seen = i + 1;
        match position.takes {
            Takes::Byte(_) => self.ready.push((number, start)),
            Takes::Place(place) if place.holds(before(self.text, i), byte) => {
                if position.ends {
                    self.ended.get_or_insert(start);
                }
                for next in &position.next {
                    self.make_ready(*next, start, i, byte);
                }
            }
            Takes::Place(_) => {}
        }
    }
}
