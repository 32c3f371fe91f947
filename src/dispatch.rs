//! Sans-IO sending: in which order, in which batches, and what an answer means for a record.
//!
//! Nothing here sends anything or knows the time: the shell asks for the next batch, sends it through a connector
//! and tells how that went. [`Machine`] is all of it for one store.

mod batches;
mod calls;
mod circuit;
mod machine;
mod pace;
mod retry;

pub use batches::{BatchLimits, BatchRange, Batches, Groups, Sent, group};
pub use calls::{CallLimits, milliseconds, requests};
pub use circuit::{Circuit, CircuitLimits, Gate};
pub use machine::{Broken, Do, Item, Machine, Terms, Writes};
pub use pace::Pace;
pub use retry::{Ending, Retry, RetryLimits, retry_after};

use crate::hex::hex;
use crate::record::{Skip, Status};
use sha2::{Digest, Sha256};
use std::cmp::Ordering;

/// In which order numbers are sent within a store: what must not be sold first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Class {
    /// To 0.
    Zero = 0,
    /// To a lower number above 0.
    Lower = 1,
    /// To a higher number, or from an unknown one.
    Higher = 2,
}

impl Class {
    /// The class of a write. Where nobody knows what the store shows, it may be a raise, and waits like one.
    pub fn of(before: Option<i64>, after: u64) -> Self {
        match before {
            _ if after == 0 => Class::Zero,
            Some(before) if before > 0 && before.unsigned_abs() > after => Class::Lower,
            _ => Class::Higher,
        }
    }

    /// The class with this number on disk.
    pub const fn from_number(number: u8) -> Self {
        match number {
            0 => Class::Zero,
            1 => Class::Lower,
            _ => Class::Higher,
        }
    }
}

/// What the order of writes is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key<'a> {
    /// What the store shows, where that is known.
    pub before: Option<i64>,
    /// What it is to show.
    pub after: u64,
    /// The store SKU.
    pub store_sku: &'a str,
}

/// The order of writes within a store: by class, then the smallest planned number, then the store SKU.
pub fn order(a: &Key<'_>, b: &Key<'_>) -> Ordering {
    let class = |key: &Key<'_>| Class::of(key.before, key.after);
    (class(a), a.after, a.store_sku).cmp(&(class(b), b.after, b.store_sku))
}

/// What a connector said of one item; where it said nothing, `Unknown`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The store shows it.
    Sent,
    /// Refused for good, in the store's words.
    Failed(String),
    /// The expected number was not there.
    Conflict,
    /// Taken, to be asked for by this ticket.
    Accepted(String),
    /// It left us and no answer came: why.
    Unknown(String),
    /// Never sent, for this reason.
    Skipped(Skip),
}

impl Outcome {
    /// The status and the detail that a record gets.
    pub fn settle(&self) -> (Status, Option<&str>) {
        match self {
            Outcome::Sent => (Status::Sent, None),
            Outcome::Failed(words) => (Status::Failed, Some(words)),
            Outcome::Conflict => (Status::Skipped, Some(Skip::Conflict.name())),
            Outcome::Accepted(_) => (Status::Pending, None),
            Outcome::Unknown(why) => (Status::Unknown, Some(why)),
            Outcome::Skipped(skip) => (Status::Skipped, Some(skip.name())),
        }
    }
}

/// The key that makes a batch the same batch when it is sent again: 32 hexadecimal digits over plan, store and items.
pub fn idempotency_key<'a>(
    plan_id: &str,
    store: &str,
    items: impl IntoIterator<Item = (&'a str, u64)>,
) -> String {
    let mut hash = Sha256::new();
    // Lengths keep `ab` + `c` apart from `a` + `bc`.
    let text = |hash: &mut Sha256, text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    text(&mut hash, plan_id);
    text(&mut hash, store);
    for (store_sku, after) in items {
        text(&mut hash, store_sku);
        hash.update(after.to_le_bytes());
    }
    hex(hash.finalize().get(..16).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeroes_are_sent_first_then_lower_then_higher() {
        use Class::{Higher, Lower, Zero};
        for (before, after, class) in [
            (Some(5), 0, Zero),
            (None, 0, Zero),
            (Some(0), 0, Zero),
            (Some(-3), 0, Zero),
            (Some(5), 4, Lower),
            (Some(i64::MAX), 1, Lower),
            (Some(5), 6, Higher),
            (Some(5), 5, Higher),
            (Some(-9), 4, Higher),
            (Some(i64::MIN), 4, Higher),
            (Some(i64::MAX), u64::MAX, Higher),
            (None, 4, Higher),
        ] {
            assert_eq!(Class::of(before, after), class, "{before:?} -> {after}");
            assert_eq!(Class::from_number(class as u8), class);
        }
    }

    #[test]
    fn among_equals_the_smallest_number_first_then_the_store_sku() {
        let key = |before, after, store_sku| Key { before: Some(before), after, store_sku };
        let sorted =
            [key(9, 0, "z"), key(9, 1, "z"), key(9, 2, "a"), key(9, 2, "b"), key(0, 1, "b"), key(0, 2, "a")];
        let mut keys = sorted;
        keys.reverse();
        keys.sort_by(order);
        assert_eq!(keys, sorted);
    }

    #[test]
    fn an_outcome_settles_a_record() {
        let words = || "no".to_owned();
        for (outcome, status, detail) in [
            (Outcome::Sent, Status::Sent, None),
            (Outcome::Failed(words()), Status::Failed, Some("no")),
            (Outcome::Conflict, Status::Skipped, Some("conflict")),
            (Outcome::Accepted(words()), Status::Pending, None),
            (Outcome::Unknown(words()), Status::Unknown, Some("no")),
        ] {
            assert_eq!(outcome.settle(), (status, detail));
        }
    }

    #[test]
    fn a_key_is_of_plan_store_and_items() {
        let key =
            |plan, store, items: &[(&'static str, u64)]| idempotency_key(plan, store, items.iter().copied());
        let all = [
            key("p", "s", &[("a", 1)]),
            key("p", "s", &[("a", 2)]),
            key("p", "s", &[("b", 1)]),
            key("p", "s", &[("a", 1), ("b", 1)]),
            key("p", "s", &[("b", 1), ("a", 1)]),
            key("p", "t", &[("a", 1)]),
            key("ps", "", &[("a", 1)]),
            key("", "ps", &[("a", 1)]),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        assert!(all.iter().all(|key| key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit())));
        assert_eq!(key("p", "s", &[("a", 1)]), key("p", "s", &[("a", 1)]));
    }
}
