//! A database that is put back from a copy lets nothing out twice.

use std::{fs, os::unix::fs::PermissionsExt as _};

use axum::http::StatusCode;
use countersign_server::{
    admin,
    service::{Channel, Choice, Fate, Refusal, Restored, RevokedWhy, Status, Why},
};

use crate::support::{Bench, EVALUATION, Granted, NONCE, number};

const OTHER_NONCE: &str = "BBECAwQFBgcICQoLDA0ODw";

fn same(yaml: String) -> String {
    yaml
}

/// A grant that was redeemed after the backup, and the backup in the database's place.
async fn put_back(bench: Bench) -> (crate::support::Stopped, Granted) {
    let granted = bench.granted().await;
    let backup = bench.state.parent().unwrap().join("backup.db");
    admin::backup(&bench.state, &backup).await.unwrap();
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], true);
    let stopped = bench.killed().await;
    stopped.put_back(&backup);
    (stopped, granted)
}

#[tokio::test]
async fn a_grant_used_after_the_backup_is_not_used_again_after_its_restore() {
    let (stopped, granted) = put_back(Bench::on_a_file().await).await;
    let error = stopped.start(Restored::Refuse, same).await.err().unwrap();
    assert!(error.contains("put back from an older copy") && error.contains("--accept-restored"), "{error}");
    assert!(!error.contains('\n'));

    let bench = stopped.start(Restored::Accept, same).await.unwrap();
    for nonce in [OTHER_NONCE, NONCE] {
        let reply = bench.post(EVALUATION, &granted.redeem(nonce)).await.expect(StatusCode::OK);
        assert_eq!(reply.json["decision"], false, "{nonce}: {}", reply.text);
    }
    let view = bench.view(&granted.id).await;
    assert_eq!(view.revoked.unwrap().why, RevokedWhy::Restored);
    assert!(matches!(view.fate, Some(Fate::Unknown { why: Why::Restored, .. })));
    // It may have been executed: the agent's retry is a new request that nobody can wave through.
    let again = bench.task().await;
    let refused = bench.decide("bob", &again, Choice::Approve).await.unwrap_err();
    assert_eq!(refused, Refusal::OutcomeUnknown { earlier: granted.id });
    // The next start needs no permission.
    bench.killed_and_restarted().await;
}

#[tokio::test]
async fn what_waited_when_the_backup_was_made_is_withdrawn_and_unknown() {
    let bench = Bench::on_a_file().await;
    let session = bench.service.open_session(&bench.person("bob"), Channel::Web).await.unwrap();
    let waiting = bench.submit(|value| number(value, 9)).await.task_id();
    let (stopped, _) = put_back(bench).await;
    let bench = stopped.start(Restored::Accept, same).await.unwrap();
    let view = bench.view(&waiting).await;
    assert_eq!(view.status, Status::Cancelled);
    assert!(matches!(view.fate, Some(Fate::Unknown { why: Why::Restored, .. })));
    assert!(bench.service.session(&session.token).await.unwrap().is_none(), "an old session lives");
}

#[tokio::test]
async fn an_accepted_restore_is_on_record_in_a_chain_that_begins_with_it() {
    let (stopped, granted) = put_back(Bench::on_a_file().await).await;
    let bench = stopped.start(Restored::Accept, same).await.unwrap();
    let log = bench.log().await;
    let record = log.iter().find(|record| record["event"] == "admin.restored").unwrap();
    assert!(record["log_size"].as_i64().unwrap() < record["signed_size"].as_i64().unwrap(), "{record}");
    assert_eq!((record["seq"].as_i64(), record["grants"].as_i64()), (Some(1), Some(1)));
    let chain = &record["chain"];
    assert!(
        log.iter().filter(|other| other["event"] != "action.releasing").any(|other| other["chain"] != *chain)
    );
    let revoked = log.iter().find(|record| record["event"] == "approval.revoked").unwrap();
    assert_eq!((revoked["tid"].as_str(), &revoked["chain"]), (Some(&*granted.id), chain));
}

