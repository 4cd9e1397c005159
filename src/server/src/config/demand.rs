//! `demands`: for which requests an approval takes more than a click.

use serde::Deserialize;

use crate::service::StartError;

/// An entry as it is typed. What it does not name, it does not look at.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// A class, such as `data_delete`.
    class: Option<String>,
    /// A policy.
    policy: Option<String>,
    /// A rule of it.
    rule: Option<String>,
    /// Only what cannot be undone, or of which nobody says that it can.
    #[serde(default)]
    irreversible: bool,
    /// Whoever approves types the request's code.
    #[serde(default)]
    typed_code: bool,
    /// Nobody approves what was not understood or shown whole.
    #[serde(default)]
    understood: bool,
}

/// Whether a request must have been understood and shown whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    /// It must.
    Demanded,
    /// It need not: the page says in words what is missing.
    Said,
}

/// An entry.
#[derive(Clone, Debug)]
pub(crate) struct Demand {
    pub(crate) class: Option<String>,
    pub(crate) policy: Option<String>,
    pub(crate) rule: Option<String>,
    pub(crate) irreversible: bool,
    pub(crate) typed_code: bool,
    pub(crate) shown: Whole,
}

/// Reads the entries.
pub(super) fn compile(typed: Vec<Entry>) -> Result<Vec<Demand>, StartError> {
    typed.into_iter().enumerate().map(|(at, entry)| one(at + 1, entry)).collect()
}

fn one(number: usize, typed: Entry) -> Result<Demand, StartError> {
    if !typed.typed_code && !typed.understood {
        return Err(StartError(format!(
            "`demands`, entry {number}: it demands nothing; say `typed_code: true` or `understood: true`"
        )));
    }
    if typed.rule.is_some() && typed.policy.is_none() {
        return Err(StartError(format!("`demands`, entry {number}: a `rule` is named without its `policy`")));
    }
    let shown = if typed.understood { Whole::Demanded } else { Whole::Said };
    Ok(Demand {
        class: typed.class,
        policy: typed.policy,
        rule: typed.rule,
        irreversible: typed.irreversible,
        typed_code: typed.typed_code,
        shown,
    })
}

/// Reads the link to a policy's commit: an https address with `{commit}` where the commit goes.
pub(super) fn policy_url(typed: Option<String>) -> Result<Option<String>, StartError> {
    let Some(url) = typed else { return Ok(None) };
    let plain = url.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>\\^`|@".contains(&b));
    if !url.starts_with("https://") || !plain || url.matches("{commit}").count() != 1 {
        return Err(StartError(format!(
            "`policy_url` (`{url}`) must be an https address with `{{commit}}` once in it"
        )));
    }
    Ok(Some(url))
}

#[cfg(test)]
mod tests {
    use super::policy_url;

    #[test]
    fn a_link_to_a_policy_is_https_and_names_its_commit_once() {
        let good = "https://git.example.com/policies/commit/{commit}";
        assert_eq!(policy_url(Some(good.to_owned())).unwrap().as_deref(), Some(good));
        for bad in [
            "http://git.example.com/{commit}",
            "https://git.example.com/",
            "https://a/{commit}/{commit}",
            "https://a b/{commit}",
        ] {
            assert!(policy_url(Some(bad.to_owned())).is_err(), "{bad}");
        }
    }
}
