//! What reviewers find requests by: one row a task, with indexes, so that no page reads all tasks.

use sqlx::{AssertSqlSafe, Row as _};

use super::{Sql, task};
use crate::service::{Fault, Status};

/// What is kept of a task.
#[derive(Clone, Debug)]
pub(crate) struct Facet {
    pub(crate) agent: String,
    pub(crate) workload: String,
    pub(crate) class: String,
    pub(crate) policy: String,
    pub(crate) rule: String,
    pub(crate) authority: String,
    pub(crate) resource: String,
    /// Everything a search looks at, in lower case.
    pub(crate) words: String,
}

/// Keeps it for a new task.
pub(crate) async fn insert(sql: &mut Sql, task: &str, facet: &Facet, created_at: i64) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO facet (task, agent, workload, class, policy, rule, authority, resource, words, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(task)
    .bind(&facet.agent)
    .bind(&facet.workload)
    .bind(&facet.class)
    .bind(&facet.policy)
    .bind(&facet.rule)
    .bind(&facet.authority)
    .bind(&facet.resource)
    .bind(&facet.words)
    .bind(created_at)
    .execute(sql)
    .await?;
    Ok(())
}

/// Some tasks that have none yet.
pub(crate) async fn missing(sql: &mut Sql) -> Result<Vec<task::Row>, Fault> {
    let rows = sqlx::query(
        "SELECT t.* FROM task t LEFT JOIN facet f ON f.task = t.id WHERE f.task IS NULL LIMIT 256",
    )
    .fetch_all(sql)
    .await?;
    rows.iter().map(task::read).collect()
}

/// A place in the history, which is ordered by the decision or else the asking, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) at: i64,
    pub(crate) id: String,
}

/// Whose requests are sought: those that an account decided or asked about.
#[derive(Clone, Debug)]
pub(crate) struct By {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) name: String,
}

/// What is sought; an empty member is no condition.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sought {
    pub(crate) status: Vec<Status>,
    pub(crate) agent: Option<String>,
    pub(crate) class: Option<String>,
    pub(crate) rule: Option<(String, String)>,
    pub(crate) authority: Option<String>,
    pub(crate) resource: Option<String>,
    pub(crate) words: Vec<String>,
    pub(crate) since: Option<i64>,
    pub(crate) by: Option<By>,
    pub(crate) but: Option<String>,
    pub(crate) before: Option<Place>,
    pub(crate) limit: i64,
}

enum Bound {
    Text(String),
    Number(i64),
}

/// A statement in the making: only text of ours goes into it, and whatever came from outside is bound.
struct Statement {
    text: String,
    bound: Vec<Bound>,
}

impl Statement {
    fn bind(&mut self, value: Bound) -> String {
        self.bound.push(value);
        format!("${}", self.bound.len())
    }

