//! Addresses, quantities and listings.

use crate::api::Sellers;
use crate::catalog::{self, Found, Place};
use std::collections::{BTreeMap, BTreeSet};
use stocksync_sdk::flow::{Ended, Item, Listed, Trouble};

pub(crate) async fn resolve(client: &Sellers, items: &[Item]) -> Result<(), Ended> {
    let found = of_items(client, items).await.map_err(ended)?;
    client.link().addresses(&found.iter().map(Found::addressed).collect::<Vec<_>>());
    Ok(())
}

/// Quantities: of these items, or of all where none are named.
pub(crate) async fn read(client: &Sellers, items: &[Item]) -> Result<(), Ended> {
    if items.is_empty() {
        let listed = all(client).await.map_err(ended)?;
        client.link().quantities(&listed);
        return Ok(());
    }
    let wanted: BTreeMap<Place, &str> = items
        .iter()
        .filter_map(|item| Some((Place::parse(&item.address)?, item.store_sku.as_str())))
        .collect();
    let kept = client.api().warehouse_code.as_deref();
    let places: Vec<(Place, &str)> = wanted.iter().map(|(place, sku)| (*place, *sku)).collect();
    let found = catalog::at(client, &places).await.map_err(ended)?;
    // A SKU that moved to another listing is not what is meant any more.
    let found = found.iter().filter(|one| wanted.get(&one.place) == Some(&one.seller_sku.as_str()));
    let listed: Result<Vec<Listed>, Trouble> = found.map(|one| one.listed(kept)).collect();
    client.link().quantities(&listed.map_err(ended)?);
    Ok(())
}

/// Every listing.
pub(crate) async fn listings(client: &Sellers) -> Result<(), Ended> {
    let listed = all(client).await.map_err(ended)?;
    client.link().listings(&listed);
    Ok(())
}

async fn all(client: &Sellers) -> Result<Vec<Listed>, Trouble> {
    let kept = client.api().warehouse_code.as_deref();
    catalog::all(client).await?.iter().map(|one| one.listed(kept)).collect()
}

async fn of_items(client: &Sellers, items: &[Item]) -> Result<Vec<Found>, Trouble> {
    let skus: BTreeSet<&str> = items.iter().map(|item| item.store_sku.as_str()).collect();
    catalog::of_skus(client, &skus).await
}

#[expect(clippy::needless_pass_by_value, reason = "given to `map_err`")]
pub(crate) fn ended(trouble: Trouble) -> Ended {
    Ended::refused(trouble.text())
}
