//! Mercado Libre, whose refresh tokens work once; with stock of items, and with stock in warehouses.

use crate::trip::{Trip, listings};
use serde_json::json;
use stocksync_sim::mercadolibre::{MercadoLibre, STORE};

fn trip() -> Trip {
    Trip::new(|setup| Box::new(MercadoLibre::new(setup)), listings(12, 10), &[])
}

#[test]
fn an_account_goes_through_item_by_item() {
    let writes = trip().goes_through().iter().filter(|entry| entry.method == "PUT").count();
    assert_eq!(writes, 12 + 2);
}

#[test]
fn an_account_that_fails_comes_to_the_same_end() {
    trip().goes_through_faults(4, 3);
}

#[test]
fn an_account_with_warehouses_goes_through() {
    let make = |setup: &_| {
        let mut account = MercadoLibre::new(setup);
        account.in_warehouses = true;
        Box::new(account) as _
    };
    Trip::new(make, listings(4, 3), &[("store_id", json!(STORE))]).goes_through();
}
