//! TikTok Shop, by its Partner API of 2023-09 and later.
//!
//! A listing is a SKU of a product. A write names every warehouse of a SKU: the one that is kept with its new number, the others with the number that
//! they show.

mod api;
mod catalog;
mod check;
mod manifest;
mod orders;
mod place;
mod read;
mod write;

use api::{TikTok, Tiktoks};
use stocksync_sdk::flow::{Client, Ended, Flow, Job, Link, Shop};
use stocksync_sdk::message::{Manifest, OpenConfig};

stocksync_sdk::export_connector!(Flow<TikTok>);

impl Shop for TikTok {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn open(config: OpenConfig) -> Result<Self, String> {
        Self::new(&config)
    }

    fn effective_manifest(&self) -> Option<Manifest> {
        Some(Manifest { hosts: self.hosts.clone(), ..manifest::manifest() })
    }

    async fn run(self, job: Job, link: Link) -> Result<(), Ended> {
        let client: Tiktoks = Client::new(self, link);
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
