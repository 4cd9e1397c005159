//! Who may act on a task besides deciding it: whoever may decide it. The same people settle an unknown outcome and take a
//! grant back, and never a requester. A refused attempt is on record.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Channel, Fault, Person, Refusal, Shared, log, people, sign_in, submit::masked};
use crate::store::{Tx, task};

/// The longest reason, in characters.
const MAX_REASON: usize = 1_000;

/// A reason as it is kept: masked, for people paste secrets too.
///
/// # Errors
/// [`Refusal::ReasonRequired`] or [`Refusal::ReasonTooLong`].
pub(super) fn reason(typed: &str) -> Result<String, Refusal> {
    match typed.trim() {
        "" => Err(Refusal::ReasonRequired),
        long if long.chars().count() > MAX_REASON => Err(Refusal::ReasonTooLong),
        fits => Ok(masked(fits)),
    }
}

/// Whether `who` may act on a task.
pub(super) async fn check(
    tx: &mut Tx,
    shared: &Arc<Shared>,
    who: &Person,
    channel: Channel,
    row: &task::Row,
    now: i64,
) -> Result<Result<(), Refusal>, Fault> {
    let directory = shared.directory();
    let human = people::human(&mut tx.sql, &directory, who).await?;
    let wanted = &row.submission.context.v1.quorum.groups;
    let refusal = if let Err(refusal) = people::may_look(&mut tx.sql, &row.submission, human, who).await? {
        refusal
    } else if sign_in::groups_of(&mut tx.sql, &directory, (&who.iss, &who.sub), wanted, now).await?.is_empty()
    {
        Refusal::NotEligible { groups: wanted.clone() }
    } else {
        return Ok(Ok(()));
    };
    let mut members = log::about(row);
    members.extend(refusal.recorded_as().map(|code| ("reason_code".to_owned(), code.into())));
    members.insert("approvers".to_owned(), json!([named(who, channel.as_str(), "")]));
    log::record(&mut tx.sql, "verify.failed", now, members).await?;
    Ok(Err(refusal))
}

/// A person as records name them.
pub(super) fn named(who: &Person, channel: &str, reason: &str) -> Map<String, Value> {
    log::object(json!({"iss": who.iss, "sub": who.sub, "channel": channel, "reason": reason}))
}
