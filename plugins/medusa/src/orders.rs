//! Orders that changed since a moment.

use crate::api::Asked;
use crate::catalog::ended;
use serde_json::{Value, json};
use stocksync_sdk::flow::{Ended, entries, integer, percent, rfc3339, string};

const ORDERS: &str = "/admin/orders?fields=id,status,created_at,updated_at,items.id,items.variant_sku,items.quantity,items.detail.fulfilled_quantity&order=id";
const PAGE_MAX: usize = 100;
const PAGES_MAX: usize = 100_000;

/// Tells of every order that changed since `since`, in milliseconds since 1970.
pub(crate) async fn since(shop: &Asked, since: i64) -> Result<(), Ended> {
    let since = percent(&rfc3339(since.div_euclid(1_000)));
    let mut offset = 0;
    for _ in 0..PAGES_MAX {
        let query = format!("{ORDERS}&updated_at[$gte]={since}&limit={PAGE_MAX}&offset={offset}");
        let answer = shop.ask(|api, _| api.get(&query)).await.map_err(ended)?;
        let total = answer.get("count").and_then(Value::as_u64);
        let total = total.ok_or_else(|| Ended::refused("the shop's answer is not a list of orders"))?;
        let mut count = 0;
        for order in entries(&answer, "/orders") {
            count += 1;
            events(order).into_iter().for_each(|event| shop.link().order(event));
        }
        offset += count;
        if count == 0 || offset as u64 >= total {
            break;
        }
    }
    Ok(())
}

/// What an order tells: that it was placed, and what became of it.
fn events(order: &Value) -> Vec<Value> {
    let text = |name: &str| order.get(name).and_then(Value::as_str);
    let (Some(id), Some(placed_at)) = (text("id"), text("created_at")) else { return Vec::new() };
    let lines: Vec<Value> = entries(order, "/items").filter_map(line).collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let mut events = vec![json!({
        "id": format!("{id}:placed"), "type": "order-placed", "order": id, "placed_at": placed_at, "lines": lines,
    })];
    if text("status") == Some("canceled") {
        events.push(json!({ "id": format!("{id}:cancelled"), "type": "order-cancelled", "order": id }));
    } else if entries(order, "/items").all(is_fulfilled) {
        // Medusa takes units off what is stocked when they are fulfilled, not when the parcel leaves.
        events.push(json!({ "id": format!("{id}:shipped"), "type": "order-shipped", "order": id }));
    }
    events
}

fn line(item: &Value) -> Option<Value> {
    let units = item.get("quantity").and_then(integer).filter(|units| *units > 0)?;
    let (id, sku) = (string(item.get("id")?)?, string(item.get("variant_sku")?)?);
    Some(json!({ "line": id, "store_sku": sku, "quantity": units }))
}

fn is_fulfilled(item: &Value) -> bool {
    let fulfilled = item.pointer("/detail/fulfilled_quantity").and_then(Value::as_f64);
    let quantity = item.get("quantity").and_then(Value::as_f64);
    matches!((fulfilled, quantity), (Some(fulfilled), Some(quantity)) if fulfilled >= quantity)
}
