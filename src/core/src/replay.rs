//! Which grants this VM has tried to use: one redeem each, whatever happens in between.
//!
//! An entry is written before the redeem is sent and lives until the grant's `exp` and 30 s more. A redeem whose answer
//! was lost may be asked again, with the same nonce and the same record, by an identical retry of the agent: the service
//! answers it as the same redeem. When the cache is full, nothing new is redeemed.

use crate::now::Now;
use hashbrown::HashMap;

const CAPACITY: usize = 16_384;
const MARGIN_S: i64 = 30;

/// What is sent to redeem one grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Fresh bits of this redeem.
    pub nonce: String,
    /// The canonical line of the releasing record.
    pub record: String,
}

#[derive(Debug)]
struct Use {
    request_digest: String,
    until_s: i64,
    attempt: Attempt,
    state: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Under way, or used: never again.
    Spent,
    /// The answer was lost and the call did not leave.
    Abandoned,
}

/// Why a grant may not be redeemed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It was used, or is being used.
    Spent,
    /// The cache is full.
    Full,
}

/// The grants this VM has tried to use.
#[derive(Debug, Default)]
pub struct Replay(HashMap<String, Use>);

impl Replay {
    /// The attempt of an identical call whose answer was lost, to be sent again.
    pub fn abandoned(&self, jti: &str, request_digest: &str) -> Option<Attempt> {
        let used = self.0.get(jti)?;
        (used.state == Fate::Abandoned && used.request_digest == request_digest).then(|| used.attempt.clone())
    }

    /// Whether a grant may be redeemed now.
    ///
    /// # Errors
    /// [`Refused`] where it may not.
    pub fn check(&mut self, now: Now, jti: &str, request_digest: &str) -> Result<(), Refused> {
        if self.0.len() >= CAPACITY {
            let seconds = now.unix_s();
            self.0.retain(|_, used| used.until_s >= seconds);
        }
        match self.0.get(jti) {
            Some(used) if used.state == Fate::Abandoned && used.request_digest == request_digest => Ok(()),
            Some(_) => Err(Refused::Spent),
            None if self.0.len() >= CAPACITY => Err(Refused::Full),
            None => Ok(()),
        }
    }

    /// Writes down that a grant is being redeemed; to be called before the redeem is sent.
    pub fn begin(&mut self, jti: &str, request_digest: &str, exp_s: i64, attempt: Attempt) {
        let until_s = exp_s.saturating_add(MARGIN_S);
        let request_digest = request_digest.to_owned();
        self.0.insert(jti.to_owned(), Use { request_digest, until_s, attempt, state: Fate::Spent });
    }

    /// The answer was lost and the call did not leave.
    pub fn abandon(&mut self, jti: &str) {
        if let Some(used) = self.0.get_mut(jti) {
            used.state = Fate::Abandoned;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const NOW: Now = Now { mono_ms: 0, unix_ms: 1_000_000 };

    fn attempt() -> Attempt {
        Attempt { nonce: "n".into(), record: "r".into() }
    }

    #[test]
    fn a_grant_is_redeemed_once() {
        let mut replay = Replay::default();
        assert_eq!(replay.check(NOW, "j", "d"), Ok(()));
        replay.begin("j", "d", 2000, attempt());
        assert_eq!(replay.check(NOW, "j", "d"), Err(Refused::Spent));
        assert_eq!(replay.abandoned("j", "d"), None);
    }

    #[test]
    fn a_lost_redeem_is_asked_again_only_for_the_same_request_and_with_the_same_bytes() {
        let mut replay = Replay::default();
        replay.begin("j", "d", 2000, attempt());
        replay.abandon("j");
        assert_eq!(replay.check(NOW, "j", "other"), Err(Refused::Spent));
        assert_eq!(replay.abandoned("j", "other"), None);
        assert_eq!(replay.check(NOW, "j", "d"), Ok(()));
        assert_eq!(replay.abandoned("j", "d"), Some(attempt()));
    }

    #[test]
    fn a_full_cache_refuses_and_forgets_only_what_has_expired() {
        let mut replay = Replay::default();
        for n in 0..CAPACITY {
            replay.begin(&n.to_string(), "d", 2000, attempt());
        }
        assert_eq!(replay.check(NOW, "new", "d"), Err(Refused::Full));
        assert_eq!(replay.check(NOW.after(1_031_000), "new", "d"), Ok(()));
    }
}
