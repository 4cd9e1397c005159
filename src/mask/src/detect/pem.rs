//! PEM private key blocks (RFC 7468) and PGP ones. Certificates and public keys stay.

use crate::bytes::{before, rest};
use crate::detect::Scan;
use crate::kind::Kind;
use crate::marks::Marks;

/// A block whose end is missing is masked to the end of the text: half a key is a key.
pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    if before(scan.text, i) == b'-' {
        return None;
    }
    let block = rest(scan.text, i).strip_prefix("-----BEGIN ")?;
    let title = block.get(..block.floor_char_boundary(48)).and_then(|head| head.split("-----").next())?;
    if !title.contains("PRIVATE KEY") {
        return None;
    }
    let end = rest(scan.text, i)
        .find("-----END ")
        .and_then(|end| {
            let tail = rest(scan.text, i + end + 9);
            tail.find("-----").map(|close| i + end + 9 + close + 5)
        })
        .unwrap_or(scan.text.len());
    marks.add(i..end, Kind::Secret, "private_key");
    Some(end)
}
