//! What a push asks for: the packets before the pack (git's `gitprotocol-pack`, "Reference Update Request").

/// The most refs that are told apart.
const MOST: usize = 256;

/// One ref of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Update<'a> {
    pub(super) old: &'a str,
    pub(super) new: &'a str,
    pub(super) name: &'a str,
}

/// All that a push asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Push<'a> {
    pub(super) updates: Vec<Update<'a>>,
    pub(super) options: Vec<&'a str>,
}

impl Update<'_> {
    pub(super) fn creates(&self) -> bool {
        is_zero(self.old)
    }

    pub(super) fn deletes(&self) -> bool {
        is_zero(self.new)
    }
}

fn is_zero(id: &str) -> bool {
    id.bytes().all(|byte| byte == b'0')
}

/// Reads the commands of a push; `None` where they cannot be read. A flush packet alone asks for nothing: clients send it
/// to see whether they may push.
pub(super) fn push(bytes: &[u8]) -> Option<Push<'_>> {
    let mut push = Push::default();
    let mut rest = bytes;
    let (mut first, mut options) = (true, Options::None);
    let mut signed = Signed::No;
    loop {
        let line = match packet(rest)? {
            (Packet::Flush, after) => {
                rest = after;
                break;
            }
            (Packet::Line(line), after) => {
                rest = after;
                line
            }
        };
        let mut line = line;
        if first || line.starts_with(b"push-cert") {
            let zero = line.iter().position(|byte| *byte == 0).unwrap_or(line.len());
            let (command, capabilities) = line.split_at(zero);
            let mut words = capabilities.split(|byte| matches!(byte, 0 | b' ' | b'\n'));
            if words.any(|word| word == b"push-options") {
                options = Options::Follow;
            }
            line = command;
            first = false;
        }
        let line = std::str::from_utf8(line).ok()?.trim_end_matches('\n');
        match (signed, line) {
            (Signed::No, "push-cert") => signed = Signed::Head,
            (Signed::Head, "") => signed = Signed::Commands,
            (Signed::Head, _) => {}
            // The signature follows the commands.
            (Signed::Commands, _) if line.starts_with("-----BEGIN ") => signed = Signed::Signature,
            (Signed::Signature, "push-cert-end") => signed = Signed::No,
            (Signed::Signature, _) => {}
            (Signed::Commands, "push-cert-end") => signed = Signed::No,
            (Signed::No, _) if line.starts_with("shallow ") => {}
            (Signed::No | Signed::Commands, _) => {
                if push.updates.len() == MOST {
                    return None;
                }
                push.updates.push(update(line)?);
            }
        }
    }
    while options == Options::Follow {
        match packet(rest)? {
            (Packet::Flush, _) => break,
            (Packet::Line(line), after) => {
                rest = after;
                push.options.push(std::str::from_utf8(line).ok()?.trim_end_matches('\n'));
            }
        }
    }
    Some(push)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Options {
    None,
    Follow,
}

/// Where in a signed push the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signed {
    No,
    Head,
    Commands,
    Signature,
}

enum Packet<'a> {
    Flush,
    Line(&'a [u8]),
}

/// The first packet, and what follows: four hexadecimal digits say how long it is, themselves included.
fn packet(bytes: &[u8]) -> Option<(Packet<'_>, &[u8])> {
    let (digits, _) = bytes.split_at_checked(4)?;
    let digits = std::str::from_utf8(digits).ok().filter(|text| !text.starts_with('+'))?;
    let length = usize::from_str_radix(digits, 16).ok()?;
    if length == 0 {
        return Some((Packet::Flush, bytes.get(4..)?));
    }
    let line = bytes.get(4..length)?;
    Some((Packet::Line(line), bytes.get(length..)?))
}

fn update(line: &str) -> Option<Update<'_>> {
    let (old, rest) = line.split_once(' ')?;
    let (new, name) = rest.split_once(' ')?;
    let id = |text: &str| matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
    (id(old) && id(new) && !name.is_empty()).then_some(Update { old, new, name })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    pub(in crate::action::git) fn line(text: &str) -> String {
        format!("{:04x}{text}", text.len() + 4)
    }

    #[test]
    fn the_refs_of_a_push_are_read() {
        let (a, zero) = ("a".repeat(40), "0".repeat(40));
        let body = [
            line(&format!("{a} {zero} refs/heads/old\0 report-status push-options agent=git/2")),
            line(&format!("{zero} {a} refs/tags/v1")),
            "0000".into(),
            line("ci.skip"),
            "0000PACK....".into(),
        ]
        .concat();
        let push = push(body.as_bytes()).unwrap();
        assert_eq!(push.updates.len(), 2);
        assert!(push.updates[0].deletes() && push.updates[1].creates());
        assert_eq!((push.updates[1].name, push.options), ("refs/tags/v1", vec!["ci.skip"]));
    }

    #[test]
    fn a_signed_push_is_read_between_its_head_and_its_signature() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let body = [
            line("push-cert\0 report-status\n"),
            line("certificate version 0.1\n"),
            line("pusher x\n"),
            line("\n"),
            line(&format!("{a} {b} refs/heads/main\n")),
            line("-----BEGIN PGP SIGNATURE-----\n"),
            line("xyz\n"),
            line("push-cert-end\n"),
            "0000".into(),
        ]
        .concat();
        assert_eq!(push(body.as_bytes()).unwrap().updates[0].name, "refs/heads/main");
    }

    #[test]
    fn what_is_no_push_is_not_read() {
        for body in ["", "000", "zzzz", "+004", "0001", "0009abcde", "ffff", "0008abc\n0000"] {
            assert_eq!(push(body.as_bytes()), None, "{body}");
        }
        assert_eq!(push(b"0000"), Some(Push::default()));
    }
}
