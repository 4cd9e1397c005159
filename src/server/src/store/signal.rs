//! What replicas tell each other: which tasks changed, and which tasks are waited for at whom (`LISTEN`/`NOTIFY`).
//!
//! Promises: a change is told in its own transaction, so nobody hears of what was not kept. Nothing is decided by a signal: it
//! wakes whoever looks at the database then. A lost connection is noticed within [`SILENCE`] and made again; whatever was missed
//! meanwhile is made up for by looking at everything.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{PgPool, postgres::PgListener};

use super::access::Seen;
use crate::{
    ids,
    service::{Fault, Status, TaskChanged},
};

/// The name of our signals within the database.
pub(super) const NAME: &str = "countersign";

/// After how long without any signal, our own among them, the connection is taken to be dead.
const SILENCE: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(500);
/// How much one signal carries: PostgreSQL allows 8,000 bytes.
const LARGEST: usize = 7_000;

/// What a replica hears from the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A task changed.
    Changed(TaskChanged),
    /// A filter waits for a task at another replica: for how long it will, and whether the task is withdrawn where it stops.
    Held { task: String, left_ms: Option<u64>, cancel: bool },
    /// Something may have been missed.
    Everything,
}

/// The connection to the other replicas.
pub(crate) struct Signals {
    pool: PgPool,
    me: String,
    hearing: Arc<AtomicBool>,
}

impl Signals {
    pub(super) fn new(pool: PgPool) -> Result<Self, Fault> {
        let me = ids::token()?.chars().take(16).collect();
        Ok(Self { pool, me, hearing: Arc::default() })
    }

    /// Listens from now on, until the store is closed.
    pub(super) fn listen(&self, heard: Arc<dyn Fn(Heard) + Send + Sync>) {
        let (pool, me, hearing) = (self.pool.clone(), self.me.clone(), self.hearing.clone());
        tokio::spawn(async move {
            while !pool.is_closed() {
                if let Err(error) = listen(&pool, &me, &hearing, &*heard).await {
                    tracing::warn!(%error, "other replicas are not heard");
                }
                hearing.store(false, Ordering::Release);
                tokio::time::sleep(AGAIN).await;
            }
        });
    }

    /// Whether the others are heard now.
    pub(super) fn hearing(&self) -> bool {
        self.hearing.load(Ordering::Acquire)
    }

    /// Signals that say which tasks changed.
    pub(super) fn changes(&self, changed: &[TaskChanged]) -> Vec<String> {
        self.pack('c', changed.iter().map(|change| format!("{} {}", change.id, change.status.as_str())))
    }

    /// Tells the others what is waited for here; without anything it still says that this connection lives.
    pub(super) async fn held(&self, held: &[Heard]) -> Result<(), Fault> {
        let line = |one: &Heard| match one {
            Heard::Held { task, left_ms, cancel } => {
                let left = left_ms.map_or("-".to_owned(), |left| left.to_string());
                Some(format!("{task} {left} {}", if *cancel { "cancel" } else { "keep" }))
            }
            Heard::Changed(_) | Heard::Everything => None,
        };
        let mut signals = self.pack('h', held.iter().filter_map(line));
        if signals.is_empty() {
            signals.push(format!("h {}", self.me));
        }
        for signal in signals {
            sqlx::query("SELECT pg_notify($1, $2)").bind(NAME).bind(signal).execute(&self.pool).await?;
        }
        Ok(())
    }

    /// Spends the nonce of a call that only reads.
    pub(super) async fn spend(&self, keyid: &str, nonce: &str, now: i64) -> Result<Seen, Fault> {
        let done = sqlx::query(
            "INSERT INTO nonce (keyid, nonce, seen_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(keyid)
        .bind(nonce)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(if done.rows_affected() == 1 { Seen::New } else { Seen::Before })
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    fn pack(&self, kind: char, lines: impl Iterator<Item = String>) -> Vec<String> {
        let mut signals = Vec::new();
        let head = format!("{kind} {}", self.me);
        let mut signal = head.clone();
        for line in lines {
            if signal.len() + line.len() >= LARGEST {
                signals.push(std::mem::replace(&mut signal, head.clone()));
            }
            signal.push('\n');
            signal.push_str(&line);
        }
        if signal.len() > head.len() {
            signals.push(signal);
        }
        signals
    }
}

async fn listen(
    pool: &PgPool,
    me: &str,
    hearing: &AtomicBool,
    heard: &(dyn Fn(Heard) + Send + Sync),
) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(NAME).await?;
    // Whatever changed before is looked at; whatever changes from here on is heard.
    heard(Heard::Everything);
    hearing.store(true, Ordering::Release);
    loop {
        match tokio::time::timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(signal))) => read(signal.payload(), me, heard),
            Ok(Ok(None)) => heard(Heard::Everything),
            Ok(Err(error)) => return Err(error),
            Err(_) => {
                return Err(sqlx::Error::Io(std::io::Error::new(
                    std::io::ErrorKind::TimedOut,
                    "nothing was heard for ten seconds",
                )));
            }
        }
    }
}

/// Reads one signal; what does not read is of a version that tells more, and means that something changed.
fn read(signal: &str, me: &str, heard: &(dyn Fn(Heard) + Send + Sync)) {
    let mut lines = signal.lines();
    let Some((kind, from)) = lines.next().and_then(|head| head.split_once(' ')) else { return };
    if from == me {
        return;
    }
    for line in lines {
        let mut words = line.split(' ');
        let said = match (kind, words.next(), words.next(), words.next()) {
            ("c", Some(id), Some(status), None) => {
                Status::parse(status).map(|status| Heard::Changed(TaskChanged { id: id.to_owned(), status }))
            }
            ("h", Some(task), Some(left), Some(leaving)) => Some(Heard::Held {
                task: task.to_owned(),
                left_ms: left.parse().ok(),
                cancel: leaving == "cancel",
            }),
            _ => None,
        };
        heard(said.unwrap_or(Heard::Everything));
    }
}
