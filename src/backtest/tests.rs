//! The replay against a plain twin, and by hand.

mod twin;

use super::*;
use crate::catalog::Rows;
use crate::orders::{Event, read_event};
use crate::rules::BasisPoints;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Value, json};
use twin::plainly;

const RULES: &str = r#"
rule "split" { order 1 skus "S1" warehouses all stores a, b rate 50% split a 2, b 1 }
rule "held" { order 2 skus "S2", "KIT" warehouses w stores all threshold 3 priority store b below 9 rate 80% }
rule "sale" { order 3 active from 1970-01-01T00:00:20Z until 1970-01-01T00:00:40Z skus "S3" warehouses v, w stores b, c plus 2 }
rule "rest" { order 4 skus all warehouses all stores a, c reserve 1 cap 30 }
"#;
const STORES: [&str; 3] = ["a", "b", "c"];
const SKUS: [&str; 5] = ["S1", "S2", "S3", "S4", "KIT"];
const KIT: [(&str, u64); 2] = [("S1", 1), ("S3", 2)];
fn declared() -> Declared {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Declared { warehouses: names(&["w", "v"]), stores: names(&STORES), timezone: TimeZone::UTC, rules_max: 9 }
}

fn rules(text: &str, declared: &Declared) -> RuleSet {
    let mut sources = crate::source::Sources::new();
    let file = sources.add("a.sync", text);
    let (checked, faults) = crate::check::check(&[(file, crate::syntax::parse(file, text).0)], declared);
    assert_eq!(faults, []);
    checked.rule_set().expect("sound").clone()
}

/// The number of units that a listing of a SKU sells: every other one is a pack of two.
fn units(sku: &str) -> u64 {
    SKUS.iter().position(|name| *name == sku).map_or(1, |at| at as u64 % 2 + 1)
}

fn catalog(declared: &Declared, stock: &[(&str, &str, i64)]) -> Catalog {
    let pairs = STORES.iter().flat_map(|store| SKUS.iter().map(move |sku| (*sku, *store)));
    let mappings: Vec<_> = pairs.map(|(sku, store)| (sku, store, sku, units(sku) as u32)).collect();
    let kit = KIT.map(|(part, units)| ("KIT", part, units as u32));
    Catalog::build(Rows {
        warehouses: &declared.warehouses,
        stores: &declared.stores,
        skus: &SKUS,
        stock,
        mappings: &mappings,
        bundles: &kit,
    })
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a moment")
}

fn event(value: &Value) -> Event {
    read_event(value, &TimeZone::UTC).unwrap_or_else(|refused| panic!("{value}: {refused:?}"))
}

/// An event at a second: what kind, which order, which SKU, how many.
fn some_event(at: usize, (kind, order, sku, units, second_at): (usize, usize, usize, i64, i64)) -> Value {
    let moment = second(second_at).to_string();
    let warehouse = ["w", "v"][order % 2];
    let (sku_name, other) = (SKUS[sku], SKUS[(sku + 2) % 5]);
    let line = |sku: &str, units: i64| json!({ "line": sku, "store_sku": sku, "quantity": units.max(1) });
    let mut event = match kind {
        0 | 1 => {
            json!({ "type": "order-placed", "placed_at": moment, "lines": [line(sku_name, units), line(other, units / 2)] })
        }
        2 => json!({ "type": "order-edited", "at": moment, "lines": [line(sku_name, units)] }),
        3 => json!({ "type": "order-cancelled", "at": moment }),
        4 => {
            json!({ "type": "order-cancelled", "at": moment, "lines": [{ "line": sku_name, "quantity": units.max(1) }] })
        }
        5 => json!({ "type": "order-shipped", "at": moment }),
        6 => {
            json!({ "type": "order-shipped", "at": moment, "lines": [{ "line": sku_name, "quantity": units.max(1) }] })
        }
        7 => json!({ "type": "order-returned", "at": moment, "warehouse": warehouse }),
        8 => json!({ "type": "order-returned", "at": moment, "lines": [{ "line": sku_name }] }),
        9 => {
            json!({ "type": "stock-adjust", "at": moment, "sku": SKUS[sku % 4], "warehouse": warehouse, "by": units })
        }
        10 => {
            json!({ "type": "stock-set", "as_of": moment, "sku": SKUS[sku % 4], "warehouse": warehouse, "available": units })
        }
        _ => {
            json!({ "type": "stock-set", "as_of": moment, "sku": SKUS[sku % 4], "warehouse": warehouse, "on_hand": units })
        }
    };
    event["id"] = json!(format!("e{at}"));
    if kind < 9 {
        event["order"] = json!(format!("o{order}"));
        event["store"] = json!(STORES[order % 3]);
    }
    event
}

/// What [`some_event`] is made of.
type Told = (usize, usize, usize, i64, i64);

