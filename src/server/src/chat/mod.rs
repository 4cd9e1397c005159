//! What all chats share: whose an account in a chat is, what was seen before, and seals on what travels through a chat.
//!
//! Promises: an account in a chat is a person's only where that person linked it in their own signed-in session; it never
//! is because of a name or an address. Being in a channel gives nobody a right. A seal is made with a key of this service,
//! so what a chat hands back is what this service handed out, to that place and for that purpose.

mod seal;

use countersign_wire::digest::Secret;
use serde_json::json;

use crate::{
    config,
    service::{Fault, Person, Service},
    store::{
        chat::{self, Linked, Row, Seen, Unlinked},
        person,
    },
};
pub(crate) use seal::{open, seal};

/// An account in a chat, as its owner sees it among their settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// `slack` or `teams`.
    pub provider: String,
    /// The workspace or the tenant.
    pub tenant: String,
    /// The account there.
    pub external_id: String,
    /// What it is called there; somebody else's text.
    pub name: String,
    /// Since when, Unix milliseconds.
    pub linked_at_ms: i64,
}

/// How an account in a chat is named.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account<'a> {
    pub(crate) provider: &'a str,
    pub(crate) tenant: &'a str,
    pub(crate) external_id: &'a str,
}

impl Account<'_> {
    fn row(self, who: &Person, name: &str, now: i64) -> Row {
        Row {
            provider: self.provider.to_owned(),
            tenant: self.tenant.to_owned(),
            external_id: self.external_id.to_owned(),
            iss: who.iss.clone(),
            sub: who.sub.clone(),
            name: name.to_owned(),
            linked_at: now,
        }
    }
}

/// The accounts in chats that `who` linked.
///
/// # Errors
/// [`Fault`], where the store cannot be read.
pub async fn links(service: &Service, who: &Person) -> Result<Vec<Link>, Fault> {
    let rows = chat::of(&mut *service.store().read().acquire().await?, &who.iss, &who.sub).await?;
    let link = |row: Row| Link {
        provider: row.provider,
        tenant: row.tenant,
        external_id: row.external_id,
        name: row.name,
        linked_at_ms: row.linked_at,
    };
    Ok(rows.into_iter().map(link).collect())
}

/// The person who linked an account; `None` where nobody did.
pub(crate) async fn person(service: &Service, account: Account<'_>) -> Result<Option<Person>, Fault> {
    let Account { provider, tenant, external_id } = account;
    let mut sql = service.store().read().acquire().await?;
    let Some(row) = chat::whose(&mut sql, provider, tenant, external_id).await? else { return Ok(None) };
    let directory = service.directory();
    let accounts = directory.accounts_of(&row.iss, &row.sub);
    let own = accounts.into_iter().find(|account| account.iss == row.iss && account.sub == row.sub);
    let email = match own.and_then(|account| account.email) {
        Some(email) => Some(email),
        None => chat::email(&mut sql, &row.iss, &row.sub).await?,
    };
    let name = directory.name_of(&row.iss, &row.sub).unwrap_or(row.name);
    let groups = service.groups_now(&mut sql, &row.iss, &row.sub).await?;
    Ok(Some(Person { iss: row.iss, sub: row.sub, email, name, groups }))
}

/// Links an account to `who`, on record.
pub(crate) async fn link(
    service: &Service,
    account: Account<'_>,
    who: &Person,
    name: &str,
) -> Result<Linked, Fault> {
    let now = service.now_ms();
    let row = account.row(who, name, now);
    let members = about(&row);
    let own = config::Account { iss: who.iss.clone(), sub: who.sub.clone(), email: who.email.clone() };
    let called = who.name.clone();
    service
        .store()
        .write(move |tx| {
            Box::pin(async move {
                let linked = chat::link(&mut tx.sql, &row).await?;
                match linked {
                    Linked::Yes => {
                        // Their address keeps them from deciding on their own requests, here as in the inbox.
                        person::of(&mut tx.sql, &called, &own).await?;
                        crate::service::record(&mut tx.sql, "approver.linked", now, members).await?;
                    }
                    Linked::Taken => {}
                }
                Ok(linked)
            })
        })
        .await
}

/// Ends a link of `who`, on record.
pub(crate) async fn unlink(service: &Service, account: Account<'_>, who: &Person) -> Result<Unlinked, Fault> {
    let now = service.now_ms();
    let row = account.row(who, "", now);
    let members = about(&row);
    service
        .store()
        .write(move |tx| {
            Box::pin(async move {
                let gone = chat::unlink(&mut tx.sql, &row).await?;
                match gone {
                    Unlinked::Yes => {
                        crate::service::record(&mut tx.sql, "approver.unlinked", now, members).await?;
                    }
                    Unlinked::Nothing => {}
                }
                Ok(gone)
            })
        })
        .await
}

fn about(row: &Row) -> serde_json::Value {
    json!({
        "approvers": [{"iss": row.iss, "sub": row.sub, "channel": row.provider}],
        "account": {"provider": row.provider, "tenant": row.tenant, "id": row.external_id},
    })
}

/// Notes a call that a chat signed at `moment`; it is taken once. `keep` is how long a moment may be ago, in its own unit.
pub(crate) async fn once(
    service: &Service,
    provider: &'static str,
    (moment, mark): (i64, &str),
    keep: i64,
) -> Result<Seen, Fault> {
    let mark = mark.to_owned();
    service
        .store()
        .write(move |tx| {
            Box::pin(async move {
                chat::see(&mut tx.sql, provider, (moment, &mark), moment.saturating_sub(2 * keep)).await
            })
        })
        .await
}

/// The key that seals what travels through a chat. It is made from the key that signs grants, whose signatures nobody
/// without it can compute; a rotation ends what was sealed before, and people open it again.
pub(crate) fn key(service: &Service) -> Secret {
    let signature = service.sign_bytes(b"countersign-chat-seal-v1\0");
    Secret::new(sha256(&signature))
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(bytes).into()
}
