//! The shop against what it says of itself.

use super::*;

const NOW: Now = Now(1_764_000_000_000);

fn shop() -> Plain {
    let listings =
        vec![Listing::new("MUG", 5), Listing::new("S-1", 1).of("S"), Listing::new("S-2", 2).of("S")];
    Plain::new(&Setup { listings, ..Setup::default() })
}

fn ask(shop: &mut Plain, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let request = Request::to(method, &format!("http://x/api/v1{path}"))
        .header_of("authorization", "Bearer sim-key-of-a-plain-shop");
    let answer = shop.answer(&Request { body: body.to_string().into_bytes(), ..request }, NOW);
    (answer.status, answer.value())
}

#[test]
fn pages_and_variants() {
    let mut shop = shop();
    let (_, page) = ask(&mut shop, "GET", "/products?page=2&per_page=1", &json!(null));
    assert_eq!(page["products"][0]["variants"][1]["sku"], "S-2");
    assert_eq!(page["total"], 2);
    assert_eq!(ask(&mut shop, "GET", "/products?per_page=101", &json!(null)).0, 422);
    let (_, found) = ask(&mut shop, "GET", "/variants?sku=S-2&sku=none", &json!(null));
    assert_eq!(
        found,
        json!({ "variants": [{ "id": 1002, "sku": "S-2", "product": "p-2", "stock": { "on_hand": 2, "reserved": 0 } }] })
    );
}

#[test]
fn each_update_costs_only_itself() {
    let mut shop = shop();
    shop.variant("S-1").unwrap().is_locked = true;
    let update = |id: u64, units: Value| json!({ "variant": id, "on_hand": units });
    let updates =
        [update(1000, json!(9)), update(1001, json!(9)), update(7, json!(9)), update(1002, json!("9"))];
    let (_, answer) = ask(&mut shop, "POST", "/stock", &json!({ "updates": updates }));
    let codes: Vec<&Value> =
        answer["results"].as_array().unwrap().iter().map(|result| &result["error"]["code"]).collect();
    assert_eq!(
        codes,
        [&json!(null), &json!("IN_PROMOTION"), &json!("NO_SUCH_VARIANT"), &json!("INVALID_NUMBER")]
    );
    assert_eq!((shop.quantity("MUG"), shop.quantity("S-1")), (Some(9), Some(1)));
    let many = vec![update(1000, json!(1)); 101];
    assert_eq!(ask(&mut shop, "POST", "/stock", &json!({ "updates": many })).0, 413);
}

#[test]
fn orders_reserve_until_they_are_sent() {
    let mut shop = shop();
    for _ in 0..51 {
        shop.sell("MUG", 1, NOW);
    }
    shop.send_off(1, Now(NOW.0 + 5_000));
    shop.cancel(2, NOW);
    let (_, first) = ask(&mut shop, "GET", "/orders?since=2025-11-24T16:00:00Z", &json!(null));
    assert_eq!((first["orders"].as_array().map(Vec::len), &first["next"]), (Some(50), &json!("after-50")));
    assert_eq!([&first["orders"][0]["state"], &first["orders"][1]["state"]], ["sent", "void"]);
    let (_, second) =
        ask(&mut shop, "GET", "/orders?since=2025-11-24T16:00:00Z&cursor=after-50", &json!(null));
    assert_eq!((second["orders"].as_array().map(Vec::len), &second["next"]), (Some(1), &json!(null)));
    let (_, late) = ask(&mut shop, "GET", "/orders?since=2025-11-24T16:00:01Z", &json!(null));
    assert_eq!(late["orders"].as_array().map(Vec::len), Some(1));
    let mug = shop.variant("MUG").unwrap();
    assert_eq!((mug.on_hand, mug.reserved), (4, 49));
}

#[test]
fn keys_and_rates() {
    let mut shop = shop();
    assert_eq!(shop.answer(&Request::to("GET", "http://x/api/v1/products"), NOW).status, 401);
    let taken = (0..25).filter(|_| ask(&mut shop, "GET", "/products", &json!(null)).0 == 200).count();
    assert_eq!(taken, 20);
}
