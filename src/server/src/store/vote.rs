//! Votes, answers to questions, and grants: what people said about a task and what came of it.

use sqlx::Row as _;

use super::{Sql, SqlRow};
use crate::service::{Answer, Choice, Fault, Person};

/// A vote as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) task: String,
    /// The person the account belongs to by what is known now.
    pub(crate) person: i64,
    pub(crate) who: Person,
    /// The task's groups the person was in when they voted.
    pub(crate) groups: Vec<String>,
    pub(crate) choice: Choice,
    pub(crate) reason: String,
    pub(crate) channel: String,
    pub(crate) at: i64,
}

/// Keeps a vote; a person's later vote takes the place of their earlier one.
pub(crate) async fn put(sql: &mut Sql, row: &Row) -> Result<(), Fault> {
    let groups = row.groups.join("\n");
    sqlx::query(
        "INSERT INTO vote (task, person, iss, sub, email, name, groups, choice, reason, channel, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (task, person) DO UPDATE SET \
         iss = excluded.iss, sub = excluded.sub, email = excluded.email, name = excluded.name, groups = excluded.groups, \
         choice = excluded.choice, reason = excluded.reason, channel = excluded.channel, at = excluded.at",
    )
    .bind(&row.task)
    .bind(row.person)
    .bind(&row.who.iss)
    .bind(&row.who.sub)
    .bind(&row.who.email)
    .bind(&row.who.name)
    .bind(&groups)
    .bind(kept(row.choice))
    .bind(&row.reason)
    .bind(&row.channel)
    .bind(row.at)
    .execute(&mut *sql)
    .await?;
    sqlx::query("INSERT INTO group_member_snapshot (at, task, iss, sub, groups) VALUES ($1, $2, $3, $4, $5)")
        .bind(row.at)
        .bind(&row.task)
        .bind(&row.who.iss)
        .bind(&row.who.sub)
        .bind(&groups)
        .execute(sql)
        .await?;
    Ok(())
}

/// Who breaks the glass approves; that it was alone stands elsewhere. A question is no vote.
fn kept(choice: Choice) -> &'static str {
    match choice {
        Choice::Approve | Choice::BreakGlass => Choice::Approve.as_str(),
        Choice::Deny | Choice::Ask => choice.as_str(),
    }
}

/// The votes on the tasks named in a JSON array of ids, oldest first.
pub(crate) async fn of(sql: &mut Sql, tasks: &str) -> Result<Vec<Row>, Fault> {
    let rows = sqlx::query(
        "SELECT v.*, coalesce(l.person, v.person) AS human FROM vote v LEFT JOIN identity_link l \
         ON l.provider = 'oidc' AND l.tenant = v.iss AND l.external_id = v.sub \
         WHERE v.task IN (SELECT value FROM json_each($1)) ORDER BY v.at, v.rowid",
    )
    .bind(tasks)
    .fetch_all(sql)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &SqlRow) -> Result<Row, Fault> {
    let groups: String = row.try_get("groups")?;
    let groups: Vec<String> = groups.split('\n').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let choice = match row.try_get::<String, _>("choice")?.as_str() {
        "approve" => Choice::Approve,
        "deny" => Choice::Deny,
        other => return Err(Fault::Corrupt(format!("a vote says `{other}`"))),
    };
    Ok(Row {
        task: row.try_get("task")?,
        person: row.try_get("human")?,
        who: Person {
            iss: row.try_get("iss")?,
            sub: row.try_get("sub")?,
            email: row.try_get("email")?,
            name: row.try_get("name")?,
            groups: groups.clone(),
        },
        groups,
        choice,
        reason: row.try_get("reason")?,
        channel: row.try_get("channel")?,
        at: row.try_get("at")?,
    })
}

/// Who approved the last request of the same subject under the same rule before this one, by what is known of them now.
pub(crate) async fn last_approvers(sql: &mut Sql, row: &super::task::Row) -> Result<Vec<i64>, Fault> {
    let (submission, policy) = (&row.submission, &row.submission.context.v1.policy);
    let people = sqlx::query_scalar(
        "SELECT coalesce(l.person, v.person) FROM vote v LEFT JOIN identity_link l \
         ON l.provider = 'oidc' AND l.tenant = v.iss AND l.external_id = v.sub \
         WHERE v.choice = 'approve' AND v.task = ( \
           SELECT t.id FROM task t JOIN kin k ON k.task = t.id \
           WHERE t.subject_type = $1 AND t.subject_id = $2 AND t.status = 'approved' AND t.id <> $3 \
           AND k.policy = $4 AND k.rule = $5 ORDER BY t.decided_at DESC, t.rowid DESC LIMIT 1)",
    )
    .bind(&submission.subject.kind)
    .bind(&submission.subject.id)
    .bind(&row.id)
    .bind(&policy.id)
    .bind(&policy.rule)
    .fetch_all(sql)
    .await?;
    Ok(people)
}

