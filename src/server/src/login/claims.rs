//! What an identity provider's tokens say, checked: the ID token of a sign-in, the logout token of a back-channel logout.
//!
//! Promises: a token counts only if it is from the pinned issuer, for us alone, in time, and (an ID token) answers the very
//! question this browser asked; an e-mail address can keep somebody out and never lets anybody in; where the provider is
//! told to, only what marks a human counts. No I/O; time is an argument.
//!
//! Sources: OpenID Connect Core 1.0, 3.1.3.7; Back-Channel Logout 1.0, 2.4 to 2.6; Microsoft's "ID token claims reference".

use countersign_wire::people::canonical_email;
use serde_json::{Map, Value};

use crate::{
    approver::text::inert_short,
    config::sign_in::{GroupsAt, Provider},
    jwt::Believed,
};

/// By how much clocks may differ, in seconds.
pub(crate) const SKEW_S: i64 = 60;
/// How old an ID token may be that a sign-in brings, in seconds: it was made a moment ago.
const FRESH_S: i64 = 600;
/// The event of a logout token.
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// The longest name of an account.
const NAME: usize = 255;
/// How many groups one token may tell.
const GROUPS: usize = 2_000;

/// Why somebody is not let in: a sentence for them and for whoever set the provider up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unfit(pub(crate) String);

fn unfit(why: impl Into<String>) -> Unfit {
    Unfit(why.into())
}

/// What the ID token of this sign-in must answer.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'w> {
    pub(crate) nonce: &'w str,
    /// Where somebody signs in again: by whom and how.
    pub(crate) again: Option<&'w Again>,
}

/// What a repeated sign-in must bring.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Again {
    /// Who must it be.
    pub(crate) iss: String,
    pub(crate) sub: String,
    /// How long ago they may have been asked, in seconds.
    pub(crate) max_age_s: i64,
    /// One of these must be how they were asked; any, where empty.
    pub(crate) acr: Vec<String>,
}

/// Somebody who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) sub: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) sid: Option<String>,
    /// When they were asked who they are, Unix seconds.
    pub(crate) auth_time: Option<i64>,
    pub(crate) acr: Option<String>,
    pub(crate) groups: Groups,
    /// Entra's tenant and object id.
    pub(crate) entra: Option<(String, String)>,
}

/// Which groups a token tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Groups {
    /// These, as they are called here.
    These(Vec<String>),
    /// Too many for a token: Microsoft Graph at this address knows them.
    AtGraph(String),
}

fn text<'c>(claims: &'c Map<String, Value>, name: &str) -> Option<&'c str> {
    claims.get(name).and_then(Value::as_str)
}

