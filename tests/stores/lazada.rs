//! Lazada, whose writes are of SKUs of any products and are looked up.

use crate::trip::{Trip, listings};
use serde_json::json;
use stocksync_sim::lazada::Lazada;

fn trip() -> Trip {
    Trip::new(|setup| Box::new(Lazada::new(setup)), listings(45, 20), &[])
}

#[test]
fn a_seller_goes_through_in_as_few_writes_as_are_advised() {
    let trip = trip();
    trip.goes_through();
    assert_eq!(trip.asked("/rest/product/stock/sellable/update"), 65_usize.div_ceil(20));
    assert!(trip.peak() <= 50, "{} requests in a second", trip.peak());
}

#[test]
fn a_seller_that_fails_comes_to_the_same_end() {
    // A run takes a few requests only: of so many runs enough fail.
    trip().goes_through_faults(6, 5);
}

#[test]
fn an_ended_token_is_refreshed_once_and_the_new_one_is_on_disk() {
    trip().refreshes(|seller: &mut Lazada| &mut seller.tokens);
}

#[test]
fn a_seller_with_warehouses_goes_through() {
    let make = |setup: &_| Box::new(Lazada::new(setup).with_warehouses(&["W1", "W2"])) as _;
    Trip::new(make, listings(3, 5), &[("warehouse_code", json!("W1"))]).goes_through();
}
