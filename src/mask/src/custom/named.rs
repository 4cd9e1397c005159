//! What a policy says of the name of a field.

use crate::keys::{LONGEST_NAME, ends_with_words, words};
use crate::kind::Kind;

/// What a policy's own words say of the name that a value stands under.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) own: Own,
    /// The detectors, by number, one of whose keywords is in it.
    pub(super) near: u32,
}

/// What a policy says that a field holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Own {
    /// It says nothing.
    #[default]
    Nothing,
    /// Nothing that its name gives away.
    Plain,
    /// A value of this kind, whatever it looks like.
    Holds(Kind),
}

impl Named {
    pub(super) fn is_near(self, detector: usize) -> bool {
        self.near >> detector & 1 == 1
    }
}

/// What `names` say of `name`: exactly this name, else the longest that it ends with.
pub(super) fn own(names: &[(String, Option<Kind>)], name: &str) -> Own {
    if names.is_empty() || name.len() > LONGEST_NAME {
        return Own::Nothing;
    }
    let words = words(name);
    let fits = |(own, holds): &&(String, Option<Kind>)| {
        *own == words || (holds.is_some() && ends_with_words(&words, own))
    };
    match names.iter().filter(fits).max_by_key(|(own, _)| own.len()) {
        None => Own::Nothing,
        Some((_, None)) => Own::Plain,
        Some((_, Some(kind))) => Own::Holds(*kind),
    }
}
