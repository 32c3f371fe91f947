//! "GetOrders", "GetMultipleOrderItems", and the push of trade orders.

use super::{Lazada, fault, good};
use crate::http::{Request, Response};
use crate::marketplace::Now;
use crate::moment::utc;
use serde_json::{Value, json};

const LIMIT_MAX: usize = 100;
const ORDERS_MAX: usize = 50;

/// An order of one SKU.
#[derive(Clone, Debug)]
pub(super) struct Order {
    id: String,
    status: &'static str,
    created_ms: i64,
    updated_ms: i64,
    seller_sku: String,
    units: i64,
    by_lazada: bool,
}

impl Lazada {
    /// Places an order: "Product inventory management": what it takes is not sellable any more, whether it is paid or not.
    pub(super) fn order(&mut self, seller_sku: &str, units: i64, now: Now) -> bool {
        let Some(sku) = self.sku(seller_sku) else { return false };
        let Some(stock) = sku.stock.first_mut() else { return false };
        stock.1 -= units;
        sku.occupied += units;
        self.orders.push(Order {
            id: format!("49125308218{:04}", self.orders.len()),
            status: "pending",
            created_ms: now.0,
            updated_ms: now.0,
            seller_sku: seller_sku.to_owned(),
            units,
            by_lazada: false,
        });
        true
    }

    /// The last order gets another status, such as `shipped` or `canceled`; a cancelled one gives its units back.
    pub fn change_last_order(&mut self, status: &'static str, now: Now) {
        let Some(order) = self.orders.last_mut() else { return };
        (order.status, order.updated_ms) = (status, now.0);
        let (seller_sku, units) = (order.seller_sku.clone(), order.units);
        if let Some(sku) = self.sku(&seller_sku) {
            sku.occupied -= units;
            let back = if status == "canceled" { units } else { 0 };
            sku.stock.iter_mut().take(1).for_each(|(_, stock)| *stock += back);
        }
    }

    /// The last order is one that Lazada fulfils from its own warehouse (`is_fbl`).
    pub fn fulfil_last_order(&mut self) {
        self.orders.iter_mut().last().into_iter().for_each(|order| order.by_lazada = true);
    }

    /// What is pushed of the last order, as "Trade order notifications" shows it.
    #[must_use]
    pub fn push(&self, url: &str) -> Option<Request> {
        let order = self.orders.last()?;
        let body = json!({
            "seller_id": self.seller_id, "message_type": 0,
            "data": {
                "order_status": order.status, "trade_order_id": order.id, "trade_order_line_id": format!("{}01", order.id),
                "status_update_time": order.updated_ms / 1000,
            },
            "timestamp": order.updated_ms, "site": "lazada_sg",
        });
        let body = body.to_string().into_bytes();
        let request = Request::to("POST", url).header_of("content-type", "application/json");
        let request = request.header_of("authorization", &self.push_signature(&body));
        Some(Request { body, ..request })
    }

    pub(super) fn order_list<'a>(&self, param: &dyn Fn(&str) -> Option<&'a str>) -> Response {
        let (updated, created) = (param("update_after"), param("created_after"));
        if updated.is_none() && created.is_none() {
            return fault("ISV", "17", "Invalid Date Format");
        }
        let limit: usize = param("limit").and_then(|limit| limit.parse().ok()).unwrap_or(LIMIT_MAX);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return fault("ISV", "19", "E019: \"%s\" Invalid Limit");
        }
        let offset: usize = param("offset").and_then(|offset| offset.parse().ok()).unwrap_or(0);
        // Moments of one zone sort as texts do.
        let text = |ms: i64| utc(Now(ms)).replace('Z', "+00:00");
        let of = |order: &&Order| {
            updated.is_none_or(|after| after <= text(order.updated_ms).as_str())
                && created.is_none_or(|after| after <= text(order.created_ms).as_str())
        };
        let all: Vec<&Order> = self.orders.iter().filter(of).collect();
        let page: Vec<Value> = all
            .iter()
            .skip(offset)
            .take(limit)
            .map(|order| {
                json!({
                    "order_id": order.id, "order_number": order.id, "statuses": [order.status], "items_count": order.units.to_string(),
                    "created_at": text(order.created_ms), "updated_at": text(order.updated_ms),
                })
            })
            .collect();
        good(&json!({ "count": page.len().to_string(), "countTotal": all.len().to_string(), "orders": page }))
    }

    pub(super) fn order_items<'a>(&self, param: &dyn Fn(&str) -> Option<&'a str>) -> Response {
        let ids: Result<Vec<Value>, _> = serde_json::from_str(param("order_ids").unwrap_or_default());
        let Ok(ids) = ids else {
            return fault("ISV", "56", "E056: Invalid OrdersIdList format. Must use array format [1,2]");
        };
        if ids.len() > ORDERS_MAX {
            return fault("ISV", "38", "E038: Too many orders were requested");
        }
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let found = self.orders.iter().filter(|order| ids.contains(&order.id));
        good(&found.map(Order::json).collect())
    }
}

impl Order {
    /// Every unit is an item: no item of the page has a quantity.
    fn json(&self) -> Value {
        let item = |number: i64| {
            json!({
                "order_item_id": format!("{}{number:02}", self.id), "order_id": self.id, "sku": self.seller_sku, "name": "sim",
                "status": self.status, "is_fbl": if self.by_lazada { "1" } else { "0" }, "created_at": self.created_ms.to_string(),
                "updated_at": self.updated_ms.to_string(), "warehouse_code": "dropshipping", "order_type": "Normal",
            })
        };
        json!({ "order_number": self.id, "order_id": self.id, "order_items": (1..=self.units).map(item).collect::<Vec<_>>() })
    }
}
