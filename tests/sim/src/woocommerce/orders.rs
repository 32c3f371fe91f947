//! Orders and webhooks.

use super::{WooCommerce, page};
use crate::crypto::{base64, hmac_sha256};
use crate::http::{Request, Response};
use crate::marketplace::Now;
use serde_json::{Value, json};

/// An order of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Order {
    id: u64,
    status: &'static str,
    created: Now,
    modified: Now,
    sku: String,
    units: i64,
}

impl WooCommerce {
    /// Places an order, which lowers the stock at once (observed).
    pub(super) fn order(&mut self, sku: &str, units: i64, now: Now) -> bool {
        let Some(product) = self.product(sku) else { return false };
        product.stock -= units;
        let id = 1000 + self.orders.len() as u64;
        self.orders.push(Order {
            id,
            status: "processing",
            created: now,
            modified: now,
            sku: sku.to_owned(),
            units,
        });
        true
    }

    /// Cancels the last order, which gives its units back.
    pub fn cancel(&mut self, now: Now) {
        let Some(order) = self.orders.last_mut() else { return };
        order.status = "cancelled";
        order.modified = now;
        let (sku, units) = (order.sku.clone(), order.units);
        if let Some(product) = self.product(&sku) {
            product.stock += units;
        }
    }

    /// What the shop sends of its last order: documents, "Webhooks", "Payload" and "Security".
    #[must_use]
    pub fn webhook(&self, topic: &str, secret: &str) -> Option<Request> {
        let body = self.orders.last()?.json().to_string().into_bytes();
        let (resource, event) = topic.split_once('.')?;
        let request = Request::to("POST", "https://receiver.example/hook")
            .header_of("content-type", "application/json")
            .header_of("x-wc-webhook-source", "https://shop.example/")
            .header_of("x-wc-webhook-topic", topic)
            .header_of("x-wc-webhook-resource", resource)
            .header_of("x-wc-webhook-event", event)
            .header_of("x-wc-webhook-signature", &base64(&hmac_sha256(secret.as_bytes(), &body)))
            .header_of("x-wc-webhook-id", "1")
            .header_of("x-wc-webhook-delivery-id", "7f1c");
        Some(Request { body, ..request })
    }

    /// Documents, "List all orders": `after` is of creation, `modified_after` of the last change; with `dates_are_gmt` both are in UTC.
    pub(super) fn list_orders(&self, request: &Request) -> Response {
        let gmt = request.param("dates_are_gmt").is_some_and(|flag| matches!(flag, "true" | "1"));
        let after = |name: &str| request.param(name).filter(|_| gmt).map(str::to_owned);
        let (created, modified) = (after("after"), after("modified_after"));
        let mut found: Vec<&Order> = self
            .orders
            .iter()
            .filter(|order| created.as_ref().is_none_or(|after| moment(order.created) > *after))
            .filter(|order| modified.as_ref().is_none_or(|after| moment(order.modified) > *after))
            .collect();
        if request.param("order") != Some("asc") {
            found.reverse();
        }
        page(request, found.iter().map(|order| order.json()).collect())
    }
}

impl Order {
    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "status": self.status,
            "date_created_gmt": moment(self.created),
            "date_modified_gmt": moment(self.modified),
            "line_items": [{ "id": self.id * 10, "sku": self.sku, "quantity": self.units }],
        })
    }
}

/// `2026-11-24T16:00:00`: documents, "Requests/Responses", dates without an offset.
fn moment(now: Now) -> String {
    crate::moment::utc(now).trim_end_matches('Z').to_owned()
}
