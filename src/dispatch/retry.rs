//! Whether and when a request is sent again. Randomness comes in as an argument.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use std::time::Duration;

/// How often and how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetryLimits {
    /// Times that a request is sent, the first among them.
    pub attempts_max: u32,
    /// How long after the first time it may still be sent, in milliseconds.
    pub elapsed_ms_max: u64,
    /// The longest pause after the first time, in milliseconds; each further one may be twice as long.
    pub backoff_ms_first: u64,
    /// The longest pause, in milliseconds.
    pub backoff_ms_max: u64,
}

impl Default for RetryLimits {
    fn default() -> Self {
        Self { attempts_max: 6, elapsed_ms_max: 180_000, backoff_ms_first: 500, backoff_ms_max: 30_000 }
    }
}

impl RetryLimits {
    /// How long is waited after so many failures, the first among them.
    ///
    /// Full jitter: anything from nothing to the longest pause, so that many who failed together do not come back together.
    pub fn pause(&self, failures: u32, random: u64) -> Duration {
        let doubled = 1_u64.checked_shl(failures.saturating_sub(1)).unwrap_or(u64::MAX);
        let longest = self.backoff_ms_first.saturating_mul(doubled).min(self.backoff_ms_max);
        Duration::from_millis(random % longest.saturating_add(1))
    }
}

/// How a request ended that may be sent again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// No connection.
    Connect,
    /// No answer in time, or one that broke off.
    Lost,
    /// This HTTP status, and what `Retry-After` says.
    Status(u16, Option<Duration>),
}

impl Ending {
    /// Whether another time may end better.
    pub fn may_pass(self) -> bool {
        match self {
            Ending::Connect | Ending::Lost => true,
            // What is not implemented will not be in a second either.
            Ending::Status(status, _) => {
                status == 429 || (500..600).contains(&status) && !matches!(status, 501 | 505)
            }
        }
    }

    /// Whether the store itself is in trouble, as opposed to busy or not pleased with the request.
    pub fn is_failure(self) -> bool {
        self.may_pass() && !matches!(self, Ending::Status(429, _))
    }
}

/// The times that one request is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retry {
    limits: RetryLimits,
    attempts: u32,
    started: Duration,
}

impl Retry {
    /// A request that is about to be sent for the first time. Time is what has passed since a moment of the caller's choice.
    pub fn new(limits: RetryLimits, now: Duration) -> Self {
        Self { limits, attempts: 0, started: now }
    }

    /// When an idempotent request that ended so is sent again; `None` where that is its end.
    ///
    /// What `Retry-After` asks for is waited for on top of the pause.
    pub fn again(&mut self, ending: Ending, now: Duration, random: u64) -> Option<Duration> {
        self.attempts += 1;
        if !ending.may_pass() || self.attempts >= self.limits.attempts_max {
            return None;
        }
        let jitter = self.limits.pause(self.attempts, random);
        let asked = match ending {
            Ending::Status(_, Some(asked)) => asked,
            _ => Duration::ZERO,
        };
        let moment = now.checked_add(asked)?.checked_add(jitter)?;
        let latest = self.started.saturating_add(Duration::from_millis(self.limits.elapsed_ms_max));
        (moment <= latest).then_some(moment)
    }
}

/// What `Retry-After` asks for: seconds, or the time until an HTTP date.
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(Duration::try_from(moment.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: RetryLimits =
        RetryLimits { attempts_max: 5, elapsed_ms_max: 10_000, backoff_ms_first: 100, backoff_ms_max: 500 };

    #[test]
    fn pauses_double_up_to_a_limit_and_end() {
        let mut retry = Retry::new(LIMITS, Duration::ZERO);
        let longest: Vec<_> = [100_u64, 200, 400, 500]
            .iter()
            .map(|longest| {
                retry.again(Ending::Lost, Duration::ZERO, *longest).map(|moment| moment.as_millis())
            })
            .collect();
        assert_eq!(longest, [Some(100), Some(200), Some(400), Some(500)]);
        assert_eq!(retry.again(Ending::Lost, Duration::ZERO, 0), None);
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for (ending, may_pass, is_failure) in [
            (Ending::Connect, true, true),
            (Ending::Lost, true, true),
            (Ending::Status(200, None), false, false),
            (Ending::Status(400, None), false, false),
            (Ending::Status(401, None), false, false),
            (Ending::Status(408, None), false, false),
            (Ending::Status(429, None), true, false),
            (Ending::Status(500, None), true, true),
            (Ending::Status(501, None), false, false),
            (Ending::Status(503, None), true, true),
            (Ending::Status(600, None), false, false),
        ] {
            assert_eq!((ending.may_pass(), ending.is_failure()), (may_pass, is_failure), "{ending:?}");
            let again = Retry::new(LIMITS, Duration::ZERO).again(ending, Duration::ZERO, 0);
            assert_eq!(again.is_some(), may_pass, "{ending:?}");
        }
    }

    #[test]
    fn what_the_store_asks_for_is_waited_for_unless_it_is_too_long() {
        let asked = |seconds| Ending::Status(429, Some(Duration::from_secs(seconds)));
        let again = |ending| Retry::new(LIMITS, Duration::ZERO).again(ending, Duration::from_secs(1), 7);
        assert_eq!(again(asked(3)), Some(Duration::from_millis(4_007)));
        assert_eq!(again(asked(10)), None);
        assert_eq!(again(asked(u64::MAX)), None);
    }

    #[test]
    fn seconds_and_dates_are_read() {
        let now: Timestamp = "2015-10-21T07:28:00Z".parse().unwrap();
        for (value, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Wed, 21 Oct 2015 07:29:30 GMT", Some(90)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
            ("", None),
        ] {
            assert_eq!(retry_after(value, now), seconds.map(Duration::from_secs), "{value}");
        }
    }

    proptest! {
        #[test]
        fn it_ends_in_time_and_within_its_attempts(
            random in prop::collection::vec(any::<u64>(), 20),
            took_ms in 0_u64..5_000,
            asked in prop::option::of(0_u64..4),
        ) {
            let mut retry = Retry::new(LIMITS, Duration::ZERO);
            let mut now = Duration::ZERO;
            let mut sent = 1;
            for random in random {
                now += Duration::from_millis(took_ms);
                let ending = Ending::Status(503, asked.map(Duration::from_secs));
                let Some(moment) = retry.again(ending, now, random) else { break };
                prop_assert!(moment >= now + Duration::from_secs(asked.unwrap_or(0)));
                prop_assert!(moment <= Duration::from_millis(LIMITS.elapsed_ms_max));
                now = moment;
                sent += 1;
            }
            prop_assert!(sent <= LIMITS.attempts_max);
        }
    }
}
