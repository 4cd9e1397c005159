//! HTTP credentials in running text: `Bearer x`, `Basic x` (RFC 6750, RFC 7617).

use crate::bytes::{is_token68, part, rest, run, starts_with_any_case};
use crate::detect::{Scan, wrapped};
use crate::kind::Kind;
use crate::looks;
use crate::marks::Marks;

/// Outside of an `Authorization` header these are also ordinary words, so what follows must look like a credential.
pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let (word, detector) = [("bearer", "bearer_token"), ("basic", "basic_credentials")]
        .into_iter()
        .find(|(word, _)| starts_with_any_case(rest(text, i), word))?;
    let gap = i + word.len();
    let start = if rest(text, gap).starts_with("%20") { gap + 3 } else { run(text, gap, 8, |b| b == b' ') };
    if start == gap {
        return None;
    }
    let bare = run(text, start, usize::MAX, is_token68);
    let end = run(text, bare, 4, |b| b == b'=');
    let value = part(text, start..end).trim_end_matches('.');
    let credential = match word {
        "basic" => wrapped::decode(value).is_some_and(|plain| plain.contains(':')),
        _ => {
            value.len() >= 8 && value.bytes().any(|b| b.is_ascii_digit())
                || looks::random(value)
                || value.len() >= 20
        }
    };
    if !credential {
        return None;
    }
    marks.add(start..start + value.len(), Kind::Secret, detector);
    Some(start + value.len())
}
