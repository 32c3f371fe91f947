//! Listings Items API 2021-08-01: models, `listingsItems_2021-08-01.json`.

use super::{Amazon, Listing, MARKETPLACE, fault};
use crate::http::{Request, Response};
use crate::json::at;
use crate::marketplace::Now;
use crate::moment::utc;
use serde_json::{Value, json};

type Answer = Result<Response, Response>;

/// Models: `identifiers` has `maxItems` 20, `pageSize` a `maximum` of 20.
const SEARCH_MAX: usize = 20;
/// Models: "The maximum number of items (SKUs) that can be returned and paged through is 1000."
const PAGED_MAX: usize = 1_000;

impl Amazon {
    /// `searchListingsItems`: 5 a second, burst 5.
    pub(super) fn search(&mut self, request: &Request, now: Now) -> Answer {
        self.takes("searchListingsItems", 5.0, 5.0, now)?;
        here(request)?;
        let size = request.number("pageSize").unwrap_or(10) as usize;
        if size == 0 || size > SEARCH_MAX {
            return Err(fault(400, "InvalidInput", "Invalid 'pageSize' provided."));
        }
        let mut found: Vec<(&String, &Listing)> = self.listings.iter().collect();
        if let Some(identifiers) = request.param("identifiers") {
            let wanted: Vec<&str> = identifiers.split(',').collect();
            if wanted.len() > SEARCH_MAX || request.param("identifiersType") != Some("SKU") {
                return Err(fault(400, "InvalidInput", "Invalid 'identifiers' provided."));
            }
            found.retain(|(sku, _)| wanted.contains(&sku.as_str()));
        }
        if let Some(after) = request.param("createdAfter") {
            found.retain(|(_, listing)| utc(Now(listing.created * 1_000)).as_str() >= after);
        }
        if request.param("sortBy") == Some("createdDate") {
            found.sort_by_key(|(sku, listing)| (listing.created, *sku));
        }
        let total = found.len();
        found.truncate(PAGED_MAX);
        let from = request
            .param("pageToken")
            .and_then(|token| token.strip_prefix("from-")?.parse().ok())
            .unwrap_or(0);
        let page: Vec<Value> =
            found.iter().skip(from).take(size).map(|(sku, listing)| shown(sku, listing, request)).collect();
        let mut answer = json!({ "numberOfResults": total, "items": page });
        if from + size < found.len()
            && let Some(fields) = answer.as_object_mut()
        {
            fields.insert("pagination".to_owned(), json!({ "nextToken": format!("from-{}", from + size) }));
        }
        Ok(Response::json(200, &answer))
    }

    /// `getListingsItem`: 5 a second, burst 10.
    pub(super) fn get(&mut self, request: &Request, sku: &str, now: Now) -> Answer {
        self.takes("getListingsItem", 5.0, 10.0, now)?;
        here(request)?;
        let listing = self.listings.get(sku).ok_or_else(|| missing(sku))?;
        Ok(Response::json(200, &shown(sku, listing, request)))
    }

    /// `patchListingsItem`: 5 a second, burst 5. Only top-level attributes can be patched; `merge` needs the selector ("Merge a listing").
    pub(super) fn patch(&mut self, request: &Request, sku: &str, now: Now) -> Answer {
        self.takes("patchListingsItem", 5.0, 5.0, now)?;
        here(request)?;
        if !self.listings.contains_key(sku) {
            return Err(missing(sku));
        }
        let body =
            request.json().ok_or_else(|| fault(400, "InvalidInput", "The request body is not JSON."))?;
        if at(&body, "productType").as_str().is_none_or(str::is_empty)
            || at(&body, "patches").as_array().is_none_or(Vec::is_empty)
        {
            return Err(fault(400, "InvalidInput", "'productType' and 'patches' are required."));
        }
        let preview = match request.param("mode") {
            None => false,
            Some("VALIDATION_PREVIEW") => true,
            Some(_) => return Err(fault(400, "InvalidInput", "Invalid 'mode' provided.")),
        };
        let submission = self.next("submission");
        let outcome = self.apply(sku, at(&body, "patches"), if preview { None } else { Some(now) });
        let (status, issues) = match outcome {
            Ok(()) if preview => ("VALID", Vec::new()),
            Ok(()) => ("ACCEPTED", Vec::new()),
            Err(issue) => ("INVALID", vec![issue]),
        };
        let answer = json!({ "sku": sku, "status": status, "submissionId": submission, "issues": issues });
        Ok(Response::json(200, &answer))
    }

