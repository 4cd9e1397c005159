//! Lists in pages.
//!
//! A page ends with a cursor where more may follow. A cursor says after which entry to go on, not how many to skip, so that what
//! comes or goes meanwhile is neither shown twice nor left out. Its form is nobody's business but ours: it is not signed, since
//! whoever makes one up sees nothing that the list does not show anyway.

use axum::{
    Json,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_wire::names::is_task_id;
use serde::Serialize;

use super::problem::Trouble;

/// How many are on a page where nobody says, and at most.
pub(super) const USUAL: usize = 200;
/// The most on one page.
pub(super) const MOST: usize = 1_000;

/// An entry's place in its list: by time, then by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Unix milliseconds of what the list is ordered by.
    pub at_ms: i64,
    /// The entry's id.
    pub id: String,
}

/// Which way a list goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The smallest time first: the most urgent.
    Rising,
    /// The newest first.
    Falling,
}

impl Place {
    /// The text of a cursor for `list`.
    pub(super) fn cursor(&self, list: &str) -> String {
        URL_SAFE_NO_PAD.encode(format!("1\n{list}\n{}\n{}", self.at_ms, self.id))
    }

    /// Reads a cursor that is for `list`.
    ///
    /// # Errors
    /// [`Trouble::Malformed`], where it is none, or another list's.
    pub(super) fn read(cursor: &str, list: &str) -> Result<Self, Trouble> {
        let bad = || {
            Trouble::Malformed(
                "`cursor` is not one that this list gave; begin without one, or repeat the list's own `next`"
                    .to_owned(),
            )
        };
        let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.ok_or_else(bad)?;
        let mut parts = text.split('\n');
        let (Some("1"), Some(named), Some(at), Some(id), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(bad());
        };
        let at_ms = at.parse().map_err(|_| bad())?;
        if named != list || !is_task_id(id) {
            return Err(bad());
        }
        Ok(Self { at_ms, id: id.to_owned() })
    }
}

/// The limit that was asked for, within bounds.
pub(super) fn limit(asked: Option<u32>) -> usize {
    asked.map_or(USUAL, |limit| usize::try_from(limit).unwrap_or(MOST)).clamp(1, MOST)
}

/// Sorts a whole list and cuts one page out of it. Returns the place of its last entry where more follow.
pub(super) fn cut<T>(
    mut all: Vec<T>,
    place: impl Fn(&T) -> Place,
    order: Order,
    after: Option<&Place>,
    limit: usize,
) -> (Vec<T>, Option<Place>) {
    match order {
        Order::Rising => all.sort_by_cached_key(&place),
        Order::Falling => all.sort_by_cached_key(|entry| std::cmp::Reverse(place(entry))),
    }
    if let Some(after) = after {
        all.retain(|entry| match order {
            Order::Rising => place(entry) > *after,
            Order::Falling => place(entry) < *after,
        });
    }
    let more = all.len() > limit;
    all.truncate(limit);
    let next = if more { all.last().map(place) } else { None };
    (all, next)
}

/// A value as it may stand in a query.
pub(super) fn escaped(value: &str) -> String {
    let escape = |b: u8| {
        let plain = b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        if plain { char::from(b).to_string() } else { format!("%{b:02X}") }
    };
    value.bytes().map(escape).collect()
}

/// A page as an answer; where more follow, the `Link` header says where, too (RFC 8288).
pub(super) fn answer(body: &impl Serialize, next: Option<&str>) -> Response {
    let mut answer = Json(body).into_response();
    if let Some(link) = next.and_then(|url| HeaderValue::try_from(format!("<{url}>; rel=\"next\"")).ok()) {
        answer.headers_mut().insert(header::LINK, link);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(at_ms: i64, id: &str) -> Place {
        Place { at_ms, id: id.to_owned() }
    }

    #[test]
    fn a_cursor_is_read_by_the_list_that_gave_it_and_by_no_other() {
        let cursor = place(7, "arq_1").cursor("decided");
        assert_eq!(Place::read(&cursor, "decided").unwrap(), place(7, "arq_1"));
        assert!(Place::read(&cursor, "waiting").is_err());
        for bad in ["", "x", "MQ", "\u{0}", &URL_SAFE_NO_PAD.encode("1\ndecided\n7\n../x")] {
            assert!(Place::read(bad, "decided").is_err(), "{bad}");
        }
    }

    #[test]
    fn pages_leave_nothing_out_and_show_nothing_twice_while_entries_come_and_go() {
        let entry = |n: i64| place(n / 2, &format!("arq_{n}"));
        let mut all: Vec<Place> = (0..10).map(entry).collect();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let (page, next) = cut(all.clone(), Place::clone, Order::Falling, after.as_ref(), 3);
            seen.extend(page);
            // One that was shown goes, and one that is newer than all comes.
            all.remove(all.len() - 1);
            all.push(place(100, "arq_new"));
            let Some(next) = next else { break };
            after = Some(next);
        }
        let mut wanted: Vec<Place> = (0..10).map(entry).collect();
        wanted.reverse();
        assert_eq!(seen, wanted);
    }
}
