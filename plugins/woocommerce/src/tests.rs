//! The connector against the simulated shop.

use crate::WooCommerce;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use stocksync_sdk::abi::outcome::{FAILED, SENT};
use stocksync_sdk::ffi::RawPlugin;
use stocksync_sdk::flow::Flow;
use stocksync_sdk::kit::{Case, Item, Reply, Run, Webhook, World, contract, fuzz};
use stocksync_sdk::message::Request;
use stocksync_sim::memory::{Memory, shared, world};
use stocksync_sim::woocommerce::WooCommerce as Sim;
use stocksync_sim::{Listing, Marketplace, Now, Setup};

fn plugin() -> RawPlugin {
    RawPlugin::of::<Flow<WooCommerce>>()
}

fn shop() -> Sim {
    let listings = vec![
        Listing::new("MUG-1", 5),
        Listing::new("MUG \"ก\"/+&", 7),
        Listing::new("S-1", 1).of("S"),
        Listing::new("S-2", 2).of("S"),
        Listing::new("T-1", 3).of("T"),
    ];
    Sim::new(&Setup { listings, ..Setup::default() })
}

/// With an order.
fn sold() -> Sim {
    let mut shop = shop();
    shop.sell("S-2", 1, Now(1_764_000_000_000));
    shop
}

fn plain() -> Value {
    json!({ "url": "http://127.0.0.1:8080" })
}

fn items() -> Vec<Item> {
    vec![
        Item::new("MUG-1", 50),
        Item::new("S-1", 0),
        Item::new("T-1", 8),
        Item::new("MUG \"ก\"/+&", 1),
        Item::new("S-2", 9),
    ]
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

fn case() -> Case {
    let refused = json!({ "code": "woocommerce_rest_authentication_error", "message": "Consumer key is invalid.", "data": { "status": 401 } });
    Case::new(plugin(), || world(sold()).secret("webhook_secret", "hook-secret"), items())
        .settings(plain())
        .expired(Reply::new(401, refused.to_string()))
        .webhook(|secrets: &BTreeMap<String, String>| {
            let sent = sold().webhook("order.created", &secrets["webhook_secret"]).unwrap();
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
fn over_tls_it_is_basic_and_a_shop_may_be_in_a_folder() {
    let mut world = world(shop());
    let settings = json!({ "url": "https://shop.example/blog/" });
    let written = Run::of(plugin(), &mut world, &settings, "write", &items());
    assert_eq!(written.outcomes.iter().map(|(_, outcome, _)| *outcome).collect::<Vec<_>>(), [SENT; 5]);
    let (http, _) = &written.requests[0];
    assert!(http.url.starts_with("https://shop.example/blog/wp-json/wc/v3/products"), "{}", http.url);
    assert_eq!(http.headers[0], ("authorization".to_owned(), "Basic {{sign:basic}}".to_owned()));
}

#[test]
fn products_go_together_and_variations_with_their_product() {
    let (mut world, memory) = with(|_| {});
    let addresses = run(&mut world, "resolve", &items());
    let mut found: Vec<_> = addresses
        .listings
        .iter()
        .map(|l| (l.sku.as_str(), l.address.as_deref().unwrap(), l.parent.as_str()))
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("MUG \"ก\"/+&", "11", "simple"),
            ("MUG-1", "10", "simple"),
            ("S-1", "12/13", "12"),
            ("S-2", "12/14", "12"),
            ("T-1", "15/16", "15")
        ]
        .map(|(sku, address, parent)| (sku, address, parent))
    );
    let written = run(&mut world, "write", &items());
    assert_eq!(written.outcomes.iter().map(|(_, outcome, _)| *outcome).collect::<Vec<_>>(), [SENT; 5]);
    assert_eq!(memory.borrow().market.quantity("S-2"), Some(9));
    let mut paths: Vec<&str> = written
        .requests
        .iter()
        .map(|(http, _)| http.url.split_once("/v3").unwrap().1.split_once('?').unwrap().0)
        .collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/products/12/variations/batch", "/products/15/variations/batch", "/products/batch"]);
}

#[test]
fn what_the_shop_drops_in_silence_is_not_sent() {
    let (mut world, _) = with(|shop| shop.product("MUG-1").unwrap().manage_stock = false);
    assert!(run(&mut world, "read", &items()).quantities.contains(&("MUG-1".to_owned(), -1)));
    let settings = json!({ "url": "http://127.0.0.1:8080", "manage_stock": false });
    let written = Run::of(plugin(), &mut world, &settings, "write", &[Item::new("MUG-1", 4)]);
    assert_eq!(
        written.outcome(0),
        Some((FAILED, "rejected: the shop does not count the stock of this product"))
    );
    assert_eq!(run(&mut world, "write", &[Item::new("MUG-1", 4)]).outcome(0), Some((SENT, "")));
}

#[test]
fn an_item_that_is_gone_fails_alone() {
    let (mut world, memory) = with(|_| {});
    run(&mut world, "read", &items());
    memory.borrow_mut().market.delete("S-1");
    memory.borrow_mut().market.delete("MUG-1");
    let written = run(&mut world, "write", &items());
    let outcomes: Vec<u8> = written.outcomes.iter().map(|(_, outcome, _)| *outcome).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == SENT).count(), 3);
    let gone = "not-found: woocommerce_rest_product_invalid_id: Invalid ID.";
    let variation = "not-found: woocommerce_rest_product_variation_invalid_id: Invalid ID.";
    assert_eq!((written.outcome(0), written.outcome(1)), (Some((FAILED, gone)), Some((FAILED, variation))));
    assert!(!world.addresses.contains_key("S-1"));
}

