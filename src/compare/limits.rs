//! `--fail-on to_zero>0,changed>5%`: how much may differ.

use super::{Counts, Effect};
use crate::rules::{BasisPoints, basis_points};
use std::fmt;

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Metric {
    /// Listings that differ.
    Changed,
    /// Listings with an effect.
    Effect(Effect),
}

/// More than this is too much.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// Of what.
    pub metric: Metric,
    /// Listings, or their share.
    max: Max,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Max {
    Count(u64),
    Share(BasisPoints),
}

/// Why a limit cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LimitFault(String);

impl Metric {
    fn name(self) -> &'static str {
        match self {
            Metric::Changed => "changed",
            Metric::Effect(effect) => effect.name(),
        }
    }

    fn all() -> impl Iterator<Item = Metric> {
        std::iter::once(Metric::Changed).chain(Effect::ALL.map(Metric::Effect))
    }

    fn of(self, counts: &Counts) -> u64 {
        match self {
            Metric::Changed => counts.changed(),
            Metric::Effect(effect) => counts.of(effect),
        }
    }

    /// What a share is of: for drops to zero the listings that were above it, else all.
    fn whole(self, counts: &Counts) -> u64 {
        if self == Metric::Effect(Effect::ToZero) { counts.above_zero } else { counts.rows }
    }
}

impl Limit {
    /// Reads a list of limits: `METRIC>NUMBER` or `METRIC>PERCENT%`, separated by commas.
    pub fn read_all(text: &str) -> Result<Vec<Limit>, LimitFault> {
        text.split(',').map(|one| Self::read(one.trim())).collect()
    }

    fn read(text: &str) -> Result<Limit, LimitFault> {
        let form = || LimitFault(format!("`{text}` is no limit: write `to_zero>0` or `changed>5%`"));
        let (name, max) = text.split_once('>').ok_or_else(form)?;
        let (name, max) = (name.trim(), max.trim());
        let metric = Metric::all().find(|metric| metric.name() == name).ok_or_else(|| {
            let known: Vec<&str> = Metric::all().map(Metric::name).collect();
            LimitFault(format!("nothing is counted as `{name}`: there are {}", known.join(", ")))
        })?;
        let max = match max.strip_suffix('%') {
            None => max.parse().ok().map(Max::Count),
            Some(percent) => {
                let points = basis_points(percent).and_then(Result::ok);
                points.and_then(|points| points.try_into().ok()).map(|points| Max::Share(BasisPoints(points)))
            }
        };
        Ok(Limit { metric, max: max.ok_or_else(form)? })
    }

    /// What is said where more differs than may.
    pub fn exceeded(&self, counts: &Counts) -> Option<String> {
        let (count, whole) = (self.metric.of(counts), self.metric.whole(counts));
        let exceeds = match self.max {
            Max::Count(max) => count > max,
            Max::Share(max) => u128::from(count) * 10_000 > u128::from(whole) * u128::from(max.0),
        };
        let of = if matches!(self.max, Max::Count(_)) { String::new() } else { format!(" of {whole}") };
        exceeds.then(|| format!("{self}: {count}{of}"))
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.metric.name();
        match self.max {
            Max::Count(max) => write!(out, "{name}>{max}"),
            Max::Share(max) => write!(out, "{name}>{max}"),
        }
    }
}

impl fmt::Display for LimitFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        // 200 listings, 40 above zero: 3 to zero, 5 lower, 2 raised, 1 left alone.
        let counts = Counts { rows: 200, above_zero: 40, effects: [3, 5, 2, 1, 0] };
        let limits = Limit::read_all(text).map_err(|fault| fault.to_string());
        let said = match limits {
            Ok(limits) => limits.iter().filter_map(|limit| limit.exceeded(&counts)).collect(),
            Err(fault) => vec![fault],
        };
        assert_eq!(said, expect, "{text}");
    }

    #[test]
    fn limits() {
        check("to_zero>0", &["to_zero>0: 3"]);
        check("to_zero>3, changed > 10", &["changed>10: 11"]);
        check("to_zero>7.49%", &["to_zero>7.49%: 3 of 40"]);
        check("to_zero>7.5%", &[]);
        check("to_zero>7.40%", &["to_zero>7.4%: 3 of 40"]);
        check(
            "changed>5.5%,lower>2%,raise>1%,left_alone>0,taken>0",
            &["lower>2%: 5 of 200", "left_alone>0: 1"],
        );
    }

    #[test]
    fn what_is_no_limit() {
        let form = |text: &str| format!("`{text}` is no limit: write `to_zero>0` or `changed>5%`");
        for text in [
            "",
            "to_zero",
            "to_zero=0",
            "to_zero>",
            "to_zero>x",
            "to_zero>-1",
            "changed>5.%",
            "changed>1.234%",
            "changed>%",
        ] {
            check(text, &[&form(text)]);
        }
        check(
            "zero>0",
            &["nothing is counted as `zero`: there are changed, to_zero, lower, raise, left_alone, taken"],
        );
    }
}
