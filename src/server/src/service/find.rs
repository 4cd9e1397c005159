//! Finding requests: the history a page at a time, what was decided of the same before, and each agent and rule in numbers.
//!
//! Promises: no page reads more than it shows, however many requests there are; a page begins where the last one ended even
//! when others were decided meanwhile. It is for reading only.

use std::collections::BTreeMap;

use countersign_wire::submission::Submission;

use super::{Fault, Person, Service, Status, TaskView, view};
use crate::store::{
    Tx,
    facet::{self, By, Count, Facet, Place, Sought},
    task,
};

/// The numbers of pages reach back so far.
pub const SPAN_MS: i64 = 30 * 86_400_000;
/// Most requests that are counted.
const COUNTED: i64 = 50_000;
/// So many of the newest name what can be filtered by.
const LATELY: i64 = 2_000;

/// How many requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Most {
    /// Those of thirty days, up to fifty thousand.
    All,
    /// The newest two thousand of them.
    Lately,
}

/// What is sought; what is empty is no condition.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Any of these states.
    pub status: Vec<Status>,
    /// By this agent.
    pub agent: Option<String>,
    /// Of this class.
    pub class: Option<String>,
    /// Under this rule of this policy.
    pub rule: Option<(String, String)>,
    /// To this place.
    pub authority: Option<String>,
    /// With each of these words in what a reviewer searches by.
    pub words: Vec<String>,
    /// Asked after this moment, Unix milliseconds.
    pub since_ms: Option<i64>,
    /// In which this person had a hand.
    pub by: Option<Person>,
    /// After this place in the history.
    pub after: Option<Cursor>,
    /// So many at most.
    pub limit: u32,
}

/// A place in the history; what is decided later stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When it was decided, or else asked, Unix milliseconds.
    pub at_ms: i64,
    /// The task.
    pub id: String,
}

impl Cursor {
    /// The place of a task.
    pub fn of(task: &TaskView) -> Self {
        Self { at_ms: task.decided_at_ms.unwrap_or(task.created_at_ms), id: task.id.clone() }
    }
}

/// A page of the history.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Newest first.
    pub tasks: Vec<TaskView>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
}

/// What became of requests in the last thirty days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub total: usize,
    /// How many wait.
    pub pending: usize,
    /// How many were approved.
    pub approved: usize,
    /// Of these, without asking anybody: under a standing approval.
    pub standing: usize,
    /// How many were denied.
    pub denied: usize,
    /// How many nobody decided in time.
    pub expired: usize,
    /// How many the requester's side withdrew.
    pub cancelled: usize,
    /// When the newest was asked, Unix milliseconds.
    pub newest_ms: i64,
    /// Half of the decisions that people made took no longer than this, milliseconds.
    pub median_ms: Option<i64>,
    took: Vec<i64>,
}

impl Tally {
    fn add(&mut self, count: &Count) {
        self.total += 1;
        self.newest_ms = self.newest_ms.max(count.created_at);
        let took = count.decided_at.map(|at| at.saturating_sub(count.created_at));
        match count.status {
            Status::Pending => self.pending += 1,
            Status::Approved if count.standing => {
                self.approved += 1;
                self.standing += 1;
            }
            Status::Approved => {
                self.approved += 1;
                self.took.extend(took);
            }
            Status::Denied => {
                self.denied += 1;
                self.took.extend(took);
            }
            Status::Expired => self.expired += 1,
            Status::Cancelled => self.cancelled += 1,
        }
    }

    fn done(mut self) -> Self {
        self.took.sort_unstable();
        let middle = self.took.len().saturating_sub(1) / 2;
        self.median_ms = self.took.get(middle).copied();
        self.took = Vec::new();
        self
    }
}

/// Every agent, rule, class and destination of the last thirty days, in numbers.
#[derive(Clone, Debug, Default)]
pub struct Tallies {
    /// All of it.
    pub all: Tally,
    /// By agent.
    pub agents: BTreeMap<String, Tally>,
    /// By policy and rule.
    pub rules: BTreeMap<(String, String), Tally>,
    /// By class.
    pub classes: BTreeMap<String, Tally>,
    /// By destination.
    pub authorities: BTreeMap<String, Tally>,
    /// How many by agent, policy and rule together.
    pub pairs: BTreeMap<(String, String, String), usize>,
}

/// What was decided of the same before.
#[derive(Clone, Debug, Default)]
pub struct Similar {
    /// The newest of them.
    pub tasks: Vec<TaskView>,
    /// What became of all of them.
    pub tally: Tally,
}