#[test]
fn a_batch_that_is_too_large_goes_by_halves() {
    let (mut world, _) = with(|shop| shop.batch_items_max = 1);
    let written = run(&mut world, "write", &items());
    assert!(written.outcomes.iter().all(|(_, outcome, _)| *outcome == SENT), "{written:?}");
}

#[test]
fn many_are_read_in_few_requests() {
    let listings = (0..250).map(|n| Listing::new(&format!("SKU-{n:04}"), n)).collect();
    let mut world = world(Sim::new(&Setup { listings, ..Setup::default() }));
    let items: Vec<Item> = (0..250).map(|n| Item::new(&format!("SKU-{n:04}"), 0)).collect();
    let read = run(&mut world, "read", &items);
    assert_eq!((read.quantities.len(), read.requests.len()), (250, 3));
    let listings = run(&mut world, "listings", &[]);
    assert_eq!((listings.listings.len(), listings.requests.len()), (250, 3));
}

#[test]
fn listings_are_what_can_be_sold() {
    let (mut world, _) = with(|_| {});
    let listed = run(&mut world, "listings", &[]).listings;
    let found: Vec<_> = listed.iter().map(|l| (l.sku.as_str(), l.parent.as_str(), l.quantity)).collect();
    let expected = [
        ("MUG-1", "", Some(5)),
        ("MUG \"ก\"/+&", "", Some(7)),
        ("S-1", "12", Some(1)),
        ("S-2", "12", Some(2)),
        ("T-1", "15", Some(3)),
    ];
    assert_eq!(found, expected);
}

#[test]
fn another_case_is_another_sku() {
    let (mut world, _) = with(|_| {});
    let read =
        run(&mut world, "read", &[Item::new("mug-1", 0), Item::new("S-1,S-2", 0), Item::new(" S-1", 0)]);
    assert_eq!(read.quantities, []);
}

#[test]
fn a_nonce_that_was_seen_is_replaced() {
    let mut world = world(shop());
    let mut answer = std::mem::replace(&mut world.shop, Box::new(|_, _| None));
    let mut lost = 0;
    world.shop = Box::new(move |http, body| {
        let reply = answer(http, body);
        lost += 1;
        if lost % 2 == 1 { None } else { reply }
    });
    let written = run(&mut world, "write", &items());
    assert!(written.outcomes.iter().all(|(_, outcome, _)| *outcome == SENT), "{written:?}");
}

#[test]
fn orders_and_the_unsigned_ping() {
    let (mut world, memory) = with(|_| {});
    let since = memory.borrow().now();
    memory.borrow_mut().market.sell("S-1", 1, Now(since.0 + 5_000));
    let told = Run::orders_since(plugin(), &mut world, &plain(), since.0);
    assert_eq!(told.end, Some(Ok(())));
    let expected = json!({
        "id": "1000-order-placed", "type": "order-placed", "order": "1000", "placed_at": "2025-11-24T16:00:05Z",
        "lines": [{ "line": "10000", "store_sku": "S-1", "quantity": 1 }],
    });
    assert_eq!(told.orders, [expected]);
    memory.borrow_mut().market.cancel(Now(since.0 + 9_000));
    let told = Run::orders_since(plugin(), &mut world, &plain(), since.0 + 6_000);
    assert_eq!(
        told.orders.iter().map(|order| order["type"].as_str().unwrap()).collect::<Vec<_>>(),
        ["order-placed", "order-cancelled"]
    );
    let ping = Request { method: "POST".to_owned(), ..Request::default() };
    let run = Run::webhook(plugin(), &mut world, &plain(), &ping, b"webhook_id=1");
    assert_eq!((run.end, run.verified, run.orders.len()), (Some(Ok(())), None, 0));
}

#[test]
fn settings_that_are_wrong() {
    for (settings, expected) in [
        (json!({}), "the setting `url` must be like `https://shop.example`"),
        (json!({ "url": "shop.example" }), "the setting `url` must be like `https://shop.example`"),
        (
            json!({ "url": "https://shop.example/?a" }),
            "the setting `url` must have no query and no special characters in its path",
        ),
        (
            json!({ "url": "https://shop.example", "batch_items": 101 }),
            "the setting `batch_items` must be from 1 to 100",
        ),
    ] {
        let run = Run::of(plugin(), &mut world(shop()), &settings, "check", &[]);
        assert_eq!(run.end, Some(Err(expected.to_owned())));
    }
}

#[test]
fn a_wrong_key_is_told() {
    let mut world = world(shop()).secret("consumer_key", "ck_other");
    let expected = "unauthorized: woocommerce_rest_authentication_error: Consumer key is invalid.";
    assert_eq!(run(&mut world, "check", &[]).end, Some(Err(expected.to_owned())));
}
