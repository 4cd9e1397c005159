use serde_json::{Value, json};

use super::{Again, Groups, Told, Unfit, Wanted, id_token, logout_token};
use crate::{
    config::{SignIn, sign_in::Provider},
    jwt::Believed,
};

const NOW: i64 = 1_700_000_000;
const TENANT: &str = "11111111-2222-3333-4444-555555555555";
const OID: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";

fn provider(members: &str) -> Provider {
    let yaml = format!("providers: [{{name: p, client_id: me, client_secret: {{env: PATH}}, {members}}}]");
    SignIn::compile(serde_saphyr::from_str(&yaml).unwrap()).unwrap().providers().first().unwrap().clone()
}

fn okta() -> Provider {
    provider("issuer: https://example.okta.com, groups: {claim: groups}")
}

fn entra(groups: &str) -> Provider {
    provider(&format!(
        "issuer: https://login.microsoftonline.com/{TENANT}/v2.0, tenant: {TENANT}, groups: {groups}"
    ))
}

fn google() -> Provider {
    provider("issuer: https://accounts.google.com, hosted_domain: example.com, groups: static")
}

fn base(provider: &Provider) -> Value {
    json!({"iss": provider.issuer, "aud": "me", "sub": "00u1", "nonce": "n", "iat": NOW, "exp": NOW + 300})
}

fn with(provider: &Provider, more: &Value) -> Believed {
    let mut claims = base(provider).as_object().unwrap().clone();
    for (name, value) in more.as_object().unwrap() {
        if value.is_null() {
            claims.remove(name);
        } else {
            claims.insert(name.clone(), value.clone());
        }
    }
    Believed { kind: Some("jwt".to_owned()), claims, key: serde_json::Map::new() }
}

#[expect(clippy::needless_pass_by_value, reason = "the tests below read better")]
fn check(provider: &Provider, more: Value) -> Result<Told, Unfit> {
    id_token(provider, &with(provider, &more), &Wanted { nonce: "n", again: None }, NOW)
}

#[track_caller]
fn refused(provider: &Provider, more: Value, words: &str) {
    let why = check(provider, more).unwrap_err().to_string();
    assert!(why.contains(words), "{why}");
}

#[test]
fn an_id_token_of_okta_tells_who_and_which_groups() {
    // The shape of developer.okta.com, "ID token claims", with a groups claim added to the authorization server.
    let told = check(
        &okta(),
        json!({"ver": 1, "jti": "ID.x", "amr": ["pwd", "mfa"], "idp": "00o1", "auth_time": NOW - 5, "name": "Carol C.",
            "preferred_username": "carol@example.com", "email": "carol@example.com", "groups": ["security", "Everyone", "security"]}),
    )
    .unwrap();
    assert_eq!((told.sub.as_str(), told.name.as_str()), ("00u1", "Carol C."));
    assert_eq!(told.groups, Groups::These(vec!["Everyone".to_owned(), "security".to_owned()]));
    assert_eq!(told.auth_time, Some(NOW - 5));
}

#[test]
fn a_token_that_is_not_for_us_now_and_for_this_sign_in_signs_nobody_in() {
    let okta = okta();
    assert!(check(&okta, json!({})).is_ok());
    for (more, words) in [
        (json!({"iss": "https://evil.example"}), "from issuer"),
        (json!({"iss": "https://example.okta.com/"}), "from issuer"),
        (json!({"iss": null}), "from issuer"),
        (json!({"aud": "other"}), "not for client"),
        (json!({"aud": []}), "not for client"),
        (json!({"aud": null}), "not for client"),
        (json!({"aud": ["me", "other"]}), "not for client"),
        (json!({"aud": ["me", "other"], "azp": "other"}), "not for client"),
        (json!({"azp": "other"}), "not for client"),
        (json!({"exp": NOW - 61}), "expired"),
        (json!({"exp": null}), "when it expires"),
        (json!({"iat": NOW + 61}), "from the future"),
        (json!({"iat": NOW - 661}), "earlier sign-in"),
        (json!({"iat": null}), "when it was made"),
        (json!({"nbf": NOW + 61}), "from the future"),
        (json!({"nonce": "other"}), "another sign-in"),
        (json!({"nonce": null}), "another sign-in"),
        (json!({"sub": ""}), "no account"),
        (json!({"sub": null}), "no account"),
        (json!({"events": {}}), "no ID token"),
    ] {
        refused(&okta, more, words);
    }
    assert!(check(&okta, json!({"aud": ["me", "other"], "azp": "me"})).is_ok());
    let mut access = with(&okta, &json!({}));
    access.kind = Some("at+jwt".to_owned());
    assert!(
        id_token(&okta, &access, &Wanted { nonce: "n", again: None }, NOW).is_err(),
        "an access token signs in"
    );
}

