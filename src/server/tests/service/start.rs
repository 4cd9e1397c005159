//! Whatever is wrong at the start is one sentence, and nothing is served.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use countersign_server::{
    config::{Config, Mode},
    service::Service,
};
use sqlx::Executor as _;

use crate::support::{Bench, listen, private, sql};

async fn open(state: &Path) -> Result<Service, String> {
    let config = Config::dev(listen(), state).map_err(|error| error.to_string())?;
    Service::open(config, state).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn zero_configuration_serves_two_reviewers_of_every_group() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let service = open(&state).await.unwrap();
    let names: Vec<_> = service.dev_reviewers().into_iter().map(|person| person.name).collect();
    assert_eq!(names, ["bob", "carol"]);
    assert_eq!(service.config().issuer(), "http://127.0.0.1:8080");
    assert_eq!(service.config().clients()[0].id, "urn:countersign:pep:dev");
    let wanted = ["anything".to_owned()];
    assert_eq!(service.directory().groups_of("urn:countersign:dev", "bob", &wanted), wanted);
    for name in ["signing.key", "pep.key"] {
        let mode = fs::metadata(state.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_eq!(fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn without_dev_and_without_an_identity_provider_nothing_starts() {
    let dir = tempfile::tempdir().unwrap();
    let error =
        Config::read("issuer: https://a.example", listen(), dir.path(), Mode::Production).unwrap_err();
    assert!(error.to_string().contains("no identity provider is configured"), "{error}");
    assert!(!error.to_string().contains('\n'));
}

#[test]
fn a_configuration_that_says_something_wrong_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let open_key = dir.path().join("open");
    private(&open_key, &"00".repeat(32));
    fs::set_permissions(&open_key, fs::Permissions::from_mode(0o640)).unwrap();
    let short = dir.path().join("short");
    private(&short, "00");
    let client = |file: &Path| {
        format!("clients: [{{id: a, keys: [{{keyid: k, secret: {{file: {}}}}}]}}]", file.display())
    };
    for (yaml, words) in [
        ("isuer: https://a.example".to_owned(), "isuer"),
        ("issuer: a.example".to_owned(), "issuer `a.example` is not an http or https URL"),
        ("issuer: https://a.example/".to_owned(), "without a slash at its end"),
        ("deny_memory: soon".to_owned(), "`soon` is not a time"),
        ("deny_memory: 25h".to_owned(), "more than 24 hours"),
        ("pending_per_rule: 0".to_owned(), "`pending_per_rule` (0) must be 1 to 1000000"),
        ("submissions_per_minute: 1000001".to_owned(), "`submissions_per_minute` (1000001) must be"),
        ("clients: []".to_owned(), "nobody could ask"),
        ("clients: [{id: a, keys: []}]".to_owned(), "client `a` has no key"),
        ("groups: {security: [zoe]}".to_owned(), "group `security`: `zoe` is not among"),
        (client(&dir.path().join("nothing")), "does not exist"),
        (client(&open_key), "can be read by others (mode 640)"),
        (client(&short), "does not hold 64 hexadecimal digits"),
        (
            "clients: [{id: a, keys: [{keyid: k, secret: {env: COUNTERSIGN_NO_SUCH_VARIABLE}}]}]".to_owned(),
            "is not set",
        ),
    ] {
        let error =
            Config::read(&yaml, listen(), &dir.path().join("state"), Mode::Dev).unwrap_err().to_string();
        assert!(error.contains(words), "{yaml}: {error}");
    }
}

#[test]
fn the_example_configuration_loads() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("pep");
    private(&key, &"00".repeat(32));
    let example = include_str!("../../server.example.yaml");
    let yaml = example.replace("env: COUNTERSIGN_PEP_KEY", &format!("file: {}", key.display()));
    assert_ne!(yaml, example);
    let config = Config::read(&yaml, listen(), &dir.path().join("state"), Mode::Dev).unwrap();
    assert_eq!((config.issuer(), config.clients().len()), ("https://approvals.example.com", 1));
}

#[test]
fn the_example_of_signing_in_loads_in_production() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("pep");
    private(&key, &"00".repeat(32));
    let from_file = format!("file: {}", key.display());
    let mut yaml = format!(
        "issuer: https://approvals.example.com\nclients: [{{id: 'urn:x', keys: [{{keyid: k, secret: {{{from_file}}}}}]}}]\n"
    );
    yaml += "groups: {security: [bob, carol], data-owners: [carol]}\n";
    let commented =
        include_str!("../../server.example.yaml").lines().skip_while(|line| *line != "# sign_in:");
    for line in commented.take_while(|line| line.starts_with('#')) {
        // Prose begins with a capital letter or has no key.
        let line = line.trim_start_matches('#').strip_prefix(' ').unwrap_or_default();
        let prose = !line.starts_with([' ', '-']) && !line.ends_with(':');
        yaml += if prose { "" } else { line };
        yaml += "\n";
    }
    for secret in [
        "env: COUNTERSIGN_OKTA_SECRET",
        "file: /etc/countersign/google.secret",
        "file: /etc/countersign/entra.secret",
    ] {
        assert!(yaml.contains(secret), "{yaml}");
        yaml = yaml.replace(secret, &from_file);
    }
    let config = Config::read(&yaml, listen(), &dir.path().join("state"), Mode::Production).unwrap();
    let names: Vec<&str> = config
        .sign_in()
        .unwrap()
        .providers()
        .iter()
        .map(countersign_server::config::sign_in::Provider::name)
        .collect();
    assert_eq!(names, ["okta", "google", "entra"]);
}

#[tokio::test]
async fn a_signing_key_that_others_can_read_is_not_used() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    drop(open(&state).await.unwrap());
    let key = state.join("signing.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let other = dir.path().join("other");
    private_folder(&other);
    fs::copy(&key, other.join("signing.key")).unwrap();
    let error = open(&other).await.err().unwrap();
    assert!(error.contains("can be read by others (mode 644)") && error.contains("chmod 600"), "{error}");
}

#[tokio::test]
async fn a_database_of_a_newer_countersign_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let bench = dir.path().join("state");
    private_folder(&bench);
    {
        let mut file = sqlx::ConnectOptions::connect(
            &sqlx::sqlite::SqliteConnectOptions::new()
                .filename(bench.join("countersign.db"))
                .create_if_missing(true),
        )
        .await
        .unwrap();
        file.execute("PRAGMA user_version = 99").await.unwrap();
    }
    let error = open(&bench).await.err().unwrap();
    assert!(error.contains("written by a newer countersign (schema 99"), "{error}");
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
        .fetch_one(&mut sql(&bench).await)
        .await
        .unwrap();
    assert_eq!(tables, 0);
}

