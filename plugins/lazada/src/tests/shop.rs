//! Against the simulated seller.

use super::{plugin, run, settings, simulated};
use serde_json::json;
use std::collections::BTreeMap;
use stocksync_sdk::abi::outcome::{FAILED, SENT};
use stocksync_sdk::kit::{Case, Item, Reply, Run, Webhook, World, contract, fuzz};
use stocksync_sdk::message::Request;
use stocksync_sim::lazada::Lazada;
use stocksync_sim::memory::{handed_on, shared, with};
use stocksync_sim::{Listing, Marketplace, Now, Setup};

const HOOK: &str = "https://hooks.example/lazada";

fn world() -> World {
    let mut seller = simulated();
    seller.sell("S-1", 1, Now(World::new().now));
    stocksync_sim::memory::world(seller)
}

fn push(_: &BTreeMap<String, String>) -> Webhook {
    let mut seller = simulated();
    seller.sell("S-1", 1, Now(World::new().now));
    handed_on(&seller.push(HOOK).unwrap(), HOOK)
}

fn case() -> Case {
    let items = vec![Item::new("MUG-1", 12), Item::new("S-1", 0), Item::new("S-2", 7)];
    let expired = json!({ "type": "ISV", "code": "IllegalAccessToken", "message": "The specified access token is invalid or expired" });
    Case::new(plugin(), world, items)
        .settings(settings())
        .secrets(&["app_secret", "access_token", "refresh_token"])
        .expired(Reply::json(200, &expired))
        .throttled(Reply::json(200, &json!({ "type": "ISP", "code": "901", "message": "Limit service request speed in server side temporarily." })))
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
fn one_write_and_one_look_for_skus_of_any_products() {
    let (mut world, memory) = shared(simulated());
    let items = [Item::new("S-1", 7), Item::new("MUG-1", 4), Item::new("S-3", 0)];
    let written = run(&mut world, &settings(), "write", &items);
    assert_eq!(written.told(), [(SENT, ""); 3]);
    assert_eq!(written.requests.len(), 2);
    assert_eq!(
        (memory.borrow().market.quantity("S-1"), memory.borrow().market.quantity("S-3")),
        (Some(7), Some(0))
    );
}

#[test]
fn no_more_skus_in_a_request_than_are_wanted() {
    let listings: Vec<Listing> = (0..130).map(|n| Listing::new(&format!("SKU-{n:03}"), n)).collect();
    let items: Vec<Item> = (0..130).map(|n| Item::new(&format!("SKU-{n:03}"), n + 1)).collect();
    let (mut world, _) = shared(Lazada::new(&Setup { listings, ..Setup::default() }));
    let written = run(&mut world, &settings(), "write", &items);
    assert!(written.told().iter().all(|outcome| *outcome == (SENT, "")));
    let skus: Vec<usize> = (written.requests.iter())
        .filter(|(http, _)| http.url.ends_with("/update"))
        .map(|(_, body)| String::from_utf8_lossy(body).matches("%3CSku%3E").count())
        .collect();
    assert_eq!(skus, [20, 20, 20, 20, 20, 20, 10]);
    // A list of SKUs in an address has a hundred at most.
    let read = run(&mut world, &settings(), "read", &items);
    assert_eq!((read.quantities.len(), read.requests.len()), (130, 3));
}

#[test]
fn an_item_fails_alone_whether_the_rest_was_applied_or_not() {
    for applies_the_rest in [true, false] {
        let (mut world, memory) = shared(simulated());
        with(&memory, |seller| {
            seller.applies_the_rest = applies_the_rest;
            seller.sku("MUG-1").unwrap().is_locked = true;
            seller.sku("MUG-2").unwrap().of_campaign = 4;
        });
        let items = [Item::new("MUG-1", 1), Item::new("MUG-2", 3), Item::new("S-1", 9)];
        let written = run(&mut world, &settings(), "write", &items);
        let told = written.told();
        assert_eq!(told[2], (SENT, ""), "{applies_the_rest}");
        assert!(told[0].1.starts_with("locked: 501: During the Bday Mega campaign"), "{told:?}");
        assert!(told[1].1.starts_with("locked: 501: The sellable quantity must be greater"), "{told:?}");
        assert_eq!(memory.borrow().market.quantity("S-1"), Some(9));
    }
}

#[test]
fn a_listing_that_is_gone_is_told() {
    let (mut world, memory) = shared(simulated());
    run(&mut world, &settings(), "read", &[Item::new("MUG-1", 0), Item::new("S-1", 0)]);
    with(&memory, |seller| seller.delete("MUG-1"));
    let written = run(&mut world, &settings(), "write", &[Item::new("MUG-1", 7), Item::new("S-1", 8)]);
    assert_eq!(written.told(), [(FAILED, "not-found: the seller has no such listing any more"), (SENT, "")]);
    assert!(!world.addresses.contains_key("MUG-1"));
}

#[test]
fn a_warehouse_is_kept_and_the_others_are_left_alone() {
    let (mut world, memory) = shared(simulated().with_warehouses(&["dropshipping", "W2"]));
    let mut settings = settings();
    settings["warehouse_code"] = json!("W2");
    let written = run(&mut world, &settings, "write", &[Item::new("S-1", 8), Item::new("MUG-1", 0)]);
    assert_eq!(written.told(), [(SENT, ""); 2]);
    with(&memory, |seller| {
        let stock = seller.sku("S-1").unwrap().stock.clone();
        assert_eq!(stock, [("dropshipping".to_owned(), 1), ("W2".to_owned(), 8)]);
    });
    let unclear = run(&mut world, &self::settings(), "read", &[Item::new("S-1", 0)]);
    let why = "has several warehouses: name one in the setting `warehouse_code`";
    assert!(unclear.end.unwrap().unwrap_err().ends_with(why));
}

#[test]
fn an_ended_token_is_refreshed_once_and_kept() {
    let (mut world, memory) = shared(simulated());
    with(&memory, |seller| seller.tokens.expire());
    let items = [Item::new("S-1", 7), Item::new("MUG-1", 7)];
    assert_eq!(run(&mut world, &settings(), "read", &items).end, Some(Ok(())));
    let (access, refresh) = with(&memory, |seller| seller.tokens.now());
    assert_eq!((&world.secrets["access_token"], &world.secrets["refresh_token"]), (&access, &refresh));
    with(&memory, |seller| assert_eq!(seller.tokens.refreshed, 1));
    assert!(world.secret_expires["access_token"] > world.now);
    with(&memory, |seller| {
        seller.tokens.refresh(&refresh, 0);
        seller.tokens.expire();
    });
    let lost = run(&mut world, &settings(), "read", &items);
    let why = "unauthorized: the tokens were not refreshed: IllegalRefreshToken: The specified refresh token is invalid or expired";
    assert_eq!(lost.end, Some(Err(why.to_owned())));
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
        ("MUG-1", "Title of MUG-1", "180226526", Some(5)),
        ("MUG-2", "Title of MUG-2", "180226527", Some(6)),
        ("S-1", "SHIRT", "180226528", Some(1)),
        ("S-2", "SHIRT", "180226528", Some(2)),
        ("S-3", "SHIRT", "180226528", Some(3)),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn a_seller_of_more_than_an_offset_reaches_is_listed_whole() {
    let listings = (0..10_120).map(|n| Listing::new(&format!("SKU-{n}"), n)).collect();
    let (mut world, _) = shared(Lazada::new(&Setup { listings, ..Setup::default() }));
    let listed = run(&mut world, &settings(), "listings", &[]);
    assert_eq!((listed.end, listed.listings.len()), (Some(Ok(())), 10_120));
}

#[test]
fn orders_since_a_moment() {
    let (mut world, memory) = shared(simulated());
    let start = world.now;
    with(&memory, |seller| {
        seller.sell("S-1", 1, Now(start - 40 * 86_400_000));
        seller.sell("MUG-1", 2, Now(start - 1000));
        seller.change_last_order("canceled", Now(start));
        seller.sell("MUG-2", 2, Now(start - 1000));
        seller.fulfil_last_order();
    });
    let all = Run::orders_since(plugin(), &mut world, &settings(), start - 60 * 86_400_000);
    assert_eq!((&all.end, &all.faults), (&Some(Ok(())), &Vec::new()));
    let ids: Vec<&str> = all.orders.iter().filter_map(|order| order["id"].as_str()).collect();
    let expected = [
        "lazada:491253082180000:placed",
        "lazada:491253082180001:placed",
        "lazada:491253082180001:cancelled:49125308218000101",
        "lazada:491253082180001:cancelled:49125308218000102",
    ];
    assert_eq!(ids, expected);
    assert_eq!(all.orders[1]["placed_at"], "2025-11-24T15:59:59Z");
    let late = Run::orders_since(plugin(), &mut world, &settings(), start - 1000);
    assert_eq!(late.orders.len(), 3);
}

#[test]
fn a_push_about_another_seller_brings_nothing() {
    let mut seller = simulated();
    seller.sell("S-1", 1, Now(World::new().now));
    seller.seller_id = "1".to_owned();
    let other = handed_on(&seller.push(HOOK).unwrap(), HOOK);
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
