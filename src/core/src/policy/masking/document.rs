//! What a policy document says about masking, as people write it.

use std::collections::BTreeMap;

use countersign_mask::{Kind, Strategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// `masking:` of the document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskingDoc {
    /// What comes in the place of values, by kind; the label where nothing is written.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub strategies: BTreeMap<Kind, Strategy>,
    /// Values that are harmless; `*` is any run of characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
    /// Names of fields, and what they hold.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, HoldsDoc>,
    /// Detectors besides those of this build.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub detectors: Vec<DetectorDoc>,
}

/// `masking:` of a rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleMaskingDoc {
    /// What comes in the place of values, by kind, over what the document says.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub strategies: BTreeMap<Kind, Strategy>,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldsDoc {
    /// Nothing that its name gives away.
    Plain,
    /// A value of this kind.
    Kind(Kind),
}

impl HoldsDoc {
    /// Every word, `plain` last.
    const WORDS: &[&str] = &[
        "secret",
        "email",
        "phone",
        "name",
        "address",
        "card",
        "bank_account",
        "national_id",
        "birth_date",
        "ip_address",
        "wallet",
        "vehicle",
        "plain",
    ];
}

impl Serialize for HoldsDoc {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        writer.serialize_str(match self {
            Self::Plain => "plain",
            Self::Kind(kind) => kind.as_str(),
        })
    }
}

impl<'de> Deserialize<'de> for HoldsDoc {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let word = String::deserialize(reader)?;
        match Kind::named(&word) {
            Some(kind) => Ok(Self::Kind(kind)),
            None if word == "plain" => Ok(Self::Plain),
            None => Err(D::Error::unknown_variant(&word, Self::WORDS)),
        }
    }
}

/// A detector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectorDoc {
    /// Its name, unique in the document.
    pub name: String,
    /// What it finds.
    pub kind: Kind,
    /// How that is written.
    pub pattern: String,
    /// Words of which one stands in the field's name, or up to 48 bytes before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<String>,
    /// The rule that its digits keep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckDoc>,
    /// Matches that are harmless; `*` is any run of characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
    /// What comes in their place, over what comes in the place of their kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
    /// Texts that `countersign check` tries it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<DetectorTestsDoc>,
}

/// A rule for digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckDoc {
    /// Luhn's, of cards.
    Luhn,
    /// ISO/IEC 7064, MOD 97-10.
    Mod97,
    /// Verhoeff's.
    Verhoeff,
    /// Weights from the end, modulo 11.
    Mod11,
    /// None.
    None,
}

/// What a detector must do, and must not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectorTestsDoc {
    /// Texts in each of which it masks something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masks: Vec<String>,
    /// Texts in which it masks nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keeps: Vec<String>,
}
