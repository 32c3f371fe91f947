//! Items: searched, looked at, changed.

use super::{Listing, MercadoLibre, SELLER, fault};
use crate::http::{Request, Response};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Items in one multiget ("Items & searches", "Multiget").
const MULTIGET_MAX: usize = 20;

impl MercadoLibre {
    /// "Users": who the token is of, and what the account can do.
    pub(super) fn me(&self) -> Response {
        let mut tags = vec!["normal", "user_product_seller"];
        if self.in_warehouses {
            tags.push("warehouse_management");
        }
        Response::json(200, &json!({ "id": SELLER, "nickname": "SIMULATED", "site_id": "MLM", "tags": tags }))
    }

    /// "Items & searches": by `seller_sku`, or all with `search_type=scan` and a `scroll_id`; pages of 50, 100 at most.
    pub(super) fn search(&mut self, request: &Request) -> Response {
        let sku = request.param("seller_sku");
        let found: Vec<&str> = items(&self.listings, |listing| sku.is_none_or(|sku| listing.sku == sku));
        let limit = request.number("limit").unwrap_or(50);
        if !(1..=100).contains(&limit) {
            return fault(400, "validation_error", "limit must be between 1 and 100");
        }
        let is_scan = request.param("search_type") == Some("scan");
        let from = match request.param("scroll_id") {
            Some(scroll) => {
                scroll.rsplit('-').next().and_then(|from| from.parse().ok()).unwrap_or(usize::MAX)
            }
            None => usize::try_from(request.number("offset").unwrap_or(0)).unwrap_or(usize::MAX),
        };
        let page: Vec<&str> =
            found.iter().copied().skip(from).take(usize::try_from(limit).unwrap_or(0)).collect();
        let paging = json!({ "limit": limit, "offset": from, "total": found.len() });
        // The end of a scan is a page without results.
        let scroll = is_scan.then(|| format!("sim-{}-{}", self.scrolls, from.saturating_add(page.len())));
        self.scrolls += 1;
        let body = json!({ "seller_id": SELLER.to_string(), "results": page, "paging": paging, "scroll_id": scroll });
        Response::json(200, &body)
    }

    /// "Items & searches", "Multiget": a status for each.
    pub(super) fn items(&self, request: &Request) -> Response {
        let ids: Vec<&str> = request.param("ids").unwrap_or_default().split(',').collect();
        if ids.len() > MULTIGET_MAX {
            return fault(400, "bad_request", "the maximum number of ids is 20");
        }
        let with_skus = request.param("include_attributes") == Some("all");
        let each = ids.iter().map(|id| match self.value(id, with_skus) {
            Some(body) => json!({ "code": 200, "body": body }),
            None => json!({ "code": 404, "body": { "id": id, "message": format!("Item with id {id} not found"), "error": "not_found", "status": 404 } }),
        });
        Response::json(200, &each.collect())
    }

    pub(super) fn item(&self, id: &str) -> Response {
        match self.value(id, true) {
            Some(body) => Response::json(200, &body),
            None => fault(404, "not_found", &format!("Item with id {id} not found")),
        }
    }

    /// "Variations" and "Sync and modify listings": a variation that is not sent is deleted; one that is sent with its id alone stays as it is. With stock in
    /// warehouses the quantity of an item is not taken ("Distributed stock").
    pub(super) fn put_item(&mut self, id: &str, request: &Request) -> Response {
        let Some(body) = request.json().filter(Value::is_object) else {
            return fault(400, "bad_request", "invalid json");
        };
        if !self.listings.iter().any(|listing| listing.item == id) {
            return fault(404, "not_found", &format!("Item with id {id} not found"));
        }
        if self.in_warehouses {
            return fault(
                400,
                "validation_error",
                "available_quantity is not modifiable: use user-products stock",
            );
        }
        let has_variations = self.listings.iter().any(|listing| listing.item == id && listing.variation > 0);
        let sent = body.get("variations").and_then(Value::as_array);
        if has_variations != sent.is_some() {
            return fault(400, "validation_error", "available_quantity and variations do not fit this item");
        }
        let quantities: Vec<Option<&Value>> = match sent {
            Some(sent) => sent.iter().map(|variation| variation.get("available_quantity")).collect(),
            None => vec![body.get("available_quantity")],
        };
        let is_good =
            |quantity: &&Value| quantity.as_i64().is_some_and(|quantity| (0..=99_999).contains(&quantity));
        if !quantities.iter().flatten().all(is_good) {
            return fault(400, "validation_error", "item.available_quantity.invalid");
        }
        let ids: BTreeSet<u64> =
            sent.into_iter().flatten().filter_map(|variation| variation.get("id")?.as_u64()).collect();
        self.listings.retain(|listing| {
            listing.item != id || listing.variation == 0 || ids.contains(&listing.variation)
        });
        for listing in self.listings.iter_mut().filter(|listing| listing.item == id) {
            let of_variation =
                |variation: &&Value| variation.get("id").and_then(Value::as_u64) == Some(listing.variation);
            let source = if listing.variation == 0 {
                Some(&body)
            } else {
                sent.and_then(|sent| sent.iter().find(of_variation))
            };
            let quantity = source.and_then(|source| source.get("available_quantity")).and_then(Value::as_i64);
            listing.quantity = quantity.unwrap_or(listing.quantity);
        }
        self.item(id)
    }

    fn value(&self, id: &str, with_skus: bool) -> Option<Value> {
        let of_item: Vec<&Listing> = self.listings.iter().filter(|listing| listing.item == id).collect();
        let first = of_item.first()?;
        let sku = |listing: &Listing| match with_skus {
            true if !listing.sku.is_empty() => {
                json!([{ "id": "SELLER_SKU", "name": "SKU", "value_name": listing.sku }])
            }
            _ => json!([]),
        };
        let variations: Vec<Value> = of_item.iter().filter(|listing| listing.variation > 0).map(|listing| json!({
            "id": listing.variation, "available_quantity": listing.quantity, "user_product_id": listing.user_product, "attributes": sku(listing),
        })).collect();
        let own = if variations.is_empty() { sku(first) } else { json!([]) };
        let total: i64 = of_item.iter().map(|listing| listing.quantity).sum();
        let user_product = variations.is_empty().then_some(&first.user_product);
        Some(
            json!({ "id": id, "title": first.title, "status": if total > 0 { "active" } else { "paused" }, "available_quantity": total, "user_product_id": user_product, "attributes": own, "variations": variations }),
        )
    }
}

/// Each item once, wherever its variations stand.
fn items(listings: &[Listing], which: impl Fn(&Listing) -> bool) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let found = listings.iter().filter(|listing| which(listing)).map(|listing| listing.item.as_str());
    found.filter(|item| seen.insert(*item)).collect()
}
