//! Under which activation a SKU is synced: section 6 of the language.
//!
//! An order is pinned to the activation that was current when it was placed; what happens to it later is synced under that
//! one, unless the SKU has since been synced under a later one. A SKU never goes back. Everything else takes the current one.

use jiff::Timestamp;

/// What makes a SKU be synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// Something that happened to an order which was placed at this moment; `None` where that is not known.
    Order(Option<Timestamp>),
    /// A stock change that no order caused, a window's edge, Sync Now, a retry.
    Other,
}

/// A version that came into force: its number, and when.
pub type Active = (u64, Timestamp);

/// The activation that was current at a moment. Before the first one, that is the first; `None` where there is none.
/// `activations` stand by rising number.
pub fn current_at(activations: &[Active], at: Timestamp) -> Option<u64> {
    let before = activations.iter().rev().find(|(_, time)| *time <= at);
    before.or(activations.first()).map(|(number, _)| *number)
}

/// The activation under which a SKU is synced. `last` is the one under which it was synced last, if it was.
pub fn activation(activations: &[Active], cause: Cause, last: Option<u64>) -> Option<u64> {
    let current = activations.last().map(|(number, _)| *number);
    match cause {
        Cause::Order(Some(placed_at)) => current_at(activations, placed_at).max(last),
        Cause::Order(None) | Cause::Other => current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Activations 1, 2, 3 came into force at 10, 20, 30.
    #[track_caller]
    fn check(cause: Cause, last: Option<u64>, expected: Option<u64>) {
        let activations = [(1, at(10)), (2, at(20)), (3, at(30))];
        assert_eq!(activation(&activations, cause, last), expected, "{cause:?}, last {last:?}");
    }

    #[test]
    fn an_order_keeps_the_rules_it_was_placed_under() {
        check(Cause::Order(Some(at(15))), None, Some(1));
        check(Cause::Order(Some(at(15))), Some(1), Some(1));
        check(Cause::Order(Some(at(25))), Some(1), Some(2));
        check(Cause::Order(Some(at(30))), Some(1), Some(3));
        check(Cause::Order(Some(at(99))), None, Some(3));
    }

    #[test]
    fn a_moment_at_the_edge_belongs_to_the_new_rules() {
        check(Cause::Order(Some(at(19))), None, Some(1));
        check(Cause::Order(Some(at(20))), None, Some(2));
    }

    #[test]
    fn a_sku_that_was_synced_later_does_not_go_back() {
        check(Cause::Order(Some(at(15))), Some(2), Some(2));
        check(Cause::Order(Some(at(15))), Some(3), Some(3));
        check(Cause::Order(Some(at(25))), Some(3), Some(3));
    }

    #[test]
    fn what_no_order_caused_takes_the_current_rules() {
        for last in [None, Some(1), Some(2), Some(3)] {
            check(Cause::Other, last, Some(3));
        }
    }

    #[test]
    fn an_order_from_before_the_first_rules_takes_the_first() {
        check(Cause::Order(Some(at(5))), None, Some(1));
        check(Cause::Order(Some(at(5))), Some(2), Some(2));
    }

    #[test]
    fn an_order_whose_placement_is_not_known_takes_the_current_rules() {
        check(Cause::Order(None), None, Some(3));
        check(Cause::Order(None), Some(2), Some(3));
    }

    #[test]
    fn without_an_activation_there_is_none() {
        assert_eq!(activation(&[], Cause::Other, None), None);
        assert_eq!(activation(&[], Cause::Order(Some(at(1))), None), None);
    }

    proptest! {
        #[test]
        fn a_sku_never_goes_back(causes in prop::collection::vec((any::<bool>(), 0_i64..60), 1..40), many in 1_i64..6) {
            let activations: Vec<Active> = (1..=many).map(|number| (number as u64, at(number * 10))).collect();
            let mut last = None;
            for (is_order, placed) in causes {
                let cause = if is_order { Cause::Order(Some(at(placed))) } else { Cause::Other };
                let now = activation(&activations, cause, last);
                prop_assert!(now >= last, "{:?} after {:?}", now, last);
                last = now;
            }
        }
    }
}
