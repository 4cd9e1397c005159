//! Placeholders for secrets in a request: `{{countersign:NAME}}`, the only thing an agent ever holds of one.
//!
//! A placeholder means something in the value of a header, as part of it or whole, and nowhere else: not in the target, the
//! body, or inside base64. [`in_head`] finds those that mean something and refuses those in the wrong place, [`in_body`] finds
//! those in a body, both also where they are escaped as in a URL. What is compressed or encoded otherwise is not looked into.
//!
//! Every request passes here, so a head in which the product's name does not stand at all costs one look at every eleventh
//! byte or so.

use countersign_wire::{
    binding::{SELECTING_HEADERS, SELECTING_PREFIXES},
    sealed::{MAX_SECRETS, Opened, Plain, is_name},
};

use crate::call::{HeaderMap, unescape};

const START: &[u8] = b"{{countersign:";
const END: &[u8] = b"}}";
const WORD: &[u8; 11] = b"countersign";

/// How far a window that ends in a byte can be moved (Horspool).
const SKIP: [u8; 256] = skips();

#[expect(
    clippy::indexing_slicing,
    reason = "computed when this is built, where a place that is not there ends it"
)]
const fn skips() -> [u8; 256] {
    let mut table = [11; 256];
    let mut at = 0;
    while at < 10 {
        table[WORD[at as usize] as usize] = 10 - at;
        at += 1;
    }
    table
}

/// A header with placeholders, as text and names in turn.
#[derive(Clone, PartialEq, Eq)]
pub struct Template {
    header: String,
    /// Each text stands before a name.
    pieces: Vec<(String, String)>,
    rest: String,
}

impl std::fmt::Debug for Template {
    /// What stands around a placeholder may be a secret, too.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Template({}: {:?})", self.header, self.names().collect::<Vec<_>>())
    }
}

impl Template {
    /// The header's name, lower case.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// The names of the secrets, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().map(|(_, name)| name.as_str())
    }

    /// The header's value with the secrets in it; `None` where one is not there.
    pub fn fill(&self, opened: &[Opened]) -> Option<Plain> {
        let mut all = Vec::with_capacity(self.pieces.len() * 2 + 1);
        for (text, name) in &self.pieces {
            all.push(text.as_str());
            all.push(opened.iter().find(|one| one.name == *name)?.value.expose());
        }
        all.push(&self.rest);
        Some(Plain::joined(&all))
    }
}

/// Why a placeholder means nothing where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misplaced {
    /// In the target, the authority, or a header that says what a request does.
    #[error(
        "a placeholder for a secret stands in the target, or in a header that says what the request does"
    )]
    Head,
    /// In the body.
    #[error("a placeholder for a secret stands in the body")]
    Body,
    /// Without a name or an end.
    #[error("a placeholder for a secret is not of the form `{{{{countersign:NAME}}}}`")]
    Form,
    /// In a header that comes more than once.
    #[error("a placeholder for a secret stands in a header that comes more than once or is not text")]
    Header,
    /// More than one answer can carry.
    #[error("the request has more than 8 placeholders for secrets")]
    TooMany,
}

/// The headers of a request that hold placeholders; empty for nearly every request.
///
/// # Errors
/// [`Misplaced`], where one stands elsewhere in the head or means nothing.
pub fn in_head(headers: &HeaderMap) -> Result<Vec<Template>, Misplaced> {
    if !speaks(headers.bytes()) {
        return Ok(Vec::new());
    }
    let mut templates: Vec<Template> = Vec::new();
    for (name, value) in headers.iter() {
        if !speaks(value) {
            continue;
        }
        if name.starts_with(':') || is_fixed(name) {
            if holds(value) {
                return Err(Misplaced::Head);
            }
            continue;
        }
        if find(value, START).is_none() {
            continue;
        }
        if headers.get_all(name).nth(1).is_some() {
            return Err(Misplaced::Header);
        }
        templates.push(template(name, value)?);
    }
    let all: usize = templates.iter().map(|template| template.pieces.len()).sum();
    if all > MAX_SECRETS { Err(Misplaced::TooMany) } else { Ok(templates) }
}

/// Whether a body holds a placeholder.
///
/// # Errors
/// [`Misplaced::Body`], where it does.
pub fn in_body(body: &[u8]) -> Result<(), Misplaced> {
    if speaks(body) && holds(body) { Err(Misplaced::Body) } else { Ok(()) }
}

/// Whether a header says what a request does or how it is framed, and so is no place for a secret.
pub fn is_fixed(name: &str) -> bool {
    const FRAMING: &[&str] = &[
        "host",
        "content-type",
        "connection",
        "content-length",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "keep-alive",
        "accept-encoding",
    ];
    let begun = SELECTING_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    begun || SELECTING_HEADERS.contains(&name) || FRAMING.contains(&name)
}

fn template(name: &str, value: &[u8]) -> Result<Template, Misplaced> {
    let text = std::str::from_utf8(value).map_err(|_| Misplaced::Header)?;
    if text.chars().any(|c| c.is_control() && c != '\t') {
        return Err(Misplaced::Header);
    }
    let start = std::str::from_utf8(START).unwrap_or_default();
    let end = std::str::from_utf8(END).unwrap_or_default();
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once(start) {
        let (secret, after) = after.split_once(end).ok_or(Misplaced::Form)?;
        if !is_name(secret) {
            return Err(Misplaced::Form);
        }
        pieces.push((before.to_owned(), secret.to_owned()));
        rest = after;
    }
    Ok(Template { header: name.to_owned(), pieces, rest: rest.to_owned() })
}

