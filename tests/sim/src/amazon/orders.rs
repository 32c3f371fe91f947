//! Orders API 2026-01-01: models, `orders_2026-01-01.json`.

use super::{Amazon, MARKETPLACE, fault};
use crate::http::{Request, Response};
use crate::marketplace::Now;
use crate::moment::utc;
use serde_json::{Value, json};

/// An order of one line.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) sku: String,
    pub(super) units: i64,
    pub(super) placed: Now,
    pub(super) status: &'static str,
}

impl Amazon {
    /// Changes what became of an order, counted from 0 (models, `FulfillmentStatus`).
    pub fn set_order(&mut self, number: usize, status: &'static str) {
        if let Some(order) = self.orders.get_mut(number) {
            order.status = status;
        }
    }

    /// `searchOrders`: 0.0056 a second, burst 20.
    pub(super) fn list_orders(&mut self, request: &Request, now: Now) -> Result<Response, Response> {
        self.takes("searchOrders", 0.0056, 20.0, now)?;
        let after = [request.param("createdAfter"), request.param("lastUpdatedAfter")];
        let ([Some(after), None] | [None, Some(after)]) = after else {
            return Err(fault(
                400,
                "InvalidInput",
                "Exactly one of 'createdAfter' and 'lastUpdatedAfter' is required.",
            ));
        };
        if request.param("marketplaceIds").is_some_and(|id| id != MARKETPLACE) {
            return Err(fault(400, "InvalidInput", "Invalid 'marketplaceIds' provided."));
        }
        let size = request.number("maxResultsPerPage").unwrap_or(100) as usize;
        if size == 0 || size > 100 {
            return Err(fault(400, "InvalidInput", "'maxResultsPerPage' must be from 1 to 100."));
        }
        let with_fulfillment =
            request.param("includedData").is_some_and(|data| data.split(',').any(|of| of == "FULFILLMENT"));
        let found: Vec<&Order> =
            self.orders.iter().filter(|order| utc(order.placed).as_str() >= after).collect();
        let from = request.param("paginationToken").and_then(|token| token.parse().ok()).unwrap_or(0);
        let page: Vec<Value> =
            found.iter().skip(from).take(size).map(|order| shown(order, with_fulfillment)).collect();
        let mut answer = json!({ "orders": page });
        if from + size < found.len()
            && let Some(fields) = answer.as_object_mut()
        {
            fields.insert("pagination".to_owned(), json!({ "nextToken": (from + size).to_string() }));
        }
        Ok(Response::json(200, &answer))
    }
}

fn shown(order: &Order, with_fulfillment: bool) -> Value {
    let placed = utc(order.placed);
    // That a cancelled order shows no quantity is so in the older Orders API; here it is unconfirmed.
    let units = if order.status == "CANCELLED" { 0 } else { order.units };
    let mut shown = json!({
        "orderId": order.id, "createdTime": placed, "lastUpdatedTime": placed,
        "salesChannel": { "channelName": "AMAZON", "marketplaceId": MARKETPLACE },
        "orderItems": [{ "orderItemId": format!("{}-1", order.id), "quantityOrdered": units, "product": { "sellerSku": order.sku } }],
    });
    if with_fulfillment && let Some(fields) = shown.as_object_mut() {
        fields.insert(
            "fulfillment".to_owned(),
            json!({ "fulfillmentStatus": order.status, "fulfilledBy": "MERCHANT" }),
        );
    }
    shown
}
