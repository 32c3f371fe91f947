//! Orders.

use super::{Ebay, fault};
use crate::http::{Request, Response};
use crate::marketplace::Now;
use crate::moment::utc;
use serde_json::{Value, json};

/// An order of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Order {
    id: String,
    created: Now,
    modified: Now,
    is_cancelled: bool,
    sku: String,
    units: i64,
}

impl Ebay {
    /// A sale takes its units off item and offer at once.
    pub(super) fn order(&mut self, sku: &str, units: i64, now: Now) -> bool {
        let Some(item) = self.item(sku) else { return false };
        item.quantity -= units;
        item.offered = item.offered.map(|offered| offered - units);
        let id = format!("12-{:05}-{:05}", self.orders.len(), 4711);
        self.orders.push(Order {
            id,
            created: now,
            modified: now,
            is_cancelled: false,
            sku: sku.to_owned(),
            units,
        });
        true
    }

    /// Cancels the last order. eBay does not put its units back by itself (unconfirmed).
    pub fn cancel(&mut self, now: Now) {
        if let Some(order) = self.orders.last_mut() {
            order.is_cancelled = true;
            order.modified = now;
        }
    }

    /// Fulfillment API, `getOrders`: `filter=lastmodifieddate:[FROM..]`, `limit` to 200, `offset`.
    pub(super) fn list_orders(&self, request: &Request) -> Response {
        let filter = request.param("filter").unwrap_or_default();
        let Some(from) = filter.strip_prefix("lastmodifieddate:[").and_then(|rest| rest.strip_suffix("..]"))
        else {
            return fault(400, 30700, "API_FULFILLMENT", "Invalid filter.");
        };
        let (limit, offset) = (request.number("limit").unwrap_or(50), request.number("offset").unwrap_or(0));
        if !(1..=200).contains(&limit) {
            return fault(400, 30700, "API_FULFILLMENT", "Invalid limit.");
        }
        let found: Vec<Value> = self
            .orders
            .iter()
            .filter(|order| precise(order.modified).as_str() >= from)
            .map(Order::value)
            .collect();
        let page: Vec<&Value> = found
            .iter()
            .skip(usize::try_from(offset).unwrap_or(usize::MAX))
            .take(usize::try_from(limit).unwrap_or(0))
            .collect();
        Response::json(
            200,
            &json!({ "total": found.len(), "limit": limit, "offset": offset, "orders": page }),
        )
    }
}

impl Order {
    fn value(&self) -> Value {
        let state = if self.is_cancelled { "CANCELED" } else { "NONE_REQUESTED" };
        json!({
            "orderId": self.id,
            "creationDate": precise(self.created),
            "lastModifiedDate": precise(self.modified),
            "orderFulfillmentStatus": "NOT_STARTED",
            "orderPaymentStatus": "PAID",
            "cancelStatus": { "cancelState": state, "cancelRequests": [] },
            "lineItems": [{ "lineItemId": format!("{}-1", self.id), "sku": self.sku, "quantity": self.units }],
        })
    }
}

/// `2026-11-24T16:00:00.000Z`.
fn precise(now: Now) -> String {
    utc(now).replace('Z', ".000Z")
}
