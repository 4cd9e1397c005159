//! What a reviewer sets for themselves: how the open inbox tells of something new, and which of their sessions go on.

use countersign_wire::digest::tagged;

use super::{Fault, Person, Service, session};
use crate::store::{
    preference,
    session::{self as kept, Listed},
};

/// How the open inbox tells of something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cue {
    /// Not at all, besides the number in the title.
    None,
    /// The title blinks.
    Title,
    /// A short sound, and the title.
    Sound,
}

/// Of what it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Of everything.
    All,
    /// Of what cannot be undone.
    Irreversible,
    /// Of what has less than five minutes left.
    Urgent,
}

impl Cue {
    /// The word that stands in the store and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Title => "title",
            Self::Sound => "sound",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::None, Self::Title, Self::Sound].into_iter().find(|cue| cue.as_str() == word)
    }
}

impl About {
    /// The word that stands in the store and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Irreversible => "irreversible",
            Self::Urgent => "urgent",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::All, Self::Irreversible, Self::Urgent].into_iter().find(|about| about.as_str() == word)
    }
}

/// How a reviewer wants to be told while the inbox is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preference {
    /// How.
    pub cue: Cue,
    /// Of what.
    pub about: About,
}

impl Default for Preference {
    fn default() -> Self {
        Self { cue: Cue::None, about: About::All }
    }
}

/// One of a person's own sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSession {
    /// What names it; nothing can be done with it but to end the session, by its owner.
    pub handle: String,
    /// When it began, Unix milliseconds.
    pub opened_at_ms: i64,
    /// When it was last used, to the minute, Unix milliseconds.
    pub seen_at_ms: i64,
    /// When it ends at the latest, Unix milliseconds.
    pub expires_at_ms: i64,
    /// Whether it is the one that asks.
    pub current: bool,
}

fn handle(digest: &str) -> String {
    tagged("countersign-session-handle-v1\0", digest.as_bytes()).trim_start_matches("sha-256:").to_owned()
}

impl Service {
    /// How `who` wants to be told.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn preference(&self, who: &Person) -> Result<Preference, Fault> {
        let mut sql = self.shared.store.read().acquire().await?;
        Ok(preference::get(&mut sql, &who.iss, &who.sub).await?.unwrap_or_default())
    }

    /// Keeps how `who` wants to be told.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be written.
    pub async fn prefer(&self, who: &Person, wanted: Preference) -> Result<(), Fault> {
        let (iss, sub) = (who.iss.clone(), who.sub.clone());
        self.shared
            .store
            .write(move |tx| Box::pin(async move { preference::put(&mut tx.sql, &iss, &sub, wanted).await }))
            .await
    }

    /// The sessions of `who` that go on; `token` is that of the one that asks.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be read.
    pub async fn sessions(&self, who: &Person, token: &str) -> Result<Vec<OwnSession>, Fault> {
        let current = session::digest(token);
        let own = |listed: Listed| OwnSession {
            handle: handle(&listed.digest),
            opened_at_ms: listed.created_at,
            seen_at_ms: listed.seen_at,
            expires_at_ms: listed.expires_at,
            current: listed.digest == current,
        };
        Ok(self.living(who).await?.into_iter().map(own).collect())
    }

    /// Ends one of the sessions of `who`; one that is not theirs, or is over, is left as it is.
    ///
    /// # Errors
    /// [`Fault`], where the store cannot be written.
    pub async fn end_session(&self, who: &Person, named: &str) -> Result<(), Fault> {
        let found = self.living(who).await?.into_iter().find(|listed| handle(&listed.digest) == named);
        let Some(Listed { digest, .. }) = found else { return Ok(()) };
        self.shared
            .store
            .write(move |tx| Box::pin(async move { kept::delete(&mut tx.sql, &digest).await }))
            .await
    }

    async fn living(&self, who: &Person) -> Result<Vec<Listed>, Fault> {
        let now = self.now_ms();
        let text = serde_json::to_string(&who.sub).map_err(|error| Fault::Store(error.to_string()))?;
        let mut sql = self.shared.store.read().acquire().await?;
        let mut listed = kept::with(&mut sql, &text, now, now - session::IDLE_MS).await?;
        let same = |listed: &Listed| {
            serde_json::from_str::<Person>(&listed.person)
                .is_ok_and(|person| person.iss == who.iss && person.sub == who.sub)
        };
        listed.retain(same);
        Ok(listed)
    }
}