fn number(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = claims.get(name)?;
    // Some providers write times with a fraction.
    #[expect(clippy::cast_possible_truncation, reason = "a time in seconds; what is too large saturates")]
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

/// Text that others wrote, as sentences quote it.
fn quoted(text: &str) -> String {
    inert_short(text, 80).to_string()
}

/// Issuer, audience and time: what every token must hold.
fn for_us(provider: &Provider, claims: &Map<String, Value>, now_s: i64) -> Result<(), Unfit> {
    match text(claims, "iss") {
        Some(iss) if iss == provider.issuer => {}
        other => {
            return Err(unfit(format!(
                "the token is from issuer `{}`, not from `{}`",
                quoted(other.unwrap_or_default()),
                provider.issuer
            )));
        }
    }
    let ours = |value: &Value| value.as_str() == Some(provider.client_id.as_str());
    let azp = claims.get("azp");
    let audience = match claims.get("aud") {
        Some(one @ Value::String(_)) => ours(one),
        Some(Value::Array(several)) if several.len() == 1 => several.iter().all(ours),
        // Several audiences: then it says which of them asked for it.
        Some(Value::Array(several)) => several.iter().any(ours) && azp.is_some(),
        _ => false,
    };
    if !audience || azp.is_some_and(|azp| !ours(azp)) {
        return Err(unfit(format!("the token is not for client `{}`", provider.client_id)));
    }
    let iat = number(claims, "iat").ok_or_else(|| unfit("the token does not say when it was made"))?;
    if iat > now_s + SKEW_S || number(claims, "nbf").is_some_and(|nbf| nbf > now_s + SKEW_S) {
        return Err(unfit(format!(
            "the token is from the future: this machine's clock is {} s behind the provider's",
            iat.saturating_sub(now_s)
        )));
    }
    if number(claims, "exp").is_some_and(|exp| exp.saturating_add(SKEW_S) <= now_s) {
        return Err(unfit(
            "the token has expired; if it has only just been made, this machine's clock is ahead",
        ));
    }
    Ok(())
}

/// Checks the claims of an ID token whose signature verified.
///
/// # Errors
/// [`Unfit`].
pub(crate) fn id_token(
    provider: &Provider,
    token: &Believed,
    wanted: &Wanted<'_>,
    now_s: i64,
) -> Result<Told, Unfit> {
    let claims = &token.claims;
    // Tokens of other kinds from the same issuer are signed by the same key: none of them signs anybody in.
    if token.kind.as_deref().is_some_and(|kind| kind != "jwt") || claims.contains_key("events") {
        return Err(unfit("the token is no ID token"));
    }
    for_us(provider, claims, now_s)?;
    if number(claims, "exp").is_none() {
        return Err(unfit("the token does not say when it expires"));
    }
    if number(claims, "iat").is_some_and(|iat| iat.saturating_add(FRESH_S + SKEW_S) < now_s) {
        return Err(unfit("the token is of an earlier sign-in"));
    }
    if text(claims, "nonce") != Some(wanted.nonce) {
        return Err(unfit("the token answers another sign-in (`nonce`)"));
    }
    let sub = text(claims, "sub").filter(|sub| !sub.is_empty() && sub.len() <= NAME);
    let sub = sub.ok_or_else(|| unfit("the token names no account (`sub`)"))?.to_owned();
    human(provider, claims)?;
    let email = text(claims, "email").filter(|email| email.len() <= 320 && email.contains('@'));
    domains(provider, claims, email)?;
    let (acr, auth_time) = (text(claims, "acr").map(str::to_owned), number(claims, "auth_time"));
    if let Some(again) = wanted.again {
        repeated(again, &provider.issuer, &sub, acr.as_deref(), auth_time, now_s)?;
    }
    let name = ["name", "preferred_username"]
        .iter()
        .find_map(|name| text(claims, name).filter(|name| !name.is_empty()));
    Ok(Told {
        name: inert_short(name.or(email).unwrap_or(&sub), 120).to_string(),
        email: email.map(str::to_owned),
        sid: text(claims, "sid").map(str::to_owned),
        auth_time,
        acr,
        groups: groups(provider, claims)?,
        entra: entra(provider, claims)?,
        sub,
    })
}

/// Whether the token says that a human signed in, in the words that the provider was configured with.
fn human(provider: &Provider, claims: &Map<String, Value>) -> Result<(), Unfit> {
    let human = &provider.human;
    if !human.acr.is_empty() && !text(claims, "acr").is_some_and(|acr| human.acr.contains(acr)) {
        return Err(unfit(format!(
            "the sign-in is not of a kind that counts as a human's here (`acr` is `{}`)",
            quoted(text(claims, "acr").unwrap_or_default())
        )));
    }
    let methods = strings(claims.get("amr"));
    if !human.amr.is_empty() && !methods.iter().any(|method| human.amr.contains(*method)) {
        return Err(unfit(format!(
            "the sign-in is not of a kind that counts as a human's here (`amr` is `{}`)",
            quoted(&methods.join(" "))
        )));
    }
    Ok(())
}

/// Domains of addresses and of Google Workspace: both only keep people out.
fn domains(provider: &Provider, claims: &Map<String, Value>, email: Option<&str>) -> Result<(), Unfit> {
    if let Some(domain) = &provider.hosted_domain {
        let hd = text(claims, "hd").map(str::to_ascii_lowercase);
        if hd.as_ref() != Some(domain) {
            return Err(unfit(format!("only accounts of `{domain}` may sign in here")));
        }
    }
    let Some(allowed) = &provider.email_domains else { return Ok(()) };
    let domain = email.and_then(canonical_email).and_then(|email| Some(email.rsplit_once('@')?.1.to_owned()));
    let verified = matches!(claims.get("email_verified"), Some(Value::Bool(true)))
        || text(claims, "email_verified") == Some("true");
    if !domain.is_some_and(|domain| allowed.contains(&domain)) {
        return Err(unfit("accounts with an address of this domain may not sign in here"));
    }
    if verified { Ok(()) } else { Err(unfit("the provider has not verified the address (`email_verified`)")) }
}

fn repeated(
    again: &Again,
    iss: &str,
    sub: &str,
    acr: Option<&str>,
    auth_time: Option<i64>,
    now_s: i64,
) -> Result<(), Unfit> {
    if again.iss != iss || again.sub != sub {
        return Err(unfit("you signed in as somebody else; sign in with the account you began with"));
    }
    match auth_time {
        None => return Err(unfit("the provider does not say when you were asked who you are (`auth_time`)")),
        Some(at) if at.saturating_add(again.max_age_s + SKEW_S) < now_s => {
            return Err(unfit(
                "the provider did not ask you again who you are; sign out there, and try once more",
            ));
        }
        Some(_) => {}
    }
    if again.acr.is_empty() || acr.is_some_and(|acr| again.acr.iter().any(|one| one == acr)) {
        Ok(())
    } else {
        Err(unfit(format!(
            "the provider asked you in another way than this needs (`acr` is `{}`, not `{}`)",
            quoted(acr.unwrap_or_default()),
            again.acr.join(" ")
        )))
    }
}

fn entra(provider: &Provider, claims: &Map<String, Value>) -> Result<Option<(String, String)>, Unfit> {
    let Some(tenant) = &provider.tenant else { return Ok(None) };
    let tid = text(claims, "tid").map(str::to_ascii_lowercase).unwrap_or_default();
    if tid != *tenant {
        return Err(unfit(format!("the account is of tenant `{}`, not of `{tenant}`", quoted(&tid))));
    }
    let oid = text(claims, "oid").filter(|oid| !oid.is_empty() && oid.len() <= NAME);
    let oid = oid.ok_or_else(|| unfit("the token has no `oid`; ask for the scope `profile`"))?;
    Ok(Some((tid, oid.to_ascii_lowercase())))
}

fn strings(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one],
        _ => Vec::new(),
    }
}

