//! The account against its documents.

use super::*;
use crate::http::Request;

const NOW: Now = Now(1_764_000_000_000);

fn account() -> MercadoLibre {
    let listings = vec![
        crate::Listing::new("A", 5),
        crate::Listing::new("B", 6).of("G"),
        crate::Listing::new("C", 7).of("G"),
    ];
    MercadoLibre::new(&Setup { listings, ..Setup::default() })
}

fn refresh(account: &mut MercadoLibre, refresh_token: &str) -> Value {
    let form = format!(
        "grant_type=refresh_token&client_id={CLIENT}&client_secret={}&refresh_token={refresh_token}",
        account.client_secret
    );
    account
        .answer(
            &Request {
                body: form.into_bytes(),
                ..Request::to("POST", "https://api.mercadolibre.com/oauth/token")
            },
            NOW,
        )
        .value()
}

fn ask(account: &mut MercadoLibre, method: &str, path: &str, version: &str, body: &Value) -> (u16, Value) {
    let token = match account.tokens.keys().next() {
        Some(token) => token.clone(),
        None => {
            let refresh_token = account.refresh_token.clone();
            refresh(account, &refresh_token)["access_token"].as_str().unwrap().to_owned()
        }
    };
    let request = Request::to(method, &format!("https://api.mercadolibre.com{path}"))
        .header_of("authorization", &format!("Bearer {token}"))
        .header_of("x-version", version);
    let answer = account.answer(&Request { body: body.to_string().into_bytes(), ..request }, NOW);
    (answer.status, answer.value())
}

#[test]
fn a_refresh_token_works_once() {
    let mut account = account();
    let first = refresh(&mut account, "TG-sim-refresh-000000");
    assert_eq!(first["refresh_token"], "TG-sim-refresh-000001");
    assert_eq!(refresh(&mut account, "TG-sim-refresh-000000")["error"], "invalid_grant");
    let late = Request::to("GET", "https://api.mercadolibre.com/users/me")
        .header_of("authorization", &format!("Bearer {}", first["access_token"].as_str().unwrap()));
    assert_eq!(account.answer(&late, NOW).status, 200);
    assert_eq!(account.answer(&late, Now(NOW.0 + TOKEN_MS)).status, 401);
}

#[test]
fn variations_that_are_not_sent_are_deleted() {
    let mut account = account();
    let body = json!({ "variations": [{ "id": 17_000_001, "available_quantity": 9 }, { "id": 17_000_002 }] });
    let (status, item) = ask(&mut account, "PUT", "/items/MLM700001", "", &body);
    assert_eq!(
        (status, &item["variations"][0]["available_quantity"], &item["variations"][1]["available_quantity"]),
        (200, &json!(9), &json!(7))
    );
    ask(
        &mut account,
        "PUT",
        "/items/MLM700001",
        "",
        &json!({ "variations": [{ "id": 17_000_002, "available_quantity": 1 }] }),
    );
    assert_eq!((account.quantity("B"), account.quantity("C")), (None, Some(1)));
    assert_eq!(ask(&mut account, "PUT", "/items/MLM700000", "", &json!({ "available_quantity": -1 })).0, 400);
    assert_eq!(ask(&mut account, "PUT", "/items/MLM9", "", &json!({ "available_quantity": 1 })).0, 404);
}

#[test]
fn stock_in_warehouses_has_versions() {
    let mut account = account();
    account.in_warehouses = true;
    let body =
        json!({ "locations": [{ "store_id": STORE, "network_node_id": "MXP8035443", "quantity": 3 }] });
    let path = "/user-products/MLMU300000/stock/type/seller_warehouse";
    assert_eq!(ask(&mut account, "PUT", path, "", &body).0, 400);
    assert_eq!(ask(&mut account, "PUT", path, "2", &body).0, 409);
    assert_eq!(ask(&mut account, "PUT", path, "1", &body).1["locations"][0]["quantity"], 3);
    assert!(account.sell("A", 1, NOW));
    assert_eq!(ask(&mut account, "PUT", path, "2", &body).0, 409);
    assert_eq!(ask(&mut account, "PUT", "/items/MLM700000", "", &json!({ "available_quantity": 1 })).0, 400);
}

#[test]
fn searches_and_orders() {
    let mut account = account();
    assert_eq!(
        ask(&mut account, "GET", "/users/8035443/items/search?seller_sku=C", "", &json!({})).1["results"],
        json!(["MLM700001"])
    );
    let (_, page) =
        ask(&mut account, "GET", "/users/8035443/items/search?search_type=scan&limit=1", "", &json!({}));
    let next = format!(
        "/users/8035443/items/search?search_type=scan&limit=1&scroll_id={}",
        page["scroll_id"].as_str().unwrap()
    );
    assert_eq!(ask(&mut account, "GET", &next, "", &json!({})).1["results"], json!(["MLM700001"]));
    let (_, some) =
        ask(&mut account, "GET", "/items?ids=MLM700000,MLM1&include_attributes=all", "", &json!({}));
    assert_eq!(
        (&some[0]["body"]["attributes"][0]["value_name"], &some[1]["code"]),
        (&json!("A"), &json!(404))
    );
    account.sell("B", 2, NOW);
    let (_, orders) = ask(
        &mut account,
        "GET",
        "/orders/search?seller=8035443&order.date_last_updated.from=2025-11-24T16:00:00.000Z",
        "",
        &json!({}),
    );
    assert_eq!(orders["results"][0]["order_items"][0]["item"]["seller_sku"], "B");
}
