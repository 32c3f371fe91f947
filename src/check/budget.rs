//! How much all parts of a program may take together, whichever thread takes it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// So much, and no more.
#[derive(Debug)]
pub(super) struct Budget {
    left: AtomicUsize,
    overdrawn: AtomicBool,
}

impl Budget {
    pub(super) fn new(most: usize) -> Self {
        Self { left: AtomicUsize::new(most), overdrawn: AtomicBool::new(false) }
    }

    /// Takes so much, if it is left. Who comes first gets it.
    pub(super) fn take(&self, much: usize) -> bool {
        let take = |left: usize| left.checked_sub(much);
        let taken = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok();
        if !taken {
            self.overdrawn.store(true, Ordering::Relaxed);
        }
        taken
    }

    /// Whether more was asked for than was left. As long as it was not, it makes no difference who came first.
    pub(super) fn is_overdrawn(&self) -> bool {
        self.overdrawn.load(Ordering::Relaxed)
    }

    pub(super) fn left(&self) -> usize {
        self.left.load(Ordering::Relaxed)
    }

    /// Gives back what was taken since so much was left.
    pub(super) fn back_to(&self, left: usize) {
        self.left.store(left, Ordering::Relaxed);
    }
}
