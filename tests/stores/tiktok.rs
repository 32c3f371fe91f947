//! TikTok Shop, whose writes are of one product each, with all warehouses of each SKU, and are looked up.

use crate::trip::{Trip, listings};
use serde_json::json;
use stocksync_sim::tiktok::TikTok;

fn trip() -> Trip {
    Trip::new(|setup| Box::new(TikTok::new(setup)), listings(12, 20), &[])
}

#[test]
fn a_shop_goes_through_product_by_product() {
    let trip = trip();
    trip.goes_through();
    // Twelve products with one SKU, and four with five.
    assert_eq!(trip.asked("/inventory/update"), 12 + 4);
    assert!(trip.peak() <= 50, "{} requests in a second", trip.peak());
}

#[test]
fn a_shop_that_fails_comes_to_the_same_end() {
    trip().goes_through_faults(7, 2);
}

#[test]
fn an_ended_token_is_refreshed_once_and_the_new_one_is_on_disk() {
    trip().refreshes(|shop: &mut TikTok| &mut shop.tokens);
}

#[test]
fn a_shop_with_warehouses_goes_through() {
    let make = |setup: &_| Box::new(TikTok::new(setup).with_warehouses(&["11", "22"])) as _;
    Trip::new(make, listings(3, 5), &[("warehouse_id", json!("11"))]).goes_through();
}
