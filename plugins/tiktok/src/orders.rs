//! Orders since a moment, and those that a webhook tells of.

use crate::api::Tiktoks;
use crate::place::is_id;
use crate::read::ended;
use serde_json::{Value, json};
use stocksync_sdk::flow::{Ended, Job, Trouble, entries, integer, rfc3339, string};
use stocksync_sdk::message::Verify;

/// "Get Order List": `page_size` up to 100.
const ORDERS_OF_PAGE: usize = 100;
const PAGES_MAX: usize = 10_000;
/// "Order status change".
const ORDER_WEBHOOK: i64 = 1;

/// Tells of every order that changed since a moment, in milliseconds since 1970.
pub(crate) async fn since(client: &Tiktoks, since: i64) -> Result<(), Ended> {
    let body = json!({ "update_time_ge": since.div_euclid(1000).max(0) }).to_string();
    let mut token = String::new();
    for _ in 0..PAGES_MAX {
        let mut query = vec![
            ("page_size", ORDERS_OF_PAGE.to_string()),
            ("sort_field", "update_time".to_owned()),
            ("sort_order", "ASC".to_owned()),
        ];
        query.extend((!token.is_empty()).then(|| ("page_token", token.clone())));
        let page = client.ask(|shop, now| shop.post("/order/202309/orders/search", &query, &body, now)).await;
        let page = page.map_err(ended)?;
        tell(client, &page).await;
        let next = page.pointer("/data/next_page_token").and_then(string).unwrap_or_default();
        if next.is_empty() || next == token {
            break;
        }
        token = next;
    }
    Ok(())
}

/// Has a webhook verified, and tells of its order.
pub(crate) async fn webhook(client: &Tiktoks, job: &Job) -> Result<(), Ended> {
    let link = client.link();
    let Some(expected) = job.request.header("authorization") else {
        link.reply(401);
        return Ok(());
    };
    link.verify(Verify {
        alg: "hmac-sha256".to_owned(),
        key: "{{secret:app_secret}}".to_owned(),
        text: format!("{}{{{{body}}}}", client.api().app_key),
        encoding: "hex".to_owned(),
        expected: expected.to_owned(),
        ..Verify::default()
    })
    .await;
    let event: Value = serde_json::from_slice(&job.body).unwrap_or_default();
    let shop = event.get("shop_id").and_then(string);
    let is_ours = client.api().shop_id.is_none() || client.api().shop_id == shop;
    if event.get("type").and_then(integer) != Some(ORDER_WEBHOOK) || !is_ours {
        return Ok(());
    }
    let order = event.pointer("/data/order_id").and_then(string).filter(|order| is_id(order));
    let order = order.ok_or_else(|| Ended::refused("the webhook names no order"))?;
    let details = details(client, order).await.map_err(ended)?;
    tell(client, &details).await;
    Ok(())
}

async fn details(client: &Tiktoks, order: String) -> Result<Value, Trouble> {
    let query = [("ids", order)];
    client.ask(|shop, now| shop.get("/order/202507/orders", &query, now)).await
}

async fn tell(client: &Tiktoks, orders: &Value) {
    client.link().orders(entries(orders, "/data/orders").filter_map(events).flatten().collect()).await;
}

/// What happened to an order, line by line, as far as it got. Nothing of one that TikTok fulfils from its own warehouse.
fn events(order: &Value) -> Option<Vec<Value>> {
    let text = |of: &Value, name: &str| of.get(name).and_then(string).filter(|text| !text.is_empty());
    let number = text(order, "id")?;
    if text(order, "fulfillment_type").as_deref() == Some("FULFILLMENT_BY_TIKTOK") {
        return None;
    }
    let placed_at = rfc3339(order.get("create_time").and_then(integer)?);
    let line = |line: &Value| {
        // Every unit is a line of its own.
        Some(json!({ "line": text(line, "id")?, "store_sku": text(line, "seller_sku")?, "quantity": 1 }))
    };
    let lines: Vec<Value> = entries(order, "/line_items").filter_map(line).collect();
    let mut events = vec![json!({
        "id": format!("tiktok:{number}:placed"), "type": "order-placed", "order": number,
        "placed_at": placed_at, "lines": lines,
    })];
    let status = text(order, "status").unwrap_or_default();
    for item in entries(order, "/line_items") {
        let of_line = text(item, "display_status").unwrap_or_else(|| status.clone());
        if let (Some(what), Some(line)) = (what_became(&of_line), line(item)) {
            let id = format!("tiktok:{number}:{what}:{}", text(item, "id").unwrap_or_default());
            let lines = [line];
            events
                .push(json!({ "id": id, "type": format!("order-{what}"), "order": number, "lines": lines }));
        }
    }
    Some(events)
}

fn what_became(status: &str) -> Option<&'static str> {
    match status {
        "CANCELLED" | "CANCEL" => Some("cancelled"),
        "IN_TRANSIT" | "DELIVERED" | "COMPLETED" => Some("shipped"),
        _ => None,
    }
}
