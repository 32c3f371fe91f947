use super::super::sample::{all_skus, set, sets};
use super::*;
use proptest::prelude::*;
use std::sync::Arc;

#[test]
fn the_smallest_rank_wins() {
    let sneakers = Arc::new(set(&["NIKE-*", "ADI-*"], &["*-SAMPLE"]));
    let lists = [
        (30, set(&["*"], &[])),
        (10, set(&["NIKE-AIR-42", "CLR-??-*"], &[])),
        (20, SkuSet { terms: vec![SkuTerm::Set(sneakers)], except: vec![] }),
        (15, set(&["*-42", "*KIDS*"], &["ADI-1-*"])),
        (5, set(&["PUMA-GTX*", "PUMA-GTX-*", "*-GTX-MAX", "*E-GTX-MAX"], &[])),
    ];
    let matcher = Matcher::new(&lists.iter().map(|(rank, set)| (*rank, set)).collect::<Vec<_>>());
    let mut scratch = Scratch::default();
    for (sku, ranks) in [
        ("NIKE-AIR-42", &[10, 15, 20, 30][..]),
        ("NIKE-AIR-43", &[20, 30]),
        ("NIKE-KIDS-SAMPLE", &[15, 30]),
        ("ADI-1-42", &[20, 30]),
        ("CLR-鞋子-1", &[10, 30]),
        ("鞋", &[30]),
        ("PUMA-GTX", &[5, 30]),
        ("PUMA-GT", &[30]),
        ("PUMA-GTX-1", &[5, 30]),
        ("NIKE-GTX-MAX", &[5, 20, 30]),
        ("-GTX-MAX", &[5, 30]),
        ("GTX-MAX", &[30]),
        ("", &[30]),
    ] {
        assert_eq!(matcher.matches_all(sku), ranks, "{sku}");
        assert_eq!(matcher.first(sku, &mut scratch), ranks.first().copied(), "{sku}");
    }
    assert_eq!(Matcher::default().first("x", &mut scratch), None);
}

#[test]
fn a_long_chain_of_lists_is_matched() {
    let chain = (0..10_000).fold(set(&["x*"], &[]), |inner, n| {
        let mut outer = set(&[], &[&format!("x{n}")]);
        outer.terms.push(SkuTerm::Set(Arc::new(inner)));
        outer
    });
    let matcher = Matcher::new(&[(1, &chain)]);
    let mut scratch = Scratch::default();
    for (sku, first) in [("x", Some(1)), ("x0", None), ("x9999", None), ("x10000", Some(1)), ("y", None)] {
        assert_eq!(matcher.first(sku, &mut scratch), first, "{sku}");
    }
}

#[test]
fn a_hundred_thousand_skus_are_looked_up() {
    let skus: Vec<String> = (0..100_000).map(|n| format!("SKU-{n}")).collect();
    let many = set(&skus.iter().map(String::as_str).collect::<Vec<_>>(), &["SKU-77*"]);
    let matcher = Matcher::new(&[(0, &many)]);
    let mut scratch = Scratch::default();
    let taken = skus.iter().filter(|sku| matcher.first(sku, &mut scratch).is_some()).count();
    assert_eq!(taken, 100_000 - 1_111);
}

proptest! {
    #[test]
    fn as_trying_one_after_the_other(lists in prop::collection::vec(sets(), 0..5)) {
        let ranked: Vec<_> = lists.iter().enumerate().collect();
        let matcher = Matcher::new(&ranked);
        let mut scratch = Scratch::default();
        for sku in all_skus(4) {
            let naive: Vec<usize> =
                ranked.iter().filter(|(_, set)| set.matches(&sku)).map(|(rank, _)| *rank).collect();
            prop_assert_eq!(matcher.first(&sku, &mut scratch), naive.first().copied(), "{}", sku);
            prop_assert_eq!(matcher.matches_all(&sku), naive, "{}", sku);
        }
    }
}
