//! No order of events, and no repetition, changes what they come to.

use super::tests::{Memory, World, event, now, world};
use super::{Book, Event, Fault};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What happens to a few orders: each event with a moment of its own, before or after the snapshot's.
fn any_event() -> impl Strategy<Value = (u8, String)> {
    let line = (1_u8..4, prop::sample::select(vec!["a", "a3", "kit", "new"]), 0_u32..5);
    let lines = prop::collection::btree_map(1_u8..4, line, 1..3).prop_map(|lines| {
        let lines = lines.iter().map(|(name, (_, sku, quantity))| {
            format!(r#"{{"line":"{name}","store_sku":"{sku}","quantity":{quantity}}}"#)
        });
        lines.collect::<Vec<_>>().join(",")
    });
    let kind = prop::sample::select(vec![
        "order-placed",
        "order-placed",
        "order-edited",
        "order-cancelled",
        "order-shipped",
        "order-returned",
    ]);
    (
        kind,
        1_u8..5,
        prop::option::of(prop::sample::select(vec!["web", "shop"])),
        lines,
        any::<bool>(),
        9_u8..16,
    )
        .prop_map(|(kind, order, store, lines, all, hour)| {
            let all = all && !matches!(kind, "order-placed" | "order-edited");
            let lines = if all { String::new() } else { format!(r#","lines":[{lines}]"#) };
            let store = match (kind, store) {
                ("order-placed", None) => Some("web"),
                _ => store,
            };
            let store = store.map_or_else(String::new, |store| format!(r#","store":"{store}""#));
            let at = format!("2026-01-01T{hour:02}:00:00Z");
            (
                order,
                format!(r#""type":"{kind}","order":"{order}","placed_at":"{at}","at":"{at}"{store}{lines}"#),
            )
        })
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    prop::collection::vec(any_event(), 1..14).prop_map(|all| {
        let numbered = all.into_iter().enumerate();
        numbered.map(|(number, (_, fields))| event(&format!(r#"{{"id":"{number}",{fields}}}"#))).collect()
    })
}

/// Takes events, put away `together` at a time, and gives the stock by SKU and the orders' lines without their warehouses.
fn outcome(world: &World, events: &[Event], together: usize) -> BTreeMap<String, i64> {
    let goods = world.goods();
    let (mut memory, mut book) = (Memory::default(), Book::new(&goods, None));
    for chunk in events.chunks(together.max(1)) {
        for event in chunk {
            let took = book.take(&mut memory, event.clone(), now());
            assert!(!matches!(took, Err(Fault::Shelf(_))));
        }
        memory.put(book.changes());
    }
    let mut sums = BTreeMap::new();
    for ((sku, warehouse), available) in memory.take_stock(world) {
        let held = book.stock(&mut memory, &sku, &warehouse).unwrap_or_else(|_| panic!("no fault"));
        assert_eq!(held.available(), available, "{sku} in {warehouse}");
        let id = world.catalog.find_sku(&sku).unwrap_or_else(|| panic!("a SKU"));
        let place = world.declared.warehouses.iter().position(|name| *name == warehouse).unwrap_or(9);
        let file =
            world.catalog.stock_in_file(id, crate::rules::WarehouseId(place as u16)).map_or(0, |(n, _)| n);
        *sums.entry(sku).or_default() += available - file;
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

proptest! {
    #[test]
    fn any_order_and_any_repetition_come_to_the_same(
        events in events(), seed in any::<u64>(), together in 1_usize..20,
    ) {
        let world = world();
        let plain = outcome(&world, &events, usize::MAX);
        let mut shuffled = [events.clone(), events].concat();
        let mut state = seed | 1;
        for at in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(at, (state >> 33) as usize % (at + 1));
        }
        prop_assert_eq!(outcome(&world, &shuffled, together), plain);
    }

    #[test]
    fn what_is_reserved_and_shipped_is_what_was_ordered_and_kept(quantities in prop::collection::vec(0_u32..60, 1..8)) {
        let world = world();
        let lines: Vec<_> = quantities.iter().enumerate().map(|(at, quantity)| {
            format!(r#"{{"line":"{at}","store_sku":"a","quantity":{quantity}}}"#)
        }).collect();
        let text = format!(
            r#"{{"id":"p","type":"order-placed","order":"1","store":"web","placed_at":"2026-01-01T13:00:00Z","lines":[{}]}}"#,
            lines.join(",")
        );
        let ordered: i64 = quantities.iter().map(|&quantity| i64::from(quantity)).sum();
        let stock = outcome(&world, &[event(&text)], 1);
        prop_assert_eq!(stock.get("A").copied().unwrap_or(0), -ordered);
    }
}
