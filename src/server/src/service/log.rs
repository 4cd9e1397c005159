//! The service's own chain, and the head of the log over all chains.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use countersign_wire::{jws::Issuer, record::Chain};
use serde_json::{Map, Value, json};
use sqlx::SqliteConnection;

use super::{Fault, Service, StartError};
use crate::{
    audit::{note, tree::Tree},
    ids,
    store::{
        Store,
        leaf::{self, Kept},
        signed, task,
    },
};

/// Writes the next record of the service's own chain and returns its leaf.
pub(super) async fn record(
    sql: &mut SqliteConnection,
    event: &str,
    now: i64,
    members: Map<String, Value>,
) -> Result<i64, Fault> {
    let mut chain = if let Some(id) = leaf::own_chain(&mut *sql).await? {
        leaf::last(&mut *sql, &id).await?.map_or_else(|| Chain::new(id), |last| Chain::after(&last))
    } else {
        let mut chain = Chain::new(ids::chain(now)?);
        let members = json!({"pod": "approval-service", "version": env!("CARGO_PKG_VERSION")});
        put(&mut *sql, &mut chain, "chain.open", now, object(members)).await?;
        chain
    };
    put(sql, &mut chain, event, now, members).await
}

async fn put(
    sql: &mut SqliteConnection,
    chain: &mut Chain,
    event: &str,
    now: i64,
    members: Map<String, Value>,
) -> Result<i64, Fault> {
    match leaf::put(sql, "", &chain.append_named(event, now, members), now).await? {
        Kept::At(leaf) => Ok(leaf),
        Kept::Taken | Kept::NoChain | Kept::Unlinked => {
            Err(Fault::Corrupt("the service's own chain forks".to_owned()))
        }
    }
}

/// The members of an object; of anything else, none.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// What every record about a task says.
pub(super) fn about(row: &task::Row) -> Map<String, Value> {
    let (submission, v1) = (&row.submission, &row.submission.context.v1);
    let policy = &v1.policy;
    object(json!({
        "tid": row.id,
        "request_digest": row.request_digest,
        "subject": submission.subject.bound(),
        "actor": submission.client.actor,
        "action": submission.action.bound(),
        "resource": submission.resource.bound(),
        "destination": {"scheme": v1.destination.scheme, "authority": v1.destination.authority, "path": v1.destination.path},
        "policy": {
            "id": policy.id, "rule": policy.rule, "commit": policy.commit,
            "rule_digest": policy.rule_digest, "digest": policy.digest,
        },
        "masked": v1.payload.masked,
        "client": row.client,
    }))
}

/// The head of the log, grown from what is committed.
pub(super) struct Head {
    tree: tokio::sync::Mutex<Tree>,
    origin: String,
    /// A copy of the last signed head outside the database: a database put back from a copy is behind it.
    file: PathBuf,
}

impl Head {
    /// Reads the whole log and compares it with every head that was signed before.
    pub(super) async fn open(store: &Store, issuer: &str, state: &Path) -> Result<Self, StartError> {
        let broken = |fault: Fault| StartError(format!("cannot read the audit log: {fault}"));
        let file = state.join("checkpoint");
        let mut sql = store.read().acquire().await.map_err(|error| broken(error.into()))?;
        let mut signed: Vec<(u64, Vec<u8>)> = leaf::checkpoints(&mut sql)
            .await
            .map_err(broken)?
            .into_iter()
            .map(|(size, root)| (size.unsigned_abs(), root))
            .collect();
        if let Ok(saved) = fs::read_to_string(&file) {
            signed.extend(note::size(&saved).zip(note::root(&saved)));
        }
        signed.sort();
        let mut tree = Tree::default();
        let mut ahead = signed.iter().peekable();
        loop {
            while let Some((_, root)) = ahead.next_if(|(size, _)| *size == tree.size()) {
                if tree.root().as_slice() != root.as_slice() {
                    return Err(StartError(format!(
                        "the audit log is not the one that was signed: its first {} records were changed",
                        tree.size()
                    )));
                }
            }
            if grow(&mut tree, &mut sql, Grow::UpTo(ahead.peek().map(|(size, _)| *size)))
                .await
                .map_err(broken)?
                == 0
            {
                break;
            }
        }
        if let Some((size, _)) = ahead.next() {
            return Err(StartError(format!(
                "the audit log has {} records but a head over {size} was signed: the state directory was put back from \
                 an older copy, and grants used since then could be used again",
                tree.size()
            )));
        }
        Ok(Self { tree: tokio::sync::Mutex::new(tree), origin: note::origin(issuer), file })
    }
}

/// How far to grow at once.
enum Grow {
    UpTo(Option<u64>),
    Whole,
}

/// Adds committed leaves; returns how many.
async fn grow(tree: &mut Tree, sql: &mut SqliteConnection, how: Grow) -> Result<u64, Fault> {
    const PAGE: u64 = 1_024;
    let before = tree.size();
    let limit = match how {
        Grow::UpTo(Some(size)) => size.saturating_sub(before).min(PAGE),
        Grow::UpTo(None) | Grow::Whole => PAGE,
    };
    loop {
        let lines = leaf::lines(sql, signed(tree.size())?, signed(limit)?).await?;
        let full = lines.len() as u64 == limit;
        for line in &lines {
            tree.push(line.as_bytes());
        }
        if !full || matches!(how, Grow::UpTo(_)) {
            return Ok(tree.size() - before);
        }
    }
}

impl Service {
    /// The signed head over everything that is committed now.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn checkpoint(&self) -> Result<String, Fault> {
        Ok(self.head().await?.0)
    }

    async fn head(&self) -> Result<(String, Tree), Fault> {
        let head = &self.shared.head;
        let mut tree = head.tree.lock().await;
        let mut sql = self.shared.store.read().acquire().await?;
        grow(&mut tree, &mut sql, Grow::Whole).await?;
        Ok((note::checkpoint(&head.origin, &tree, self.signer()), tree.clone()))
    }

    fn signer(&self) -> &Issuer {
        &self.shared.keys.current
    }

    /// Keeps a signed head in the store and beside it, if the log has grown.
    pub(super) async fn keep_head(&self) -> Result<(), Fault> {
        let (note, tree) = self.head().await?;
        let saved = fs::read_to_string(&self.shared.head.file).ok();
        if tree.size() == 0 || saved.as_deref().and_then(note::size) == Some(tree.size()) {
            return Ok(());
        }
        let (size, now, kept) = (signed(tree.size())?, self.now_ms(), note.clone());
        let root = tree.root();
        self.shared
            .store
            .write(move |tx| {
                Box::pin(async move { leaf::put_checkpoint(&mut tx.sql, size, &root, &kept, now).await })
            })
            .await?;
        replace(&self.shared.head.file, &note).map_err(|error| Fault::Store(error.to_string()))
    }
}

/// Replaces a file's content whole or not at all.
fn replace(path: &Path, content: &str) -> std::io::Result<()> {
    let fresh = path.with_extension("new");
    let mut file = fs::File::create(&fresh)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    fs::rename(fresh, path)
}
