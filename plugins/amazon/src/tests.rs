//! The connector against a simulated seller.

use crate::Amazon;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use stocksync_sdk::abi::outcome::{ACCEPTED, FAILED, SENT};
use stocksync_sdk::ffi::RawPlugin;
use stocksync_sdk::flow::Flow;
use stocksync_sdk::kit::{Case, Item, Reply, Run, World, contract, fuzz};
use stocksync_sim::memory::{Memory, shared};
use stocksync_sim::{Listing, Marketplace, Setup, amazon};

type Shared = Rc<RefCell<Memory<amazon::Amazon>>>;

const EXPIRED: &str = r#"{"errors":[{"code":"Unauthorized","message":"Access to requested resource is denied.","details":"The access token you provided has expired."}]}"#;

fn plugin() -> RawPlugin {
    RawPlugin::of::<Flow<Amazon>>()
}

fn seller(skus: &[&str]) -> amazon::Amazon {
    let listings = skus.iter().zip(1..).map(|(sku, quantity)| Listing::new(sku, quantity)).collect();
    let mut seller = amazon::Amazon::new(&Setup { listings, ..Setup::default() });
    // Its clock goes on a tenth of a second with each request.
    (seller.settles_ms, seller.feed_ms) = (300, 300);
    seller
}

fn settings(feed_from: usize) -> Value {
    let mut settings = seller(&[]).settings("https://sellingpartnerapi-fe.amazon.com");
    settings["feed_from"] = json!(feed_from);
    settings
}

fn open(seller: amazon::Amazon) -> (World, Shared) {
    shared(seller)
}

#[track_caller]
fn run(world: &mut World, feed_from: usize, operation: &str, items: &[Item]) -> Run {
    let run = Run::of(plugin(), world, &settings(feed_from), operation, items);
    assert_eq!(run.faults, [""; 0]);
    run
}

/// What was accepted, asked for until it is settled.
#[track_caller]
fn settled(world: &mut World, feed_from: usize, items: &[Item]) -> Vec<(u8, String)> {
    let wrote = run(world, feed_from, "write", items);
    let mut outcomes: Vec<(u8, String)> = (0..items.len())
        .map(|item| wrote.outcome(item).map(|(outcome, why)| (outcome, why.to_owned())).unwrap())
        .collect();
    let mut tickets = wrote.tickets;
    for _ in 0..30 {
        let asked: Vec<(u32, Item)> = tickets
            .iter()
            .map(|(index, ticket)| {
                (*index, Item { ticket: ticket.clone(), ..items[*index as usize].clone() })
            })
            .collect();
        if asked.is_empty() {
            return outcomes;
        }
        let polled =
            run(world, feed_from, "poll", &asked.iter().map(|(_, item)| item.clone()).collect::<Vec<_>>());
        tickets.clear();
        for (at, (index, _)) in asked.iter().enumerate() {
            let (outcome, why) = polled.outcome(at).unwrap();
            outcomes[*index as usize] = (outcome, why.to_owned());
            polled
                .tickets
                .get(&(at as u32))
                .into_iter()
                .for_each(|ticket| drop(tickets.insert(*index, ticket.clone())));
        }
    }
    panic!("it is never settled: {outcomes:?}");
}

fn case(feed_from: usize) -> Case {
    let items = vec![Item::new("AB/1 x", 12), Item::new("ก,\"x\"", 0), Item::new("last", 7)];
    Case::new(plugin(), || open(seller(&["AB/1 x", "ก,\"x\"", "last"])).0, items)
        .settings(settings(feed_from))
        .secrets(&["client_id", "client_secret", "refresh_token", "access_token"])
        .expired(Reply::new(403, EXPIRED))
}

#[test]
fn any_answer_to_a_patch_ends_in_outcomes() {
    assert_eq!(fuzz(&case(1_000)), [""; 0]);
}

#[test]
fn any_answer_to_a_feed_ends_in_outcomes() {
    assert_eq!(fuzz(&case(1)), [""; 0]);
}

