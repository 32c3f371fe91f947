//! How rules and sync delay are varied.

use crate::rules::{BasisPoints, Declared, Levels, Rule, RuleSet};
use jiff::SignedDuration;
use std::fmt;

/// More variations are refused.
pub const VARIATIONS_MAX: usize = 100;

/// The longest delay, in seconds: thirty days.
const DELAY_SECONDS_MAX: u64 = 30 * 86_400;

/// How long after the event that caused it a number reaches a store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Delay {
    seconds: u64,
}

/// A delay that cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DelayFault;

/// One way in which orders are replayed. What is `None` is as the rules have it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Variation {
    /// The sync delay.
    pub delay: Delay,
    /// A rate in place of the rules' own.
    pub rate: Option<BasisPoints>,
    /// A threshold in place of the rules' own.
    pub threshold: Option<u32>,
    /// A reserve in place of the rules' own.
    pub reserve: Option<u32>,
}

/// Values that are all tried with each other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Grid {
    /// Sync delays.
    pub delays: Vec<Delay>,
    /// Rates.
    pub rates: Vec<BasisPoints>,
    /// Thresholds.
    pub thresholds: Vec<u32>,
    /// Reserves.
    pub reserves: Vec<u32>,
}

/// Why rules cannot be varied as is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unfit {
    /// What is wrong.
    pub message: String,
    /// How to put it right.
    pub help: String,
}

impl Delay {
    /// A delay of so many seconds.
    pub fn from_seconds(seconds: u64) -> Self {
        Self { seconds: seconds.min(DELAY_SECONDS_MAX) }
    }

    /// Reads `0s`, `90s`, `15m`, `2h`, `1d`.
    pub fn read(text: &str) -> Result<Self, DelayFault> {
        let units = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];
        let parts = units.iter().find_map(|&(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)));
        let (number, unit) = parts.ok_or(DelayFault)?;
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse::<u64>().ok().filter(|_| is_number);
        let seconds = number.and_then(|number| number.checked_mul(unit)).ok_or(DelayFault)?;
        if seconds > DELAY_SECONDS_MAX { Err(DelayFault) } else { Ok(Self { seconds }) }
    }

    /// In seconds.
    pub fn seconds(self) -> u64 {
        self.seconds
    }

    pub(super) fn duration(self) -> SignedDuration {
        SignedDuration::from_secs(self.seconds as i64)
    }
}

impl fmt::Display for Delay {
    /// In the largest unit that gives a whole number: `0s`, `90s`, `15m`, `2h`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
        let whole =
            units.iter().find(|(seconds, _)| self.seconds > 0 && self.seconds.is_multiple_of(*seconds));
        let (seconds, unit) = whole.unwrap_or(&(1, 's'));
        write!(out, "{}{unit}", self.seconds / seconds)
    }
}

impl fmt::Display for DelayFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a delay is a whole number and a unit, from `0s` to `30d`: `90s`, `15m`, `2h`")
    }
}

impl std::error::Error for DelayFault {}

impl Grid {
    /// Every combination, the rules as they are first, each with every delay. A value that stands twice counts once.
    pub fn variations(&self) -> Result<Vec<Variation>, Unfit> {
        let mut settings = vec![Variation::default()];
        for &rate in &options(&self.rates) {
            for &threshold in &options(&self.thresholds) {
                for &reserve in &options(&self.reserves) {
                    let setting = Variation { delay: Delay::default(), rate, threshold, reserve };
                    if !settings.contains(&setting) {
                        settings.push(setting);
                    }
                    if settings.len() > VARIATIONS_MAX {
                        return Err(too_many());
                    }
                }
            }
        }
        let mut delays = self.delays.clone();
        delays.sort_unstable();
        delays.dedup();
        if settings.len().saturating_mul(delays.len()) > VARIATIONS_MAX {
            return Err(too_many());
        }
        let with = |setting: Variation| delays.iter().map(move |&delay| Variation { delay, ..setting });
        Ok(settings.into_iter().flat_map(with).collect())
    }
}

