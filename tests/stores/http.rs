//! A shop that is described and not programmed: the example of the connector's page.

use crate::trip::{Trip, listings};
use serde_json::{Value, json};
use stocksync_sim::plain::Plain;
use stocksync_sim::{Marketplace, Setup};

fn trip() -> Trip {
    Trip::new(|setup| Box::new(Plain::new(setup)), listings(150, 20), &[])
}

#[test]
fn the_page_has_the_settings_that_are_tried_here() {
    let page = include_str!("../../docs/connectors/http.md");
    let (_, block) = page.split_once("```yaml\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let block: Value = serde_yaml::from_str(block).unwrap();
    let shop = Plain::new(&Setup::default());
    assert_eq!(block["stores"]["my_shop"]["settings"], shop.settings("https://shop.example"));
    assert_eq!(block["stores"]["my_shop"]["secrets"], json!({ "key": "env:MY_SHOP_KEY" }));
}

#[test]
fn a_shop_goes_through_in_as_few_requests_as_its_pages_and_batches_allow() {
    let trip = trip();
    let log = trip.goes_through();
    let asked = |path: &str| log.iter().filter(|entry| entry.path.ends_with(path)).count();
    // The plan before it kept where the variants are. 170 are read by fifties, the 145 that are raised once more, and written by hundreds.
    assert_eq!([asked("/products"), asked("/variants"), asked("/stock")], [0, 4 + 3, 2]);
    assert!(trip.peak() <= 20, "{} requests in a second", trip.peak());
}

#[test]
fn a_shop_that_fails_comes_to_the_same_end() {
    trip().goes_through_faults(3, 2);
}

#[test]
fn a_shop_whose_answers_are_not_read_is_read_afterwards() {
    let trip = Trip::new(
        |setup| Box::new(Plain::new(setup)),
        listings(30, 5),
        &[(
            "write",
            json!({ "method": "POST", "path": "/stock", "items_max": 100, "body": { "updates": [{ "variant": "{id}", "on_hand": "{quantity}" }] } }),
        )],
    );
    trip.goes_through();
    assert_eq!(trip.asked("/stock"), 1);
}
