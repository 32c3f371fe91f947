//! The connector against a small Medusa in memory. The real one is asked in the project's own tests.

mod shop;

use crate::api::Medusa;
use serde_json::{Value, json};
use shop::Small;
use std::cell::RefCell;
use std::rc::Rc;
use stocksync_sdk::abi::outcome::{FAILED, SENT};
use stocksync_sdk::ffi::RawPlugin;
use stocksync_sdk::flow::Flow;
use stocksync_sdk::kit::{Case, Item, Run, World, contract, fuzz};

fn settings() -> Value {
    json!({ "url": "https://shop.example" })
}

fn world() -> World {
    Small::new(&[("MUG-S", 5), ("ก \"x\"&y", 7), ("last", 0)]).world()
}

fn run(world: &mut World, settings: &Value, operation: &str, items: &[Item]) -> Run {
    let run = Run::of(RawPlugin::of::<Flow<Medusa>>(), world, settings, operation, items);
    assert_eq!(run.faults, [""; 0]);
    run
}

fn case() -> Case {
    let items = vec![Item::new("MUG-S", 12), Item::new("ก \"x\"&y", 0), Item::new("last", 1)];
    Case::new(RawPlugin::of::<Flow<Medusa>>(), world, items).settings(settings()).secrets(&["api_key"])
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
fn reads_what_is_stocked_and_what_is_reserved() {
    let mut small = Small::new(&[("a", 5), ("b", 9), ("c", 0)]);
    small.items[0].reserved = 2.0;
    small.items[1].stocked = Some(1.5);
    small.items[2].stocked = None;
    let items = ["a", "b", "c"].map(|sku| Item::new(sku, 0));
    let read = run(&mut small.world(), &settings(), "read", &items);
    let read: Vec<_> = read.listings.iter().map(|row| (row.sku.as_str(), row.quantity, row.held)).collect();
    assert_eq!(read, [("a", Some(5), Some(2)), ("b", Some(1), Some(0)), ("c", Some(0), Some(0))]);
}

#[test]
fn dead_items_cost_only_themselves_and_levels_are_made() {
    let small = Rc::new(RefCell::new(Small::new(&[("a", 1), ("b", 1), ("c", 1), ("d", 1)])));
    let mut world = Small::share(&small);
    let items = ["a", "b", "c", "d"].map(|sku| Item::new(sku, 8));
    run(&mut world, &settings(), "read", &items);
    small.borrow_mut().items[2].stocked = None;
    small.borrow_mut().items.remove(1);
    let wrote = run(&mut world, &settings(), "write", &items);
    let sent = |index: usize| wrote.outcome(index).map(|(outcome, _)| outcome);
    assert_eq!([sent(0), sent(1), sent(2), sent(3)], [Some(SENT), Some(FAILED), Some(SENT), Some(SENT)]);
    assert_eq!(wrote.outcome(1), Some((FAILED, "not-found: the inventory item is gone")));
    // The batch, which of them are left, the batch without the dead one.
    assert_eq!(wrote.requests.len(), 3);
}

#[test]
fn many_are_read_by_the_fewest_requests() {
    let skus: Vec<String> = (0..2_500).map(|number| format!("SKU-{number:05}")).collect();
    let listings: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    let items = |count: usize| skus.iter().take(count).map(|sku| Item::new(sku, 0)).collect::<Vec<_>>();
    let mut world = Small::new(&listings).world();
    // Resolving costs the stock location besides.
    for (count, resolve, read) in [(90, 2, 1), (290, 4, 3), (2_500, 4, 3)] {
        world.addresses.clear();
        let run = run(&mut world, &settings(), "read", &items(count));
        assert_eq!(run.quantities.len(), count);
        let resolved = run.resolved.as_ref().map(|run| run.requests.len());
        assert_eq!((resolved, run.requests.len()), (Some(resolve), read), "{count}");
    }
    let all = run(&mut world, &settings(), "listings", &[]);
    assert_eq!((all.listings.len(), all.requests.len()), (2_500, 4));
}

#[test]
fn several_stock_locations_must_be_told_apart() {
    let small = || Small { locations: 2, ..Small::new(&[("a", 1)]) };
    let why = "the shop has several stock locations: set `stock_location` to one of `sloc_1` (Location 1), `sloc_2` (Location 2)";
    assert_eq!(run(&mut small().world(), &settings(), "check", &[]).end, Some(Err(why.to_owned())));
    let named = |id: &str| json!({ "url": "https://shop.example", "stock_location": id });
    assert_eq!(run(&mut small().world(), &named("sloc_2"), "check", &[]).end, Some(Ok(())));
    let why = "the shop has no stock location `x`; it has `sloc_1` (Location 1), `sloc_2` (Location 2)";
    assert_eq!(run(&mut small().world(), &named("x"), "check", &[]).end, Some(Err(why.to_owned())));
}

#[test]
fn a_wrong_key_is_told() {
    let mut world = world().secret("api_key", "pk_wrong");
    let checked = run(&mut world, &settings(), "check", &[]);
    assert_eq!(checked.end, Some(Err("unauthorized: Unauthorized".to_owned())));
}

#[test]
fn orders_are_told_with_what_became_of_them() {
    let mut world = world();
    let told = Run::orders_since(RawPlugin::of::<Flow<Medusa>>(), &mut world, &settings(), 1_764_000_000_000);
    assert_eq!((told.end, told.faults), (Some(Ok(())), Vec::new()));
    let kinds: Vec<&str> = told.orders.iter().filter_map(|event| event["id"].as_str()).collect();
    assert_eq!(kinds, ["a:placed", "b:placed", "b:cancelled", "c:placed", "c:shipped"]);
    assert_eq!(told.orders[0]["lines"], json!([{ "line": "li_a", "store_sku": "MUG-S", "quantity": 2 }]));
    assert!(told.requests[0].0.url.contains("updated_at[$gte]=2025-11-24T16%3A00%3A00Z"));
}

#[test]
fn settings_that_do_not_fit() {
    let open = |settings: Value| {
        Run::of(RawPlugin::of::<Flow<Medusa>>(), &mut World::new(), &settings, "check", &[]).end
    };
    let why = "the setting `url` must be like `https://api.example.com`, without a path";
    assert_eq!(open(json!({ "url": "https://shop.example/admin" })), Some(Err(why.to_owned())));
    assert_eq!(open(json!({})), Some(Err("the setting `url` is missing".to_owned())));
    assert_eq!(open(settings()), Some(Err("it needs the secret `api_key`".to_owned())));
}
