//! What holds for every rule and every stock.

use super::line::Line;
use super::number::number;
use super::{Bounds, Branch, Working, listed, numbers};
use crate::pattern::SkuSet;
use crate::plan::Reason;
use crate::rules::{
    BasisPoints, Levels, Named, Priority, Round, Rule, StoreId, StoreLevels, WarehouseId, Window,
};
use crate::source::{Sources, Span};
use proptest::prelude::*;

fn quantity() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), 0_u32..30, any::<u32>()]
}

fn levels() -> impl Strategy<Value = Levels> {
    let round = prop_oneof![Just(Round::Down), Just(Round::Nearest), Just(Round::Up)];
    let rate = prop_oneof![Just(10_000), 0_u32..=100_000];
    let plus = prop_oneof![3 => Just(0), 1 => quantity()];
    (quantity(), rate, plus, round, quantity(), proptest::option::of(quantity())).prop_map(
        |(reserve, rate, plus, round, floor, cap)| Levels {
            reserve,
            rate: BasisPoints(rate),
            plus,
            round,
            floor,
            cap,
        },
    )
}

prop_compose! {
    fn any_rule()(
        own in levels(),
        stores in proptest::collection::vec(levels(), 1..6),
        threshold in quantity(),
        below in proptest::option::of((any::<prop::sample::Index>(), quantity())),
        weights in proptest::option::of(proptest::collection::vec(0_u32..9, 1..6)),
    ) -> Rule {
        let mut sources = Sources::new();
        let count = stores.len();
        let id = |at: usize| StoreId(at as u16);
        let priority = below
            .filter(|(_, below)| *below > threshold)
            .map(|(store, below)| Priority { store: id(store.index(count)), below });
        let split = weights.map(|weights| weights.into_iter().take(count).enumerate().map(|(at, w)| (id(at), w)).collect());
        let mut rule = Rule {
            name: "r".into(),
            head: Span::new(sources.add("a.sync", ""), 0, 0),
            on: true,
            order: 1,
            window: Window::default(),
            skus: SkuSet::default(),
            warehouses: vec![WarehouseId(0)],
            warehouses_named: Named::Listed,
            stores: stores.into_iter().enumerate().map(|(at, levels)| StoreLevels { store: id(at), levels }).collect(),
            stores_named: Named::Listed,
            levels: own,
            threshold,
            priority,
            split,
        };
        if rule.split.is_some() {
            rule.levels = Levels { plus: 0, floor: 0, rate: BasisPoints(own.rate.0.min(10_000)), ..own };
            for line in &mut rule.stores {
                line.levels = Levels { cap: line.levels.cap, ..rule.levels };
            }
        }
        rule
    }
}

fn is_virtual(levels: &Levels) -> bool {
    levels.rate.0 > 10_000 || levels.plus > 0
}

fn shown(rule: &Rule, available: u64) -> Vec<Working> {
    let mut out = Vec::new();
    numbers(rule, available, &mut out);
    assert!(out.iter().map(|(store, _)| store).eq(rule.stores.iter().map(|line| &line.store)));
    out.into_iter().map(|(_, working)| working).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nobody_promises_more_than_there_is(rule in any_rule(), available in prop_oneof![0_u64..40, 0_u64..9_000_000_000]) {
        let shown = shown(&rule, available);
        for (working, line) in shown.iter().zip(&rule.stores) {
            if !is_virtual(&line.levels) {
                prop_assert!(working.capped <= available, "{working:?} of {available}");
            }
        }
        if rule.split.is_some() {
            prop_assert!(shown.iter().map(|working| working.capped).sum::<u64>() <= available);
        }
    }

    #[test]
    fn more_stock_never_lowers_a_number_on_the_same_branch(
        rule in any_rule(), low in prop_oneof![0_u64..40, 0_u64..9_000_000_000], more in 0_u64..50,
    ) {
        let rule = Rule { split: None, ..rule };
        for (before, after) in shown(&rule, low).iter().zip(shown(&rule, low + more)) {
            if before.branch == after.branch {
                prop_assert!(before.capped <= after.capped, "{before:?} {after:?}");
            }
        }
    }

    #[test]
    fn a_split_shares_its_whole_pool(rule in any_rule(), available in 0_u64..9_000_000_000) {
        let Some(weights) = &rule.split else { return Ok(()) };
        let shown = shown(&rule, available);
        prop_assume!(shown.iter().all(|working| working.branch == Branch::Open));
        let pool = shown.first().map_or(0, |working| working.rated);
        let shared: u64 = shown.iter().map(|working| working.quantity).sum();
        let weighed = weights.iter().any(|&(_, weight)| weight > 0);
        prop_assert_eq!(shared, if weighed { pool } else { 0 });
    }

    #[test]
    fn a_reason_says_what_happened(rule in any_rule(), available in 0_u64..60) {
        for (working, line) in shown(&rule, available).iter().zip(&rule.stores) {
            let holds = match working.reason {
                Reason::BelowThreshold => available < u64::from(rule.threshold) && working.capped == 0,
                Reason::HeldForPriority => rule.priority.is_some_and(|p| p.store != line.store) && working.capped == 0,
                Reason::Priority => rule.priority.is_some_and(|p| p.store == line.store && available < u64::from(p.below)),
                Reason::Cap => line.levels.cap.map(u64::from) == Some(working.capped),
                Reason::Floor => working.capped == u64::from(line.levels.floor).min(available),
                Reason::Rate => rule.split.is_none(),
                Reason::Split => rule.split.is_some(),
                Reason::StoreLimit | Reason::Released => false,
            };
            prop_assert!(holds, "{working:?}");
        }
    }

    #[test]
    fn many_are_reckoned_as_one_is(
        rule in any_rule(),
        available in prop_oneof![0_u64..40, any::<u32>().prop_map(u64::from), any::<u64>()],
        units in prop_oneof![Just(1), Just(0), 0_u32..9],
        max in prop_oneof![Just(u64::MAX), 0_u64..60],
    ) {
        let bounds = Bounds { min: 0, max };
        let rule = Rule { split: None, ..rule };
        for line in &rule.stores {
            let Some(fast) = Line::of(&rule, line.store).number(available, units, bounds) else {
                prop_assert!(available > u64::from(u32::MAX / 2));
                continue;
            };
            let plain = listed(&number(&rule, line, available), units, bounds);
            prop_assert_eq!(fast, (plain.planned, Some(plain.reason)));
        }
        let none = Line::of(&rule, StoreId(99)).number(available.min(99), units, bounds);
        prop_assert_eq!(none, Some((0, None)));
    }
}
