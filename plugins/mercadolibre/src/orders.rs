//! `orders`. Mercado Libre's notifications are not signed and hold no order, so they are not taken.

use crate::Asked;
use crate::account::Account;
use serde_json::{Value, json};
use stocksync_sdk::flow::{Client, Trouble, entries, integer, percent, rfc3339, string};

const PAGE_ORDERS: usize = 50;
const PAGES_MAX: usize = 2_000;

/// Every order that was placed or changed since a moment.
pub(crate) async fn since(shop: &Client<Account>, since: i64) -> Asked<()> {
    let from = percent(&rfc3339(since.div_euclid(1000)).replace('Z', ".000Z"));
    for page in 0..PAGES_MAX {
        let path = format!(
            "/orders/search?seller={}&order.date_last_updated.from={from}&sort=date_asc&limit={PAGE_ORDERS}&offset={}",
            shop.api().user_id(),
            page * PAGE_ORDERS
        );
        let answer = shop.ask(|account, _| account.get(&path)).await?;
        let total = answer.pointer("/paging/total").and_then(integer);
        let total =
            total.ok_or_else(|| Trouble::Unknown("Mercado Libre gave no total of orders".to_owned()))?;
        entries(&answer, "/results").for_each(|order| tell(shop, order));
        if i64::try_from((page + 1) * PAGE_ORDERS).unwrap_or(i64::MAX) >= total {
            return Ok(());
        }
    }
    Err(Trouble::Refused(format!("rejected: there are more than {PAGES_MAX} pages of orders")))
}

fn tell(shop: &Client<Account>, order: &Value) {
    let text = |name: &str| order.get(name).and_then(Value::as_str).unwrap_or_default();
    let Some(id) = order.get("id").and_then(string) else { return };
    let lines = (0..).zip(entries(order, "/order_items")).filter_map(|(number, line): (usize, _)| {
        let item = line.get("item")?;
        let sku = ["seller_sku", "seller_custom_field"].iter().find_map(|name| item.get(name).and_then(string))?;
        Some(json!({ "line": number.to_string(), "store_sku": sku, "quantity": line.get("quantity").and_then(integer)? }))
    });
    let lines: Vec<Value> = lines.collect();
    let told = |kind: &str| {
        let event = json!({ "id": format!("{id}-{kind}"), "type": kind, "order": id, "placed_at": text("date_created"), "lines": lines });
        shop.link().order(event);
    };
    told("order-placed");
    let is_delivered = entries(order, "/tags").any(|tag| tag == "delivered");
    match text("status") {
        "cancelled" | "invalid" => told("order-cancelled"),
        _ if is_delivered => told("order-shipped"),
        _ => {}
    }
}
