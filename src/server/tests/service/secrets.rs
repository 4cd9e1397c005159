//! Secrets locked until released: sealed for one redeem, read anew each time, and nothing used up where one cannot be read.

use std::{os::unix::fs::PermissionsExt as _, path::Path};

use axum::http::StatusCode;
use countersign_server::config::{Config, Mode};
use countersign_wire::{
    digest::Secret,
    evaluation::RedeemAnswer,
    sealed::{Envelope, Opened, Sealed},
};
use serde_json::json;

use crate::{
    support::{Bench, DIGEST, EVALUATION, Granted, NONCE, Reply, SECRET, listen, private, redigest, v1},
    vault::{TOKEN, Vault},
};

const NAME: &str = "thirdparty-api-key";

fn sealed(reply: &Reply) -> Vec<Sealed> {
    RedeemAnswer::read(reply.text.as_bytes()).unwrap().secrets().to_vec()
}

fn open(granted: &Granted, reply: &Reply) -> Opened {
    let (key, sealed) = (Secret::new([7; 32]), sealed(reply));
    assert_eq!(sealed.len(), 1, "{}", reply.text);
    let jti = granted.approval["id"].as_str().unwrap();
    Envelope { key: &key, jti, request_digest: DIGEST }.open(&sealed[0]).unwrap()
}

async fn redeemed(bench: &Bench, granted: &Granted) -> Reply {
    bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK)
}

/// The redeem is refused, nothing is used up, and no value is told.
async fn unavailable(bench: &Bench, granted: &Granted) {
    let reply = redeemed(bench, granted).await;
    assert_eq!(
        (reply.json["decision"].as_bool(), reply.detail()),
        (Some(false), "secret_unavailable"),
        "{}",
        reply.text
    );
    assert!(sealed(&reply).is_empty() && !reply.text.contains("canary"), "{}", reply.text);
    assert_eq!(bench.view(&granted.id).await.approval.unwrap().used, 0);
}

/// Every byte that the service has on disk.
fn on_disk(state: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(state).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn a_redeem_hands_the_secret_over_sealed_and_keeps_nothing_of_it() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    let reply = redeemed(&bench, &granted).await;
    let opened = open(&granted, &reply);
    assert_eq!((opened.name.as_str(), opened.value.expose()), (NAME, SECRET));
    assert!(!reply.text.contains("canary"));
    let log = bench.log().await;
    let record = log.iter().find(|record| record["event"] == "secret.sealed").unwrap();
    assert_eq!(record["secrets"], json!([{"name": NAME, "version": opened.version}]));
    assert_eq!(
        (&record["tid"], &record["client"]),
        (&json!(granted.id), &json!("urn:countersign:pep:prod-eu1"))
    );
    assert!(!holds(&on_disk(&bench.state), "canary"));
}

#[tokio::test]
async fn nobody_gets_a_secret_without_using_the_grant_up() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    let other = json!({"approval": granted.approval, "nonce": "BBECAwQFBgcICQoLDA0ODw"});
    redeemed(&bench, &granted).await;
    let again = bench.post(EVALUATION, &granted.redeem(other["nonce"].as_str().unwrap())).await;
    assert_eq!((again.detail(), sealed(&again).len()), ("already_redeemed", 0));
    let mut changed = granted.redeem(NONCE);
    changed["context"]["urn:countersign:request_digest"] =
        "hmac-sha-256:bk1:UkCGLkmvayI1RhKGl7vVpBMRLsxA-0IU1BdHapAYkJd".into();
    let changed = bench.post(EVALUATION, &changed).await;
    assert_eq!((changed.detail(), sealed(&changed).len()), ("digest_mismatch", 0));
}