/// Each of them; where there are none, what the rules have.
fn options<T: Copy>(values: &[T]) -> Vec<Option<T>> {
    if values.is_empty() { vec![None] } else { values.iter().copied().map(Some).collect() }
}

fn too_many() -> Unfit {
    Unfit {
        message: format!("more than {VARIATIONS_MAX} variations"),
        help: "every value is tried with every other: give fewer of them".to_owned(),
    }
}

impl Variation {
    /// What it changes of the rules: `rate 80%, reserve 2`; empty where they are as they are.
    pub fn label(&self) -> String {
        let rate = self.rate.map(|rate| format!("rate {rate}"));
        let threshold = self.threshold.map(|units| format!("threshold {units}"));
        let reserve = self.reserve.map(|units| format!("reserve {units}"));
        rate.into_iter().chain(threshold).chain(reserve).collect::<Vec<_>>().join(", ")
    }

    /// The rules with its values, in the rules named `only`, or in all. A store's own rate and reserve are replaced too.
    pub(super) fn apply(
        &self,
        rules: &RuleSet,
        declared: &Declared,
        only: &[String],
    ) -> Result<RuleSet, Unfit> {
        let mut varied = rules.rules().to_vec();
        let named = |rule: &&mut Rule| only.is_empty() || only.contains(&rule.name);
        for rule in varied.iter_mut().filter(named) {
            self.vary(rule)?;
        }
        Ok(RuleSet::new(varied, declared))
    }

    fn vary(&self, rule: &mut Rule) -> Result<(), Unfit> {
        if let Some(rate) = self.rate.filter(|rate| rule.split.is_some() && rate.0 > 10_000) {
            return Err(Unfit {
                message: format!("rule `{}` splits its stock and cannot have a rate of {rate}", rule.name),
                help: "give a rate up to 100%, or name other rules with `--rule`".to_owned(),
            });
        }
        let levels = std::iter::once(&mut rule.levels);
        for levels in levels.chain(rule.stores.iter_mut().map(|store| &mut store.levels)) {
            let Levels { reserve, rate, plus: _, round: _, floor: _, cap: _ } = levels;
            *rate = self.rate.unwrap_or(*rate);
            *reserve = self.reserve.unwrap_or(*reserve);
        }
        rule.threshold = self.threshold.unwrap_or(rule.threshold);
        // A priority that does not lie above the threshold is ignored, as in rules that are written so.
        rule.priority = rule.priority.filter(|priority| priority.below > rule.threshold);
        Ok(())
    }
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn delays_have_one_unit() {
        for (text, seconds, shown) in [
            ("0s", 0, "0s"),
            ("90s", 90, "90s"),
            ("15m", 900, "15m"),
            ("60m", 3_600, "1h"),
            ("30d", 2_592_000, "30d"),
        ] {
            let delay = Delay::read(text).expect("a delay");
            assert_eq!((delay.seconds(), delay.to_string().as_str()), (seconds, shown));
        }
        for wrong in ["", "5", "m", "-1m", "+1m", "1.5h", "31d", "1 m", "99999999999999999999s"] {
            assert_eq!(Delay::read(wrong), Err(DelayFault), "{wrong}");
        }
    }

    #[test]
    fn every_value_is_tried_with_every_other_and_the_rules_as_they_are() {
        let delay = |seconds| Delay::from_seconds(seconds);
        let grid = Grid {
            delays: vec![delay(60), delay(0), delay(60)],
            rates: vec![BasisPoints(10_000), BasisPoints(8_000)],
            thresholds: vec![],
            reserves: vec![0, 2],
        };
        let variations = grid.variations().expect("few");
        let told: Vec<_> = variations.iter().map(|one| format!("{} {}", one.label(), one.delay)).collect();
        assert_eq!(told[..4], [" 0s", " 1m", "rate 100%, reserve 0 0s", "rate 100%, reserve 0 1m"]);
        assert_eq!(told.len(), 10);
        let many = Grid { reserves: (0..101).collect(), delays: vec![delay(0)], ..Grid::default() };
        assert_eq!(
            many.variations().map_err(|unfit| unfit.message),
            Err("more than 100 variations".to_owned())
        );
    }
}
