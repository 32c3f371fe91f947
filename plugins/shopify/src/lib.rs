//! Shopify shops, by the GraphQL Admin API.
//!
//! A store SKU is a variant's. Its address is the id of its inventory item; numbers are what is *available* at one location. A write is compare-and-set
//! with a key that makes it once.

mod admin;
mod catalog;
mod orders;
mod write;

use admin::{Admin, VERSIONS};
use serde_json::{Value, json};
use stocksync_sdk::flow::{Client, Ended, Flow, Job, Link, Shop, Trouble};
use stocksync_sdk::message::{Batch, Bounds, Limits, Manifest, OpenConfig, ReadKind, WriteKind};

stocksync_sdk::export_connector!(Flow<Shopify>);

/// The most entries of an array in a request.
const ITEMS_MAX: usize = 250;
/// The most that Shopify counts.
const QUANTITY_MAX: u64 = 1_000_000_000;
/// Requests of one session side by side.
const AT_ONCE: usize = 4;
/// Points a second that come back, by plan.
const PLANS: &[(&str, f64)] =
    &[("standard", 100.0), ("advanced", 200.0), ("plus", 1000.0), ("enterprise", 2000.0)];

/// A shop and how it is spoken to.
#[derive(Debug)]
struct Shopify {
    admin: Admin,
    points_per_second: f64,
}

impl Shop for Shopify {
    fn manifest() -> Manifest {
        let operations = ["check", "resolve", "read", "write", "listings", "orders", "webhook"];
        let text = |description: &str| json!({ "type": "string", "description": description });
        Manifest {
            api_version: VERSIONS.last().map(|&version| version.to_owned()),
            settings: json!({
                "type": "object",
                "properties": {
                    "shop": text("the shop's name in `NAME.myshopify.com`"),
                    "location": { "type": ["string", "integer"], "description": "the number of the location whose stock is kept" },
                    "api_version": { "enum": VERSIONS, "description": "the version of the API (default: the newest)" },
                    "plan": { "enum": PLANS.iter().map(|(plan, _)| plan).collect::<Vec<_>>(), "description": "the shop's plan, which says how fast it may be asked (default `standard`)" },
                    "client_id": text("the app's client id, where tokens are asked for with the client secret"),
                    "url": text("another address than `https://SHOP.myshopify.com`, for a test server"),
                },
                "required": ["shop", "location"],
                "additionalProperties": false,
            }),
            secrets: json!({
                "type": "object",
                "properties": {
                    "access_token": text("the Admin API access token, `shpat_…`; not needed where `client_id` is set"),
                    "client_secret": text("the app's client secret, `shpss_…`: for webhooks, and for tokens where `client_id` is set"),
                },
                "additionalProperties": false,
            }),
            batch: Batch { items_max: ITEMS_MAX as u32, ..Batch::default() },
            limits: Limits { concurrency: AT_ONCE as u32, points_per_second: 100.0, ..Limits::default() },
            quantity: Bounds { min: 0, max: QUANTITY_MAX },
            write: WriteKind { conditional: true, idempotent_by_key: true, ..WriteKind::default() },
            read: ReadKind::Some,
            ..Manifest::new("shopify", env!("CARGO_PKG_VERSION"), &operations)
        }
    }

    fn open(config: OpenConfig) -> Result<Self, String> {
        let plan = config.settings.get("plan").and_then(Value::as_str).unwrap_or("standard");
        let points = PLANS.iter().find(|(name, _)| *name == plan).map(|(_, points)| *points);
        let points_per_second = points.ok_or_else(|| format!("the setting `plan` must not be `{plan}`"))?;
        Ok(Self { admin: Admin::new(&config)?, points_per_second })
    }

    fn effective_manifest(&self) -> Option<Manifest> {
        let manifest = Self::manifest();
        let limits = Limits { points_per_second: self.points_per_second, ..manifest.limits };
        let (hosts, api_version) =
            (vec![self.admin.host().to_owned()], Some(self.admin.version().to_owned()));
        Some(Manifest { hosts, api_version, limits, ..manifest })
    }

    async fn run(self, job: Job, link: Link) -> Result<(), Ended> {
        let shop = Client::new(self.admin, link);
        match job.operation.as_str() {
            "check" => catalog::check(&shop).await,
            "resolve" => catalog::resolve(&shop, &job.items).await,
            "read" => catalog::read(&shop, &job.items).await,
            "listings" => catalog::listings(&shop).await,
            "orders" => orders::since(&shop, job.since.unwrap_or(0)).await,
            "webhook" => orders::webhook(&shop, &job).await,
            _ => return write::write(&shop, &job).await,
        }
        .map_err(|trouble| Ended::refused(trouble.text()))
    }
}

type Asked<T> = Result<T, Trouble>;

#[cfg(test)]
mod tests;
