//! Which call into a connector is under way, and since when: for somebody who looks on from another thread.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A call into a connector.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::shell) enum Call {
    Open,
    Step,
    Close,
}

/// Calls of one thread.
#[derive(Debug)]
pub(in crate::shell) struct Clock {
    made: Instant,
    /// Nothing, or which call and when it began: milliseconds since the clock was made, and two bits.
    call: AtomicU64,
}

impl Clock {
    pub(in crate::shell) fn new() -> Self {
        Self { made: Instant::now(), call: AtomicU64::new(0) }
    }

    /// Makes a call.
    pub(in crate::shell) fn during<T>(&self, call: Call, work: impl FnOnce() -> T) -> T {
        let bits = match call {
            Call::Open => 1,
            Call::Step => 2,
            Call::Close => 3,
        };
        self.call.store(self.now() << 2 | bits, Ordering::Relaxed);
        let done = work();
        self.call.store(0, Ordering::Relaxed);
        done
    }

    /// The call that has been under way for so long, if there is one; else how long one may still take that is or that begins now.
    pub(in crate::shell) fn overdue(&self, step_max: Duration) -> Result<&'static str, Duration> {
        let call = self.call.load(Ordering::Relaxed);
        let name = match call & 3 {
            0 => return Err(step_max),
            1 => "open",
            2 => "step",
            _ => "close",
        };
        let taken = Duration::from_millis(self.now().saturating_sub(call >> 2));
        if taken < step_max { Err(step_max - taken) } else { Ok(name) }
    }

    fn now(&self) -> u64 {
        // 62 bits of milliseconds are more than anybody has.
        u64::try_from(self.made.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_overdue_when_it_takes_its_time() {
        let (clock, long) = (Clock::new(), Duration::from_secs(60));
        assert_eq!(clock.overdue(long), Err(long));
        for (call, name) in [(Call::Open, "open"), (Call::Step, "step"), (Call::Close, "close")] {
            let seen = clock.during(call, || (clock.overdue(Duration::ZERO), clock.overdue(long)));
            assert_eq!(seen.0, Ok(name));
            assert!(seen.1.is_err_and(|left| left <= long));
        }
        assert_eq!(clock.overdue(Duration::ZERO), Err(Duration::ZERO));
    }
}
