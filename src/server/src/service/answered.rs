//! Idempotency for reviewers' programs (draft-ietf-httpapi-idempotency-key-header-07): the same call with the same key is done
//! once, and answered the same.
//!
//! The scope of a key is the person, the method and the path: a new session of the same person is no other caller. Where the
//! process died between the work and the answer, the call is done again; what it does is guarded by the state of the task, so
//! nothing counts twice, and the answer says what is the case.

use super::{Fault, Person, Service};
use crate::store::{
    access::Key,
    answered::{self, Noted},
};

/// How long an answer is remembered.
const KEEP_MS: i64 = 24 * 60 * 60 * 1000;
/// How long a call may be under way: longer than the service lets any take.
const UNDER_WAY_MS: i64 = 60 * 1000;

/// A call that may come again.
#[derive(Clone, Debug)]
pub(crate) struct Keyed {
    caller: String,
    path: String,
    key: String,
    body_digest: String,
}

/// What to do with a call that has a key.
#[derive(Debug)]
pub(crate) enum Came {
    /// Do it, and keep the answer.
    First,
    /// It was answered so.
    Before(String),
    /// The first one with this key is still under way.
    UnderWay,
    /// The key came with another body.
    Other,
}

impl Keyed {
    /// A POST of `who` to `path` with this key and body.
    pub(crate) fn post(who: &Person, path: &str, key: &str, body: &[u8]) -> Self {
        // No filter's key has a line break in its name, so these never meet.
        let caller = format!("person\n{}\n{}", who.iss, who.sub);
        let body_digest = countersign_wire::digest::content_digest(body);
        Self { caller, path: path.to_owned(), key: key.to_owned(), body_digest }
    }

    fn scope(&self) -> Key<'_> {
        Key { keyid: &self.caller, method: "POST", path: &self.path, given: &self.key }
    }
}

impl Service {
    /// Notes a call, or says that it came before.
    pub(crate) async fn came(&self, call: &Keyed) -> Result<Came, Fault> {
        let (call, now) = (call.clone(), self.now_ms());
        let work = async move |sql: &mut crate::store::Sql| {
            let scope = call.scope();
            match answered::note(sql, &scope, &call.body_digest, now, now + KEEP_MS).await? {
                Noted::Fresh => Ok(Came::First),
                Noted::Answered(answer) => Ok(Came::Before(answer)),
                Noted::Other => Ok(Came::Other),
                Noted::Unanswered { expires_at } if now < expires_at - KEEP_MS + UNDER_WAY_MS => {
                    Ok(Came::UnderWay)
                }
                Noted::Unanswered { .. } => {
                    answered::forget(sql, &scope).await?;
                    answered::note(sql, &scope, &call.body_digest, now, now + KEEP_MS).await?;
                    Ok(Came::First)
                }
            }
        };
        self.shared.store.write(move |tx| Box::pin(async move { work(&mut tx.sql).await })).await
    }

    /// Keeps what a call was answered; without an answer the key is free again.
    pub(crate) async fn answered(&self, call: &Keyed, answer: Option<String>) -> Result<(), Fault> {
        let call = call.clone();
        self.shared
            .store
            .write(move |tx| {
                Box::pin(async move {
                    match answer {
                        Some(answer) => answered::keep(&mut tx.sql, &call.scope(), &answer).await,
                        None => answered::forget(&mut tx.sql, &call.scope()).await,
                    }
                })
            })
            .await
    }
}
