//! Orders that changed since a moment.

use crate::api::Asked;
use crate::catalog::ended;
use serde_json::{Value, json};
use stocksync_sdk::flow::{Ended, entries, integer, rfc3339, string};

const ORDERS: &str = "query Orders($o:OrderListOptions){orders(options:$o){totalItems items{id code state updatedAt orderPlacedAt lines{id quantity orderPlacedQuantity productVariant{sku}}}}}";
const PAGE_MAX: usize = 100;
const PAGES_MAX: usize = 100_000;

/// Tells of every placed order that changed since `since`, in milliseconds since 1970.
pub(crate) async fn since(shop: &Asked, since: i64) -> Result<(), Ended> {
    // `after` leaves the moment itself out.
    let after = rfc3339(since.div_euclid(1_000) - 1);
    let mut skip = 0;
    for _ in 0..PAGES_MAX {
        let options = json!({
            "take": PAGE_MAX, "skip": skip, "sort": { "id": "ASC" },
            "filter": { "updatedAt": { "after": after }, "active": { "eq": false } },
        });
        let data = shop.ask(|api, _| api.query(ORDERS, &json!({ "o": options }))).await.map_err(ended)?;
        let total = data.pointer("/orders/totalItems").and_then(Value::as_u64);
        let total = total.ok_or_else(|| Ended::refused("the shop's answer is not a list of orders"))?;
        let mut count = 0;
        for order in entries(&data, "/orders/items") {
            count += 1;
            events(order).into_iter().for_each(|event| shop.link().order(event));
        }
        skip += count;
        if count == 0 || skip as u64 >= total {
            break;
        }
    }
    Ok(())
}

/// What an order tells: that it was placed, and what became of it.
fn events(order: &Value) -> Vec<Value> {
    let text = |name: &str| order.get(name).and_then(Value::as_str);
    let (Some(code), Some(placed_at)) = (text("code"), text("orderPlacedAt")) else { return Vec::new() };
    let state = text("state").unwrap_or_default();
    let event = |kind: &str, id: String, lines: Vec<Value>| json!({ "id": id, "type": kind, "order": code, "placed_at": placed_at, "lines": lines });
    let mut events =
        vec![event("order-placed", format!("{code}:placed"), lines(order, "orderPlacedQuantity"))];
    match state {
        "Cancelled" => events
            .push(json!({ "id": format!("{code}:cancelled"), "type": "order-cancelled", "order": code })),
        "Shipped" | "Delivered" => {
            events.push(json!({ "id": format!("{code}:shipped"), "type": "order-shipped", "order": code }));
        }
        _ => {
            let now = lines(order, "quantity");
            if events.iter().any(|placed| placed.get("lines") != Some(&json!(now))) {
                let at = text("updatedAt").unwrap_or_default();
                events.push(event("order-edited", format!("{code}:edited:{at}"), now));
            }
        }
    }
    events
}

fn lines(order: &Value, quantity: &str) -> Vec<Value> {
    let line = |line: &Value| {
        let units = line.get(quantity).and_then(integer).filter(|units| *units > 0)?;
        let (id, sku) = (string(line.get("id")?)?, string(line.pointer("/productVariant/sku")?)?);
        Some(json!({ "line": id, "store_sku": sku, "quantity": units }))
    };
    entries(order, "/lines").filter_map(line).collect()
}