#[tokio::test]
async fn a_state_directory_that_cannot_be_used_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = open(&file).await.err().unwrap();
    assert!(error.contains("cannot use state directory"), "{error}");
}

fn private_folder(path: &Path) {
    fs::create_dir(path).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test]
async fn a_state_directory_that_others_can_look_into_is_not_used() {
    let dir = tempfile::tempdir().unwrap();
    for mode in [0o755, 0o710, 0o701] {
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).unwrap();
        let error = open(dir.path()).await.err().unwrap();
        assert!(error.contains(&format!("is open to others (mode {mode:o})")), "{error}");
        assert!(fs::read_dir(dir.path()).unwrap().next().is_none(), "it left something there");
    }
}

#[tokio::test]
async fn two_processes_never_share_a_state_directory() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let first = open(&state).await.unwrap();
    let error = open(&state).await.err().unwrap();
    assert!(error.contains("another process already serves"), "{error}");
    drop(first);
}

#[tokio::test]
async fn a_retired_key_is_published_until_nothing_it_signed_can_be_valid() {
    let bench = Bench::on_a_file().await;
    let old = bench.service.jwks().keys[0].kid.clone();
    private(&bench.state.join("signing.key"), &"42".repeat(32));
    private(&bench.state.join("next.key"), &"43".repeat(32));
    let bench = bench.killed_and_restarted().await;
    let kids: Vec<_> = bench.service.jwks().keys.iter().map(|key| key.kid.clone()).collect();
    assert_eq!((kids.len(), kids.last()), (3, Some(&old)));
    bench.pass(24 * 3_600_000 + 31_000);
    let bench = bench.killed_and_restarted().await;
    assert!(bench.service.jwks().keys.iter().all(|key| key.kid != old));
}

#[tokio::test]
async fn an_audit_log_that_was_changed_or_put_back_is_not_served() {
    let bench = Bench::on_a_file().await;
    bench.task().await;
    bench.service.close().await;
    let state = bench.state.clone();
    let refuse = async |statement: &'static str, words: &str| {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy");
        private_folder(&copy);
        for name in ["countersign.db", "countersign.db-wal", "checkpoint", "signing.key"] {
            if state.join(name).exists() {
                fs::copy(state.join(name), copy.join(name)).unwrap();
            }
        }
        sql(&copy).await.execute(statement).await.unwrap();
        let error = open(&copy).await.err().unwrap();
        assert!(error.contains(words), "{statement}: {error}");
    };
    refuse("UPDATE audit_leaf SET line = replace(line, 'pod', 'dop') WHERE leaf = 0", "were changed").await;
    refuse("DELETE FROM audit_leaf WHERE leaf = (SELECT max(leaf) FROM audit_leaf)", "an older copy").await;
    // Even where the heads in the database went with it: a copy stands beside it.
    refuse(
        "DELETE FROM checkpoint; DELETE FROM audit_leaf WHERE leaf = (SELECT max(leaf) FROM audit_leaf)",
        "an older copy",
    )
    .await;
}
