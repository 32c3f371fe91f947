//! Moments: `2026-11-27`, `2026-11-27 18:00`, `2026-11-27T18:00:00+07:00`.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// The moment that `text` says, in `zone` where it names no offset of its own.
///
/// # Errors
/// What is wrong with it, in one line: no moment, no such day, or a local time that exists twice or not at all.
pub fn parse_moment(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    read(text, zone).map_err(|fault| match fault.help {
        Some(help) => format!("{}; {help}", fault.message),
        None => fault.message,
    })
}

/// Why a text is no moment, and what to write instead.
pub(super) struct MomentFault {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

pub(super) fn read(text: &str, zone: &TimeZone) -> Result<Timestamp, MomentFault> {
    let shape = shape(text).ok_or_else(|| MomentFault {
        message: format!("`{text}` is no moment"),
        help: Some("write `2026-11-27`, `2026-11-27 18:00` or `2026-11-27T18:00:00+07:00`".to_owned()),
    })?;
    let no_such =
        || MomentFault { message: format!("`{text}` names a day or time that no calendar has"), help: None };
    let (year, month, day) = shape.date;
    let date = Date::new(year, month, day).map_err(|_| no_such())?;
    let Some((hour, minute, second, nanosecond)) = shape.time else {
        return first_instant(text, date, zone);
    };
    let local = DateTime::new(year, month, day, hour, minute, second, nanosecond).map_err(|_| no_such())?;
    match shape.offset {
        Some(seconds) => {
            Offset::from_seconds(seconds).and_then(|offset| offset.to_timestamp(local)).map_err(|_| no_such())
        }
        None => only_instant(text, local, zone),
    }
}

/// A day begins where its first instant is, which a change of the clocks may move off midnight.
fn first_instant(text: &str, date: Date, zone: &TimeZone) -> Result<Timestamp, MomentFault> {
    let out_of_range = || MomentFault { message: format!("`{text}` is too far away"), help: None };
    let midnight = date.at(0, 0, 0, 0);
    let ambiguous = zone.to_ambiguous_timestamp(midnight);
    let AmbiguousOffset::Gap { after, .. } = ambiguous.offset() else {
        return ambiguous.earlier().map_err(|_| out_of_range());
    };
    let before_change = after.to_timestamp(midnight).map_err(|_| out_of_range())?;
    let change = zone.following(before_change).next().map(|transition| transition.timestamp());
    match change {
        Some(change) if zone.to_datetime(change).date() == date => Ok(change),
        _ => Err(MomentFault {
            message: format!("`{text}` does not exist in {}: the calendar skips that day", name(zone)),
            help: None,
        }),
    }
}

fn only_instant(text: &str, local: DateTime, zone: &TimeZone) -> Result<Timestamp, MomentFault> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let (what, before, after) = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => {
            return ambiguous
                .unambiguous()
                .map_err(|_| MomentFault { message: format!("`{text}` is too far away"), help: None });
        }
        AmbiguousOffset::Gap { before, after } => ("does not exist", before, after),
        AmbiguousOffset::Fold { before, after } => ("exists twice", before, after),
    };
    let direction = if what == "exists twice" { "back" } else { "forward" };
    Err(MomentFault {
        message: format!("`{text}` {what} in {}: the clocks go {direction} then", name(zone)),
        help: Some(format!("give the offset: `{local}{}` or `{local}{}`", colon(before), colon(after))),
    })
}

fn name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("the project's time zone")
}

