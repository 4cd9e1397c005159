//! `sign_in:` of `server.yaml`: which identity providers say who is who. What was typed ([`SignInAt`]), and what it means
//! ([`SignIn`]).
//!
//! Promises: an issuer that lets in anybody of the world (`common` of Entra, Google without a domain) is refused; a client
//! secret never stands in the document; what could let nobody in, or nobody approve, is said at the start.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use countersign_wire::sealed::Plain;
use serde::Deserialize;

use super::{
    Account, DirectoryAt,
    document::{SecretFrom, Span},
};
use crate::{jwt::Algorithm, outward, service::StartError};

/// `sign_in:` as it is typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInAt {
    /// The identity providers.
    pub providers: Vec<ProviderAt>,
    /// For how long the groups that a sign-in told count; as long as a session lives where nothing is written.
    pub membership_age: Option<Span>,
    /// What needs a fresh sign-in.
    #[serde(default)]
    pub step_up: Vec<StepUpAt>,
}

/// One identity provider as it is typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderAt {
    /// Its name here, in lower case: part of the redirect URI.
    pub name: String,
    /// What the login page calls it; the name where nothing is written.
    pub label: Option<String>,
    /// Its issuer, exactly as its metadata and its tokens say.
    pub issuer: String,
    /// Our id there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: SecretFrom,
    /// What is asked for; `openid profile email` where nothing is written.
    pub scopes: Option<Vec<String>>,
    /// Where groups come from.
    pub groups: GroupsAt,
    /// The names of its groups here, where they have others there. Then no other group counts.
    pub group_names: Option<BTreeMap<String, String>>,
    /// Entra's tenant.
    pub tenant: Option<String>,
    /// Google Workspace's domain (`hd`).
    pub hosted_domain: Option<String>,
    /// What an ID token must say so that a human signed in.
    #[serde(default)]
    pub human: HumanAt,
    /// The domains of which an e-mail address must be.
    pub email_domains: Option<BTreeSet<String>>,
    /// How its tokens may be signed; RS256 where nothing is written.
    pub algorithms: Option<Vec<Algorithm>>,
    /// Where `log out` leads.
    #[serde(default)]
    pub log_out: LogOut,
    /// How long one call to it may take; 5 seconds where nothing is written.
    pub timeout: Option<Span>,
    /// A PEM file with the authorities that sign its certificate; Mozilla's where nothing is written.
    pub ca: Option<String>,
}

/// Where groups come from, as it is typed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupsAt {
    /// From this claim of the ID token.
    Claim(String),
    /// From `groups` and `people` of this document alone.
    Static,
    /// From the claim `groups`, and from Microsoft Graph at this address where Entra leaves them out.
    Graph(String),
    /// From Entra's app roles, the claim `roles`.
    AppRoles,
}

/// What marks a human, as it is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HumanAt {
    /// One of these is the token's `acr`.
    #[serde(default)]
    pub acr: BTreeSet<String>,
    /// One of these is among the token's `amr`.
    #[serde(default)]
    pub amr: BTreeSet<String>,
}

/// Where `log out` leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogOut {
    /// The session here ends, and the one at the provider goes on.
    #[default]
    Here,
    /// Both end.
    Provider,
}

/// What needs a fresh sign-in, as it is typed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepUpAt {
    /// Classes of actions, such as `privilege_change`.
    #[serde(default)]
    pub classes: BTreeSet<String>,
    /// Rules, as `policy/rule`.
    #[serde(default)]
    pub rules: BTreeSet<String>,
    /// How long ago the reviewer may have signed in.
    pub max_age: Span,
    /// One of these must be the sign-in's `acr`.
    #[serde(default)]
    pub acr: Vec<String>,
}

/// Who says who is who.
#[derive(Clone, Debug)]
pub struct SignIn {
    pub(crate) providers: Vec<Provider>,
    pub(crate) membership_age: Duration,
    pub(crate) step_up: Vec<StepUp>,
}

/// One identity provider.
#[derive(Clone)]
pub struct Provider {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: std::sync::Arc<Plain>,
    pub(crate) scopes: Vec<String>,
    pub(crate) groups: GroupsAt,
    pub(crate) group_names: Option<BTreeMap<String, String>>,
    pub(crate) tenant: Option<String>,
    pub(crate) hosted_domain: Option<String>,
    pub(crate) human: HumanAt,
    pub(crate) email_domains: Option<BTreeSet<String>>,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) log_out: LogOut,
    pub(crate) timeout: Duration,
    pub(crate) ca: Option<String>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider")
            .field("name", &self.name)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// What needs a fresh sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepUp {
    pub(crate) classes: BTreeSet<String>,
    pub(crate) rules: BTreeSet<String>,
    pub(crate) max_age: Duration,
    pub(crate) acr: Vec<String>,
}

/// The hosts of Entra ID, one for each of Microsoft's clouds.
const ENTRA: [&str; 4] = [
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "sts.windows.net",
];
const GOOGLE: &str = "accounts.google.com";

