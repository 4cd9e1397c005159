//! A field's name as its words: lower case, without accents, `_` between them.
//!
//! Words end at punctuation and where the case rises (`dbPassword`, `APIKey`). Accents go, so that `contraseña`,
//! `CONTRASEÑA` and `contrasena` are one name. What it does not know: where words end in `phonenumber`; the table holds
//! such names joined, whichever way they are written.

use crate::bytes::at;
use crate::keys::{LONGEST_NAME, is_letter};

/// Room for a name and the last words of the name around it, with a `_` wherever the case rises.
const ROOM: usize = 224;

/// Most of an enclosing name that counts.
const LONGEST_PARENT: usize = 48;

pub(super) struct Words {
    bytes: [u8; ROOM],
    length: usize,
    /// Where the innermost name begins: after the enclosing one, or after a `.` or `[` in it.
    pub(super) own: usize,
}

impl Words {
    /// The words of `name`, which stands inside of something called `parent`.
    pub(super) fn new(parent: &str, name: &str) -> Self {
        let mut words = Self { bytes: [0; ROOM], length: 0, own: 0 };
        if name.len() <= LONGEST_NAME {
            words.add(
                parent
                    .get(parent.ceil_char_boundary(parent.len().saturating_sub(LONGEST_PARENT))..)
                    .unwrap_or(""),
            );
            words.gap();
            words.own = words.length;
            words.add(name);
            words.length -= usize::from(words.bytes().ends_with(b"_"));
            if words.own >= words.length {
                words.own = 0;
            }
        }
        words
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn push(&mut self, c: char) {
        let mut bytes = [0; 4];
        let bytes = c.encode_utf8(&mut bytes).as_bytes();
        if let Some(place) = self.bytes.get_mut(self.length..self.length + bytes.len()) {
            place.copy_from_slice(bytes);
            self.length += bytes.len();
        }
    }

    fn gap(&mut self) {
        if self.length > 0 && !self.bytes().ends_with(b"_") {
            self.push('_');
        }
    }

    fn add(&mut self, name: &str) {
        let mut chars = name.chars().peekable();
        let mut previous = '_';
        while let Some(c) = chars.next() {
            if is_letter(c) && c != '\u{200c}' {
                let rises = c.is_ascii_uppercase()
                    && (previous.is_ascii_lowercase()
                        || previous.is_ascii_digit()
                        || (previous.is_ascii_uppercase()
                            && chars.peek().is_some_and(char::is_ascii_lowercase)));
                if rises {
                    self.gap();
                }
                if let Some(c) = fold(c) {
                    self.push(c);
                }
            } else {
                self.gap();
                if matches!(c, '.' | '[' | '/' | ':') {
                    self.own = self.length;
                }
            }
            previous = c;
        }
    }
}

/// The letters of U+00C0 to U+017F without their accents and in lower case.
const LATIN: &str = concat!(
    "aaaaaaaceeeeiiiidnooooo_ouuuuyts",
    "aaaaaaaceeeeiiiidnooooo_ouuuuyty",
    "aaaaaaccccccccddddeeeeeeeeeegggg",
    "gggghhhhiiiiiiiiiiiijjkkklllllll",
    "lllnnnnnnnnnoooooooorrrrrrssssss",
    "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs",
);

/// Lower case without accents, in the alphabets that the tables use; no Unicode tables, which would be a tenth of this
/// crate's size. None for a mark that only adds to the letter before it.
pub(super) fn fold(c: char) -> Option<char> {
    let code = u32::from(c);
    let moved = |by: u32| char::from_u32(code + by).unwrap_or(c);
    Some(match c {
        '\0'..='\x7f' => c.to_ascii_lowercase(),
        '\u{c0}'..='\u{17f}' => usize::try_from(code - 0xc0).map_or(c, |place| char::from(at(LATIN, place))),
        'Ơ' | 'ơ' | 'Ọ'..='ợ' => 'o',
        'Ư' | 'ư' | 'Ụ'..='ự' => 'u',
        'Ș' | 'ș' => 's',
        'Ț' | 'ț' => 't',
        'Ạ'..='ặ' => 'a',
        'Ẹ'..='ệ' => 'e',
        'Ỉ'..='ị' => 'i',
        'Ỳ'..='ỹ' => 'y',
        '\u{300}'..='\u{36f}' => return None,
        'ά' | 'Ά' => 'α',
        'έ' | 'Έ' => 'ε',
        'ή' | 'Ή' => 'η',
        'ί' | 'Ί' => 'ι',
        'ό' | 'Ό' => 'ο',
        'ύ' | 'Ύ' => 'υ',
        'ώ' | 'Ώ' => 'ω',
        'ς' => 'σ',
        'Ё' | 'ё' => 'е',
        'А'..='Я' | 'Α'..='Ω' => moved(32),
        'Ѐ'..='Џ' => moved(80),
        'Ґ' => 'ґ',
        'Ա'..='Ֆ' => moved(48),
        _ => c,
    })
}
