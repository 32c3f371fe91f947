//! How many threads a stage may use. What a stage gives never depends on it.

mod row;

use std::num::NonZero;
use std::sync::Mutex;
use std::thread;

/// No more threads than these help: they wait for the same memory.
const THREADS_MAX: usize = 16;

/// With fewer than these another thread is not up to speed before the first has done it all.
const ITEMS_A_THREAD: usize = 20_000;

/// A number of threads, given by who knows the machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Threads(NonZero<usize>);

impl Threads {
    /// The caller's own, and no other.
    pub const ONE: Self = Self(NonZero::<usize>::MIN);

    /// So many, and 16 at most.
    pub fn new(count: NonZero<usize>) -> Self {
        Self(count.min(NonZero::new(THREADS_MAX).unwrap_or(count)))
    }

    /// How many.
    pub fn count(self) -> usize {
        self.0.get()
    }

    /// So many, but none that would get less work than starting it takes: `items` are rows, SKUs or alike.
    #[must_use]
    pub fn for_work(self, items: usize) -> Self {
        self.for_items(items, ITEMS_A_THREAD)
    }

    /// So many, but none that would get fewer than `each` of the items.
    #[must_use]
    pub fn for_items(self, items: usize, each: usize) -> Self {
        let most = items.checked_div(each).and_then(NonZero::new);
        most.map_or(Self::ONE, |most| Self(self.0.min(most)))
    }

    /// Does each job, several at a time; the results stand in the order of the jobs.
    pub fn each<J: Send, T: Send>(
        self,
        jobs: impl IntoIterator<Item = J, IntoIter: Send>,
        work: impl Fn(J) -> T + Sync,
    ) -> Vec<T> {
        let jobs = Mutex::new(jobs.into_iter().enumerate());
        let next = || jobs.lock().ok().and_then(|mut jobs| jobs.next());
        let mut done: Vec<(usize, T)> = self
            .together(|_| {
                let mut done = Vec::new();
                while let Some((number, job)) = next() {
                    done.push((number, work(job)));
                }
                done
            })
            .into_iter()
            .flatten()
            .collect();
        done.sort_unstable_by_key(|(number, _)| *number);
        done.into_iter().map(|(_, result)| result).collect()
    }

    /// Does the same work on every thread, which is told its number from 0; the results stand in that order.
    pub fn together<T: Send>(self, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
        if self == Self::ONE {
            return vec![work(0)];
        }
        thread::scope(|scope| {
            let work = &work;
            let others: Vec<_> = (1..self.count()).map(|number| scope.spawn(move || work(number))).collect();
            let mut results = vec![work(0)];
            for other in others {
                match other.join() {
                    Ok(result) => results.push(result),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            results
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_jobs() {
        for count in [1, 2, 3, 64] {
            let threads = NonZero::new(count).map_or(Threads::ONE, Threads::new);
            let doubled = threads.each(0..1000, |number| number * 2);
            assert_eq!(doubled, (0..1000).map(|number| number * 2).collect::<Vec<_>>());
            let numbers = threads.together(|number| number);
            assert_eq!(numbers, (0..count.min(16)).collect::<Vec<_>>());
        }
        assert!(Threads::ONE.each(Vec::<u8>::new(), |job| job).is_empty());
    }
}
