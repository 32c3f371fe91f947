//! Where a store shows another number than the one that was last written there: somebody or something else changed it.

use crate::diff::Shown;

/// A listing that no longer shows what was written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Drifted {
    /// The store's name.
    pub store: String,
    /// The store SKU.
    pub store_sku: String,
    /// The merchant SKU that it is mapped to.
    pub sku: String,
    /// What was last written, in units of the store SKU.
    pub written: i64,
    /// What the store shows; `None` where it no longer has the listing.
    pub live: Option<i64>,
}

impl Drifted {
    /// By how much the store shows more than was written; negative where it shows less.
    pub fn delta(&self) -> Option<i64> {
        self.live.map(|live| live.saturating_sub(self.written))
    }
}

/// What a store shows of a listing that was written: `Some` where it differs. What was not read does not.
pub fn differs(written: i64, shown: Shown) -> Option<Option<i64>> {
    match shown {
        Shown::Number(live) if live != written => Some(Some(live)),
        Shown::Missing => Some(None),
        Shown::Number(_) | Shown::Twice | Shown::Unknown | Shown::Unread => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_read_and_differs_has_drifted() {
        assert_eq!(differs(5, Shown::Number(5)), None);
        assert_eq!(differs(5, Shown::Number(-1)), Some(Some(-1)));
        assert_eq!(differs(5, Shown::Missing), Some(None));
        assert_eq!(differs(5, Shown::Unknown), None);
        assert_eq!(differs(5, Shown::Twice), None);
        assert_eq!(differs(5, Shown::Unread), None);
    }
}
