//! The connector against the simulated account.

use crate::Ebay;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use stocksync_sdk::abi::outcome::{FAILED, SENT};
use stocksync_sdk::ffi::RawPlugin;
use stocksync_sdk::flow::Flow;
use stocksync_sdk::kit::{Case, Item, Reply, Run, World, contract, fuzz};
use stocksync_sim::ebay::Ebay as Sim;
use stocksync_sim::memory::{Memory, shared, world};
use stocksync_sim::{Listing, Marketplace, Now, Setup};

fn plugin() -> RawPlugin {
    RawPlugin::of::<Flow<Ebay>>()
}

fn account() -> Sim {
    let listings =
        vec![Listing::new("A", 5), Listing::new("B/ก \"x\"&", 1).of("P"), Listing::new("C", 2).of("P")];
    Sim::new(&Setup { listings, ..Setup::default() })
}

fn plain() -> Value {
    json!({ "client_id": "sim-client" })
}

fn items() -> Vec<Item> {
    vec![Item::new("A", 50), Item::new("B/ก \"x\"&", 0), Item::new("C", 9)]
}

type Shared = Rc<RefCell<Memory<Sim>>>;

fn with(change: impl FnOnce(&mut Sim)) -> (World, Shared) {
    let (world, memory) = shared(account());
    change(&mut memory.borrow_mut().market);
    (world, memory)
}

fn run(world: &mut World, operation: &str, items: &[Item]) -> Run {
    let run = Run::of(plugin(), world, &plain(), operation, items);
    assert_eq!(run.faults, [""; 0]);
    run
}

/// A world with a token that is good for two hours.
fn signed_in() -> World {
    let mut account = account();
    account.sell("A", 1, Now(1_764_000_000_000));
    let token = account.grant(Now(1_764_000_000_000));
    world(account).secret("access_token", &token)
}

fn outcomes(run: &Run) -> Vec<u8> {
    run.outcomes.iter().map(|(_, outcome, _)| *outcome).collect()
}

fn case() -> Case {
    let expired = json!({ "errors": [{ "errorId": 1001, "domain": "OAuth", "category": "REQUEST", "message": "Invalid access token" }] });
    Case::new(plugin(), signed_in, items()).settings(plain()).expired(Reply::new(401, expired.to_string()))
}

#[test]
fn keeps_the_contract() {
    assert_eq!(contract(&case()), [""; 0]);
}

#[test]
fn any_answer_whatever_ends_in_outcomes() {
    assert_eq!(fuzz(&case()), [""; 0]);
}

/// Found by fuzzing: the time that is left of it was too large a number.
#[test]
fn a_token_may_end_at_any_time_whatever() {
    for ends in [i64::MIN, i64::MAX] {
        let mut world = signed_in();
        world.secret_expires.insert("access_token".to_owned(), ends);
        assert_eq!(run(&mut world, "check", &[]).end, Some(Ok(())));
    }
}

#[test]
fn item_and_offer_are_set_and_read_back() {
    let (mut world, memory) = with(|account| account.item("A").unwrap().offered = Some(1));
    run(&mut world, "read", &items());
    let written = run(&mut world, "write", &items());
    assert_eq!((outcomes(&written), written.requests.len()), (vec![SENT; 3], 2));
    assert_eq!(memory.borrow().market.quantity("A"), Some(50));
    assert_eq!(world.addresses["A"].address, "5000001");
}

#[test]
fn an_item_that_is_refused_or_gone_fails_alone() {
    let (mut world, memory) = with(|account| account.item("A").unwrap().revisions = 250);
    run(&mut world, "read", &items());
    memory.borrow_mut().market.delete("C");
    let written = run(&mut world, "write", &items());
    assert_eq!(outcomes(&written), [FAILED, SENT, FAILED]);
    assert!(written.outcome(0).unwrap().1.starts_with("rejected: 25019: Cannot revise listing."));
    assert_eq!(
        written.outcome(2),
        Some((FAILED, "not-found: 25710: We didn't find the entity you are requesting."))
    );
}

#[test]
fn an_account_that_takes_one_item_in_a_call() {
    let (mut world, _) = with(|account| account.bulk_max = 1);
    assert_eq!(outcomes(&run(&mut world, "write", &items())), [SENT; 3]);
}

#[test]
fn one_token_for_a_session_and_kept_for_the_next() {
    let (mut world, memory) = with(|_| {});
    let resolved = run(&mut world, "resolve", &items());
    let tokens =
        |run: &Run| run.requests.iter().filter(|(http, _)| http.url.ends_with("/oauth2/token")).count();
    assert_eq!((tokens(&resolved), resolved.requests.len()), (1, 4));
    assert_eq!(tokens(&run(&mut world, "read", &items())), 0);
    memory.borrow_mut().ahead_ms += 7_200_000;
    let read = run(&mut world, "read", &items());
    assert_eq!((tokens(&read), read.quantities.len()), (1, 3));
}

#[test]
fn listings_and_orders() {
    let (mut world, memory) = with(|_| {});
    let listed = run(&mut world, "listings", &[]).listings;
    let found: Vec<_> = listed.iter().map(|l| (l.sku.as_str(), l.parent.as_str(), l.quantity)).collect();
    assert_eq!(found, [("A", "", Some(5)), ("B/ก \"x\"&", "P", Some(1)), ("C", "P", Some(2))]);
    let since = memory.borrow().now();
    memory.borrow_mut().market.sell("C", 1, Now(since.0 + 5_000));
    let told = Run::orders_since(plugin(), &mut world, &plain(), since.0);
    let expected = json!({
        "id": "12-00000-04711-order-placed", "type": "order-placed", "order": "12-00000-04711", "placed_at": "2025-11-24T16:00:05.000Z",
        "lines": [{ "line": "12-00000-04711-1", "store_sku": "C", "quantity": 1 }],
    });
    assert_eq!((told.end, told.orders), (Some(Ok(())), vec![expected]));
    memory.borrow_mut().market.cancel(Now(since.0 + 9_000));
    let told = Run::orders_since(plugin(), &mut world, &plain(), since.0 + 6_000);
    assert_eq!(told.orders[1]["type"], "order-cancelled");
}

#[test]
fn many_in_few_requests() {
    let listings = (0..60).map(|n| Listing::new(&format!("SKU-{n:04}"), n)).collect();
    let mut world = world(Sim::new(&Setup { listings, ..Setup::default() }));
    let items: Vec<Item> = (0..60).map(|n| Item::new(&format!("SKU-{n:04}"), 0)).collect();
    run(&mut world, "read", &items);
    assert_eq!(run(&mut world, "read", &items).requests.len(), 3);
}

#[test]
fn what_is_wrong_is_told() {
    let end = |world: &mut World, settings: Value| Run::of(plugin(), world, &settings, "check", &[]).end;
    let told = Some(Err("the setting `client_id` must be the application's App ID".to_owned()));
    assert_eq!(end(&mut world(account()), json!({})), told);
    let mut stranger = world(account()).secret("refresh_token", "v^1.1#other");
    let told = end(&mut stranger, plain()).unwrap().unwrap_err();
    assert!(told.starts_with("unauthorized: the tokens were not refreshed: HTTP 400"), "{told}");
}
