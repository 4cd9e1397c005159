//! Who the people behind votes and grants are by what is known *now*, and whether they may still decide.
//!
//! Promises: what was learnt since a vote counts: accounts linked later are one person, who turns out to be a requester
//! votes for nothing, and who left a group no longer stands for it. The same is asked when a vote is counted and again
//! when the grant is used. Whatever is learnt can only take votes away.

use crate::store::Sql;
use countersign_wire::{
    grant::{Approver, GrantClaims},
    people::{Requesters, Separation, alone},
    submission::Submission,
};

use super::{Choice, Fault, Person, Refusal, sign_in};
use crate::{
    config::{Account, Directory},
    store::{person, task, vote},
};

/// The requester set of a submission.
pub(super) fn requesters(submission: &Submission) -> Requesters {
    Requesters::of(&submission.subject, &submission.client.actor)
}

/// Which of these accounts keeps its owner from deciding, whatever else they are.
pub(super) fn unbarred<'a>(
    submission: &Submission,
    accounts: impl IntoIterator<Item = &'a (String, Option<String>)>,
) -> Result<(), Refusal> {
    let (requesters, authors) = (requesters(submission), submission.barred_authors());
    let mut author = false;
    for (sub, email) in accounts {
        if requesters.include(sub, email.as_deref()) {
            return Err(Refusal::SelfApproval);
        }
        author |= authors.include(sub, email.as_deref());
    }
    if author { Err(Refusal::Separated { by: Separation::PolicyAuthor }) } else { Ok(()) }
}

/// The human behind an account, with every account the directory knows of them.
pub(super) async fn human(sql: &mut Sql, directory: &Directory, who: &Person) -> Result<i64, Fault> {
    let linked = directory.accounts_of(&who.iss, &who.sub);
    if linked.len() > 1 {
        person::link(&mut *sql, &who.name, &linked).await?;
    }
    let account = Account { iss: who.iss.clone(), sub: who.sub.clone(), email: who.email.clone() };
    person::of(sql, &who.name, &account).await
}

/// Whether somebody asks for this themselves, or is kept from it by the rule.
pub(super) async fn may_look(
    sql: &mut Sql,
    submission: &Submission,
    human: i64,
    who: &Person,
) -> Result<Result<(), Refusal>, Fault> {
    let accounts = person::accounts(sql, human).await?;
    let own = (who.sub.clone(), who.email.clone());
    Ok(unbarred(submission, accounts.iter().chain([&own])))
}

/// The same, and whether the rule wants somebody else this time.
pub(super) async fn may_decide(
    sql: &mut Sql,
    row: &task::Row,
    human: i64,
    who: &Person,
) -> Result<Result<(), Refusal>, Fault> {
    if let Err(refusal) = may_look(&mut *sql, &row.submission, human, who).await? {
        return Ok(Err(refusal));
    }
    if row.submission.context.v1.quorum.separation.contains(&Separation::LastApprover)
        && vote::last_approvers(sql, row).await?.contains(&human)
    {
        return Ok(Err(Refusal::Separated { by: Separation::LastApprover }));
    }
    Ok(Ok(()))
}

/// The votes that still count, each for the groups its voter is in now.
pub(super) async fn of_votes(
    sql: &mut Sql,
    directory: &Directory,
    row: &task::Row,
    votes: Vec<vote::Row>,
    now: i64,
) -> Result<Vec<vote::Row>, Fault> {
    let mut known = Vec::with_capacity(votes.len());
    // All links first: one vote's may show whose another is.
    for vote in &votes {
        human(&mut *sql, directory, &vote.who).await?;
    }
    for mut vote in votes {
        vote.person = human(&mut *sql, directory, &vote.who).await?;
        let may = may_decide(&mut *sql, row, vote.person, &vote.who).await?;
        match (vote.choice, may) {
            (Choice::Approve | Choice::BreakGlass, Err(_)) => {}
            (Choice::Approve | Choice::BreakGlass, Ok(())) | (Choice::Deny | Choice::Ask, _) => {
                let account = (vote.who.iss.as_str(), vote.who.sub.as_str());
                vote.groups = sign_in::groups_of(&mut *sql, directory, account, &vote.groups, now).await?;
                known.push(vote);
            }
        }
    }
    Ok(known)
}

/// Whether the people of a grant still suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// They do.
    Yes,
    /// Somebody left their group, turned out to be a requester, or two turned out to be one.
    No,
}

/// Counts the people of a grant again.
pub(super) async fn of_grant(
    sql: &mut Sql,
    directory: &Directory,
    submission: &Submission,
    claims: &GrantClaims,
    now: i64,
) -> Result<Stands, Fault> {
    let how = if claims.break_glass.is_some() { How::Alone } else { How::Together };
    of_approvers(sql, directory, submission, &claims.approvers, how, now).await
}

/// How people agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// As the rule wants it.
    Together,
    /// One of them alone, in an emergency.
    Alone,
}

/// Counts people again who agreed before.
pub(super) async fn of_approvers(
    sql: &mut Sql,
    directory: &Directory,
    submission: &Submission,
    approvers: &[Approver],
    how: How,
    now: i64,
) -> Result<Stands, Fault> {
    let mut people = Vec::with_capacity(approvers.len());
    for entry in approvers {
        let (account, stood) = ((entry.iss.as_str(), entry.sub.as_str()), std::slice::from_ref(&entry.group));
        let groups = sign_in::groups_of(&mut *sql, directory, account, stood, now).await?;
        if groups.is_empty() {
            return Ok(Stands::No);
        }
        let who = Person {
            iss: entry.iss.clone(),
            sub: entry.sub.clone(),
            email: entry.email.clone(),
            name: entry.sub.clone(),
            groups,
        };
        human(&mut *sql, directory, &who).await?;
        people.push(who);
    }
    let mut counted = Vec::with_capacity(people.len());
    for (who, entry) in people.iter().zip(approvers) {
        let human = human(&mut *sql, directory, who).await?;
        if may_look(&mut *sql, submission, human, who).await?.is_err() {
            return Ok(Stands::No);
        }
        // By the person, not by the account.
        let (iss, sub) = ("urn:countersign:person".to_owned(), human.to_string());
        counted.push(Approver { iss, sub, email: None, ..entry.clone() });
    }
    let (ask, nobody) = (&submission.context.v1.quorum, Requesters::default());
    let enough = match how {
        How::Alone => alone(&counted, &ask.break_glass, &nobody, &nobody),
        How::Together => ask.wanted().met_by(&counted, &nobody, &nobody),
    };
    Ok(if enough.is_ok() { Stands::Yes } else { Stands::No })
}
