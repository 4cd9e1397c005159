//! What keeps reviewers and the store from being flooded: how many requests of one requester and under one rule may wait,
//! and how often one requester may ask.
//!
//! Over a limit nothing is stored and nobody is asked; the filter is told which limit, how far it is reached, and when to
//! come again. Counts of what waits are in the store and survive a restart. The rate is kept in memory, for a bounded number
//! of requesters: what is beyond that shares one allowance. A request that is already a task is never refused as one too
//! many; only its rate counts.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::store::Sql;
use countersign_wire::names::limits;

use super::{Asked, Fault, Person, Service};
use crate::{
    config::Limits,
    store::kin::{self, Kin, Waiting},
};

/// A limit that is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Over {
    /// Which, by the name it has in the configuration.
    pub limit: &'static str,
    /// How many there are.
    pub current: u64,
    /// How many there may be.
    pub most: u64,
    /// When to come again.
    pub retry_after_s: u64,
}

impl std::fmt::Display for Over {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { limit, current, most, retry_after_s } = self;
        let what = match *limit {
            limits::SUBJECT => "requests of this subject wait already",
            limits::RULE => "requests under this rule wait already",
            CALLS => "calls of yours came within a minute",
            _ => "requests of this subject came within a minute",
        };
        write!(f, "{current} {what}; `{limit}` allows {most}; try again in {retry_after_s} s")
    }
}

/// How often a reviewer's programs may call within a minute, by the name it has in the configuration.
pub(crate) const CALLS: &str = "calls_per_minute";

/// What is left of an allowance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// How many more at once.
    pub left: u64,
    /// How many within a minute.
    pub most: u64,
    /// In how many seconds there is another one.
    pub next_s: u64,
}

impl Service {
    /// Counts a call of a reviewer's program.
    ///
    /// # Errors
    /// [`Over`], where there were too many within a minute.
    pub(crate) fn may_call(&self, who: &Person) -> Result<Left, Over> {
        self.shared.calls.draw(CALLS, &who.iss, &who.sub, self.now_ms())
    }
}

/// The shortest and the longest time after which a filter is told to come again, in seconds: reviewers may decide sooner
/// than anything expires.
const AGAIN_S: std::ops::RangeInclusive<i64> = 5..=60;
/// For how many requesters the rate is kept one by one.
const REQUESTERS: usize = 10_000;

/// Whether one more task may wait.
pub(super) async fn room(
    sql: &mut Sql,
    limits: &Limits,
    kin: &Kin,
    subject: &str,
    now: i64,
) -> Result<Result<(), Asked>, Fault> {
    let of_subject =
        kin::waiting_of_subject(&mut *sql, &kin.client, subject, limits.pending_per_subject).await?;
    if let Some(over) = over(limits::SUBJECT, of_subject, limits.pending_per_subject, now) {
        return Ok(Err(Asked::TooMany(over)));
    }
    let of_rule = kin::waiting_of_rule(sql, kin, limits.pending_per_rule).await?;
    Ok(match over(limits::RULE, of_rule, limits.pending_per_rule, now) {
        Some(over) => Err(Asked::TooMany(over)),
        None => Ok(()),
    })
}

fn over(limit: &'static str, waiting: Waiting, most: u32, now: i64) -> Option<Over> {
    if waiting.count < i64::from(most) {
        return None;
    }
    let left = waiting.until.map_or(*AGAIN_S.start(), |until| until.saturating_sub(now) / 1000 + 1);
    let retry_after_s = left.clamp(*AGAIN_S.start(), *AGAIN_S.end()).unsigned_abs();
    Some(Over { limit, current: waiting.count.unsigned_abs(), most: u64::from(most), retry_after_s })
}

/// How often each requester has asked lately: a bucket of tokens that fills by time.
pub(super) struct Rates {
    per_minute: u32,
    buckets: Mutex<HashMap<String, Bucket>>,
}

/// Tokens in millionths of one, and when they were counted.
#[derive(Clone, Copy)]
struct Bucket {
    tokens: i64,
    at: i64,
}

/// One token.
const ONE: i64 = 1_000_000;
const MINUTE_MS: i64 = 60_000;