fn colon(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The numbers of a moment, not yet known to be on a calendar.
struct Shape {
    date: (i16, i8, i8),
    time: Option<(i8, i8, i8, i32)>,
    offset: Option<i32>,
}

fn shape(text: &str) -> Option<Shape> {
    let mut rest = text;
    let year = digits(&mut rest, 4)?;
    let month = after_char(&mut rest, &['-'], 2)?;
    let day = after_char(&mut rest, &['-'], 2)?;
    let date = (i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    if rest.is_empty() {
        return Some(Shape { date, time: None, offset: None });
    }
    let hour = after_char(&mut rest, &['T', 't', ' '], 2)?;
    let minute = after_char(&mut rest, &[':'], 2)?;
    let second = if rest.starts_with(':') { after_char(&mut rest, &[':'], 2)? } else { 0 };
    let nanosecond = fraction(&mut rest)?;
    let time = (i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, nanosecond);
    Some(Shape { date, time: Some(time), offset: offset(rest)? })
}

/// `None` is no offset at all (outer) or none given (inner).
#[expect(clippy::option_option, reason = "wrong and absent are two things")]
fn offset(text: &str) -> Option<Option<i32>> {
    let mut rest = text;
    let sign = match rest.chars().next() {
        None => return Some(None),
        Some('Z' | 'z') => return (rest.len() == 1).then_some(Some(0)),
        Some('+') => 1,
        Some('-') => -1,
        Some(_) => return None,
    };
    let hours = after_char(&mut rest, &['+', '-'], 2)?;
    let minutes = after_char(&mut rest, &[':'], 2)?;
    (rest.is_empty() && hours < 24 && minutes < 60).then_some(Some(sign * (hours * 60 + minutes) * 60))
}

/// `.5` as nanoseconds; 0 where there is no fraction.
fn fraction(rest: &mut &str) -> Option<i32> {
    let Some(tail) = rest.strip_prefix('.') else {
        return Some(0);
    };
    let count = tail.bytes().take_while(u8::is_ascii_digit).count();
    *rest = tail;
    let value = digits(rest, count)?;
    let scale = 9_u32.checked_sub(u32::try_from(count).ok()?)?;
    (count > 0).then(|| value * 10_i32.pow(scale))
}

fn after_char(rest: &mut &str, allowed: &[char], count: usize) -> Option<i32> {
    *rest = rest.strip_prefix(allowed)?;
    digits(rest, count)
}

fn digits(rest: &mut &str, count: usize) -> Option<i32> {
    let head = rest.get(..count)?;
    let tail = rest.get(count..)?;
    if count > 9 || !head.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    *rest = tail;
    if head.is_empty() { Some(0) } else { head.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(zone: &str, text: &str, expect: &str) {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let got = match parse_moment(text, &zone) {
            Ok(moment) => moment.to_string(),
            Err(message) => message,
        };
        assert!(got.starts_with(expect), "{text}: {got}");
    }

    #[test]
    fn moments_are_read_in_the_projects_time_zone() {
        check("Asia/Jakarta", "2026-11-28", "2026-11-27T17:00:00Z");
        check("Asia/Jakarta", "2026-11-27 18:00", "2026-11-27T11:00:00Z");
        check("Asia/Jakarta", "2026-11-27T18:00:30", "2026-11-27T11:00:30Z");
        check("Asia/Jakarta", "2026-11-27T18:00:00+08:00", "2026-11-27T10:00:00Z");
        check("Asia/Jakarta", "2026-11-27t18:00:00.25z", "2026-11-27T18:00:00.25Z");
        check("UTC", "2024-02-29", "2024-02-29T00:00:00Z");
    }

    #[test]
    fn what_is_no_moment_is_said_to_be_none() {
        for text in ["", "2026", "2026-11", "27.11.2026", "2026-11-27 18", "2026-11-27 18:00:00 +07:00"] {
            check("UTC", text, &format!("`{text}` is no moment; write `2026-11-27`"));
        }
        check("UTC", "2026-11-27T18:00:00+24:00", "`2026-11-27T18:00:00+24:00` is no moment");
        check("UTC", "2026-11-27T18:00:00.Z", "`2026-11-27T18:00:00.Z` is no moment");
        check("UTC", "2026-11-27T18:00:00ก", "`2026-11-27T18:00:00ก` is no moment");
        check("UTC", "2026-02-29", "`2026-02-29` names a day or time that no calendar has");
        check("UTC", "2026-11-27 24:00", "`2026-11-27 24:00` names a day or time that no calendar has");
    }

    #[test]
    fn a_local_time_that_is_skipped_or_repeated_is_refused() {
        check(
            "Europe/Berlin",
            "2026-03-29 02:30",
            "`2026-03-29 02:30` does not exist in Europe/Berlin: the clocks go forward then; \
             give the offset: `2026-03-29T02:30:00+01:00` or `2026-03-29T02:30:00+02:00`",
        );
        check(
            "Europe/Berlin",
            "2026-10-25 02:30",
            "`2026-10-25 02:30` exists twice in Europe/Berlin: the clocks go back then; \
             give the offset: `2026-10-25T02:30:00+02:00` or `2026-10-25T02:30:00+01:00`",
        );
        check("Europe/Berlin", "2026-03-29 03:00", "2026-03-29T01:00:00Z");
    }

    #[test]
    fn a_bare_date_is_its_first_instant_even_where_midnight_is_skipped() {
        check("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z");
        check("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z");
        check("Pacific/Apia", "2011-12-30", "`2011-12-30` does not exist in Pacific/Apia");
    }
}
