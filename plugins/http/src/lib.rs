//! Any shop with a JSON API, as its settings describe it: for stores that have no connector of their own.
//!
//! Nothing of a shop is known here. Paths, fields, paging, batches and errors come from the settings, are checked when the connector opens, and make
//! its effective manifest.

mod access;
mod body;
mod call;
mod catalog;
mod described;
mod errors;
mod list;
mod orders;
mod paging;
mod path;
mod schema;
mod section;
mod site;
mod template;
mod write;

use described::Described;
use site::Site;
use std::sync::Arc;
use stocksync_sdk::flow::{Client, Ended, Flow, Job, Link, Shop};
use stocksync_sdk::message::{Batch, Manifest, OpenConfig, QuantityKind, ReadKind, WriteKind};

stocksync_sdk::export_connector!(Flow<Http>);

/// A shop.
#[derive(Debug)]
struct Http(Arc<Described>);

impl Shop for Http {
    fn manifest() -> Manifest {
        let operations = ["check", "resolve", "read", "write", "poll", "listings", "orders"];
        Manifest {
            settings: schema::settings(),
            secrets: schema::secrets(),
            ..Manifest::new("http", env!("CARGO_PKG_VERSION"), &operations)
        }
    }

    fn open(config: OpenConfig) -> Result<Self, String> {
        Described::new(&config).map(|shop| Self(Arc::new(shop)))
    }

    fn effective_manifest(&self) -> Option<Manifest> {
        let Self(shop) = self;
        let offered = [
            ("check", true),
            ("resolve", shop.is_addressed),
            ("read", true),
            ("write", shop.write.is_some()),
            ("poll", shop.write.is_some()),
            ("listings", true),
            ("orders", shop.orders.is_some()),
        ];
        let operations = offered.into_iter().filter(|(_, is_offered)| *is_offered);
        let (batch, write) = match &shop.write {
            Some(write) => (
                Batch {
                    items_max: write.items_max,
                    all_or_nothing: write.all_or_nothing,
                    group_by: write.by_parent.then(|| "parent".to_owned()),
                    ..Batch::default()
                },
                WriteKind {
                    conditional: write.call.has(template::Name::Expected),
                    idempotent_by_key: write.idempotency_header.is_some(),
                    ..WriteKind::default()
                },
            ),
            None => Default::default(),
        };
        Some(Manifest {
            operations: operations.map(|(name, _)| name.to_owned()).collect(),
            batch,
            limits: shop.limits.clone(),
            quantity: shop.bounds.clone(),
            quantity_kind: if shop.is_on_hand() { QuantityKind::OnHand } else { QuantityKind::Available },
            write,
            read: if shop.read.is_some() { ReadKind::Some } else { ReadKind::All },
            hosts: vec![shop.access.host.clone()],
            reusable: true,
            // What the settings may be is known by now.
            ..Manifest::new("http", env!("CARGO_PKG_VERSION"), &[])
        })
    }

    fn again(&self) -> Option<Self> {
        Some(Self(Arc::clone(&self.0)))
    }

    async fn run(self, job: Job, link: Link) -> Result<(), Ended> {
        let shop = Client::new(Site::new(self.0), link);
        let described = Arc::clone(&shop.api().shop);
        match (job.operation.as_str(), &described.write, &described.orders) {
            ("resolve", ..) => catalog::resolve(&shop, &job.items).await,
            ("read", ..) => catalog::read(&shop, &job.items).await,
            ("listings", ..) => catalog::listings(&shop).await,
            ("write", Some(spec), _) => write::write(&shop, spec, &job.items, &job.idempotency_key).await,
            ("poll", Some(spec), _) => write::poll(&shop, spec, &job.items).await,
            ("orders", _, Some(orders)) => orders::since(&shop, orders, job.since.unwrap_or_default()).await,
            ("check", ..) => catalog::check(&shop).await,
            _ => Err(Ended::refused("the settings do not describe this operation")),
        }
    }
}

#[cfg(test)]
mod tests;
