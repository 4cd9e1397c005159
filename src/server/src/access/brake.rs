//! Slows down whoever keeps sending calls that no known filter signed.
//!
//! Such a call costs no write and, where its key is not known, not even the reading of its body. From one address a hundred a
//! minute are told why; after that they are told to come later. A call that verifies is never slowed down, whatever else comes
//! from its address.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{extract::ConnectInfo, http::request::Parts};

/// How many bad calls an address has in a [`WINDOW`].
const MOST: u32 = 100;
const WINDOW: Duration = Duration::from_mins(1);
/// How many addresses are remembered.
const ADDRESSES: usize = 4_096;

/// Counts bad calls by address.
#[derive(Debug, Default)]
pub(super) struct Brake {
    seen: Mutex<HashMap<IpAddr, Count>>,
}

#[derive(Debug)]
struct Count {
    since: Instant,
    bad: u32,
}

/// What a bad call is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Why it is refused.
    Why,
    /// To come later.
    Later,
}

impl Brake {
    /// Counts a bad call.
    pub(super) fn bad(&self, parts: &Parts) -> Told {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        self.count(peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip()), Instant::now())
    }

    fn count(&self, source: IpAddr, now: Instant) -> Told {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= ADDRESSES && !seen.contains_key(&source) {
            seen.retain(|_, count| now.duration_since(count.since) < WINDOW);
            if seen.len() >= ADDRESSES {
                // So many at once is one attack from many places; none of them is owed a reason.
                return Told::Later;
            }
        }
        let count = seen.entry(source).or_insert(Count { since: now, bad: 0 });
        if now.duration_since(count.since) >= WINDOW {
            *count = Count { since: now, bad: 0 };
        }
        count.bad = count.bad.saturating_add(1);
        if count.bad > MOST { Told::Later } else { Told::Why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_why_a_hundred_times_a_minute() {
        let (brake, now) = (Brake::default(), Instant::now());
        let [one, other] = [1, 2].map(|n| IpAddr::V4(Ipv4Addr::new(10, 0, 0, n)));
        for _ in 0..MOST {
            assert_eq!(brake.count(one, now), Told::Why);
        }
        assert_eq!(brake.count(one, now), Told::Later);
        assert_eq!(brake.count(other, now), Told::Why);
        assert_eq!(brake.count(one, now + WINDOW), Told::Why);
    }

    #[test]
    fn a_million_addresses_do_not_fill_the_memory() {
        let (brake, now) = (Brake::default(), Instant::now());
        for n in 0..20_000_u32 {
            brake.count(IpAddr::V4(Ipv4Addr::from(n)), now);
        }
        assert_eq!(brake.seen.lock().unwrap().len(), ADDRESSES);
        let fresh = IpAddr::V4(Ipv4Addr::from(99_999));
        assert_eq!(brake.count(fresh, now), Told::Later);
        assert_eq!(brake.count(fresh, now + WINDOW), Told::Why);
    }
}
