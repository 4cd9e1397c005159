//! The leaves of the audit log, as they are kept.

use crate::store::Sql;
use countersign_wire::{record::Record, submission::RecordRef as Name};

use super::signed;
use crate::service::{Fault, RecordRef};

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is stored at this leaf, now or since before.
    At(i64),
    /// Another record has its place.
    Taken,
    /// Its chain was never opened, or by somebody else.
    NoChain,
    /// It does not follow, or is not followed by, the neighbour that is stored.
    Unlinked,
}

/// Stores a record that `client` sent. A `chain.open` at place 0 opens its chain.
pub(crate) async fn put(sql: &mut Sql, client: &str, record: &Record, now: i64) -> Result<Kept, Fault> {
    let name = record.name();
    let seq = signed(name.seq)?;
    // A chain begins with `chain.open` after nothing, and only there.
    let first = name.seq == 0;
    if first != (record.event() == "chain.open") || first != record.prev().bytes().all(|digit| digit == b'0')
    {
        return Ok(Kept::Unlinked);
    }
    let owner: Option<String> = sqlx::query_scalar("SELECT client FROM chain WHERE id = $1")
        .bind(&name.chain)
        .fetch_optional(&mut *sql)
        .await?;
    match owner {
        Some(owner) if owner == client => {}
        None if first => {
            sqlx::query("INSERT INTO chain (id, client, opened_at) VALUES ($1, $2, $3)")
                .bind(&name.chain)
                .bind(client)
                .bind(now)
                .execute(&mut *sql)
                .await?;
        }
        Some(_) | None => return Ok(Kept::NoChain),
    }
    // Gaps are allowed, since not every record is sent at once; a stored neighbour that contradicts is not.
    let neighbours: Vec<(i64, i64, String, String)> = sqlx::query_as(
        "SELECT leaf, seq, hash, line FROM audit_leaf WHERE chain = $1 AND seq BETWEEN $2 AND $3",
    )
    .bind(&name.chain)
    .bind(seq - 1)
    .bind(seq.saturating_add(1))
    .fetch_all(&mut *sql)
    .await?;
    if let Some((leaf, _, hash, _)) = neighbours.iter().find(|(_, place, ..)| *place == seq) {
        return Ok(if *hash == name.hash { Kept::At(*leaf) } else { Kept::Taken });
    }
    let linked = |(_, place, hash, line): &(i64, i64, String, String)| {
        if *place < seq {
            return record.prev() == hash;
        }
        serde_json::from_str::<Linked>(line).is_ok_and(|next| next.prev == name.hash)
    };
    if !neighbours.iter().all(linked) {
        return Ok(Kept::Unlinked);
    }
    insert(sql, record, seq, now).await.map(Kept::At)
}

/// What a kept record says that it follows.
#[derive(serde::Deserialize)]
struct Linked {
    prev: String,
}

async fn insert(sql: &mut Sql, record: &Record, seq: i64, now: i64) -> Result<i64, Fault> {
    let leaf: i64 =
        sqlx::query_scalar("SELECT coalesce(max(leaf) + 1, 0) FROM audit_leaf").fetch_one(&mut *sql).await?;
    sqlx::query(
        "INSERT INTO audit_leaf (leaf, chain, seq, hash, line, received_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(leaf)
    .bind(&record.name().chain)
    .bind(seq)
    .bind(&record.name().hash)
    .bind(record.line())
    .bind(now)
    .execute(sql)
    .await?;
    Ok(leaf)
}

/// The service's own chain, the latest: it has no client.
pub(crate) async fn own_chain(sql: &mut Sql) -> Result<Option<String>, Fault> {
    let id = sqlx::query_scalar(
        "SELECT id FROM chain WHERE client = '' ORDER BY opened_at DESC, rowid DESC LIMIT 1",
    )
    .fetch_optional(sql)
    .await?;
    Ok(id)
}

/// The last record of a chain.
pub(crate) async fn last(sql: &mut Sql, chain: &str) -> Result<Option<Name>, Fault> {
    let row: Option<(i64, String)> =
        sqlx::query_as("SELECT seq, hash FROM audit_leaf WHERE chain = $1 ORDER BY seq DESC LIMIT 1")
            .bind(chain)
            .fetch_optional(sql)
            .await?;
    Ok(row.map(|(seq, hash)| Name { chain: chain.to_owned(), seq: seq.unsigned_abs(), hash }))
}

/// Which records stand at the leaves of a JSON array.
pub(crate) async fn names(sql: &mut Sql, leaves: &str) -> Result<Vec<RecordRef>, Fault> {
    let rows: Vec<(String, i64, String, i64)> = sqlx::query_as(
        "SELECT chain, seq, hash, leaf FROM audit_leaf WHERE leaf IN (SELECT CAST(value AS BIGINT) FROM json_each($1))",
    )
    .bind(leaves)
    .fetch_all(sql)
    .await?;
    Ok(rows.into_iter().map(|(chain, seq, hash, leaf)| RecordRef { chain, seq, hash, leaf }).collect())
}

/// At most `limit` lines from leaf `from` on.
pub(crate) async fn lines(sql: &mut Sql, from: i64, limit: i64) -> Result<Vec<String>, Fault> {
    let lines = sqlx::query_scalar("SELECT line FROM audit_leaf WHERE leaf >= $1 ORDER BY leaf LIMIT $2")
        .bind(from)
        .bind(limit)
        .fetch_all(sql)
        .await?;
    Ok(lines)
}

/// Keeps a signed head.
pub(crate) async fn put_checkpoint(
    sql: &mut Sql,
    size: i64,
    root: &[u8],
    note: &str,
    now: i64,
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO checkpoint (size, root, note, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(size)
    .bind(root)
    .bind(note)
    .bind(now)
    .execute(sql)
    .await?;
    Ok(())
}

/// The signed heads that were kept, smallest first.
pub(crate) async fn checkpoints(sql: &mut Sql) -> Result<Vec<(i64, Vec<u8>)>, Fault> {
    let rows = sqlx::query_as("SELECT size, root FROM checkpoint ORDER BY size").fetch_all(sql).await?;
    Ok(rows)
}

/// The last signed head, as it is published.
pub(crate) async fn last_note(sql: &mut Sql) -> Result<Option<String>, Fault> {
    Ok(sqlx::query_scalar("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1")
        .fetch_optional(sql)
        .await?)
}

/// How many leaves there are.
pub(crate) async fn count(sql: &mut Sql) -> Result<i64, Fault> {
    Ok(sqlx::query_scalar("SELECT coalesce(max(leaf) + 1, 0) FROM audit_leaf").fetch_one(sql).await?)
}

/// When the last leaf was stored.
pub(crate) async fn latest(sql: &mut Sql) -> Result<Option<i64>, Fault> {
    Ok(sqlx::query_scalar("SELECT received_at FROM audit_leaf ORDER BY leaf DESC LIMIT 1")
        .fetch_optional(sql)
        .await?)
}

/// Forgets signed heads over more than `size` leaves: those leaves are gone.
pub(crate) async fn forget_checkpoints_after(sql: &mut Sql, size: i64) -> Result<(), Fault> {
    sqlx::query("DELETE FROM checkpoint WHERE size > $1").bind(size).execute(sql).await?;
    Ok(())
}
