//! Addresses, quantities and listings.

use crate::api::Tiktoks;
use crate::catalog::{self, SELLER_SKUS_MAX};
use crate::place::Place;
use std::collections::BTreeSet;
use stocksync_sdk::flow::{Ended, Item, Listed, Trouble};

/// Up to so many requests for ten SKUs each, products are searched by SKU, above it all are listed.
const SEARCHES_MAX: usize = 20;

pub(crate) async fn resolve(client: &Tiktoks, items: &[Item]) -> Result<(), Ended> {
    let wanted: BTreeSet<&str> = items.iter().map(|item| item.store_sku.as_str()).collect();
    let skus: Vec<&str> = wanted.iter().copied().collect();
    let found = if skus.len() <= SEARCHES_MAX * SELLER_SKUS_MAX {
        catalog::of_skus(client, &skus).await
    } else {
        catalog::all(client).await
    };
    // A search gives whole products.
    let found = found.map_err(ended)?;
    let found = found.iter().filter(|found| wanted.contains(found.seller_sku.as_str()));
    client.link().addresses(&found.map(catalog::Found::addressed).collect::<Vec<_>>());
    Ok(())
}

/// Quantities: of these items, or of all where none are named.
pub(crate) async fn read(client: &Tiktoks, items: &[Item]) -> Result<(), Ended> {
    if items.is_empty() {
        let listed = all(client).await.map_err(ended)?;
        client.link().quantities(&listed);
        return Ok(());
    }
    let wanted: Vec<(Place, &str)> = items
        .iter()
        .filter_map(|item| Some((Place::parse(&item.address)?, item.store_sku.as_str())))
        .collect();
    let ids: BTreeSet<String> = wanted.iter().map(|(place, _)| place.sku.clone()).collect();
    let stocks = catalog::stocks(client, &ids.into_iter().collect::<Vec<_>>()).await.map_err(ended)?;
    let kept = client.api().warehouse_id.as_deref();
    let mut listed = Vec::new();
    for (place, store_sku) in wanted {
        // A SKU that moved to another listing is not what is meant any more.
        if let Some((name, stock)) = stocks.get(&place.sku)
            && name == store_sku
        {
            let quantity = stock.quantity(&place.sku, kept).map_err(ended)?;
            listed.push(Listed { store_sku: store_sku.to_owned(), quantity, ..Listed::default() });
        }
    }
    client.link().quantities(&listed);
    Ok(())
}

/// Every listing.
pub(crate) async fn listings(client: &Tiktoks) -> Result<(), Ended> {
    let listed = all(client).await.map_err(ended)?;
    client.link().listings(&listed);
    Ok(())
}

async fn all(client: &Tiktoks) -> Result<Vec<Listed>, Trouble> {
    let kept = client.api().warehouse_id.as_deref();
    catalog::all(client).await?.iter().map(|found| found.listed(kept)).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "given to `map_err`")]
pub(crate) fn ended(trouble: Trouble) -> Ended {
    Ended::refused(trouble.text())
}
