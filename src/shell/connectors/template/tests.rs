//! The contract suite, over a marketplace in memory that answers as the real one is documented to.

use crate::Store;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use stocksync_sdk::ffi::RawPlugin;
use stocksync_sdk::flow::Flow;
use stocksync_sdk::kit::{Case, Item, Reply, Run, World, contract};
use stocksync_sdk::message::Http;

fn settings() -> Value {
    json!({ "url": "https://shop.example" })
}

// YOURS: the marketplace. The secret is filled in before a request comes here.
fn world() -> World {
    let mut stock = BTreeMap::from([("A-1", 5), ("A-2", 0), ("ก \"x\"", 7)].map(|(sku, n)| (sku.to_owned(), n)));
    World::new().secret("token", "s3cret-of-the-shop").shop(move |http, body| {
        if !http.headers.contains(&("authorization".to_owned(), "Bearer s3cret-of-the-shop".to_owned())) {
            return Some(Reply::new(401, "who are you?"));
        }
        Some(answer(&mut stock, http, body))
    })
}

fn answer(stock: &mut BTreeMap<String, i64>, http: &Http, body: &[u8]) -> Reply {
    let mut told = stock.clone();
    if http.method == "PUT" {
        let rows: Vec<Value> = serde_json::from_slice(body).unwrap_or_default();
        told.clear();
        for row in &rows {
            let sku = row["sku"].as_str().unwrap_or_default();
            if let (Some(place), Some(quantity)) = (stock.get_mut(sku), row["quantity"].as_i64()) {
                *place = quantity;
                told.insert(sku.to_owned(), quantity);
            }
        }
    }
    let rows: Vec<Value> = told.iter().map(|(sku, n)| json!({ "sku": sku, "quantity": n })).collect();
    Reply::new(200, Value::from(rows).to_string())
}

#[test]
fn keeps_the_contract() {
    let items = vec![Item::new("A-1", 70), Item::new("A-2", 1), Item::new("ก \"x\"", 0)];
    let case = Case::new(RawPlugin::of::<Flow<Store>>(), world, items).settings(settings()).secrets(&["token"]);
    assert_eq!(contract(&case), [""; 0]);
}

#[test]
fn a_wrong_token_is_told() {
    let mut world = World { secrets: BTreeMap::new(), ..world() }.secret("token", "another");
    let run = Run::of(RawPlugin::of::<Flow<Store>>(), &mut world, &settings(), "check", &[]);
    assert_eq!(run.end, Some(Err("unauthorized: HTTP 401 who are you?".to_owned())));
}
