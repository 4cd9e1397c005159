//! Values that a policy knows to be harmless.

/// A value, or all values of one shape: `*` is any run of characters, everything else is itself. It is the whole value that
/// must fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed(String);

/// Least characters besides `*`, or it would let too much stay.
pub const LEAST_ALLOWED: usize = 4;

impl Allowed {
    /// `None` where fewer than [`LEAST_ALLOWED`] characters besides `*` are written.
    pub fn new(text: &str) -> Option<Self> {
        let fixed = text.chars().filter(|c| *c != '*').count();
        (fixed >= LEAST_ALLOWED).then(|| Self(text.to_owned()))
    }

    /// Whether `value` is one. Each piece between stars is taken at its first place: with no other wildcards that misses
    /// nothing.
    pub(super) fn is(&self, value: &str) -> bool {
        let Some((first, rest)) = self.0.split_once('*') else { return self.0 == value };
        let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
        let Some(value) = value.strip_prefix(first).and_then(|value| value.strip_suffix(last)) else {
            return false;
        };
        let mut pieces = middle.split('*');
        pieces.try_fold(value, |left, piece| left.split_once(piece).map(|(_, left)| left)).is_some()
    }
}
