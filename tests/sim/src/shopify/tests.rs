//! The shop against its documents.

use super::*;
use crate::http::Request;
use crate::marketplace::Listing;

const NOW: Now = Now(1_764_000_000_000);
const SET: &str = "mutation($input: InventorySetQuantitiesInput!, $key: String!) { inventorySetQuantities(input: $input) @idempotent(key: $key) { inventoryAdjustmentGroup { changes(quantityNames: [\"available\"]) { delta quantityAfterChange item { id } } } userErrors { code field } } }";

fn shop() -> Shopify {
    let listings = vec![Listing::new("A", 5), Listing::new("B", 6).of("P"), Listing::new("C", 7).of("P")];
    Shopify::new(&Setup { listings, ..Setup::default() })
}

fn ask(shop: &mut Shopify, query: &str, variables: &Value) -> Value {
    let token = shop.access_token.clone();
    let body = json!({ "query": query, "variables": variables }).to_string().into_bytes();
    let request = Request::to("POST", "https://sim.myshopify.com/admin/api/2026-10/graphql.json")
        .header_of("X-Shopify-Access-Token", &token);
    let answer = shop.answer(&Request { body, ..request }, NOW);
    assert_eq!(answer.status, 200);
    answer.value()
}

fn set(shop: &mut Shopify, key: &str, entries: &[(u64, i64, Value)]) -> Value {
    let quantities: Vec<Value> = entries
        .iter()
        .map(|(item, quantity, from)| json!({ "inventoryItemId": gid("InventoryItem", *item), "locationId": gid("Location", LOCATION), "quantity": quantity, "changeFromQuantity": from }))
        .collect();
    let input = json!({ "name": "available", "reason": "correction", "quantities": quantities });
    let answer = ask(shop, SET, &json!({ "input": input, "key": key }));
    answer.pointer("/data/inventorySetQuantities").cloned().unwrap_or(answer)
}

#[test]
fn quantities_are_compared_and_set_as_a_whole() {
    let mut shop = shop();
    let answer = set(&mut shop, "k1", &[(1500, 9, json!(5)), (1501, 9, json!(5))]);
    assert_eq!(
        answer["userErrors"],
        json!([{ "code": "CHANGE_FROM_QUANTITY_STALE", "field": ["input", "quantities", "1", "changeFromQuantity"] }])
    );
    assert_eq!((shop.quantity("A"), shop.quantity("B")), (Some(5), Some(6)));
    let answer = set(&mut shop, "k2", &[(1500, 9, json!(5)), (1501, 6, Value::Null)]);
    let changes = &answer["inventoryAdjustmentGroup"]["changes"];
    assert_eq!(
        changes,
        &json!([{ "delta": 4, "quantityAfterChange": 9, "item": { "id": "gid://shopify/InventoryItem/1500" } }])
    );
    let codes = set(&mut shop, "k3", &[(1, 1, Value::Null), (1500, -1, Value::Null)]);
    assert_eq!(
        (&codes["userErrors"][0]["code"], &codes["userErrors"][1]["code"]),
        (&json!("INVALID_INVENTORY_ITEM"), &json!("INVALID_QUANTITY_NEGATIVE"))
    );
}