#[tokio::test]
async fn a_whole_state_directory_put_back_is_noticed_by_the_anchor_elsewhere() {
    let elsewhere = tempfile::tempdir().unwrap();
    let anchor = elsewhere.path().join("head");
    let with = |yaml: String| format!("{yaml}anchor: {}\n", anchor.display());
    let bench = Bench::configured_on_a_file(with).await;
    let granted = bench.granted().await;
    let folder = bench.state.parent().unwrap().to_owned();
    admin::backup(&bench.state, &folder.join("backup.db")).await.unwrap();
    let head = folder.join("state/checkpoint");
    let old_head = fs::read(&head).ok();
    bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    let stopped = bench.killed().await;
    stopped.put_back(&folder.join("backup.db"));
    match old_head {
        Some(bytes) => fs::write(&head, bytes).unwrap(),
        None => fs::remove_file(&head).unwrap(),
    }
    let error = stopped.start(Restored::Refuse, with).await.err().unwrap();
    assert!(error.contains("older copy") && error.contains(anchor.to_str().unwrap()), "{error}");
    // An empty state directory beside an anchor is the same thing.
    fs::remove_dir_all(folder.join("state")).unwrap();
    let error = stopped.start(Restored::Refuse, with).await.err().unwrap();
    assert!(error.contains("has 0 records"), "{error}");
}

#[tokio::test]
async fn an_anchor_that_does_not_read_or_is_another_logs_is_no_anchor() {
    let elsewhere = tempfile::tempdir().unwrap();
    let anchor = elsewhere.path().join("head");
    let with = |yaml: String| format!("{yaml}anchor: {}\n", anchor.display());
    let stopped = Bench::configured_on_a_file(with).await.killed().await;
    fs::write(&anchor, "garbage").unwrap();
    let error = stopped.start(Restored::Refuse, with).await.err().unwrap();
    assert!(error.contains("is not a signed head"), "{error}");
    fs::write(&anchor, "other.example.com/audit\n1\nAAAA\n").unwrap();
    let error = stopped.start(Restored::Refuse, with).await.err().unwrap();
    assert!(error.contains("the head of another log, `other.example.com/audit`"), "{error}");
    fs::remove_file(&anchor).unwrap();
    fs::write(stopped.folder().join("state/checkpoint"), "").unwrap();
    let error = stopped.start(Restored::Refuse, with).await.err().unwrap();
    assert!(error.contains("is not a signed head"), "{error}");
}

#[tokio::test]
async fn nothing_is_released_while_the_anchor_cannot_be_written() {
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().join("mount");
    fs::create_dir(&folder).unwrap();
    let with = |yaml: String| format!("{yaml}anchor: {}\n", folder.join("head").display());
    let bench = Bench::configured_on_a_file(with).await;
    let granted = bench.granted().await;
    fs::remove_dir_all(&folder).unwrap();
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!((reply.json["decision"].as_bool(), reply.detail()), (Some(false), "audit_unwritable"));
    // It is the filter's to ask again with the same nonce, once the place is back.
    fs::create_dir(&folder).unwrap();
    let reply = bench.post(EVALUATION, &granted.redeem(NONCE)).await.expect(StatusCode::OK);
    assert_eq!(reply.json["decision"], true, "{}", reply.text);
    assert!(folder.join("head").exists());
}

#[tokio::test]
async fn a_backup_that_nothing_happened_after_is_served_as_it_is() {
    let bench = Bench::on_a_file().await;
    let id = bench.task().await;
    bench.decide("bob", &id, Choice::Approve).await.unwrap();
    let backup = bench.state.parent().unwrap().join("backup.db");
    admin::backup(&bench.state, &backup).await.unwrap();
    assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
    let twice = admin::backup(&bench.state, &backup).await.unwrap_err();
    assert!(twice.to_string().contains("File exists"), "{twice}");
    let stopped = bench.killed().await;
    stopped.put_back(&backup);
    let bench = stopped.start(Restored::Refuse, same).await.unwrap();
    assert_eq!(bench.view(&id).await.votes.len(), 1);
    assert_eq!(bench.decide("carol", &id, Choice::Approve).await.unwrap().status, Status::Approved);
}
