//! Masking takes time proportional to the size, also on text that was made to hurt it.
#![expect(clippy::disallowed_methods, reason = "a test of time reads the clock")]

use std::time::{Duration, Instant};

use countersign_mask::payload;

/// Each of these, repeated, made some first version of a detector read the same text again and again.
const PATTERNS: &[&str] = &[
    "token:",
    "token=\"",
    "token='token=\"",
    "pin=\"\",",
    "cookie:",
    "\"cookie\":null,",
    "authorization: ",
    "key:",
    "token:a(",
    "pin:${",
    "keys=a",
    "name=\"key\"\n\n",
    "name=\"token\"\n\n",
    "<a>",
    "<token>",
    "<",
    "-----BEGIN PRIVATE KEY",
    "-----BEGIN X-----",
    "eyJ+",
    "eyJ.",
    "glc_/",
    "SG./",
    "sk-",
    "bearer ",
    "basic AAAA",
    "@",
    "a@b.c",
    "a://",
    "a://b:",
    "--token ",
    "-u a:",
    "1111-",
    "DE12 ",
    "123 456 ",
    "A1 ",
    "+49 ",
    "(1)",
    "ssn 123456789 ",
    "tel 1-",
    "1.2.3.4",
    "2a02:",
    "a1b2C3d4e5F6g7h8i9J1k2L3m4N5 ",
    "0x12",
    "bc1q",
    "4111 1111 1111 1111 04/29 ",
    "%31%32",
    "sha256:",
    "a/",
    "YWJj",
    "{\"a\":",
    "[",
    "\"",
    "{\"a\":\"\\\"",
    "%41",
    "%3DeyJ",
    "\\n",
    "\\",
    "[secret]",
    "token: [secret] ",
    "name: x value: ",
    "token\", \"",
    "a=%7B%22&",
    "\u{202e}",
    "ä",
    "a,\"\n",
    "a,\"\\\"\n",
    "a,password\n",
    "a,b@c.d,e\n",
    ",\n",
    "select '",
    "select \"\\\"",
    "update $a$",
    "$a$b",
    "insert into a (b,",
    "values ('a@b.c',",
    "where a='x' and ",
    "a:\n a:\n",
    "password: |\n",
    "data:\n",
    "---\n",
    "PID|1|",
    "UNH+1'NAD+",
    "UNH+?'",
    "BEGIN:VCARD\n",
    "ATTENDEE;CN=",
    "Ann <",
    "ssn: a ",
    "identified by a replace ",
    "select crypt(",
    "{\"a\":\"select ?\"},",
    "a=b&",
    "ssn: a, ",
    "[\"a@b.c\",",
    "[[\"a\"],",
    "a b ",
    "A ",
];

fn time(pattern: &str, size: usize) -> Duration {
    let body = pattern.repeat(size / pattern.len());
    // The quickest of three: other work on the machine only ever adds.
    (0..3)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(payload(None, None, body.as_bytes(), 4096));
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

#[test]
#[ignore = "a measurement, and machines are noisy: cargo test --package countersign-mask --test linear -- --ignored"]
fn eight_times_the_text_takes_about_eight_times_as_long() {
    for pattern in PATTERNS {
        let (small, large) = (time(pattern, 2 << 10), time(pattern, 16 << 10));
        // A quadratic detector takes 64 times as long. The constant keeps the quickest ones out of the noise.
        assert!(large < small * 24 + Duration::from_millis(20), "{pattern:?}: {small:?}, then {large:?}");
    }
}
