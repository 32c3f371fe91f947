use super::*;
use crate::catalog::{Catalog, Inputs, Table};
use crate::check::check;
use crate::rules::{Declared, RuleSet, WarehouseId};
use crate::source::Sources;
use crate::syntax::parse;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// A shelf in memory: the plainest thing that can keep changes.
#[derive(Default)]
pub(crate) struct Memory {
    events: BTreeMap<String, Kept>,
    orders: BTreeMap<(String, String), OrderRow>,
    sets: BTreeMap<(String, String), Told>,
    adjustments: Vec<Movement>,
}

impl Memory {
    pub(crate) fn put(&mut self, changes: Changes) {
        for NewEvent { event, received } in changes.events {
            self.events.insert(event.id.clone(), Kept { received, event });
        }
        for row in changes.orders {
            self.orders.insert((row.order.clone(), row.store.clone()), row);
        }
        for StockSet { sku, warehouse, source, units, as_of } in changes.sets {
            self.sets.insert((sku, warehouse), (source, units, as_of));
        }
        self.adjustments.extend(changes.adjustments);
    }

    fn movements(&self) -> impl Iterator<Item = &Movement> {
        self.orders.values().flat_map(|row| &row.movements).chain(&self.adjustments)
    }

    /// Every number, by taking stock of everything: the plain way.
    pub(crate) fn take_stock(&self, world: &World) -> BTreeMap<(String, String), i64> {
        let mut take = StockTake::new(&world.catalog, &world.declared.warehouses);
        for ((sku, warehouse), (source, units, as_of)) in &self.sets {
            let (sku, warehouse) = (sku.clone(), warehouse.clone());
            take.set(&StockSet { sku, warehouse, source: *source, units: *units, as_of: *as_of });
        }
        self.movements().for_each(|movement| take.movement(Some(1), movement));
        world.numbers(take)
    }
}

impl Shelf for Memory {
    type Fault = Infallible;

    fn has_event(&mut self, id: &str) -> Result<bool, Infallible> {
        Ok(self.events.contains_key(id))
    }

    fn order(&mut self, order: &str) -> Result<Entry, Infallible> {
        let events = self.events.values().filter(|kept| kept.event.order() == Some(order)).cloned();
        let orders = self.orders.values().filter(|row| row.order == order).cloned();
        Ok(Entry { events: events.collect(), orders: orders.collect() })
    }

    fn told(&mut self, sku: &str, warehouse: &str) -> Result<Option<Told>, Infallible> {
        Ok(self.sets.get(&(sku.to_owned(), warehouse.to_owned())).copied())
    }

    fn moved(&mut self, sku: &str, warehouse: &str, after: Option<Timestamp>) -> Result<Moved, Infallible> {
        let mut moved = Moved::default();
        for movement in self.movements().filter(|m| m.sku == sku && m.warehouse == warehouse) {
            moved.reserved += movement.reserved;
            if after.is_none_or(|after| after < movement.at) {
                moved.on_hand += movement.on_hand;
                moved.reserved_after += movement.reserved;
            }
        }
        Ok(moved)
    }
}

pub(crate) struct World {
    pub(crate) catalog: Catalog,
    pub(crate) declared: Declared,
    pub(crate) rules: RuleSet,
    pub(crate) fulfil_from: Vec<Option<Vec<WarehouseId>>>,
}

/// A in both warehouses, true at noon; B nowhere; KIT is 2 × A and 1 × C; store `web` sells a, a3 (a three-pack), kit, l (of L,
/// which no file has stock of).
pub(crate) fn world() -> World {
    world_with(
        "A,jkt,10,2026-01-01T12:00:00Z\nA,btm,5,2026-01-01T12:00:00Z\nC,jkt,4,2026-01-01T12:00:00Z\nC,btm,4,2026-01-01T12:00:00Z\n",
    )
}

