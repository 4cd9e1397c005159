//! What comes in the place of a value: nothing, its kind, its end, a pseudonym, or something coarser.
//!
//! Every stand-in is recognised again by [`crate::stand_in`], so that masked text can be masked again without change.

use core::fmt;

use countersign_wire::digest::Secret;

use crate::bytes::part;
use crate::claims::view;
use crate::kind::Kind;

/// How values of one kind are replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Nothing stays: an empty text, `null` for a number.
    Remove,
    /// The kind in brackets: `[email]`.
    #[default]
    Label,
    /// The kind and the last characters, at most [`MOST_KEPT`] and never more than a quarter of the value: `[card …1111]`.
    KeepLast(u8),
    /// The kind and a pseudonym, the same for the same value under one key: `[email:k7f3a2x4qz]`. Without a key it is the
    /// label.
    Pseudonym,
    /// Something coarser where the kind has it, else the label: the year of a birth date, the /24 of an address (/48 in
    /// IPv6), the domain of an e-mail address.
    Generalise,
}

impl Strategy {
    /// The one of two that shows less: remove, label, pseudonym, generalise, keep the last few, in this order.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        let shows = |strategy| match strategy {
            Self::Remove => 0,
            Self::Label => 1,
            Self::Pseudonym => 2,
            Self::Generalise => 3,
            Self::KeepLast(kept) => 4 + u16::from(kept),
        };
        if shows(other) < shows(self) { other } else { self }
    }
}

/// Most characters of a value that [`Strategy::KeepLast`] leaves.
pub const MOST_KEPT: u8 = 4;

/// Characters of a pseudonym: 50 bits.
pub(crate) const PSEUDONYM: usize = 10;

/// The alphabet of pseudonyms (RFC 4648, 6, in lower case).
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The key that makes pseudonyms. Whoever does not have it can neither invert one nor tell what a guess would be called.
#[derive(Clone)]
pub struct PseudonymKey(Secret);

impl PseudonymKey {
    /// The pseudonym key of one policy, derived from a secret. The same value has different pseudonyms in two policies.
    pub fn derive(secret: &Secret, policy: &str) -> Self {
        Self(Secret::new(secret.hmac(&[b"countersign-pseudonym-v1\0", policy.as_bytes()])))
    }

    /// What a pseudonym of `value` is made of; spelling does not change it: case, and separators in numbers.
    pub(crate) fn digest(&self, kind: Kind, value: &str) -> [u8; 32] {
        let spelling = matches!(kind, Kind::Secret | Kind::Email | Kind::Name | Kind::Address);
        let plain: Vec<u8> = value
            .trim()
            .bytes()
            .filter(|b| spelling || b.is_ascii_alphanumeric() || *b == b'+')
            .map(|b| if kind == Kind::Secret { b } else { b.to_ascii_lowercase() })
            .collect();
        self.0.hmac(&[kind.as_str().as_bytes(), b"\0", &plain])
    }

    /// The pseudonym of `value`.
    pub(crate) fn pseudonym(&self, kind: Kind, value: &str) -> String {
        self.digest(kind, value)
            .iter()
            .take(PSEUDONYM)
            .map(|byte| BASE32.get(usize::from(byte & 31)).copied().map_or('a', char::from))
            .collect()
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey(..)")
    }
}

/// What stands in for `value`.
pub(crate) fn stand_in(strategy: Strategy, key: Option<&PseudonymKey>, kind: Kind, value: &str) -> String {
    let with = |mark: &str, more: &str| format!("[{}{mark}{more}]", kind.as_str());
    let shown = match strategy {
        Strategy::Remove => Some(String::new()),
        // A token's label says what it is for.
        Strategy::Label => Some(value).filter(|_| kind == Kind::Secret).and_then(view),
        Strategy::KeepLast(most) => tail(value, most.min(MOST_KEPT)).map(|tail| with(" \u{2026}", &tail)),
        Strategy::Pseudonym => key.map(|key| with(":", &key.pseudonym(kind, value))),
        Strategy::Generalise => coarser(kind, value).map(|coarse| with(" ", &coarse)),
    };
    shown.unwrap_or_else(|| kind.label().to_owned())
}

/// The last letters and digits of a value that has at least four times as many.
fn tail(value: &str, most: u8) -> Option<String> {
    let all = value.bytes().filter(u8::is_ascii_alphanumeric).count();
    let kept = usize::from(most).min(all / 4);
    let last: Vec<char> = value.chars().rev().filter(char::is_ascii_alphanumeric).take(kept).collect();
    (!last.is_empty()).then(|| last.into_iter().rev().collect())
}

fn coarser(kind: Kind, value: &str) -> Option<String> {
    match kind {
        Kind::BirthDate => year(value),
        Kind::IpAddress => network(value),
        Kind::Email => {
            let (_, domain) = value.rsplit_once('@')?;
            let plain = domain.len() <= 64
                && domain.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
            plain.then(|| format!("@{}", domain.to_ascii_lowercase()))
        }
        Kind::Secret
        | Kind::Phone
        | Kind::Name
        | Kind::Address
        | Kind::Card
        | Kind::BankAccount
        | Kind::NationalId
        | Kind::Wallet
        | Kind::Vehicle => None,
    }
}

/// The one run of four digits that is a year of our time.
fn year(value: &str) -> Option<String> {
    value
        .split(|c: char| !c.is_ascii_digit())
        .map(|run| if run.len() == 8 { part(run, 0..4) } else { run })
        .find(|run| run.len() == 4 && (run.starts_with("19") || run.starts_with("20")))
        .map(str::to_owned)
}

/// The network of an address: the /24 in IPv4, the /48 in IPv6 where its first three groups are written out.
fn network(value: &str) -> Option<String> {
    let address = value.split('/').next().unwrap_or("");
    let (separator, groups, end) = if address.contains(':') { (':', 3, "::/48") } else { ('.', 3, ".0/24") };
    let head: Vec<&str> = address.split(separator).take(groups).collect();
    let good = head.len() == groups
        && head
            .iter()
            .all(|group| (1..=4).contains(&group.len()) && group.bytes().all(|b| b.is_ascii_hexdigit()));
    good.then(|| format!("{}{end}", head.join(if separator == ':' { ":" } else { "." })))
}

/// Whether `more` is what [`Strategy::Generalise`] writes after the word of `kind`.
pub(crate) fn is_coarse(kind: Kind, more: &str) -> bool {
    match kind {
        Kind::BirthDate => year(more).as_deref() == Some(more),
        Kind::IpAddress => {
            (more.ends_with(".0/24") || more.ends_with("::/48")) && network(more).as_deref() == Some(more)
        }
        Kind::Email => coarser(kind, more).as_deref() == Some(more),
        Kind::Secret
        | Kind::Phone
        | Kind::Name
        | Kind::Address
        | Kind::Card
        | Kind::BankAccount
        | Kind::NationalId
        | Kind::Wallet
        | Kind::Vehicle => false,
    }
}
