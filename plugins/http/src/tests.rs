//! The connector against the simulated shop, and against small shops of other kinds.

mod kinds;

use crate::Http;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use stocksync_sdk::abi::outcome::{FAILED, SENT};
use stocksync_sdk::ffi::RawPlugin;
use stocksync_sdk::flow::Flow;
use stocksync_sdk::kit::{Case, Item, Reply, Run, World, contract, fuzz};
use stocksync_sdk::message::Manifest;
use stocksync_sim::memory::{Memory, shared, world};
use stocksync_sim::plain::Plain;
use stocksync_sim::{Listing, Marketplace, Now, Setup};

fn plugin() -> RawPlugin {
    RawPlugin::of::<Flow<Http>>()
}

fn shop() -> Plain {
    let listings = vec![
        Listing::new("MUG-1", 5),
        Listing::new("MUG \"ก\"/+&,{id}", 7),
        Listing::new("..", 1).of("S"),
        Listing::new("S-2", 2).of("S"),
    ];
    Plain::new(&Setup { listings, ..Setup::default() })
}

/// With an order that is new, and one that was sent off.
fn sold() -> Plain {
    let (mut shop, now) = (shop(), Now(1_764_000_000_000));
    assert!(shop.sell("S-2", 1, now) && shop.sell("MUG-1", 2, now));
    shop.send_off(1, now);
    shop
}

fn settings() -> Value {
    shop().settings("https://shop.example")
}

fn items() -> Vec<Item> {
    vec![Item::new("MUG-1", 50), Item::new("MUG \"ก\"/+&,{id}", 0), Item::new("..", 8), Item::new("S-2", 9)]
}

fn run(world: &mut World, settings: &Value, operation: &str, items: &[Item]) -> Run {
    let run = Run::of(plugin(), world, settings, operation, items);
    assert_eq!(run.faults, [""; 0]);
    run
}

fn with(change: impl FnOnce(&mut Plain)) -> (World, Rc<RefCell<Memory<Plain>>>) {
    let (world, memory) = shared(shop());
    change(&mut memory.borrow_mut().market);
    (world, memory)
}

fn manifest(settings: &Value) -> Result<Manifest, String> {
    let config = json!({ "format_version": 1, "store": "shop", "settings": settings, "secrets": ["key"] });
    let opened = plugin().open(config.to_string().as_bytes());
    let session = opened.map_err(|(_, why)| why)?;
    Ok(serde_json::from_slice(&session.effective_manifest).unwrap())
}

/// Changes a setting, named as in messages; null takes it out.
fn set(settings: &mut Value, name: &str, value: Value) {
    let mut place = settings;
    for part in name.split('.') {
        place = &mut place[part];
    }
    *place = value;
}

#[test]
fn keeps_the_contract() {
    let case = Case::new(plugin(), || world(shop()), items()).settings(settings()).secrets(&["key"]);
    assert_eq!(contract(&case), [""; 0]);
}

#[test]
fn any_answer_whatever_ends_in_outcomes() {
    let case = Case::new(plugin(), || world(sold()), items()).settings(settings());
    assert_eq!(fuzz(&case), [""; 0]);
}

#[test]
fn items_of_a_batch_have_their_own_ends() {
    let (mut world, memory) = with(|shop| shop.variant("S-2").unwrap().is_locked = true);
    run(&mut world, &settings(), "read", &items());
    memory.borrow_mut().market.delete("MUG-1");
    let wrote = run(&mut world, &settings(), "write", &items());
    assert_eq!(wrote.outcome(0), Some((FAILED, "not-found: NO_SUCH_VARIANT: there is no such variant")));
    assert_eq!(wrote.outcome(1), Some((SENT, "")));
    assert_eq!(wrote.outcome(2), Some((SENT, "")));
    assert_eq!(
        wrote.outcome(3),
        Some((FAILED, "locked: IN_PROMOTION: a promotion holds its number until Sunday"))
    );
    assert_eq!(wrote.requests.len(), 1);
    let body: Value = serde_json::from_slice(&wrote.requests[0].1).unwrap();
    assert_eq!(body["updates"][1], json!({ "variant": 1001, "on_hand": 0 }), "numbers are numbers");
}

