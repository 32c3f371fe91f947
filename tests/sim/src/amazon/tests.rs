//! What the simulator refuses.

use super::{Amazon, MARKETPLACE, SELLER};
use crate::http::{Request, Response};
use crate::marketplace::{Listing, Marketplace, Now, Setup};
use serde_json::{Value, json};

const TOKEN: &str = "Atza|sim-access-token-1";

fn seller() -> Amazon {
    let listings = vec![Listing::new("A/1", 5), Listing::new("B", 6)];
    let mut seller = Amazon::new(&Setup { listings, ..Setup::default() });
    let form = "grant_type=refresh_token&refresh_token=Atzr%7Csim-refresh-token%2F%2B%3D&client_id=amzn1.application-oa2-client.sim\
                &client_secret=amzn1.oa2-cs.v1.sim%2Fsecret%2B";
    let answer = seller
        .answer(&Request { body: form.into(), ..Request::to("POST", "http://x/auth/o2/token") }, Now(0));
    assert_eq!(answer.value()["access_token"], TOKEN);
    seller
}

fn ask(seller: &mut Amazon, method: &str, path: &str, body: &Value, now: i64) -> Response {
    let request = Request::to(method, &format!("http://x{path}")).header_of("x-amz-access-token", TOKEN);
    seller.answer(&Request { body: body.to_string().into_bytes(), ..request }, Now(now))
}

fn patch(quantity: &Value) -> Value {
    let value = json!([{ "fulfillment_channel_code": "DEFAULT", "quantity": quantity }]);
    let patch = json!({ "op": "merge", "path": "/attributes/fulfillment_availability", "value": value });
    json!({ "productType": "LUGGAGE", "patches": [patch] })
}

#[test]
fn a_number_shows_when_it_has_settled() {
    let mut seller = seller();
    let path = format!("/listings/2021-08-01/items/{SELLER}/A%2F1?marketplaceIds={MARKETPLACE}");
    let preview = ask(&mut seller, "PATCH", &format!("{path}&mode=VALIDATION_PREVIEW"), &patch(&json!(9)), 0);
    assert_eq!((preview.value()["status"].as_str(), seller.quantity("A/1")), (Some("VALID"), Some(5)));
    let accepted = ask(&mut seller, "PATCH", &path, &patch(&json!(9)), 0);
    assert_eq!((accepted.status, accepted.value()["status"].as_str()), (200, Some("ACCEPTED")));
    let shown = |seller: &mut Amazon, now: i64| {
        let get = format!("{path}&includedData=fulfillmentAvailability");
        ask(seller, "GET", &get, &json!(null), now).value()["fulfillmentAvailability"][0]["quantity"].clone()
    };
    assert_eq!((shown(&mut seller, 100), shown(&mut seller, 6_000)), (json!(5), json!(9)));
    let invalid = ask(&mut seller, "PATCH", &path, &patch(&json!(-1)), 6_000);
    assert_eq!(invalid.value()["status"], "INVALID");
}

#[test]
fn tokens_end_and_buckets_run_dry() {
    let mut seller = seller();
    let path = format!("/listings/2021-08-01/items/{SELLER}?marketplaceIds={MARKETPLACE}&pageSize=20");
    let mut status = |now: i64| ask(&mut seller, "GET", &path, &json!(null), now).status;
    let at_once: Vec<u16> = (0..6).map(|_| status(0)).collect();
    assert_eq!(at_once, [200, 200, 200, 200, 200, 429]);
    assert_eq!((status(3_599_999), status(3_600_000)), (200, 403));
    assert_eq!(ask(&mut seller, "GET", &format!("{path}0"), &json!(null), 10_000).status, 400);
}

#[test]
fn an_address_that_was_signed_ends() {
    let mut seller = seller();
    let made = ask(
        &mut seller,
        "POST",
        "/feeds/2021-06-30/documents",
        &json!({ "contentType": "application/json" }),
        0,
    );
    let url = made.value()["url"].as_str().unwrap_or_default().to_owned();
    assert_eq!(seller.answer(&Request::to("PUT", &url), Now(300_000)).status, 200);
    assert_eq!(seller.answer(&Request::to("PUT", &url), Now(300_001)).status, 403);
    let with_token = Request::to("PUT", &url).header_of("x-amz-access-token", TOKEN);
    assert_eq!(seller.answer(&with_token, Now(0)).status, 400);
}