#[tokio::test]
async fn an_answer_that_was_lost_comes_again_with_the_secret_sealed_anew() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    let first = redeemed(&bench, &granted).await;
    let second = redeemed(&bench, &granted).await;
    assert_eq!(open(&granted, &second).value.expose(), SECRET);
    assert_ne!(sealed(&first), sealed(&second), "the same initialisation vector twice");
    std::fs::remove_file(bench.file("secret")).unwrap();
    let third = redeemed(&bench, &granted).await;
    assert_eq!(third.detail(), "secret_unavailable");
    private(&bench.file("secret"), SECRET);
    assert_eq!(open(&granted, &redeemed(&bench, &granted).await).value.expose(), SECRET);
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_uses_nothing_up_and_the_same_redeem_succeeds_later() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    let file = bench.file("secret");
    std::fs::remove_file(&file).unwrap();
    unavailable(&bench, &granted).await;
    for text in ["", "short", "12345678\r\nx-evil: 1", "12345678\0", &"x".repeat(5000)] {
        private(&file, text);
        unavailable(&bench, &granted).await;
    }
    private(&file, SECRET);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    unavailable(&bench, &granted).await;
    private(&file, SECRET);
    assert_eq!(open(&granted, &redeemed(&bench, &granted).await).value.expose(), SECRET);
}

#[tokio::test]
async fn a_rotated_file_counts_from_the_next_redeem_on_and_an_ended_line_is_no_part_of_it() {
    let bench = Bench::new().await;
    let granted = bench.granted().await;
    let before = open(&granted, &redeemed(&bench, &granted).await);
    std::thread::sleep(std::time::Duration::from_millis(5));
    private(&bench.file("secret"), "sk-live-rotated\r\n");
    let after = open(&granted, &redeemed(&bench, &granted).await);
    assert_eq!(after.value.expose(), "sk-live-rotated");
    assert_ne!(before.version, after.version);
}

#[tokio::test]
async fn a_mounted_kubernetes_secret_is_read_anew_when_kubernetes_replaces_it() {
    let bench = Bench::with("  mounted: {kubernetes: KEYS/secret}\n", &[]).await;
    // As the kubelet lays it out: a folder for each generation, and links that are swapped.
    let mount = bench.file("mount");
    let generation = |name: &str, value: &str| {
        let folder = mount.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("api-key"), value).unwrap();
        let link = mount.join("..data_tmp");
        std::os::unix::fs::symlink(name, &link).unwrap();
        std::fs::rename(link, mount.join("..data")).unwrap();
    };
    generation("..2026_11_21_06_00_00.1", "first-value");
    std::os::unix::fs::symlink("..data/api-key", mount.join("api-key")).unwrap();
    let granted = bench.granted().await;
    let more = format!("secrets:\n  {NAME}: {{kubernetes: {}}}\n", mount.join("api-key").display());
    let bench = bench.restarted_with_secrets(&more).await;
    let first = open(&granted, &redeemed(&bench, &granted).await);
    assert_eq!((first.value.expose(), first.version.as_str()), ("first-value", "..2026_11_21_06_00_00.1"));
    generation("..2026_11_22_06_00_00.2", "second-value");
    let second = open(&granted, &redeemed(&bench, &granted).await);
    assert_eq!((second.value.expose(), second.version.as_str()), ("second-value", "..2026_11_22_06_00_00.2"));
}

#[tokio::test]
async fn a_request_for_a_secret_that_is_not_for_it_is_refused_before_anybody_is_asked() {
    let more = "  narrow: {file: KEYS/secret, clients: [urn:countersign:pep:other]}\n  \
                there: {file: KEYS/secret, authorities: [api.other.example]}\n";
    let bench = Bench::with(more, &[]).await;
    for (names, why) in [
        (json!(["nowhere"]), "no secret is called `nowhere` here"),
        (json!(["narrow"]), "secret `narrow` is not for client `urn:countersign:pep:prod-eu1`"),
        (json!(["there"]), "secret `there` is not for `api.thirdparty.example`"),
        (json!([NAME, NAME]), "is named twice"),
        (json!(["a", "b", "c", "d", "e", "f", "g", "h", "i"]), "at most 8 secrets"),
    ] {
        let reply = bench
            .submit(|value| {
                v1(value)["secrets"] = names;
                redigest(value);
            })
            .await;
        assert!(reply.json["detail"].as_str().unwrap().contains(why), "{}", reply.text);
        assert_eq!(
            reply.json["type"], "urn:openid:authzen:access-request:error:not_requestable",
            "{}",
            reply.text
        );
    }
    assert!(bench.service.list(countersign_server::service::Filter::default()).await.unwrap().is_empty());
}

