//! WooCommerce over plain HTTP, each request signed.

use crate::trip::{Trip, listings};
use stocksync_sim::woocommerce::WooCommerce;

fn trip() -> Trip {
    Trip::new(|setup| Box::new(WooCommerce::new(setup)), listings(120, 12), &[])
}

#[test]
fn a_shop_goes_through_in_as_few_writes_as_its_batches_allow() {
    let writes = trip().goes_through().iter().filter(|entry| entry.method == "POST").count();
    // 120 products by hundreds, and three products with variations.
    assert_eq!(writes, 2 + 3);
}

#[test]
fn a_shop_that_fails_comes_to_the_same_end() {
    trip().goes_through_faults(1, 3);
}
