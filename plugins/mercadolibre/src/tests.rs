//! The connector against the simulated account.

use crate::MercadoLibre;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use stocksync_sdk::abi::outcome::{CONFLICT, FAILED, SENT};
use stocksync_sdk::ffi::RawPlugin;
use stocksync_sdk::flow::Flow;
use stocksync_sdk::kit::{Case, Item, Reply, Run, World, contract, fuzz};
use stocksync_sim::memory::{Memory, shared, world};
use stocksync_sim::mercadolibre::{MercadoLibre as Sim, STORE};
use stocksync_sim::{Listing, Marketplace, Now, Setup};

fn plugin() -> RawPlugin {
    RawPlugin::of::<Flow<MercadoLibre>>()
}

fn account() -> Sim {
    let listings = vec![
        Listing::new("A", 5),
        Listing::new("B/ก \"x\"&", 1).of("P"),
        Listing::new("C", 2).of("P"),
        Listing::new("", 77).of("P"),
        Listing::new("D", 3),
    ];
    Sim::new(&Setup { listings, ..Setup::default() })
}

fn in_warehouses() -> Sim {
    let mut account = account();
    account.in_warehouses = true;
    account
}

fn plain() -> Value {
    json!({ "user_id": 8_035_443, "client_id": 1_234_567_890 })
}

fn with_store() -> Value {
    json!({ "user_id": 8_035_443, "client_id": 1_234_567_890, "store_id": STORE })
}

fn items() -> Vec<Item> {
    vec![Item::new("A", 50), Item::new("B/ก \"x\"&", 0), Item::new("C", 9), Item::new("D", 1)]
}

type Shared = Rc<RefCell<Memory<Sim>>>;

fn run(world: &mut World, settings: &Value, operation: &str, items: &[Item]) -> Run {
    let run = Run::of(plugin(), world, settings, operation, items);
    assert_eq!(run.faults, [""; 0]);
    run
}

/// A world with a token that is good for six hours.
fn signed_in(mut account: Sim) -> World {
    account.sell("A", 1, Now(1_764_000_000_000));
    let token = account.grant(Now(1_764_000_000_000));
    world(account).secret("access_token", &token)
}

fn outcomes(run: &Run) -> Vec<u8> {
    run.outcomes.iter().map(|(_, outcome, _)| *outcome).collect()
}

fn case(settings: Value, world: fn() -> World) -> Case {
    let expired =
        json!({ "message": "invalid access token", "error": "unauthorized", "status": 401, "cause": [] });
    Case::new(plugin(), world, items()).settings(settings).expired(Reply::new(401, expired.to_string()))
}

#[test]
fn keeps_the_contract() {
    assert_eq!(contract(&case(plain(), || signed_in(account()))), [""; 0]);
}

#[test]
fn keeps_the_contract_in_a_warehouse() {
    assert_eq!(contract(&case(with_store(), || signed_in(in_warehouses()))), [""; 0]);
}

#[test]
fn any_answer_whatever_ends_in_outcomes() {
    assert_eq!(fuzz(&case(plain(), || signed_in(account()))), [""; 0]);
}

#[test]
fn any_answer_in_a_warehouse_ends_in_outcomes() {
    assert_eq!(fuzz(&case(with_store(), || signed_in(in_warehouses()))), [""; 0]);
}

#[test]
fn variations_that_are_not_ours_stay() {
    let (mut world, memory): (World, Shared) = shared(account());
    run(&mut world, &plain(), "read", &items());
    let written = run(&mut world, &plain(), "write", &[Item::new("C", 9)]);
    assert_eq!((outcomes(&written), written.requests.len()), (vec![SENT], 2));
    let memory = memory.borrow();
    let live = ["B/ก \"x\"&", "C", ""].map(|sku| memory.market.quantity(sku));
    assert_eq!(live, [Some(1), Some(9), Some(77)]);
    let address = &world.addresses["C"];
    assert_eq!((address.address.as_str(), address.parent.as_str()), ("MLM700001/17000002", "MLM700001"));
}

#[test]
fn what_is_gone_fails_alone() {
    let (mut world, memory) = shared(account());
    run(&mut world, &plain(), "read", &items());
    memory.borrow_mut().market.delete("A");
    let written = run(&mut world, &plain(), "write", &items());
    assert_eq!(outcomes(&written), [FAILED, SENT, SENT, SENT]);
    assert_eq!(written.outcome(0), Some((FAILED, "not-found: not_found: Item with id MLM700000 not found")));
}

