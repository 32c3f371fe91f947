//! The connector against a small Vendure in memory. The real one is asked in the project's own tests.

mod shop;

use crate::api::Vendure;
use serde_json::{Value, json};
use shop::{FORBIDDEN, Small};
use std::cell::RefCell;
use std::rc::Rc;
use stocksync_sdk::abi::outcome::{FAILED, SENT};
use stocksync_sdk::ffi::RawPlugin;
use stocksync_sdk::flow::Flow;
use stocksync_sdk::kit::{Case, Item, Reply, Run, World, contract, fuzz};

fn settings() -> Value {
    json!({ "url": "https://shop.example/admin-api" })
}

fn world() -> World {
    Small::new(&[("LT-13", 5), ("ก \"x\"", 7), ("MUG", 0)]).world()
}

fn run(world: &mut World, settings: &Value, operation: &str, items: &[Item]) -> Run {
    let run = Run::of(RawPlugin::of::<Flow<Vendure>>(), world, settings, operation, items);
    assert_eq!(run.faults, [""; 0]);
    run
}

fn case() -> Case {
    let items = vec![Item::new("LT-13", 12), Item::new("ก \"x\"", 0), Item::new("MUG", 1)];
    Case::new(RawPlugin::of::<Flow<Vendure>>(), world, items)
        .settings(settings())
        .secrets(&["username", "password", "session"])
        .expired(Reply::new(200, FORBIDDEN))
}

#[test]
fn keeps_the_contract_with_a_login() {
    assert_eq!(contract(&case()), [""; 0]);
}

#[test]
fn any_answer_whatever_ends_in_outcomes() {
    assert_eq!(fuzz(&case()), [""; 0]);
}

#[test]
fn keeps_the_contract_with_an_api_key() {
    let keyed = || Small { api_key: true, ..Small::new(&[("a", 1), ("b", 2)]) }.world();
    let case = Case::new(RawPlugin::of::<Flow<Vendure>>(), keyed, vec![Item::new("a", 3), Item::new("b", 4)])
        .settings(settings())
        .secrets(&["api_key"]);
    assert_eq!(contract(&case), [""; 0]);
}

#[test]
fn logs_in_where_no_session_is_known() {
    let mut world = world().secret("username", "u").secret("password", "p\"\\");
    world.secrets.remove("session");
    let checked = run(&mut world, &settings(), "check", &[]);
    assert_eq!(checked.end, Some(Ok(())));
    assert_eq!(world.secrets["session"], "session-1");
    world.secrets.remove("session");
    world.secrets.insert("password".to_owned(), "wrong".to_owned());
    let checked = run(&mut world, &settings(), "check", &[]);
    let why = "unauthorized: the tokens were not refreshed: The provided credentials are invalid";
    assert_eq!(checked.end, Some(Err(why.to_owned())));
}

#[test]
fn reads_on_hand_and_what_orders_hold() {
    let mut small = Small::new(&[("a", 5), ("A", 9)]);
    small.variants[0].allocated = 2;
    let mut world = small.world();
    let read = run(&mut world, &settings(), "read", &[Item::new("a", 0)]);
    let read: Vec<_> = read.listings.iter().map(|row| (row.sku.as_str(), row.quantity, row.held)).collect();
    assert_eq!(read, [("a", Some(5), Some(2))]);
}

#[test]
fn a_dead_item_costs_only_itself() {
    let small = Rc::new(RefCell::new(Small::new(&[("a", 1), ("b", 1), ("c", 1), ("d", 1)])));
    let mut world = Small::share(&small);
    let items = ["a", "b", "c", "d"].map(|sku| Item::new(sku, 8));
    run(&mut world, &settings(), "read", &items);
    small.borrow_mut().variants.retain(|variant| variant.sku != "b" && variant.sku != "d");
    let wrote = run(&mut world, &settings(), "write", &items);
    let outcomes: Vec<u8> = wrote.outcomes.iter().map(|(_, outcome, _)| *outcome).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == SENT).count(), 2);
    for dead in [1, 3] {
        assert_eq!(wrote.outcome(dead), Some((FAILED, "not-found: the variant is gone")));
    }
    // The batch, which of them are left, the batch without them.
    assert_eq!(wrote.requests.len(), 3);
}

#[test]
fn a_refusal_without_a_name_is_halved_down_to_its_item() {
    let small = Rc::new(RefCell::new(Small::new(&[("a", 1), ("b", 1), ("c", 1), ("d", 1)])));
    let mut world = Small::share(&small);
    small.borrow_mut().poison = Some("c".to_owned());
    let items = ["a", "b", "c", "d"].map(|sku| Item::new(sku, 8));
    let wrote = run(&mut world, &settings(), "write", &items);
    let sent = |index: usize| wrote.outcome(index).map(|(outcome, _)| outcome);
    assert_eq!([sent(0), sent(1), sent(2), sent(3)], [Some(SENT), Some(SENT), Some(FAILED), Some(SENT)]);
    assert_eq!(wrote.outcome(2).map(|(_, why)| why), Some("rejected: FOREIGN KEY constraint failed"));
}