pub(crate) fn world_with(stock: &str) -> World {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let declared = Declared {
        warehouses: names(&["jkt", "btm"]),
        stores: names(&["web", "shop"]),
        timezone: jiff::tz::TimeZone::UTC,
        rules_max: 9,
    };
    let mut sources = Sources::new();
    let mut table = |name: &str, text: &str| Table {
        file: sources.add(name, ""),
        bytes: text.as_bytes().to_vec(),
        modified: None,
    };
    let inputs = Inputs {
        skus: table("skus.csv", "sku,name\nA,\nB,\nC,\nKIT,\nL,\n"),
        stock: table("stock.csv", &format!("sku,warehouse,available,as_of\n{stock}")),
        mappings: table(
            "mappings.csv",
            "sku,store,store_sku,units\nA,web,a,1\nA,web,a3,3\nKIT,web,kit,1\nL,web,l,1\nA,shop,a,1\n",
        ),
        bundles: Some(table("bundles.csv", "bundle,sku,units\nKIT,A,2\nKIT,C,1\n")),
    };
    let (catalog, faults) = crate::catalog::read(inputs, &declared, &mut sources);
    assert_eq!(faults, []);
    let text = "rule \"All\" {\n  order 1\n  skus all\n  warehouses jkt, btm\n  stores all\n}\n";
    let file = sources.add("a.sync", text);
    let (ast, _) = parse(file, text);
    let (checked, faults) = check(&[(file, ast)], &declared);
    assert_eq!(faults, []);
    let rules = checked.rule_set().cloned().unwrap_or_else(|| panic!("no rules"));
    World { catalog, declared, rules, fulfil_from: vec![None, None] }
}

impl World {
    pub(crate) fn goods(&self) -> Goods<'_> {
        Goods::new(
            &self.catalog,
            &self.declared,
            &self.rules,
            self.fulfil_from.clone(),
            Timestamp::UNIX_EPOCH,
        )
    }
}

impl World {
    /// What was found when stock was taken, by SKU and warehouse.
    pub(crate) fn numbers(&self, take: StockTake<'_>) -> BTreeMap<(String, String), i64> {
        let name = |row: &StockRow| {
            let warehouse = self.catalog.warehouse_name(row.warehouse).to_owned();
            ((self.catalog.sku(row.sku).to_owned(), warehouse), row.held.available())
        };
        take.finish().0.iter().map(name).collect()
    }
}

pub(crate) fn event(text: &str) -> Event {
    let value = serde_json::from_str(text).unwrap_or_else(|fault| panic!("{fault}: {text}"));
    let event = read_event(&value, &jiff::tz::TimeZone::UTC).unwrap_or_else(|fault| panic!("{fault:?}"));
    assert_eq!(read_event(&write_event(&event), &jiff::tz::TimeZone::UTC).as_ref(), Ok(&event));
    event
}

pub(crate) fn now() -> Timestamp {
    "2026-01-02T00:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Takes events and gives what they said, and every number that is not as the file has it.
fn run(world: &World, events: &[&str]) -> (Vec<String>, String) {
    let goods = world.goods();
    let mut memory = Memory::default();
    let mut book = Book::new(&goods, None);
    let mut said = Vec::new();
    for text in events {
        match book.take(&mut memory, event(text), now()) {
            Ok(took) => said.extend(tell(&took)),
            Err(Fault::Refused(refused)) => said.push(refused.message),
            Err(Fault::Shelf(never)) => match never {},
        }
    }
    memory.put(book.changes());
    let stock = memory.take_stock(world);
    for ((sku, warehouse), available) in &stock {
        let held = book.stock(&mut memory, sku, warehouse).unwrap_or_else(|_| panic!("no fault"));
        assert_eq!(held.available(), *available, "{sku} in {warehouse}: the book and a plain count");
    }
    let rows = stock.iter().map(|((sku, warehouse), units)| format!("{sku} {warehouse} {units}"));
    (said, rows.collect::<Vec<_>>().join(", "))
}

fn tell(took: &Took) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    said.extend(took.repeated.then(|| "repeated".to_owned()));
    said.extend(took.ambiguous.then(|| "ambiguous".to_owned()));
    said.extend(took.unknown.iter().map(|line| format!("unknown {} {}", line.store, line.store_sku)));
    said.extend(took.negative.iter().map(|n| format!("negative {} {} {}", n.sku, n.warehouse, n.available)));
    said
}

#[track_caller]
fn check_stock(events: &[&str], expected: &str) {
    let (said, stock) = run(&world(), events);
    assert_eq!((said, stock.as_str()), (Vec::new(), expected));
}

