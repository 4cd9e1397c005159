//! People and their accounts. Two accounts are one person where they are linked or share an e-mail address; that can
//! only ever take votes away.

use crate::store::Sql;
use countersign_wire::people::canonical_email;

use crate::{config::Account, service::Fault};

const PROVIDER: &str = "oidc";

/// The person behind an account; makes one where the account is new.
pub(crate) async fn of(sql: &mut Sql, name: &str, account: &Account) -> Result<i64, Fault> {
    let known: Option<(i64, Option<String>)> = sqlx::query_as(
        "SELECT person, email FROM identity_link WHERE provider = $1 AND tenant = $2 AND external_id = $3",
    )
    .bind(PROVIDER)
    .bind(&account.iss)
    .bind(&account.sub)
    .fetch_optional(&mut *sql)
    .await?;
    let address = address(account);
    if let Some((person, email)) = known {
        // Mostly nothing new is learnt; then nothing is written.
        if account.email.is_none() || account.email == email {
            return Ok(person);
        }
        // An address learnt later still blocks.
        sqlx::query(
            "UPDATE identity_link SET email = coalesce($1, email), canonical_email = coalesce($2, canonical_email) \
             WHERE provider = $3 AND tenant = $4 AND external_id = $5",
        )
        .bind(&account.email)
        .bind(&address)
        .bind(PROVIDER)
        .bind(&account.iss)
        .bind(&account.sub)
        .execute(&mut *sql)
        .await?;
        return match &address {
            None => Ok(person),
            Some(address) => gather(sql, person, address).await,
        };
    }
    let same_address: Option<i64> = match &address {
        None => None,
        Some(address) => {
            sqlx::query_scalar(
                "SELECT person FROM identity_link WHERE canonical_email = $1 ORDER BY person LIMIT 1",
            )
            .bind(address)
            .fetch_optional(&mut *sql)
            .await?
        }
    };
    let person = match same_address {
        Some(person) => person,
        None => {
            sqlx::query_scalar("INSERT INTO person (name) VALUES ($1) RETURNING id")
                .bind(name)
                .fetch_one(&mut *sql)
                .await?
        }
    };
    sqlx::query(
        "INSERT INTO identity_link (provider, tenant, external_id, person, email, canonical_email) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(PROVIDER)
    .bind(&account.iss)
    .bind(&account.sub)
    .bind(person)
    .bind(&account.email)
    .bind(&address)
    .execute(sql)
    .await?;
    Ok(person)
}

/// Everybody who has this address is one person: the one who was known first.
async fn gather(sql: &mut Sql, person: i64, address: &str) -> Result<i64, Fault> {
    let first: Option<i64> =
        sqlx::query_scalar("SELECT min(person) FROM identity_link WHERE canonical_email = $1")
            .bind(address)
            .fetch_one(&mut *sql)
            .await?;
    let first = first.unwrap_or(person);
    sqlx::query(
        "UPDATE identity_link SET person = $1 WHERE person IN \
         (SELECT person FROM identity_link WHERE canonical_email = $2) AND person <> $1",
    )
    .bind(first)
    .bind(address)
    .execute(sql)
    .await?;
    Ok(first)
}

/// Makes all of `accounts` one person, whatever they were before.
pub(crate) async fn link(sql: &mut Sql, name: &str, accounts: &[Account]) -> Result<(), Fault> {
    let mut first: Option<i64> = None;
    for account in accounts {
        let person = of(sql, name, account).await?;
        // What one account brings together may have moved the ones before it.
        let other = match first {
            Some(first) if first != person => first,
            Some(_) | None => {
                first = Some(person);
                continue;
            }
        };
        let (keep, drop) = (other.min(person), other.max(person));
        sqlx::query("UPDATE identity_link SET person = $1 WHERE person = $2")
            .bind(keep)
            .bind(drop)
            .execute(&mut *sql)
            .await?;
        first = Some(keep);
    }
    Ok(())
}

/// Every account of a person, as (sub, email).
pub(crate) async fn accounts(sql: &mut Sql, person: i64) -> Result<Vec<(String, Option<String>)>, Fault> {
    let rows = sqlx::query_as("SELECT external_id, email FROM identity_link WHERE person = $1")
        .bind(person)
        .fetch_all(sql)
        .await?;
    Ok(rows)
}

fn address(account: &Account) -> Option<String> {
    account.email.as_deref().and_then(canonical_email).or_else(|| canonical_email(&account.sub))
}