fn groups(provider: &Provider, claims: &Map<String, Value>) -> Result<Groups, Unfit> {
    let claim = match &provider.groups {
        GroupsAt::Static => return Ok(Groups::These(Vec::new())),
        GroupsAt::Claim(claim) => claim,
        GroupsAt::Graph(_) => "groups",
        GroupsAt::AppRoles => "roles",
    };
    if claims.get(claim).is_none() && left_out(claims, claim) {
        // Where the token says to look is not followed: it is a retired service, and an address from outside.
        return match &provider.groups {
            GroupsAt::Graph(address) => Ok(Groups::AtGraph(address.clone())),
            GroupsAt::Claim(_) | GroupsAt::Static | GroupsAt::AppRoles => Err(unfit(
                "you are in more groups than the provider puts into a token; whoever runs this service must say \
                 `groups: {graph: https://graph.microsoft.com}`, or use app roles",
            )),
        };
    }
    Ok(Groups::These(named(provider, strings(claims.get(claim)))?))
}

/// Whether Entra says that there are too many groups for the token.
fn left_out(claims: &Map<String, Value>, claim: &str) -> bool {
    let elsewhere = claims.get("_claim_names").and_then(Value::as_object);
    elsewhere.is_some_and(|names| names.contains_key(claim))
        || matches!(claims.get("hasgroups"), Some(Value::Bool(true)))
        || text(claims, "hasgroups") == Some("true")
}

/// A provider's groups as they are called here.
///
/// # Errors
/// [`Unfit`], where there are absurdly many.
pub(crate) fn named(provider: &Provider, told: Vec<&str>) -> Result<Vec<String>, Unfit> {
    if told.len() > GROUPS && provider.group_names.is_none() {
        return Err(unfit(format!(
            "you are in more than {GROUPS} groups; tell fewer, or name those that matter in `group_names`"
        )));
    }
    let mut names: Vec<String> = match &provider.group_names {
        None => told.into_iter().filter(|name| name.len() <= NAME).map(str::to_owned).collect(),
        Some(map) => told.into_iter().filter_map(|name| map.get(name).cloned()).collect(),
    };
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// Whose sessions end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logout {
    pub(crate) sub: Option<String>,
    pub(crate) sid: Option<String>,
    pub(crate) jti: String,
    /// Until when its `jti` is kept, Unix seconds.
    pub(crate) until_s: i64,
}

/// Checks the claims of a logout token whose signature verified.
///
/// # Errors
/// [`Unfit`].
pub(crate) fn logout_token(provider: &Provider, token: &Believed, now_s: i64) -> Result<Logout, Unfit> {
    let claims = &token.claims;
    if token.kind.as_deref().is_some_and(|kind| kind != "logout+jwt" && kind != "jwt") {
        return Err(unfit("the token is no logout token (`typ`)"));
    }
    let events = claims.get("events").and_then(Value::as_object);
    if !events.is_some_and(|events| events.get(LOGOUT).is_some_and(Value::is_object)) {
        return Err(unfit("the token is no logout token (`events`)"));
    }
    if claims.contains_key("nonce") {
        return Err(unfit("a logout token has no `nonce`"));
    }
    for_us(provider, claims, now_s)?;
    let iat = number(claims, "iat").unwrap_or_default();
    if iat.saturating_add(FRESH_S + SKEW_S) < now_s {
        return Err(unfit("the logout token is too old"));
    }
    let named = |name: &str| {
        text(claims, name).filter(|name| !name.is_empty() && name.len() <= NAME).map(str::to_owned)
    };
    let (sub, sid) = (named("sub"), named("sid"));
    if sub.is_none() && sid.is_none() {
        return Err(unfit("the logout token names neither `sub` nor `sid`"));
    }
    let jti = named("jti").ok_or_else(|| unfit("the logout token has no `jti`"))?;
    Ok(Logout { sub, sid, jti, until_s: now_s.max(iat) + FRESH_S + 2 * SKEW_S })
}

#[cfg(test)]
mod tests;
