//! Shopee, whose writes are of one item each and show their numbers.

use crate::trip::{Trip, listings};
use serde_json::json;
use stocksync_sim::shopee::Shopee;

fn trip() -> Trip {
    Trip::new(|setup| Box::new(Shopee::new(setup)), listings(12, 20), &[])
}

#[test]
fn a_shop_goes_through_item_by_item() {
    let trip = trip();
    trip.goes_through();
    // Twelve items alone, and four with five models each.
    assert_eq!(trip.asked("/api/v2/product/update_stock"), 12 + 4);
    assert!(trip.peak() <= 20, "{} requests in a second", trip.peak());
}

#[test]
fn a_shop_that_fails_comes_to_the_same_end() {
    trip().goes_through_faults(5, 2);
}

#[test]
fn an_ended_token_is_refreshed_once_and_the_new_one_is_on_disk() {
    trip().refreshes(|shop: &mut Shopee| &mut shop.tokens);
}

#[test]
fn a_shop_with_locations_goes_through() {
    let make = |setup: &_| Box::new(Shopee::new(setup).with_locations(&["IDZ", "IDG"])) as _;
    Trip::new(make, listings(3, 5), &[("location_id", json!("IDZ"))]).goes_through();
}
