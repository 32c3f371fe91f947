//! Orders and pushes.

use super::{Shopee, fault, good};
use crate::http::{Request, Response};
use crate::json::set;
use crate::marketplace::Now;
use serde_json::{Value, json};

/// `v2.order.get_order_list`: 15 days at most, 100 orders of a page; `v2.order.get_order_detail`: 50 orders.
const WINDOW_SECONDS: u64 = 15 * 86_400;
const PAGE_MAX: u64 = 100;
const DETAILS_MAX: usize = 50;

/// An order of one line.
#[derive(Clone, Debug)]
pub(super) struct Order {
    sn: String,
    status: &'static str,
    created: i64,
    updated: i64,
    item: i64,
    model: i64,
    sku: String,
    units: i64,
    by_shopee: bool,
}

impl Shopee {
    /// Places an order, which lowers the stock at once, whether it is paid or not (*unconfirmed*).
    pub(super) fn order(&mut self, sku: &str, units: i64, now: Now) -> bool {
        let place = self.items.iter_mut().find_map(|item| {
            let model = item.models.iter_mut().find(|model| model.sku == sku)?;
            let stock = model.stock.first_mut()?;
            stock.1 -= units;
            Some((item.id, model.id))
        });
        let Some((item, model)) = place else { return false };
        self.orders.push(Order {
            sn: format!("2404098R48{:04}", self.orders.len()),
            status: "READY_TO_SHIP",
            created: now.seconds(),
            updated: now.seconds(),
            item,
            model,
            sku: sku.to_owned(),
            units,
            by_shopee: false,
        });
        true
    }

    /// The last order gets another status, such as `SHIPPED` or `CANCELLED`; a cancelled one gives its units back.
    pub fn change_last_order(&mut self, status: &'static str, now: Now) {
        let Some(order) = self.orders.last_mut() else { return };
        (order.status, order.updated) = (status, now.seconds());
        let (sku, units) = (order.sku.clone(), order.units);
        if status == "CANCELLED"
            && let Some(stock) = self.model(&sku).and_then(|model| model.stock.first_mut())
        {
            stock.1 += units;
        }
    }

    /// The last order is one that Shopee fulfils from its own warehouse (`fulfillment_flag`).
    pub fn fulfil_last_order(&mut self) {
        self.orders.iter_mut().last().into_iter().for_each(|order| order.by_shopee = true);
    }

    /// What is pushed of the last order (code 3), as the page of the push shows it.
    #[must_use]
    pub fn push(&self, url: &str) -> Option<Request> {
        let order = self.orders.last()?;
        let body = json!({
            "data": { "items": [], "ordersn": order.sn, "status": order.status, "completed_scenario": "", "update_time": order.updated },
            "shop_id": self.shop_id, "code": 3, "timestamp": order.updated,
        });
        let body = body.to_string().into_bytes();
        let request = Request::to("POST", url).header_of("content-type", "application/json");
        let request = request.header_of("authorization", &self.push_signature(url, &body));
        Some(Request { body, ..request })
    }

    pub(super) fn order_list(&self, request: &Request) -> Response {
        let (from, to) = (request.number("time_from"), request.number("time_to"));
        let (Some(from), Some(to)) = (from, to) else {
            return fault(200, "error_param", "Wrong parameters, detail: time_from and time_to.");
        };
        let size = request.number("page_size").unwrap_or(0);
        if to < from || to - from > WINDOW_SECONDS || !(1..=PAGE_MAX).contains(&size) {
            return fault(
                200,
                "error_param",
                "Wrong parameters, detail: the time range or page_size is wrong.",
            );
        }
        let of = |order: &&Order| {
            let time = match request.param("time_range_field") {
                Some("create_time") => order.created,
                _ => order.updated,
            };
            u64::try_from(time).is_ok_and(|time| (from..=to).contains(&time))
        };
        let all: Vec<&Order> = self.orders.iter().filter(of).collect();
        let start: usize = request.param("cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        let size = usize::try_from(size).unwrap_or(1);
        let page: Vec<Value> =
            all.iter().skip(start).take(size).map(|order| json!({ "order_sn": order.sn })).collect();
        let next = start + page.len();
        let more = next < all.len();
        let cursor = if more { next.to_string() } else { String::new() };
        good(json!({ "more": more, "next_cursor": cursor, "order_list": page }))
    }

    pub(super) fn order_detail(&self, request: &Request) -> Response {
        let wanted: Vec<&str> = request.param("order_sn_list").unwrap_or_default().split(',').collect();
        if wanted.len() > DETAILS_MAX {
            return fault(200, "error_param", "Wrong parameters, detail: order_sn_list limit [1,50].");
        }
        let fields = request.param("response_optional_fields").unwrap_or_default();
        let found = self.orders.iter().filter(|order| wanted.contains(&order.sn.as_str()));
        good(json!({ "order_list": found.map(|order| order.json(fields)).collect::<Vec<_>>() }))
    }
}

impl Order {
    /// `item_list` and `fulfillment_flag` only where `response_optional_fields` names them.
    fn json(&self, fields: &str) -> Value {
        let mut order = json!({
            "order_sn": self.sn, "order_status": self.status, "create_time": self.created, "update_time": self.updated, "region": "SG",
        });
        let asked = |name: &str| fields.split(',').any(|field| field == name);
        if asked("item_list") {
            let (item_sku, model_sku) =
                if self.model == 0 { (self.sku.as_str(), "") } else { ("", self.sku.as_str()) };
            set(
                &mut order,
                "item_list",
                json!([{
                    "item_id": self.item, "item_name": "sim", "item_sku": item_sku, "model_id": self.model, "model_sku": model_sku,
                    "model_quantity_purchased": self.units, "order_item_id": self.item, "promotion_group_id": 0,
                }]),
            );
        }
        if asked("fulfillment_flag") {
            let flag = if self.by_shopee { "fulfilled_by_shopee" } else { "fulfilled_by_local_seller" };
            set(&mut order, "fulfillment_flag", json!(flag));
        }
        order
    }
}
