//! Events, orders and what they cause.

use super::*;
use crate::orders::tests::{Memory, event, now, world};
use crate::orders::{Book, StockTake};

pub(super) fn events(state: &mut dyn State) {
    let world = world();
    let goods = world.goods();
    let (mut plain, mut book, mut other) =
        (Memory::default(), Book::new(&goods, None), Book::new(&goods, None));
    assert_eq!((state.last_received().expect("read"), state.has_orders().expect("read")), (None, false));
    let told = [
        r#"{"id":"1","type":"order-placed","order":"x","store":"web","placed_at":"2026-01-01T13:00:00Z","lines":[{"line":"1","store_sku":"a","quantity":12},{"line":"2","store_sku":"kit","quantity":1}]}"#,
        r#"{"id":"2","type":"stock-set","sku":"L","warehouse":"btm","on_hand":7}"#,
        r#"{"id":"3","type":"order-cancelled","order":"x","lines":[{"line":"1","quantity":4}]}"#,
        r#"{"id":"4","type":"stock-adjust","sku":"L","warehouse":"btm","by":-2}"#,
        r#"{"id":"5","type":"stock-adjust","sku":"L","warehouse":"btm","by":-1}"#,
        r#"{"id":"6","type":"order-placed","order":"x","store":"shop","placed_at":"2026-01-01T14:00:00Z","lines":[{"line":"1","store_sku":"a","quantity":1}]}"#,
        r#"{"id":"7","type":"stock-set","sku":"A","warehouse":"btm","available":3,"as_of":"2026-01-01T12:30:00Z"}"#,
        r#"{"id":"1","type":"order-cancelled","order":"x"}"#,
        r#"{"id":"8","type":"order-shipped","order":"x","store":"web"}"#,
    ];
    for (at, text) in told.iter().enumerate() {
        let took = book.take(&mut OnShelf(state), event(text), now()).expect("taken");
        assert_eq!(took, other.take(&mut plain, event(text), now()).expect("taken"), "{text}");
        if at % 2 == 1 {
            state.accept_events(&book.changes(), &[]).expect("kept");
            plain.put(other.changes());
        }
    }
    state.accept_events(&book.changes(), &[]).expect("kept");
    plain.put(other.changes());
    let mut take = StockTake::new(&world.catalog, &world.declared.warehouses);
    state.stock_told(&mut |set| take.set(set)).expect("read");
    state.movements(&mut |order, movement| take.movement(order, movement)).expect("read");
    let numbers = world.numbers(take);
    assert_eq!(numbers, plain.take_stock(&world));
    assert_eq!(numbers.get(&("L".to_owned(), "btm".to_owned())), Some(&4));
    let mut orders = Vec::new();
    let mut each = |order: &str, store: &str, movement: &Movement| {
        orders.push(format!(
            "{order} {store} {} {} {}",
            movement.warehouse, movement.on_hand, movement.reserved
        ));
    };
    state.orders_of("C", &mut each).expect("read");
    assert_eq!(orders, ["x web jkt 0 1", "x web jkt -1 -1"]);
    assert!(state.has_orders().expect("read") && state.last_received().expect("read") > Some(now()));
}

pub(super) fn unmapped(state: &mut dyn State) {
    let world = world();
    let goods = world.goods();
    let mut book = Book::new(&goods, None);
    let text = r#"{"id":"1","type":"order-placed","order":"x","store":"web","placed_at":"2026-01-01T13:00:00Z","lines":[{"line":"1","store_sku":"new","quantity":1}]}"#;
    book.take(&mut OnShelf(state), event(text), now()).expect("taken");
    state.accept_events(&book.changes(), &[]).expect("kept");
    let mut found = Vec::new();
    let mut each = |Unmapped { number, order, store, store_skus }: Unmapped<'_>| {
        found.push(format!("{number} {order} {store} {}", store_skus.join(" ")));
    };
    state.unmapped(&mut each).expect("read");
    assert_eq!(found, ["1 x web new"]);
}

pub(super) fn caused(state: &mut dyn State) {
    let world = world();
    let goods = world.goods();
    let mut book = Book::new(&goods, None);
    let text = r#"{"id":"1","type":"stock-set","sku":"L","warehouse":"btm","on_hand":7}"#;
    book.take(&mut OnShelf(state), event(text), now()).expect("taken");
    let changes = book.changes();
    let order =
        NewRun { plan_id: None, order_id: Some("x"), trigger: Trigger::OrderPlaced, ..run("", "v1", 10) };
    let (one, two) = ([write("a", Some(5), 4)], [write("a", Some(5), 3), write("b", None, 1)]);
    let runs = [Caused { run: order, writes: &one }, Caused { run: order, writes: &two }];
    let begun = state.accept_events(&changes, &runs).expect("kept");
    assert_eq!(begun.iter().map(|begun| begun.pending.len()).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(
        records(state, RecordQuery::default()),
        ["a:4 skipped superseded", "a:3 pending ", "b:1 pending "]
    );
    let pinned = NewRun { pinned: Some(99), ..order };
    state
        .accept_events(&Changes::default(), &[Caused { run: pinned, writes: &two }])
        .expect_err("no such activation");
    assert_eq!(waiting(state), ["a", "b"], "nothing of it stays");
    assert!(state.accept_events(&changes, &runs).is_err(), "an event is kept once");
    assert_eq!(records(state, RecordQuery::default()).len(), 3, "nothing of it stays");
}