#[test]
fn only_what_marks_a_human_signs_in() {
    let strict =
        provider("issuer: https://example.okta.com, groups: static, human: {amr: [mfa, hwk], acr: [phr]}");
    for (more, words) in [
        (json!({}), "`acr`"),
        (json!({"acr": "0", "amr": ["mfa"]}), "`acr`"),
        (json!({"acr": "phr"}), "`amr`"),
        (json!({"acr": "phr", "amr": ["pwd"]}), "`amr`"),
    ] {
        refused(&strict, more, words);
    }
    assert!(check(&strict, json!({"acr": "phr", "amr": ["pwd", "hwk"]})).is_ok());
}

#[test]
fn signing_in_again_counts_only_for_the_same_person_asked_just_now_in_the_way_that_is_wanted() {
    let okta = okta();
    let again = Again {
        iss: okta.issuer.clone(),
        sub: "00u1".to_owned(),
        max_age_s: 300,
        acr: vec!["phr".to_owned()],
    };
    let wanted = Wanted { nonce: "n", again: Some(&again) };
    let check = |more: Value| id_token(&okta, &with(&okta, &more), &wanted, NOW);
    for more in [
        json!({"acr": "phr"}),
        json!({"acr": "phr", "auth_time": NOW - 361}),
        json!({"acr": "pwd", "auth_time": NOW - 5}),
        json!({"auth_time": NOW - 5}),
        json!({"acr": "phr", "auth_time": NOW - 5, "sub": "00u2"}),
    ] {
        assert!(check(more.clone()).is_err(), "{more}");
    }
    assert!(check(json!({"acr": "phr", "auth_time": NOW - 5})).is_ok());
}

#[test]
fn entra_must_be_of_the_tenant_and_its_object_id_is_kept() {
    let entra = entra("app_roles");
    refused(&entra, json!({"oid": OID}), "not of");
    refused(&entra, json!({"tid": "99999999-2222-3333-4444-555555555555", "oid": OID}), "not of");
    refused(&entra, json!({"tid": TENANT}), "`oid`");
    let told =
        check(&entra, json!({"tid": TENANT, "oid": OID, "roles": ["Approver.Security"], "ver": "2.0"}))
            .unwrap();
    assert_eq!(told.entra, Some((TENANT.to_owned(), OID.to_owned())));
    assert_eq!(told.groups, Groups::These(vec!["Approver.Security".to_owned()]));
}

/// Microsoft's "groups overage claim" as its reference documents it.
fn overage() -> Value {
    json!({"tid": TENANT, "oid": OID, "_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {
        "endpoint": format!("https://graph.windows.net/{TENANT}/users/{OID}/getMemberObjects")}}})
}

