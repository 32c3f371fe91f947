//! Medusa 2 shops, by their Admin API.
//!
//! A listing is an inventory item, its number what is stocked at one stock location; Medusa takes its own reservations off.
//! A batch is applied as a whole or not at all.

mod api;
mod catalog;
mod check;
mod manifest;
mod orders;
mod write;

use api::Medusa;
use stocksync_sdk::flow::{Client, Ended, Flow, Job, Link, Shop};
use stocksync_sdk::message::{Manifest, OpenConfig};

stocksync_sdk::export_connector!(Flow<Medusa>);

impl Shop for Medusa {
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
