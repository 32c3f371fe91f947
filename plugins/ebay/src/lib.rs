//! eBay, by the Sell Inventory API.
//!
//! A store SKU is the seller's own, as of the inventory item; its address is its offers. A buyer sees the smaller of the item's quantity and the
//! offer's, so both are set.

mod account;
mod catalog;
mod orders;
mod write;

use account::Account;
use serde_json::json;
use stocksync_sdk::flow::{Client, Ended, Flow, Job, Link, Shop, Trouble};
use stocksync_sdk::message::{Batch, Bounds, Limits, Manifest, OpenConfig, ReadKind};

stocksync_sdk::export_connector!(Flow<Ebay>);

/// The most entries of a bulk call.
const ITEMS_MAX: usize = 25;
/// eBay's quantities are 32 bits wide; this is far below.
const QUANTITY_MAX: u64 = 999_999;
/// Requests of one session side by side.
const AT_ONCE: usize = 8;

/// A seller's account.
#[derive(Debug)]
struct Ebay {
    account: Account,
}

impl Shop for Ebay {
    fn manifest() -> Manifest {
        let text = |description: &str| json!({ "type": "string", "description": description });
        Manifest {
            api_version: Some("sell/inventory/v1".to_owned()),
            settings: json!({
                "type": "object",
                "properties": {
                    "client_id": text("the application's App ID (client id)"),
                    "marketplace": text("only offers of this marketplace, such as `EBAY_GB` (default: all)"),
                    "url": text("another address than `https://api.ebay.com`: `https://api.sandbox.ebay.com`, or a test server"),
                },
                "required": ["client_id"],
                "additionalProperties": false,
            }),
            secrets: json!({
                "type": "object",
                "properties": {
                    "client_secret": text("the application's Cert ID (client secret)"),
                    "refresh_token": text("the seller's refresh token"),
                    "access_token": text("kept by the host; need not be configured"),
                },
                "required": ["client_secret", "refresh_token"],
                "additionalProperties": false,
            }),
            batch: Batch { items_max: ITEMS_MAX as u32, ..Batch::default() },
            limits: Limits { concurrency: AT_ONCE as u32, ..Limits::default() },
            quantity: Bounds { min: 0, max: QUANTITY_MAX },
            read: ReadKind::Some,
            ..Manifest::new(
                "ebay",
                env!("CARGO_PKG_VERSION"),
                &["check", "resolve", "read", "write", "listings", "orders"],
            )
        }
    }

    fn open(config: OpenConfig) -> Result<Self, String> {
        Ok(Self { account: Account::new(&config)? })
    }

    fn effective_manifest(&self) -> Option<Manifest> {
        Some(Manifest { hosts: vec![self.account.host().to_owned()], ..Self::manifest() })
    }

    async fn run(self, job: Job, link: Link) -> Result<(), Ended> {
        let shop = Client::new(self.account, link);
        match job.operation.as_str() {
            "check" => shop
                .ask(|account, _| account.get("/sell/inventory/v1/inventory_item?limit=1"))
                .await
                .map(drop),
            "resolve" => catalog::resolve(&shop, &job.items).await,
            "read" => catalog::read(&shop, &job.items).await,
            "listings" => catalog::listings(&shop).await,
            "orders" => orders::since(&shop, job.since.unwrap_or(0)).await,
            _ => return write::write(&shop, &job.items).await,
        }
        .map_err(|trouble| Ended::refused(trouble.text()))
    }
}

type Asked<T> = Result<T, Trouble>;

#[cfg(test)]
mod tests;
