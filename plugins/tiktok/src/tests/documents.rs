//! Against requests and answers in the documents' own shapes.

use super::{plugin, run};
use serde_json::{Value, json};
use stocksync_sdk::abi::outcome::{FAILED, SENT};
use stocksync_sdk::kit::{Address, Item, Reply, Run, World};

const PRODUCT: &str = "1729382561353664372";

fn settings() -> Value {
    json!({ "app_key": "123456", "shop_cipher": "GCP_X" })
}

fn world(answer: impl FnMut(&str) -> (u16, Value) + 'static) -> World {
    let mut answer = answer;
    let mut world = World::new().secret("app_secret", "abc000def111").secret("access_token", "TTP_x").shop(
        move |http, _| {
            let (status, body) = answer(&http.url);
            Some(Reply::new(status, body.to_string()))
        },
    );
    world.now = 1_234_567_890_000;
    for (sku, id) in [("a", "1"), ("b", "3")] {
        let address = format!("{PRODUCT}:{id}:2");
        world.addresses.insert(sku.to_owned(), Address { address, parent: PRODUCT.to_owned() });
    }
    world
}

fn shown(stocks: &[(&str, i64)]) -> Value {
    let sku = |(id, units): &(&str, i64)| json!({ "id": id, "seller_sku": "x", "warehouse_inventory": [{ "warehouse_id": "2", "available_quantity": units, "committed_quantity": 0 }] });
    let skus: Vec<Value> = stocks.iter().map(sku).collect();
    json!({ "code": 0, "message": "Success", "request_id": "r", "data": { "inventory": [{ "product_id": PRODUCT, "skus": skus }] } })
}

/// "Sign your API request": computed with the Go code of that page.
#[test]
fn the_signature_is_the_documents() {
    let mut world = world(|url| {
        if !url.contains("/inventory/update?") {
            return (200, shown(&[("1", 5)]));
        }
        let expected = "https://open-api.tiktokglobalshop.com/product/202309/products/1729382561353664372/inventory/update\
            ?app_key=123456&shop_cipher=GCP_X&timestamp=1234567890\
            &sign=7dbfd1e062bf8d431b226dff823b2bce3e2578a326a4a351168ecb4baad1d768";
        assert_eq!(url, expected);
        (200, json!({ "code": 0, "message": "Success", "request_id": "r", "data": { "errors": [] } }))
    });
    let written = run(&mut world, &settings(), "write", &[Item::new("a", 5)]);
    assert_eq!(written.told(), [(SENT, "")]);
    let (http, body) = &written.requests[0];
    assert_eq!(
        String::from_utf8_lossy(body),
        r#"{"skus":[{"id":"1","inventory":[{"warehouse_id":"2","quantity":5}]}]}"#
    );
    assert!(http.headers.contains(&("x-tts-access-token".to_owned(), "{{secret:access_token}}".to_owned())));
}

#[track_caller]
fn check_write(answer: (u16, Value), expected: [(u8, &str); 2]) {
    let mut world = world(move |url| match url.contains("/inventory/update?") {
        true => answer.clone(),
        false => (200, shown(&[("1", 5), ("3", 6)])),
    });
    let written = run(&mut world, &settings(), "write", &[Item::new("a", 5), Item::new("b", 6)]);
    assert_eq!(written.end, Some(Ok(())));
    assert_eq!(written.told(), expected);
}

/// "Update Inventory", response sample: success with a list of errors.
#[test]
fn success_with_errors_is_success_of_the_rest() {
    let error = |code: i64, message: &str| {
        let extra = json!([{ "warehouse_id": "2", "code": code, "message": message }]);
        let error = json!({ "code": 12_052_990, "message": "Check failed", "detail": { "sku_id": "3", "extra_errors": extra } });
        (200, json!({ "code": 0, "message": "Success", "request_id": "r", "data": { "errors": [error] } }))
    };
    let text =
        "rejected: 12052055: The SKU inventory quantity for the warehouse must be within allowed limits.";
    let words = "The SKU inventory quantity for the warehouse must be within allowed limits.";
    check_write(error(12_052_055, words), [(SENT, ""), (FAILED, text)]);
    let text =
        "locked: 12052393: Product locked for Promotion and stock can't be updated below current stock";
    let words = "Product locked for Promotion and stock can't be updated below current stock";
    check_write(error(12_052_393, words), [(SENT, ""), (FAILED, text)]);
}

#[test]
fn a_success_that_shows_another_number_is_none() {
    let mut world = world(|url| match url.contains("/inventory/update?") {
        true => (200, json!({ "code": 0, "message": "Success", "data": {} })),
        false => (200, shown(&[("1", 4)])),
    });
    let written = run(&mut world, &settings(), "write", &[Item::new("a", 5)]);
    assert_eq!(written.told(), [(FAILED, "rejected: the shop took it, and shows 4")]);
}

#[test]
fn errors_keep_their_words() {
    for (status, code, message, kind) in [
        (200, 12_052_260, "The product ID does not exist", "not-found"),
        (200, 12_052_556, "The SKU id not exist.", "not-found"),
        (200, 12_052_141, "please edit stock from global", "locked"),
        (200, 12_052_901, "The product in its current status is not available for this operation.", "locked"),
        (200, 12_052_700, "The seller is inactive.", "rejected"),
        (401, 106_001, "Invalid credentials. The `sign` query parameter is invalid.", "unauthorized"),
        (401, 105_002, "Expired credentials.", "unauthorized"),
        (403, 105_005, "Access denied.", "unauthorized"),
    ] {
        let text = format!("{kind}: {code}: {message}");
        let answer = json!({ "code": code, "message": message, "request_id": "r" });
        check_write((status, answer), [(FAILED, &text); 2]);
    }
}

#[test]
fn a_busy_shop_is_asked_again_and_then_nobody_knows() {
    let mut busy =
        world(|_| (200, json!({ "code": 36_009_003, "message": "Internal error. Please try again." })));
    let written = Run::of(plugin(), &mut busy, &settings(), "write", &[Item::new("a", 3)]);
    assert_eq!(written.end, Some(Err("36009003: Internal error. Please try again.".to_owned())));
    assert!(written.outcomes.is_empty() && !written.nothing_written);
    let mut throttled = world(|_| (429, json!({ "code": 36_009_002, "message": "Too many requests." })));
    let written = run(&mut throttled, &settings(), "write", &[Item::new("a", 3)]);
    assert_eq!(written.told(), [(FAILED, "throttled: 36009002: Too many requests.")]);
}