/// Whether a placeholder begins anywhere, as it is or escaped as in a URL.
fn holds(text: &[u8]) -> bool {
    let escaped = || unescape(&String::from_utf8_lossy(text)).into_owned();
    find(text, START).is_some() || (text.contains(&b'%') && find(escaped().as_bytes(), START).is_some())
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// Whether the product's name stands anywhere.
fn speaks(text: &[u8]) -> bool {
    let mut last = WORD.len() - 1;
    while let Some(byte) = text.get(last) {
        if *byte == b'n' && text.get(last + 1 - WORD.len()..=last) == Some(WORD) {
            return true;
        }
        last += SKIP.get(usize::from(*byte)).map_or(1, |skip| usize::from(*skip));
    }
    false
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn head(headers: &[(&str, &str)]) -> Result<Vec<Template>, Misplaced> {
        let fixed = [(":method", "POST"), (":authority", "api.test"), (":path", "/v1")];
        in_head(&HeaderMap::from_pairs(fixed.iter().chain(headers).copied()))
    }

    fn opened(name: &str, value: &str) -> Opened {
        let value = Plain::value(value.into()).unwrap();
        Opened { name: name.into(), version: "1".into(), value }
    }

    #[test]
    fn a_head_without_placeholders_has_none() {
        assert_eq!(head(&[("authorization", "Bearer abc"), ("x-a", "{{countersig:n}}")]), Ok(vec![]));
        assert_eq!(
            head(&[("user-agent", "countersign-cli/0.1"), ("referer", "https://countersign.test/")]),
            Ok(vec![])
        );
    }

    #[test]
    fn the_name_is_found_wherever_it_stands() {
        for before in 0..40 {
            for after in 0..3 {
                let text = format!(
                    "{}countersign{}",
                    "ncounter".repeat(5).get(..before).unwrap(),
                    "n".repeat(after)
                );
                assert!(speaks(text.as_bytes()), "{text}");
                assert!(!speaks(text.replace("sign", "sin").as_bytes()), "{text}");
            }
        }
        assert!(!speaks(b"") && !speaks(b"countersig"));
    }

    #[test]
    fn a_placeholder_is_filled_and_what_stands_around_it_stays() {
        let found = head(&[("authorization", "Bearer {{countersign:api-key}}")]).unwrap();
        assert_eq!(found[0].header(), "authorization");
        assert_eq!(found[0].names().collect::<Vec<_>>(), ["api-key"]);
        assert_eq!(
            found[0].fill(&[opened("api-key", "sk-12345678")]).unwrap().expose(),
            "Bearer sk-12345678"
        );
        assert_eq!(found[0].fill(&[opened("other", "sk-12345678")]), None);
        let two = head(&[("x-auth", "a={{countersign:a}};b={{countersign:b}};")]).unwrap();
        let both = [opened("b", "bbbbbbbb"), opened("a", "{{countersign:b}}")];
        assert_eq!(two[0].fill(&both).unwrap().expose(), "a={{countersign:b}};b=bbbbbbbb;");
    }

    #[test]
    fn what_stands_around_a_placeholder_cannot_be_printed() {
        let found = head(&[("authorization", "hunter2 {{countersign:api-key}} hunter3")]).unwrap();
        let said = format!("{found:?}");
        assert!(
            !said.contains("hunter") && said.contains("authorization") && said.contains("api-key"),
            "{said}"
        );
    }

    #[test]
    fn a_placeholder_anywhere_else_in_the_head_is_misplaced() {
        let path = |path: &str| {
            in_head(&HeaderMap::from_pairs([(":method", "GET"), (":authority", "a.test"), (":path", path)]))
        };
        for bad in [
            "/v1/{{countersign:k}}",
            "/v1?key={{countersign:k}}",
            "/v1?key=%7B%7Bcountersign:k%7D%7D",
            "/v1?key=%7b%7bcountersign%3ak%7d%7d",
        ] {
            assert_eq!(path(bad), Err(Misplaced::Head), "{bad}");
        }
        assert_eq!(path("/docs/countersign?x=%7B%7Bother"), Ok(vec![]));
        for name in ["host", "content-type", "x-amz-target", "x-http-method-override", "upgrade"] {
            assert_eq!(head(&[(name, "{{countersign:k}}")]), Err(Misplaced::Head), "{name}");
        }
    }

    #[test]
    fn a_placeholder_of_another_form_is_refused_and_not_sent_as_it_is() {
        for bad in [
            "{{countersign:}}",
            "{{countersign:a b}}",
            "{{countersign:k",
            "{{countersign:k}",
            "{{countersign:k/../x}}",
        ] {
            assert_eq!(head(&[("authorization", bad)]), Err(Misplaced::Form), "{bad}");
        }
        let twice = [("x-key", "{{countersign:k}}"), ("x-key", "b")];
        assert_eq!(head(&twice), Err(Misplaced::Header));
        let many = "{{countersign:k}}".repeat(9);
        assert_eq!(head(&[("x-key", &many)]), Err(Misplaced::TooMany));
        let bytes =
            in_head(&HeaderMap::from_pairs([(b"x-key".as_slice(), b"\xff{{countersign:k}}".as_slice())]));
        assert_eq!(bytes, Err(Misplaced::Header));
    }

    #[test]
    fn a_placeholder_in_a_body_is_misplaced() {
        for bad in ["{\"k\":\"{{countersign:k}}\"}", "k=%7B%7Bcountersign%3Ak%7D%7D", "{{countersign:"] {
            assert_eq!(in_body(bad.as_bytes()), Err(Misplaced::Body), "{bad}");
        }
        for good in ["", "countersign", "{\"about\":\"countersign: it holds 100%\"}"] {
            assert_eq!(in_body(good.as_bytes()), Ok(()), "{good}");
        }
    }
}
