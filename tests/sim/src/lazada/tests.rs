//! The seller against the documents.

use super::*;

const NOW: Now = Now(1_517_820_392_000);

fn seller() -> Lazada {
    let listings =
        vec![Listing::new("MUG", 5), Listing::new("S-1", 1).of("S"), Listing::new("S-2", 2).of("S")];
    Lazada::new(&Setup { listings, ..Setup::default() })
}

fn ask(seller: &mut Lazada, path: &str, params: &[(&str, &str)], now: Now) -> Value {
    let (access, _) = seller.tokens.now();
    let timestamp = now.0.to_string();
    let common = [
        ("app_key", seller.app_key.as_str()),
        ("access_token", &access),
        ("timestamp", &timestamp),
        ("sign_method", "sha256"),
    ];
    let mut all: Vec<(String, String)> =
        common.iter().chain(params).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    all.push(("sign".to_owned(), seller.signature(path, &all)));
    let request = Request { query: all, ..Request::to("GET", &format!("https://h/rest{path}")) };
    seller.answer(&request, NOW).value()
}

fn update(seller: &mut Lazada, skus: &str) -> Value {
    let payload = format!("<Request><Product><Skus>{skus}</Skus></Product></Request>");
    ask(seller, "/product/stock/sellable/update", &[("payload", &payload)], NOW)
}

fn sku(item: i64, sku: i64, units: i64) -> String {
    format!(
        "<Sku><ItemId>{item}</ItemId><SkuId>{sku}</SkuId><SellableQuantity>{units}</SellableQuantity></Sku>"
    )
}

/// "HTTP request sample": the signature of that page.
#[test]
fn the_signature_is_the_documents() {
    let secrets = [("app_secret".to_owned(), "helloworld".to_owned())].into();
    let seller = Lazada::new(&Setup { secrets, ..Setup::default() });
    let params = [
        ("app_key", "123456"),
        ("access_token", "test"),
        ("timestamp", "1517820392000"),
        ("sign_method", "sha256"),
        ("order_id", "1234"),
        ("empty", ""),
    ];
    let params = params.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let sign = "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A";
    assert_eq!(seller.signature("/order/get", &params), sign);
}

#[test]
fn the_push_is_signed_behind_the_key() {
    let secrets = [("app_secret".to_owned(), "secret".to_owned())].into();
    let seller = Lazada::new(&Setup { secrets, ..Setup::default() });
    let sign = "d733f0759866fd55099181aa57d424c36303c82f20117e7d17fe7cad6abc6c67";
    assert_eq!(seller.push_signature(b"{\"code\":3,\"shop_id\":1}"), sign);
}

#[test]
fn clock_and_token_are_checked() {
    let mut seller = seller();
    assert_eq!(ask(&mut seller, "/seller/get", &[], NOW)["code"], "0");
    assert_eq!(ask(&mut seller, "/seller/get", &[], Now(NOW.0 - 7_200_000))["code"], "0");
    assert_eq!(ask(&mut seller, "/seller/get", &[], Now(NOW.0 - 7_200_001))["code"], "InvalidTimestamp");
    seller.tokens.expire();
    assert_eq!(ask(&mut seller, "/seller/get", &[], NOW)["code"], "IllegalAccessToken");
}

#[test]
fn skus_of_any_products_fifty_at_most() {
    let mut seller = seller();
    let both = [sku(180_226_526, 314_525_867, 9), sku(180_226_527, 314_525_869, 8)].concat();
    assert_eq!(update(&mut seller, &both), good(&json!({})).value());
    assert_eq!((seller.quantity("MUG"), seller.quantity("S-2")), (Some(9), Some(8)));
    assert_eq!(update(&mut seller, &sku(1, 1, 1).repeat(51))["code"], "204");
    assert_eq!(update(&mut seller, "")["code"], "30");
    assert_eq!(update(&mut seller, "<Sku></Sku>")["code"], "5");
}

#[test]
fn a_campaign_lets_numbers_rise_and_not_fall() {
    let mut seller = seller();
    seller.sku("MUG").unwrap().is_locked = true;
    let lower = [sku(180_226_526, 314_525_867, 4), sku(180_226_527, 314_525_868, 8)].concat();
    let answer = update(&mut seller, &lower);
    assert_eq!((&answer["code"], &answer["detail"][0]["seller_sku"]), (&json!("501"), &json!("MUG")));
    assert_eq!((seller.quantity("MUG"), seller.quantity("S-1")), (Some(5), Some(8)));
    assert_eq!(update(&mut seller, &sku(180_226_526, 314_525_867, 6))["code"], "0");
}

#[test]
fn warehouses_have_a_form_of_their_own() {
    let form = "<Sku><ItemId>180226526</ItemId><SkuId>314525867</SkuId><MultiWarehouseInventories><MultiWarehouseInventory>\
                <WarehouseCode>W2</WarehouseCode><SellableQuantity>3</SellableQuantity></MultiWarehouseInventory></MultiWarehouseInventories></Sku>";
    assert_eq!(update(&mut seller(), form)["code"], "501");
    let mut several = seller().with_warehouses(&["dropshipping", "W2"]);
    assert_eq!(update(&mut several, form)["code"], "0");
    assert_eq!(several.sku("MUG").unwrap().stock, [("dropshipping".to_owned(), 5), ("W2".to_owned(), 3)]);
}

#[test]
fn products_are_found_by_whole_skus() {
    let mut seller = seller();
    let found = ask(
        &mut seller,
        "/products/get",
        &[("filter", "all"), ("limit", "50"), ("sku_seller_list", "[\"S-1\",\"S\"]")],
        NOW,
    );
    assert_eq!(
        (&found["data"]["total_products"], &found["data"]["products"][0]["skus"][1]["SellerSku"]),
        (&json!("1"), &json!("S-2"))
    );
    assert_eq!(ask(&mut seller, "/products/get", &[("filter", "all"), ("limit", "51")], NOW)["code"], "19");
}
