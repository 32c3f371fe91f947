//! Orders since a moment, and those that a push tells of.

use crate::api::Shops;
use crate::catalog::AT_ONCE;
use crate::read::ended;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use stocksync_sdk::flow::{Ended, Job, Trouble, entries, integer, rfc3339, side_by_side, string};
use stocksync_sdk::message::Verify;

/// `v2.order.get_order_list`: at most 15 days between `time_from` and `time_to`.
const WINDOW_SECONDS: i64 = 15 * 86_400;
/// Orders that changed longer ago are not asked for.
const BACK_SECONDS_MAX: i64 = 180 * 86_400;
/// `v2.order.get_order_list`: `page_size` up to 100.
const ORDERS_OF_PAGE: usize = 100;
/// `v2.order.get_order_detail`: up to 50 orders.
const DETAILS_MAX: usize = 50;
/// Pages of a window that are asked for at most.
const PAGES_MAX: usize = 10_000;
/// The push of a changed order.
const ORDER_PUSH: i64 = 3;

/// Tells of every order that changed since a moment, in milliseconds since 1970.
pub(crate) async fn since(client: &Shops, since: i64) -> Result<(), Ended> {
    let now = client.link().now().div_euclid(1000);
    let mut from = since.div_euclid(1000).max(now.saturating_sub(BACK_SECONDS_MAX));
    let mut orders = Vec::new();
    while from <= now {
        let to = now.min(from + WINDOW_SECONDS - 1);
        orders.extend(changed(client, from, to).await.map_err(ended)?);
        from = to + 1;
    }
    orders.sort_unstable();
    orders.dedup();
    tell(client, orders).await.map_err(ended)
}

/// Has a push verified, and tells of its order.
pub(crate) async fn webhook(client: &Shops, job: &Job) -> Result<(), Ended> {
    let link = client.link();
    let url = client.api().push_url.clone().unwrap_or_else(|| job.request.url.clone());
    let Some(expected) = job.request.header("authorization").filter(|_| !url.contains("{{")) else {
        link.reply(401);
        return Ok(());
    };
    link.verify(Verify {
        alg: "hmac-sha256".to_owned(),
        key: "{{secret:partner_key}}".to_owned(),
        text: format!("{url}|{{{{body}}}}"),
        encoding: "hex".to_owned(),
        expected: expected.to_owned(),
        ..Verify::default()
    })
    .await;
    let push: Value = serde_json::from_slice(&job.body).unwrap_or_default();
    let number = |name: &str| push.get(name).and_then(integer);
    if number("code") != Some(ORDER_PUSH) || number("shop_id") != Some(client.api().shop_id) {
        return Ok(());
    }
    let order = push.pointer("/data/ordersn").and_then(string);
    let order = order.ok_or_else(|| Ended::refused("the push names no order"))?;
    tell(client, vec![order]).await.map_err(ended)
}

async fn changed(client: &Shops, from: i64, to: i64) -> Result<Vec<String>, Trouble> {
    let (mut orders, mut cursor) = (Vec::new(), String::new());
    for _ in 0..PAGES_MAX {
        let query = [
            ("time_range_field", "update_time".to_owned()),
            ("time_from", from.to_string()),
            ("time_to", to.to_string()),
            ("page_size", ORDERS_OF_PAGE.to_string()),
            ("cursor", cursor.clone()),
        ];
        let body = client.ask(|shop, now| shop.get("/api/v2/order/get_order_list", &query, now)).await?;
        orders.extend(
            entries(&body, "/response/order_list").filter_map(|order| string(order.get("order_sn")?)),
        );
        let next = body.pointer("/response/next_cursor").and_then(string).filter(|next| *next != cursor);
        match next {
            Some(next) if body.pointer("/response/more") == Some(&Value::Bool(true)) => cursor = next,
            _ => break,
        }
    }
    Ok(orders)
}

async fn tell(client: &Shops, orders: Vec<String>) -> Result<(), Trouble> {
    let parts = orders.chunks(DETAILS_MAX).map(|part| details(client.clone(), part.join(",")));
    for part in side_by_side(AT_ONCE, parts.collect()).await {
        client
            .link()
            .orders(entries(&part?, "/response/order_list").filter_map(events).flatten().collect())
            .await;
    }
    Ok(())
}

async fn details(client: Shops, orders: String) -> Result<Value, Trouble> {
    let query =
        [("order_sn_list", orders), ("response_optional_fields", "item_list,fulfillment_flag".to_owned())];
    client.ask(|shop, now| shop.get("/api/v2/order/get_order_detail", &query, now)).await
}

/// What happened to an order, as far as it got: it was placed, and then shipped or cancelled. Nothing of one that Shopee fulfils from its own warehouse.
fn events(order: &Value) -> Option<Vec<Value>> {
    let number = order.get("order_sn").and_then(string)?;
    let status = order.get("order_status").and_then(Value::as_str)?;
    let flag = order.get("fulfillment_flag").and_then(Value::as_str).unwrap_or_default();
    if flag == "fulfilled_by_shopee" {
        return None;
    }
    let placed_at = rfc3339(order.get("create_time").and_then(integer)?);
    let event = |what: &str| json!({ "id": format!("shopee:{number}:{what}"), "type": format!("order-{what}"), "order": number });
    let placed = json!({
        "id": format!("shopee:{number}:placed"), "type": "order-placed", "order": number,
        "placed_at": placed_at, "lines": lines(order),
    });
    let mut events = vec![placed];
    match status {
        "CANCELLED" => events.push(event("cancelled")),
        "SHIPPED" | "TO_CONFIRM_RECEIVE" | "COMPLETED" | "TO_RETURN" => events.push(event("shipped")),
        _ => {}
    }
    Some(events)
}

/// A line for each model; one that was bought under two promotions stands in Shopee's list twice.
fn lines(order: &Value) -> Value {
    let mut lines: BTreeMap<String, (String, i64)> = BTreeMap::new();
    for item in entries(order, "/item_list") {
        let text = |name: &str| item.get(name).and_then(string).filter(|text| !text.is_empty());
        let quantity = item.get("model_quantity_purchased").and_then(integer).unwrap_or_default();
        let id = format!("{}:{}", text("item_id").unwrap_or_default(), text("model_id").unwrap_or_default());
        let sku = text("model_sku").or_else(|| text("item_sku")).unwrap_or_default();
        let line = lines.entry(id).or_insert((sku, 0));
        line.1 = line.1.saturating_add(quantity);
    }
    let lines = lines.into_iter().filter(|(_, (_, quantity))| *quantity > 0);
    lines
        .map(|(line, (sku, quantity))| json!({ "line": line, "store_sku": sku, "quantity": quantity }))
        .collect()
}
