//! The connector against the simulated shop.

mod schema;

use crate::Shopify;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use stocksync_sdk::abi::outcome::{CONFLICT, FAILED, SENT};
use stocksync_sdk::ffi::RawPlugin;
use stocksync_sdk::flow::Flow;
use stocksync_sdk::kit::{Case, Item, Reply, Run, Webhook, World, contract, fuzz};
use stocksync_sdk::message::Request;
use stocksync_sim::memory::{Memory, shared, world};
use stocksync_sim::shopify::Shopify as Sim;
use stocksync_sim::{Listing, Marketplace, Now, Setup};

fn plugin() -> RawPlugin {
    RawPlugin::of::<Flow<Shopify>>()
}

fn shop() -> Sim {
    let listings = vec![
        Listing::new("A", 5),
        Listing::new("it's \\ \"ก\"", 7),
        Listing::new("B", 1).of("P"),
        Listing::new("C", 2).of("P"),
    ];
    Sim::new(&Setup { listings, ..Setup::default() })
}

/// With an order.
fn sold() -> Sim {
    let mut shop = shop();
    shop.sell("C", 1, Now(1_764_000_000_000));
    shop
}

fn plain() -> Value {
    json!({ "shop": "sim", "location": 77 })
}

fn items() -> Vec<Item> {
    vec![Item::new("A", 50), Item::new("B", 0), Item::new("it's \\ \"ก\"", 1), Item::new("C", 9)]
}

type Shared = Rc<RefCell<Memory<Sim>>>;

fn with(change: impl FnOnce(&mut Sim)) -> (World, Shared) {
    let (world, memory) = shared(shop());
    change(&mut memory.borrow_mut().market);
    (world, memory)
}

fn run(world: &mut World, operation: &str, items: &[Item]) -> Run {
    let run = Run::of(plugin(), world, &plain(), operation, items);
    assert_eq!(run.faults, [""; 0]);
    run
}

fn outcomes(run: &Run) -> Vec<u8> {
    run.outcomes.iter().map(|(_, outcome, _)| *outcome).collect()
}

fn case() -> Case {
    let expired =
        json!({ "errors": "[API] Invalid API key or access token (unrecognized login or wrong password)" });
    let throttled = shop().throttle();
    Case::new(plugin(), || world(sold()), items())
        .settings(plain())
        .secrets(&["access_token", "client_secret"])
        .expired(Reply::new(401, expired.to_string()))
        .throttled(Reply::new(throttled.status, throttled.body))
        .webhook(|secrets: &BTreeMap<String, String>| {
            let sent = sold().webhook("orders/create", &secrets["client_secret"]).unwrap();
            let request = Request {
                method: sent.method,
                url: "https://receiver.example/hook".to_owned(),
                headers: sent.headers,
            };
            Webhook { request, body: sent.body }
        })
}

#[test]
fn keeps_the_contract() {
    assert_eq!(contract(&case()), [""; 0]);
}

#[test]
fn any_answer_whatever_ends_in_outcomes() {
    assert_eq!(fuzz(&case()), [""; 0]);
}

#[test]
fn one_mutation_for_a_batch_and_what_is_there_already_is_read_back() {
    let (mut world, memory) = with(|_| {});
    run(&mut world, "read", &items());
    let same = [Item::new("A", 5), Item::new("B", 4)];
    let written = run(&mut world, "write", &same);
    assert_eq!((outcomes(&written), written.requests.len()), (vec![SENT; 2], 2));
    assert_eq!(memory.borrow().market.quantity("B"), Some(4));
    let (available, maximum, per_second) = written.budget.unwrap();
    assert!(available < maximum && (maximum, per_second) == (2000.0, 100.0));
    let written = run(&mut world, "write", &items());
    assert_eq!((outcomes(&written), written.requests.len()), (vec![SENT; 4], 1));
}

#[test]
fn another_number_than_expected_is_a_conflict_and_the_rest_is_written() {
    let (mut world, memory) = with(|_| {});
    let expecting =
        |sku: &str, quantity, expected| Item { expected: Some(expected), ..Item::new(sku, quantity) };
    let items = [expecting("A", 50, 5), expecting("B", 9, 3), expecting("C", 9, 2)];
    let written = run(&mut world, "write", &items);
    assert_eq!(outcomes(&written), [SENT, CONFLICT, SENT]);
    let words = "CHANGE_FROM_QUANTITY_STALE: The changeFromQuantity value does not match persisted value.";
    assert_eq!(written.outcome(1), Some((CONFLICT, words)));
    assert_eq!(memory.borrow().market.quantity("B"), Some(1));
}

#[test]
fn items_at_fault_fail_alone() {
    let (mut world, memory) = with(|shop| {
        shop.variant("C").unwrap().is_bundle = true;
        shop.variant("A").unwrap().tracked = false;
    });
    assert!(run(&mut world, "read", &items()).quantities.contains(&("A".to_owned(), -1)));
    memory.borrow_mut().market.delete("B");
    let written = run(&mut world, "write", &items());
    assert_eq!(outcomes(&written), [FAILED, FAILED, SENT, FAILED]);
    let told: Vec<&str> =
        written.outcomes.iter().map(|(_, _, text)| text.split(": ").take(2).last().unwrap()).collect();
    assert_eq!(told[1..], ["INVALID_INVENTORY_ITEM", "", "NON_MUTABLE_INVENTORY_ITEM"]);
    assert_eq!(told[0], "the shop does not track the stock of this item");
    assert!(!world.addresses.contains_key("B"));
}

