//! The words of a name, each in lower case. Nothing here allocates.

use super::table::LONGEST;

/// Whether a word that no table knows has the ending of a verb: `sanitize_list` may well write.
pub(super) fn looks_like_a_verb(word: &str) -> bool {
    let noun = word.ends_with("size")
        || matches!(word, "template" | "private" | "candidate" | "enterprise" | "coordinate");
    word.len() > 5 && !noun && ["ate", "ize", "ise", "ify"].iter().any(|ending| word.ends_with(ending))
}

/// A number, or the number of a version: no word.
pub(super) fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix(['v', 'V']).unwrap_or(word);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// A word in lower case, on the stack. A longer word is cut: it is in no table.
pub(super) struct Lower {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Lower {
    pub(super) fn of(word: &str) -> Self {
        let mut bytes = [0; LONGEST];
        let fits = word.len() <= LONGEST;
        for (to, from) in bytes.iter_mut().zip(word.bytes()) {
            *to = from.to_ascii_lowercase();
        }
        Self { bytes, length: if fits { word.len() } else { 0 } }
    }

    pub(super) fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// The words of a name: split at everything that is no letter or digit, and at camel humps.
pub(super) fn words(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let start = rest.find(|c: char| c.is_ascii_alphanumeric())?;
        let tail = rest.get(start..)?;
        let end = word_end(tail.as_bytes());
        rest = tail.get(end..)?;
        tail.get(..end)
    })
}

/// Where the first word of `bytes` ends: before a hump (`getUser`), before the last capital of a run (`HTTPServer`).
fn word_end(bytes: &[u8]) -> usize {
    let at = |place: usize| bytes.get(place).copied().unwrap_or(b' ');
    let mut end = 1;
    while at(end).is_ascii_alphanumeric() {
        let hump = at(end).is_ascii_uppercase() && !at(end - 1).is_ascii_uppercase();
        let run = at(end).is_ascii_uppercase()
            && at(end - 1).is_ascii_uppercase()
            && at(end + 1).is_ascii_lowercase();
        if hump || run {
            break;
        }
        end += 1;
    }
    end
}