#[test]
fn a_key_makes_it_once() {
    let mut shop = shop();
    let first = set(&mut shop, "k", &[(1500, 9, json!(5))]);
    shop.sell("A", 1, NOW);
    assert_eq!(set(&mut shop, "k", &[(1500, 9, json!(5))]), first);
    assert_eq!(shop.quantity("A"), Some(8));
    let other = set(&mut shop, "k", &[(1500, 10, json!(5))]);
    assert_eq!(other["userErrors"][0]["code"], "IDEMPOTENCY_KEY_PARAMETER_MISMATCH");
    let without = SET.replace(" @idempotent(key: $key)", "");
    assert!(ask(&mut shop, &without, &json!({ "input": { "quantities": [] }, "key": "k" }))["errors"][0]["message"].as_str().unwrap().contains("@idempotent"));
    let forgotten = json!({ "input": { "quantities": [{ "quantity": 1 }] }, "key": "z" });
    assert!(
        ask(&mut shop, SET, &forgotten)["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("changeFromQuantity")
    );
}

#[test]
fn levels_by_id_and_variants_by_sku() {
    let mut shop = shop();
    let query = "query($ids: [ID!]!, $l: ID!) { nodes(ids: $ids) { ... on InventoryItem { id inventoryLevel(locationId: $l) { quantities(names: [\"available\"]) { quantity } } } } }";
    let ids = json!({ "ids": ["gid://shopify/InventoryItem/1501", "gid://shopify/InventoryItem/9"], "l": gid("Location", LOCATION) });
    assert_eq!(
        ask(&mut shop, query, &ids)["data"]["nodes"],
        json!([{ "id": "gid://shopify/InventoryItem/1501", "inventoryLevel": { "quantities": [{ "quantity": 6 }] } }, null])
    );
    let search = "query($q: String) { productVariants(first: 1, query: $q) { nodes { sku product { id } } pageInfo { hasNextPage endCursor } } }";
    let answer = ask(&mut shop, search, &json!({ "q": "sku:'b' OR sku:'C'" }));
    assert_eq!(
        answer["data"]["productVariants"]["nodes"],
        json!([{ "sku": "B", "product": { "id": "gid://shopify/Product/9001" } }])
    );
    assert_eq!(answer["data"]["productVariants"]["pageInfo"]["hasNextPage"], true);
}

#[test]
fn points_are_counted() {
    let mut shop = shop();
    let query = "{ productVariants(first: 250) { nodes { sku inventoryItem { id } } } }";
    let answer = ask(&mut shop, query, &json!({}));
    let cost = &answer["extensions"]["cost"];
    assert_eq!(
        (&cost["requestedQueryCost"], &cost["throttleStatus"]["currentlyAvailable"]),
        (&json!(502.0), &json!(1498.0))
    );
    shop.drain(3.0);
    let answer = ask(&mut shop, query, &json!({}));
    assert_eq!(
        (&answer["errors"][0]["extensions"]["code"], &answer["data"]),
        (&json!("THROTTLED"), &Value::Null)
    );
    let large = query.replace("sku", "sku product { id } a: product { id } b: product { id }");
    assert_eq!(ask(&mut shop, &large, &json!({}))["errors"][0]["extensions"]["code"], "MAX_COST_EXCEEDED");
}

#[test]
fn a_token_is_asked_for_and_ends() {
    let mut shop = shop();
    let form =
        format!("grant_type=client_credentials&client_id=client-1&client_secret={}", shop.client_secret);
    let grant = Request {
        body: form.into_bytes(),
        ..Request::to("POST", "https://sim.myshopify.com/admin/oauth/access_token")
    };
    let token = shop.answer(&grant, NOW).value()["access_token"].as_str().unwrap().to_owned();
    let mut with = |token: &str, now: Now| {
        let request = Request::to("POST", "https://sim.myshopify.com/admin/api/2026-07/graphql.json")
            .header_of("X-Shopify-Access-Token", token);
        shop.answer(&Request { body: br#"{"query":"{ shop { name } }"}"#.to_vec(), ..request }, now).status
    };
    assert_eq!(
        [with(&token, NOW), with("wrong", NOW), with(&token, Now(NOW.0 + 90_000_000))],
        [200, 401, 401]
    );
}

/// The vector of shopify.dev, recomputed.
#[test]
fn webhooks_are_signed() {
    let signature =
        crate::crypto::base64(&crate::crypto::hmac_sha256(b"shpss", br#"{"code":3,"shop_id":1}"#));
    assert_eq!(signature, "A0Y0LilE7DXFl30cvepPaNvcZV73oUiD2DmggGwY3NU=");
}
