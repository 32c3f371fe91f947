//! "Get Order List" (202309), "Get Order Detail" (202507), and the webhook "Order status change".

use super::{TikTok, fault, good};
use crate::http::{Request, Response};
use crate::json::at;
use crate::marketplace::Now;
use serde_json::{Value, json};

const PAGE_MAX: u64 = 100;

/// An order of one SKU.
#[derive(Clone, Debug)]
pub(super) struct Order {
    id: String,
    status: &'static str,
    created: i64,
    updated: i64,
    sku_id: String,
    seller_sku: String,
    units: i64,
    by_tiktok: bool,
}

impl TikTok {
    /// Places an order: what it takes is committed and not available any more ("Inventory Search").
    pub(super) fn order(&mut self, seller_sku: &str, units: i64, now: Now) -> bool {
        let Some(sku) = self.sku(seller_sku) else { return false };
        let Some(stock) = sku.stock.first_mut() else { return false };
        stock.1 -= units;
        sku.committed += units;
        let sku_id = sku.id.clone();
        self.orders.push(Order {
            id: format!("57646141303878{:04}", self.orders.len()),
            status: "AWAITING_SHIPMENT",
            created: now.seconds(),
            updated: now.seconds(),
            sku_id,
            seller_sku: seller_sku.to_owned(),
            units,
            by_tiktok: false,
        });
        true
    }

    /// The last order gets another status, such as `IN_TRANSIT` or `CANCELLED`; a cancelled one gives its units back.
    pub fn change_last_order(&mut self, status: &'static str, now: Now) {
        let Some(order) = self.orders.last_mut() else { return };
        (order.status, order.updated) = (status, now.seconds());
        let (seller_sku, units) = (order.seller_sku.clone(), order.units);
        if let Some(sku) = self.sku(&seller_sku) {
            sku.committed -= units;
            let back = if status == "CANCELLED" { units } else { 0 };
            sku.stock.iter_mut().take(1).for_each(|(_, stock)| *stock += back);
        }
    }

    /// The last order is one that TikTok fulfils from its own warehouse.
    pub fn fulfil_last_order(&mut self) {
        self.orders.iter_mut().last().into_iter().for_each(|order| order.by_tiktok = true);
    }

    /// What is sent of the last order (type 1), as the page of the webhook shows it.
    #[must_use]
    pub fn webhook(&self, url: &str) -> Option<Request> {
        let order = self.orders.last()?;
        let body = json!({
            "type": 1, "tts_notification_id": "7327112393057371910", "shop_id": self.shop_id, "timestamp": order.updated,
            "data": { "order_id": order.id, "order_status": order.status, "is_on_hold_order": false, "update_time": order.updated },
        });
        let body = body.to_string().into_bytes();
        let request = Request::to("POST", url).header_of("content-type", "application/json");
        let request = request.header_of("authorization", &self.webhook_signature(&body));
        Some(Request { body, ..request })
    }

    pub(super) fn order_list(&self, request: &Request, now: Now) -> Response {
        let body = request.json().unwrap_or_default();
        let size = request.number("page_size").unwrap_or(20);
        if !(1..=PAGE_MAX).contains(&size) {
            return fault(200, 36_009_004, "Invalid page_size.");
        }
        let from = at(&body, "update_time_ge").as_i64().unwrap_or(0);
        let to = at(&body, "update_time_lt").as_i64().unwrap_or(now.seconds() + 1);
        let all: Vec<&Order> =
            self.orders.iter().filter(|order| (from..to).contains(&order.updated)).collect();
        let start: usize = request.param("page_token").and_then(|token| token.parse().ok()).unwrap_or(0);
        let size = usize::try_from(size).unwrap_or(1);
        let page: Vec<Value> = all.iter().skip(start).take(size).map(|order| order.json()).collect();
        let next = start + page.len();
        let token = if next < all.len() { next.to_string() } else { String::new() };
        good(&json!({ "next_page_token": token, "total_count": all.len(), "orders": page }))
    }

    pub(super) fn order_detail(&self, request: &Request) -> Response {
        let ids: Vec<&str> = request.param("ids").unwrap_or_default().split(',').collect();
        let found = self.orders.iter().filter(|order| ids.contains(&order.id.as_str()));
        good(&json!({ "orders": found.map(Order::json).collect::<Vec<_>>() }))
    }
}

impl Order {
    /// Every unit is a line: no line of the pages has a quantity.
    fn json(&self) -> Value {
        let line = |number: i64| {
            json!({
                "id": format!("{}{number:03}", self.id), "sku_id": self.sku_id, "seller_sku": self.seller_sku,
                "product_name": "sim", "display_status": self.status, "is_gift": false,
            })
        };
        let by = if self.by_tiktok { "FULFILLMENT_BY_TIKTOK" } else { "FULFILLMENT_BY_SELLER" };
        json!({
            "id": self.id, "status": self.status, "create_time": self.created, "update_time": self.updated,
            "fulfillment_type": by, "line_items": (1..=self.units).map(line).collect::<Vec<_>>(),
        })
    }
}
