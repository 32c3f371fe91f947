//! Lists for the tests, by hand and at random.

use super::{Pattern, SkuSet, SkuTerm};
use proptest::prelude::*;
use std::sync::Arc;

pub(super) fn terms(raw: &[&str]) -> Vec<SkuTerm> {
    raw.iter().map(|raw| SkuTerm::Pattern(Pattern::parse(raw).unwrap())).collect()
}

pub(super) fn set(of: &[&str], except: &[&str]) -> SkuSet {
    SkuSet { terms: terms(of), except: terms(except) }
}

/// Lists over few characters, with `all`, and with lists in lists.
pub(super) fn sets() -> impl Strategy<Value = SkuSet> {
    let leaf = || {
        prop_oneof![
            6 => "[ab?*]{1,4}".prop_map(|raw| SkuTerm::Pattern(Pattern::parse(&raw).unwrap())),
            3 => "[ab]{1,3}".prop_map(|raw| SkuTerm::Pattern(Pattern::parse(&raw).unwrap())),
            1 => Just(SkuTerm::All),
        ]
    };
    list(leaf().boxed()).prop_recursive(3, 12, 3, move |inner| {
        let nested = inner.prop_map(|set| SkuTerm::Set(Arc::new(set)));
        list(prop_oneof![2 => leaf(), 1 => nested].boxed())
    })
}

fn list(term: BoxedStrategy<SkuTerm>) -> impl Strategy<Value = SkuSet> + Clone {
    let terms = prop::collection::vec(term.clone(), 1..4);
    (terms, prop::collection::vec(term, 0..4)).prop_map(|(terms, except)| SkuSet { terms, except })
}

/// Every string of `a`, `b` and `c` up to a length, the empty one left out.
pub(super) fn all_skus(chars_max: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut from = 0;
    for _ in 0..chars_max {
        let to = all.len();
        for at in from..to {
            for c in ["a", "b", "c"] {
                all.push(all.get(at).unwrap().clone() + c);
            }
        }
        from = to;
    }
    all.split_off(1)
}
