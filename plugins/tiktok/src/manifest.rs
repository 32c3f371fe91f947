//! What the connector says of itself.

use serde_json::json;
use stocksync_sdk::message::{Batch, Bounds, Limits, Manifest, ReadKind};

/// Where the API and its tokens are, where no setting sends them elsewhere.
pub(crate) const BASE_URL: &str = "https://open-api.tiktokglobalshop.com";
pub(crate) const AUTH_URL: &str = "https://auth.tiktok-shops.com";
/// Error 12052050: a product has no more than 100 SKUs.
pub(crate) const SKUS_MAX: usize = 100;
/// "Update Inventory": the range of `quantity`. That 0 is taken is not documented; see the connector's page.
const QUANTITY_MAX: u64 = 99_999;

const OPERATIONS: &[&str] = &["check", "resolve", "read", "write", "poll", "listings", "orders", "webhook"];

pub(crate) fn manifest() -> Manifest {
    let text = |what: &str| json!({ "type": "string", "description": what });
    Manifest {
        api_version: Some("202309".to_owned()),
        settings: json!({
            "type": "object",
            "properties": {
                "app_key": text("the app's key"),
                "shop_cipher": text("the shop's cipher, as `Get Authorized Shops` tells it"),
                "shop_id": text("the shop's id; webhooks of other shops are passed over where it is given"),
                "warehouse_id": text("the warehouse whose stock is kept, for shops with several"),
                "base_url": text("where the API is reached; https://open-api.tiktokglobalshop.com where it is left out"),
                "auth_url": text("where tokens are renewed; https://auth.tiktok-shops.com where it is left out"),
            },
            "required": ["app_key", "shop_cipher"],
            "additionalProperties": false,
        }),
        secrets: json!({
            "type": "object",
            "properties": {
                "app_secret": text("the app's secret"),
                "access_token": text("the seller's access token; it is renewed by itself"),
                "refresh_token": text("the seller's refresh token; it is renewed by itself"),
            },
            "required": ["app_secret", "access_token"],
            "additionalProperties": false,
        }),
        batch: Batch { items_max: SKUS_MAX as u32, group_by: Some("parent".to_owned()), ..Batch::default() },
        // "Rate limits": 50 requests a second for each app, shop and API. Rate, burst and what is under way, which may come all
        // at once, are together no more.
        limits: Limits { requests_per_second: 36.0, burst: 6, concurrency: 8, ..Limits::default() },
        quantity: Bounds { min: 0, max: QUANTITY_MAX },
        read: ReadKind::Some,
        hosts: vec!["open-api.tiktokglobalshop.com".to_owned(), "auth.tiktok-shops.com".to_owned()],
        ..Manifest::new("tiktok", env!("CARGO_PKG_VERSION"), OPERATIONS)
    }
}
