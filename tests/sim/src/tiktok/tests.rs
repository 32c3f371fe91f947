//! The shop against its documents.

use super::*;
use crate::crypto::{hex, hmac_sha256};

const NOW: Now = Now(1_700_000_000_000);

fn shop() -> TikTok {
    let listings =
        vec![Listing::new("MUG", 5), Listing::new("S-1", 1).of("S"), Listing::new("S-2", 2).of("S")];
    TikTok::new(&Setup { listings, ..Setup::default() })
}

fn signed(shop: &TikTok, path: &str, query: &[(&str, &str)], body: &Value, seconds: i64) -> Request {
    let seconds = seconds.to_string();
    let mut params =
        vec![("app_key", shop.app_key.as_str()), ("shop_cipher", &shop.shop_cipher), ("timestamp", &seconds)];
    params.extend(query);
    params.sort_unstable();
    let plain: String = params.iter().map(|(name, value)| format!("{name}{value}")).collect();
    let secret = &shop.app_secret;
    let sign =
        hex(&hmac_sha256(secret.as_bytes(), format!("{secret}{path}{plain}{body}{secret}").as_bytes()));
    let query: String = params.iter().map(|(name, value)| format!("{name}={value}&")).collect();
    let request = Request::to("POST", &format!("https://h{path}?{query}sign={sign}"));
    let request = request.header_of("x-tts-access-token", &shop.tokens.now().0);
    Request { body: body.to_string().into_bytes(), ..request }
}

fn ask(shop: &mut TikTok, path: &str, query: &[(&str, &str)], body: &Value) -> Value {
    let request = signed(shop, path, query, body, NOW.seconds());
    shop.answer(&request, NOW).value()
}

/// "Sign your API request": computed with the Go code of that page.
#[test]
fn the_signature_is_the_documents() {
    let text = "abc000def111/product/202309/products/1729382561353664372/inventory/updateapp_key123456shop_cipherGCP_Xtimestamp1234567890\
                {\"skus\":[{\"id\":\"1\",\"inventory\":[{\"warehouse_id\":\"2\",\"quantity\":5}]}]}abc000def111";
    let sign = "7dbfd1e062bf8d431b226dff823b2bce3e2578a326a4a351168ecb4baad1d768";
    assert_eq!(hex(&hmac_sha256(b"abc000def111", text.as_bytes())), sign);
}

#[test]
fn clock_token_and_signature_are_checked() {
    let code = |seconds: i64, change: &dyn Fn(&mut TikTok, &mut Request)| {
        let mut shop = shop();
        let mut request =
            signed(&shop, "/product/202309/inventory/search", &[], &json!({ "sku_ids": [] }), seconds);
        change(&mut shop, &mut request);
        shop.answer(&request, NOW).value()["code"].as_i64()
    };
    let nothing = |_: &mut TikTok, _: &mut Request| {};
    assert_eq!(code(NOW.seconds() - 300, &nothing), Some(0));
    assert_eq!(code(NOW.seconds() - 301, &nothing), Some(36_009_004));
    assert_eq!(code(NOW.seconds() + 30, &nothing), Some(0));
    assert_eq!(code(NOW.seconds() + 31, &nothing), Some(36_009_004));
    assert_eq!(code(NOW.seconds(), &|_, request| request.body.push(b' ')), Some(106_001));
    assert_eq!(code(NOW.seconds(), &|shop, _| shop.tokens.expire()), Some(105_002));
    assert_eq!(code(NOW.seconds(), &|_, request| request.headers.clear()), Some(36_009_004));
}

#[test]
fn every_warehouse_must_be_named() {
    let mut shop = shop().with_warehouses(&["11", "22"]);
    let (product, sku) = (shop.products[0].id.clone(), shop.products[0].skus[0].id.clone());
    let path = format!("/product/202309/products/{product}/inventory/update");
    let body = |inventory: &[(&str, i64)]| {
        let inventory: Vec<Value> =
            inventory.iter().map(|(id, units)| json!({ "warehouse_id": id, "quantity": units })).collect();
        json!({ "skus": [{ "id": sku, "inventory": inventory }] })
    };
    assert_eq!(ask(&mut shop, &path, &[], &body(&[("11", 7)]))["code"], 12_019_028);
    let done = ask(&mut shop, &path, &[], &body(&[("11", 7), ("22", 0)]));
    assert_eq!((&done["code"], &done["data"]["errors"]), (&json!(0), &json!([])));
    let other = ask(&mut shop, &path, &[], &body(&[("11", 7), ("22", 1), ("33", 1)]));
    assert_eq!(other["data"]["errors"][0]["detail"]["extra_errors"][0]["code"], 12_052_097);
    assert_eq!(ask(&mut shop, &path, &[], &body(&[("11", 100_000), ("22", 0)]))["code"], 12_052_055);
    assert_eq!(shop.sku("MUG").unwrap().stock, [("11".to_owned(), 7), ("22".to_owned(), 0)]);
}

#[test]
fn searches_are_bounded() {
    let mut shop = shop();
    let path = "/product/202502/products/search";
    let skus: Vec<String> = (0..11).map(|n| n.to_string()).collect();
    assert_eq!(
        ask(&mut shop, path, &[("page_size", "100")], &json!({ "seller_skus": skus }))["code"],
        12_019_027
    );
    assert_eq!(ask(&mut shop, path, &[("page_size", "101")], &json!({}))["code"], 12_019_109);
    let first = ask(&mut shop, path, &[("page_size", "1")], &json!({}));
    let token = first["data"]["next_page_token"].as_str().unwrap().to_owned();
    // A token with `=` stands encoded in the query; here it is taken as it is.
    let second = ask(&mut shop, path, &[("page_size", "1"), ("page_token", &token)], &json!({}));
    assert_eq!(second["data"]["products"][0]["title"], "S");
    let found = ask(&mut shop, path, &[("page_size", "100")], &json!({ "seller_skus": ["S-2"] }));
    assert_eq!(found["data"]["total_count"], 1);
}

#[test]
fn fifty_a_second_of_one_api() {
    let mut shop = shop();
    let body = json!({ "sku_ids": [] });
    let request = signed(&shop, "/product/202309/inventory/search", &[], &body, NOW.seconds());
    let taken = (0..60).filter(|_| shop.answer(&request, NOW).status == 200).count();
    assert_eq!((taken, shop.answer(&request, NOW).status), (50, 429));
    assert_eq!(
        ask(&mut shop, "/product/202502/products/search", &[("page_size", "1")], &json!({}))["code"],
        0
    );
}
