//! What the connector says of itself.

use crate::api::Vendure;
use serde_json::json;
use stocksync_sdk::message::{Batch, Bounds, Limits, Manifest, QuantityKind, ReadKind};

/// Express, under Vendure, refuses larger bodies unless the shop's operator raised its limit.
pub(crate) const BODY_BYTES_MAX: u64 = 100_000;
/// A mutation with so many variants takes Vendure a few seconds.
const ITEMS_MAX: u32 = 1_000;
/// GraphQL's `Int` has 32 bits.
const QUANTITY_MAX: u64 = i32::MAX as u64;

pub(crate) fn manifest() -> Manifest {
    let text = |description: &str| json!({ "type": "string", "description": description });
    Manifest {
        api_version: Some("3".to_owned()),
        settings: json!({
            "type": "object",
            "properties": {
                "url": text("the Admin API, such as `https://shop.example.com/admin-api`"),
                "stock_location": text("the id of the stock location whose stock is kept; needed where the shop has several"),
                "channel": text("the token of the channel, where it is not the default one"),
                "body_bytes_max": {
                    "type": "integer", "minimum": 10_000,
                    "description": "the largest body that the shop takes, in bytes; 100000 unless its operator changed it",
                },
            },
            "required": ["url"],
            "additionalProperties": false,
        }),
        secrets: json!({
            "type": "object",
            "properties": {
                "api_key": text("an API key of the shop (Vendure 3.6 and later)"),
                "username": text("who logs in, where there is no API key"),
                "password": text("their password"),
                "session": text("the session that a login gave; kept by the program"),
            },
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
            "vendure",
            env!("CARGO_PKG_VERSION"),
            &["check", "resolve", "read", "write", "listings", "orders"],
        )
    }
}

/// The manifest of one shop.
pub(crate) fn of(shop: &Vendure) -> Manifest {
    let own = manifest();
    Manifest {
        batch: Batch { bytes_max: shop.body_bytes_max as u64, ..own.batch },
        hosts: vec![shop.host.clone()],
        ..own
    }
}
