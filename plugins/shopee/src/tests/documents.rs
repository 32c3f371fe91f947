//! Against requests and answers in the documents' own shapes.

use super::{plugin, run};
use serde_json::{Value, json};
use stocksync_sdk::abi::outcome::{FAILED, SENT};
use stocksync_sdk::kit::{Address, Item, Reply, Run, World, sign};

const SETTINGS: &str = r#"{ "partner_id": 2001887, "shop_id": 14701711 }"#;

fn settings() -> Value {
    serde_json::from_str(SETTINGS).unwrap()
}

fn world(answer: impl FnMut(&str) -> Value + 'static) -> World {
    let mut answer = answer;
    let mut world = World::new()
        .secret("partner_key", "testkey")
        .secret("access_token", "59777174636562737266615546704c6d")
        .shop(move |http, _| Some(Reply::new(200, answer(&http.url).to_string())));
    world.now = 1_655_714_431_000;
    for (sku, address) in [("a", "1000:1"), ("b", "1000:2")] {
        let address = Address { address: address.to_owned(), parent: "1000".to_owned() };
        world.addresses.insert(sku.to_owned(), address);
    }
    world
}

/// Guide "API calls": base string and signature.
#[test]
fn the_signature_is_the_guides() {
    let mut world = world(|url| {
        assert_eq!(
            url,
            "https://partner.shopeemobile.com/api/v2/product/update_stock?partner_id=2001887&timestamp=1655714431\
             &access_token=59777174636562737266615546704c6d&shop_id=14701711\
             &sign=97bcaa52d9e23bc7498f88116864e08efdf673e8604af1255374b1f0dadd50fd"
        );
        json!({ "error": "", "response": { "success_list": [{ "model_id": 1, "location_id": "", "stock": 3 }] } })
    });
    let written = run(&mut world, &settings(), "write", &[Item::new("a", 3)]);
    assert_eq!(written.told(), [(SENT, "")]);
    let (http, body) = &written.requests[0];
    assert_eq!(
        http.sign[0].text,
        "2001887/api/v2/product/update_stock1655714431{{secret:access_token}}14701711"
    );
    assert_eq!(
        String::from_utf8_lossy(body),
        r#"{"item_id":1000,"stock_list":[{"model_id":1,"seller_stock":[{"stock":3}]}]}"#
    );
    let push = sign("hmac-sha256", b"testkey", b"https://example.com/push|{\"code\":3,\"shop_id\":1}", "hex");
    assert_eq!(push.as_deref(), Ok("c8e020aab7f86b646b83275a296a9c28121ce9b2f45c13c984cf31f4e46e108a"));
}

#[track_caller]
fn check_write(answer: Value, expected: [(u8, &str); 2]) {
    let mut world = world(move |_| answer.clone());
    let written = run(&mut world, &settings(), "write", &[Item::new("a", 3), Item::new("b", 4)]);
    assert_eq!(written.end, Some(Ok(())));
    assert_eq!(written.told(), expected);
}

#[test]
fn each_item_by_what_the_answer_says_of_it() {
    let success = |model: i64, stock: i64| json!({ "model_id": model, "location_id": "", "stock": stock });
    let failure = |model: i64, why: &str| json!({ "model_id": model, "failed_reason": why });
    let lists = |error: &str, done: Value, failed: Value| json!({ "error": error, "message": "-", "response": { "success_list": done, "failure_list": failed } });
    check_write(
        lists("", json!([success(1, 3)]), json!([failure(2, "Stock should be larger than reserved stock.")])),
        [(SENT, ""), (FAILED, "locked: Stock should be larger than reserved stock.")],
    );
    check_write(
        lists(
            "product.error_busi_update_stock_failed",
            json!([]),
            json!([failure(1, "x"), failure(2, "data not exist")]),
        ),
        [(FAILED, "rejected: x"), (FAILED, "not-found: data not exist")],
    );
    // A success that shows another number is none.
    check_write(
        lists("", json!([success(1, 3), success(2, 9)]), json!([])),
        [(SENT, ""), (FAILED, "rejected: the shop took it, and shows 9")],
    );
}

