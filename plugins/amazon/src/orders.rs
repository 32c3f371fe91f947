//! Orders that the merchant fulfils and that changed since a moment.

use crate::api::Asked;
use crate::catalog::ended;
use serde_json::{Value, json};
use stocksync_sdk::flow::{Ended, entries, integer, percent, rfc3339};

const PAGES_MAX: usize = 100_000;

/// Tells of every order that changed since `since`, in milliseconds since 1970.
pub(crate) async fn since(seller: &Asked, since: i64) -> Result<(), Ended> {
    let (since, marketplace) = (percent(&rfc3339(since.div_euclid(1_000))), &seller.api().marketplace_id);
    let path = format!(
        "/orders/2026-01-01/orders?lastUpdatedAfter={since}&marketplaceIds={marketplace}&fulfilledBy=MERCHANT\
         &includedData=FULFILLMENT&maxResultsPerPage=100"
    );
    let mut token = String::new();
    for _ in 0..PAGES_MAX {
        let answer =
            seller.ask(|api, _| api.request("GET", &format!("{path}{token}"))).await.map_err(ended)?;
        if answer.get("orders").is_none_or(|orders| !orders.is_array()) {
            return Err(Ended::refused("Amazon's answer is not a list of orders"));
        }
        for order in entries(&answer, "/orders") {
            events(order).into_iter().for_each(|event| seller.link().order(event));
        }
        match answer.pointer("/pagination/nextToken").and_then(Value::as_str) {
            Some(next) => token = format!("&paginationToken={}", percent(next)),
            None => return Ok(()),
        }
    }
    Ok(())
}

/// What an order tells: that it was placed, and what became of it.
fn events(order: &Value) -> Vec<Value> {
    let text = |name: &str| order.get(name).and_then(Value::as_str);
    let (Some(id), Some(placed_at)) = (text("orderId"), text("createdTime")) else { return Vec::new() };
    let lines: Vec<Value> = entries(order, "/orderItems").filter_map(line).collect();
    let mut events = Vec::new();
    // Of a cancelled order Amazon shows no quantity any more.
    if !lines.is_empty() {
        events.push(json!({
            "id": format!("{id}:placed"), "type": "order-placed", "order": id, "placed_at": placed_at, "lines": lines,
        }));
    }
    let became = match order.pointer("/fulfillment/fulfillmentStatus").and_then(Value::as_str) {
        Some("CANCELLED" | "UNFULFILLABLE") => "cancelled",
        Some("SHIPPED") => "shipped",
        _ => return events,
    };
    events.push(json!({ "id": format!("{id}:{became}"), "type": format!("order-{became}"), "order": id }));
    events
}

fn line(item: &Value) -> Option<Value> {
    let units = item.get("quantityOrdered").and_then(integer).filter(|units| *units > 0)?;
    let (id, sku) = (item.get("orderItemId")?.as_str()?, item.pointer("/product/sellerSku")?.as_str()?);
    Some(json!({ "line": id, "store_sku": sku, "quantity": units }))
}
