//! What the connector says of itself.

use serde_json::json;
use stocksync_sdk::message::{Batch, Bounds, Limits, Manifest, ReadKind};

/// Where shops are reached that no setting sends elsewhere.
pub(crate) const BASE_URL: &str = "https://partner.shopeemobile.com";
/// `v2.product.update_stock`: `stock_list` of 1 to 50.
pub(crate) const MODELS_MAX: usize = 50;
/// Stock is an `int32` in Shopee's documents; a category's own limit may be lower.
const QUANTITY_MAX: u64 = i32::MAX as u64;

const OPERATIONS: &[&str] = &["check", "resolve", "read", "write", "listings", "orders", "webhook"];

pub(crate) fn manifest() -> Manifest {
    let text = |what: &str| json!({ "type": "string", "description": what });
    Manifest {
        api_version: Some("v2".to_owned()),
        settings: json!({
            "type": "object",
            "properties": {
                "partner_id": { "type": "integer", "minimum": 1, "description": "the app's partner id" },
                "shop_id": { "type": "integer", "minimum": 1, "description": "the shop's id" },
                "location_id": text("the location whose stock is kept, for shops with several warehouses"),
                "base_url": text("where the API is reached; https://partner.shopeemobile.com where it is left out"),
                "push_url": text("the callback URL as it stands in Shopee's console, where a proxy changes it on its way"),
            },
            "required": ["partner_id", "shop_id"],
            "additionalProperties": false,
        }),
        secrets: json!({
            "type": "object",
            "properties": {
                "partner_key": text("the app's key"),
                "access_token": text("the shop's access token; it is renewed by itself"),
                "refresh_token": text("the shop's refresh token; it is renewed by itself"),
            },
            "required": ["partner_key", "access_token"],
            "additionalProperties": false,
        }),
        batch: Batch {
            items_max: MODELS_MAX as u32,
            group_by: Some("parent".to_owned()),
            ..Batch::default()
        },
        // Shopee publishes no rate; see the connector's page.
        // No rate is published: no second has more than the sum of the three.
        limits: Limits { requests_per_second: 10.0, burst: 2, concurrency: 8, ..Limits::default() },
        quantity: Bounds { min: 0, max: QUANTITY_MAX },
        read: ReadKind::Some,
        hosts: vec!["partner.shopeemobile.com".to_owned()],
        ..Manifest::new("shopee", env!("CARGO_PKG_VERSION"), OPERATIONS)
    }
}
