//! Against the simulated shop.

use super::{plugin, run, settings, simulated};
use serde_json::json;
use std::collections::BTreeMap;
use stocksync_sdk::abi::outcome::{FAILED, SENT};
use stocksync_sdk::kit::{Case, Item, Reply, Run, Webhook, World, contract, fuzz};
use stocksync_sdk::message::Request;
use stocksync_sim::memory::{handed_on, shared, with};
use stocksync_sim::tiktok::TikTok;
use stocksync_sim::{Listing, Marketplace, Now, Setup};

const HOOK: &str = "https://hooks.example/tiktok";

fn world() -> World {
    let mut shop = simulated();
    shop.sell("S-1", 1, Now(World::new().now));
    stocksync_sim::memory::world(shop)
}

fn webhook(_: &BTreeMap<String, String>) -> Webhook {
    let mut shop = simulated();
    shop.sell("S-1", 1, Now(World::new().now));
    handed_on(&shop.webhook(HOOK).unwrap(), HOOK)
}

fn case() -> Case {
    let items = vec![Item::new("MUG-1", 12), Item::new("S-1", 3), Item::new("S-2", 7)];
    let throttled =
        json!({ "code": 36_009_002, "message": "Too many requests.", "request_id": "r", "data": null });
    Case::new(plugin(), world, items)
        .settings(settings())
        .secrets(&["app_secret", "access_token", "refresh_token"])
        .expired(Reply::json(
            401,
            &json!({ "code": 105_002, "message": "Expired credentials.", "request_id": "r" }),
        ))
        .throttled(Reply::json(200, &throttled))
        .webhook(webhook)
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
fn one_write_and_one_look_for_all_skus_of_a_product() {
    let (mut world, memory) = shared(simulated());
    let items = [Item::new("S-1", 7), Item::new("S-2", 4), Item::new("S-3", 0)];
    let written = run(&mut world, &settings(), "write", &items);
    assert_eq!(written.told(), [(SENT, ""); 3]);
    let urls: Vec<bool> =
        written.requests.iter().map(|(http, _)| http.url.contains("/inventory/update?")).collect();
    assert_eq!(urls, [true, false]);
    assert_eq!(memory.borrow().market.quantity("S-1"), Some(7));
}

#[test]
fn every_warehouse_is_named_and_the_others_are_left_alone() {
    let (mut world, memory) = shared(simulated().with_warehouses(&["11", "22", "33"]));
    let mut settings = settings();
    let unclear = run(&mut world, &settings, "read", &[Item::new("MUG-1", 0)]);
    let why = "has several warehouses (11, 22, 33): name one in the setting `warehouse_id`";
    assert!(unclear.end.unwrap().unwrap_err().ends_with(why));
    settings["warehouse_id"] = json!("22");
    assert_eq!(run(&mut world, &settings, "check", &[]).end, Some(Ok(())));
    let written = run(&mut world, &settings, "write", &[Item::new("S-1", 8), Item::new("S-2", 9)]);
    assert_eq!(written.told(), [(SENT, ""); 2]);
    with(&memory, |shop| {
        let stock = shop.sku("S-1").unwrap().stock.clone();
        assert_eq!(stock, [("11".to_owned(), 1), ("22".to_owned(), 8), ("33".to_owned(), 0)]);
    });
    let read = run(&mut world, &settings, "read", &[Item::new("S-1", 0), Item::new("MUG-1", 0)]);
    let quantities: BTreeMap<_, _> = read.quantities.into_iter().collect();
    assert_eq!(quantities, [("S-1".to_owned(), 8), ("MUG-1".to_owned(), 0)].into());
    settings["warehouse_id"] = json!("44");
    let wrong = run(&mut world, &settings, "check", &[]);
    assert_eq!(wrong.end, Some(Err("the shop has no warehouse `44`, it has: 11, 22, 33".to_owned())));
    let written = run(&mut world, &settings, "write", &[Item::new("S-1", 8)]);
    assert_eq!(
        written.told(),
        [(FAILED, "rejected: the SKU is not in the warehouse `44`, but in 11, 22, 33")]
    );
}

#[test]
fn warehouses_that_changed_since_are_looked_up() {
    let (mut world, memory) = shared(simulated());
    run(&mut world, &settings(), "read", &[Item::new("S-1", 0)]);
    let changed = simulated().with_warehouses(&["7068517275539719942", "22"]);
    with(&memory, |shop| *shop = changed);
    let mut settings = settings();
    settings["warehouse_id"] = json!("7068517275539719942");
    let written = run(&mut world, &settings, "write", &[Item::new("S-1", 8)]);
    assert_eq!(written.told(), [(SENT, "")]);
    let updates = written.requests.iter().filter(|(http, _)| http.url.contains("/inventory/update?")).count();
    assert_eq!((updates, written.requests.len()), (2, 4));
}

#[test]
fn an_item_fails_alone() {
    let (mut world, memory) = shared(simulated());
    with(&memory, |shop| shop.sku("S-3").unwrap().is_locked = true);
    let items = [Item::new("S-1", 7), Item::new("S-3", 2)];
    let written = run(&mut world, &settings(), "write", &items);
    let locked =
        "locked: 12052393: Product locked for Promotion and stock can't be updated below current stock";
    assert_eq!(written.told(), [(SENT, ""), (FAILED, locked)]);
    with(&memory, |shop| shop.zero_is_taken = false);
    let written = run(&mut world, &settings(), "write", &[Item::new("MUG-1", 0)]);
    let refused =
        "rejected: 12052055: The SKU inventory quantity for the warehouse must be within allowed limits.";
    assert_eq!(written.told(), [(FAILED, refused)]);
}

#[test]
fn a_listing_that_is_gone_is_told() {
    let (mut world, memory) = shared(simulated());
    run(&mut world, &settings(), "read", &[Item::new("MUG-1", 0), Item::new("S-1", 0)]);
    with(&memory, |shop| shop.delete("MUG-1"));
    let written = run(&mut world, &settings(), "write", &[Item::new("MUG-1", 7)]);
    assert_eq!(written.told(), [(FAILED, "not-found: 12052032: The product does not exist")]);
    assert!(!world.addresses.contains_key("MUG-1"));
    let read = run(&mut world, &settings(), "read", &[Item::new("MUG-1", 0), Item::new("S-1", 0)]);
    assert_eq!(read.quantities, [("S-1".to_owned(), 1)]);
}

#[test]
fn an_ended_token_is_refreshed_once_and_kept() {
    let (mut world, memory) = shared(simulated());
    with(&memory, |shop| shop.tokens.expire());
    let items = [Item::new("S-1", 7), Item::new("MUG-1", 7)];
    assert_eq!(run(&mut world, &settings(), "read", &items).end, Some(Ok(())));
    let (access, refresh) = with(&memory, |shop| shop.tokens.now());
    assert_eq!((&world.secrets["access_token"], &world.secrets["refresh_token"]), (&access, &refresh));
    with(&memory, |shop| assert_eq!(shop.tokens.refreshed, 1));
    assert!(world.secret_expires["access_token"] > world.now);
    with(&memory, |shop| {
        shop.tokens.refresh(&refresh, 0);
        shop.tokens.expire();
    });
    let lost = run(&mut world, &settings(), "read", &items);
    let why = "unauthorized: the tokens were not refreshed: 36004006: refresh_token is invalid";
    assert_eq!(lost.end, Some(Err(why.to_owned())));
}

#[test]
fn listings_have_titles_and_parents() {
    let (mut world, _) = shared(simulated());
    let listed = run(&mut world, &settings(), "listings", &[]);
    let mut rows: Vec<_> =
        listed.listings.iter().map(|row| (row.sku.as_str(), row.title.as_str(), row.quantity)).collect();
    rows.sort_unstable();
    let expected = [
        ("MUG-1", "Title of MUG-1", Some(5)),
        ("MUG-2", "Title of MUG-2", Some(6)),
        ("S-1", "SHIRT", Some(1)),
        ("S-2", "SHIRT", Some(2)),
        ("S-3", "SHIRT", Some(3)),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn a_shop_of_more_than_a_search_may_show_is_listed_whole() {
    let listings = (0..10_050).map(|n| Listing::new(&format!("SKU-{n}"), n)).collect();
    let shop = TikTok::new(&Setup { listings, ..Setup::default() });
    let (mut world, _) = shared(shop);
    let listed = run(&mut world, &settings(), "listings", &[]);
    assert_eq!((listed.end, listed.listings.len()), (Some(Ok(())), 10_050));
}

#[test]
fn orders_since_a_moment() {
    let (mut world, memory) = shared(simulated());
    let start = world.now;
    with(&memory, |shop| {
        shop.sell("S-1", 1, Now(start - 40 * 86_400_000));
        shop.sell("MUG-1", 2, Now(start - 1000));
        shop.change_last_order("CANCELLED", Now(start));
        shop.sell("MUG-2", 2, Now(start - 1000));
        shop.fulfil_last_order();
    });
    let all = Run::orders_since(plugin(), &mut world, &settings(), start - 60 * 86_400_000);
    assert_eq!((&all.end, &all.faults), (&Some(Ok(())), &Vec::new()));
    let ids: Vec<&str> = all.orders.iter().filter_map(|order| order["id"].as_str()).collect();
    let expected = [
        "tiktok:576461413038780000:placed",
        "tiktok:576461413038780001:placed",
        "tiktok:576461413038780001:cancelled:576461413038780001001",
        "tiktok:576461413038780001:cancelled:576461413038780001002",
    ];
    assert_eq!(ids, expected);
    assert_eq!(
        (all.orders[1]["placed_at"].as_str(), all.orders[1]["lines"].as_array().map(Vec::len)),
        (Some("2025-11-24T15:59:59Z"), Some(2))
    );
    let late = Run::orders_since(plugin(), &mut world, &settings(), start - 1000);
    assert_eq!(late.orders.len(), 3);
}

#[test]
fn a_webhook_about_another_shop_brings_nothing() {
    let mut shop = simulated();
    shop.sell("S-1", 1, Now(World::new().now));
    shop.shop_id = "1".to_owned();
    let other = handed_on(&shop.webhook(HOOK).unwrap(), HOOK);
    let (mut world, _) = shared(simulated());
    let run = Run::webhook(plugin(), &mut world, &settings(), &other.request, &other.body);
    assert_eq!(
        (run.end, run.verified, run.orders.len(), run.requests.len()),
        (Some(Ok(())), Some(true), 0, 0)
    );
    let bare = Request { headers: Vec::new(), ..other.request };
    let run = Run::webhook(plugin(), &mut world, &settings(), &bare, &other.body);
    assert_eq!((run.reply, run.orders.len()), (Some((401, Vec::new())), 0));
}
