//! `orders`, by the Sell Fulfillment API.

use crate::Asked;
use crate::account::Account;
use serde_json::{Value, json};
use stocksync_sdk::flow::{Client, Trouble, entries, integer, percent, rfc3339};

const PAGE_ORDERS: usize = 200;
const PAGES_MAX: usize = 1_000;

/// Every order that was placed or changed since a moment.
pub(crate) async fn since(shop: &Client<Account>, since: i64) -> Asked<()> {
    let from = rfc3339(since.div_euclid(1000)).replace('Z', ".000Z");
    let filter = percent(&format!("lastmodifieddate:[{from}..]"));
    for page in 0..PAGES_MAX {
        let path = format!(
            "/sell/fulfillment/v1/order?filter={filter}&limit={PAGE_ORDERS}&offset={}",
            page * PAGE_ORDERS
        );
        let answer = shop.ask(|account, _| account.get(&path)).await?;
        let total = answer
            .get("total")
            .and_then(integer)
            .ok_or_else(|| Trouble::Unknown("eBay gave no total of orders".to_owned()))?;
        entries(&answer, "/orders").for_each(|order| tell(shop, order));
        if i64::try_from((page + 1) * PAGE_ORDERS).unwrap_or(i64::MAX) >= total {
            return Ok(());
        }
    }
    Err(Trouble::Refused(format!("rejected: eBay has more than {PAGES_MAX} pages of orders")))
}

fn tell(shop: &Client<Account>, order: &Value) {
    let text = |pointer: &str| order.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let id = text("/orderId");
    let lines = entries(order, "/lineItems").filter_map(|line| {
        let sku = line.get("sku").and_then(Value::as_str).filter(|sku| !sku.is_empty())?;
        let number = line.get("lineItemId").and_then(Value::as_str)?;
        Some(json!({ "line": number, "store_sku": sku, "quantity": line.get("quantity").and_then(integer)? }))
    });
    let lines: Vec<Value> = lines.collect();
    if id.is_empty() {
        return;
    }
    let told = |kind: &str| {
        let event = json!({ "id": format!("{id}-{kind}"), "type": kind, "order": id, "placed_at": text("/creationDate"), "lines": lines });
        shop.link().order(event);
    };
    told("order-placed");
    if text("/cancelStatus/cancelState") == "CANCELED" {
        told("order-cancelled");
    } else if text("/orderFulfillmentStatus") == "FULFILLED" {
        told("order-shipped");
    }
}