#[test]
fn bodies_stay_below_the_limit() {
    let skus: Vec<String> = (0..1_500).map(|number| format!("SKU-{number:05}")).collect();
    let listings: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    let mut world = Small::new(&listings).world();
    let settings = json!({ "url": "https://shop.example/admin-api", "body_bytes_max": 20_000 });
    let items: Vec<Item> = skus.iter().map(|sku| Item::new(sku, 2_000_000)).collect();
    let wrote = run(&mut world, &settings, "write", &items);
    assert!(wrote.outcomes.len() == 1_500 && wrote.outcomes.iter().all(|(_, outcome, _)| *outcome == SENT));
    let resolved = wrote.resolved.as_ref().map(|run| run.requests.clone()).unwrap_or_default();
    assert!(wrote.requests.iter().chain(&resolved).all(|(_, body)| body.len() <= 20_000));
    assert!(wrote.requests.len() <= 7, "{}", wrote.requests.len());
}

#[test]
fn several_stock_locations_must_be_told_apart() {
    let small = || Small { locations: 2, ..Small::new(&[("a", 1)]) };
    let why = "the shop has several stock locations: set `stock_location` to one of `1` (Location 1), `2` (Location 2)";
    assert_eq!(run(&mut small().world(), &settings(), "check", &[]).end, Some(Err(why.to_owned())));
    let named = |id: &str| json!({ "url": "https://shop.example/admin-api", "stock_location": id });
    assert_eq!(run(&mut small().world(), &named("2"), "check", &[]).end, Some(Ok(())));
    let why = "the shop has no stock location `7`; it has `1` (Location 1), `2` (Location 2)";
    assert_eq!(run(&mut small().world(), &named("7"), "check", &[]).end, Some(Err(why.to_owned())));
    // At a location where it never was, there is none of it.
    let read = run(&mut small().world(), &named("2"), "read", &[Item::new("a", 0)]);
    assert_eq!(read.quantities, [("a".to_owned(), 0)]);
}

#[test]
fn listings_page_after_page() {
    let skus: Vec<String> = (0..2_500).map(|number| format!("SKU-{number:05}")).collect();
    let listings: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    let all = run(&mut Small::new(&listings).world(), &settings(), "listings", &[]);
    assert_eq!((all.listings.len(), all.requests.len()), (2_500, 4));
    assert_eq!(all.listings[7].title, "Name of SKU-00007");
}

#[test]
fn orders_are_told_with_what_became_of_them() {
    let mut world = world();
    let told =
        Run::orders_since(RawPlugin::of::<Flow<Vendure>>(), &mut world, &settings(), 1_764_000_000_000);
    assert_eq!((told.end, told.faults), (Some(Ok(())), Vec::new()));
    let kinds: Vec<String> = told.orders.iter().map(|event| format!("{}", event["id"])).collect();
    let expect = [
        "\"A:placed\"",
        "\"B:placed\"",
        "\"B:cancelled\"",
        "\"C:placed\"",
        "\"C:edited:2026-11-25T10:00:00.000Z\"",
        "\"D:placed\"",
        "\"D:shipped\"",
    ];
    assert_eq!(kinds, expect);
    let lines = json!([{ "line": "1", "store_sku": "LT-13", "quantity": 3 }]);
    assert_eq!(told.orders[0]["lines"], lines);
    assert_eq!(told.orders[4]["lines"][0]["quantity"], 2);
    let asked = String::from_utf8_lossy(&told.requests[0].1).into_owned();
    assert!(asked.contains("\"after\":\"2025-11-24T15:59:59Z\""), "{asked}");
}

#[test]
fn settings_that_do_not_fit() {
    let open = |settings: Value| {
        Run::of(RawPlugin::of::<Flow<Vendure>>(), &mut World::new(), &settings, "check", &[]).end
    };
    for url in
        ["", "shop.example", "ftp://shop.example/admin-api", "https://shop.example/{{secret:password}}"]
    {
        let why = "the setting `url` must be the address of the Admin API, such as `https://shop.example.com/admin-api`";
        assert_eq!(open(json!({ "url": url })), Some(Err(why.to_owned())), "{url}");
    }
    let why = "it needs the secret `api_key`, or `username` and `password`";
    assert_eq!(open(settings()), Some(Err(why.to_owned())));
}