#[track_caller]
fn check_said(events: &[&str], expected: &[&str], stock: &str) {
    let (said, rows) = run(&world(), events);
    assert_eq!(
        (said.iter().map(String::as_str).collect::<Vec<_>>(), rows.as_str()),
        (expected.to_vec(), stock)
    );
}

/// An order of web, placed after the snapshot.
fn placed(lines: &str) -> String {
    format!(
        r#"{{"id":"p","type":"order-placed","order":"1","store":"web","placed_at":"2026-01-01T13:00:00Z","lines":[{lines}]}}"#
    )
}

const A4: &str = r#"{"line":"1","store_sku":"a","quantity":4}"#;

#[test]
fn an_order_reserves_through_the_mapping_and_its_units() {
    check_stock(&[&placed(A4)], "A jkt 6");
    check_stock(&[&placed(r#"{"line":"1","store_sku":"a3","quantity":2}"#)], "A jkt 4");
    check_stock(&[&placed(r#"{"line":"1","store_sku":"kit","quantity":2}"#)], "A jkt 6, C jkt 2");
}

#[test]
fn a_line_may_be_spread_over_warehouses_and_one_unit_may_not() {
    check_stock(&[&placed(r#"{"line":"1","store_sku":"a","quantity":12}"#)], "A btm 3, A jkt 0");
    check_stock(&[&placed(r#"{"line":"1","store_sku":"a3","quantity":4}"#)], "A btm 2, A jkt 1");
    check_stock(
        &[&placed(r#"{"line":"1","store_sku":"kit","quantity":5}"#)],
        "A btm 3, A jkt 2, C btm 3, C jkt 0",
    );
}

#[test]
fn more_than_there_is_is_reserved_all_the_same_and_told() {
    check_said(
        &[&placed(r#"{"line":"1","store_sku":"a","quantity":20}"#)],
        &["negative A jkt -5"],
        "A btm 0, A jkt -5",
    );
    check_said(
        &[&placed(r#"{"line":"1","store_sku":"kit","quantity":7}"#)],
        &["negative C jkt -1"],
        "A btm 1, A jkt 0, C btm 2, C jkt -1",
    );
}

#[test]
fn stores_may_name_their_own_warehouses() {
    let mut world = world();
    world.fulfil_from = vec![Some(vec![WarehouseId(1)]), None];
    let (said, stock) = run(&world, &[&placed(A4)]);
    assert_eq!((said, stock.as_str()), (vec![], "A btm 1"));
}

#[test]
fn orders_before_the_snapshot_are_in_it_already() {
    let before = placed(A4).replace("T13", "T12");
    check_stock(&[&before], "");
    check_stock(&[&before, r#"{"id":"c","type":"order-cancelled","order":"1"}"#], "");
    let shipped = r#"{"id":"s","type":"order-shipped","order":"1"}"#;
    check_stock(&[&before, shipped], "");
    check_stock(
        &[&before, shipped, r#"{"id":"r","type":"order-returned","order":"1","at":"2026-01-01T11:59:00Z"}"#],
        "",
    );
    check_stock(
        &[&before, shipped, r#"{"id":"r","type":"order-returned","order":"1","at":"2026-01-01T15:00:00Z"}"#],
        "A jkt 14",
    );
}

#[test]
fn what_happens_to_an_order_in_any_order() {
    let placed = placed(A4);
    let (ship, cancel, back) = (
        r#"{"id":"s","type":"order-shipped","order":"1","lines":[{"line":"1","quantity":3}]}"#,
        r#"{"id":"c","type":"order-cancelled","order":"1"}"#,
        r#"{"id":"r","type":"order-returned","order":"1","lines":[{"line":"1","quantity":2}],"warehouse":"btm"}"#,
    );
    for (events, expected) in [
        (vec![&*placed, cancel], ""),
        (vec![cancel, &placed], ""),
        (vec![&placed, ship], "A jkt 6"),
        (vec![&placed, ship, cancel], "A jkt 7"),
        (vec![cancel, ship, &placed], "A jkt 7"),
        (vec![&placed, ship, cancel, back], "A btm 7, A jkt 7"),
        (vec![back, cancel, &placed, ship], "A btm 7, A jkt 7"),
    ] {
        check_stock(&events, expected);
    }
}

#[test]
fn an_edit_is_the_difference() {
    let edit = |quantity: u32| {
        format!(
            r#"{{"id":"e{quantity}","type":"order-edited","order":"1","lines":[{{"line":"1","store_sku":"a","quantity":{quantity}}},{{"line":"2","store_sku":"a3","quantity":1}}]}}"#
        )
    };
    check_stock(&[&placed(A4), &edit(1)], "A jkt 6");
    check_stock(&[&placed(A4), &edit(6)], "A jkt 1");
    check_stock(&[&edit(6), &placed(A4)], "A jkt 1");
    let edited = edit(6).replace("\"order\":\"1\"", "\"order\":\"1\",\"store\":\"web\"");
    check_stock(&[&edited, &placed(A4)], "A jkt 1");
    check_stock(&[&placed(A4), &edit(6), &edit(0)], "A jkt 7");
    check_stock(&[&placed(A4), r#"{"id":"e","type":"order-edited","order":"1","lines":[]}"#], "");
}

#[test]
fn the_same_id_twice_does_nothing_the_second_time() {
    let placed = placed(A4);
    let other = placed.replace("\"quantity\":4", "\"quantity\":9");
    check_said(&[&placed, &placed, &other], &["repeated", "repeated"], "A jkt 6");
}

#[test]
fn an_order_told_twice_under_two_ids_is_one_order() {
    let placed = placed(A4);
    let again = placed.replace("\"id\":\"p\"", "\"id\":\"q\"");
    let ship = r#"{"id":"s","type":"order-shipped","order":"1"}"#;
    let back = r#"{"id":"r","type":"order-returned","order":"1"}"#;
    check_stock(&[&placed, &again, ship, &ship.replace("\"s\"", "\"t\"")], "A jkt 6");
    check_stock(&[&placed, ship, back, &back.replace("\"r\"", "\"q\"")], "A jkt 10");
}

#[test]
fn two_stores_may_number_their_orders_alike() {
    let web = placed(A4);
    let shop = web.replace("\"web\"", "\"shop\"").replace("\"id\":\"p\"", "\"id\":\"q\"");
    let cancel = r#"{"id":"c","type":"order-cancelled","order":"1"}"#;
    check_stock(&[&web, &shop], "A jkt 2");
    check_said(&[&web, &shop, cancel], &["ambiguous"], "A jkt 2");
    let of_web = cancel.replace("\"order\"", "\"store\":\"web\",\"order\"");
    check_stock(&[&of_web, &web, &shop], "A jkt 6");
}

#[test]
fn goods_of_an_order_that_nobody_told_of_come_back() {
    let back = r#"{"id":"r","type":"order-returned","order":"C1","store":"web","at":"2026-01-01T13:00:00Z","lines":[{"line":"1","store_sku":"a3","quantity":2}],"warehouse":"btm"}"#;
    check_stock(&[back], "A btm 11");
    check_stock(&[&back.replace(",\"warehouse\":\"btm\"", "")], "A jkt 16");
    check_stock(&[&back.replace("T13", "T11")], "");
}

#[test]
fn a_line_that_no_mapping_knows_is_kept_and_applied_when_it_comes() {
    let text = placed(r#"{"line":"1","store_sku":"new","quantity":2}"#);
    check_said(&[&text], &["unknown web new"], "");
    let world = world();
    let goods = world.goods();
    let mut memory = Memory::default();
    let mut book = Book::new(&goods, None);
    assert!(book.take(&mut memory, event(&text), now()).is_ok());
    memory.put(book.changes());
    let row = memory.orders.values().next().cloned().unwrap_or_else(|| panic!("an order"));
    assert_eq!((row.unknown, row.movements), (vec!["new".to_owned()], vec![]));
    // The mapping comes: the store SKU is one that the catalog has.
    let kept = memory.events.get_mut("p").unwrap_or_else(|| panic!("kept"));
    kept.event = event(&text.replace("\"new\"", "\"a\""));
    let took = book.again(&mut memory, "1").unwrap_or_else(|_| panic!("no fault"));
    assert_eq!(took.touched.into_iter().collect::<Vec<_>>(), ["A"]);
    memory.put(book.changes());
    assert_eq!(memory.take_stock(&world).into_values().collect::<Vec<_>>(), [8]);
}

#[test]
fn the_ledger_counts_every_reservation() {
    let set = r#"{"id":"l","type":"stock-set","sku":"L","warehouse":"btm","on_hand":10,"as_of":"2026-01-01T14:00:00Z"}"#;
    let order = placed(r#"{"line":"1","store_sku":"l","quantity":4}"#);
    let ship = r#"{"id":"s","type":"order-shipped","order":"1"}"#;
    let adjust = r#"{"id":"j","type":"stock-adjust","sku":"L","warehouse":"btm","by":-3,"cause":"broken"}"#;
    check_stock(&[set], "L btm 10");
    check_stock(&[set, &order], "L btm 6");
    check_stock(&[set, &order, ship], "L btm 6");
    check_stock(&[set, &order, ship, adjust], "L btm 3");
    check_stock(&[set, &order, ship, r#"{"id":"r","type":"order-returned","order":"1"}"#], "L btm 10");
    let counted = r#"{"id":"m","type":"stock-set","sku":"L","warehouse":"btm","on_hand":100}"#;
    check_stock(&[set, &order, adjust, counted], "L btm 96");
    check_stock(&[set, &order, adjust, counted, ship], "L btm 96");
    check_stock(&[counted, set], "L btm 100");
    // Shipped before the count: the units are gone from what was counted.
    let early = r#"{"id":"s","type":"order-shipped","order":"1","at":"2026-01-01T13:30:00Z"}"#;
    check_stock(&[set, &order, early], "L btm 10");
}

#[test]
fn each_number_has_one_source() {
    let adjust = r#"{"id":"j","type":"stock-adjust","sku":"A","warehouse":"jkt","by":1}"#;
    check_said(&[adjust], &["the stock of `A` in `jkt` is not in the ledger and cannot be adjusted"], "");
    let set = r#"{"id":"l","type":"stock-set","sku":"A","warehouse":"jkt","on_hand":1}"#;
    check_said(&[set], &["the stock file has a row of `A` in `jkt`, which cannot be in the ledger too"], "");
    let ledger = r#"{"id":"l","type":"stock-set","sku":"L","warehouse":"jkt","on_hand":1}"#;
    let snapshot =
        r#"{"id":"m","type":"stock-set","sku":"L","warehouse":"jkt","available":1,"as_of":"2026-01-01"}"#;
    check_said(
        &[ledger, snapshot],
        &["the stock of `L` in `jkt` is in the ledger and takes no snapshot"],
        "L jkt 1",
    );
    check_stock(&[snapshot, ledger], "L jkt 1");
    check_said(
        &[r#"{"id":"k","type":"stock-set","sku":"KIT","warehouse":"jkt","on_hand":1}"#],
        &["`KIT` is a bundle and has no stock of its own"],
        "",
    );
}

#[test]
fn a_newer_snapshot_has_the_orders_before_it_in_it() {
    let set = |hour: u32| {
        format!(
            r#"{{"id":"s{hour}","type":"stock-set","sku":"A","warehouse":"jkt","available":6,"as_of":"2026-01-01T{hour}:00:00Z"}}"#
        )
    };
    check_stock(&[&placed(A4), &set(14)], "A jkt 6");
    check_stock(&[&set(14), &placed(A4)], "A jkt 6");
    check_stock(&[&placed(A4), &set(11)], "A jkt 6");
    check_stock(&[&set(14), &set(11), &placed(A4).replace("T13", "T15")], "A jkt 2");
}

#[test]
fn what_is_not_declared_is_refused() {
    check_said(&[&placed(A4).replace("\"web\"", "\"wep\"")], &["the store `wep` is not declared"], "");
}

#[test]
fn a_refused_event_can_be_told_again() {
    let adjust = r#"{"id":"j","type":"stock-adjust","sku":"L","warehouse":"jkt","by":1}"#;
    let ledger = r#"{"id":"l","type":"stock-set","sku":"L","warehouse":"jkt","on_hand":1}"#;
    let refused = "the stock of `L` in `jkt` is not in the ledger and cannot be adjusted";
    check_said(&[adjust, ledger, adjust], &[refused], "L jkt 2");
}
