//! Times as they are written: RFC 3339 in UTC with milliseconds (audit 2.1), read from any RFC 3339 offset.

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Milliseconds since the Unix epoch.
pub type UnixMs = i64;

/// Writes `ms` as `2026-11-21T06:04:01.000Z`. A time outside the years 0 to 9999 is written as the epoch's start: no
/// clock that a host can have reaches it, and a record must never fail for its time.
pub fn rfc3339_ms(ms: UnixMs) -> String {
    let at = at(ms);
    format!("{}.{:03}Z", seconds(at), at.millisecond())
}

/// Writes `ms` to the second, as the protocol's documents do: `2026-11-21T06:18:00Z`.
pub fn rfc3339_s(ms: UnixMs) -> String {
    format!("{}Z", seconds(at(ms)))
}

/// The crate's own formatting would add 17 kB to every sidecar for these six numbers.
fn seconds(at: OffsetDateTime) -> String {
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// Reads an RFC 3339 time; `None` where it is none.
pub fn parse_rfc3339(text: &str) -> Option<UnixMs> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok()
}

fn at(ms: UnixMs) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn times_are_written_with_milliseconds_and_read_back() {
        let ms = 1_795_241_040_990;
        assert_eq!(rfc3339_ms(ms), "2026-11-21T06:04:00.990Z");
        assert_eq!(parse_rfc3339(&rfc3339_ms(ms)), Some(ms));
        assert_eq!(rfc3339_s(ms), "2026-11-21T06:04:00Z");
    }

    #[test]
    fn an_offset_is_honoured_and_nonsense_is_none() {
        assert_eq!(parse_rfc3339("2026-11-21T07:04:00+01:00"), Some(1_795_241_040_000));
        assert_eq!(parse_rfc3339("yesterday"), None);
        assert_eq!(rfc3339_ms(i64::MAX), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339_ms(-1), "1969-12-31T23:59:59.999Z");
    }
}
