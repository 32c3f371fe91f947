//! Shopee shops, by the Open Platform's API v2.
//!
//! A listing is a model of an item, or an item without models (model 0). Only the seller's own stock is read and written, never what
//! lies in Shopee's warehouses.

mod api;
mod catalog;
mod check;
mod manifest;
mod orders;
mod read;
mod write;

use api::{Shopee, Shops};
use stocksync_sdk::flow::{Client, Ended, Flow, Job, Link, Shop};
use stocksync_sdk::message::{Manifest, OpenConfig};

stocksync_sdk::export_connector!(Flow<Shopee>);

impl Shop for Shopee {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn open(config: OpenConfig) -> Result<Self, String> {
        Self::new(&config)
    }

    fn effective_manifest(&self) -> Option<Manifest> {
        Some(Manifest { hosts: vec![self.host.clone()], ..manifest::manifest() })
    }

    async fn run(self, job: Job, link: Link) -> Result<(), Ended> {
        let client: Shops = Client::new(self, link);
        match job.operation.as_str() {
            "resolve" => read::resolve(&client, &job.items).await,
            "read" => read::read(&client, &job.items).await,
            "listings" => read::listings(&client).await,
            "write" => write::write(&client, &job.items).await,
            "orders" => orders::since(&client, job.since.unwrap_or_default()).await,
            "webhook" => orders::webhook(&client, &job).await,
            _ => check::check(&client).await,
        }
    }
}

#[cfg(test)]
mod tests;
