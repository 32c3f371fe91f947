//! Against the simulated shop.

use super::{plugin, run, settings, simulated};
use serde_json::json;
use std::collections::BTreeMap;
use stocksync_sdk::abi::outcome::{FAILED, SENT};
use stocksync_sdk::kit::{Case, Item, Reply, Run, Webhook, World, contract, fuzz};
use stocksync_sdk::message::Request;
use stocksync_sim::memory::{handed_on, shared, with};
use stocksync_sim::{Marketplace, Now};

const HOOK: &str = "https://hooks.example/shopee";

fn world() -> World {
    let mut shop = simulated();
    shop.sell("S-1", 1, Now(World::new().now));
    stocksync_sim::memory::world(shop)
}

fn push(_: &BTreeMap<String, String>) -> Webhook {
    let mut shop = simulated();
    shop.sell("S-1", 1, Now(World::new().now));
    handed_on(&shop.push(HOOK).unwrap(), HOOK)
}

fn case() -> Case {
    let items = vec![Item::new("MUG-1", 12), Item::new("S-1", 0), Item::new("S-2", 7)];
    Case::new(plugin(), world, items)
        .settings(settings())
        .secrets(&["partner_key", "access_token", "refresh_token"])
        .expired(Reply::json(
            403,
            &json!({ "error": "error_auth", "message": "Invalid access_token.", "request_id": "r" }),
        ))
        .throttled(Reply::json(
            200,
            &json!({ "error": "error_rate_limit", "message": "Too many requests.", "request_id": "r" }),
        ))
        .webhook(push)
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
fn one_request_for_all_models_of_an_item() {
    let (mut world, memory) = shared(simulated());
    let items = [Item::new("S-1", 7), Item::new("S-2", 0), Item::new("S-3", 9)];
    let written = run(&mut world, &settings(), "write", &items);
    assert_eq!(written.told(), [(SENT, ""); 3]);
    assert_eq!(written.requests.len(), 1);
    assert_eq!(
        (memory.borrow().market.quantity("S-1"), memory.borrow().market.quantity("S-2")),
        (Some(7), Some(0))
    );
}

#[test]
fn an_item_fails_alone() {
    let (mut world, memory) = shared(simulated());
    with(&memory, |shop| {
        shop.model("S-1").unwrap().is_locked = true;
        shop.model("S-2").unwrap().reserved = 5;
    });
    let items = [Item::new("S-1", 7), Item::new("S-2", 4), Item::new("S-3", 9)];
    let written = run(&mut world, &settings(), "write", &items);
    let locked = "locked: Model stock cannot be editted when item/model is promotion.";
    let reserved = "locked: Stock should be larger than reserved stock.";
    assert_eq!(written.told(), [(FAILED, locked), (FAILED, reserved), (SENT, "")]);
    let alone = run(&mut world, &settings(), "write", &[Item::new("S-1", 7)]);
    assert_eq!(alone.told(), [(FAILED, locked)]);
}

#[test]
fn a_listing_that_is_gone_is_told() {
    let (mut world, memory) = shared(simulated());
    run(&mut world, &settings(), "read", &[Item::new("MUG-1", 0), Item::new("S-1", 0)]);
    with(&memory, |shop| shop.delete("MUG-1"));
    let written = run(&mut world, &settings(), "write", &[Item::new("MUG-1", 7)]);
    assert_eq!(written.told(), [(FAILED, "not-found: error_item_not_found: Item_id is not found.")]);
    assert!(!world.addresses.contains_key("MUG-1"));
    let read = run(&mut world, &settings(), "read", &[Item::new("MUG-1", 0), Item::new("S-1", 0)]);
    assert_eq!(read.quantities, [("S-1".to_owned(), 1)]);
}

#[test]
fn a_location_is_kept_and_the_others_are_left_alone() {
    let (mut world, memory) = shared(simulated().with_locations(&["IDZ", "IDG"]));
    let mut settings = settings();
    let unclear = run(&mut world, &settings, "read", &[Item::new("S-1", 0)]);
    let why = "rejected: item 34003 has stock at several locations: name one in the setting `location_id`";
    assert_eq!(unclear.end, Some(Err(why.to_owned())));
    settings["location_id"] = json!("IDG");
    assert_eq!(run(&mut world, &settings, "check", &[]).end, Some(Ok(())));
    let written = run(&mut world, &settings, "write", &[Item::new("S-1", 8), Item::new("MUG-1", 9)]);
    assert_eq!(written.told(), [(SENT, ""); 2]);
    let read = run(&mut world, &settings, "read", &[Item::new("S-1", 0), Item::new("MUG-1", 0)]);
    let quantities: BTreeMap<_, _> = read.quantities.into_iter().collect();
    assert_eq!(quantities, [("S-1".to_owned(), 8), ("MUG-1".to_owned(), 9)].into());
    with(&memory, |shop| {
        assert_eq!(shop.model("S-1").unwrap().stock, [("IDZ".to_owned(), 1), ("IDG".to_owned(), 8)]);
    });
    settings["location_id"] = json!("XX");
    let wrong = run(&mut world, &settings, "check", &[]);
    assert_eq!(wrong.end, Some(Err("the shop has no location `XX`, it has: IDZ, IDG".to_owned())));
}

#[test]
fn an_ended_token_is_refreshed_once_and_kept() {
    let (mut world, memory) = shared(simulated());
    with(&memory, |shop| shop.tokens.expire());
    let items = [Item::new("S-1", 7), Item::new("MUG-1", 7)];
    let read = run(&mut world, &settings(), "read", &items);
    assert_eq!(read.end, Some(Ok(())));
    with(&memory, |shop| assert_eq!(shop.tokens.refreshed, 1));
    let (access, refresh) = with(&memory, |shop| shop.tokens.now());
    assert_eq!((&world.secrets["access_token"], &world.secrets["refresh_token"]), (&access, &refresh));
    // A refresh token that was used up is the end, and is told.
    with(&memory, |shop| {
        shop.tokens.expire();
        shop.tokens.refresh(&refresh, 0);
        shop.tokens.expire();
    });
    let lost = run(&mut world, &settings(), "read", &items);
    let why = "unauthorized: the tokens were not refreshed: error_shop_refresh_token: Your refresh token is error ,please check refresh token or shopid.";
    assert_eq!(lost.end, Some(Err(why.to_owned())));
}

#[test]
fn a_token_that_is_known_to_end_is_refreshed_first() {
    let (mut world, memory) = shared(simulated());
    world.secret_expires.insert("access_token".to_owned(), world.now + 59_000);
    let check = run(&mut world, &settings(), "check", &[]);
    assert_eq!((check.end, check.requests.len()), (Some(Ok(())), 2));
    with(&memory, |shop| assert_eq!(shop.tokens.refreshed, 1));
}

#[test]
fn listings_have_titles_and_parents() {
    let (mut world, _) = shared(simulated());
    let listed = run(&mut world, &settings(), "listings", &[]);
    let rows: Vec<_> = listed
        .listings
        .iter()
        .map(|row| (row.sku.as_str(), row.title.as_str(), row.parent.as_str(), row.quantity))
        .collect();
    let expected = [
        ("MUG-1", "Title of MUG-1", "34001", Some(5)),
        ("MUG-2", "Title of MUG-2", "34002", Some(6)),
        ("S-1", "SHIRT", "34003", Some(1)),
        ("S-2", "SHIRT", "34003", Some(2)),
        ("S-3", "SHIRT", "34003", Some(3)),
    ];
    assert_eq!(rows, expected);
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
    assert_eq!(
        ids,
        ["shopee:2404098R480000:placed", "shopee:2404098R480001:placed", "shopee:2404098R480001:cancelled"]
    );
    assert_eq!(all.orders[1]["lines"], json!([{ "line": "34001:0", "store_sku": "MUG-1", "quantity": 2 }]));
    assert_eq!(all.orders[1]["placed_at"], "2025-11-24T15:59:59Z");
    let late = Run::orders_since(plugin(), &mut world, &settings(), start - 1000);
    assert_eq!(late.orders.len(), 2);
}

#[test]
fn a_push_about_another_shop_or_another_thing_brings_nothing() {
    let mut shop = simulated();
    shop.sell("S-1", 1, Now(World::new().now));
    shop.shop_id += 1;
    let other = handed_on(&shop.push(HOOK).unwrap(), HOOK);
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

#[test]
fn a_url_that_a_proxy_changed_is_set() {
    let webhook = push(&BTreeMap::new());
    let mut settings = settings();
    settings["push_url"] = json!(HOOK);
    let seen = Request { url: "http://10.0.0.1/v1/webhooks/my_shop".to_owned(), ..webhook.request };
    let mut world = world();
    let run = Run::webhook(plugin(), &mut world, &settings, &seen, &webhook.body);
    assert_eq!((run.verified, run.orders.len()), (Some(true), 1));
}