#[test]
fn a_batch_that_comes_again_is_done_once() {
    let (mut world, memory) = with(|_| {});
    let item = [Item { expected: Some(5), ..Item::new("A", 8) }];
    assert_eq!(outcomes(&run(&mut world, "write", &item)), [SENT]);
    memory.borrow_mut().market.sell("A", 1, Now(0));
    // The same key: the shop says again what it said, and does nothing.
    assert_eq!(outcomes(&run(&mut world, "write", &item)), [SENT]);
    assert_eq!(memory.borrow().market.quantity("A"), Some(7));
}

#[test]
fn a_bucket_that_is_empty_is_waited_for() {
    let (mut world, memory) = with(|_| {});
    run(&mut world, "read", &items());
    memory.borrow_mut().market.drain(1.0);
    let written = run(&mut world, "write", &items());
    assert_eq!(outcomes(&written), [SENT; 4]);
    assert!(written.waited_seconds > 0.0);
}

#[test]
fn many_are_read_in_few_requests_and_listed_page_by_page() {
    let listings = (0..500).map(|n| Listing::new(&format!("SKU-{n:04}"), n)).collect();
    let mut world = world(Sim::new(&Setup { listings, ..Setup::default() }));
    let items: Vec<Item> = (0..500).map(|n| Item::new(&format!("SKU-{n:04}"), 0)).collect();
    run(&mut world, "read", &items);
    // The points come back.
    world.now += 60_000;
    let read = run(&mut world, "read", &items);
    assert_eq!((read.quantities.len(), read.requests.len()), (500, 2));
    let listed = run(&mut world, "listings", &[]);
    assert_eq!((listed.listings.len(), listed.listings[499].quantity), (500, Some(499)));
}

#[test]
fn a_sku_that_stands_twice_is_answered_twice_and_another_case_is_another() {
    let listings = vec![Listing::new("A", 1), Listing::new("A", 2), Listing::new("a", 3)];
    let mut world = world(Sim::new(&Setup { listings, ..Setup::default() }));
    let resolved = run(&mut world, "resolve", &[Item::new("A", 0), Item::new("x", 0)]);
    let found: Vec<_> = resolved.listings.iter().map(|listed| listed.address.as_deref().unwrap()).collect();
    assert_eq!(found, ["gid://shopify/InventoryItem/1500", "gid://shopify/InventoryItem/1501"]);
}

#[test]
fn a_token_is_asked_for_with_the_client_secret() {
    let (mut world, _) = with(|_| {});
    world.secrets.remove("access_token");
    let settings = json!({ "shop": "sim", "location": "gid://shopify/Location/77", "client_id": "client-1" });
    let read = Run::of(plugin(), &mut world, &settings, "read", &items());
    assert_eq!((read.end, read.quantities.len()), (Some(Ok(())), 4));
    assert_eq!(read.resolved.unwrap().requests.len(), 2);
    let ends = world.secret_expires["access_token"];
    assert!(ends > world.now + 86_000_000);
    world.secrets.insert("access_token".to_owned(), "shpat_ended".to_owned());
    let read = Run::of(plugin(), &mut world, &settings, "read", &items());
    assert_eq!((read.end, read.requests.len()), (Some(Ok(())), 3));
}

#[test]
fn orders() {
    let (mut world, memory) = with(|_| {});
    let since = memory.borrow().now();
    memory.borrow_mut().market.sell("B", 1, Now(since.0 + 5_000));
    let told = Run::orders_since(plugin(), &mut world, &plain(), since.0);
    let expected = json!({
        "id": "3000-order-placed", "type": "order-placed", "order": "3000", "placed_at": "2025-11-24T16:00:05Z",
        "lines": [{ "line": "30000", "store_sku": "B", "quantity": 1 }],
    });
    assert_eq!((told.end, told.orders), (Some(Ok(())), vec![expected]));
    memory.borrow_mut().market.cancel(Now(since.0 + 9_000));
    let told = Run::orders_since(plugin(), &mut world, &plain(), since.0 + 6_000);
    assert_eq!(
        told.orders.iter().map(|order| order["type"].as_str().unwrap()).collect::<Vec<_>>(),
        ["order-placed", "order-cancelled"]
    );
}

#[test]
fn settings_that_are_wrong() {
    for (settings, expected) in [
        (json!({}), "the setting `shop` must be the name in `NAME.myshopify.com`"),
        (
            json!({ "shop": "a/b", "location": 1 }),
            "the setting `shop` must be the name in `NAME.myshopify.com`",
        ),
        (json!({ "shop": "a", "location": "x" }), "the setting `location` must be the number of a location"),
        (
            json!({ "shop": "a", "location": 1, "api_version": "2025-10" }),
            "the setting `api_version` must be one of 2026-01, 2026-04, 2026-07, 2026-10",
        ),
        (
            json!({ "shop": "sim", "location": 5 }),
            "rejected: the shop has no location `gid://shopify/Location/5`",
        ),
    ] {
        let run = Run::of(plugin(), &mut world(shop()), &settings, "check", &[]);
        assert_eq!(run.end, Some(Err(expected.to_owned())));
    }
}
