//! What the service keeps of sign-ins: those under way, the sessions they open, the groups they tell.
//!
//! Promises: a sign-in is taken once and by the browser that began it; a session and the groups of its account are one
//! transaction; who is logged out by the identity provider has no session and stands for no group from that moment on.

use countersign_wire::digest::tagged;
use serde_json::{Map, json};

use super::{Channel, Fault, OpenedSession, Person, Refusal, Service, Session, Shared, log, session};
use crate::{
    config::{Directory, Learnt, sign_in::StepUp},
    login::claims::{Again, Logout},
    store::{
        Sql,
        session::{self as sessions, Told},
        sign_in::{self, Begun, Kept},
    },
};

/// How and when a session's person was asked who they are. Chats know neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// When, Unix seconds.
    pub auth_time: Option<i64>,
    /// How, in the identity provider's word.
    pub acr: Option<String>,
}

impl Proof {
    /// As records name it; nothing where nothing is known.
    pub(super) fn members(&self) -> Map<String, serde_json::Value> {
        let Self { auth_time, acr } = self;
        let mut members = Map::new();
        members.extend(auth_time.map(|at| ("auth_time".to_owned(), at.into())));
        members.extend(acr.as_ref().map(|acr| ("acr".to_owned(), acr.as_str().into())));
        members
    }
}

/// Somebody who signed in.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    pub(crate) person: Person,
    pub(crate) told: Told,
    /// Entra's tenant and object id.
    pub(crate) entra: Option<(String, String)>,
    /// The session that the browser still had.
    pub(crate) instead_of: Option<String>,
}

pub(crate) fn state_digest(state: &str) -> String {
    tagged("countersign-sign-in-v1\0", state.as_bytes())
}

impl Service {
    /// Keeps a sign-in that a browser began.
    pub(crate) async fn begin_sign_in(&self, state: &str, begun: Begun) -> Result<Kept, Fault> {
        let (state, now) = (state_digest(state), self.now_ms());
        self.shared
            .store
            .write(move |tx| Box::pin(async move { sign_in::begin(&mut tx.sql, &state, &begun, now).await }))
            .await
    }

    /// Takes the sign-in of this state, once.
    pub(crate) async fn take_sign_in(&self, state: &str) -> Result<Option<Begun>, Fault> {
        let (state, now) = (state_digest(state), self.now_ms());
        self.shared
            .store
            .write(move |tx| Box::pin(async move { sign_in::take(&mut tx.sql, &state, now).await }))
            .await
    }

    /// Opens the session of somebody who signed in, in place of the one their browser had, and keeps what it told.
    pub(crate) async fn signed_in(&self, who: SignedIn) -> Result<OpenedSession, Fault> {
        let now = self.now_ms();
        let (opened, row) = session::fresh(&who.person, who.told.clone(), now)?;
        let key = session::digest(&opened.token);
        let mut approver = log::object(
            json!({"iss": who.person.iss, "sub": who.person.sub, "channel": Channel::Web.as_str()}),
        );
        approver.extend(Proof { auth_time: who.told.auth_time, acr: who.told.acr.clone() }.members());
        let members = log::object(json!({"approvers": [approver]}));
        self.shared
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let person = &who.person;
                    if let Some(old) = &who.instead_of {
                        sessions::delete(&mut tx.sql, &session::digest(old)).await?;
                    }
                    let account = (person.iss.as_str(), person.sub.as_str());
                    sign_in::put_groups(&mut tx.sql, account, &person.groups, now).await?;
                    if let Some((tid, oid)) = &who.entra {
                        sign_in::put_entra(&mut tx.sql, (tid, oid), account, &person.name, now).await?;
                    }
                    sessions::insert(&mut tx.sql, &key, &row).await?;
                    log::record(&mut tx.sql, "approver.login", now, members).await
                })
            })
            .await?;
        Ok(opened)
    }

    /// Ends the sessions that a logout token names. An account whose living session that was, or which was logged out
    /// everywhere, stands for no group before it signs in again: providers log people out whose account they close.
    pub(crate) async fn log_out(&self, iss: &str, whose: Logout) -> Result<Kept, Fault> {
        let (iss, now) = (iss.to_owned(), self.now_ms());
        self.shared
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let until = whose.until_s.saturating_mul(1000);
                    match sign_in::note_logout(&mut tx.sql, &iss, &whose.jti, until).await? {
                        Kept::No => return Ok(Kept::No),
                        Kept::Yes => {}
                    }
                    let (sub, sid) = (whose.sub.as_deref(), whose.sid.as_deref());
                    let mut gone = sessions::delete_of(&mut tx.sql, &iss, sub, sid).await?;
                    if sid.is_none() {
                        gone.extend(whose.sub.clone());
                    }
                    gone.sort_unstable();
                    gone.dedup();
                    for sub in &gone {
                        sign_in::forget_groups(&mut tx.sql, &iss, sub).await?;
                        let who = json!({"approvers": [{"iss": iss, "sub": sub, "channel": "provider"}]});
                        log::record(&mut tx.sql, "approver.logout", now, log::object(who)).await?;
                    }
                    Ok(Kept::Yes)
                })
            })
            .await
    }

    /// What signing in again must bring so that `who` may let `task` go out; `None` where it needs no fresh sign-in.
    pub(crate) fn step_up(&self, task: &super::TaskView, who: &Person) -> Option<Again> {
        let (max_age_s, acr) = strictest(&wanted(&self.shared, &task.submission))?;
        Some(Again { iss: who.iss.clone(), sub: who.sub.clone(), max_age_s, acr })
    }

    /// Every group that an account is known to be in now: for pages, and for who is known by another account.
    pub(crate) async fn groups_now(&self, sql: &mut Sql, iss: &str, sub: &str) -> Result<Vec<String>, Fault> {
        let directory = self.directory();
        let mut groups = directory.listed(iss, sub);
        groups.extend(told(sql, &directory, iss, sub, self.now_ms()).await?);
        groups.sort_unstable();
        groups.dedup();
        Ok(groups)
    }

    /// A session with what is known of its person's groups now.
    pub(super) async fn with_groups(&self, sql: &mut Sql, mut session: Session) -> Result<Session, Fault> {
        let directory = self.directory();
        match directory.learnt {
            Learnt::Nothing => {}
            Learnt::Told { .. } => {
                let person = &mut session.person;
                person.groups = self.groups_now(sql, &person.iss, &person.sub).await?;
            }
        }
        Ok(session)
    }
}

