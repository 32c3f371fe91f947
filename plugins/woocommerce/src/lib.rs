//! `WooCommerce` shops, by the REST API v3 that every one of them has.
//!
//! A store SKU is a product's or a variation's. A variation is addressed as `PRODUCT/VARIATION`, a product as `PRODUCT`; variations are written
//! through their product, and products together.

mod catalog;
mod orders;
mod site;
mod write;

use serde_json::json;
use site::Site;
use stocksync_sdk::flow::{Client, Ended, Flow, Job, Link, Shop, Trouble};
use stocksync_sdk::message::{Batch, Bounds, Limits, Manifest, OpenConfig, ReadKind};

stocksync_sdk::export_connector!(Flow<WooCommerce>);

/// The most items of a batch that a shop takes, unless it was changed to less.
const BATCH_ITEMS_MAX: u32 = 100;
/// WooCommerce keeps stock as a decimal number; this is far below where digits are lost.
const QUANTITY_MAX: u64 = 999_999_999;
/// Requests of one session side by side. Shops are small machines.
const AT_ONCE: usize = 4;

/// A shop and how it is spoken to.
#[derive(Debug)]
struct WooCommerce {
    site: Site,
    batch_items: u32,
    manage_stock: bool,
}

impl Shop for WooCommerce {
    fn manifest() -> Manifest {
        let operations = ["check", "resolve", "read", "write", "listings", "orders", "webhook"];
        Manifest {
            api_version: Some("wc/v3".to_owned()),
            settings: json!({
                "type": "object",
                "properties": {
                    "url": { "type": "string", "description": "the shop's address, as in `https://shop.example`" },
                    "batch_items": { "type": "integer", "minimum": 1, "description": "items in one write, where the shop takes less than 100" },
                    "manage_stock": { "type": "boolean", "description": "whether stock management is turned on where it is off (default true)" },
                },
                "required": ["url"],
                "additionalProperties": false,
            }),
            secrets: json!({
                "type": "object",
                "properties": {
                    "consumer_key": { "type": "string", "description": "`ck_…`" },
                    "consumer_secret": { "type": "string", "description": "`cs_…`" },
                    "webhook_secret": { "type": "string", "description": "the secret of the shop's webhooks" },
                },
                "required": ["consumer_key", "consumer_secret"],
                "additionalProperties": false,
            }),
            batch: Batch {
                items_max: BATCH_ITEMS_MAX,
                group_by: Some("parent".to_owned()),
                ..Batch::default()
            },
            limits: Limits { concurrency: AT_ONCE as u32, ..Limits::default() },
            quantity: Bounds { min: 0, max: QUANTITY_MAX },
            read: ReadKind::Some,
            ..Manifest::new("woocommerce", env!("CARGO_PKG_VERSION"), &operations)
        }
    }

    fn open(config: OpenConfig) -> Result<Self, String> {
        let setting = |name: &str| config.settings.get(name);
        let url = setting("url").and_then(|url| url.as_str()).unwrap_or_default();
        let batch_items = match setting("batch_items") {
            None => BATCH_ITEMS_MAX,
            Some(items) => (items.as_u64().and_then(|items| u32::try_from(items).ok()))
                .filter(|items| (1..=BATCH_ITEMS_MAX).contains(items))
                .ok_or_else(|| format!("the setting `batch_items` must be from 1 to {BATCH_ITEMS_MAX}"))?,
        };
        let manage_stock = setting("manage_stock").is_none_or(|manage| manage != false);
        let site = Site::new(url).map_err(|what| format!("the setting `url` {what}"))?;
        Ok(Self { site, batch_items, manage_stock })
    }

    fn effective_manifest(&self) -> Option<Manifest> {
        let manifest = Self::manifest();
        let batch = Batch { items_max: self.batch_items, ..manifest.batch };
        Some(Manifest { hosts: vec![self.site.host().to_owned()], batch, ..manifest })
    }

    async fn run(self, job: Job, link: Link) -> Result<(), Ended> {
        let Self { site, manage_stock, .. } = self;
        let shop = Client::new(site.for_session(&job.entropy), link);
        match job.operation.as_str() {
            "check" => shop
                .ask(|site, now| site.get("/products", &[("per_page", "1"), ("_fields", "id")], now))
                .await
                .map(drop),
            "resolve" => catalog::resolve(&shop, &job.items).await,
            "read" => catalog::read(&shop, &job.items).await,
            "listings" => catalog::listings(&shop).await,
            "orders" => orders::since(&shop, job.since.unwrap_or(0)).await,
            "webhook" => orders::webhook(&shop, &job).await,
            _ => return write::write(&shop, &job.items, manage_stock).await,
        }
        .map_err(|trouble| Ended::refused(trouble.text()))
    }
}

type Asked<T> = Result<T, Trouble>;

#[cfg(test)]
mod tests;
