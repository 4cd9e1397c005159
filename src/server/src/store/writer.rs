//! The one writer. Work that arrives while a commit is under way shares the next one, so that a thousand held calls cost
//! a handful of disk flushes; each piece of work has its own savepoint, so none can undo another.

use std::{fs::File, panic::AssertUnwindSafe, pin::Pin, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use tokio::sync::{mpsc, oneshot};

use super::{
    Dialect, Sql, postgres,
    signal::{self, Signals},
};
use crate::{
    config::DatabaseUrl,
    deliver::{self, Routes},
    service::{Fault, TaskChanged},
};

/// A future in a box.
pub(crate) type BoxFuture<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

/// An open write transaction.
pub(crate) struct Tx {
    /// The connection that holds it.
    pub(crate) sql: Sql,
    changed: Vec<TaskChanged>,
}

impl Tx {
    /// A transaction outside the writer; what it says changed is published by nobody.
    pub(crate) async fn alone(mut sql: Sql) -> Result<Self, Fault> {
        let begin = match Dialect::of(&sql) {
            Dialect::Sqlite => "BEGIN IMMEDIATE".to_owned(),
            Dialect::Postgres => format!("BEGIN; {}", postgres::LOCK),
        };
        execute(&mut sql, begin).await?;
        Ok(Self { sql, changed: Vec::new() })
    }

    /// Ends a transaction of [`Tx::alone`].
    pub(crate) async fn commit(mut self) -> Result<(), Fault> {
        Ok(execute(&mut self.sql, "COMMIT".to_owned()).await?)
    }

    /// Says what changed; published once it is committed.
    pub(crate) fn changed(&mut self, change: TaskChanged) {
        self.changed.push(change);
    }
}

/// Work for the writer.
pub(super) type Work = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Finished> + Send>;

type Answer = Box<dyn FnOnce(Result<(), Fault>) + Send>;

/// Work that was done, to be answered once the commit stands.
pub(super) struct Finished {
    end: End,
    answer: Answer,
}

/// What becomes of a savepoint.
enum End {
    Keep,
    Undo,
}

/// How much work shares one commit at most.
const BATCH: usize = 128;

/// Hands `work` to the writer and waits for its commit.
pub(super) async fn submit<T, F>(jobs: &mpsc::Sender<Work>, work: F) -> Result<T, Fault>
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, Fault>> + Send + 'static,
{
    let (send, receive) = oneshot::channel();
    let boxed: Work = Box::new(move |tx| {
        Box::pin(async move {
            let result = work(tx).await;
            let end = if result.is_ok() { End::Keep } else { End::Undo };
            // A caller that has gone away is no reason to fail.
            let answer: Answer = Box::new(move |commit| drop(send.send(commit.and(result))));
            Finished { end, answer }
        })
    });
    jobs.send(boxed).await.map_err(|_| Fault::Closing)?;
    receive.await.map_err(|_| Fault::Store("the write was not done".to_owned()))?
}

/// What the writer needs to know of its database.
pub(super) enum Reach {
    /// A file, which is there as long as we are.
    Sqlite,
    /// A server, which may go away, and others who are told what changed.
    Postgres { url: DatabaseUrl, signals: Arc<Signals>, _state: File },
}

/// How long a commit may take on a server before the connection is given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts the writer; it ends when nobody can send work any more.
pub(super) fn start(
    sql: Sql,
    reach: Reach,
    publish: Arc<dyn Fn(TaskChanged) + Send + Sync>,
    routes: Routes,
) -> mpsc::Sender<Work> {
    let (send, mut receive) = mpsc::channel::<Work>(1_024);
    tokio::spawn(async move {
        let mut tx = Tx { sql, changed: Vec::new() };
        let mut batch = Vec::with_capacity(BATCH);
        while receive.recv_many(&mut batch, BATCH).await > 0 {
            let mut answers = Vec::with_capacity(batch.len());
            let outcome = commit(&mut tx, &reach, &routes, &mut batch, &mut answers).await;
            // Work that was never begun hears that it was not done.
            batch.clear();
            if let Err(error) = &outcome {
                tracing::error!(%error, "a commit failed; nothing of it was kept");
                tx.changed.clear();
                recover(&mut tx.sql, &reach).await;
            }
            tx.changed.drain(..).for_each(|change| publish(change));
            for answer in answers {
                answer(outcome.as_ref().map(|&()| ()).map_err(|error| Fault::Store(error.to_string())));
            }
        }
    });
    send
}

/// Ends what was begun; where the server is gone, connects again. If that fails, so does the next commit, and it is tried again.
async fn recover(sql: &mut Sql, reach: &Reach) {
    let rolled_back = tokio::time::timeout(PATIENCE, execute(sql, "ROLLBACK".to_owned()))
        .await
        .is_ok_and(|done| done.is_ok());
    match reach {
        Reach::Sqlite if rolled_back => {}
        Reach::Sqlite => tracing::debug!("nothing to roll back"),
        // A connection that failed once is not trusted: whatever was begun on it is undone by its end.
        Reach::Postgres { url, .. } => match postgres::connect(url).await {
            Ok(fresh) => drop(std::mem::replace(sql, fresh)),
            Err(error) => tracing::error!(%error, "database `{url}` cannot be reached"),
        },
    }
}

async fn commit(
    tx: &mut Tx,
    reach: &Reach,
    routes: &Routes,
    batch: &mut Vec<Work>,
    answers: &mut Vec<Answer>,
) -> Result<(), sqlx::Error> {
    match reach {
        Reach::Sqlite => {
            execute(&mut tx.sql, "BEGIN IMMEDIATE; SAVEPOINT work".to_owned()).await?;
            run(tx, routes, batch, answers).await?;
            execute(&mut tx.sql, "COMMIT".to_owned()).await
        }
        Reach::Postgres { signals, .. } => {
            let all = async {
                execute(&mut tx.sql, format!("BEGIN; {}; SAVEPOINT work", postgres::LOCK)).await?;
                run(tx, routes, batch, answers).await?;
                for signal in signals.changes(&tx.changed) {
                    let said = sqlx::query("SELECT pg_notify($1, $2)").bind(signal::NAME).bind(signal);
                    said.execute(&mut tx.sql).await?;
                }
                execute(&mut tx.sql, "COMMIT".to_owned()).await
            };
            tokio::time::timeout(PATIENCE, all).await.unwrap_or_else(|_| {
                let kind = std::io::ErrorKind::TimedOut;
                Err(sqlx::Error::Io(std::io::Error::new(kind, "the database did not answer in time")))
            })
        }
    }
}

/// Does each piece of work in the savepoint that is open, and opens the next one: a round trip for both.
async fn run(
    tx: &mut Tx,
    routes: &Routes,
    batch: &mut Vec<Work>,
    answers: &mut Vec<Answer>,
) -> Result<(), sqlx::Error> {
    for work in batch.drain(..) {
        let before = tx.changed.len();
        // A fault in one piece of work must not end the writer: its savepoint is undone and its caller hears so.
        let end = match AssertUnwindSafe(work(tx)).catch_unwind().await {
            Ok(Finished { end: End::Keep, answer }) => match tell(tx, routes, before).await {
                Ok(()) => {
                    answers.push(answer);
                    End::Keep
                }
                // What nobody would be told of is not done either.
                Err(fault) => {
                    answers.push(Box::new(move |_| answer(Err(fault))));
                    End::Undo
                }
            },
            Ok(Finished { end: End::Undo, answer }) => {
                answers.push(answer);
                End::Undo
            }
            Err(_) => End::Undo,
        };
        match end {
            End::Keep => execute(&mut tx.sql, "RELEASE work; SAVEPOINT work".to_owned()).await?,
            End::Undo => {
                tx.changed.truncate(before);
                execute(&mut tx.sql, "ROLLBACK TO work".to_owned()).await?;
            }
        }
    }
    Ok(())
}

/// Writes down who must be told of what changed since `before`.
async fn tell(tx: &mut Tx, routes: &Routes, before: usize) -> Result<(), Fault> {
    let ids: Vec<String> = tx.changed.iter().skip(before).map(|change| change.id.clone()).collect();
    for id in ids {
        deliver::note(&mut tx.sql, routes, &id).await?;
    }
    Ok(())
}

async fn execute(sql: &mut Sql, statements: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements)).execute(sql).await.map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::{service::Status, store::Store};

    fn mark<'t>(tx: &'t mut Tx, id: &'static str) -> BoxFuture<'t, Result<(), Fault>> {
        Box::pin(async move {
            tx.changed(TaskChanged { id: id.to_owned(), status: Status::Pending });
            sqlx::query("INSERT INTO person (name) VALUES ($1)").bind(id).execute(&mut tx.sql).await?;
            Ok(())
        })
    }

    #[tokio::test]
    async fn work_that_fails_or_panics_takes_nothing_else_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = told.clone();
        let publish = Arc::new(move |change: TaskChanged| heard.lock().unwrap().push(change.id));
        let store = Store::open(&dir.path().join("state"), None, publish, Routes::default()).await.unwrap();
        let (good, failing, panicking, after) = tokio::join!(
            store.write(|tx| mark(tx, "good")),
            store.write(|tx| Box::pin(async move {
                mark(tx, "failing").await?;
                Err::<(), _>(Fault::Corrupt("on purpose".to_owned()))
            })),
            store.write::<(), _>(|tx| Box::pin(async move {
                mark(tx, "panicking").await?;
                panic!("on purpose")
            })),
            store.write(|tx| mark(tx, "after")),
        );
        assert!(good.is_ok() && after.is_ok());
        assert!(matches!(failing, Err(Fault::Corrupt(_))) && matches!(panicking, Err(Fault::Store(_))));
        store.write(|tx| mark(tx, "later")).await.unwrap();
        let names: Vec<String> =
            sqlx::query_scalar("SELECT name FROM person ORDER BY id").fetch_all(store.read()).await.unwrap();
        assert_eq!(names, ["good", "after", "later"]);
        assert_eq!(*told.lock().unwrap(), ["good", "after", "later"], "what was undone was told");
    }
}
