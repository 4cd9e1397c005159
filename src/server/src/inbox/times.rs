//! Times as a person reads them: how long is left, how long ago, and the moment itself in UTC.
//!
//! The script rewrites moments into the reader's own time zone; without it they stay in UTC and say so.

use time::{OffsetDateTime, macros::format_description};

/// What is left until `until`: `2:41 left`, `3 h 12 min left`, or `expired`.
pub fn left(until: i64, now: i64) -> String {
    let seconds = (until - now) / 1000;
    if seconds <= 0 {
        return "expired".to_owned();
    }
    match seconds {
        0..3600 => format!("{}:{:02} left", seconds / 60, seconds % 60),
        3600..172_800 => format!("{} h {} min left", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} days left", seconds / 86_400),
    }
}

/// How long ago `at` was: `just now`, `14 min ago`, `3 h ago`, `2 days ago`.
pub fn ago(at: i64, now: i64) -> String {
    let minutes = (now - at) / 60_000;
    match minutes {
        ..=0 => "just now".to_owned(),
        1..60 => format!("{minutes} min ago"),
        60..2880 => format!("{} h ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1440),
    }
}

/// The moment in UTC: `21 Nov 2026, 06:18:00 UTC`.
pub fn moment(at: i64) -> String {
    let format =
        format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute]:[second] UTC");
    OffsetDateTime::from_unix_timestamp(at.div_euclid(1000))
        .ok()
        .and_then(|t| t.format(format).ok())
        .unwrap_or_else(|| "at an unknown time".to_owned())
}

/// How long people took: `40 s`, `3 min`, `2.5 h`.
pub fn took(ms: i64) -> String {
    match ms / 1000 {
        seconds @ ..60 => format!("{} s", seconds.max(0)),
        seconds @ 60..3600 => format!("{} min", seconds / 60),
        seconds => format!("{}.{} h", seconds / 3600, seconds % 3600 / 360),
    }
}

/// A duration: `412 ms`, `2.4 s`.
pub fn duration(ms: u64) -> String {
    if ms < 1000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1000, ms % 1000 / 100) }
}

#[cfg(test)]
mod tests {
    use super::{ago, duration, left, moment, took};

    #[test]
    fn time_left_is_exact_when_it_matters() {
        assert_eq!(left(161_000, 0), "2:41 left");
        assert_eq!(left(9_000, 0), "0:09 left");
        assert_eq!(left(11_520_000, 0), "3 h 12 min left");
        assert_eq!(left(400_000_000, 0), "4 days left");
        assert_eq!(left(0, 0), "expired");
        assert_eq!(left(0, 5_000), "expired");
    }

    #[test]
    fn the_past_is_rounded() {
        assert_eq!(ago(0, 30_000), "just now");
        assert_eq!(ago(0, 14 * 60_000), "14 min ago");
        assert_eq!(ago(0, 3 * 3_600_000), "3 h ago");
        assert_eq!(ago(0, 3 * 86_400_000), "3 days ago");
    }

    #[test]
    fn a_moment_names_its_zone() {
        assert_eq!(moment(1_795_241_040_000), "21 Nov 2026, 06:04:00 UTC");
    }

    #[test]
    fn a_duration_has_a_unit() {
        assert_eq!(duration(412), "412 ms");
        assert_eq!(duration(2_450), "2.4 s");
        assert_eq!([took(40_900), took(200_000), took(9_000_000)], ["40 s", "3 min", "2.5 h"]);
    }
}
