//! Where in a document the fields of a rule lead that has traffic anonymised; and what is put there.

use crate::structure::json::around::Is;
use crate::structure::json::strings::{is_number, quote};
use crate::structure::json::{Level, Walk};
use crate::traffic::{Slot, Step, Track};

impl Walk<'_> {
    /// Follows the places one step down, to the member or element at hand.
    pub(super) fn follow(&mut self, name: Option<&str>) {
        let depth = self.levels.len().saturating_sub(1);
        if let (Some(traffic), Some(level)) = (self.look.traffic, self.levels.last_mut()) {
            let step = match (name, level.is) {
                (Some(name), _) => Step::Name(name),
                (None, Is::Array) => Step::Item(level.place),
                (None, Is::Object) => return,
            };
            let [whole, _] = level.track;
            level.track = [whole, traffic.fields.after(whole, depth, step)];
        }
    }

    /// What the fields make of the value at hand.
    pub(super) fn track(&self) -> Track {
        self.levels.last().map_or_else(|| self.look.places(), Level::track)
    }

    /// Puts what stands in for a value that a place of the fields names.
    pub(super) fn put(&mut self, end: usize, field: u8, plain: &str, slot: Slot) {
        let look = self.look.said(self.named());
        let Some((kind, text)) = look.place(field, self.key(), plain, slot) else { return };
        self.rewrite.found.add(self.path(), kind, "policy".into(), self.i);
        self.rewrite.replace(self.i..end, |out| match (text, slot) {
            (None, _) => out.push_str("null"),
            (Some(text), Slot::Number) if is_number(&text) => out.push_str(&text),
            (Some(text), Slot::Number | Slot::Text) => quote(&text, out),
        });
    }
}

/// Writes what stands in for a number of the traffic: a number, or `null`.
pub(super) fn bare_number(text: &str, out: &mut String) {
    out.push_str(if is_number(text) { text } else { "null" });
}
