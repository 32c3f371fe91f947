//! eBay, whose writes are read back.

use crate::trip::{Trip, listings};
use stocksync_sim::ebay::Ebay;

fn trip() -> Trip {
    Trip::new(|setup| Box::new(Ebay::new(setup)), listings(60, 10), &[])
}

#[test]
fn an_account_goes_through_in_as_few_writes_as_its_batches_allow() {
    let writes = trip()
        .goes_through()
        .iter()
        .filter(|entry| entry.path.ends_with("bulk_update_price_quantity"))
        .count();
    assert_eq!(writes, 3);
}

#[test]
fn an_account_that_fails_comes_to_the_same_end() {
    trip().goes_through_faults(3, 3);
}
