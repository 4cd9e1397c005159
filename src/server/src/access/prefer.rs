//! `Prefer: wait=N` (RFC 7240, section 4.3): how long a poll may take.

use std::time::Duration;

use axum::{
    http::{HeaderMap, HeaderValue},
    response::Response,
};
use countersign_wire::names::MAX_WAIT_S;

/// The wait a caller prefers, at most 20 s; zero where it prefers none.
pub(super) fn wait(headers: &HeaderMap) -> Duration {
    let preferences = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let seconds = preferences.flat_map(|value| value.split([',', ';'])).find_map(|preference| {
        let (name, value) = preference.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("wait") {
            value.trim().trim_matches('"').parse::<u64>().ok()
        } else {
            None
        }
    });
    Duration::from_secs(seconds.unwrap_or(0).min(MAX_WAIT_S))
}

/// Says that the preference was honoured.
pub(super) fn applied(mut answer: Response, wait: Duration) -> Response {
    if !wait.is_zero()
        && let Ok(value) = HeaderValue::try_from(format!("wait={}", wait.as_secs()))
    {
        answer.headers_mut().insert("preference-applied", value);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_among_other_preferences_and_has_a_limit() {
        let of = |value: &'static str| {
            wait(&HeaderMap::from_iter([("prefer".parse().unwrap(), HeaderValue::from_static(value))]))
        };
        assert_eq!(of("wait=7"), Duration::from_secs(7));
        assert_eq!(of("respond-async, Wait=7"), Duration::from_secs(7));
        assert_eq!(of("wait=7000"), Duration::from_secs(20));
        assert_eq!(of("wait=-1"), Duration::ZERO);
        assert_eq!(of("await=7"), Duration::ZERO);
    }
}
