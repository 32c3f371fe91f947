//! `orders` and `webhook`: both bring the shop's own orders.

use crate::Asked;
use crate::site::Site;
use serde_json::{Value, json};
use stocksync_sdk::flow::{Client, Job, Trouble, entries, integer, rfc3339};
use stocksync_sdk::message::Verify;

/// The most pages of orders in one operation: 100,000 orders.
const PAGES_MAX: usize = 1_000;
const PAGE_ITEMS: usize = 100;
const FIELDS: &str = "id,status,date_created_gmt,date_modified_gmt,line_items";

/// Every order that was placed or changed since a moment, the oldest first.
pub(crate) async fn since(shop: &Client<Site>, since: i64) -> Asked<()> {
    let since = rfc3339(since.div_euclid(1000));
    let since = since.trim_end_matches('Z');
    for page in 1..=PAGES_MAX {
        let page = page.to_string();
        let params = [
            ("modified_after", since),
            ("dates_are_gmt", "true"),
            ("per_page", "100"),
            ("page", &page),
            ("orderby", "id"),
            ("order", "asc"),
            ("_fields", FIELDS),
        ];
        let answer = shop.ask(|site, now| site.get("/orders", &params, now)).await?;
        let Some(list) = answer.as_array() else {
            return Err(Trouble::Refused("rejected: the shop gave no list of orders".to_owned()));
        };
        list.iter().for_each(|order| tell(shop, order));
        if list.len() < PAGE_ITEMS {
            return Ok(());
        }
    }
    Err(Trouble::Refused(format!("rejected: the shop has more than {PAGES_MAX} pages of orders")))
}

/// An order event of a webhook whose signature is right. The ping that a shop sends when a webhook is made is a form without a signature and
/// without an order.
pub(crate) async fn webhook(shop: &Client<Site>, job: &Job) -> Asked<()> {
    let header = |name: &str| job.request.header(name).unwrap_or_default();
    if header("x-wc-webhook-signature").is_empty() && job.body.starts_with(b"webhook_id=") {
        return Ok(());
    }
    let verify = Verify {
        alg: "hmac-sha256".to_owned(),
        key: "{{secret:webhook_secret}}".to_owned(),
        text: "{{body}}".to_owned(),
        encoding: "base64".to_owned(),
        expected: header("x-wc-webhook-signature").to_owned(),
        ..Verify::default()
    };
    shop.link().verify(verify).await;
    let is_order =
        header("x-wc-webhook-resource") == "order" || header("x-wc-webhook-topic").starts_with("order.");
    if let Ok(order) = serde_json::from_slice(&job.body)
        && is_order
    {
        tell(shop, &order);
    }
    Ok(())
}

/// What an order's state says of its stock. WooCommerce takes the units off when an order is placed, and gives them back when it is cancelled.
fn kind(status: &str) -> Option<&'static str> {
    match status {
        "pending" | "on-hold" | "processing" => Some("order-placed"),
        "completed" => Some("order-shipped"),
        "cancelled" | "failed" | "trash" => Some("order-cancelled"),
        // A draft of the checkout is no order; what a refund does to the stock is the merchant's to say.
        _ => None,
    }
}

fn tell(shop: &Client<Site>, order: &Value) {
    let text = |name: &str| order.get(name).and_then(Value::as_str).unwrap_or_default();
    let Some((id, kind)) = order.get("id").and_then(integer).zip(kind(text("status"))) else { return };
    let moment = |name: &str| format!("{}Z", text(name).trim_end_matches('Z'));
    let lines = entries(order, "/line_items").filter_map(|line| {
        let sku = line.get("sku").and_then(Value::as_str).filter(|sku| !sku.is_empty())?;
        Some(json!({ "line": line.get("id")?.to_string(), "store_sku": sku, "quantity": line.get("quantity").and_then(integer)? }))
    });
    let lines: Vec<Value> = lines.collect();
    let event = |kind: &str| json!({ "id": format!("{id}-{kind}"), "type": kind, "order": id.to_string(), "placed_at": moment("date_created_gmt"), "lines": lines });
    // An order that is over is placed first: nobody may have told of it before, and the same event twice does nothing.
    if kind != "order-placed" {
        shop.link().order(event("order-placed"));
    }
    shop.link().order(event(kind));
}
