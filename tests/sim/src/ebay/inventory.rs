//! Items, offers, and their quantities.

use super::{Ebay, Item, error, fault};
use crate::http::{Request, Response};
use serde_json::{Value, json};

/// Revisions of a listing a day (schema, `bulkUpdatePriceQuantity`).
const REVISIONS_MAX: u32 = 250;
const DOMAIN: &str = "API_INVENTORY";

impl Ebay {
    /// Schema, `getInventoryItems`: `limit` 1 to 200 (here 100, as its text has it), `offset` from 0.
    pub(super) fn list(&self, request: &Request) -> Response {
        let (limit, offset) = (request.number("limit").unwrap_or(25), request.number("offset").unwrap_or(0));
        if !(1..=100).contains(&limit) {
            return fault(400, 25706, DOMAIN, "Invalid value for limit.");
        }
        let page = self
            .items
            .iter()
            .skip(usize::try_from(offset).unwrap_or(usize::MAX))
            .take(usize::try_from(limit).unwrap_or(0));
        let items: Vec<Value> = page.map(Item::value).collect();
        Response::json(
            200,
            &json!({ "total": self.items.len(), "size": items.len(), "limit": limit, "inventoryItems": items }),
        )
    }

    /// Schema, `bulkGetInventoryItem`: at most 25; an answer for each, with a status of its own; 207 where some have none (unconfirmed).
    pub(super) fn bulk_get(&self, request: &Request) -> Response {
        let Some(skus) = entries(request, 25) else {
            return fault(400, 25002, DOMAIN, "Invalid request: between 1 and 25 entries.");
        };
        let responses = skus.iter().map(|entry| {
            let sku = entry.get("sku").and_then(Value::as_str).unwrap_or_default();
            match self.items.iter().find(|item| item.sku == sku) {
                Some(item) => json!({ "statusCode": 200, "sku": sku, "inventoryItem": item.value() }),
                None => {
                    let errors = [error(25710, DOMAIN, "We didn't find the entity you are requesting.")];
                    json!({ "statusCode": 404, "sku": sku, "errors": errors })
                }
            }
        });
        multi(responses.collect())
    }

    /// Schema, `getOffers`: offers of one SKU; 404 with 25713 where there is none.
    pub(super) fn offers(&self, request: &Request) -> Response {
        let Some(item) = self.items.iter().find(|item| Some(item.sku.as_str()) == request.param("sku"))
        else {
            return fault(404, 25713, DOMAIN, "This Offer is not available.");
        };
        let offer = json!({
            "offerId": item.offer.to_string(), "sku": item.sku, "marketplaceId": "EBAY_US", "format": "FIXED_PRICE",
            "availableQuantity": item.offered, "status": "PUBLISHED",
        });
        Response::json(200, &json!({ "total": 1, "size": 1, "offers": [offer] }))
    }

    /// Schema, `bulkUpdatePriceQuantity`.
    pub(super) fn bulk_update(&mut self, request: &Request) -> Response {
        let Some(updates) = entries(request, self.bulk_max) else {
            return fault(400, 25709, DOMAIN, "Invalid request. There are too many entries, or none.");
        };
        multi(updates.iter().flat_map(|update| self.update(update)).collect())
    }

    /// An answer for the item, and one for each of its offers.
    fn update(&mut self, update: &Value) -> Vec<Value> {
        let sku = update.get("sku").and_then(Value::as_str).unwrap_or_default().to_owned();
        let wrong = |status: u16, id: u32, words: &str| {
            vec![json!({ "statusCode": status, "sku": sku, "errors": [error(id, DOMAIN, words)] })]
        };
        let Some(item) = self.item(&sku) else {
            return wrong(404, 25710, "We didn't find the entity you are requesting.");
        };
        let quantity = update.pointer("/shipToLocationAvailability/quantity").and_then(Value::as_i64);
        let offers = update.get("offers").and_then(Value::as_array).cloned().unwrap_or_default();
        if quantity.is_some_and(|quantity| quantity < 0) {
            return wrong(400, 25004, "Invalid quantity. The quantity must be 0 or more.");
        }
        if item.revisions >= REVISIONS_MAX {
            item.refused += 1;
            // The number of this error is unconfirmed.
            return wrong(
                400,
                25019,
                "Cannot revise listing. The listing has reached the limit of revisions for today.",
            );
        }
        let known =
            |offer: &Value| offer.get("offerId").and_then(Value::as_str) == Some(&item.offer.to_string());
        if let Some(unknown) = offers.iter().find(|offer| !known(offer)) {
            let errors = [error(25713, DOMAIN, "This Offer is not available.")];
            return vec![
                json!({ "statusCode": 404, "sku": sku, "offerId": unknown.get("offerId"), "errors": errors }),
            ];
        }
        item.revisions += 1;
        item.quantity = quantity.unwrap_or(item.quantity);
        let mut answers = vec![json!({ "statusCode": 200, "sku": sku })];
        for offer in &offers {
            item.offered = offer.get("availableQuantity").and_then(Value::as_i64).or(item.offered);
            answers.push(json!({ "statusCode": 200, "sku": sku, "offerId": offer.get("offerId") }));
        }
        answers
    }
}

impl Item {
    fn value(&self) -> Value {
        let groups: Vec<&str> = [self.group.as_str()].into_iter().filter(|group| !group.is_empty()).collect();
        json!({
            "sku": self.sku,
            "product": { "title": self.title },
            "condition": "NEW",
            "groupIds": groups,
            "availability": { "shipToLocationAvailability": { "quantity": self.quantity } },
        })
    }
}

fn entries(request: &Request, max: usize) -> Option<Vec<Value>> {
    let body = request.json()?;
    let entries = body.get("requests")?.as_array()?;
    (1..=max).contains(&entries.len()).then(|| entries.clone())
}

fn multi(responses: Vec<Value>) -> Response {
    let good = responses.iter().all(|response| response.get("statusCode") == Some(&json!(200)));
    Response::json(if good { 200 } else { 207 }, &json!({ "responses": responses }))
}