/// Found by fuzzing: the first of the two had no outcome.
#[test]
fn of_two_items_at_one_place_each_has_an_outcome() {
    let done = json!({ "error": "", "response": { "success_list": [{ "model_id": 1, "location_id": "", "stock": 4 }] } });
    let mut world = world(move |_| done.clone());
    let place = world.addresses["a"].clone();
    world.addresses.insert("b".to_owned(), place);
    let written = run(&mut world, &settings(), "write", &[Item::new("a", 3), Item::new("b", 4)]);
    let twice = "rejected: this listing stands twice among the items";
    assert_eq!(written.told(), [(FAILED, twice), (SENT, "")]);
}

#[test]
fn errors_keep_their_words() {
    for (error, message, kind) in [
        (
            "error_cannt_edit_stock_in_promotion",
            "Normal_stock cannot be edited when item is under promotion.",
            "locked",
        ),
        ("error_holiday_mode_change_stock", "Cannot change stock in holiday mode.", "locked"),
        ("error_auth", "Stock should be larger than reserved stock.", "locked"),
        ("error_item_not_found", "Product not found", "not-found"),
        ("error_sign", "Wrong sign.", "unauthorized"),
        ("error_auth", "No permission to current api.", "unauthorized"),
        ("error_auth", "Lack of location_id, please double check.", "rejected"),
        ("error_inner", "Invalid stock location ID", "rejected"),
        ("error_seller_under_penalty", "The shop is under\n penalty.", "rejected"),
    ] {
        let text = format!("{kind}: {error}: {}", message.replace('\n', ""));
        let answer = json!({ "error": error, "message": message, "request_id": "r" });
        check_write(answer, [(FAILED, &text); 2]);
    }
}

#[test]
fn an_answer_that_does_not_say_is_looked_up() {
    let model = |id: i64, stock: i64| json!({ "model_id": id, "model_sku": "x", "stock_info_v2": { "seller_stock": [{ "stock": stock }] } });
    let mut world = world(move |url| match url.contains("update_stock") {
        true => {
            json!({ "error": "", "response": { "success_list": [{ "model_id": 1 }], "failure_list": [] } })
        }
        false => json!({ "error": "", "response": { "model": [model(1, 3), model(2, 8)] } }),
    });
    let written = run(&mut world, &settings(), "write", &[Item::new("a", 3), Item::new("b", 4)]);
    assert_eq!(written.told(), [(SENT, ""), (FAILED, "rejected: the shop took it, and shows 8")]);
}

#[test]
fn a_busy_shop_is_asked_again_and_then_nobody_knows() {
    let words = "Our system is taking some time to respond, please try later.";
    let mut left = 2;
    let mut patient = world(move |_| {
        left -= 1;
        match left {
            0 => {
                json!({ "error": "", "response": { "success_list": [{ "model_id": 1, "location_id": "", "stock": 3 }] } })
            }
            _ => json!({ "error": "error_system_busy", "message": words }),
        }
    });
    let written = run(&mut patient, &settings(), "write", &[Item::new("a", 3)]);
    assert_eq!((written.told(), written.requests.len()), (vec![(SENT, "")], 2));
    let mut busy = world(move |_| json!({ "error": "error_system_busy", "message": words }));
    let written = Run::of(plugin(), &mut busy, &settings(), "write", &[Item::new("a", 3)]);
    assert_eq!(written.end, Some(Err(format!("error_system_busy: {words}"))));
    assert!(written.outcomes.is_empty() && !written.nothing_written);
}

#[test]
fn a_shop_of_global_products_is_refused() {
    let mut world = world(|_| json!({ "error": "", "shop_name": "x", "is_upgraded_cbsc": true }));
    let check = run(&mut world, &settings(), "check", &[]);
    assert!(check.end.unwrap().unwrap_err().contains("CNSC or KRSC"));
}
