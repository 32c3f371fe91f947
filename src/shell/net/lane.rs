//! The way to one store, shared by all its sessions: how many requests are under way, how often they go, and whether it answers at all.

use super::NetSettings;
use crate::dispatch::{CallLimits, Circuit, Ending, Gate, Pace};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// Requests side by side where nobody names a limit.
const CONCURRENCY: u32 = 8;
/// Requests side by side at most.
const CONCURRENCY_MAX: u32 = 64;
/// A store that does not answer is waited for as long as its pauses are no longer than this; then requests fail at once.
const PAUSE_MS_WAITED_MAX: u64 = 10_000;
/// How long a pause may be that a store asks for; with a longer one requests fail at once, in milliseconds.
const ASKED_MS_WAITED_MAX: u64 = 180_000;
/// How often those look who wait for another's trial.
const LOOK_MS: u64 = 50;

/// The way to one store.
#[derive(Debug)]
pub struct Lane {
    seats: Semaphore,
    circuit: Mutex<Circuit>,
    pace: Arc<Turns>,
}

/// The pace of one store, or of all stores of an account: who waits for a turn gets it in the order in which they came.
#[derive(Debug)]
pub struct Turns {
    queue: tokio::sync::Mutex<()>,
    pace: Mutex<Pace>,
    began: Instant,
}

/// A request under way.
pub(in crate::shell) struct Going<'a> {
    pace: &'a Turns,
    cost: f64,
}

impl Drop for Going<'_> {
    fn drop(&mut self) {
        self.pace.pace().landed(self.cost);
    }
}

impl Turns {
    /// A pace that begins now.
    pub fn new(limits: CallLimits, points_per_second: f64) -> Self {
        let pace = Mutex::new(Pace::new(limits, points_per_second));
        Self { queue: tokio::sync::Mutex::default(), pace, began: Instant::now() }
    }

    /// Narrows the limits to those of another store of the account.
    pub fn tighten(&self, limits: CallLimits) {
        self.pace().tighten(limits);
    }

    /// What the store says of its cost points.
    pub(in crate::shell) fn budget(&self, available: f64, maximum: f64, per_second: f64) {
        self.pace().budget(available, maximum, per_second, self.now());
    }

    fn pause(&self, asked: Duration) {
        self.pace().pause(self.now().saturating_add(asked));
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn take(&self, cost: f64) -> Result<Going<'_>, String> {
        let _turn = self.queue.lock().await;
        loop {
            let now = self.now();
            let (taken, paused_until) = {
                let mut pace = self.pace();
                (pace.take(cost, now), pace.paused_until())
            };
            let pause = paused_until.saturating_sub(now);
            match taken {
                Ok(()) => return Ok(Going { pace: self, cost }),
                Err(_) if pause > Duration::from_millis(ASKED_MS_WAITED_MAX) => {
                    return Err(format!("the store asks not to be asked for {} s", pause.as_secs()));
                }
                Err(again) => tokio::time::sleep(again.saturating_sub(now)).await,
            }
        }
    }
}

impl Lane {
    /// A lane for so many requests side by side (0 for as many as is usual), at this pace.
    pub fn new(concurrency: u32, pace: Arc<Turns>, settings: &NetSettings) -> Self {
        let concurrency = if concurrency == 0 { CONCURRENCY } else { concurrency.min(CONCURRENCY_MAX) };
        let circuit = Mutex::new(Circuit::new(settings.circuit));
        Self { seats: Semaphore::new(concurrency as usize), circuit, pace }
    }

    /// Its pace.
    pub fn turns(&self) -> &Turns {
        &self.pace
    }

    /// Waits until there is room for one more, first come, first served.
    pub(in crate::shell) async fn seat(&self) -> Option<SemaphorePermit<'_>> {
        self.seats.acquire().await.ok()
    }

    /// Waits for the turn of a request that costs so many points.
    ///
    /// # Errors
    /// Why it is not sent at all.
    pub(in crate::shell) async fn go(&self, cost: f64) -> Result<Going<'_>, String> {
        self.gate().await?;
        self.pace.take(cost).await
    }

    /// How a request ended that went.
    pub(in crate::shell) fn settled(&self, ending: Option<Ending>) {
        if let Some(Ending::Status(_, Some(asked))) = ending {
            self.pace.pause(asked);
        }
        let is_failure = ending.is_some_and(Ending::is_failure);
        self.circuit().settled(is_failure, self.pace.now());
    }

    async fn gate(&self) -> Result<(), String> {
        loop {
            let now = self.pace.now();
            let (gate, pause, failures) = {
                let mut circuit = self.circuit();
                (circuit.ask(now), circuit.pause(), circuit.failures())
            };
            let wait = match gate {
                Gate::Open => return Ok(()),
                Gate::Shut(until) => until.saturating_sub(now),
                Gate::Tried => Duration::from_millis(LOOK_MS),
            };
            if pause > Duration::from_millis(PAUSE_MS_WAITED_MAX) {
                return Err(format!("not asked: {failures} requests in a row got no answer from the store"));
            }
            tokio::time::sleep(wait).await;
        }
    }

    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
