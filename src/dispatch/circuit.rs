//! Whether a store is asked at all: one that failed many times in a row is left alone for a while, then tried by a single request.

use std::time::Duration;

/// When a store is left alone, and for how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CircuitLimits {
    /// Failures in a row after which it is.
    pub failures_max: u32,
    /// The first pause, in milliseconds; each further one is twice as long.
    pub pause_ms_first: u64,
    /// The longest pause, in milliseconds.
    pub pause_ms_max: u64,
    /// How long the trying request may be without an end, in milliseconds, before another one tries.
    pub probe_ms_max: u64,
}

impl Default for CircuitLimits {
    fn default() -> Self {
        // A third of all answers may fail by chance: twenty in a row of them then come once in three thousand million.
        Self { failures_max: 20, pause_ms_first: 2_000, pause_ms_max: 120_000, probe_ms_max: 180_000 }
    }
}

/// The circuit of one store. Time is what has passed since a moment of the caller's choice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Circuit {
    limits: CircuitLimits,
    failures: u32,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Closed,
    Open { until: Duration, pause: Duration },
    Probing { until: Duration, pause: Duration },
}

/// Whether a request may be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    /// It may.
    Open,
    /// Not before this moment, and then not for sure.
    Shut(Duration),
    /// Another request tries the store; its end is near.
    Tried,
}

impl Circuit {
    /// The circuit of a store of which nothing bad is known.
    pub fn new(limits: CircuitLimits) -> Self {
        Self { limits, failures: 0, state: State::Closed }
    }

    /// Whether a request may be sent now. Who is let through tells its end by [`Self::settled`].
    pub fn ask(&mut self, now: Duration) -> Gate {
        match self.state {
            State::Closed => Gate::Open,
            State::Open { until, .. } if now < until => Gate::Shut(until),
            State::Probing { until, .. } if now < until => Gate::Tried,
            State::Open { pause, .. } | State::Probing { pause, .. } => {
                let until = now.saturating_add(Duration::from_millis(self.limits.probe_ms_max));
                self.state = State::Probing { until, pause };
                Gate::Open
            }
        }
    }

    /// How a request ended that was sent.
    pub fn settled(&mut self, is_failure: bool, now: Duration) {
        if !is_failure {
            *self = Self::new(self.limits);
            return;
        }
        self.failures = self.failures.saturating_add(1);
        let longest = Duration::from_millis(self.limits.pause_ms_max);
        let pause = match self.state {
            State::Closed if self.failures < self.limits.failures_max => return,
            // One that was sent before: it says nothing new.
            State::Open { .. } => return,
            State::Closed => Duration::from_millis(self.limits.pause_ms_first),
            State::Probing { pause, .. } => pause.saturating_mul(2),
        };
        let pause = pause.min(longest);
        self.state = State::Open { until: now.saturating_add(pause), pause };
    }

    /// When it may be asked again; `None` where it may now.
    pub fn shut_until(&self) -> Option<Duration> {
        match self.state {
            State::Closed => None,
            State::Open { until, .. } | State::Probing { until, .. } => Some(until),
        }
    }

    /// Failures in a row, as they stand.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// How long the store is left alone this time; nothing where it is not.
    pub fn pause(&self) -> Duration {
        match self.state {
            State::Closed => Duration::ZERO,
            State::Open { pause, .. } | State::Probing { pause, .. } => pause,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: CircuitLimits =
        CircuitLimits { failures_max: 3, pause_ms_first: 100, pause_ms_max: 300, probe_ms_max: 1_000 };

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// A circuit that opened at 0.
    fn open() -> Circuit {
        let mut circuit = Circuit::new(LIMITS);
        (0..3).for_each(|_| circuit.settled(true, at(0)));
        circuit
    }

    #[test]
    fn it_opens_after_failures_in_a_row_alone() {
        let mut circuit = Circuit::new(LIMITS);
        for is_failure in [true, true, false, true, true] {
            circuit.settled(is_failure, at(0));
            assert_eq!(circuit.ask(at(0)), Gate::Open);
        }
        circuit.settled(true, at(0));
        assert_eq!(circuit.pause(), at(100));
        assert_eq!(circuit.ask(at(0)), Gate::Shut(at(100)));
    }

    #[test]
    fn one_request_tries_and_its_end_decides() {
        let mut circuit = open();
        assert_eq!(circuit.ask(at(100)), Gate::Open);
        assert_eq!(circuit.ask(at(100)), Gate::Tried);
        let mut good = circuit;
        good.settled(false, at(150));
        assert_eq!((good.ask(at(150)), good.pause(), good.failures()), (Gate::Open, at(0), 0));
        for (now, until) in [(150, 350), (350, 650), (650, 950)] {
            circuit.settled(true, at(now));
            assert_eq!(circuit.ask(at(now)), Gate::Shut(at(until)));
            assert_eq!(circuit.ask(at(until)), Gate::Open);
        }
    }

    #[test]
    fn late_ends_of_old_requests_do_not_prolong_the_pause_and_a_good_one_ends_it() {
        let mut circuit = open();
        circuit.settled(true, at(50));
        assert_eq!(circuit.ask(at(60)), Gate::Shut(at(100)));
        circuit.settled(false, at(70));
        assert_eq!(circuit.ask(at(70)), Gate::Open);
    }

    #[test]
    fn a_trial_that_never_ends_is_followed_by_another() {
        let mut circuit = open();
        assert_eq!(circuit.ask(at(100)), Gate::Open);
        assert_eq!(circuit.ask(at(1_100)), Gate::Open);
    }
}
