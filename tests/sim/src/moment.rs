//! Moments as text, both ways.

use crate::marketplace::Now;

/// `2026-11-24T16:00:00Z`.
#[must_use]
pub fn utc(now: Now) -> String {
    let seconds = now.seconds();
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// The civil date so many days after 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        assert_eq!(utc(Now(0)), "1970-01-01T00:00:00Z");
        assert_eq!(utc(Now(951_782_399_999)), "2000-02-28T23:59:59Z");
        assert_eq!(utc(Now(951_782_400_000)), "2000-02-29T00:00:00Z");
        assert_eq!(utc(Now(1_764_000_000_000)), "2025-11-24T16:00:00Z");
    }
}