async fn with_vault(vault: &Vault, more: &str) -> (Bench, Granted) {
    let bench = Bench::with("", &[("token", TOKEN)]).await;
    let granted = bench.granted().await;
    let address = vault.address();
    let yaml = format!(
        "secrets:\n  {NAME}: {{vault: {{path: apps/thirdparty, field: api_key}}}}\n\
         vault: {{address: {address}, token: {{file: KEYS/token}}, timeout: 1s{more}}}\n"
    );
    (bench.restarted_with_secrets(&yaml).await, granted)
}

#[tokio::test]
async fn vault_hands_over_the_latest_version() {
    let vault = Vault::start().await;
    let (bench, granted) = with_vault(&vault, ", namespace: team-a").await;
    vault.put("team-a", "secret/data/apps/thirdparty", 3, json!({"api_key": "vault-canary-3", "other": "x"}));
    let first = open(&granted, &redeemed(&bench, &granted).await);
    assert_eq!((first.value.expose(), first.version.as_str()), ("vault-canary-3", "3"));
    vault.put("team-a", "secret/data/apps/thirdparty", 4, json!({"api_key": "vault-canary-4"}));
    let second = open(&granted, &redeemed(&bench, &granted).await);
    assert_eq!((second.value.expose(), second.version.as_str()), ("vault-canary-4", "4"));
    assert!(!holds(&on_disk(&bench.state), "canary"));
}

#[tokio::test]
async fn vault_hands_over_from_the_first_version_of_the_engine() {
    let vault = Vault::start().await;
    let (bench, granted) = with_vault(&vault, ", version: 1, mount: kv/team").await;
    vault.put("", "kv/team/apps/thirdparty", 0, json!({"api_key": "vault-canary-1"}));
    let opened = open(&granted, &redeemed(&bench, &granted).await);
    assert_eq!((opened.value.expose(), opened.version.as_str()), ("vault-canary-1", "kv1"));
}

