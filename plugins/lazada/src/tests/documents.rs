//! Against requests and answers in the documents' own shapes.

use super::{plugin, run};
use serde_json::{Value, json};
use stocksync_sdk::abi::outcome::{FAILED, SENT};
use stocksync_sdk::kit::{Address, Item, Reply, Run, World, sign};

fn settings() -> Value {
    json!({ "app_key": "123456", "country": "th" })
}

fn world(answer: impl FnMut(&str, &str) -> Value + 'static) -> World {
    let mut answer = answer;
    let mut world = World::new().secret("app_secret", "helloworld").secret("access_token", "test").shop(
        move |http, body| {
            Some(Reply::new(200, answer(&http.url, &String::from_utf8_lossy(body)).to_string()))
        },
    );
    world.now = 1_517_820_392_000;
    for (sku, address) in [("a&b", "234234234:234"), ("c", "234234235:235")] {
        let address = Address { address: address.to_owned(), parent: String::new() };
        world.addresses.insert(sku.to_owned(), address);
    }
    world
}

/// "GetProducts", response sample, with the warehouses of "Multi-warehouse".
fn shown(stocks: &[(&str, i64, i64)]) -> Value {
    let product = |(sku, id, units): &(&str, i64, i64)| {
        let warehouses = json!([{ "occupyQuantity": 0, "quantity": units, "totalQuantity": units, "withholdQuantity": 0, "warehouseCode": "dropshipping", "sellableQuantity": units }]);
        let sku = json!({ "Status": "active", "quantity": 99, "SellerSku": sku, "SkuId": id, "Available": 99, "multiWarehouseInventories": warehouses });
        json!({ "item_id": (234_234_000 + id).to_string(), "attributes": { "name": "x" }, "skus": [sku] })
    };
    let products: Vec<Value> = stocks.iter().map(product).collect();
    json!({ "code": "0", "data": { "total_products": products.len().to_string(), "products": products }, "request_id": "r" })
}

#[test]
fn the_signature_is_the_documents() {
    let text = "/order/getaccess_tokentestapp_key123456order_id1234sign_methodsha256timestamp1517820392000";
    let vector = "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A";
    assert_eq!(sign("hmac-sha256", b"helloworld", text.as_bytes(), "HEX").as_deref(), Ok(vector));
    let mut world = world(|url, _| {
        assert!(url.starts_with("https://api.lazada.co.th/rest/seller/get?app_key=123456&sign_method=sha256&timestamp=1517820392000&access_token=test&sign="), "{url}");
        json!({ "code": "0", "data": { "seller_id": "10" }, "request_id": "r" })
    });
    let check = run(&mut world, &settings(), "check", &[]);
    assert_eq!(check.end, Some(Ok(())));
    let signed =
        "/seller/getaccess_token{{secret:access_token}}app_key123456sign_methodsha256timestamp1517820392000";
    assert_eq!(check.requests[0].0.sign[0].text, signed);
    let push = sign("hmac-sha256", b"secret", b"123456{\"code\":3,\"shop_id\":1}", "hex");
    assert_eq!(push.as_deref(), Ok("d733f0759866fd55099181aa57d424c36303c82f20117e7d17fe7cad6abc6c67"));
}

#[test]
fn a_write_is_a_form_with_the_documents_xml() {
    let mut world = world(|url, body| {
        if url.contains("/products/get?") {
            assert!(url.contains("sku_seller_list=%5B%22a%26b%22%5D"), "{url}");
            return shown(&[("a&b", 234, 20)]);
        }
        assert_eq!(url, "https://api.lazada.co.th/rest/product/stock/sellable/update");
        assert!(body.starts_with("app_key=123456&payload=%3CRequest%3E%3CProduct%3E%3CSkus%3E%3CSku%3E%3CItemId%3E234234234%3C%2FItemId%3E%3CSkuId%3E234%3C%2FSkuId%3E%3CSellableQuantity%3E20"));
        json!({ "code": "0", "data": {}, "request_id": "0ba2887315178178017221014" })
    });
    let written = run(&mut world, &settings(), "write", &[Item::new("a&b", 20)]);
    assert_eq!(written.told(), [(SENT, "")]);
}