    /// Adds text of ours, in which only places of bound values were put.
    fn add(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn text(&mut self, before: &str, value: &str, after: &str) {
        let place = self.bind(Bound::Text(value.to_owned()));
        self.add(&format!(" AND {before}{place}{after}"));
    }
}

/// The tasks that are sought, newest first.
pub(crate) async fn find(sql: &mut Sql, sought: &Sought) -> Result<Vec<task::Row>, Fault> {
    let Statement { text, bound } = statement(sought);
    let mut query = sqlx::query(AssertSqlSafe(text));
    for value in bound {
        query = match value {
            Bound::Text(text) => query.bind(text),
            Bound::Number(number) => query.bind(number),
        };
    }
    query.fetch_all(sql).await?.iter().map(task::read).collect()
}

fn statement(sought: &Sought) -> Statement {
    let mut made = Statement {
        text: "SELECT t.* FROM facet f JOIN task t ON t.id = f.task WHERE 1 = 1".to_owned(),
        bound: Vec::new(),
    };
    if !sought.status.is_empty() {
        let words: Vec<String> =
            sought.status.iter().map(|status| format!("'{}'", status.as_str())).collect();
        made.add(&format!(" AND t.status IN ({})", words.join(", ")));
    }
    for (column, value) in [
        ("f.agent = ", &sought.agent),
        ("f.class = ", &sought.class),
        ("f.authority = ", &sought.authority),
        ("f.resource = ", &sought.resource),
        ("f.task <> ", &sought.but),
    ] {
        if let Some(value) = value {
            made.text(column, value, "");
        }
    }
    if let Some((policy, rule)) = &sought.rule {
        made.text("f.policy = ", policy, "");
        made.text("f.rule = ", rule, "");
    }
    for word in &sought.words {
        made.text("f.words LIKE ", &format!("%{}%", literal(word)), " ESCAPE '!'");
    }
    if let Some(since) = sought.since {
        let since = made.bind(Bound::Number(since));
        made.add(&format!(" AND f.created_at > {since}"));
    }
    if let Some(by) = &sought.by {
        let iss = made.bind(Bound::Text(by.iss.clone()));
        let sub = made.bind(Bound::Text(by.sub.clone()));
        let name = made.bind(Bound::Text(by.name.clone()));
        made.add(&format!(
            " AND t.id IN (SELECT v.task FROM vote v WHERE v.iss = {iss} AND v.sub = {sub} \
             UNION SELECT q.id FROM task q WHERE q.status = 'pending' AND q.question_by = {name})"
        ));
    }
    if let Some(before) = &sought.before {
        let at = made.bind(Bound::Number(before.at));
        let id = made.bind(Bound::Text(before.id.clone()));
        made.add(&format!(" AND (coalesce(t.decided_at, t.created_at), t.id) < ({at}, {id})"));
    }
    let limit = made.bind(Bound::Number(sought.limit));
    made.add(&format!(" ORDER BY coalesce(t.decided_at, t.created_at) DESC, t.id DESC LIMIT {limit}"));
    made
}

/// A word as `LIKE` finds it and nothing else.
fn literal(word: &str) -> String {
    word.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

/// What became of one request, in a few numbers.
#[derive(Clone, Debug)]
pub(crate) struct Count {
    pub(crate) agent: String,
    pub(crate) policy: String,
    pub(crate) rule: String,
    pub(crate) class: String,
    pub(crate) authority: String,
    pub(crate) status: Status,
    pub(crate) created_at: i64,
    pub(crate) decided_at: Option<i64>,
    /// Whether nobody was asked: a standing approval let it out.
    pub(crate) standing: bool,
}

/// The requests since then, newest first and at most `limit`, in numbers. One look at an index, whatever is counted from it.
pub(crate) async fn counts(sql: &mut Sql, since: i64, limit: i64) -> Result<Vec<Count>, Fault> {
    let rows = sqlx::query(
        "SELECT f.agent, f.policy, f.rule, f.class, f.authority, t.status, t.created_at, t.decided_at, u.number \
         FROM facet f JOIN task t ON t.id = f.task LEFT JOIN standing_use u ON u.task = f.task \
         WHERE f.created_at > $1 ORDER BY f.created_at DESC LIMIT $2",
    )
    .bind(since)
    .bind(limit)
    .fetch_all(sql)
    .await?;
    let read = |row: &super::SqlRow| {
        let word: String = row.try_get("status")?;
        let status =
            Status::parse(&word).ok_or_else(|| Fault::Corrupt(format!("a task's status is `{word}`")))?;
        Ok(Count {
            agent: row.try_get("agent")?,
            policy: row.try_get("policy")?,
            rule: row.try_get("rule")?,
            class: row.try_get("class")?,
            authority: row.try_get("authority")?,
            status,
            created_at: row.try_get("created_at")?,
            decided_at: row.try_get("decided_at")?,
            standing: row.try_get::<Option<i64>, _>("number")?.is_some(),
        })
    };
    rows.iter().map(read).collect()
}

/// Some task that was shown under this digest.
pub(crate) async fn shown_as(sql: &mut Sql, display_digest: &str) -> Result<Option<task::Row>, Fault> {
    let row = sqlx::query("SELECT * FROM task WHERE display_digest = $1 ORDER BY created_at DESC LIMIT 1")
        .bind(display_digest)
        .fetch_optional(sql)
        .await?;
    row.as_ref().map(task::read).transpose()
}

/// The workloads under which an agent asked lately.
pub(crate) async fn workloads(sql: &mut Sql, agent: &str) -> Result<Vec<String>, Fault> {
    let names = sqlx::query_scalar(
        "SELECT DISTINCT w.workload FROM (SELECT workload FROM facet WHERE agent = $1 ORDER BY created_at DESC LIMIT 500) w \
         ORDER BY 1 LIMIT 20",
    )
    .bind(agent)
    .fetch_all(sql)
    .await?;
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::{Bound, Place, Sought, literal, statement};

    #[test]
    fn what_is_typed_never_becomes_part_of_the_statement() {
        let lure = "'; DROP TABLE task; --".to_owned();
        let sought = Sought {
            agent: Some(lure.clone()),
            rule: Some((lure.clone(), lure.clone())),
            words: vec![lure.clone()],
            before: Some(Place { at: 1, id: lure.clone() }),
            ..Sought::default()
        };
        let made = statement(&sought);
        assert!(!made.text.contains("DROP"), "{}", made.text);
        let texts = made.bound.iter().filter(|bound| matches!(bound, Bound::Text(_))).count();
        assert_eq!((texts, made.bound.len()), (5, 7));
    }

    #[test]
    fn a_word_is_found_as_it_stands() {
        assert_eq!(literal("50%_off!"), "50!%!_off!!");
    }
}
