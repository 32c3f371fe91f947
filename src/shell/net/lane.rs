//! What all sessions of a store share: how many requests are under way at once.

use tokio::sync::{Semaphore, SemaphorePermit};

/// Requests side by side where nobody names a limit.
const CONCURRENCY: u32 = 8;
/// Requests side by side at most.
const CONCURRENCY_MAX: u32 = 64;

/// The way to one store.
#[derive(Debug)]
pub struct Lane {
    seats: Semaphore,
}

impl Lane {
    /// A lane for so many requests side by side; 0 for as many as is usual.
    pub fn new(concurrency: u32) -> Self {
        let concurrency = if concurrency == 0 { CONCURRENCY } else { concurrency.min(CONCURRENCY_MAX) };
        Self { seats: Semaphore::new(concurrency as usize) }
    }

    /// Waits until there is room for one more, first come, first served.
    pub(in crate::shell) async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        self.seats.acquire().await.ok()
    }
}
