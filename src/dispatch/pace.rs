//! How often a store may be asked, whoever asks: requests and cost points within the store's limits, and pauses that it wants.
//!
//! Time is what has passed since a moment of the caller's choice, and never goes back.

use super::CallLimits;
use std::time::Duration;

/// How much slower than allowed requests go: what the network does to their distances must not make them too many.
const MARGIN: f64 = 1.005;
/// How late a request may be and still count as on time: a caller wakes late, and that must not add up.
const LATE: Duration = Duration::from_millis(2);

/// The pace of one store, or of all stores of an account.
#[derive(Clone, PartialEq, Debug)]
pub struct Pace {
    requests: Option<Requests>,
    points: Option<Points>,
    paused_until: Duration,
}

/// Requests (the generic cell rate algorithm): no error adds up, since each turn is counted from the one before, not from now.
#[derive(Clone, PartialEq, Debug)]
struct Requests {
    limits: CallLimits,
    interval: Duration,
    /// How much earlier than its turn a request may go.
    ahead: Duration,
    /// When the next would be due at an even pace.
    next: Duration,
}

/// Cost points: a bucket that fills with time.
#[derive(Clone, PartialEq, Debug)]
struct Points {
    per_second: f64,
    maximum: f64,
    /// Below 0 after a request that costs more than the bucket holds.
    available: f64,
    at: Duration,
    /// Points of requests that have no answer yet.
    under_way: f64,
}

impl Pace {
    /// The pace that these limits allow; 0 is no limit. The bucket of points holds those of a second, until the store says more.
    pub fn new(limits: CallLimits, points_per_second: f64) -> Self {
        let points = (points_per_second.is_finite() && points_per_second > 0.0).then_some(Points {
            per_second: points_per_second,
            maximum: points_per_second,
            available: points_per_second,
            at: Duration::ZERO,
            under_way: 0.0,
        });
        Self { requests: Requests::new(limits), points, paused_until: Duration::ZERO }
    }

    /// Narrows the limits to those of another: of a second store of the same account.
    pub fn tighten(&mut self, other: CallLimits) {
        let Some(other) = Requests::new(other) else { return };
        self.requests = Some(match self.requests.take() {
            None => other,
            Some(ours) => ours.tightened(other.limits),
        });
    }

    /// Takes the turn of a request that costs so many points, or says when to ask again.
    ///
    /// # Errors
    /// The moment to ask again.
    pub fn take(&mut self, cost: f64, now: Duration) -> Result<(), Duration> {
        let cost = if cost.is_finite() { cost.max(0.0) } else { 0.0 };
        let points = self.points.as_mut().map_or(now, |points| points.ready(cost, now));
        let requests = self.requests.as_ref().map_or(now, Requests::ready);
        let ready = self.paused_until.max(points).max(requests);
        if ready > now {
            return Err(ready);
        }
        if let Some(requests) = &mut self.requests {
            requests.next = requests.next.max(now.saturating_sub(LATE)).saturating_add(requests.interval);
        }
        if let Some(points) = &mut self.points {
            points.available -= cost;
            points.under_way += cost;
        }
        Ok(())
    }

    /// A request that took its turn has its answer, or will get none.
    pub fn landed(&mut self, cost: f64) {
        if let Some(points) = &mut self.points {
            points.under_way = (points.under_way - cost.max(0.0)).max(0.0);
        }
    }

    /// What the store says of its bucket. It may not know yet of what is under way.
    pub fn budget(&mut self, available: f64, maximum: f64, per_second: f64, now: Duration) {
        let told = [available, maximum, per_second];
        if told.iter().any(|number| !number.is_finite()) || maximum <= 0.0 || per_second <= 0.0 {
            return;
        }
        let under_way = self.points.as_ref().map_or(0.0, |points| points.under_way);
        let available = available.min(maximum) - under_way;
        self.points = Some(Points { per_second, maximum, available, at: now, under_way });
    }

    /// Nothing is sent before this moment: the store said so.
    pub fn pause(&mut self, until: Duration) {
        self.paused_until = self.paused_until.max(until);
    }

    /// Until when the store wants not to be asked; in the past where it does not mind.
    pub fn paused_until(&self) -> Duration {
        self.paused_until
    }
}

impl Requests {
    fn new(limits: CallLimits) -> Option<Self> {
        let rate = limits.requests_per_second;
        let interval = (rate.is_finite() && rate > 0.0).then(|| MARGIN / rate)?;
        // A rate so small that a turn takes longer than anybody lives is none that can be kept.
        let interval =
            Duration::try_from_secs_f64(interval).unwrap_or(Duration::from_secs(u64::from(u32::MAX)));
        let ahead = interval.saturating_mul(limits.burst.saturating_sub(1));
        Some(Self { limits, interval, ahead, next: Duration::ZERO })
    }

    fn tightened(self, other: CallLimits) -> Self {
        let limits = CallLimits {
            requests_per_second: self.limits.requests_per_second.min(other.requests_per_second),
            burst: self.limits.burst.min(other.burst),
        };
        let next = self.next;
        Self::new(limits).map_or(self, |requests| Self { next, ..requests })
    }

    fn ready(&self) -> Duration {
        self.next.saturating_sub(self.ahead)
    }
}

impl Points {
    /// When so many points are there; what costs more than the bucket holds waits until it is full.
    fn ready(&mut self, cost: f64, now: Duration) -> Duration {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.available = self.maximum.min(self.available + passed * self.per_second / MARGIN);
        self.at = self.at.max(now);
        let missing = cost.min(self.maximum) - self.available;
        if cost <= 0.0 || missing <= 1e-9 {
            return now;
        }
        let wait = Duration::try_from_secs_f64(missing * MARGIN / self.per_second);
        now.saturating_add(wait.unwrap_or(Duration::MAX)).saturating_add(Duration::from_nanos(1))
    }
}

#[cfg(test)]
mod tests;