    /// Applies patches of a listing's number from now on, or only looks at them.
    pub(super) fn apply(&mut self, sku: &str, patches: &Value, from: Option<Now>) -> Result<(), Value> {
        let settles = self.settles_ms;
        let Some(listing) = self.listings.get_mut(sku) else {
            return Err(issue("8560", "SKU does not match any listing.", &[]));
        };
        for patch in patches.as_array().into_iter().flatten() {
            let is_known = matches!(at(patch, "op").as_str(), Some("add" | "replace" | "merge"));
            if !is_known || at(patch, "path") != "/attributes/fulfillment_availability" {
                return Err(issue(
                    "4000001",
                    "The provided patch path or operation is not supported here.",
                    &[],
                ));
            }
            let value = at(patch, "value").get(0).unwrap_or(&Value::Null);
            let (channel, quantity) =
                (at(value, "fulfillment_channel_code").as_str(), at(value, "quantity").as_i64());
            match (channel, quantity.filter(|quantity| *quantity >= 0)) {
                (Some("DEFAULT"), Some(_)) if listing.channel != "DEFAULT" => {
                    return Err(issue(
                        "90224",
                        "The listing is fulfilled by Amazon.",
                        &["fulfillment_availability"],
                    ));
                }
                (Some("DEFAULT"), Some(quantity)) => {
                    listing.pending.extend(from.map(|from| (from.0 + settles, quantity)));
                }
                _ => {
                    return Err(issue(
                        "90225",
                        "'quantity' or its channel is not valid.",
                        &["fulfillment_availability"],
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Every operation names the marketplace.
fn here(request: &Request) -> Result<(), Response> {
    match request.param("marketplaceIds") {
        Some(MARKETPLACE) => Ok(()),
        _ => Err(fault(400, "InvalidInput", "Invalid 'marketplaceIds' provided.")),
    }
}

fn missing(sku: &str) -> Response {
    fault(404, "NOT_FOUND", &format!("SKU '{sku}' not found in marketplace {MARKETPLACE}"))
}

/// Models: `Issue`. The codes are made up but for their form.
pub(super) fn issue(code: &str, message: &str, attributes: &[&str]) -> Value {
    json!({ "code": code, "message": message, "severity": "ERROR", "attributeNames": attributes })
}

/// A listing with the data sets that were asked for; `summaries` where none were.
fn shown(sku: &str, listing: &Listing, request: &Request) -> Value {
    let asked: Vec<&str> = request.param("includedData").unwrap_or("summaries").split(',').collect();
    let mut shown = json!({ "sku": sku });
    let Some(fields) = shown.as_object_mut() else { return shown };
    let mut add = |name: &str, value: Value| {
        if asked.contains(&name) {
            fields.insert(name.to_owned(), value);
        }
    };
    add(
        "summaries",
        json!([{
            "marketplaceId": MARKETPLACE, "productType": listing.product_type, "itemName": listing.title,
            "createdDate": utc(Now(listing.created * 1_000)), "status": ["BUYABLE", "DISCOVERABLE"],
        }]),
    );
    add("productTypes", json!([{ "marketplaceId": MARKETPLACE, "productType": listing.product_type }]));
    // Amazon's own stock is not told here.
    let quantity =
        if listing.channel == "DEFAULT" { json!({ "quantity": listing.quantity }) } else { json!({}) };
    let mut channel = json!({ "fulfillmentChannelCode": listing.channel });
    if let (Some(channel), Some(quantity)) = (channel.as_object_mut(), quantity.as_object()) {
        channel.extend(quantity.clone());
    }
    add("fulfillmentAvailability", json!([channel]));
    let trouble =
        listing.trouble.iter().map(|trouble| issue("90226", trouble, &["fulfillment_availability"]));
    add("issues", Value::Array(trouble.collect()));
    shown
}
