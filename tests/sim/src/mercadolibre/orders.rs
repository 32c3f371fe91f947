//! Orders.

use super::{MercadoLibre, SELLER, fault};
use crate::http::{Request, Response};
use crate::marketplace::Now;
use crate::moment::utc;
use serde_json::{Value, json};

/// An order of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Order {
    id: u64,
    created: Now,
    updated: Now,
    status: &'static str,
    item: String,
    variation: u64,
    sku: String,
    units: i64,
}

impl MercadoLibre {
    /// A sale takes its units off at once, and makes a new version of the stock.
    pub(super) fn order(&mut self, sku: &str, units: i64, now: Now) -> bool {
        let id = 2_000_003_000 + self.orders.len() as u64;
        let Some(listing) = self.listing(sku) else { return false };
        listing.quantity -= units;
        listing.version += 1;
        let (item, variation, sku) = (listing.item.clone(), listing.variation, listing.sku.clone());
        self.orders.push(Order {
            id,
            created: now,
            updated: now,
            status: "paid",
            item,
            variation,
            sku,
            units,
        });
        true
    }

    /// Cancels the last order, and gives its units back.
    pub fn cancel(&mut self, now: Now) {
        let Some(order) = self.orders.last_mut() else { return };
        order.status = "cancelled";
        order.updated = now;
        let (sku, units) = (order.sku.clone(), order.units);
        if let Some(listing) = self.listing(&sku) {
            listing.quantity += units;
            listing.version += 1;
        }
    }

    /// "Orders", "Search": of a seller, by `order.date_last_updated.from`; pages of 51 at most (50 is taken here).
    pub(super) fn search_orders(&self, request: &Request) -> Response {
        if request.number("seller") != Some(SELLER) {
            return fault(403, "forbidden", "The caller is not authorized to access this resource");
        }
        let from = request.param("order.date_last_updated.from").unwrap_or_default();
        let (limit, offset) = (request.number("limit").unwrap_or(50), request.number("offset").unwrap_or(0));
        if !(1..=50).contains(&limit) {
            return fault(400, "bad_request", "limit must be between 1 and 50");
        }
        let found: Vec<Value> = self
            .orders
            .iter()
            .filter(|order| precise(order.updated).as_str() >= from)
            .map(Order::value)
            .collect();
        let page: Vec<&Value> = found
            .iter()
            .skip(usize::try_from(offset).unwrap_or(usize::MAX))
            .take(usize::try_from(limit).unwrap_or(0))
            .collect();
        Response::json(
            200,
            &json!({ "results": page, "paging": { "total": found.len(), "offset": offset, "limit": limit } }),
        )
    }
}

impl Order {
    fn value(&self) -> Value {
        let variation = (self.variation > 0).then_some(self.variation);
        let item = json!({ "id": self.item, "variation_id": variation, "seller_sku": self.sku });
        json!({
            "id": self.id, "status": self.status, "date_created": precise(self.created), "last_updated": precise(self.updated),
            "order_items": [{ "item": item, "quantity": self.units }], "tags": ["not_delivered", self.status],
        })
    }
}

/// `2026-11-24T16:00:00.000Z`.
fn precise(now: Now) -> String {
    utc(now).replace('Z', ".000Z")
}
