//! The shop against its documents.

use super::*;
use crate::crypto::base64;
use crate::http::Request;
use crate::marketplace::Listing;

const NOW: Now = Now(1_700_000_000_000);

fn shop() -> WooCommerce {
    let listings =
        vec![Listing::new("MUG-1", 5), Listing::new("S-1", 1).of("S"), Listing::new("S-2", 2).of("S")];
    WooCommerce::new(&Setup { listings, ..Setup::default() })
}

fn basic(method: &str, path: &str) -> Request {
    let pass = format!("ck_{}:cs_{}", "a".repeat(40), "b".repeat(40));
    Request::to(method, &format!("https://shop.example/wp-json/wc/v3{path}"))
        .header_of("Authorization", &format!("Basic {}", base64(pass.as_bytes())))
}

fn batch(shop: &mut WooCommerce, path: &str, update: &Value) -> Value {
    let request =
        Request { body: json!({ "update": update }).to_string().into_bytes(), ..basic("POST", path) };
    shop.answer(&request, NOW).value()
}

/// A signature that a real WooCommerce took.
#[test]
fn oauth_as_the_real_shop_takes_it() {
    let url = "http://127.0.0.1:8090/wp-json/wc/v3/products?_fields=id,sku&sku=MUG-1\
               &oauth_nonce=abcdef0123456789&oauth_timestamp=1700000000&oauth_signature_method=HMAC-SHA256";
    let url = format!("{url}&oauth_consumer_key=ck_{}", "a".repeat(40));
    let signature = "tL7VzT97AqbYH1nIfov%2FsZV4vqZWyNydIMoATP1SquM%3D";
    let request = Request::to("GET", &format!("{url}&oauth_signature={signature}"));
    let mut shop = shop();
    let answer = shop.answer(&request, NOW);
    assert_eq!((answer.status, answer.value()), (200, json!([{ "id": 10, "sku": "MUG-1" }])));
    assert_eq!(shop.answer(&request, NOW).value()["message"], "Invalid nonce - nonce has already been used.");
    let late = self::shop().answer(&request, Now(NOW.0 + 901_000));
    assert_eq!((late.status, &late.value()["message"]), (401, &json!("Invalid timestamp.")));
    let other = Request { method: "POST".to_owned(), ..request };
    assert_eq!(shop.answer(&other, NOW).status, 401);
}

#[test]
fn basic_counts_over_tls_alone() {
    let plain = Request { secure: false, ..basic("GET", "/products") };
    assert_eq!(shop().answer(&plain, NOW).value()["code"], "woocommerce_rest_cannot_view");
    assert_eq!(shop().answer(&basic("GET", "/products"), NOW).status, 200);
}

#[test]
fn products_without_sku_are_no_variations_and_with_it_they_are() {
    let skus = |path: &str| {
        let answer = shop().answer(&basic("GET", path), NOW).value();
        answer.as_array().unwrap().iter().map(|p| p["sku"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(skus("/products"), ["MUG-1", "S"]);
    assert_eq!(skus("/products?sku=MUG-1,S-2,none"), ["MUG-1", "S-2"]);
    assert_eq!(skus("/products/11/variations"), ["S-1", "S-2"]);
    assert_eq!(shop().answer(&basic("GET", "/products?per_page=101"), NOW).status, 400);
    let answer = shop().answer(&basic("GET", "/products?per_page=1&page=2"), NOW);
    assert_eq!((answer.value().as_array().unwrap().len(), answer.headers[2].1.as_str()), (1, "2"));
}

#[test]
fn a_batch_says_what_failed_in_an_answer_of_200() {
    let mut shop = shop();
    let update = json!([{ "id": 10, "stock_quantity": 42 }, { "id": 99, "stock_quantity": 1 }, { "id": 12, "stock_quantity": 1 }]);
    let answer = batch(&mut shop, "/products/batch", &update);
    assert_eq!(answer["update"][0]["stock_quantity"], 42);
    assert_eq!(answer["update"][1]["error"]["code"], "woocommerce_rest_product_invalid_id");
    assert_eq!(answer["update"][2]["error"]["data"]["status"], 404);
    let answer =
        batch(&mut shop, "/products/11/variations/batch", &json!([{ "id": 12, "stock_quantity": 8 }]));
    assert_eq!((&answer["update"][0]["stock_quantity"], shop.quantity("S-1")), (&json!(8), Some(8)));
    let many = json!(vec![json!({ "id": 10 }); 101]);
    assert_eq!(
        batch(&mut shop, "/products/batch", &many)["code"],
        "woocommerce_rest_request_entity_too_large"
    );
    assert_eq!(batch(&mut shop, "/products/batch?_fields=id", &update)["update"], json!([]));
}

#[test]
fn stock_that_is_not_managed_is_dropped_in_silence() {
    let mut shop = shop();
    shop.product("MUG-1").unwrap().manage_stock = false;
    let answer = batch(&mut shop, "/products/batch", &json!([{ "id": 10, "stock_quantity": 42 }]));
    assert_eq!(answer["update"][0]["stock_quantity"], Value::Null);
    let answer = batch(
        &mut shop,
        "/products/batch",
        &json!([{ "id": 10, "stock_quantity": "x", "manage_stock": true }]),
    );
    assert_eq!(answer["update"][0]["stock_quantity"], 0);
}

#[test]
fn orders_lower_the_stock_and_are_listed_by_their_last_change() {
    let mut shop = shop();
    assert!(shop.sell("S-1", 1, NOW) && !shop.sell("none", 1, NOW));
    assert_eq!(shop.quantity("S-1"), Some(0));
    let path = "/orders?dates_are_gmt=true&modified_after=2023-11-14T22:13:20";
    assert_eq!(shop.answer(&basic("GET", path), NOW).value(), json!([]));
    shop.cancel(Now(NOW.0 + 5000));
    assert_eq!(shop.answer(&basic("GET", path), NOW).value()[0]["status"], "cancelled");
    assert_eq!(shop.quantity("S-1"), Some(1));
}
