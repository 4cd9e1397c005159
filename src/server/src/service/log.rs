//! The service's own chain, and the head of the log over all chains.

use std::path::Path;

use crate::store::Sql;
use countersign_wire::record::Chain;
use serde_json::{Map, Value, json};

use super::{
    Fault, Restored, Service, StartError,
    anchor::{Anchors, Signed},
    restore::Behind,
};
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
    sql: &mut Sql,
    event: &str,
    now: i64,
    members: Map<String, Value>,
) -> Result<i64, Fault> {
    let mut chain = if let Some(id) = leaf::own_chain(&mut *sql).await? {
        leaf::last(&mut *sql, &id).await?.map_or_else(|| Chain::new(id), |last| Chain::after(&last))
    } else {
        open_chain(&mut *sql, now).await?
    };
    put(sql, &mut chain, event, now, members).await
}

async fn open_chain(sql: &mut Sql, now: i64) -> Result<Chain, Fault> {
    let mut chain = Chain::new(ids::chain(now)?);
    let members = json!({"pod": "approval-service", "version": env!("CARGO_PKG_VERSION")});
    put(sql, &mut chain, "chain.open", now, object(members)).await?;
    Ok(chain)
}

async fn put(
    sql: &mut Sql,
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

/// Begins another chain of the service's own: what follows does not follow what is lost.
pub(super) async fn begin_anew(sql: &mut Sql, now: i64) -> Result<(), Fault> {
    open_chain(sql, now).await.map(drop)
}

/// The head of the log, grown from what is committed.
pub(super) struct Head {
    tree: tokio::sync::Mutex<Tree>,
    origin: String,
    pub(super) anchors: Anchors,
    /// How many records the last head in the store covers.
    pub(super) kept: tokio::sync::Mutex<u64>,
}

/// Where signed heads are kept besides the database.
pub(super) struct Places<'p> {
    pub(super) state: &'p Path,
    pub(super) elsewhere: Option<&'p Path>,
}

impl Head {
    /// Reads the whole log and compares it with every head that was signed before.
    pub(super) async fn open(
        store: &Store,
        issuer: &str,
        places: Places<'_>,
        restored: Restored,
    ) -> Result<(Self, Behind), StartError> {
        let broken = |fault: Fault| StartError(format!("cannot read the audit log: {fault}"));
        let origin = note::origin(issuer);
        let (anchors, mut known) = Anchors::open(&origin, places.state, places.elsewhere)?;
        let mut sql = store.read().acquire().await.map_err(|error| broken(error.into()))?;
        if store.is_shared()
            && let Some(note) = leaf::last_note(&mut sql).await.map_err(broken)?
            && note.lines().next() != Some(origin.as_str())
        {
            let kept = note.lines().next().unwrap_or_default();
            return Err(StartError(format!(
                "the database holds the log of `{kept}`, and this replica would write `{origin}`; every replica has the same `issuer`"
            )));
        }
        known.extend(leaf::checkpoints(&mut sql).await.map_err(broken)?.into_iter().map(|(size, root)| {
            Signed { size: size.unsigned_abs(), root, place: "the database".to_owned() }
        }));
        known.sort_by_key(|head| head.size);
        let mut tree = Tree::default();
        let mut ahead = known.iter().peekable();
        loop {
            while let Some(head) = ahead.next_if(|head| head.size == tree.size()) {
                if tree.root().as_slice() != head.root.as_slice() {
                    return Err(StartError(format!(
                        "the audit log is not the one that was signed: its first {} records were changed since a head over \
                         them was kept in {}",
                        tree.size(),
                        head.place
                    )));
                }
            }
            if grow(&mut tree, &mut sql, Grow::UpTo(ahead.peek().map(|head| head.size)))
                .await
                .map_err(broken)?
                == 0
            {
                break;
            }
        }
        let behind = Behind { size: tree.size(), signed: ahead.last().map_or(tree.size(), |head| head.size) };
        let furthest = known.last().filter(|_| behind.signed > behind.size);
        match (restored, furthest) {
            (Restored::Refuse, Some(head)) => Err(StartError(format!(
                "the audit log has {} records but a head over {} was signed (kept in {}): the database was put back from an \
                 older copy, and grants used since then could be used again; put the newest copy back, or start once with \
                 `--accept-restored`, which takes every unused grant back and marks what may have happened as unknown",
                behind.size, behind.signed, head.place
            ))),
            (Restored::Refuse | Restored::Accept, _) => {
                let (tree, kept) = (tokio::sync::Mutex::new(tree), tokio::sync::Mutex::new(0));
                Ok((Self { tree, origin, anchors, kept }, behind))
            }
        }
    }
}

/// How far to grow at once.
enum Grow {
    UpTo(Option<u64>),
    Whole,
}

/// Adds committed leaves; returns how many.
async fn grow(tree: &mut Tree, sql: &mut Sql, how: Grow) -> Result<u64, Fault> {
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

    pub(super) async fn head(&self) -> Result<(String, Tree), Fault> {
        let head = &self.shared.head;
        let mut tree = head.tree.lock().await;
        let mut sql = self.shared.store.read().acquire().await?;
        grow(&mut tree, &mut sql, Grow::Whole).await?;
        Ok((note::checkpoint(&head.origin, &tree, &self.shared.keys().current), tree.clone()))
    }
}