impl Service {
    /// A page of the history.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn find(&self, wanted: &Wanted) -> Result<Found, Fault> {
        let limit = wanted.limit.max(1);
        let sought = Sought {
            status: wanted.status.clone(),
            agent: wanted.agent.clone(),
            class: wanted.class.clone(),
            rule: wanted.rule.clone(),
            authority: wanted.authority.clone(),
            words: wanted.words.iter().map(|word| word.to_lowercase()).collect(),
            since: wanted.since_ms,
            by: wanted.by.as_ref().map(|who| By {
                iss: who.iss.clone(),
                sub: who.sub.clone(),
                name: who.name.clone(),
            }),
            before: wanted.after.as_ref().map(|place| Place { at: place.at_ms, id: place.id.clone() }),
            limit: i64::from(limit) + 1,
            ..Sought::default()
        };
        let mut tasks = self.sought(&sought).await?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = tasks.len() > wanted;
        tasks.truncate(wanted);
        let next = if more { tasks.last().map(Cursor::of) } else { None };
        Ok(Found { tasks, next })
    }

    /// What reviewers made in the last thirty days of requests under the same rule, of the same class, for the same thing.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn similar(&self, task: &TaskView) -> Result<Similar, Fault> {
        let own = facet_of(&task.submission, &task.code);
        let sought = Sought {
            status: vec![Status::Approved, Status::Denied, Status::Expired, Status::Cancelled],
            class: Some(own.class),
            rule: Some((own.policy, own.rule)),
            resource: Some(own.resource),
            since: Some(self.now_ms() - SPAN_MS),
            but: Some(task.id.clone()),
            limit: 200,
            ..Sought::default()
        };
        let tasks = self.sought(&sought).await?;
        let mut tally = Tally::default();
        for task in &tasks {
            tally.add(&Count {
                agent: String::new(),
                policy: String::new(),
                rule: String::new(),
                class: String::new(),
                authority: String::new(),
                status: task.status,
                created_at: task.created_at_ms,
                decided_at: task.decided_at_ms,
                standing: task.standing.is_some(),
            });
        }
        Ok(Similar { tasks, tally: tally.done() })
    }

    /// The last thirty days in numbers.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn tallies(&self, most: Most) -> Result<Tallies, Fault> {
        let since = self.now_ms() - SPAN_MS;
        let most = match most {
            Most::All => COUNTED,
            Most::Lately => LATELY,
        };
        let counts = facet::counts(&mut *self.shared.store.read().acquire().await?, since, most).await?;
        let mut made = Tallies::default();
        for count in &counts {
            made.all.add(count);
            made.agents.entry(count.agent.clone()).or_default().add(count);
            made.rules.entry((count.policy.clone(), count.rule.clone())).or_default().add(count);
            let pair = (count.agent.clone(), count.policy.clone(), count.rule.clone());
            *made.pairs.entry(pair).or_default() += 1;
            made.classes.entry(count.class.clone()).or_default().add(count);
            made.authorities.entry(count.authority.clone()).or_default().add(count);
        }
        Ok(Tallies {
            all: made.all.done(),
            agents: done(made.agents),
            rules: done(made.rules),
            classes: done(made.classes),
            authorities: done(made.authorities),
            pairs: made.pairs,
        })
    }

    /// Some request that was shown under this digest; for a page that turns out to be of another one.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn shown_as(&self, display_digest: &str) -> Result<Option<TaskView>, Fault> {
        let mut sql = self.shared.store.read().acquire().await?;
        let Some(row) = facet::shown_as(&mut sql, display_digest).await? else { return Ok(None) };
        Ok(view::load(&mut sql, vec![row]).await?.pop().map(|full| full.view))
    }

    /// The workloads under which an agent asked lately.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn workloads(&self, agent: &str) -> Result<Vec<String>, Fault> {
        facet::workloads(&mut *self.shared.store.read().acquire().await?, agent).await
    }

    async fn sought(&self, sought: &Sought) -> Result<Vec<TaskView>, Fault> {
        let mut sql = self.shared.store.read().acquire().await?;
        let rows = facet::find(&mut sql, sought).await?;
        let mut tasks: Vec<TaskView> =
            view::load(&mut sql, rows).await?.into_iter().map(|full| full.view).collect();
        for task in &mut tasks {
            self.complete(task);
        }
        Ok(tasks)
    }

    /// Enters requests that are older than the index. Nothing is to be done but at the first start after an upgrade.
    pub(super) async fn index(&self) -> Result<(), Fault> {
        loop {
            let rows = facet::missing(&mut *self.shared.store.read().acquire().await?).await?;
            if rows.is_empty() {
                return Ok(());
            }
            self.shared.store.write(move |tx| Box::pin(async move { enter(tx, &rows).await })).await?;
        }
    }
}

async fn enter(tx: &mut Tx, rows: &[task::Row]) -> Result<(), Fault> {
    for row in rows {
        let facet = facet_of(&row.submission, &row.code);
        facet::insert(&mut tx.sql, &row.id, &facet, row.created_at).await?;
    }
    Ok(())
}

fn done<K: Ord>(tallies: BTreeMap<K, Tally>) -> BTreeMap<K, Tally> {
    tallies.into_iter().map(|(name, tally)| (name, tally.done())).collect()
}

/// What a request is found by.
pub(super) fn facet_of(submission: &Submission, code: &str) -> Facet {
    let v1 = &submission.context.v1;
    let actor = &submission.client.actor;
    let mut facet = Facet {
        agent: actor.id.clone(),
        workload: submission.subject.id.clone(),
        class: submission.action.name.clone(),
        policy: v1.policy.id.clone(),
        rule: v1.policy.rule.clone(),
        authority: v1.destination.authority.clone(),
        resource: submission.resource.id.clone(),
        words: String::new(),
    };
    let humans: Vec<&str> = actor.chain().take(16).map(|act| act.sub.as_str()).collect();
    let spoken = facet.class.replace('_', " ");
    facet.words = [
        &facet.agent,
        &facet.workload,
        &facet.class,
        &spoken,
        &facet.policy,
        &facet.rule,
        &facet.authority,
        &facet.resource,
        code,
        &humans.join(" "),
    ]
    .join("\n")
    .to_lowercase();
    facet
}
