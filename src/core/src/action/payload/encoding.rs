//! Content encodings (RFC 9110 section 8.4): gzip (RFC 1952), deflate (RFC 1950, and the raw RFC 1951 that many senders
//! mean by it), `aws-chunked` (Amazon S3, "Signature calculations for the Authorization header: transferring payload in
//! multiple chunks"), in any order, at most [`MOST_CODINGS`].
//!
//! Promises: no more than [`super::LIMITS`] bytes are inflated at each step, whatever the stream claims; deflate cannot
//! inflate more than 1032-fold, so that no further bound on the ratio is needed. A stream must be whole and nothing may
//! follow it: a gzip file of several members, a truncated one, and one with something behind it are read differently by
//! different servers. Checksums are not compared, for a server that does refuses what differs.
//!
//! It does not read `br`, `zstd` and `compress`: brotli's static dictionary alone is 122 kB, which every sidecar would pay
//! for, and hardly any client sends them. Such a body is judged as a write.

use std::borrow::Cow;

use miniz_oxide::inflate::{
    TINFLStatus,
    core::{
        DecompressorOxide, decompress,
        inflate_flags::{TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF},
    },
};

use super::{super::Obscurity, LIMITS};
use crate::call::Call;

/// The most encodings of one body.
const MOST_CODINGS: usize = 4;

/// The body without its encodings; borrowed where it has none.
pub(super) fn decoded<'a>(call: &Call, body: &'a [u8]) -> Result<Cow<'a, [u8]>, Obscurity> {
    let mut codings = Vec::new();
    for value in call.headers().get_all("content-encoding") {
        for coding in value.split(|b| *b == b',').map(<[u8]>::trim_ascii) {
            if !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity") {
                codings.push(coding);
            }
        }
    }
    if codings.len() > MOST_CODINGS {
        return Err(Obscurity::Encoding);
    }
    let mut plain = Cow::Borrowed(body);
    // They are listed in the order in which they were applied.
    for coding in codings.into_iter().rev() {
        let is = |name: &str| coding.eq_ignore_ascii_case(name.as_bytes());
        let next = if is("gzip") || is("x-gzip") {
            gunzip(&plain)
        } else if is("deflate") {
            inflate_either(&plain)
        } else if is("aws-chunked") {
            unchunked(&plain)
        } else {
            Err(Obscurity::Encoding)
        };
        plain = Cow::Owned(next?);
    }
    Ok(plain)
}

/// One member of RFC 1952, whole and alone.
fn gunzip(file: &[u8]) -> Result<Vec<u8>, Obscurity> {
    let stream = gzip_stream(file).ok_or(Obscurity::Encoding)?;
    let (plain, rest) = inflate(stream, 0)?;
    // CRC-32 and length.
    let length = rest.get(4..).and_then(|length| <[u8; 4]>::try_from(length).ok());
    match length.and_then(|length| usize::try_from(u32::from_le_bytes(length)).ok()) {
        Some(length) if length == plain.len() => Ok(plain),
        Some(_) | None => Err(Obscurity::Encoding),
    }
}

/// What follows the header.
fn gzip_stream(file: &[u8]) -> Option<&[u8]> {
    let [0x1f, 0x8b, 8, flags, _, _, _, _, _, _, rest @ ..] = file else { return None };
    let mut rest = rest;
    if flags & 0xe0 != 0 {
        return None;
    }
    if flags & 4 != 0 {
        let [low, high, extra @ ..] = rest else { return None };
        rest = extra.get(usize::from(u16::from_le_bytes([*low, *high]))..)?;
    }
    // A name, a comment.
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|b| *b == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..)?;
    }
    Some(rest)
}

/// With the header of RFC 1950 or without; the first is what the name means.
fn inflate_either(stream: &[u8]) -> Result<Vec<u8>, Obscurity> {
    let zlib = match stream {
        [method, check, ..] => {
            method & 0x0f == 8 && (u16::from(*method) * 256 + u16::from(*check)).is_multiple_of(31)
        }
        _ => false,
    };
    match inflate(stream, if zlib { TINFL_FLAG_PARSE_ZLIB_HEADER } else { 0 })? {
        (plain, []) => Ok(plain),
        _ => Err(Obscurity::Encoding),
    }
}

/// What the stream holds, and what follows it.
fn inflate(mut stream: &[u8], flags: u32) -> Result<(Vec<u8>, &[u8]), Obscurity> {
    let mut decompressor = Box::<DecompressorOxide>::default();
    let mut plain = vec![0; stream.len().saturating_mul(2).clamp(64, LIMITS.size)];
    let mut written = 0;
    loop {
        let flags = flags | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, read, more) = decompress(&mut decompressor, stream, &mut plain, written, flags);
        written += more;
        stream = stream.get(read..).unwrap_or_default();
        match status {
            TINFLStatus::Done => {
                plain.truncate(written);
                return Ok((plain, stream));
            }
            TINFLStatus::HasMoreOutput if plain.len() >= LIMITS.size => return Err(Obscurity::TooLarge),
            TINFLStatus::HasMoreOutput => {
                plain.resize(plain.len().saturating_mul(2).min(LIMITS.size), 0);
            }
            // Damaged or truncated.
            _ => return Err(Obscurity::Encoding),
        }
    }
}

