//! Orders and webhooks.

use super::{Shopify, gid, number};
use crate::crypto::{base64, hmac_sha256};
use crate::graphql::Field;
use crate::http::Request;
use crate::marketplace::Now;
use crate::moment::utc;
use serde_json::{Value, json};

/// An order of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Order {
    id: u64,
    created: Now,
    updated: Now,
    cancelled: Option<Now>,
    sku: String,
    units: i64,
}

impl Shopify {
    /// Places an order, which lowers what is available at once.
    pub(super) fn order(&mut self, sku: &str, units: i64, now: Now) -> bool {
        let Some(available) = self.variant(sku).and_then(|variant| variant.available.as_mut()) else {
            return false;
        };
        *available -= units;
        let id = 3000 + self.orders.len() as u64;
        self.orders.push(Order {
            id,
            created: now,
            updated: now,
            cancelled: None,
            sku: sku.to_owned(),
            units,
        });
        true
    }

    /// Cancels the last order, and gives its units back.
    pub fn cancel(&mut self, now: Now) {
        let Some(order) = self.orders.last_mut() else { return };
        order.cancelled = Some(now);
        order.updated = now;
        let (sku, units) = (order.sku.clone(), order.units);
        if let Some(available) = self.variant(&sku).and_then(|variant| variant.available.as_mut()) {
            *available += units;
        }
    }

    /// What the shop sends of its last order: shopify.dev, "Webhooks", "HTTPS delivery" and its payloads, which are those of the REST API.
    #[must_use]
    pub fn webhook(&self, topic: &str, secret: &str) -> Option<Request> {
        let order = self.orders.last()?;
        let line = json!({ "id": order.id * 10, "sku": order.sku, "quantity": order.units, "current_quantity": order.units });
        let body = json!({
            "id": order.id,
            "admin_graphql_api_id": gid("Order", order.id),
            "created_at": utc(order.created),
            "updated_at": utc(order.updated),
            "cancelled_at": order.cancelled.map(utc),
            "fulfillment_status": null,
            "line_items": [line],
        });
        let body = body.to_string().into_bytes();
        let request = Request::to("POST", "https://receiver.example/hook")
            .header_of("content-type", "application/json")
            .header_of("x-shopify-topic", topic)
            .header_of("x-shopify-shop-domain", "sim.myshopify.com")
            .header_of("x-shopify-webhook-id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043")
            .header_of("x-shopify-hmac-sha256", &base64(&hmac_sha256(secret.as_bytes(), &body)));
        Some(Request { body, ..request })
    }

    /// `orders(query: "updated_at:>='…'")`, sorted as asked for; shopify.dev, "API search syntax".
    pub(super) fn found_orders(&self, field: &Field) -> Vec<Value> {
        let query = field.argument("query").as_str().unwrap_or_default();
        let since = query
            .split_once("updated_at:>='")
            .and_then(|(_, rest)| rest.split_once('\''))
            .map_or("", |(since, _)| since);
        let mut found: Vec<&Order> =
            self.orders.iter().filter(|order| utc(order.updated).as_str() >= since).collect();
        found.sort_by_key(|order| (order.updated, order.id));
        found.into_iter().map(Order::value).collect()
    }

    pub(super) fn order_by_id(&self, id: &Value) -> Value {
        let order = number("Order", id).and_then(|id| self.orders.iter().find(|order| order.id == id));
        order.map_or(Value::Null, Order::value)
    }
}

impl Order {
    fn value(&self) -> Value {
        let line = json!({ "id": gid("LineItem", self.id * 10), "sku": self.sku, "quantity": self.units, "currentQuantity": self.units });
        json!({
            "id": gid("Order", self.id),
            "createdAt": utc(self.created),
            "updatedAt": utc(self.updated),
            "cancelledAt": self.cancelled.map(utc),
            "edited": false,
            "displayFulfillmentStatus": "UNFULFILLED",
            "lineItems": [line],
        })
    }
}