/// A shop counts products, and what is listed are their variants.
#[test]
fn pages_are_counted_in_what_the_shop_counts() {
    let listing = |number: usize| Listing::new(&format!("S-{number:04}"), 1).of(&format!("P-{}", number / 3));
    let shop = Plain::new(&Setup { listings: (0..900).map(listing).collect(), ..Setup::default() });
    let listed = run(&mut world(shop), &settings(), "listings", &[]);
    assert_eq!((listed.listings.len(), listed.requests.len()), (900, 3));
}

#[test]
fn orders_are_told_with_what_became_of_them() {
    let now = Now(1_764_000_000_000);
    let (mut world, _memory) = with(|shop| {
        (0..60).for_each(|_| assert!(shop.sell("S-2", 2, now)));
        shop.send_off(1, now);
        shop.cancel(2, now);
    });
    let told = Run::orders_since(plugin(), &mut world, &settings(), now.0);
    assert_eq!((told.end, told.faults.len(), told.requests.len()), (Some(Ok(())), 0, 2));
    let ids: Vec<&str> = told.orders.iter().take(5).filter_map(|event| event["id"].as_str()).collect();
    assert_eq!(
        ids,
        [
            "N-1:order-placed",
            "N-1:order-shipped",
            "N-2:order-placed",
            "N-2:order-cancelled",
            "N-3:order-placed"
        ]
    );
    assert_eq!(told.orders.len(), 62);
    assert_eq!(told.orders[0]["lines"], json!([{ "line": "1", "store_sku": "S-2", "quantity": 2 }]));
    assert_eq!(told.orders[0]["placed_at"], "2025-11-24T16:00:00Z");
    assert!(
        told.requests[0].0.url.ends_with("/orders?since=2025-11-24T16%3A00%3A00Z"),
        "{}",
        told.requests[0].0.url
    );
}

#[test]
fn a_wrong_key_is_told() {
    let mut world = world(shop()).secret("key", "another-key-of-a-shop");
    let checked = run(&mut world, &settings(), "check", &[]);
    assert_eq!(
        checked.end,
        Some(Err("unauthorized: HTTP 401 UNAUTHORIZED: the key is missing or wrong".to_owned()))
    );
}

#[test]
fn a_list_in_which_nothing_is_found_is_told() {
    for (name, value, why) in [
        (
            "listings.fields.store_sku",
            "skuu",
            "`listings`: no item of the shop's answer has what `listings.fields.store_sku` names",
        ),
        (
            "listings.fields.quantity",
            "stock",
            "`listings`: the shop's answer has {\"on_hand\":5,\"reserved\":0} where a number should be",
        ),
        (
            "listings.fields.quantity",
            "units",
            "`listings`: no item of the shop's answer has what `listings.fields.quantity` names",
        ),
        ("listings.items", "data", "`listings`: the shop's answer has no list where `items` says"),
    ] {
        let mut settings = settings();
        set(&mut settings, name, json!(value));
        let checked = run(&mut world(shop()), &settings, "check", &[]);
        assert_eq!(checked.end, Some(Err(why.to_owned())), "{name}");
    }
}

#[test]
fn the_manifest_is_what_the_settings_describe() {
    let manifest = manifest(&settings()).unwrap();
    assert_eq!(manifest.operations.join(" "), "check resolve read write poll listings orders");
    assert_eq!(manifest.hosts, ["shop.example"]);
    assert_eq!(
        serde_json::to_value(&manifest.batch).unwrap(),
        json!({ "items_max": 100, "bytes_max": 0, "all_or_nothing": false, "whole_groups": false })
    );
    assert_eq!(
        serde_json::to_value((manifest.quantity_kind, manifest.read)).unwrap(),
        json!(["on_hand", "some"])
    );
    let mut bare = settings();
    for name in ["read", "write", "orders", "limits", "listings.fields.held"] {
        set(&mut bare, name, Value::Null);
    }
    let manifest = super::tests::manifest(&bare).unwrap();
    assert_eq!(manifest.operations.join(" "), "check read listings");
    assert_eq!(
        serde_json::to_value((manifest.quantity_kind, manifest.read)).unwrap(),
        json!(["available", "all"])
    );
}

#[track_caller]
fn wrong(name: &str, value: Value, why: &str) {
    let mut settings = settings();
    set(&mut settings, name, value);
    assert_eq!(manifest(&settings).map(drop), Err(why.to_owned()), "{name}");
}

