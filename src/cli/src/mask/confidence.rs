//! How sure a detector is, by its name: for people who read a list of findings. The filter masks what any of them finds.

use serde::Serialize;

/// How sure it is that a finding is what it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Confidence {
    /// Nothing else looks like that: a vendor's prefix, a check sum, a grammar.
    Certain,
    /// Its name or its neighbours say so, and its shape agrees.
    Likely,
    /// It may be something else of the same shape, or nobody could look.
    Possible,
}

impl Confidence {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Possible => "possible",
        }
    }
}

use Confidence::{Certain, Likely, Possible};

/// Detectors that go by no rule of [`ENDINGS`].
const DETECTORS: &[(Confidence, &[&str])] = &[
    (
        Certain,
        &[
            "authorization",
            "base58_address",
            "bech32_address",
            "cookie",
            "email",
            "ethereum_address",
            "iban",
            "jwt",
            "paseto",
            "password_hash",
            "payment_card",
            "pgpass",
            "policy",
            "seed_phrase",
            "url_password",
            "webhook_url",
        ],
    ),
    (
        Likely,
        &[
            "aba_routing",
            "bank_account",
            "card_expiry",
            "card_security_code",
            "command_line",
            "display_name",
            "driver_license",
            "emso",
            "imei",
            "ip_address",
            "license_plate",
            "member_number",
            "one_time_code",
            "passport",
            "phone",
            "secret_beside_its_name",
            "vin",
            "wallet_address",
        ],
    ),
    (
        Possible,
        &["base64", "binary", "hexadecimal", "nested_too_deep", "not_text", "not_understood", "segment"],
    ),
];

/// What names of detectors end in: a vendor's own shapes, and values that their field's name tells.
const ENDINGS: &[(Confidence, &str)] = &[
    (Likely, "_field"),
    (Certain, "_token"),
    (Certain, "_key"),
    (Certain, "_secret"),
    (Certain, "_password"),
    (Certain, "_id"),
];

/// How sure the detector of that name is; `None` for one that is not of this build, so a policy's own.
pub(super) fn known(detector: &str) -> Option<Confidence> {
    let of_a_state = |word: &str| {
        // A number that a state gives out begins with the state's code, and its digits alone seldom tell.
        word.split_once('_')
            .is_some_and(|(code, _)| code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase()))
    };
    DETECTORS
        .iter()
        .find_map(|(sure, names)| names.contains(&detector).then_some(*sure))
        .or_else(|| of_a_state(detector).then_some(Likely))
        .or_else(|| ENDINGS.iter().find_map(|(sure, ending)| detector.ends_with(ending).then_some(*sure)))
}

/// The same, with the word of a policy's author taken for what is not of this build.
pub(super) fn of(detector: &str) -> Confidence {
    known(detector).unwrap_or(Likely)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// Every literal that the sources of the masking crate give to a mark as the name of its detector.
    fn names(folder: &Path, all: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                names(&path, all);
            } else if name.ends_with(".rs") && name != "tests.rs" {
                let text = fs::read_to_string(&path).unwrap();
                // Tests make up detectors of their own.
                let text: String = text.split("#[cfg(test)]").next().unwrap().split_whitespace().collect();
                for before in ["shape(\"", "Number::new(\"", "detector:\"", "unwrap_or(\""] {
                    all.extend(text.split(before).skip(1).filter_map(word));
                }
                for marked in text.split("Kind::").skip(1) {
                    let after = marked.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
                    let after = after.strip_prefix(",\"").or_else(|| after.strip_prefix("=>\""));
                    all.extend(after.and_then(word));
                }
            }
        }
    }

    fn word(text: &str) -> Option<String> {
        let (name, _) = text.split_once('"')?;
        let good =
            name.len() > 2 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        good.then(|| name.to_owned())
    }

    #[test]
    fn every_detector_of_the_masking_crate_has_its_confidence() {
        let mut all = Vec::new();
        names(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../mask/src"), &mut all);
        all.sort();
        all.dedup();
        assert!(all.len() > 250, "only {} names were found: {all:?}", all.len());
        for name in ["aws_access_key", "us_ssn", "secret_field", "iban", "not_understood"] {
            assert!(all.iter().any(|one| one == name), "{name} was not found");
        }
        let unknown: Vec<_> = all.iter().filter(|name| known(name).is_none()).collect();
        assert!(unknown.is_empty(), "without a confidence: {unknown:?}");
    }

    #[test]
    fn what_a_policy_finds_is_taken_at_its_authors_word() {
        assert_eq!((known("our-own"), of("our-own")), (None, Likely));
    }
}
