//! Globs: `*` is any run of characters but `/`, `**` any run at all, everything else is itself.

use super::{BadPattern, Reading};

/// A compiled glob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Byte(u8),
    /// `*`
    Star,
    /// `**`
    Stars,
}

impl Glob {
    /// Compiles a glob.
    ///
    /// # Errors
    /// [`BadPattern::Empty`].
    pub fn new(text: &str) -> Result<Self, BadPattern> {
        let mut pieces: Vec<Piece> = Vec::with_capacity(text.len());
        for byte in text.bytes() {
            match (byte, pieces.last_mut()) {
                (b'*', Some(last @ (Piece::Star | Piece::Stars))) => *last = Piece::Stars,
                (b'*', _) => pieces.push(Piece::Star),
                (byte, _) => pieces.push(Piece::Byte(byte)),
            }
        }
        if pieces.is_empty() { Err(BadPattern::Empty) } else { Ok(Self { pieces }) }
    }

    /// Whether it names anything: some character besides stars.
    pub fn names_something(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Byte(_)))
    }

    /// Whether `text` is of this pattern, in time proportional to both at worst.
    pub fn matches(&self, text: &str, reading: Reading) -> bool {
        let text = text.as_bytes();
        let same = |a: u8, b: u8| match reading {
            Reading::Guarding => a.eq_ignore_ascii_case(&b),
            Reading::Releasing => a == b,
        };
        let (mut piece, mut at) = (0, 0);
        // Where to go on when a star takes one character more: after which piece, from which place.
        let mut star: Option<(usize, usize)> = None;
        let mut stars: Option<(usize, usize)> = None;
        loop {
            match (self.pieces.get(piece), text.get(at)) {
                (None, None) => return true,
                (Some(Piece::Star), _) => {
                    piece += 1;
                    star = Some((piece, at));
                }
                (Some(Piece::Stars), _) => {
                    piece += 1;
                    stars = Some((piece, at));
                    star = None;
                }
                (Some(Piece::Byte(wanted)), Some(found)) if same(*wanted, *found) => {
                    piece += 1;
                    at += 1;
                }
                (Some(Piece::Byte(_)) | None, _) => match (star, stars) {
                    (Some((next, place)), _) if text.get(place).is_some_and(|byte| *byte != b'/') => {
                        star = Some((next, place + 1));
                        (piece, at) = (next, place + 1);
                    }
                    (_, Some((next, place))) if place < text.len() => {
                        stars = Some((next, place + 1));
                        star = None;
                        (piece, at) = (next, place + 1);
                    }
                    _ => return false,
                },
            }
        }
    }
}
