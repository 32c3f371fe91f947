//! `catalog`: SKUs and mappings from what marketplaces list, simple products and variations alike.

use crate::trip::{Trip, listings};
use stocksync_sim::shopee::Shopee;
use stocksync_sim::shopify::Shopify;
use stocksync_sim::woocommerce::WooCommerce;
use stocksync_sim::{Listing, Marketplace, Setup};

const SKUS: &str = "catalog/skus.csv";
const MAPPINGS: &str = "catalog/mappings.csv";
const SIMPLE: usize = 130;
const VARIATIONS: usize = 12;

/// A store whose listings nothing of the catalog names yet.
fn unmapped(make: fn(&Setup) -> Box<dyn Marketplace>) -> Trip {
    let trip = Trip::new(make, listings(SIMPLE, VARIATIONS), &[]);
    trip.folder.write(SKUS, "sku,name\n");
    trip.folder.write(MAPPINGS, "sku,store,store_sku\n");
    trip
}

/// `rest` is what a while without a request does to the shop: this is about what is listed, and not about pace.
fn goes_into_the_catalog<M: Marketplace>(
    make: fn(&Setup) -> Box<dyn Marketplace>,
    delete: fn(&mut M, &str),
    rest: fn(&mut M),
) {
    let trip = unmapped(make);
    let run = |code: i32, args: &[&str]| {
        trip.market(rest);
        trip.folder.run(args).ended(code, "")
    };
    let all = SIMPLE + VARIATIONS;
    let dry = run(0, &["catalog", "skus", "pull", "shop", "--dry-run"]);
    assert!(dry.out.ends_with(&format!("\n{all} to be added\n")), "{}", dry.out);
    run(0, &["catalog", "skus", "pull", "shop"]);
    let skus = trip.folder.read(SKUS);
    assert_eq!(skus.lines().count(), 1 + all, "{skus}");
    assert!(skus.contains("\nMUG-000,Title of MUG-000\n"), "{skus}");
    run(0, &["catalog", "skus", "pull", "shop"]).ended(0, "0 rows added");

    // The merchant writes his SKUs in his own way.
    trip.folder.write(SKUS, &skus.replace("MUG-001,", "mug -001,").replace("SHIRT-003,", "shirt-003,"));
    let auto = run(0, &["catalog", "map", "auto", "shop", "--dry-run"]);
    let found = format!(
        "{all} listings: 0 mapped already, {} are a SKU letter by letter, 0 nearly, 2 unclear",
        all - 2
    );
    assert!(auto.out.contains(&found), "{}", auto.out);
    let unclear = ["MUG-001 ?", "SHIRT-003 ?"];
    assert!(unclear.iter().all(|line| auto.out.lines().any(|said| said == *line)), "{}", auto.out);
    run(0, &["catalog", "map", "auto", "shop", "--yes"]);
    let check = run(1, &["catalog", "map", "check"]);
    assert_eq!(check.out.lines().count(), 2, "{}", check.out);
    assert!(
        check.out.contains("no mapping names `MUG-001` (`Title of MUG-001`); is it `mug -001`?"),
        "{}",
        check.out
    );
    let mapped = ["catalog", "map", "auto", "shop", "--ignore-case", "--yes"];
    assert!(run(0, &mapped).out.contains("SHIRT-003 = shirt-003\n"));
    run(0, &["catalog", "map", "add", "mug -001", "shop", "MUG-001"]);
    assert_eq!(run(0, &["catalog", "map", "check"]).out, "");
    sells(&trip);

    trip.market(|market: &mut M| delete(market, "SHIRT-004"));
    let check = run(1, &["catalog", "map", "check", "shop"]);
    let missing = "shop: missing-listing: the store has no `SHIRT-004`, to which `SHIRT-004` is mapped\n";
    assert_eq!(check.out, missing);
}

/// What was pulled and mapped is planned and written like any other.
fn sells(trip: &Trip) {
    let stock = "sku,warehouse,available\nMUG-000,main,41\nmug -001,main,42\nshirt-003,main,43\n";
    trip.folder.write("catalog/stock.csv", stock);
    trip.folder
        .run(&["sync", "--yes", "--sku", "MUG-000", "--sku", "mug -001", "--sku", "shirt-003"])
        .ended(0, "3 sent");
    let shown =
        ["MUG-000", "MUG-001", "SHIRT-003"].map(|sku| trip.server.with(|market, _| market.quantity(sku)));
    assert_eq!(shown, [Some(41), Some(42), Some(43)]);
}

#[test]
fn a_shopify_shop_goes_into_the_catalog() {
    goes_into_the_catalog(|setup| Box::new(Shopify::new(setup)), Shopify::delete, Shopify::rest);
}

#[test]
fn a_woocommerce_shop_goes_into_the_catalog() {
    goes_into_the_catalog(|setup| Box::new(WooCommerce::new(setup)), WooCommerce::delete, |_| {});
}

#[test]
fn a_shopee_shop_goes_into_the_catalog() {
    goes_into_the_catalog(|setup| Box::new(Shopee::new(setup)), Shopee::delete, |_| {});
}

#[test]
fn listings_that_differ_by_case_or_stand_twice_are_told() {
    let listings = ["A-1", "a-1", "B-1", "B-1", "C-1"].map(|sku| Listing::new(sku, 1)).to_vec();
    let trip = Trip::new(|setup| Box::new(Shopify::new(setup)), listings, &[]);
    trip.folder.write(SKUS, "sku,name\nA-1,\nB-1,\nC-1,\n");
    trip.folder.write(MAPPINGS, "sku,store,store_sku\nA-1,shop,A-1\nB-1,shop,B-1\nC-1,shop,C-1\n");
    let check = trip.folder.run(&["catalog", "map", "check"]).ended(1, "");
    for said in ["duplicate-listing: the store has `B-1` 2 times", "`A-1`, `a-1` differ by case alone"] {
        assert!(check.out.contains(said), "{}", check.out);
    }
}
