//! Vendure shops, by their Admin API (GraphQL).
//!
//! A listing is a product variant, its number the stock on hand at one stock location; Vendure takes its own open orders off.
//! A mutation is applied as a whole or not at all.

mod api;
mod catalog;
mod check;
mod manifest;
mod orders;
mod write;

use api::Vendure;
use stocksync_sdk::flow::{Client, Ended, Flow, Job, Link, Shop};
use stocksync_sdk::message::{Manifest, OpenConfig};

stocksync_sdk::export_connector!(Flow<Vendure>);

impl Shop for Vendure {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn open(config: OpenConfig) -> Result<Self, String> {
        Self::new(&config)
    }

    fn effective_manifest(&self) -> Option<Manifest> {
        Some(manifest::of(self))
    }

    async fn run(self, job: Job, link: Link) -> Result<(), Ended> {
        let shop = Client::new(self, link);
        match job.operation.as_str() {
            "resolve" => catalog::resolve(&shop, &job.items).await,
            "read" => catalog::read(&shop, &job.items).await,
            "listings" => catalog::listings(&shop).await,
            "write" => write::write(&shop, &job.items).await,
            "orders" => orders::since(&shop, job.since.unwrap_or_default()).await,
            _ => check::check(&shop).await,
        }
    }
}

#[cfg(test)]
mod tests;