#[track_caller]
fn check_write(answer: Value, live: &'static [(&str, i64, i64)], expected: [(u8, &str); 2]) {
    let mut world =
        world(move |url, _| if url.contains("/products/get?") { shown(live) } else { answer.clone() });
    let written = run(&mut world, &settings(), "write", &[Item::new("a&b", 20), Item::new("c", 30)]);
    assert_eq!(written.end, Some(Ok(())));
    assert_eq!(written.told(), expected);
}

#[test]
fn each_item_by_what_the_shop_shows() {
    let good = || json!({ "code": "0", "data": {}, "request_id": "r" });
    check_write(good(), &[("a&b", 234, 20), ("c", 235, 30)], [(SENT, ""), (SENT, "")]);
    let other = "rejected: the answer was a success, and the shop shows 31";
    check_write(good(), &[("a&b", 234, 20), ("c", 235, 31)], [(SENT, ""), (FAILED, other)]);
    let gone = "not-found: the seller has no such listing any more";
    check_write(good(), &[("a&b", 234, 20)], [(SENT, ""), (FAILED, gone)]);
}

#[test]
fn a_partial_failure_is_told_item_by_item() {
    let detail = json!([{ "seller_sku": "c", "message": "negative sellable" }]);
    let answer = json!({ "type": "ISP", "code": "501", "message": "E501: Update product failed", "detail": detail, "request_id": "r" });
    let live = &[("a&b", 234, 20), ("c", 235, 1)];
    check_write(answer, live, [(SENT, ""), (FAILED, "rejected: 501: negative sellable")]);
}

#[test]
fn errors_keep_their_words() {
    for (code, message, kind) in [
        (
            "4170",
            "During the Bday Mega campaign, there are restrictions for stock adjustments in effect.",
            "locked",
        ),
        ("204", "E204: Too many SKU in one request", "rejected"),
        ("501", "Update product failed", "rejected"),
        ("207", "SKU not exist", "not-found"),
        ("IncompleteSignature", "The request signature does not conform to lazada standards", "unauthorized"),
        ("IllegalAccessToken", "The specified access token is invalid or expired", "unauthorized"),
    ] {
        let text = match code {
            "IllegalAccessToken" => format!("unauthorized: {code}: {message}"),
            _ => format!("{kind}: {code}: {message}"),
        };
        let answer = json!({ "type": "ISV", "code": code, "message": message, "request_id": "r" });
        check_write(answer, &[], [(FAILED, &text); 2]);
    }
}

#[test]
fn throttling_and_hiccups_are_waited_out() {
    for code in ["901", "ApiCallLimit", "513", "6"] {
        let mut left = 2;
        let mut world = world(move |url, _| {
            if url.contains("/products/get?") {
                return shown(&[("a&b", 234, 20)]);
            }
            left -= 1;
            match left {
                0 => json!({ "code": "0", "data": {} }),
                _ => json!({ "type": "ISP", "code": code, "message": "later" }),
            }
        });
        let written = run(&mut world, &settings(), "write", &[Item::new("a&b", 20)]);
        assert_eq!((written.told(), written.requests.len()), (vec![(SENT, "")], 3), "{code}");
    }
    let mut never =
        world(|_, _| json!({ "type": "ISP", "code": "513", "message": "Internal call exception" }));
    let written = Run::of(plugin(), &mut never, &settings(), "write", &[Item::new("a&b", 20)]);
    assert_eq!(written.end, Some(Err("513: Internal call exception".to_owned())));
    let mut busy = world(|_, _| json!({ "type": "ISP", "code": "901", "message": "later" }));
    let written = run(&mut busy, &settings(), "write", &[Item::new("a&b", 20)]);
    assert_eq!(written.told(), [(FAILED, "throttled: 901: later")]);
}
