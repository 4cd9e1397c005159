//! Working hours: days and times in a place's own time, daylight saving included.

use jiff::{
    Timestamp,
    civil::{Time, Weekday},
    tz::TimeZone,
};
use serde::Deserialize;

/// Hours as they are typed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoursAt {
    /// The place, as the IANA time zone database names it: `Europe/Berlin`.
    pub zone: String,
    /// The days, `mon` to `sun`: Monday to Friday where nothing is written.
    pub days: Option<Vec<DayAt>>,
    /// The first minute, `08:00`.
    pub from: String,
    /// The first minute after it, `18:00`; one before `from` is on the next day.
    pub to: String,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayAt {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl DayAt {
    fn weekday(self) -> Weekday {
        match self {
            Self::Mon => Weekday::Monday,
            Self::Tue => Weekday::Tuesday,
            Self::Wed => Weekday::Wednesday,
            Self::Thu => Weekday::Thursday,
            Self::Fri => Weekday::Friday,
            Self::Sat => Weekday::Saturday,
            Self::Sun => Weekday::Sunday,
        }
    }
}

/// Hours that were checked.
#[derive(Clone, Debug)]
pub(super) struct Hours {
    zone: TimeZone,
    days: Vec<Weekday>,
    from: Time,
    to: Time,
}

/// Whether it is working time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Working {
    Yes,
    No,
}

impl Hours {
    /// Checks what was typed; the error is a sentence.
    pub(super) fn compile(at: &HoursAt) -> Result<Self, String> {
        let zone = TimeZone::get(&at.zone)
            .map_err(|_| format!("`{}` is no time zone such as `Europe/Berlin`", at.zone))?;
        let time = |text: &str| {
            Time::strptime("%H:%M", text).map_err(|_| format!("`{text}` is no time of day such as `08:00`"))
        };
        let weekdays = [DayAt::Mon, DayAt::Tue, DayAt::Wed, DayAt::Thu, DayAt::Fri];
        let days = at.days.as_deref().unwrap_or(&weekdays);
        if days.is_empty() {
            return Err("`days` is empty; leave `hours` out where it is never working time".to_owned());
        }
        let days = days.iter().map(|day| day.weekday()).collect();
        Ok(Self { zone, days, from: time(&at.from)?, to: time(&at.to)? })
    }

    /// Whether a moment is within them.
    pub(super) fn at(&self, now_ms: i64) -> Working {
        // A moment that no calendar has is none of ours.
        let Ok(now) = Timestamp::from_millisecond(now_ms) else { return Working::No };
        let here = self.zone.to_datetime(now);
        let (today, time) = (here.weekday(), here.time());
        let works = |day: Weekday| self.days.contains(&day);
        let within = if self.from < self.to {
            works(today) && time >= self.from && time < self.to
        } else {
            // Over midnight: the small hours belong to the day before.
            (works(today) && time >= self.from) || (works(today.previous()) && time < self.to)
        };
        if within { Working::Yes } else { Working::No }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{DayAt, Hours, HoursAt, Working};

    fn hours(zone: &str, days: Option<Vec<DayAt>>, from: &str, to: &str) -> Result<Hours, String> {
        Hours::compile(&HoursAt { zone: zone.to_owned(), days, from: from.to_owned(), to: to.to_owned() })
    }

    fn at(hours: &Hours, moment: &str) -> Working {
        hours.at(moment.parse::<Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn working_hours_follow_the_clocks_of_the_place_through_the_change_of_summer_time() {
        let berlin = hours("Europe/Berlin", None, "08:00", "18:00").unwrap();
        // 07:30 UTC is 08:30 in winter and 09:30 in summer; 06:30 UTC is 07:30 and 08:30.
        assert_eq!(at(&berlin, "2026-11-25T06:30:00Z"), Working::No);
        assert_eq!(at(&berlin, "2026-07-01T06:30:00Z"), Working::Yes);
        assert_eq!(at(&berlin, "2026-11-25T16:59:59Z"), Working::Yes);
        assert_eq!(at(&berlin, "2026-11-25T17:00:00Z"), Working::No);
        assert_eq!(at(&berlin, "2026-11-28T10:00:00Z"), Working::No, "a Saturday");
    }

    #[test]
    fn a_night_shift_belongs_to_the_day_it_began_on() {
        let friday = hours("UTC", Some(vec![DayAt::Fri]), "22:00", "06:00").unwrap();
        assert_eq!(at(&friday, "2026-11-27T23:00:00Z"), Working::Yes);
        assert_eq!(at(&friday, "2026-11-28T05:59:00Z"), Working::Yes);
        assert_eq!(at(&friday, "2026-11-27T05:00:00Z"), Working::No);
        assert_eq!(at(&friday, "2026-11-28T22:30:00Z"), Working::No);
    }

    #[test]
    fn what_is_no_place_or_time_is_said() {
        let fault = |zone, from| hours(zone, None, from, "18:00").unwrap_err();
        assert_eq!(fault("Berlin", "08:00"), "`Berlin` is no time zone such as `Europe/Berlin`");
        assert_eq!(fault("UTC", "8 am"), "`8 am` is no time of day such as `08:00`");
    }
}
