//! Whether people could sign in: each identity provider answers, is the one that is meant, and knows us.
//!
//! Our client id and secret are tried with a code that nobody was given: a provider that knows us says that the code is wrong,
//! and one that does not says that we are.

use super::{Finding, Setting};
use crate::{
    clock::{Clock as _, System},
    config::sign_in::{GroupsAt, LogOut, Provider},
    login::provider::{Idp, Metadata, said},
};

/// By how many seconds clocks may differ before somebody should know.
const DRIFT_S: i64 = 20;

pub(super) async fn examine(setting: Setting<'_>) -> Vec<Finding> {
    let service = setting.config.issuer();
    let mut findings = Vec::new();
    if service.starts_with("http://") {
        findings.push(Finding::warn(
            format!("people reach the service at `{service}`, which only this machine can"),
            "set `issuer` to the https address under which people open the inbox",
        ));
    }
    let providers = setting.config.sign_in().map_or(&[][..], |sign_in| sign_in.providers());
    for provider in providers {
        findings.extend(one(provider, service).await);
    }
    findings
}

async fn one(provider: &Provider, service: &str) -> Vec<Finding> {
    let name = provider.name();
    let idp = match Idp::new(provider.clone()) {
        Ok(idp) => idp,
        Err(why) => {
            return vec![Finding::fail(why, "name a PEM file with the authority's certificate under `ca`")];
        }
    };
    let metadata = match idp.metadata().await {
        Ok(metadata) => metadata,
        Err(why) => {
            return vec![Finding::fail(
                format!("`{name}`: {why}"),
                "open the address in a browser on this machine: `issuer` must be exactly what it says, and a proxy or firewall \
                 must let this machine reach it",
            )];
        }
    };
    let mut findings =
        vec![Finding::ok(format!("`{name}`: issuer `{}` answers and calls itself so", metadata.issuer))];
    match idp.keys(&metadata).await {
        Ok(keys) => findings.push(Finding::ok(format!("`{name}`: it publishes {} signing keys", keys.len()))),
        Err(why) => findings.push(Finding::fail(
            format!("`{name}`: {why}"),
            format!("`{}` must be reachable from this machine", metadata.jwks_uri),
        )),
    }
    findings.extend(metadata_says(provider, &metadata));
    findings.push(credentials(&idp, &metadata, service).await);
    findings.extend(clock(&idp).await);
    let redirect = provider.redirect_uri(service);
    findings.push(Finding::ok(format!("`{name}`: register `{redirect}` there as redirect URI")));
    if metadata.backchannel_logout_supported {
        findings.push(Finding::ok(format!(
            "`{name}`: it can tell us of log-outs; register `{service}/login/logout/{name}` as back-channel logout URI"
        )));
    } else {
        findings.push(Finding::warn(
            format!("`{name}`: it does not tell us when somebody is logged out"),
            "sessions here end after 8 hours, or 30 minutes without use; a shorter `membership_age` asks for groups sooner",
        ));
    }
    findings
}

fn metadata_says(provider: &Provider, metadata: &Metadata) -> Vec<Finding> {
    let name = provider.name();
    let mut findings = Vec::new();
    let pkce = &metadata.code_challenge_methods_supported;
    findings.push(if pkce.iter().any(|method| method == "S256") {
        Finding::ok(format!("`{name}`: it knows PKCE with S256"))
    } else if pkce.is_empty() {
        Finding::warn(
            format!("`{name}`: it does not say that it knows PKCE"),
            "Entra ID knows it without saying so; of another provider ask its documentation",
        )
    } else {
        Finding::fail(
            format!("`{name}`: it does not know PKCE with S256"),
            "use another provider, or a newer version of it",
        )
    });
    let signs = &metadata.id_token_signing_alg_values_supported;
    let known = provider.algorithms.iter().any(|own| signs.iter().any(|one| one == own.as_str()));
    if !known && !signs.is_empty() {
        findings.push(Finding::fail(
            format!("`{name}`: it signs ID tokens by {}, none of which is in `algorithms`", signs.join(", ")),
            "add the one it uses to `algorithms`",
        ));
    }
    if provider.log_out == LogOut::Provider && metadata.end_session_endpoint.is_none() {
        findings.push(Finding::warn(
            format!("`{name}`: `log_out: provider` is set, and it has no page for logging out"),
            "remove `log_out`",
        ));
    }
    let asks = |scope: &str| provider.scopes.iter().any(|one| one == scope);
    if matches!(provider.groups, GroupsAt::Graph(_)) && !asks("GroupMember.Read.All") {
        findings.push(Finding::warn(
            format!("`{name}`: groups are asked of Microsoft Graph, and `scopes` has no `GroupMember.Read.All`"),
            "add `User.Read` and `GroupMember.Read.All` to `scopes`, and let an administrator consent to them",
        ));
    }
    findings
}

/// Whether the provider takes our client id and secret.
async fn credentials(idp: &Idp, metadata: &Metadata, service: &str) -> Finding {
    let provider = &idp.settings;
    let (name, redirect) = (provider.name(), provider.redirect_uri(service));
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", "countersign-doctor-asks-whether-you-know-it"),
        ("redirect_uri", redirect.as_str()),
        ("code_verifier", "countersign-doctor-asks-whether-you-know-it-00"),
    ];
    let mend = "copy `client_id` and the client secret anew from the provider's page of this application; a secret may have expired";
    match idp.post(metadata, &fields).await {
        Err(why) => Finding::fail(
            format!("`{name}`: {why}"),
            "the token endpoint must be reachable from this machine",
        ),
        Ok(answer) => {
            let words = said(&answer);
            if answer.status == 400 && (words.contains("invalid_grant") || words.contains("invalid_request"))
            {
                Finding::ok(format!(
                    "`{name}`: it knows client `{}` and takes its secret",
                    provider.client_id
                ))
            } else {
                Finding::fail(
                    format!("`{name}`: it does not take client `{}`: {words}", provider.client_id),
                    mend,
                )
            }
        }
    }
}

/// How far this machine's clock is from the provider's.
async fn clock(idp: &Idp) -> Option<Finding> {
    let name = idp.settings.name();
    let theirs = idp.time().await?;
    let drift = (System.now_ms() / 1000).saturating_sub(theirs);
    Some(if drift.abs() <= DRIFT_S {
        Finding::ok(format!("`{name}`: this machine's clock agrees with its"))
    } else {
        Finding::warn(
            format!(
                "`{name}`: this machine's clock is {drift} s ahead of its; from 60 s on nobody can sign in"
            ),
            "let NTP set the clock",
        )
    })
}