impl SignIn {
    /// Checks what was typed.
    ///
    /// # Errors
    /// A sentence that names the provider and what is wrong.
    pub(crate) fn compile(typed: SignInAt) -> Result<Self, StartError> {
        if typed.providers.is_empty() {
            return Err(StartError("`sign_in`: `providers` is empty, so nobody could sign in".to_owned()));
        }
        let mut providers: Vec<Provider> = Vec::new();
        for typed in typed.providers {
            let name = typed.name.clone();
            let at = |why: String| StartError(format!("`sign_in`: provider `{name}`: {why}"));
            let provider = Provider::compile(typed).map_err(at)?;
            if providers.iter().any(|other| other.name == provider.name) {
                return Err(at("there are two of this name".to_owned()));
            }
            if providers.iter().any(|other| other.issuer == provider.issuer) {
                return Err(at(format!("issuer `{}` is another provider's already", provider.issuer)));
            }
            providers.push(provider);
        }
        let step_up = typed.step_up.into_iter().map(StepUp::compile).collect::<Result<_, _>>();
        Ok(Self {
            providers,
            membership_age: typed.membership_age.map_or(Duration::from_hours(8), |span| span.0),
            step_up: step_up.map_err(|why| StartError(format!("`sign_in`: `step_up`: {why}")))?,
        })
    }

    /// Which groups a sign-in may tell.
    pub(crate) fn tells(&self) -> Tells {
        let mut names = BTreeSet::new();
        for provider in &self.providers {
            match (&provider.groups, &provider.group_names) {
                (GroupsAt::Static, _) => {}
                (GroupsAt::Claim(_) | GroupsAt::Graph(_) | GroupsAt::AppRoles, None) => return Tells::Any,
                (GroupsAt::Claim(_) | GroupsAt::Graph(_) | GroupsAt::AppRoles, Some(map)) => {
                    names.extend(map.values().cloned());
                }
            }
        }
        Tells::These(names)
    }

    /// The identity providers.
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }
}

/// Which groups a sign-in may tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tells {
    /// Whatever the providers call their groups.
    Any,
    /// These, and no other.
    These(BTreeSet<String>),
}

impl Provider {
    fn compile(typed: ProviderAt) -> Result<Self, String> {
        name(&typed.name)?;
        outward::safe(&typed.issuer).map_err(|why| format!("issuer: {why}"))?;
        let host = typed.issuer.split("://").nth(1).and_then(|rest| rest.split('/').next());
        let host = host.unwrap_or_default().to_ascii_lowercase();
        if typed.client_id.trim().is_empty() {
            return Err("`client_id` is empty".to_owned());
        }
        entra(&typed, &host)?;
        google(&typed, &host)?;
        if let GroupsAt::Graph(address) = &typed.groups {
            outward::safe(address).map_err(|why| format!("`groups`: `graph`: {why}"))?;
        }
        let algorithms = typed.algorithms.unwrap_or_else(|| vec![Algorithm::RS256]);
        if algorithms.is_empty() {
            return Err("`algorithms` is empty, so no token could be believed".to_owned());
        }
        let mut scopes =
            typed.scopes.unwrap_or_else(|| ["openid", "profile", "email"].map(str::to_owned).to_vec());
        if scopes.iter().any(|scope| scope.is_empty() || scope.contains(char::is_whitespace)) {
            return Err("a scope is one word without blanks".to_owned());
        }
        if !scopes.iter().any(|scope| scope == "openid") {
            scopes.insert(0, "openid".to_owned());
        }
        let lower =
            |names: BTreeSet<String>| names.into_iter().map(|name| name.to_ascii_lowercase()).collect();
        Ok(Self {
            label: typed.label.unwrap_or_else(|| typed.name.clone()),
            client_secret: std::sync::Arc::new(secret(&typed.client_secret)?),
            name: typed.name,
            issuer: typed.issuer,
            client_id: typed.client_id,
            scopes,
            groups: typed.groups,
            group_names: typed.group_names,
            tenant: typed.tenant.map(|tenant| tenant.to_ascii_lowercase()),
            hosted_domain: typed.hosted_domain.map(|domain| domain.to_ascii_lowercase()),
            human: typed.human,
            email_domains: typed.email_domains.map(lower),
            algorithms,
            log_out: typed.log_out,
            timeout: typed.timeout.map_or(Duration::from_secs(5), |span| span.0),
            ca: typed.ca,
        })
    }

    /// Its name here.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the provider must be told that we are called back at; `service` is the service's own issuer.
    pub fn redirect_uri(&self, service: &str) -> String {
        format!("{service}/login/callback/{}", self.name)
    }
}

fn name(name: &str) -> Result<(), String> {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if (1..=32).contains(&name.len()) && name.bytes().all(good) {
        Ok(())
    } else {
        Err("a name is 1 to 32 small letters, digits and hyphens: it is part of the redirect URI".to_owned())
    }
}

fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

/// Entra's issuer must be of one tenant: `common` lets in every Microsoft account there is.
fn entra(typed: &ProviderAt, host: &str) -> Result<(), String> {
    let tenant = typed.tenant.as_deref();
    if let Some(tenant) = tenant.filter(|tenant| !is_guid(tenant)) {
        return Err(format!(
            "tenant `{tenant}` is not a tenant id (a GUID, on the overview page of Entra ID)"
        ));
    }
    if !ENTRA.contains(&host) {
        return match (&typed.groups, tenant) {
            (GroupsAt::Graph(_) | GroupsAt::AppRoles, None) => {
                Err("`groups` of Entra need the `tenant`".to_owned())
            }
            _ => Ok(()),
        };
    }
    let of_issuer =
        typed.issuer.split("://").nth(1).and_then(|rest| rest.split('/').nth(1)).unwrap_or_default();
    if ["common", "organizations", "consumers"].contains(&of_issuer) {
        return Err(format!(
            "issuer `{}` lets in accounts of every tenant; use the one of yours, \
             `https://{host}/TENANT-ID/v2.0`",
            typed.issuer
        ));
    }
    match tenant {
        None => Err("`tenant` is missing: the tenant id that the issuer names".to_owned()),
        Some(tenant) if tenant.eq_ignore_ascii_case(of_issuer) => Ok(()),
        Some(tenant) => Err(format!("tenant `{tenant}` is not the one of issuer `{}`", typed.issuer)),
    }
}

/// Google lets in everybody with an account there, and tells no groups.
fn google(typed: &ProviderAt, host: &str) -> Result<(), String> {
    if host != GOOGLE {
        return Ok(());
    }
    if typed.hosted_domain.is_none() {
        return Err(
            "`hosted_domain` is missing: without it everybody with a Google account could sign in".to_owned()
        );
    }
    match typed.groups {
        GroupsAt::Static => Ok(()),
        GroupsAt::Claim(_) | GroupsAt::Graph(_) | GroupsAt::AppRoles => Err(
            "Google tells no groups; say `groups: static`, and list the people under `people` and `groups`"
                .to_owned(),
        ),
    }
}

fn secret(from: &SecretFrom) -> Result<Plain, String> {
    let text = match from {
        SecretFrom::Env(name) => std::env::var(name)
            .map_err(|_| format!("`client_secret`: environment variable `{name}` is not set"))?
            .into_bytes(),
        SecretFrom::File(path) => private(path)?,
    };
    let text: Vec<u8> = text.trim_ascii().to_vec();
    Plain::value(text).map_err(|why| format!("`client_secret`: {why}"))
}

/// A file that only its owner can read.
fn private(path: &str) -> Result<Vec<u8>, String> {
    use std::os::unix::fs::PermissionsExt as _;
    let failed = |error: std::io::Error| format!("`client_secret`: cannot read `{path}`: {error}");
    let mode = std::fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(format!(
            "`client_secret`: `{path}` can be read by others (mode {mode:03o}); make it private with `chmod 600 {path}`"
        ));
    }
    std::fs::read(path).map_err(failed)
}

impl StepUp {
    fn compile(typed: StepUpAt) -> Result<Self, String> {
        if typed.classes.is_empty() && typed.rules.is_empty() {
            return Err("an entry names neither `classes` nor `rules`, so it would never count".to_owned());
        }
        if typed.max_age.0.is_zero() {
            return Err("`max_age` of 0s could never be met".to_owned());
        }
        Ok(Self { classes: typed.classes, rules: typed.rules, max_age: typed.max_age.0, acr: typed.acr })
    }
}

/// People and groups of a service in production, beside what sign-ins tell.
pub(super) fn directory(typed: DirectoryAt, sign_in: &SignIn) -> Result<super::Directory, StartError> {
    let people = typed.people.unwrap_or_default();
    let mut reviewers = Vec::with_capacity(people.len());
    for human in people {
        let mut accounts = Vec::with_capacity(human.accounts.len());
        for account in human.accounts {
            // An account may name its provider, instead of spelling out the issuer again.
            let named = sign_in.providers.iter().find(|provider| provider.name == account.iss);
            let iss = named.map_or(account.iss, |provider| provider.issuer.clone());
            accounts.push(Account {
                iss,
                sub: account.sub,
                email: account.email.or_else(|| human.email.clone()),
            });
        }
        if accounts.is_empty() {
            return Err(StartError(format!(
                "`people`: `{}` has no account, so they could not sign in",
                human.name
            )));
        }
        reviewers.push(super::Reviewer { name: human.name, accounts });
    }
    let typed = typed.groups.unwrap_or_default();
    let groups = super::groups(Some(typed), &reviewers, "people")?;
    let learnt = super::Learnt::Told { names: sign_in.tells(), age: sign_in.membership_age };
    Ok(super::Directory { people: reviewers, groups, learnt })
}

#[cfg(test)]
mod tests;
