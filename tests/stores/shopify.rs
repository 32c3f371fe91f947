//! Shopify, whose queries and mutations are one address.

use crate::trip::{Trip, listings};
use stocksync_sim::shopify::Shopify;

fn trip(simple: usize) -> Trip {
    Trip::new(|setup| Box::new(Shopify::new(setup)), listings(simple, 10), &[])
}

#[test]
fn a_shop_goes_through_in_few_requests() {
    // Two searches for addresses, two reads of levels, a mutation for what goes to zero and one for the rest.
    let requests = trip(120).goes_through().len();
    assert!(requests <= 6, "{requests}");
}

#[test]
fn a_shop_that_fails_comes_to_the_same_end() {
    // Few, so that there are points enough for every plan.
    trip(20).goes_through_faults(2, 7);
}