/// The chunks of `aws-chunked`: `SIZE;chunk-signature=...`, CRLF, data, CRLF; the last is empty, trailers may follow it.
fn unchunked(body: &[u8]) -> Result<Vec<u8>, Obscurity> {
    if body.len() > LIMITS.size {
        return Err(Obscurity::TooLarge);
    }
    let mut plain = Vec::new();
    let mut rest = body;
    loop {
        let (size, after) = chunk_size(rest).ok_or(Obscurity::Encoding)?;
        if size == 0 {
            return Ok(plain);
        }
        let (data, after) = after.split_at_checked(size).ok_or(Obscurity::Encoding)?;
        plain.extend_from_slice(data);
        rest = after.strip_prefix(b"\r\n").ok_or(Obscurity::Encoding)?;
    }
}

fn chunk_size(rest: &[u8]) -> Option<(usize, &[u8])> {
    let end = rest.iter().position(|b| *b == b'\n')?;
    let line = rest.get(..end)?.strip_suffix(b"\r")?;
    let digits = line.split(|b| *b == b';').next()?;
    let size = usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some((size, rest.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::call::sample::call;

    const TEXT: &[u8] = b"{\"hello\": \"hello hello hello\"}";

    fn gzip(text: &[u8], flags: u8, extra: &[u8]) -> Vec<u8> {
        let mut file = vec![0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255];
        file.extend_from_slice(extra);
        file.extend(compress_to_vec(text, 6));
        file.extend([0; 4]);
        file.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        file
    }

    fn with(encodings: &[&str], body: &[u8]) -> Result<Vec<u8>, Obscurity> {
        let headers: Vec<_> = encodings.iter().map(|value| ("content-encoding", *value)).collect();
        decoded(&call("POST", "a.example", "/", &headers), body).map(Cow::into_owned)
    }

    #[test]
    fn every_encoding_that_is_read_gives_the_plain_body() {
        for (encodings, body) in [
            (&["gzip"][..], gzip(TEXT, 0, b"")),
            (&["X-GZip"], gzip(TEXT, 4 + 8 + 16 + 2, b"\x02\x00xxname\0comment\0cc")),
            (&["deflate"], compress_to_vec_zlib(TEXT, 6)),
            (&["deflate"], compress_to_vec(TEXT, 6)),
            (&[" identity ,"], TEXT.to_vec()),
            (&["deflate, gzip"], gzip(&compress_to_vec_zlib(TEXT, 6), 0, b"")),
            (&["deflate", "identity", "gzip"], gzip(&compress_to_vec_zlib(TEXT, 6), 0, b"")),
            (
                &["aws-chunked"],
                [b"5;chunk-signature=ab\r\n", &TEXT[..5], b"\r\n19\r\n", &TEXT[5..], b"\r\n0\r\nx-t: 1\r\n"]
                    .concat(),
            ),
        ] {
            assert_eq!(with(encodings, &body).as_deref(), Ok(TEXT), "{encodings:?}");
        }
    }

    #[test]
    fn a_stream_that_is_not_whole_and_alone_is_not_read() {
        let whole = gzip(TEXT, 0, b"");
        for end in 0..whole.len() {
            assert_eq!(with(&["gzip"], &whole[..end]), Err(Obscurity::Encoding), "{end}");
        }
        for bad in
            [[&whole[..], b"x"].concat(), [&whole[..], &whole].concat(), TEXT.to_vec(), gzip(TEXT, 32, b"")]
        {
            assert_eq!(with(&["gzip"], &bad), Err(Obscurity::Encoding));
        }
        let zlib = compress_to_vec_zlib(TEXT, 6);
        assert!(with(&["deflate"], &zlib[..zlib.len() - 1]).is_err());
        assert!(with(&["deflate"], &[&zlib[..], b"x"].concat()).is_err());
        for bad in ["5\r\nhell", "ffffffffffffffff\r\nx", "-1\r\n", "5\nhello\n0\n", "5\r\nhello0\r\n", ""] {
            assert_eq!(with(&["aws-chunked"], bad.as_bytes()), Err(Obscurity::Encoding), "{bad}");
        }
    }

    #[test]
    fn an_encoding_that_is_not_read_is_said_so() {
        for encodings in [
            &["br"][..],
            &["zstd"],
            &["compress"],
            &["gzip;q=1"],
            &["gzip", "br"],
            &["gzip,gzip,gzip,gzip,gzip"],
        ] {
            assert_eq!(with(encodings, &gzip(TEXT, 0, b"")), Err(Obscurity::Encoding), "{encodings:?}");
        }
    }

    #[test]
    fn a_bomb_is_given_up_at_the_bound() {
        let zeros = vec![0; LIMITS.size];
        assert_eq!(with(&["gzip"], &gzip(&zeros, 0, b"")).map(|plain| plain.len()), Ok(LIMITS.size));
        let more = vec![0; LIMITS.size + 1];
        assert_eq!(with(&["gzip"], &gzip(&more, 0, b"")), Err(Obscurity::TooLarge));
        let twice = gzip(&gzip(&more, 0, b""), 0, b"");
        assert_eq!(with(&["gzip, gzip"], &twice), Err(Obscurity::TooLarge));
    }
}
