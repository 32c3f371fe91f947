//! The shop against its documents.

use super::*;
use crate::crypto::{hex, hmac_sha256};

const NOW: Now = Now(1_655_714_431_000);

fn shop() -> Shopee {
    let listings =
        vec![Listing::new("MUG", 5), Listing::new("S-1", 1).of("S"), Listing::new("S-2", 2).of("S")];
    Shopee::new(&Setup { listings, ..Setup::default() })
}

fn signed(shop: &Shopee, method: &str, path: &str, query: &str, body: &Value, seconds: i64) -> Request {
    let (access, _) = shop.tokens.now();
    let (partner, id) = (shop.partner_id, shop.shop_id);
    let sign = hex(&hmac_sha256(
        shop.partner_key.as_bytes(),
        format!("{partner}{path}{seconds}{access}{id}").as_bytes(),
    ));
    let common =
        format!("partner_id={partner}&timestamp={seconds}&access_token={access}&shop_id={id}&sign={sign}");
    let request = Request::to(method, &format!("https://partner.shopeemobile.com{path}?{common}&{query}"));
    Request { body: body.to_string().into_bytes(), ..request }
}

fn update(shop: &mut Shopee, body: &Value) -> Value {
    let request = signed(shop, "POST", "/api/v2/product/update_stock", "", body, NOW.seconds());
    shop.answer(&request, NOW).value()
}

/// Guide "API calls", Shop API, with a key of our own: the example's key is not told.
#[test]
fn the_base_string_is_the_guides() {
    let base = "2001887/api/v2/product/update_stock165571443159777174636562737266615546704c6d14701711";
    let sign = "97bcaa52d9e23bc7498f88116864e08efdf673e8604af1255374b1f0dadd50fd";
    assert_eq!(hex(&hmac_sha256(b"testkey", base.as_bytes())), sign);
    let secrets = [("partner_key", "testkey"), ("access_token", "59777174636562737266615546704c6d")];
    let secrets = secrets.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let mut shop = Shopee::new(&Setup { listings: vec![Listing::new("MUG", 5)], secrets });
    let url = format!(
        "https://h/api/v2/product/update_stock?partner_id=2001887&timestamp=1655714431\
         &access_token=59777174636562737266615546704c6d&shop_id=14701711&sign={sign}"
    );
    let body = json!({ "item_id": 34_001, "stock_list": [{ "seller_stock": [{ "stock": 7 }] }] });
    let request = Request { body: body.to_string().into_bytes(), ..Request::to("POST", &url) };
    assert_eq!(shop.answer(&request, NOW).value()["error"], "");
    assert_eq!(shop.quantity("MUG"), Some(7));
}

#[test]
fn the_push_is_signed_over_its_url() {
    let secrets = [("partner_key".to_owned(), "testkey".to_owned())].into();
    let shop = Shopee::new(&Setup { secrets, ..Setup::default() });
    let sign = shop.push_signature("https://example.com/push", b"{\"code\":3,\"shop_id\":1}");
    assert_eq!(sign, "c8e020aab7f86b646b83275a296a9c28121ce9b2f45c13c984cf31f4e46e108a");
}

#[test]
fn what_is_wrong_with_a_request_is_told() {
    let error = |change: &dyn Fn(&str) -> String, seconds: i64| {
        let mut shop = shop();
        let request = signed(&shop, "GET", "/api/v2/shop/get_shop_info", "", &Value::Null, seconds);
        let request =
            Request::to("GET", &format!("https://h{}?{}", request.path, change(&request.raw_query)));
        let answer = shop.answer(&request, NOW);
        (answer.status, answer.value()["message"].as_str().unwrap_or_default().to_owned())
    };
    let same = |query: &str| query.to_owned();
    assert_eq!(error(&same, NOW.seconds()), (200, String::new()));
    assert_eq!(error(&same, NOW.seconds() - 300), (200, String::new()));
    assert_eq!(error(&same, NOW.seconds() - 301), (403, "Invalid timestamp".to_owned()));
    assert_eq!(
        error(&|query| query.replace("sign=", "sign=0"), NOW.seconds()),
        (403, "Wrong sign.".to_owned())
    );
    let none = |query: &str| query.replace("partner_id=", "x=");
    assert_eq!(error(&none, NOW.seconds()), (403, "There is no partner_id in query.".to_owned()));
    let mut shop = shop();
    let request = signed(&shop, "GET", "/api/v2/shop/get_shop_info", "", &Value::Null, NOW.seconds());
    shop.tokens.expire();
    assert_eq!(shop.answer(&request, NOW).value()["message"], "Invalid access_token.");
}

#[test]
fn stock_is_set_model_by_model() {
    let mut shop = shop();
    let set = |model: i64, stock: i64| json!({ "model_id": model, "seller_stock": [{ "stock": stock }] });
    let answer =
        update(&mut shop, &json!({ "item_id": 34_002, "stock_list": [set(9_002, 8), set(9_003, 9)] }));
    let success = json!([{ "model_id": 9_002, "location_id": "", "stock": 8 }, { "model_id": 9_003, "location_id": "", "stock": 9 }]);
    assert_eq!(answer["response"]["success_list"], success);
    let error = |shop: &mut Shopee, list: Value| {
        let answer = update(shop, &json!({ "item_id": 34_002, "stock_list": list }));
        (answer["error"].clone(), answer["response"]["failure_list"][0]["failed_reason"].clone())
    };
    assert_eq!(error(&mut shop, json!([set(9_002, 1), set(9_002, 2)])).0, "error_param");
    assert_eq!(error(&mut shop, json!([set(0, 1)])).0, "error_edit_item_stock_for_item_has_model");
    assert_eq!(error(&mut shop, json!(vec![set(9_002, 1); 51])).0, "error_param");
    shop.model("S-1").unwrap().reserved = 5;
    let reason = json!("Stock should be larger than reserved stock.");
    assert_eq!(error(&mut shop, json!([set(9_002, 4), set(9_003, 1)])), (json!(""), reason.clone()));
    assert_eq!(error(&mut shop, json!([set(9_002, 4)])), (json!("error_busi_update_stock_failed"), reason));
    assert_eq!((shop.quantity("S-1"), shop.quantity("S-2")), (Some(8), Some(1)));
}

#[test]
fn locations_are_named_in_a_shop_that_has_them_and_in_no_other() {
    let list = |named: Option<&str>| {
        let mut stock = json!({ "stock": 3 });
        named.into_iter().for_each(|named| stock["location_id"] = json!(named));
        json!({ "item_id": 34_001, "stock_list": [{ "seller_stock": [stock] }] })
    };
    let mut one = shop();
    assert_eq!(update(&mut one, &list(Some("IDZ")))["error"], "error_auth");
    let mut several = shop().with_locations(&["IDZ", "IDG"]);
    assert_eq!(update(&mut several, &list(None))["error"], "error_busi");
    assert_eq!(update(&mut several, &list(Some("XX")))["error"], "error_auth");
    assert_eq!(update(&mut several, &list(Some("IDG")))["error"], "");
    assert_eq!(several.model("MUG").unwrap().stock, [("IDZ".to_owned(), 5), ("IDG".to_owned(), 3)]);
}
