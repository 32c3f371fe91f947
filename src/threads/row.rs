//! Results that are handed on in a row while the next ones are made.

use super::Threads;
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// So many results of each thread wait to be handed on, at most.
const WAITING_A_THREAD: usize = 4;

impl Threads {
    /// Does each job, several at a time, and hands the results on in the order of the jobs, on the caller's thread, as they come. What was handed on
    /// is given back and is room for another result: `work` is given such, or an empty one.
    ///
    /// # Errors
    /// The first of `hand_on`; no other result is handed on then.
    pub fn in_a_row<J: Send, T: Send + Default, E>(
        self,
        jobs: impl IntoIterator<Item = J, IntoIter: Send>,
        work: impl Fn(J, &mut T) + Sync,
        mut hand_on: impl FnMut(&mut T) -> Result<(), E>,
    ) -> Result<(), E> {
        if self == Self::ONE {
            let mut room = T::default();
            return jobs.into_iter().try_for_each(|job| {
                work(job, &mut room);
                hand_on(&mut room)
            });
        }
        let row = Row::new(jobs.into_iter(), self.count() * WAITING_A_THREAD);
        thread::scope(|scope| {
            let _end = End(&row);
            for _ in 0..self.count() {
                scope.spawn(|| {
                    let _end = End(&row);
                    while let Some((number, job, mut room)) = row.next_job() {
                        work(job, &mut room);
                        row.put(number, room);
                    }
                });
            }
            while let Some(mut result) = row.next_result() {
                hand_on(&mut result)?;
                row.give_back(result);
            }
            Ok(())
        })
    }
}

/// Jobs on one side, results on the other.
struct Row<I, T> {
    state: Mutex<State<I, T>>,
    changed: Condvar,
    waiting_max: usize,
}

struct State<I, T> {
    jobs: I,
    /// How many jobs were given out.
    begun: usize,
    /// How many results were handed on.
    handed_on: usize,
    done: BTreeMap<usize, T>,
    spare: Vec<T>,
    /// Whether no more jobs are given out, and their number is known.
    is_over: bool,
    /// Whether nobody is to wait any more.
    is_given_up: bool,
}

impl<J, I: Iterator<Item = J>, T: Default> Row<I, T> {
    fn new(jobs: I, waiting_max: usize) -> Self {
        let (done, spare) = (BTreeMap::new(), Vec::new());
        let state = State { jobs, begun: 0, handed_on: 0, done, spare, is_over: false, is_given_up: false };
        Self { state: Mutex::new(state), changed: Condvar::new(), waiting_max }
    }

    fn lock(&self) -> MutexGuard<'_, State<I, T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State<I, T>>) -> MutexGuard<'s, State<I, T>> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job with its number and room for its result, once not too many results wait.
    fn next_job(&self) -> Option<(usize, J, T)> {
        let mut state = self.lock();
        while !state.is_given_up && !state.is_over && state.begun - state.handed_on >= self.waiting_max {
            state = self.wait(state);
        }
        let job = if state.is_given_up || state.is_over { None } else { state.jobs.next() };
        let Some(job) = job else {
            state.is_over = true;
            self.changed.notify_all();
            return None;
        };
        let number = state.begun;
        state.begun += 1;
        Some((number, job, state.spare.pop().unwrap_or_default()))
    }

    fn put(&self, number: usize, result: T) {
        self.lock().done.insert(number, result);
        self.changed.notify_all();
    }

    /// The next result in order; `None` after the last.
    fn next_result(&self) -> Option<T> {
        let mut state = self.lock();
        loop {
            let next = state.handed_on;
            if let Some(result) = state.done.remove(&next) {
                return Some(result);
            }
            if state.is_given_up || (state.is_over && next == state.begun) {
                return None;
            }
            state = self.wait(state);
        }
    }

    fn give_back(&self, room: T) {
        let mut state = self.lock();
        state.handed_on += 1;
        state.spare.push(room);
        self.changed.notify_all();
    }
}

/// The end of one side by a fault or a panic is the end of the other, which would wait for it.
struct End<'r, J, I: Iterator<Item = J>, T: Default>(&'r Row<I, T>);

impl<J, I: Iterator<Item = J>, T: Default> Drop for End<'_, J, I, T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_given_up |= thread::panicking();
        state.is_over = true;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZero;

    fn threads(count: usize) -> Threads {
        NonZero::new(count).map_or(Threads::ONE, Threads::new)
    }

    #[test]
    fn results_are_handed_on_in_the_order_of_the_jobs() {
        for count in [1, 2, 3, 16] {
            let mut all = Vec::new();
            let work = |number: u32, room: &mut Vec<u32>| {
                room.clear();
                room.extend([number, number * 2]);
            };
            let done = threads(count).in_a_row(0..1000, work, |room| {
                all.append(room);
                Ok::<(), ()>(())
            });
            assert_eq!(done, Ok(()));
            assert_eq!(all, (0..1000).flat_map(|number| [number, number * 2]).collect::<Vec<_>>());
            let none = threads(count).in_a_row(Vec::<u32>::new(), work, |_| Err("handed on"));
            assert_eq!(none, Ok(()));
        }
    }

    #[test]
    fn nothing_is_handed_on_after_a_fault() {
        for count in [1, 2, 3] {
            let mut handed = 0;
            let done = threads(count).in_a_row(
                0..10_000,
                |number, room: &mut u32| *room = number,
                |room| {
                    handed += 1;
                    if *room == 77 { Err("full") } else { Ok(()) }
                },
            );
            assert_eq!((done, handed), (Err("full"), 78));
        }
    }

    #[test]
    fn a_panic_is_no_hang() {
        for (in_work, at) in [(true, 50), (false, 50)] {
            let caught = std::panic::catch_unwind(|| {
                threads(2).in_a_row(
                    0..1000,
                    |number, room: &mut u32| {
                        assert!(!in_work || number != at, "in work");
                        *room = number;
                    },
                    |room| {
                        assert!(in_work || *room != at, "in hand_on");
                        Ok::<(), ()>(())
                    },
                )
            });
            assert!(caught.is_err());
        }
    }
}