#[tokio::test]
async fn what_vault_does_not_hand_over_uses_nothing_up() {
    let vault = Vault::start().await;
    let (bench, granted) = with_vault(&vault, "").await;
    let path = "secret/data/apps/thirdparty";
    // Nothing there.
    unavailable(&bench, &granted).await;
    vault.delete("", path, 2);
    unavailable(&bench, &granted).await;
    for fields in
        [json!({"other": "vault-canary-5"}), json!({"api_key": 12_345_678}), json!({"api_key": "short"})]
    {
        vault.put("", path, 5, fields);
        unavailable(&bench, &granted).await;
    }
    vault.put("", path, 6, json!({"api_key": "vault-canary-6"}));
    for answer in [
        (403, r#"{"errors":["permission denied"]}"#),
        (503, r#"{"errors":["Vault is sealed"]}"#),
        (307, ""),
        (200, "{}"),
        (200, "<html>vault-canary</html>"),
        (200, r#"{"data":{"api_key":"vault-canary-6"}}"#),
        (500, ""),
    ] {
        vault.answer(answer);
        unavailable(&bench, &granted).await;
    }
    vault.hang();
    unavailable(&bench, &granted).await;
    vault.honest();
    private(&bench.file("token"), "another-token");
    unavailable(&bench, &granted).await;
    private(&bench.file("token"), TOKEN);
    assert_eq!(open(&granted, &redeemed(&bench, &granted).await).value.expose(), "vault-canary-6");
    let asked = vault.asked();
    let spent = bench.post(EVALUATION, &granted.redeem("BBECAwQFBgcICQoLDA0ODw")).await;
    assert_eq!(
        (spent.detail(), vault.asked()),
        ("already_redeemed", asked),
        "asked for a grant that is spent"
    );
    drop(vault);
    assert_eq!(redeemed(&bench, &granted).await.detail(), "secret_unavailable");
}

#[tokio::test]
async fn what_cannot_be_meant_does_not_start() {
    let dir = tempfile::tempdir().unwrap();
    private(&dir.path().join("good"), "12345678");
    private(&dir.path().join("short"), "1234567");
    private(&dir.path().join("open"), "12345678");
    std::fs::set_permissions(dir.path().join("open"), std::fs::Permissions::from_mode(0o640)).unwrap();
    private(&dir.path().join("writable"), "12345678");
    std::fs::set_permissions(dir.path().join("writable"), std::fs::Permissions::from_mode(0o666)).unwrap();
    let start = |yaml: &str| {
        let yaml = yaml.replace("DIR", dir.path().to_str().unwrap());
        let state = dir.path().join("state");
        Config::read(&yaml, listen(), &state, Mode::Dev)
            .map_or_else(|error| error.to_string(), |_| "started".to_owned())
    };
    let vault = "vault: {address: \"https://vault.test\", token: {env: T}}";
    for good in [
        "secrets: {a: {file: DIR/good}}",
        "secrets: {a: {kubernetes: DIR/open}}",
        "secrets: {a: {env: CARGO_PKG_DESCRIPTION}}",
        &format!("secrets: {{a: {{vault: {{path: x/y, field: z}}}}}}\n{vault}"),
        "vault: {address: \"http://127.0.0.1:8200\", token: {env: T}}",
    ] {
        assert_eq!(start(good), "started", "{good}");
    }
    for (bad, why) in [
        ("secrets: {\"a b\": {file: DIR/good}}", "secret `a b`: a name has"),
        ("secrets: {a: {}}", "secret `a`: it is in exactly one of"),
        ("secrets: {a: {file: DIR/good, env: X}}", "secret `a`: it is in exactly one of"),
        ("secrets: {a: {value: x}}", "unknown field `value`"),
        ("secrets: {a: {file: DIR/nowhere}}", "secret `a`: cannot read"),
        ("secrets: {a: {file: DIR/short}}", "it has 7 bytes; a secret has 8 to 4096"),
        (
            "secrets: {a: {file: DIR/open}}",
            "can be read by others (mode 640); make it private with `chmod 600",
        ),
        ("secrets: {a: {kubernetes: DIR/writable}}", "can be written by others (mode 666)"),
        ("secrets: {a: {env: NO_SUCH_VARIABLE_HERE}}", "`NO_SUCH_VARIABLE_HERE` is not set"),
        ("secrets: {a: {vault: {path: x, field: y}}}", "no `vault` is configured"),
        ("vault: {address: \"http://vault.test\", token: {env: T}}", "in the clear"),
        ("vault: {address: \"http://127.0.0.1.evil.test\", token: {env: T}}", "in the clear"),
        ("vault: {address: \"https://u:p@vault.test\", token: {env: T}}", "more than scheme, host and port"),
        ("vault: {address: vault.test, token: {env: T}}", "no http or https URL"),
        ("vault: {address: \"https://vault.test\", token: {env: T}, version: 3}", "neither 1 nor 2"),
        ("vault: {address: \"https://vault.test\", token: {env: T}, mount: ../sys}", "bad mount `../sys`"),
        ("vault: {address: \"https://vault.test\", token: {env: T}, ca: DIR/good}", "holds no certificate"),
        (&format!("secrets: {{a: {{vault: {{path: ../sys, field: z}}}}}}\n{vault}"), "bad path `../sys`"),
        (
            &format!("secrets: {{a: {{vault: {{path: data/x, field: z}}}}}}\n{vault}"),
            "without the mount and without `data`",
        ),
    ] {
        let said = start(bad);
        assert!(said.contains(why), "{why:?} in {said:?}");
        assert!(!said.contains("1234567"), "a value is told: {said}");
    }
}

#[test]
fn what_is_known_of_a_secret_cannot_be_printed() {
    let dir = tempfile::tempdir().unwrap();
    private(&dir.path().join("a"), "sk-live-canary");
    let yaml = format!("secrets: {{a: {{file: {}}}}}", dir.path().join("a").display());
    let config = Config::read(&yaml, listen(), &dir.path().join("state"), Mode::Dev).unwrap();
    let said = format!("{config:?}");
    assert!(said.contains("File(") && !said.contains("canary"), "{said}");
}
