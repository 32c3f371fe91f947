//! Orders: they reserve what they are of until it is sent off.

use super::Plain;
use crate::http::{Request, Response};
use crate::marketplace::Now;
use crate::moment::utc;
use serde_json::{Value, json};

const PAGE_ORDERS: usize = 50;

/// An order of one line.
#[derive(Clone, Debug)]
pub(super) struct Order {
    number: usize,
    placed: Now,
    changed: Now,
    state: &'static str,
    sku: String,
    units: i64,
}

impl Plain {
    pub(super) fn order(&mut self, sku: &str, units: i64, now: Now) -> bool {
        let number = self.orders.len() + 1;
        let Some(variant) = self.variant(sku) else { return false };
        variant.reserved += units;
        let sku = sku.to_owned();
        self.orders.push(Order { number, placed: now, changed: now, state: "new", sku, units });
        true
    }

    /// Sends an order off, counted from 1: its units leave the warehouse.
    pub fn send_off(&mut self, number: usize, now: Now) {
        self.change(number, now, "sent", |on_hand, units| on_hand - units);
    }

    /// Takes an order back, counted from 1.
    pub fn cancel(&mut self, number: usize, now: Now) {
        self.change(number, now, "void", |on_hand, _| on_hand);
    }

    fn change(&mut self, number: usize, now: Now, state: &'static str, on_hand: fn(i64, i64) -> i64) {
        let Some(order) = self.orders.iter_mut().find(|order| order.number == number) else { return };
        (order.changed, order.state) = (now, state);
        let (sku, units) = (order.sku.clone(), order.units);
        if let Some(variant) = self.variant(&sku) {
            variant.reserved -= units;
            variant.on_hand = on_hand(variant.on_hand, units);
        }
    }

    pub(super) fn list_orders(&self, request: &Request) -> Response {
        let since = request.param("since").unwrap_or_default();
        let from: usize = request
            .param("cursor")
            .and_then(|cursor| cursor.strip_prefix("after-")?.parse().ok())
            .unwrap_or(0);
        let mut found =
            self.orders.iter().filter(|order| utc(order.changed).as_str() >= since && order.number > from);
        let page: Vec<&Order> = found.by_ref().take(PAGE_ORDERS).collect();
        let last =
            page.last().map(|order| format!("after-{}", order.number)).filter(|_| found.next().is_some());
        let orders: Vec<Value> = page.into_iter().map(Order::json).collect();
        Response::json(200, &json!({ "orders": orders, "next": last }))
    }
}

impl Order {
    fn json(&self) -> Value {
        let line = json!({ "id": 1, "sku": self.sku, "units": self.units });
        json!({ "number": format!("N-{}", self.number), "placed_at": utc(self.placed), "state": self.state, "items": [line] })
    }
}
