//! `countersign mask`, run as people run it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

const CONTACT: &str = r#"{"action": "contact.create", "contact": {"email": "jane.doe@example.org"}, "rows": 12}
"#;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Runs `countersign mask` with this on stdin.
fn mask(arguments: &[&str], stdin: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("mask")
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = child.stdin.take().unwrap();
    let stdin = stdin.to_vec();
    // A command that refuses its input closes it.
    let writer = std::thread::spawn(move || to.write_all(&stdin).is_ok());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// What it printed on stdout and stderr, and its exit code.
fn told(arguments: &[&str], stdin: &[u8]) -> (String, String, i32) {
    let Output { status, stdout, stderr } = mask(arguments, stdin);
    (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap(), status.code().unwrap())
}

#[test]
fn a_text_comes_out_masked_from_stdin_and_from_a_file_and_is_never_cut() {
    let masked = CONTACT.replace("jane.doe@example.org", "[email]");
    assert_eq!(told(&[], CONTACT.as_bytes()), (masked.clone(), String::new(), 0));
    assert_eq!(told(&["-"], CONTACT.as_bytes()).0, masked);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("contact.json");
    fs::write(&file, CONTACT).unwrap();
    assert_eq!(told(&[file.to_str().unwrap()], b"").0, masked);
    let long = CONTACT.repeat(1000);
    assert_eq!(told(&["--media-type", "application/x-ndjson"], long.as_bytes()).0, masked.repeat(1000));
}

#[test]
fn an_explanation_says_what_was_found_where_and_how_sure_and_never_the_value() {
    let (text, listed, code) = told(&["--explain"], CONTACT.as_bytes());
    assert!(text.contains("[email]") && code == 0);
    assert!(listed.starts_with("certain   email  email  $.contact.email  at byte "), "{listed}");
    assert!(
        listed.contains("1 email masked by detectors 1.")
            && listed.contains("0 not understood, 0 found again")
    );
    let (json, _, _) = told(&["--explain", "--json"], CONTACT.as_bytes());
    let found: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(found["findings"][0]["confidence"], "certain");
    assert_eq!(found["findings"][0]["path"], "$.contact.email");
    assert_eq!(found["proof"]["counts"]["email"], 1);
    assert_eq!(found["proof"]["seen"], CONTACT.len());
    assert!(![listed, json].concat().contains("jane"));
}

#[test]
fn a_check_fails_where_something_would_be_masked_and_prints_no_text() {
    let said = "countersign: something would be masked in stdin\n".to_owned();
    assert_eq!(told(&["--check"], CONTACT.as_bytes()), (String::new(), said, 1));
    assert_eq!(told(&["--check"], br#"{"rows": 12}"#), (String::new(), String::new(), 0));
    let rows = br#"{"id": 1, "text": "call jane.doe@example.org"}
{"id": 2, "text": "12 rows"}"#;
    let (text, said, code) = told(&["--jsonl", "--check"], rows);
    assert_eq!((text.as_str(), code), ("", 1));
    assert!(said.contains("1 of 2 rows"), "{said}");
}

#[test]
fn rows_come_out_in_order_up_to_the_first_line_that_is_none() {
    let rows = br#"{"id": "b", "text": "to jane.doe@example.org", "more": 1}

{"id": 7, "text": "q=1&token=abc", "media_type": "image/png"}
{"id": 8, "text": ["jane.doe@example.org"]}
{"id": 9, "text": "never reached"}
"#;
    let (text, said, code) = told(&["--jsonl"], rows);
    assert_eq!(
        text,
        "{\"id\":\"b\",\"masked_text\":\"to [email]\"}\n{\"id\":7,\"masked_text\":\"[not shown: binary]\"}\n"
    );
    assert_eq!((said.as_str(), code), ("countersign: line 4 has no `text` that is a string\n", 2));
    for (line, wrong) in [
        ("nonsense", "is no JSON object"),
        ("[1]", "is no JSON object"),
        ("{\"text\": \"x\"}", "has no `id`"),
        ("{\"id\": 1}", "has no `text` that is a string"),
        ("{\"id\": 1, \"text\": \"x\", \"media_type\": 1}", "has a `media_type` that is no string"),
    ] {
        let sentence = format!("countersign: line 1 {wrong}\n");
        assert_eq!(told(&["--jsonl"], line.as_bytes()), (String::new(), sentence, 2), "{line}");
    }
}

#[test]
fn what_is_no_text_is_refused_in_one_sentence() {
    for (arguments, stdin, why) in [
        (&[][..], &b"\xff\xfb\x90secret"[..], "not UTF-8 text"),
        (&[], b"a\0b\x01", "binary"),
        (&["--media-type", "image/png"], b"text", "binary"),
    ] {
        let sentence = format!("countersign: cannot mask stdin: {why}\n");
        assert_eq!(told(arguments, stdin), (String::new(), sentence, 2));
    }
    let (text, said, code) = told(&[], &vec![b'a'; (16 << 20) + 1]);
    assert_eq!((text.as_str(), code), ("", 2));
    assert!(said.contains("larger than 16 MiB"), "{said}");
    assert_eq!(told(&["no/such/file"], b"").2, 2);
    assert_eq!(told(&["--json"], b"").2, 2);
    assert_eq!(told(&["--jsonl", "--explain"], b"").2, 2);
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["mask", "--jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut to = child.stdin.take().unwrap();
    let rows = "{\"id\": 1, \"text\": \"x\"}\n".repeat(5000);
    std::thread::spawn(move || to.write_all(rows.as_bytes()).is_ok());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn a_policy_says_what_comes_in_the_place_of_values_and_its_key_makes_pseudonyms() {
    let policy = ["--policy", "examples/personal-data/policy.yaml"];
    let text = b"staff E-123456, jane.doe@example.org, payroll@example.com";
    let (without, _, _) = told(&policy, text);
    assert!(without.contains("[email], payroll@example.com") && !without.contains("123456"), "{without}");
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    fs::write(&key, "07".repeat(32)).unwrap();
    let with = [&policy[..], &["--pseudonym-key-file", key.to_str().unwrap()]].concat();
    let (pseudonym, _, code) = told(&with, text);
    assert!(pseudonym.contains("[email:") && code == 0, "{pseudonym}");
    assert_eq!(told(&with, text).0, pseudonym);
    fs::write(&key, "short").unwrap();
    assert_eq!(told(&with, text).2, 2);
    assert_eq!(told(&["--policy", "src/cli/tests/bad/masking-kind.yaml"], text).2, 3);
}