proptest! {
    #[test]
    fn as_a_plain_twin_has_it(
        first in prop::collection::btree_map((0_usize..4, 0_usize..2), -3_i64..40, 0..8),
        told in prop::collection::vec((0_usize..12, 0_usize..5, 0_usize..5, 1_i64..14, 0_i64..60), 1..25),
        delay in prop::sample::select(vec![0_i64, 3, 15]),
    ) {
        let first: Vec<_> = first.into_iter().map(|((sku, place), units)| (sku, place, units)).collect();
        agree(&first, told, delay);
    }
}

#[test]
fn what_is_oversold_is_free_again_before_what_was_there() {
    // Order 4 takes all 8 from the second warehouse and what is over from the first, and then wants less.
    let told = vec![(0, 0, 2, 2, 40), (0, 4, 2, 11, 23), (0, 4, 2, 9, 23), (9, 2, 2, 8, 0)];
    agree(&[], told, 0);
}

/// The replay of events, over stock by SKU and warehouse, is the twin's.
fn agree(first: &[(usize, usize, i64)], mut told: Vec<Told>, delay: i64) {
    let declared = declared();
    let rules = rules(RULES, &declared);
    let stock: Vec<_> =
        first.iter().map(|&(sku, place, units)| (SKUS[sku], ["w", "v"][place], units)).collect();
    // Nothing happens to an order before it is placed: of each, the placement comes first.
    for order in 0..5 {
        let placed =
            told.iter().filter(|one| one.0 < 2 && one.1 == order).map(|one| one.4).min().unwrap_or(0);
        told.iter_mut().filter(|one| one.0 < 9 && one.1 == order).for_each(|one| one.4 = one.4.max(placed));
    }
    let rank = |kind: usize| {
        if kind < 2 {
            0
        } else if kind < 9 {
            1
        } else {
            2
        }
    };
    told.sort_by_key(|one| (one.4, rank(one.0)));
    // What is told of orders that nobody placed is another test's.
    let placed: Vec<usize> = told.iter().filter(|one| one.0 < 3).map(|one| one.1).collect();
    told.retain(|one| one.0 >= 9 || placed.contains(&one.1));
    let values: Vec<Value> = told.into_iter().enumerate().map(|(at, one)| some_event(at, one)).collect();
    let mut events: Vec<Event> = values.iter().map(event).collect();
    let mut catalog = catalog(&declared, &stock);
    let history = History::new(&events, &catalog, &declared);
    let fulfil_from = [None, None, Some(vec![WarehouseId(1), WarehouseId(0)])];
    let mut ground =
        Ground { catalog: &mut catalog, rules: &rules, declared: &declared, fulfil_from: &fulfil_from };
    let variation = Variation { delay: Delay::from_seconds(delay as u64), ..Variation::default() };
    let replayed = ground.replay(&history, &variation, &[]).expect("fits");
    assert_eq!(replayed, plainly(&rules, &declared, &stock, &values, delay));
    for store in &replayed.stores {
        assert_eq!(store.ordered, store.sold + store.held_back + store.late + store.out_of_stock);
        assert!(store.oversold <= store.sold);
    }
    // Once more over the same ground, with every event told twice.
    events.extend(events.clone());
    let history = History::new(&events, ground.catalog, &declared);
    assert_eq!(history.aside.repeated, values.len() as u64);
    assert_eq!(ground.replay(&history, &variation, &[]).expect("fits"), replayed);
}

/// One store's listing of one SKU, two stores, ten units: what comes of sales at these seconds.
#[track_caller]
fn check(text: &str, variation: Variation, sales: &[(&str, i64, u64)], expected: Outcome) {
    let declared = declared();
    let rules = rules(text, &declared);
    let mut catalog = catalog(&declared, &[("S1", "w", 10)]);
    let events: Vec<Event> = sales
        .iter()
        .enumerate()
        .map(|(at, (store, moment, units))| {
            let lines = json!([{ "line": "1", "store_sku": "S1", "quantity": units }]);
            let placed_at = second(*moment).to_string();
            event(&json!({ "id": at.to_string(), "type": "order-placed", "order": at.to_string(), "store": store,
                "placed_at": placed_at, "lines": lines }))
        })
        .collect();
    let history = History::new(&events, &catalog, &declared);
    let mut ground = Ground { catalog: &mut catalog, rules: &rules, declared: &declared, fulfil_from: &[] };
    assert_eq!(ground.replay(&history, &variation, &[]).expect("fits").total(), expected);
}

const ALL: &str = "rule \"All\" { order 1 skus all warehouses all stores all }";

#[test]
fn what_is_late_is_sold_twice() {
    let sales = [("a", 0, 8), ("b", 5, 6), ("b", 60, 1)];
    let at_once = Outcome { ordered: 15, sold: 10, out_of_stock: 5, pushes: 4, ..Outcome::default() };
    check(ALL, Variation::default(), &sales, at_once);
    let late = Variation { delay: Delay::from_seconds(30), ..Variation::default() };
    // Store b sells 6 of what it still shows as 10: 2 are there. All three listings are then written to 0.
    let later =
        Outcome { ordered: 15, sold: 14, oversold: 4, out_of_stock: 1, pushes: 3, ..Outcome::default() };
    check(ALL, late, &sales, later);
}

