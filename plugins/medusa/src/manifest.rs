//! What the connector says of itself.

use serde_json::json;
use stocksync_sdk::message::{Batch, Bounds, Limits, Manifest, QuantityKind, ReadKind};

/// Medusa takes bodies of 2 MB at its batch endpoints; so many items stay far below, and take it less than a second.
const ITEMS_MAX: u32 = 1_000;
const BODY_BYTES_MAX: u64 = 1_000_000;
/// Every whole number up to it survives JSON.
const QUANTITY_MAX: u64 = 9_007_199_254_740_991;

pub(crate) fn manifest() -> Manifest {
    let text = |description: &str| json!({ "type": "string", "description": description });
    Manifest {
        api_version: Some("2".to_owned()),
        settings: json!({
            "type": "object",
            "properties": {
                "url": text("where the shop's API is reached, such as `https://shop.example.com`"),
                "stock_location": text("the id of the stock location whose stock is kept (`sloc_…`); needed where the shop has several"),
            },
            "required": ["url"],
            "additionalProperties": false,
        }),
        secrets: json!({
            "type": "object",
            "properties": { "api_key": text("a secret API key of the shop (`sk_…`)") },
            "required": ["api_key"],
            "additionalProperties": false,
        }),
        batch: Batch {
            items_max: ITEMS_MAX,
            bytes_max: BODY_BYTES_MAX,
            all_or_nothing: true,
            ..Batch::default()
        },
        limits: Limits { concurrency: 2, ..Limits::default() },
        quantity: Bounds { min: 0, max: QUANTITY_MAX },
        quantity_kind: QuantityKind::OnHand,
        read: ReadKind::Some,
        ..Manifest::new(
            "medusa",
            env!("CARGO_PKG_VERSION"),
            &["check", "resolve", "read", "write", "listings", "orders"],
        )
    }
}
