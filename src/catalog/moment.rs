//! The moment at which a stock number was true.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Why a text is no moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NoMoment {
    /// It is not written like one, or there is no such day or hour.
    Malformed,
    /// A local time that does not exist: the clocks skip it.
    Skipped,
    /// A local time that exists twice: the clocks go back.
    Twice,
}

/// RFC 3339 with an offset, or a local date, perhaps with a time, in the project's time zone.
pub(super) fn parse(text: &str, timezone: &TimeZone) -> Result<Timestamp, NoMoment> {
    if !text.is_ascii() || !well_shaped(text.as_bytes()) {
        return Err(NoMoment::Malformed);
    }
    if has_offset(text) {
        return text.parse().map_err(|_| NoMoment::Malformed);
    }
    let local: DateTime = match text.get(10..) {
        Some("") => format!("{text}T00:00").parse(),
        _ => text.parse(),
    }
    .map_err(|_| NoMoment::Malformed)?;
    let ambiguous = timezone.to_ambiguous_timestamp(local);
    if ambiguous.is_ambiguous() {
        let skipped = matches!(ambiguous.offset(), jiff::tz::AmbiguousOffset::Gap { .. });
        return if !skipped {
            Err(NoMoment::Twice)
        } else if text.len() == 10 {
            // A day whose midnight the clocks skip still has a first instant: that at which they do.
            let before = ambiguous.earlier().map_err(|_| NoMoment::Malformed)?;
            first_instant(local, before, timezone)
        } else {
            Err(NoMoment::Skipped)
        };
    }
    ambiguous.unambiguous().map_err(|_| NoMoment::Malformed)
}

fn first_instant(local: DateTime, near: Timestamp, timezone: &TimeZone) -> Result<Timestamp, NoMoment> {
    let from = near - SignedDuration::from_hours(24);
    let change = timezone.following(from).next().map(|transition| transition.timestamp());
    change.filter(|&at| timezone.to_datetime(at).date() == local.date()).ok_or(NoMoment::Skipped)
}

/// `YYYY-MM-DD`, and behind it nothing or a `T` or blank and a time.
fn well_shaped(text: &[u8]) -> bool {
    let date = |(at, &byte): (usize, &u8)| {
        if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() }
    };
    let Some((day, rest)) = text.split_at_checked(10) else { return false };
    let time = match rest {
        [] => return day.iter().enumerate().all(date),
        [b'T' | b't' | b' ', time @ ..] => time,
        _ => return false,
    };
    let minutes = |(at, &byte): (usize, &u8)| if at == 2 { byte == b':' } else { byte.is_ascii_digit() };
    let clock = time.split_at_checked(5).is_some_and(|(clock, _)| clock.iter().enumerate().all(minutes));
    clock && !time.contains(&b'[') && day.iter().enumerate().all(date)
}

fn has_offset(text: &str) -> bool {
    text.get(11..).is_some_and(|time| time.contains(['Z', 'z', '+', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(zone: &str, text: &str, expected: Result<&str, NoMoment>) {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        assert_eq!(
            parse(text, &zone).map(|moment| moment.to_string()),
            expected.map(str::to_owned),
            "{text}"
        );
    }

    #[test]
    fn moments() {
        check("Asia/Jakarta", "2026-11-27T18:00:00Z", Ok("2026-11-27T18:00:00Z"));
        check("Asia/Jakarta", "2026-11-27T18:00:00+07:00", Ok("2026-11-27T11:00:00Z"));
        check("Asia/Jakarta", "2026-11-27 18:00:00.5-02:00", Ok("2026-11-27T20:00:00.5Z"));
        check("Asia/Jakarta", "2026-11-27 18:00", Ok("2026-11-27T11:00:00Z"));
        check("Asia/Jakarta", "2026-11-27T18:00:30", Ok("2026-11-27T11:00:30Z"));
        check("Asia/Jakarta", "2026-11-27", Ok("2026-11-26T17:00:00Z"));
        check("UTC", "2026-02-30", Err(NoMoment::Malformed));
        check("UTC", "20261127", Err(NoMoment::Malformed));
        check("UTC", "27/11/2026 10:00", Err(NoMoment::Malformed));
        check("UTC", "2026-11-27T18:00:00+07:00[Asia/Jakarta]", Err(NoMoment::Malformed));
        check("UTC", "2026-11-27 ", Err(NoMoment::Malformed));
        check("UTC", "", Err(NoMoment::Malformed));
        check("Europe/Berlin", "2026-03-29 02:30", Err(NoMoment::Skipped));
        check("Europe/Berlin", "2026-10-25 02:30", Err(NoMoment::Twice));
        check("Africa/Cairo", "2026-04-24", Ok("2026-04-23T22:00:00Z"));
    }
}
