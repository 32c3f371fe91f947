//! Shopify, whose queries and mutations are one address.

use crate::trip::{Trip, listings};
use stocksync_sim::{Marketplace as _, shopify::Shopify};

fn trip(simple: usize) -> Trip {
    Trip::new(|setup| Box::new(Shopify::new(setup)), listings(simple, 10), &[])
}

#[test]
fn a_shop_goes_through_in_few_requests() {
    // The plan before it kept where the variants are: one read of levels, and one mutation for what falls and what rises.
    assert_eq!(trip(120).goes_through().len(), 2);
}

#[test]
fn a_shop_that_was_never_planned_takes_no_more_requests_than_it_must() {
    let trip = trip(120);
    // Two searches for addresses, a hundred SKUs each, besides.
    trip.folder.sync().ended(0, "");
    assert_eq!(trip.server.log().len(), 4);
    trip.arrived(0);
}

#[test]
fn a_run_that_does_not_know_how_few_points_are_left_asks_once_too_much() {
    let trip = trip(20);
    // A search costs some 200, and what a run before this one left is less.
    trip.market(|shop: &mut Shopify| shop.drain(150.0));
    trip.folder.sync().ended(0, "");
    assert_eq!(trip.market(|shop: &mut Shopify| shop.refused()), 1);
    trip.arrived(0);
}

#[test]
fn a_shop_that_fails_comes_to_the_same_end() {
    // Few, so that there are points enough for every plan.
    trip(20).goes_through_faults(2, 7);
}
