//! Lazada sellers, by the Open Platform's API.
//!
//! A listing is a SKU of a product. What is set is its sellable quantity: what buyers can buy, without what orders hold.

mod api;
mod catalog;
mod check;
mod manifest;
mod orders;
mod read;
mod write;

use api::{Lazada, Sellers};
use stocksync_sdk::flow::{Client, Ended, Flow, Job, Link, Shop};
use stocksync_sdk::message::{Manifest, OpenConfig};

stocksync_sdk::export_connector!(Flow<Lazada>);

impl Shop for Lazada {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn open(config: OpenConfig) -> Result<Self, String> {
        Self::new(&config)
    }

    fn effective_manifest(&self) -> Option<Manifest> {
        let mut manifest = manifest::manifest();
        manifest.hosts.clone_from(&self.hosts);
        manifest.batch.items_max = self.skus_per_request;
        Some(manifest)
    }

    async fn run(self, job: Job, link: Link) -> Result<(), Ended> {
        let client: Sellers = Client::new(self, link);
        match job.operation.as_str() {
            "resolve" => read::resolve(&client, &job.items).await,
            "read" => read::read(&client, &job.items).await,
            "listings" => read::listings(&client).await,
            "write" => write::write(&client, &job.items).await,
            "poll" => write::poll(&client, &job.items).await,
            "orders" => orders::since(&client, job.since.unwrap_or_default()).await,
            "webhook" => orders::webhook(&client, &job).await,
            _ => check::check(&client).await,
        }
    }
}

#[cfg(test)]
mod tests;
