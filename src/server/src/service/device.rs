//! Sessions for command lines (RFC 8628): this service is the authorization server, so it works with every provider.
//!
//! Promises: a device code and a user code count once and for ten minutes; what a command line gets is a session of the
//! person who said yes at a browser, as old as theirs and ended with theirs by the provider; whoever polls too fast waits longer.

use countersign_wire::digest::tagged;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Channel, Fault, OpenedSession, Person, Service, log, session};
use crate::{
    ids,
    store::{
        device::{self, Row},
        session::{self as sessions, Told},
    },
};

/// How long the codes are good, milliseconds.
pub(crate) const LIFE_MS: i64 = 10 * 60 * 1000;
/// How long to wait between two questions at first, milliseconds, and how much longer after one too soon.
const PACE_MS: i64 = 5_000;
/// How many command lines may ask at once.
const OPEN: i64 = 1_000;
/// Letters that make no word and cannot be mistaken (RFC 8628, 6.1).
const LETTERS: [char; 20] =
    ['B', 'C', 'D', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Z'];

/// A command line that asks, as its person sees it.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) user_code: String,
}

/// What a person says of a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    Allowed,
    Denied,
}

/// What a command line hears.
pub(crate) enum Polled {
    Pending,
    /// It asks too often.
    SlowDown,
    Denied,
    /// Its time is over, or its code was used.
    Expired,
    Opened(OpenedSession),
}

/// Whose session it will be.
#[derive(Serialize, Deserialize)]
struct Lent {
    person: Person,
    told: Told,
}

fn digest(device_code: &str) -> String {
    tagged("countersign-device-v1\0", device_code.as_bytes())
}

fn user_code() -> Result<String, Fault> {
    let mut code = String::with_capacity(9);
    while code.len() < 9 {
        if code.len() == 4 {
            code.push('-');
        }
        for byte in ids::random::<16>()? {
            // 240 is a multiple of 20: each letter is as likely as any other.
            if byte < 240
                && let Some(letter) = LETTERS.get(usize::from(byte) % LETTERS.len())
            {
                code.push(*letter);
                break;
            }
        }
    }
    Ok(code)
}

impl Service {
    /// A command line asks for a session; returns its device code and user code. `None`: too many ask already.
    pub(crate) async fn device_asks(
        &self,
        name: &str,
        address: &str,
    ) -> Result<Option<(String, String)>, Fault> {
        let (device_code, user_code, now) = (ids::token()?, user_code()?, self.now_ms());
        let row = Row {
            user_code: user_code.clone(),
            machine: name.to_owned(),
            address: address.to_owned(),
            state: "pending".to_owned(),
            session: None,
            pace: PACE_MS,
            polled_at: None,
            expires_at: now.saturating_add(LIFE_MS),
        };
        let key = digest(&device_code);
        let kept = self.shared.store.write(move |tx| {
            Box::pin(async move {
                if device::open(&mut tx.sql, now).await? >= OPEN {
                    return Ok(false);
                }
                device::insert(&mut tx.sql, &key, &row).await.map(|()| true)
            })
        });
        Ok(kept.await?.then_some((device_code, user_code)))
    }

    /// The command line that waits under this code.
    pub(crate) async fn machine(&self, user_code: &str) -> Result<Option<Machine>, Fault> {
        let mut sql = self.shared.store.read().acquire().await?;
        let row = device::waiting(&mut sql, user_code, self.now_ms()).await?;
        Ok(row.map(|row| Machine { name: row.machine, address: row.address, user_code: row.user_code }))
    }

    /// Somebody with a session says yes or no to the command line under this code; `false` where none waits.
    pub(crate) async fn answer_machine(
        &self,
        user_code: &str,
        answer: Answered,
        person: &Person,
        token: &str,
    ) -> Result<bool, Fault> {
        // What logs out of the provider stays with the browser.
        let told = Told { id_token: None, ..self.told(token).await?.unwrap_or_default() };
        let lent = Lent { person: person.clone(), told };
        let lent = serde_json::to_string(&lent).map_err(|error| Fault::Store(error.to_string()))?;
        let (code, now) = (user_code.to_owned(), self.now_ms());
        self.shared
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let (state, session) = match answer {
                        Answered::Allowed => ("allowed", Some(lent.as_str())),
                        Answered::Denied => ("denied", None),
                    };
                    device::answer(&mut tx.sql, &code, state, session, now).await
                })
            })
            .await
    }

    /// A command line asks whether somebody said yes.
    pub(crate) async fn device_polls(&self, device_code: &str) -> Result<Polled, Fault> {
        let (key, now) = (digest(device_code), self.now_ms());
        self.shared
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let Some(row) = device::get(&mut tx.sql, &key).await? else { return Ok(Polled::Expired) };
                    if row.expires_at <= now {
                        return Ok(Polled::Expired);
                    }
                    if row.polled_at.is_some_and(|before| now < before.saturating_add(row.pace)) {
                        device::polled(&mut tx.sql, &key, row.pace.saturating_add(PACE_MS), now).await?;
                        return Ok(Polled::SlowDown);
                    }
                    match (row.state.as_str(), row.session) {
                        ("allowed", Some(lent)) => {
                            device::delete(&mut tx.sql, &key).await?;
                            let lent: Lent = serde_json::from_str(&lent)
                                .map_err(|_| Fault::Corrupt("a command line's session".to_owned()))?;
                            let (opened, row) = session::fresh(&lent.person, lent.told, now)?;
                            sessions::insert(&mut tx.sql, &session::digest(&opened.token), &row).await?;
                            let who = json!({"approvers": [{"iss": lent.person.iss, "sub": lent.person.sub,
                                "channel": Channel::Cli.as_str()}]});
                            log::record(&mut tx.sql, "approver.login", now, log::object(who)).await?;
                            Ok(Polled::Opened(opened))
                        }
                        ("denied", _) => {
                            device::delete(&mut tx.sql, &key).await?;
                            Ok(Polled::Denied)
                        }
                        _ => {
                            device::polled(&mut tx.sql, &key, row.pace, now).await?;
                            Ok(Polled::Pending)
                        }
                    }
                })
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::{LETTERS, user_code};

    #[test]
    fn a_user_code_is_eight_letters_that_nobody_mistakes() {
        for _ in 0..100 {
            let code = user_code().unwrap();
            let (first, second) = code.split_once('-').unwrap();
            assert_eq!((first.len(), second.len()), (4, 4), "{code}");
            assert!(code.chars().filter(|c| *c != '-').all(|c| LETTERS.contains(&c)), "{code}");
        }
    }
}
