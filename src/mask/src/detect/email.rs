//! E-mail addresses (RFC 5321, RFC 6531), also with the sign as forms (`%40`), pages (`&#64;`) and escaped strings
//! (`\u0040`) write it.
//!
//! What is no address stays: names of files (`icon@2x.png`), packages, hosts without a domain, users in URLs.

use crate::bytes::{at, before, part, rest, run, run_back};
use crate::detect::Scan;
use crate::kind::Kind;
use crate::marks::Marks;

/// Endings of files, and of units, that are no top-level domains (or hardly anybody's).
const FILES: &str = "png jpg jpeg gif svg webp ico css js mjs ts tsx jsx json yaml yml toml xml html htm md txt csv pdf log lock tgz gz \
    tar whl jar go java cpp service socket timer target mount slice scope path local internal localhost";

/// The local part (RFC 5321: 64 octets) and the domain must be there, and the last label must be letters:
/// `user@host`, `package@1.2.3` and `git@host:repository` are no addresses.
pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let sign = ["@", "%40", "&#64;", "&#x40;", "&commat;", "\\u0040"]
        .into_iter()
        .find(|sign| rest(text, i).starts_with(sign))?;
    let width = sign.len();
    let allowed = |b: u8| {
        b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'')
    };
    let mut start = run_back(text, i, 64, allowed);
    while matches!(at(text, start), b'.' | b'\'' | b'-' | b'%') && start < i {
        start += 1;
    }
    // `\n` in text that was escaped once more is not part of the address.
    if before(text, start) == b'\\' && matches!(at(text, start), b'n' | b't' | b'r') && start + 1 < i {
        start += 1;
    }
    while !text.is_char_boundary(start) {
        start += 1;
    }
    // `"John Doe"@example.org`
    if start == i && before(text, i) == b'"' {
        let open =
            run_back(text, i - 1, 64, |b| b.is_ascii() && !matches!(b, b'"' | b'\n' | b'\\' | b':' | b','));
        start = if before(text, open) == b'"' && open + 1 < i { open - 1 } else { i };
    }
    let domain = i + width;
    let wanted: fn(u8) -> bool = match sign {
        "@" => |b| b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'.' | b'-'),
        _ => |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'%'),
    };
    let mut end = run(text, domain, 253, wanted);
    while end > domain && matches!(before(text, end), b'.' | b'-') {
        end -= 1;
    }
    end = text.floor_char_boundary(end);
    let name = text.get(domain..end)?;
    let (host, top) = name.rsplit_once('.')?;
    let top_is_name = top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic() || b >= 0x80);
    let good = top_is_name || top.starts_with("xn--");
    let file = FILES.split(' ').any(|ending| top.eq_ignore_ascii_case(ending));
    if start == i || file || host.is_empty() || host.starts_with(['.', '-']) || host.contains("..") || !good {
        return None;
    }
    let local = part(text, start..i);
    let user = local.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-'));
    if (at(text, end) == b':' && local == "git")
        || (user && part(text, start.saturating_sub(2)..start) == "//")
    {
        return Some(end);
    }
    marks.add(start..end, Kind::Email, "email");
    Some(end)
}
