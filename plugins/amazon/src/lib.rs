//! Amazon sellers, by the Selling Partner API: Listings Items 2021-08-01, Feeds 2021-06-30, Orders 2026-01-01.
//!
//! A listing is a seller SKU in one marketplace, its number what the merchant fulfils himself. Amazon only accepts numbers and applies them later: writes
//! are asked for again until the listing shows them.

mod api;
mod catalog;
mod check;
mod feed;
mod gzip;
mod listing;
mod manifest;
mod orders;
mod poll;
mod write;

use api::Amazon;
use stocksync_sdk::flow::{Client, Ended, Flow, Job, Link, Shop};
use stocksync_sdk::message::{Manifest, OpenConfig};

stocksync_sdk::export_connector!(Flow<Amazon>);

impl Shop for Amazon {
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
        let seller = Client::new(self, link);
        match job.operation.as_str() {
            "resolve" => catalog::resolve(&seller, &job.items).await,
            "read" => catalog::read(&seller, &job.items).await,
            "listings" => catalog::listings(&seller).await,
            "write" => write::write(&seller, &job.items).await,
            "poll" => poll::poll(&seller, &job.items).await,
            "orders" => orders::since(&seller, job.since.unwrap_or_default()).await,
            _ => check::check(&seller).await,
        }
    }
}

#[cfg(test)]
mod tests;
