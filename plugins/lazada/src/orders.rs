//! Orders since a moment, and those that a push tells of.

use crate::api::Sellers;
use crate::catalog::AT_ONCE;
use crate::read::ended;
use serde_json::{Value, json};
use stocksync_sdk::flow::{Ended, Job, Trouble, entries, integer, rfc3339, side_by_side, string};
use stocksync_sdk::message::Verify;

/// "GetOrders": `limit` up to 100.
const ORDERS_OF_PAGE: usize = 100;
const PAGES_MAX: usize = 10_000;
/// "GetMultipleOrderItems": no more than 50 orders at a time.
const ORDERS_OF_LIST: usize = 50;
/// "Trade order notifications".
const ORDER_PUSH: i64 = 0;

/// Tells of every order that changed since a moment, in milliseconds since 1970.
pub(crate) async fn since(client: &Sellers, since: i64) -> Result<(), Ended> {
    let after = rfc3339(since.div_euclid(1000).max(0)).replace('Z', "+00:00");
    let mut orders: Vec<String> = Vec::new();
    for page in 0..PAGES_MAX {
        let params = [
            ("update_after", after.clone()),
            ("sort_by", "updated_at".to_owned()),
            ("sort_direction", "ASC".to_owned()),
            ("limit", ORDERS_OF_PAGE.to_string()),
            ("offset", (page * ORDERS_OF_PAGE).to_string()),
        ];
        let body = client.ask(|seller, now| seller.get("/orders/get", &params, now)).await.map_err(ended)?;
        let before = orders.len();
        orders.extend(entries(&body, "/data/orders").filter_map(|order| number(order.get("order_id")?)));
        if orders.len() - before < ORDERS_OF_PAGE {
            break;
        }
    }
    orders.sort_unstable();
    orders.dedup();
    tell(client, &orders).await.map_err(ended)
}

/// Has a push verified, and tells of its order.
pub(crate) async fn webhook(client: &Sellers, job: &Job) -> Result<(), Ended> {
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
    let push: Value = serde_json::from_slice(&job.body).unwrap_or_default();
    let seller = push.get("seller_id").and_then(string);
    let is_ours = client.api().seller_id.is_none() || client.api().seller_id == seller;
    if push.get("message_type").and_then(integer) != Some(ORDER_PUSH) || !is_ours {
        return Ok(());
    }
    let order = push.pointer("/data/trade_order_id").and_then(number);
    let order = order.ok_or_else(|| Ended::refused("the push names no order"))?;
    tell(client, &[order]).await.map_err(ended)
}

/// An order's number: digits and nothing else, since it stands in a list that is no JSON.
fn number(value: &Value) -> Option<String> {
    string(value).filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
}

async fn tell(client: &Sellers, orders: &[String]) -> Result<(), Trouble> {
    let parts = orders.chunks(ORDERS_OF_LIST).map(|part| lines_of(client.clone(), part.join(",")));
    for part in side_by_side(AT_ONCE, parts.collect()).await {
        client.link().orders(entries(&part?, "/data").filter_map(events).flatten().collect()).await;
    }
    Ok(())
}

async fn lines_of(client: Sellers, orders: String) -> Result<Value, Trouble> {
    let params = [("order_ids", format!("[{orders}]"))];
    client.ask(|seller, now| seller.get("/orders/items/get", &params, now)).await
}

/// What happened to an order, line by line, as far as it got. Nothing of lines that Lazada fulfils from its own warehouse.
fn events(order: &Value) -> Option<Vec<Value>> {
    let text = |of: &Value, name: &str| of.get(name).and_then(string).filter(|text| !text.is_empty());
    let number = text(order, "order_id")?;
    let items: Vec<&Value> = entries(order, "/order_items")
        .filter(|item| text(item, "is_fbl").is_none_or(|flag| flag == "0"))
        .collect();
    let placed_at = items.iter().find_map(|item| moment(&text(item, "created_at")?))?;
    // Every unit is a line of its own.
    let line = |item: &Value| {
        Some(json!({ "line": text(item, "order_item_id")?, "store_sku": text(item, "sku")?, "quantity": 1 }))
    };
    let lines: Vec<Value> = items.iter().filter_map(|item| line(item)).collect();
    let mut events = vec![json!({
        "id": format!("lazada:{number}:placed"), "type": "order-placed", "order": number,
        "placed_at": placed_at, "lines": lines,
    })];
    for item in items {
        let status = text(item, "status").unwrap_or_default();
        if let (Some(what), Some(line)) = (what_became(&status), line(item)) {
            let id = format!("lazada:{number}:{what}:{}", text(item, "order_item_id").unwrap_or_default());
            let lines = [line];
            events
                .push(json!({ "id": id, "type": format!("order-{what}"), "order": number, "lines": lines }));
        }
    }
    Some(events)
}

/// The documents show milliseconds since 1970; elsewhere in the same API it is `2018-02-10 10:00:00 +0800`, or RFC 3339.
fn moment(text: &str) -> Option<String> {
    if let Ok(milliseconds) = text.parse::<i64>() {
        return Some(rfc3339(milliseconds.div_euclid(1000)));
    }
    let mut parts = text.split_whitespace();
    match (parts.next(), parts.next(), parts.next()) {
        (Some(whole), None, None) if whole.contains('T') => Some(whole.to_owned()),
        (Some(date), Some(time), Some(zone)) => {
            let (hours, minutes) = zone.split_at_checked(3).filter(|_| zone.len() == 5)?;
            Some(format!("{date}T{time}{hours}:{minutes}"))
        }
        _ => None,
    }
}

fn what_became(status: &str) -> Option<&'static str> {
    match status {
        "canceled" => Some("cancelled"),
        "shipped" | "delivered" | "failed" | "returned" | "lost" => Some("shipped"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn moments() {
        for (text, expected) in [
            ("1413786247000", Some("2014-10-20T06:24:07Z")),
            ("2018-02-09T22:44:30+08:00", Some("2018-02-09T22:44:30+08:00")),
            ("2018-02-10 10:00:00 +0800", Some("2018-02-10T10:00:00+08:00")),
            ("yesterday", None),
            ("a b กกกก", None),
        ] {
            assert_eq!(moment(text).as_deref(), expected, "{text}");
        }
    }
}