#[test]
fn a_version_that_is_old_is_read_again_and_another_number_is_a_conflict() {
    let (mut world, memory) = shared(in_warehouses());
    run(&mut world, &with_store(), "read", &items());
    // Somebody buys between our read and our write, once.
    let mut shop = std::mem::replace(&mut world.shop, Box::new(|_, _| None));
    let (buyer, mut left) = (Rc::clone(&memory), 1);
    world.shop = Box::new(move |http, body| {
        if http.method == "PUT" && left > 0 {
            left -= 1;
            buyer.borrow_mut().market.sell("A", 1, Now(0));
        }
        shop(http, body)
    });
    let expecting = Item { expected: Some(5), ..Item::new("A", 50) };
    let written = run(&mut world, &with_store(), "write", &[expecting]);
    assert_eq!(written.outcome(0), Some((CONFLICT, "Mercado Libre has 4")));
    assert_eq!(memory.borrow().market.quantity("A"), Some(4));
    let expecting = Item { expected: Some(4), ..Item::new("A", 50) };
    assert_eq!(outcomes(&run(&mut world, &with_store(), "write", &[expecting])), [SENT]);
    assert_eq!(memory.borrow().market.quantity("A"), Some(50));
}

#[test]
fn a_refresh_token_is_used_once_and_the_next_is_kept() {
    let (mut world, memory) = shared(account());
    run(&mut world, &plain(), "check", &[]);
    assert_eq!(world.secrets["refresh_token"], "TG-sim-refresh-000001");
    memory.borrow_mut().ahead_ms += 21_600_000;
    let read = run(&mut world, &plain(), "read", &items());
    assert_eq!(
        (read.quantities.len(), world.secrets["refresh_token"].as_str()),
        (4, "TG-sim-refresh-000002")
    );
}

#[test]
fn many_are_found_by_a_scan() {
    let listings = (0..250).map(|n| Listing::new(&format!("SKU-{n:04}"), n)).collect();
    let mut world = world(Sim::new(&Setup { listings, ..Setup::default() }));
    let items: Vec<Item> = (0..250).map(|n| Item::new(&format!("SKU-{n:04}"), 0)).collect();
    let resolved = run(&mut world, &plain(), "resolve", &items);
    // A token, three pages, thirteen times twenty items.
    assert_eq!((resolved.listings.len(), resolved.requests.len()), (250, 1 + 3 + 13));
    assert_eq!(run(&mut world, &plain(), "read", &items).requests.len(), 13);
    assert_eq!(run(&mut world, &plain(), "listings", &[]).listings.len(), 250);
}

#[test]
fn orders() {
    let (mut world, memory) = shared(account());
    let since = memory.borrow().now();
    memory.borrow_mut().market.sell("C", 1, Now(since.0 + 5_000));
    memory.borrow_mut().market.cancel(Now(since.0 + 6_000));
    let told = Run::orders_since(plugin(), &mut world, &plain(), since.0);
    let event = |kind: &str| {
        json!({
            "id": format!("2000003000-{kind}"), "type": kind, "order": "2000003000", "placed_at": "2025-11-24T16:00:05.000Z",
            "lines": [{ "line": "0", "store_sku": "C", "quantity": 1 }],
        })
    };
    assert_eq!(
        (told.end, told.orders),
        (Some(Ok(())), vec![event("order-placed"), event("order-cancelled")])
    );
}

#[test]
fn what_is_wrong_is_told() {
    for (settings, account, expected) in [
        (json!({ "client_id": 1 }), account(), "the setting `user_id` must be a number"),
        (json!({ "client_id": 1, "user_id": "x" }), account(), "the setting `user_id` must be a number"),
        (
            json!({ "client_id": 1_234_567_890, "user_id": 1 }),
            account(),
            "rejected: the tokens are of user 8035443, and `user_id` is another",
        ),
        (plain(), in_warehouses(), "rejected: the account has warehouses: set `store_id`"),
        (with_store(), account(), "rejected: the account has no warehouses: take `store_id` out"),
    ] {
        let told = Run::of(plugin(), &mut world(account), &settings, "check", &[]);
        assert_eq!(told.end, Some(Err(expected.to_owned())));
    }
}
