//! Where requests leave that may change something, and new files: counted, and shut when their session is over.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Of one session.
#[derive(Debug, Default)]
pub struct Door(Mutex<Passed>);

#[derive(Debug, Default)]
struct Passed {
    /// Those that left, and did not turn round before they were gone.
    left: u64,
    is_shut: bool,
}

impl Door {
    /// Counts one that is about to leave; false where none may.
    pub(in crate::shell) fn leave(&self) -> bool {
        let mut passed = self.passed();
        passed.left += u64::from(!passed.is_shut);
        !passed.is_shut
    }

    /// One that was counted never left.
    pub(super) fn came_back(&self) {
        let mut passed = self.passed();
        passed.left = passed.left.saturating_sub(1);
    }

    /// Shuts it, and says whether anything left.
    pub(in crate::shell) fn close(&self) -> bool {
        let mut passed = self.passed();
        passed.is_shut = true;
        passed.left > 0
    }

    fn passed(&self) -> MutexGuard<'_, Passed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_left_is_counted_and_nothing_leaves_through_a_shut_door() {
        let door = Door::default();
        assert!(door.leave());
        door.came_back();
        assert!(!door.close());
        assert!(!door.leave());
        let door = Door::default();
        assert!(door.leave() && door.leave());
        door.came_back();
        assert!(door.close());
    }
}
