//! What the connector says of itself.

use serde_json::json;
use stocksync_sdk::message::{Batch, Bounds, Limits, Manifest, ReadKind};

/// Where the API is, country by country.
pub(crate) const COUNTRIES: &[(&str, &str)] = &[
    ("sg", "https://api.lazada.sg"),
    ("th", "https://api.lazada.co.th"),
    ("my", "https://api.lazada.com.my"),
    ("vn", "https://api.lazada.vn"),
    ("ph", "https://api.lazada.com.ph"),
    ("id", "https://api.lazada.co.id"),
];
/// Where tokens are renewed.
pub(crate) const AUTH_URL: &str = "https://auth.lazada.com";
/// "UpdateSellableQuantity": 50 SKUs are the most, 20 are recommended.
pub(crate) const SKUS_MAX: u32 = 50;
pub(crate) const SKUS_ADVISED: u32 = 20;
/// No largest number is documented.
const QUANTITY_MAX: u64 = i32::MAX as u64;

const OPERATIONS: &[&str] = &["check", "resolve", "read", "write", "poll", "listings", "orders", "webhook"];

pub(crate) fn manifest() -> Manifest {
    let text = |what: &str| json!({ "type": "string", "description": what });
    let countries: Vec<&str> = COUNTRIES.iter().map(|(country, _)| *country).collect();
    let hosts = COUNTRIES.iter().map(|(_, url)| *url).chain([AUTH_URL]);
    Manifest {
        settings: json!({
            "type": "object",
            "properties": {
                "app_key": text("the app's key"),
                "country": { "enum": countries, "description": "the country of the shop" },
                "seller_id": text("the seller's id; pushes about other sellers are passed over where it is given"),
                "warehouse_code": text("the warehouse whose stock is kept, for sellers with several"),
                "skus_per_request": {
                    "type": "integer", "minimum": 1,
                    "description": "how many SKUs are written by a request: 20 where it is left out, at most 50",
                },
                "base_url": text("where the API is reached, instead of the country's own"),
                "auth_url": text("where tokens are renewed; https://auth.lazada.com where it is left out"),
            },
            "required": ["app_key", "country"],
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
        batch: Batch { items_max: SKUS_ADVISED, ..Batch::default() },
        // "Product inventory management": 50 calls of the inventory API a second for each seller. Rate, burst and
        // what is under way, which may come all at once, are together no more.
        limits: Limits { requests_per_second: 36.0, burst: 6, concurrency: 8, ..Limits::default() },
        quantity: Bounds { min: 0, max: QUANTITY_MAX },
        read: ReadKind::Some,
        hosts: hosts.map(|url| url.trim_start_matches("https://").to_owned()).collect(),
        ..Manifest::new("lazada", env!("CARGO_PKG_VERSION"), OPERATIONS)
    }
}
