//! Addresses, quantities and listings.

use crate::api::Shops;
use crate::catalog::{self, Place};
use std::collections::{BTreeMap, BTreeSet};
use stocksync_sdk::flow::{Ended, Item, Listed, Trouble};

/// Shopee cannot be asked for a model by its SKU: every item is looked at.
pub(crate) async fn resolve(client: &Shops, items: &[Item]) -> Result<(), Ended> {
    let wanted: BTreeSet<&str> = items.iter().map(|item| item.store_sku.as_str()).collect();
    let all = catalog::all(client).await.map_err(ended)?;
    let found = all.iter().filter(|found| wanted.contains(found.sku.as_str()));
    let listed = found.map(|found| Listed {
        store_sku: found.sku.clone(),
        address: found.place.address(),
        parent: found.place.item.to_string(),
        ..Listed::default()
    });
    client.link().addresses(&listed.collect::<Vec<_>>());
    Ok(())
}

/// Quantities: of these items, or of all where none are named.
pub(crate) async fn read(client: &Shops, items: &[Item]) -> Result<(), Ended> {
    if items.is_empty() {
        let listed = all(client).await.map_err(ended)?;
        client.link().quantities(&listed);
        return Ok(());
    }
    let wanted: BTreeMap<Place, &str> = items
        .iter()
        .filter_map(|item| Some((Place::parse(&item.address)?, item.store_sku.as_str())))
        .collect();
    let places: Vec<Place> = wanted.keys().copied().collect();
    let location = client.api().location_id.as_deref();
    let mut listed = Vec::new();
    for found in catalog::at(client, &places).await.map_err(ended)? {
        // A SKU that moved to another listing is not what is meant any more.
        if wanted.get(&found.place) == Some(&found.sku.as_str()) {
            listed.push(found.listed(location).map_err(ended)?);
        }
    }
    client.link().quantities(&listed);
    Ok(())
}

/// Every listing.
pub(crate) async fn listings(client: &Shops) -> Result<(), Ended> {
    let listed = all(client).await.map_err(ended)?;
    client.link().listings(&listed);
    Ok(())
}

async fn all(client: &Shops) -> Result<Vec<Listed>, Trouble> {
    let location = client.api().location_id.as_deref();
    catalog::all(client).await?.iter().map(|found| found.listed(location)).collect()
}

pub(crate) fn ended(trouble: Trouble) -> Ended {
    Ended::refused(trouble.text())
}
