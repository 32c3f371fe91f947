//! What the connector says of itself.

use crate::api::Amazon;
use serde_json::json;
use stocksync_sdk::message::{Batch, Bounds, Limits, Manifest, ReadKind, WriteKind};

/// Items of a session; below `feed_from` a request each, from there on one feed.
const ITEMS_MAX: u32 = 10_000;
/// What the listing's schema allows, as far as is known.
const QUANTITY_MAX: u64 = 99_999_999;
/// From so many items on one feed takes less time than a request each, at five a second.
pub(crate) const FEED_FROM: usize = 300;
/// Requests under way at once.
pub(crate) const AT_ONCE: usize = 3;

pub(crate) fn manifest() -> Manifest {
    let text = |description: &str| json!({ "type": "string", "description": description });
    Manifest {
        api_version: Some("listings 2021-08-01, feeds 2021-06-30, orders 2026-01-01".to_owned()),
        settings: json!({
            "type": "object",
            "properties": {
                "seller_id": text("the seller's id (merchant token)"),
                "marketplace_id": text("the marketplace, such as `A19VAU5U5O7RUS` for Singapore"),
                "region": { "type": "string", "enum": ["na", "eu", "fe"], "description": "where the marketplace belongs: `na`, `eu` or `fe`" },
                "channel": text("the fulfillment channel whose numbers are kept: `DEFAULT`"),
                "feed_from": { "type": "integer", "minimum": 1, "description": "from so many changes at once a feed is used: 300" },
                "base_url": text("another address of the API, for a sandbox"),
                "login_url": text("another address of Login with Amazon, for tests"),
            },
            "required": ["seller_id", "marketplace_id", "region"],
            "additionalProperties": false,
        }),
        secrets: json!({
            "type": "object",
            "properties": {
                "client_id": text("the application's client id"),
                "client_secret": text("the application's client secret"),
                "refresh_token": text("what the seller's authorization of the application gave"),
                "access_token": text("kept by the program"),
            },
            "required": ["client_id", "client_secret", "refresh_token"],
            "additionalProperties": false,
        }),
        batch: Batch { items_max: ITEMS_MAX, ..Batch::default() },
        // A bucket of 5 that fills at 5 a second. Those under way may come all at once: with the burst they are no more than it holds.
        limits: Limits { requests_per_second: 5.0, burst: 2, concurrency: 3, ..Limits::default() },
        quantity: Bounds { min: 0, max: QUANTITY_MAX },
        write: WriteKind { accepted_only: true, ..WriteKind::default() },
        read: ReadKind::Some,
        ..Manifest::new(
            "amazon",
            env!("CARGO_PKG_VERSION"),
            &["check", "resolve", "read", "write", "poll", "listings", "orders"],
        )
    }
}

/// The manifest of one seller. Feeds and what became of them lie in Amazon's S3.
pub(crate) fn of(seller: &Amazon) -> Manifest {
    let mut hosts = vec![seller.host.clone(), seller.login_host.clone(), "*.amazonaws.com".to_owned()];
    hosts.dedup();
    Manifest { hosts, ..manifest() }
}