impl Rates {
    /// So many submissions within a minute, all of them at once if need be.
    pub(super) fn new(per_minute: u32) -> Self {
        Self { per_minute, buckets: Mutex::default() }
    }

    /// Takes a token of the requester's.
    ///
    /// # Errors
    /// [`Over`], where none is left.
    pub(super) fn take(&self, client: &str, subject: &str, now: i64) -> Result<(), Over> {
        self.draw(limits::RATE, client, subject, now).map(drop)
    }

    /// Takes a token of `subject` at `client`, and says how many are left.
    fn draw(&self, limit: &'static str, client: &str, subject: &str, now: i64) -> Result<Left, Over> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let mut key = format!("{client}\0{subject}");
        if !buckets.contains_key(&key) && buckets.len() >= REQUESTERS {
            buckets.retain(|_, bucket| self.filled(*bucket, now).tokens < self.full());
            if buckets.len() >= REQUESTERS {
                // The one that everybody beyond shares; no client has an empty name.
                "\0".clone_into(&mut key);
            }
        }
        let bucket = buckets.entry(key).or_insert(Bucket { tokens: self.full(), at: now });
        *bucket = self.filled(*bucket, now);
        if bucket.tokens >= ONE {
            bucket.tokens -= ONE;
            let left = (bucket.tokens / ONE).unsigned_abs();
            return Ok(Left {
                left,
                most: u64::from(self.per_minute),
                next_s: 60 / u64::from(self.per_minute) + 1,
            });
        }
        let per_minute = i64::from(self.per_minute);
        let wait_ms = (ONE - bucket.tokens) * MINUTE_MS / (per_minute * ONE) + 1;
        let most = u64::from(self.per_minute);
        let retry_after_s = (wait_ms / 1000 + 1).unsigned_abs();
        Err(Over { limit, current: most, most, retry_after_s })
    }

    fn full(&self) -> i64 {
        i64::from(self.per_minute) * ONE
    }

    /// A clock that goes back adds nothing.
    fn filled(&self, bucket: Bucket, now: i64) -> Bucket {
        let passed = now.saturating_sub(bucket.at).clamp(0, MINUTE_MS);
        let tokens = (bucket.tokens + passed * self.full() / MINUTE_MS).min(self.full());
        Bucket { tokens, at: now.max(bucket.at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requester_who_asks_too_often_is_told_when_to_come_again_and_may_then() {
        let rates = Rates::new(6);
        for _ in 0..6 {
            assert_eq!(rates.take("pep", "bot", 0), Ok(()));
        }
        let over = rates.take("pep", "bot", 0).unwrap_err();
        assert_eq!(
            (over.limit, over.current, over.most, over.retry_after_s),
            ("submissions_per_minute", 6, 6, 11)
        );
        assert!(rates.take("pep", "bot", 9_000).is_err());
        assert_eq!(rates.take("pep", "bot", 11_000), Ok(()));
        assert!(rates.take("pep", "bot", 11_000).is_err());
    }

    #[test]
    fn one_requester_takes_nothing_from_another() {
        let rates = Rates::new(1);
        assert!(rates.take("pep", "a", 0).is_ok() && rates.take("pep", "a", 0).is_err());
        assert!(rates.take("pep", "b", 0).is_ok() && rates.take("other", "a", 0).is_ok());
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing_away() {
        let rates = Rates::new(1);
        assert!(rates.take("pep", "a", 60_000).is_ok());
        assert!(rates.take("pep", "a", 0).is_err() && rates.take("pep", "a", 60_000).is_err());
    }

    #[test]
    fn ever_new_requesters_share_one_allowance_once_too_many_are_known() {
        let rates = Rates::new(2);
        for n in 0..REQUESTERS {
            assert!(rates.take("pep", &n.to_string(), 0).is_ok());
        }
        assert!(rates.take("pep", "new-1", 0).is_ok() && rates.take("pep", "new-2", 0).is_ok());
        assert!(rates.take("pep", "new-3", 0).is_err(), "a flood of names is no way around the rate");
        assert!(rates.buckets.lock().unwrap().len() <= REQUESTERS + 1);
        assert!(rates.take("pep", "new-3", 120_000).is_ok(), "those who ask no more are forgotten");
    }
}