#[test]
fn keeps_the_contract_with_patches() {
    assert_eq!(contract(&case(100)), [""; 0]);
}

#[test]
fn keeps_the_contract_with_feeds() {
    assert_eq!(contract(&case(1)), [""; 0]);
}

#[test]
fn what_is_accepted_is_not_yet_sent() {
    let (mut world, _) = open(seller(&["a", "b"]));
    let items = [Item::new("a", 9), Item::new("b", 8)];
    let wrote = run(&mut world, 100, "write", &items);
    assert!(wrote.outcomes.iter().all(|(_, outcome, _)| *outcome == ACCEPTED));
    assert_eq!(settled(&mut world, 100, &items), [(SENT, String::new()), (SENT, String::new())]);
}

#[test]
fn stock_that_lies_with_amazon_is_refused() {
    let mut of = seller(&["own", "fba"]);
    of.listing("fba").unwrap().channel = "AMAZON_FE".to_owned();
    let (mut world, _) = open(of);
    let why = "rejected: its stock lies with `AMAZON_FE` and cannot be set".to_owned();
    let told = settled(&mut world, 100, &[Item::new("own", 9), Item::new("fba", 9)]);
    assert_eq!(told, [(SENT, String::new()), (FAILED, why)]);
}

#[test]
fn a_feed_is_one_document_and_tells_of_each_message() {
    for compresses in [true, false] {
        let skus: Vec<String> = (0..40).map(|number| format!("SKU {number:02}/ä")).collect();
        let mut of = seller(&skus.iter().map(String::as_str).collect::<Vec<_>>());
        of.compresses = compresses;
        let (mut world, memory) = open(of);
        let items: Vec<Item> = skus.iter().map(|sku| Item::new(sku, 70)).collect();
        run(&mut world, 20, "read", &items);
        memory.borrow_mut().market.listing(&skus[3]).unwrap().channel = "AMAZON_FE".to_owned();
        memory.borrow_mut().market.delete(&skus[5]);
        let wrote = run(&mut world, 20, "write", &items);
        // A place, the document, the feed.
        assert_eq!(wrote.requests.len(), 3, "{compresses}");
        let told = settled(&mut world, 20, &items);
        for (number, (outcome, why)) in told.iter().enumerate() {
            let expect = match number {
                3 => (FAILED, "rejected: 90224: The listing is fulfilled by Amazon."),
                5 => (FAILED, "rejected: 8560: SKU does not match any listing."),
                _ => (SENT, ""),
            };
            assert_eq!((*outcome, why.as_str()), expect, "{number}");
        }
    }
}

#[test]
fn a_number_that_never_shows_is_given_up_after_a_day() {
    let mut of = seller(&["a"]);
    of.settles_ms = i64::MAX / 4;
    let (mut world, _) = open(of);
    let items = [Item::new("a", 9)];
    let wrote = run(&mut world, 100, "write", &items);
    let item = [Item { ticket: wrote.tickets[&0].clone(), ..items[0].clone() }];
    assert_eq!(run(&mut world, 100, "poll", &item).outcome(0).map(|told| told.0), Some(ACCEPTED));
    world.now += 25 * 3_600_000;
    let why = "rejected: Amazon accepted it, and shows 1 a day later";
    assert_eq!(run(&mut world, 100, "poll", &item).outcome(0), Some((FAILED, why)));
}

#[test]
fn an_error_of_the_number_is_told() {
    let mut of = seller(&["a"]);
    of.settles_ms = i64::MAX / 4;
    of.listing("a").unwrap().trouble = Some("The offer is\nnot eligible.".to_owned());
    let (mut world, _) = open(of);
    let told = settled(&mut world, 100, &[Item::new("a", 9)]);
    assert_eq!(told, [(FAILED, "rejected: 90226: The offer is not eligible.".to_owned())]);
}