#[test]
fn what_the_rules_keep_back_is_lost() {
    let sales = [("a", 0, 8), ("b", 60, 6)];
    let reserve = Variation { reserve: Some(4), ..Variation::default() };
    // Six of eight are sold, two were there; then six of the reserve are wanted, of which four are there.
    let expected =
        Outcome { ordered: 14, sold: 6, held_back: 6, out_of_stock: 2, pushes: 2, ..Outcome::default() };
    check(ALL, reserve, &sales, expected);
    let threshold = Variation { threshold: Some(11), ..Variation::default() };
    let nothing = Outcome { ordered: 14, held_back: 14, ..Outcome::default() };
    check(ALL, threshold, &sales, nothing);
    let rate = Variation { rate: Some(BasisPoints(5_000)), ..Variation::default() };
    let half =
        Outcome { ordered: 14, sold: 7, held_back: 6, out_of_stock: 1, pushes: 6, ..Outcome::default() };
    check(ALL, rate, &sales, half);
}

#[test]
fn what_a_rule_cannot_be_is_said() {
    let declared = declared();
    let rules = rules(RULES, &declared);
    let variation = Variation { rate: Some(BasisPoints(20_000)), ..Variation::default() };
    let unfit = variation.apply(&rules, &declared, &[]).map(drop).expect_err("a split");
    assert_eq!(unfit.message, "rule `split` splits its stock and cannot have a rate of 200%");
    let varied = variation.apply(&rules, &declared, &["rest".to_owned()]).expect("no split");
    let rates: Vec<_> = varied.rules().iter().map(|rule| (rule.name.as_str(), rule.levels.rate.0)).collect();
    assert_eq!(rates, [("split", 5_000), ("held", 8_000), ("sale", 10_000), ("rest", 20_000)]);
    let high = Variation { threshold: Some(9), ..Variation::default() };
    let high = high.apply(&rules, &declared, &[]).expect("fits");
    assert!(high.rules().iter().all(|rule| rule.priority.is_none() && rule.threshold == 9));
}

#[test]
fn late_and_foreign_events_find_their_place() {
    let declared = declared();
    let rules = rules(ALL, &declared);
    let mut catalog = catalog(&declared, &[("S1", "w", 10)]);
    let of = |id: &str, more: Value| {
        let mut value = more;
        value["id"] = json!(id);
        event(&value)
    };
    let line = json!([{ "line": "1", "store_sku": "S1", "quantity": 4 }]);
    let moment = |at: i64| second(at).to_string();
    let events = [
        // Told before its order is, by a clock that is behind; without a store it is of the only one with this id.
        of("cancel", json!({ "type": "order-cancelled", "order": "1", "at": moment(5) })),
        of(
            "placed",
            json!({ "type": "order-placed", "order": "1", "store": "a", "placed_at": moment(10), "lines": line }),
        ),
        of(
            "again",
            json!({ "type": "order-placed", "order": "2", "store": "a", "placed_at": moment(20), "lines": line }),
        ),
        // Has no time of its own, and so that of the one before.
        of("ship", json!({ "type": "order-shipped", "order": "2" })),
        of(
            "back",
            json!({ "type": "order-returned", "order": "old", "store": "b", "at": moment(30), "warehouse": "v",
            "lines": [{ "line": "1", "store_sku": "S1", "quantity": 7 }] }),
        ),
        of("nobody", json!({ "type": "order-cancelled", "order": "?", "at": moment(5) })),
        of(
            "strange",
            json!({ "type": "order-placed", "order": "3", "store": "c", "placed_at": moment(40),
            "lines": [{ "line": "1", "store_sku": "?", "quantity": 1 }] }),
        ),
        of(
            "stock",
            json!({ "type": "stock-adjust", "sku": "?", "warehouse": "w", "by": 3, "at": moment(50) }),
        ),
        of(
            "last",
            json!({ "type": "order-placed", "order": "4", "store": "c", "placed_at": moment(60),
            "lines": [{ "line": "1", "store_sku": "S1", "quantity": 20 }] }),
        ),
    ];
    let history = History::new(&events, &catalog, &declared);
    assert_eq!((history.orders, history.line_count()), (4, 3));
    let Aside { repeated, homeless, lines, stock, .. } = &history.aside;
    assert_eq!((*repeated, *homeless, *lines, *stock), (0, 1, 1, 1));
    let mut ground = Ground { catalog: &mut catalog, rules: &rules, declared: &declared, fulfil_from: &[] };
    let total = ground.replay(&history, &Variation::default(), &[]).expect("fits").total();
    // Ten, less four, and seven more.
    assert_eq!((total.ordered, total.sold, total.oversold, total.out_of_stock), (28, 4 + 4 + 13, 0, 7));
}
