//! `orders` and `webhook`: both bring the shop's own orders.

use crate::Asked;
use crate::admin::{Admin, pages};
use serde_json::{Value, json};
use stocksync_sdk::flow::{Client, Job, entries, integer, rfc3339, string};
use stocksync_sdk::message::Verify;

/// Orders on a page, and lines of each: together below the most that one query may cost.
const PAGE_ORDERS: usize = 10;
const PAGE_LINES: usize = 50;
const PAGES_MAX: usize = 10_000;

/// Every order that was placed or changed since a moment.
pub(crate) async fn since(shop: &Client<Admin>, since: i64) -> Asked<()> {
    let query = format!("updated_at:>='{}'", rfc3339(since.div_euclid(1000)));
    let variables = json!({ "query": query, "first": PAGE_ORDERS, "lines": PAGE_LINES });
    for order in
        pages(shop, include_str!("orders.graphql"), &variables, "/orders", (PAGES_MAX, 100.0)).await?
    {
        let mut lines: Vec<Value> = entries(&order, "/lineItems/nodes").cloned().collect();
        let info = |name: &str| order.pointer(&format!("/lineItems/pageInfo/{name}"));
        if info("hasNextPage") == Some(&Value::Bool(true)) {
            let variables = json!({ "order": order.get("id"), "first": 250, "after": info("endCursor") });
            lines.extend(
                pages(
                    shop,
                    include_str!("lines.graphql"),
                    &variables,
                    "/order/lineItems",
                    (PAGES_MAX, 250.0),
                )
                .await?,
            );
        }
        tell(shop, &Order::of_graphql(&order, &lines));
    }
    Ok(())
}

/// An order that a webhook brings whose signature is right; its body is that of the REST API.
pub(crate) async fn webhook(shop: &Client<Admin>, job: &Job) -> Asked<()> {
    let header = |name: &str| job.request.header(name).unwrap_or_default();
    let verify = Verify {
        alg: "hmac-sha256".to_owned(),
        key: "{{secret:client_secret}}".to_owned(),
        text: "{{body}}".to_owned(),
        encoding: "base64".to_owned(),
        expected: header("x-shopify-hmac-sha256").to_owned(),
        ..Verify::default()
    };
    shop.link().verify(verify).await;
    const TOPICS: &[&str] =
        &["orders/create", "orders/updated", "orders/cancelled", "orders/fulfilled", "orders/paid"];
    if let Ok(order) = serde_json::from_slice(&job.body)
        && TOPICS.contains(&header("x-shopify-topic"))
    {
        tell(shop, &Order::of_rest(&order));
    }
    Ok(())
}

/// An order, whichever way it came.
struct Order {
    /// The number in its id.
    id: Option<String>,
    placed_at: String,
    updated_at: String,
    is_cancelled: bool,
    is_fulfilled: bool,
    is_edited: bool,
    /// As they were ordered.
    ordered: Vec<Value>,
    /// As they are now.
    current: Vec<Value>,
}

impl Order {
    fn of_graphql(order: &Value, lines: &[Value]) -> Self {
        let text = |name: &str| order.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self {
            id: order.get("id").and_then(tail),
            placed_at: text("createdAt"),
            updated_at: text("updatedAt"),
            is_cancelled: order.get("cancelledAt").is_some_and(Value::is_string),
            is_fulfilled: text("displayFulfillmentStatus") == "FULFILLED",
            is_edited: order.get("edited") == Some(&Value::Bool(true)),
            ordered: lines.iter().filter_map(|row| line(row, "quantity")).collect(),
            current: lines.iter().filter_map(|row| line(row, "currentQuantity")).collect(),
        }
    }

    fn of_rest(order: &Value) -> Self {
        let text = |name: &str| order.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self {
            id: order.get("id").and_then(tail),
            placed_at: text("created_at"),
            updated_at: text("updated_at"),
            is_cancelled: order.get("cancelled_at").is_some_and(Value::is_string),
            is_fulfilled: text("fulfillment_status") == "fulfilled",
            // REST does not say it of the order; a line that has less than was ordered shows it.
            is_edited: entries(order, "/line_items").any(|line| {
                line.get("current_quantity").is_some_and(|now| Some(now) != line.get("quantity"))
            }),
            ordered: entries(order, "/line_items").filter_map(|row| line(row, "quantity")).collect(),
            current: entries(order, "/line_items").filter_map(|row| line(row, "current_quantity")).collect(),
        }
    }
}

/// What stands behind the last slash of an id; REST has it alone.
fn tail(id: &Value) -> Option<String> {
    let id = string(id)?;
    Some(id.rsplit('/').next().unwrap_or_default().to_owned())
}

fn line(row: &Value, quantity: &str) -> Option<Value> {
    let sku = row.get("sku").and_then(Value::as_str).filter(|sku| !sku.is_empty())?;
    let quantity = row.get(quantity).and_then(integer).filter(|quantity| *quantity > 0)?;
    Some(json!({ "line": row.get("id").and_then(tail)?, "store_sku": sku, "quantity": quantity }))
}

fn tell(shop: &Client<Admin>, order: &Order) {
    let Some(id) = &order.id else { return };
    let told = |kind: &str, version: &str, lines: &[Value]| {
        let name = format!("{id}-{kind}{version}");
        shop.link().order(
            json!({ "id": name, "type": kind, "order": id, "placed_at": order.placed_at, "lines": lines }),
        );
    };
    told("order-placed", "", &order.ordered);
    if order.is_cancelled {
        told("order-cancelled", "", &order.ordered);
        return;
    }
    if order.is_edited {
        told("order-edited", &format!("-{}", order.updated_at), &order.current);
    }
    if order.is_fulfilled {
        told("order-shipped", "", &order.current);
    }
}