async fn told(
    sql: &mut Sql,
    directory: &Directory,
    iss: &str,
    sub: &str,
    now: i64,
) -> Result<Vec<String>, Fault> {
    match &directory.learnt {
        Learnt::Nothing => Ok(Vec::new()),
        Learnt::Told { age, .. } => {
            let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
            sign_in::groups(sql, iss, sub, now.saturating_sub(age)).await
        }
    }
}

/// Which of `wanted` the account (`iss`, `sub`) is in at this moment: by the document, or by what its last sign-in told
/// where that is not too old.
pub(super) async fn groups_of(
    sql: &mut Sql,
    directory: &Directory,
    (iss, sub): (&str, &str),
    wanted: &[String],
    now: i64,
) -> Result<Vec<String>, Fault> {
    let mut groups = directory.groups_of(iss, sub, wanted);
    let told = told(sql, directory, iss, sub, now).await?;
    groups.extend(wanted.iter().filter(|name| told.contains(name)).cloned());
    let mut seen = Vec::with_capacity(groups.len());
    groups.retain(|name| {
        let first = !seen.contains(name);
        seen.push(name.clone());
        first
    });
    Ok(groups)
}

/// What is asked of whoever lets a request of this kind go out; each must hold.
fn wanted<'s>(shared: &'s Shared, submission: &super::Submission) -> Vec<&'s StepUp> {
    let Some(sign_in) = &shared.config.sign_in else { return Vec::new() };
    let policy = &submission.context.v1.policy;
    let rule = format!("{}/{}", policy.id, policy.rule);
    let class = submission.action.name.as_str();
    let counts = |step: &&StepUp| step.classes.contains(class) || step.rules.contains(&rule);
    sign_in.step_up.iter().filter(counts).collect()
}

/// How fresh a sign-in they all want, in seconds, and of which kind: any, where nothing is named.
fn strictest(steps: &[&StepUp]) -> Option<(i64, Vec<String>)> {
    let age = steps.iter().map(|step| step.max_age.as_secs()).min()?;
    let mut named = steps.iter().map(|step| &step.acr).filter(|acr| !acr.is_empty());
    let first = named.next().cloned().unwrap_or_default();
    let all: Vec<_> = named.collect();
    // Where no kind is all that is wanted, nothing will do; then the provider is asked for the first.
    let common: Vec<String> =
        first.iter().filter(|one| all.iter().all(|acr| acr.contains(one))).cloned().collect();
    Some((i64::try_from(age).unwrap_or(i64::MAX), if common.is_empty() { first } else { common }))
}

/// Whether a sign-in is fresh enough, and of the kind, that lets this go out.
pub(super) fn needed(
    shared: &Shared,
    submission: &super::Submission,
    proof: &Proof,
    now: i64,
) -> Result<(), Refusal> {
    let steps = wanted(shared, submission);
    let holds = |step: &&StepUp| {
        let age = i64::try_from(step.max_age.as_secs()).unwrap_or(i64::MAX);
        let fresh = proof.auth_time.is_some_and(|at| now / 1000 <= at.saturating_add(age));
        fresh && (step.acr.is_empty() || proof.acr.as_ref().is_some_and(|one| step.acr.contains(one)))
    };
    match strictest(&steps) {
        Some((max_age_s, acr)) if !steps.iter().all(holds) => Err(Refusal::SignInAgain { max_age_s, acr }),
        Some(_) | None => Ok(()),
    }
}