#[test]
fn groups_that_entra_leaves_out_are_asked_of_the_configured_graph_and_never_of_where_the_token_says() {
    let graph = entra("{graph: https://graph.microsoft.com}");
    assert_eq!(
        check(&graph, overage()).unwrap().groups,
        Groups::AtGraph("https://graph.microsoft.com".to_owned())
    );
    let implicit = json!({"tid": TENANT, "oid": OID, "hasgroups": true});
    assert_eq!(
        check(&graph, implicit).unwrap().groups,
        Groups::AtGraph("https://graph.microsoft.com".to_owned())
    );
    let few = json!({"tid": TENANT, "oid": OID, "groups": ["0f1e"]});
    assert_eq!(check(&graph, few).unwrap().groups, Groups::These(vec!["0f1e".to_owned()]));
    // Without Graph nobody is let in half known.
    refused(&entra("{claim: groups}"), overage(), "more groups than the provider puts into a token");
    let none = json!({"tid": TENANT, "oid": OID});
    assert_eq!(check(&graph, none).unwrap().groups, Groups::These(Vec::new()));
}

#[test]
fn only_groups_with_a_name_here_count_where_names_are_given() {
    let mapped = provider(
        "issuer: https://example.okta.com, groups: {claim: groups}, group_names: {0f1e: security, 2d3c: data-owners}",
    );
    let told = check(&mapped, json!({"groups": ["0f1e", "security", "ffff"]})).unwrap();
    assert_eq!(told.groups, Groups::These(vec!["security".to_owned()]));
}

#[test]
fn google_lets_in_the_domain_alone() {
    // The shape of developers.google.com, "OpenID Connect", "An ID token's payload".
    let token = |hd: Value| json!({"azp": "me", "email": "carol@example.com", "email_verified": true, "at_hash": "x", "hd": hd, "name": "Carol"});
    let told = check(&google(), token(json!("example.com"))).unwrap();
    assert_eq!(told.groups, Groups::These(Vec::new()));
    // An address of the domain is no account of the domain.
    refused(&google(), token(Value::Null), "only accounts of `example.com`");
    refused(&google(), token(json!("evil.example")), "only accounts of `example.com`");
}

#[test]
fn an_address_keeps_out_and_never_lets_in() {
    let strict = provider("issuer: https://example.okta.com, groups: static, email_domains: [example.com]");
    refused(&strict, json!({}), "domain");
    refused(&strict, json!({"email": "carol@evil.example", "email_verified": true}), "domain");
    refused(&strict, json!({"email": "carol@example.com"}), "not verified");
    refused(&strict, json!({"email": "carol@example.com", "email_verified": false}), "not verified");
    assert!(check(&strict, json!({"email": "carol@EXAMPLE.com", "email_verified": "true"})).is_ok());
}

#[test]
fn a_logout_token_is_for_us_fresh_and_nothing_else() {
    let okta = okta();
    let event = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    let token = |more: Value| {
        let mut token = with(&okta, &json!({"nonce": null, "jti": "j", "sid": "s", "events": event}));
        token.kind = Some("logout+jwt".to_owned());
        for (name, value) in more.as_object().unwrap() {
            token.claims.insert(name.clone(), value.clone());
        }
        token.claims.retain(|_, value| !value.is_null());
        token
    };
    let good = logout_token(&okta, &token(json!({})), NOW).unwrap();
    assert_eq!((good.sub.as_deref(), good.sid.as_deref(), good.jti.as_str()), (Some("00u1"), Some("s"), "j"));
    for more in [
        json!({"nonce": "n"}),
        json!({"events": null}),
        json!({"events": {}}),
        json!({"events": {"http://schemas.openid.net/event/backchannel-logout": true}}),
        json!({"jti": null}),
        json!({"sub": null, "sid": null}),
        json!({"aud": "other"}),
        json!({"iss": "https://evil.example"}),
        json!({"iat": NOW - 661}),
        json!({"iat": NOW + 61}),
        json!({"exp": NOW - 61}),
    ] {
        assert!(logout_token(&okta, &token(more.clone()), NOW).is_err(), "{more}");
    }
    let mut other = token(json!({}));
    other.kind = Some("at+jwt".to_owned());
    assert!(logout_token(&okta, &other, NOW).is_err());
    assert!(logout_token(&okta, &with(&okta, &json!({})), NOW).is_err(), "an ID token ends sessions");
}
