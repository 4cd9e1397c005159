//! Tokens that are known by their middle: Telegram bots (`123456789:AA...`), Azure client secrets (`abc8Q~...`).

use crate::bytes::{at, is_url_safe, run, run_back};
use crate::detect::Scan;
use crate::kind::Kind;
use crate::marks::Marks;

/// `i` is at the `:` or the `~`.
pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let (start, end, detector) = match at(text, i) {
        b':' if at(text, i + 1) == b'A' => {
            let start = run_back(text, i, 11, |b| b.is_ascii_digit());
            let end = run(text, i + 1, 64, is_url_safe);
            ((8..=10).contains(&(i - start)) && (33..=40).contains(&(end - i - 1))).then_some((
                start,
                end,
                "telegram_token",
            ))
        }
        b'~' => {
            let wide = |b: u8| is_url_safe(b) || matches!(b, b'~' | b'.');
            let start = run_back(text, i, 5, wide);
            let end = run(text, i + 1, 64, wide);
            let marked = at(text, i.checked_sub(1)?) == b'Q' && at(text, i.checked_sub(2)?).is_ascii_digit();
            (marked && i - start == 5 && (31..=40).contains(&(end - i - 1))).then_some((
                start,
                end,
                "azure_client_secret",
            ))
        }
        _ => None,
    }?;
    marks.add(start..end, Kind::Secret, detector);
    Some(end)
}