/// The tasks that still wait although this account has voted on them.
pub(crate) async fn pending_of(sql: &mut Sql, iss: &str, sub: &str) -> Result<Vec<String>, Fault> {
    let ids = sqlx::query_scalar(
        "SELECT v.task FROM vote v JOIN task t ON t.id = v.task WHERE v.iss = $1 AND v.sub = $2 AND t.status = 'pending'",
    )
    .bind(iss)
    .bind(sub)
    .fetch_all(sql)
    .await?;
    Ok(ids)
}

/// Drops the votes on a task: what its reviewers saw is no longer all there is.
pub(crate) async fn clear(sql: &mut Sql, task: &str) -> Result<(), Fault> {
    sqlx::query("DELETE FROM vote WHERE task = $1").bind(task).execute(sql).await?;
    Ok(())
}

/// Keeps an answer to a question.
pub(crate) async fn put_answer(sql: &mut Sql, task: &str, answer: &Answer) -> Result<(), Fault> {
    sqlx::query("INSERT INTO answer (task, question, text, at) VALUES ($1, $2, $3, $4)")
        .bind(task)
        .bind(&answer.question)
        .bind(&answer.text)
        .bind(answer.at_ms)
        .execute(sql)
        .await?;
    Ok(())
}

/// The answers on the tasks named in a JSON array of ids, oldest first, with their task.
pub(crate) async fn answers(sql: &mut Sql, tasks: &str) -> Result<Vec<(String, Answer)>, Fault> {
    let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
        "SELECT task, question, text, at FROM answer WHERE task IN (SELECT value FROM json_each($1)) ORDER BY id",
    )
    .bind(tasks)
    .fetch_all(sql)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(task, question, text, at_ms)| (task, Answer { question, text, at_ms }))
        .collect())
}

/// A grant as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) jti: String,
    pub(crate) task: String,
    pub(crate) client: String,
    /// The signed decision.
    pub(crate) state: String,
    pub(crate) approved_at: i64,
    pub(crate) approved_until: i64,
    pub(crate) max_uses: i64,
    pub(crate) used: i64,
    pub(crate) revoked_at: Option<i64>,
    /// The nonce that used it.
    pub(crate) nonce: Option<String>,
    /// The record that was stored with its use.
    pub(crate) record_leaf: Option<i64>,
}

fn grant(row: &SqlRow) -> Result<Grant, Fault> {
    Ok(Grant {
        jti: row.try_get("jti")?,
        task: row.try_get("task")?,
        client: row.try_get("client")?,
        state: row.try_get("state")?,
        approved_at: row.try_get("approved_at")?,
        approved_until: row.try_get("approved_until")?,
        max_uses: row.try_get("max_uses")?,
        used: row.try_get("used")?,
        revoked_at: row.try_get("revoked_at")?,
        nonce: row.try_get("nonce")?,
        record_leaf: row.try_get("record_leaf")?,
    })
}

/// Keeps a new grant.
pub(crate) async fn put_grant(sql: &mut Sql, grant: &Grant) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO approval (jti, task, client, state, approved_at, approved_until, max_uses) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&grant.jti)
    .bind(&grant.task)
    .bind(&grant.client)
    .bind(&grant.state)
    .bind(grant.approved_at)
    .bind(grant.approved_until)
    .bind(grant.max_uses)
    .execute(sql)
    .await?;
    Ok(())
}

/// The grant of this id.
pub(crate) async fn grant_by_id(sql: &mut Sql, jti: &str) -> Result<Option<Grant>, Fault> {
    let row = sqlx::query("SELECT * FROM approval WHERE jti = $1").bind(jti).fetch_optional(sql).await?;
    row.as_ref().map(grant).transpose()
}

/// The grants of the tasks named in a JSON array of ids.
pub(crate) async fn grants(sql: &mut Sql, tasks: &str) -> Result<Vec<Grant>, Fault> {
    let rows = sqlx::query("SELECT * FROM approval WHERE task IN (SELECT value FROM json_each($1))")
        .bind(tasks)
        .fetch_all(sql)
        .await?;
    rows.iter().map(grant).collect()
}

/// Whether a grant could still be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// It could, and now it is.
    Counted,
    /// It was used up before.
    Spent,
}

/// Uses a grant once more, if it may be. The one statement that lets a held call leave.
pub(crate) async fn use_up(sql: &mut Sql, jti: &str, nonce: &str, leaf: i64) -> Result<Use, Fault> {
    let done = sqlx::query(
        "UPDATE approval SET used = used + 1, nonce = $1, record_leaf = $2 \
         WHERE jti = $3 AND used < max_uses AND revoked_at IS NULL",
    )
    .bind(nonce)
    .bind(leaf)
    .bind(jti)
    .execute(sql)
    .await?;
    Ok(if done.rows_affected() == 1 { Use::Counted } else { Use::Spent })
}
