//! One state that many threads write: what several of them write at a time is on disk together, by one transaction.

use crate::shell::state::{SqliteState, State, StateFault, StateFaultKind};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often those look who wait for others.
const PATIENCE: Duration = Duration::from_millis(500);

/// The state, and the transaction that is open.
pub(super) struct Together<'a> {
    open: Mutex<Open<'a>>,
    ended: Condvar,
    /// How many threads are about to write: the last of them ends the transaction.
    coming: AtomicUsize,
}

struct Open<'a> {
    state: &'a mut SqliteState,
    /// The number of the transaction that is open, or that will be.
    number: u64,
    /// Those of which nothing is kept.
    undone: BTreeSet<u64>,
}

impl Open<'_> {
    /// Ends the transaction, on disk or undone.
    fn end(&mut self, keep: bool) {
        let kept = keep && self.state.commit().is_ok();
        if !kept {
            self.state.rollback();
            self.undone.insert(self.number);
        }
        self.number += 1;
    }
}

impl<'a> Together<'a> {
    pub(super) fn new(state: &'a mut SqliteState) -> Self {
        let open = Mutex::new(Open { state, number: 0, undone: BTreeSet::new() });
        Self { open, ended: Condvar::new(), coming: AtomicUsize::new(0) }
    }

    /// Asks the state.
    pub(super) fn read<T>(&self, ask: impl FnOnce(&mut SqliteState) -> T) -> T {
        ask(self.open().state)
    }

    /// Writes; when this returns it is on disk. `verb` is done again by itself where what others wrote with it failed.
    pub(super) fn write<T>(
        &self,
        mut verb: impl FnMut(&mut SqliteState) -> Result<T, StateFault>,
    ) -> Result<T, StateFault> {
        self.coming.fetch_add(1, Ordering::SeqCst);
        let mut open = self.open();
        self.coming.fetch_sub(1, Ordering::SeqCst);
        let mine = open.number;
        let begun = open.state.group();
        let done = begun.and_then(|()| verb(open.state));
        let is_sound = match &done {
            Ok(_) => true,
            Err(fault) => matches!(fault.kind, StateFaultKind::Overtaken(_)),
        };
        if is_sound && self.coming.load(Ordering::SeqCst) > 0 {
            // Somebody comes who ends it.
            open = self.wait(open, mine);
        } else {
            open.end(is_sound);
            self.ended.notify_all();
        }
        if !open.undone.contains(&mine) {
            return done;
        }
        if open.state.is_grouped() {
            // Others have begun the next one meanwhile.
            open.end(true);
            self.ended.notify_all();
        }
        verb(open.state)
    }

    /// Waits until a transaction has ended. Where those who came broke before they ended it, it is ended here.
    fn wait<'t>(&'t self, mut open: MutexGuard<'t, Open<'a>>, mine: u64) -> MutexGuard<'t, Open<'a>> {
        while open.number == mine {
            let waited = self.ended.wait_timeout(open, PATIENCE);
            open = waited.unwrap_or_else(PoisonError::into_inner).0;
            if open.number == mine && self.coming.load(Ordering::SeqCst) == 0 {
                open.end(true);
                self.ended.notify_all();
            }
        }
        open
    }

    fn open(&self) -> MutexGuard<'_, Open<'a>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::state::Holder;
    use jiff::Timestamp;
    use std::path::Path;
    use std::thread;

    fn open(folder: &Path) -> SqliteState {
        let holder = Holder { pid: 1, command: "test".to_owned(), since: Timestamp::UNIX_EPOCH };
        SqliteState::open(&folder.join("state.db"), &holder).unwrap()
    }

    fn notes(folder: &Path) -> Vec<(String, String)> {
        SqliteState::open_for_reading(&folder.join("state.db")).unwrap().notes("").unwrap()
    }

    #[test]
    fn what_returned_is_on_disk_whoever_else_writes() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = open(folder.path());
        let together = Together::new(&mut state);
        thread::scope(|scope| {
            for thread in 0..8 {
                let (together, folder) = (&together, folder.path());
                scope.spawn(move || {
                    for round in 0..20 {
                        let name = format!("{thread}-{round}");
                        together.write(|state| state.keep_note(&name, Some("x"))).unwrap();
                        assert!(notes(folder).iter().any(|(kept, _)| *kept == name), "{name}");
                    }
                });
            }
        });
        assert_eq!(notes(folder.path()).len(), 160);
    }

    #[test]
    fn a_verb_that_fails_takes_no_other_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = open(folder.path());
        let together = Together::new(&mut state);
        let failed = AtomicUsize::new(0);
        thread::scope(|scope| {
            for thread in 0..8 {
                let (together, failed) = (&together, &failed);
                scope.spawn(move || {
                    for round in 0..20 {
                        let (name, fails) = (format!("{thread}-{round}"), (thread + round) % 5 == 0);
                        let done = together.write(|state| {
                            state.keep_note(&name, Some("x"))?;
                            if fails { Err(StateFault::unusable("no")) } else { Ok(()) }
                        });
                        assert_eq!(done.is_err(), fails);
                        failed.fetch_add(usize::from(fails), Ordering::Relaxed);
                    }
                });
            }
        });
        // A verb that fails by itself is undone by its own transaction, outside of this test by SQLite.
        let kept = notes(folder.path());
        let sound = |name: &str| {
            let (thread, round) = name.split_once('-').unwrap();
            (thread.parse::<usize>().unwrap() + round.parse::<usize>().unwrap()) % 5 != 0
        };
        let sound = kept.iter().filter(|(name, _)| sound(name)).count();
        assert_eq!(sound + failed.into_inner(), 160);
    }

    #[test]
    fn one_that_breaks_leaves_nobody_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = open(folder.path());
        let together = Together::new(&mut state);
        thread::scope(|scope| {
            // The first waits for somebody who never comes to the end of it.
            together.coming.fetch_add(1, Ordering::SeqCst);
            let first = scope.spawn(|| together.write(|state| state.keep_note("first", Some("x"))));
            while !together.read(|state| state.is_grouped()) {
                thread::yield_now();
            }
            together.coming.fetch_sub(1, Ordering::SeqCst);
            assert!(first.join().unwrap().is_ok());
        });
        assert_eq!(notes(folder.path()).len(), 1);
    }

    #[test]
    fn a_full_disk_is_told_to_everybody() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = open(folder.path());
        state.set_page_limit(1);
        let together = Together::new(&mut state);
        let long = "x".repeat(1 << 16);
        thread::scope(|scope| {
            for thread in 0..4 {
                let (together, long) = (&together, &long);
                scope.spawn(move || {
                    let done = together.write(|state| state.keep_note(&thread.to_string(), Some(long)));
                    assert_eq!(done.unwrap_err().message, "the disk is full");
                });
            }
        });
        assert!(together.read(|state| state.notes("").unwrap()).is_empty());
    }
}
