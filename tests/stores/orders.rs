//! `orders --from`: orders that a store is asked for lower what the others show.

use crate::trip::{Trip, listings};
use serde_json::Value;
use stocksync_sim::woocommerce::WooCommerce;

fn trip() -> Trip {
    let trip = Trip::new(|setup| Box::new(WooCommerce::new(setup)), listings(4, 0), &[]);
    // A second store, on the same stock.
    trip.folder.edit(
        "stocksync.yaml",
        "stores:\n",
        "stores:\n  outlet: { connector: csv, settings: { path: outlet.csv } }\n",
    );
    trip.folder.write("outlet.csv", "store_sku,quantity\nO1,0\n");
    trip.folder.edit("catalog/mappings.csv", "S1,shop,MUG-001\n", "S1,shop,MUG-001\nS1,outlet,O1\n");
    let stock = trip.folder.read("catalog/stock.csv");
    let dated: String = stock
        .lines()
        .map(|line| match line {
            "sku,warehouse,available" => "sku,warehouse,available,as_of\n".to_owned(),
            row => format!("{row},2026-01-01T00:00:00Z\n"),
        })
        .collect();
    trip.folder.write("catalog/stock.csv", &dated);
    trip.folder.sync().ended(0, "");
    trip
}

fn sell(trip: &Trip) {
    assert!(trip.server.with(|market, now| market.sell("MUG-001", 3, now)));
}

#[test]
fn an_order_in_one_store_lowers_the_others() {
    let trip = trip();
    sell(&trip);
    trip.folder.run(&["orders", "--from", "shop"]).ended(0, "1 events taken\n");
    trip.folder
        .run(&["orders", "--from", "shop", "--since", "2h"])
        .ended(0, "0 events taken, 1 taken before\n");
    let plan = trip.folder.plan(&[]);
    let rows: Vec<_> =
        plan["rows"].as_array().unwrap().iter().map(|row| (&row["store"], &row["planned"])).collect();
    // The shop has taken them off itself.
    assert_eq!(rows, [(&Value::from("outlet"), &Value::from(8))], "{plan:#}");
    trip.folder.sync().ended(0, "1 sent");
    assert_eq!(trip.folder.read("outlet.csv"), "store_sku,quantity\nO1,8\n");
}

#[test]
fn a_store_that_cannot_be_asked_does_not_keep_the_others_from_it() {
    let trip = trip();
    sell(&trip);
    let ran = trip.folder.run(&["orders", "--from", "outlet", "--from", "shop"]).ended(2, "1 events taken\n");
    assert!(ran.err.contains("store `outlet` (connector `csv`): cannot `orders`"), "{}", ran.err);
    trip.folder.run(&["orders", "--from", "nowhere"]).ended(2, "nowhere");
    trip.folder.run(&["orders"]).ended(2, "required");
    trip.folder.run(&["orders", "--from", "shop", "--since", "yesterday"]).ended(2, "`--since");
}
