//! What writing would take: how many requests, and how long under a store's limits.

use super::BatchLimits;

/// How often a store may be asked. 0 is no limit.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct CallLimits {
    /// Requests a second.
    pub requests_per_second: f64,
    /// Requests that may be sent at once after a pause.
    pub burst: u32,
}

impl CallLimits {
    /// These limits, or a lower rate that is asked for, which then goes without a burst.
    #[must_use]
    pub fn at_most(self, requests_per_second: Option<f64>) -> Self {
        match requests_per_second {
            Some(ours) if self.requests_per_second <= 0.0 || ours < self.requests_per_second => {
                Self { requests_per_second: ours, burst: 1 }
            }
            _ => self,
        }
    }
}

/// How many requests a number of writes takes, where every batch is one request.
pub fn requests(items: u64, limits: &BatchLimits) -> u64 {
    match limits.items_max {
        0 => u64::from(items > 0),
        items_max => items.div_ceil(u64::from(items_max)),
    }
}

/// The milliseconds until the last of these requests may be sent; 0 where there is no limit.
///
/// The first `burst` requests (at least one) go at once, each other waits its turn.
pub fn milliseconds(requests: u64, limits: &CallLimits) -> u64 {
    let rate = limits.requests_per_second;
    if !(rate.is_finite() && rate > 0.0) {
        return 0;
    }
    let waiting = requests.saturating_sub(u64::from(limits.burst.max(1)));
    (waiting as f64 * 1000.0 / rate).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_full_batches_and_a_rest() {
        for (items, items_max, expected) in
            [(0, 0, 0), (0, 9, 0), (5, 0, 1), (1, 100, 1), (100, 100, 1), (101, 100, 2), (1278, 100, 13)]
        {
            assert_eq!(
                requests(items, &BatchLimits { items_max, bytes_max: 0 }),
                expected,
                "{items}/{items_max}"
            );
        }
    }

    #[test]
    fn a_lower_rate_that_is_asked_for_counts() {
        let limits = |requests_per_second, burst| CallLimits { requests_per_second, burst };
        for (theirs, ours, expected) in [
            (limits(10.0, 5), None, limits(10.0, 5)),
            (limits(10.0, 5), Some(20.0), limits(10.0, 5)),
            (limits(10.0, 5), Some(2.0), limits(2.0, 1)),
            (limits(0.0, 0), Some(2.0), limits(2.0, 1)),
        ] {
            assert_eq!(theirs.at_most(ours), expected, "{theirs:?} {ours:?}");
        }
    }

    #[test]
    fn time_is_what_the_limit_makes_wait() {
        for (requests, requests_per_second, burst, expected) in [
            (13, 5.0, 0, 2400),
            (13, 5.0, 1, 2400),
            (13, 5.0, 3, 2000),
            (2, 5.0, 3, 0),
            (0, 5.0, 0, 0),
            (13, 0.0, 0, 0),
            (13, -1.0, 0, 0),
            (13, f64::NAN, 0, 0),
            (13, f64::INFINITY, 0, 0),
            (2, 3.0, 1, 334),
            (u64::MAX, 1e-300, 0, u64::MAX),
        ] {
            let limits = CallLimits { requests_per_second, burst };
            assert_eq!(milliseconds(requests, &limits), expected, "{requests} at {requests_per_second}");
        }
    }
}
