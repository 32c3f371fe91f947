//! The account against its documents.

use super::*;
use crate::crypto::base64;
use crate::http::Request;
use crate::marketplace::Listing;

const NOW: Now = Now(1_764_000_000_000);

fn account() -> Ebay {
    Ebay::new(&Setup {
        listings: vec![Listing::new("A", 5), Listing::new("B", 6).of("G")],
        ..Setup::default()
    })
}

fn token(account: &mut Ebay) -> String {
    let form = format!("grant_type=refresh_token&refresh_token={}", "v%5E1.1%23r%5E1%23sim-refresh-token");
    let basic = base64(format!("{CLIENT}:{}", account.client_secret).as_bytes());
    let request = Request::to("POST", "https://api.ebay.com/identity/v1/oauth2/token")
        .header_of("authorization", &format!("Basic {basic}"));
    account.answer(&Request { body: form.into_bytes(), ..request }, NOW).value()["access_token"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn ask(account: &mut Ebay, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let token = token(account);
    let request = Request::to(method, &format!("https://api.ebay.com/sell{path}"))
        .header_of("authorization", &format!("Bearer {token}"));
    let answer = account.answer(&Request { body: body.to_string().into_bytes(), ..request }, NOW);
    (answer.status, answer.value())
}

#[test]
fn a_token_lives_for_two_hours() {
    let mut account = account();
    let token = token(&mut account);
    let request = Request::to("GET", "https://api.ebay.com/sell/inventory/v1/inventory_item")
        .header_of("authorization", &format!("Bearer {token}"));
    let status = |account: &mut Ebay, ms: i64| account.answer(&request, Now(NOW.0 + ms)).status;
    assert_eq!(
        [status(&mut account, 0), status(&mut account, TOKEN_MS - 1), status(&mut account, TOKEN_MS)],
        [200, 200, 401]
    );
}

#[test]
fn item_and_offer_have_a_quantity_each_and_the_smaller_is_shown() {
    let mut account = account();
    let update = json!({ "requests": [{ "sku": "A", "shipToLocationAvailability": { "quantity": 9 } }] });
    assert_eq!(ask(&mut account, "POST", "/inventory/v1/bulk_update_price_quantity", &update).0, 200);
    assert_eq!(account.quantity("A"), Some(5));
    let update = json!({ "requests": [
        { "sku": "A", "shipToLocationAvailability": { "quantity": 9 }, "offers": [{ "offerId": "5000001", "availableQuantity": 9 }] },
        { "sku": "none", "shipToLocationAvailability": { "quantity": 9 } },
        { "sku": "B", "shipToLocationAvailability": { "quantity": -1 } },
    ] });
    let (status, answer) = ask(&mut account, "POST", "/inventory/v1/bulk_update_price_quantity", &update);
    let codes: Vec<i64> =
        answer["responses"].as_array().unwrap().iter().map(|r| r["statusCode"].as_i64().unwrap()).collect();
    assert_eq!((status, codes, account.quantity("A")), (207, vec![200, 200, 404, 400], Some(9)));
    account.bulk_max = 1;
    let (status, answer) = ask(&mut account, "POST", "/inventory/v1/bulk_update_price_quantity", &update);
    assert_eq!((status, &answer["errors"][0]["errorId"]), (400, &json!(25709)));
}

#[test]
fn a_listing_is_revised_250_times_a_day() {
    let mut account = account();
    account.item("A").unwrap().revisions = 250;
    let update = json!({ "requests": [{ "sku": "A", "shipToLocationAvailability": { "quantity": 9 } }] });
    assert_eq!(ask(&mut account, "POST", "/inventory/v1/bulk_update_price_quantity", &update).0, 207);
    assert_eq!(account.item("A").unwrap().quantity, 5);
}

#[test]
fn items_offers_and_orders() {
    let mut account = account();
    let (_, all) = ask(&mut account, "GET", "/inventory/v1/inventory_item?limit=1&offset=1", &json!({}));
    assert_eq!((&all["total"], &all["inventoryItems"][0]["groupIds"]), (&json!(2), &json!(["G"])));
    let (status, some) = ask(
        &mut account,
        "POST",
        "/inventory/v1/bulk_get_inventory_item",
        &json!({ "requests": [{ "sku": "A" }, { "sku": "x" }] }),
    );
    assert_eq!((status, &some["responses"][1]["errors"][0]["errorId"]), (207, &json!(25710)));
    assert_eq!(
        ask(&mut account, "GET", "/inventory/v1/offer?sku=A", &json!({})).1["offers"][0]["offerId"],
        "5000001"
    );
    assert_eq!(ask(&mut account, "GET", "/inventory/v1/offer?sku=x", &json!({})).0, 404);
    account.sell("A", 2, NOW);
    let path = "/fulfillment/v1/order?filter=lastmodifieddate:%5B2025-11-24T16:00:00.000Z..%5D";
    assert_eq!(ask(&mut account, "GET", path, &json!({})).1["orders"][0]["lineItems"][0]["quantity"], 2);
    assert_eq!(ask(&mut account, "GET", "/fulfillment/v1/order?filter=x", &json!({})).0, 400);
}