#[test]
fn settings_that_do_not_fit_together() {
    wrong(
        "url",
        json!("shop.example"),
        "the setting `url` must be like `https://shop.example` or `https://shop.example/api`",
    );
    wrong(
        "auth.basic",
        json!({ "user": "a", "password": "b" }),
        "the setting `auth` must have one of `bearer`, `basic`, `header` and `query`",
    );
    wrong(
        "auth.bearer",
        json!("{{secret:token}}"),
        "the setting `auth.bearer` has `{{secret:token}}`, and the store has no such secret: name it under `secrets`",
    );
    wrong("headers", json!({ "a b": "x" }), "the setting `headers.a b` is no header that may be set");
    wrong(
        "headers",
        json!({ "x": "a\nb" }),
        "the setting `headers.x` has a character that no header may have",
    );
    wrong("listings", json!(null), "the setting `listings` is missing");
    wrong(
        "listings.fields.id",
        json!(null),
        "the setting `write` has `{id}`: set `listings.fields.id` to where it is in an item",
    );
    wrong(
        "listings.fields.store_sku",
        json!("variants.*.sku"),
        "the setting `listings.fields.store_sku` has a `*`: it belongs into `items`",
    );
    wrong(
        "listings.paging",
        json!(null),
        "the setting `listings.paging` is missing, and `{page}` is filled in from it",
    );
    wrong(
        "listings.paging",
        json!({ "by": "cursor" }),
        "the setting `listings.paging.at` is missing: by `cursor`, it is where an answer has the next one",
    );
    wrong(
        "listings.paging.by",
        json!("offset"),
        "the setting `listings.paging.by` is `offset`, and nothing fills `{page}` in",
    );
    wrong(
        "listings.query.page",
        json!(1),
        "the setting `listings.paging.by` is `page`: put `{page}` into the `query` or the `body`",
    );
}

#[test]
fn operations_that_do_not_fit_together() {
    wrong(
        "read.query",
        json!({}),
        "the setting `read.path` names no listing: put `{store_sku}` or `{store_skus}` into it, or into the `query` or the `body`",
    );
    wrong(
        "read.path",
        json!("/variants/{{secret:key}}"),
        "the setting `read.path` has a secret in it: secrets stand in `auth`, `headers` and `sign` alone",
    );
    wrong(
        "write.body",
        json!({ "updates": [{ "variant": "{id}" }] }),
        "the setting `write.body` does not say what is written: put `{quantity}` into it",
    );
    wrong(
        "write.body",
        json!({ "variant": "{id}", "on_hand": "{quantity}" }),
        "the setting `write.items_max` is 100, and `{quantity}` stands outside of a list: put it into a list of one entry, which is there once for each item, or leave `items_max` out",
    );
    wrong(
        "write.body",
        json!({ "updates": [{ "x": "{quantity}" }] }),
        "the setting `write.path` names no listing: put `{id}` or `{store_sku}` into it, or into the `body`",
    );
    wrong(
        "orders.status",
        json!(null),
        "the setting `orders.status` is missing: it says what the statuses of `orders.fields.status` mean",
    );
    wrong(
        "limits.concurrency",
        json!(100),
        "the setting `limits.concurrency` must be a whole number from 1 to 64",
    );
    wrong("quantity", json!({ "min": 5, "max": 4 }), "the setting `quantity.min` is above `quantity.max`");
}

#[test]
fn a_reply_is_no_place_for_templates() {
    // What the shop says is data: a title that looks like a place stays a title.
    let (mut world, _memory) = with(|_| {});
    let listed = run(&mut world, &settings(), "listings", &[]);
    assert!(listed.listings.iter().any(|row| row.sku == "MUG \"ก\"/+&,{id}" && row.title.ends_with("{id}")));
    let reply = Reply::new(
        200,
        r#"{"products":[{"variants":[{"sku":"a","id":"{{secret:key}}","stock":{"on_hand":1}}]}],"total":1}"#,
    );
    let mut world = World::new().secret("key", "a-key-of-some-length").shop(move |_, _| Some(reply.clone()));
    let read = run(&mut world, &settings(), "resolve", &[Item::new("a", 0)]);
    assert!(!read.texts.contains("a-key-of-some-length"));
}
