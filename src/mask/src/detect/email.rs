//! E-mail addresses, also with `%40` for the sign, as forms write them.

use crate::bytes::{at, before, rest, run, run_back};
use crate::detect::Scan;
use crate::kind::Kind;
use crate::marks::Marks;

/// The local part (RFC 5321: 64 octets) and the domain must be there, and the last label must be letters:
/// `user@host`, `package@1.2.3` and `git@host:repository` are no addresses.
pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let width = match at(text, i) {
        b'@' => 1,
        _ if rest(text, i).starts_with("%40") => 3,
        _ => return None,
    };
    let local = |b: u8| {
        b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'')
    };
    let mut start = run_back(text, i, 64, local);
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
    let domain = i + width;
    let wanted: fn(u8) -> bool = match width {
        1 => |b| b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'.' | b'-'),
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
    if start == i || host.is_empty() || host.starts_with(['.', '-']) || host.contains("..") || !good {
        return None;
    }
    if at(text, end) == b':' && text.get(start..i) == Some("git") {
        return Some(end);
    }
    marks.add(start..end, Kind::Email, "email");
    Some(end)
}