#[test]
fn every_listing_beyond_what_one_search_pages_through() {
    let skus: Vec<String> = (0..1_050).map(|number| format!("SKU-{number:04}")).collect();
    let (mut world, _) = open(seller(&skus.iter().map(String::as_str).collect::<Vec<_>>()));
    let all = run(&mut world, 100, "listings", &[]);
    assert_eq!(all.end, Some(Ok(())));
    assert_eq!(all.listings.len(), 1_050);
    let first = &all.listings[0];
    assert_eq!(
        (first.sku.as_str(), first.title.as_str(), first.quantity),
        ("SKU-0000", "Title of SKU-0000", Some(1))
    );
}

#[test]
fn check_previews_a_write() {
    let (mut world, memory) = open(seller(&["a"]));
    let checked = run(&mut world, 100, "check", &[]);
    assert_eq!(checked.end, Some(Ok(())));
    assert!(checked.requests.iter().any(|(http, _)| http.url.contains("mode=VALIDATION_PREVIEW")));
    assert_eq!(memory.borrow().market.quantity("a"), Some(1));
    let mut world = world.secret("client_secret", "another");
    world.secrets.remove("access_token");
    let why = "unauthorized: the tokens were not refreshed: invalid_client: Client authentication failed";
    assert_eq!(run(&mut world, 100, "check", &[]).end, Some(Err(why.to_owned())));
}

#[test]
fn a_token_that_is_about_to_end_is_refreshed_first() {
    let (mut world, _) = open(seller(&["a"]));
    run(&mut world, 100, "check", &[]);
    assert_eq!(world.secret_expires.get("access_token").map(|ends| ends - world.now > 3_500_000), Some(true));
    let refreshes =
        |run: &Run| run.requests.iter().filter(|(http, _)| http.url.ends_with("/auth/o2/token")).count();
    assert_eq!(refreshes(&run(&mut world, 100, "check", &[])), 0);
    world.now += 3_590_000;
    assert_eq!(refreshes(&run(&mut world, 100, "check", &[])), 1);
}

#[test]
fn orders_of_the_merchant() {
    let (mut world, memory) = open(seller(&["a", "b", "c"]));
    let now = memory.borrow().now();
    for sku in ["a", "b", "c"] {
        assert!(memory.borrow_mut().market.sell(sku, 2, now));
    }
    memory.borrow_mut().market.set_order(1, "CANCELLED");
    memory.borrow_mut().market.set_order(2, "SHIPPED");
    let told = Run::orders_since(plugin(), &mut world, &settings(100), now.0);
    assert_eq!((told.end, told.faults), (Some(Ok(())), Vec::new()));
    let ids: Vec<&str> = told.orders.iter().filter_map(|event| event["id"].as_str()).collect();
    assert_eq!(ids, ["702-000001:placed", "702-000002:cancelled", "702-000003:placed", "702-000003:shipped"]);
    assert_eq!(told.orders[0]["lines"], json!([{ "line": "702-000001-1", "store_sku": "a", "quantity": 2 }]));
}

#[test]
fn settings_are_judged() {
    let judged = |change: Value| {
        let mut settings = settings(100);
        settings.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let mut world =
            World::new().secret("client_id", "i").secret("client_secret", "s").secret("refresh_token", "r");
        Run::of(plugin(), &mut world, &settings, "check", &[]).end.unwrap().unwrap_err()
    };
    assert_eq!(judged(json!({ "region": "us" })), "the setting `region` must be `na`, `eu` or `fe`");
    assert_eq!(
        judged(json!({ "seller_id": "a/b" })),
        "the setting `seller_id` must be of letters and digits"
    );
    assert_eq!(
        judged(json!({ "base_url": "x" })),
        "the setting `base_url` must be like `https://api.example.com`, without a path"
    );
    let none = Run::of(plugin(), &mut World::new(), &settings(100), "check", &[]);
    assert_eq!(none.end, Some(Err("it needs the secret `client_id`".to_owned())));
}
