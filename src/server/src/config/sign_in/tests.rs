use super::{GroupsAt, SignIn, Tells};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";

fn read(yaml: &str) -> Result<SignIn, String> {
    let typed = serde_saphyr::from_str(yaml).map_err(|error| error.to_string())?;
    SignIn::compile(typed).map_err(|error| error.to_string())
}

fn provider(members: &str) -> String {
    // Every test program runs in a directory that has PATH.
    format!(
        "providers:\n- {{name: p, client_id: me, client_secret: {{env: COUNTERSIGN_TEST_SECRET_THAT_IS_PATH}}, {members}}}\n"
    )
    .replace("COUNTERSIGN_TEST_SECRET_THAT_IS_PATH", "PATH")
}

#[track_caller]
fn refused(members: &str, words: &str) {
    let why = read(&provider(members)).map(drop).unwrap_err();
    assert!(why.contains(words), "{why}");
    assert!(!why.contains(&std::env::var("PATH").unwrap()), "a secret is printed");
}

#[test]
fn a_provider_of_its_own_kind_is_read() {
    let read = read(&provider("issuer: https://example.okta.com, groups: {claim: groups}")).unwrap();
    let okta = read.providers.first().unwrap();
    assert_eq!(okta.scopes, ["openid", "profile", "email"]);
    assert_eq!(okta.redirect_uri("https://a.example"), "https://a.example/login/callback/p");
    assert_eq!(okta.groups, GroupsAt::Claim("groups".to_owned()));
    assert_eq!(read.tells(), Tells::Any);
    assert!(!format!("{read:?}").contains(&std::env::var("PATH").unwrap()));
}

#[test]
fn an_issuer_that_lets_in_every_microsoft_account_is_refused() {
    for name in ["common", "organizations", "consumers"] {
        refused(
            &format!(
                "issuer: https://login.microsoftonline.com/{name}/v2.0, tenant: {TENANT}, groups: app_roles"
            ),
            "lets in accounts of every tenant",
        );
    }
    refused(
        &format!("issuer: https://login.microsoftonline.com/{TENANT}/v2.0, groups: app_roles"),
        "`tenant` is missing",
    );
    refused(
        &format!(
            "issuer: https://login.microsoftonline.com/{TENANT}/v2.0, tenant: contoso.com, groups: app_roles"
        ),
        "is not a tenant id",
    );
    let other = TENANT.replace('1', "9");
    refused(
        &format!(
            "issuer: https://login.microsoftonline.com/{TENANT}/v2.0, tenant: {other}, groups: app_roles"
        ),
        "is not the one of issuer",
    );
    let good = format!(
        "issuer: https://login.microsoftonline.com/{TENANT}/v2.0, tenant: {TENANT}, groups: {{graph: https://graph.microsoft.com}}, \
         group_names: {{0f1e: security}}"
    );
    let good = read(&provider(&good)).unwrap();
    assert_eq!(good.tells(), Tells::These(["security".to_owned()].into()));
}

#[test]
fn google_needs_its_domain_and_static_groups() {
    refused("issuer: https://accounts.google.com, groups: static", "`hosted_domain` is missing");
    refused(
        "issuer: https://accounts.google.com, hosted_domain: example.com, groups: {claim: groups}",
        "Google tells no groups",
    );
    assert!(
        read(&provider("issuer: https://accounts.google.com, hosted_domain: example.com, groups: static"))
            .is_ok()
    );
}

#[test]
fn what_could_let_nobody_in_or_send_a_secret_in_the_clear_is_refused() {
    assert!(read("providers: []").unwrap_err().contains("nobody could sign in"));
    refused("issuer: http://idp.example.com, groups: static", "in the clear");
    refused("issuer: https://idp.example.com, groups: static, algorithms: []", "`algorithms` is empty");
    refused(
        "issuer: https://idp.example.com, groups: {graph: 'http://graph.example.com'}, tenant: x",
        "tenant",
    );
    let unset =
        provider("issuer: https://idp.example.com, groups: static").replace("PATH", "COUNTERSIGN_NO_SUCH");
    assert!(read(&unset).unwrap_err().contains("`COUNTERSIGN_NO_SUCH` is not set"));
    let hs = provider("issuer: https://idp.example.com, groups: static, algorithms: [HS256]");
    assert!(read(&hs).is_err(), "a keyed digest is an algorithm");
    let twice = provider("issuer: https://a.example, groups: static");
    let twice = twice.clone() + twice.trim_start_matches("providers:\n");
    assert!(read(&twice).unwrap_err().contains("two of this name"));
}

#[test]
fn a_step_up_that_would_never_count_is_refused() {
    let base = provider("issuer: https://a.example, groups: static");
    assert!(read(&format!("{base}step_up: [{{max_age: 5m}}]")).unwrap_err().contains("never count"));
    assert!(read(&format!("{base}step_up: [{{classes: [data_delete], max_age: 0s}}]")).is_err());
    assert!(read(&format!("{base}step_up: [{{classes: [data_delete], max_age: 5m, acr: [phr]}}]")).is_ok());
}
