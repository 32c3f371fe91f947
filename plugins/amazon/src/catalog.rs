//! Finding and reading listings: twenty a request, or one where a SKU cannot stand in a list.

use crate::api::Asked;
use crate::listing::{DATA, Listing};
use crate::manifest::AT_ONCE;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use stocksync_sdk::flow::{Ended, Item, Listed, Trouble, percent, side_by_side};

/// SKUs of a search, and listings of a page.
const SEARCH_MAX: usize = 20;
/// A search pages through no more listings than that.
const PAGED_MAX: usize = 1_000;
/// More searches than a seller's listings need.
const SEARCHES_MAX: usize = 100_000;

/// Finds listings by SKU.
pub(crate) async fn resolve(seller: &Asked, items: &[Item]) -> Result<(), Ended> {
    let found = listed(seller, items).await.map_err(ended)?;
    seller.link().addresses(&found);
    Ok(())
}

/// Reads listings.
pub(crate) async fn read(seller: &Asked, items: &[Item]) -> Result<(), Ended> {
    if items.is_empty() {
        return listings(seller).await;
    }
    let found = listed(seller, items).await.map_err(ended)?;
    seller.link().quantities(&found);
    Ok(())
}

/// A dry operation that failed.
pub(crate) fn ended(trouble: Trouble) -> Ended {
    Ended::refused(trouble.text())
}

async fn listed(seller: &Asked, items: &[Item]) -> Result<Vec<Listed>, Trouble> {
    let skus: BTreeSet<&str> = items.iter().map(|item| item.store_sku.as_str()).collect();
    Ok(find(seller, &skus).await?.values().map(|listing| listing.listed(seller.api())).collect())
}

/// The listings of these SKUs, by SKU.
pub(crate) async fn find(
    seller: &Asked,
    skus: &BTreeSet<&str>,
) -> Result<BTreeMap<String, Listing>, Trouble> {
    // A list of SKUs is split at its commas.
    let (alone, together): (Vec<&str>, Vec<&str>) =
        skus.iter().partition(|sku| sku.contains(',') || sku.trim() != **sku);
    let searches = together.chunks(SEARCH_MAX).map(|part| {
        let skus: Vec<String> = part.iter().map(|sku| percent(sku)).collect();
        format!(
            "{}&identifiersType=SKU&identifiers={}&pageSize={SEARCH_MAX}",
            seller.api().items(None),
            skus.join(",")
        )
    });
    let paths = searches.chain(alone.into_iter().map(|sku| seller.api().items(Some(sku))));
    let asked = paths.map(|path| {
        let (seller, path) = (seller.clone(), format!("{path}&{DATA}"));
        async move {
            match seller.ask(|api, _| api.request("GET", &path)).await {
                Err(Trouble::Refused(why)) if why.starts_with("not-found: NOT_FOUND") => Ok(Value::Null),
                answer => answer,
            }
        }
    });
    let mut found = BTreeMap::new();
    for answer in side_by_side(AT_ONCE, asked.collect()).await {
        let answer = answer?;
        let list = answer.get("items").and_then(Value::as_array);
        let list = list.map_or_else(|| vec![&answer], |list| list.iter().collect());
        for entry in list.into_iter().filter(|entry| !entry.is_null()) {
            let listing = Listing::of(entry, seller.api());
            let listing =
                listing.ok_or_else(|| Trouble::Refused("Amazon's answer is not a listing".to_owned()))?;
            if skus.contains(listing.sku.as_str()) {
                found.insert(listing.sku.clone(), listing);
            }
        }
    }
    Ok(found)
}

/// Every listing, oldest first: a search that has come to its end goes on with those made since its last one.
pub(crate) async fn listings(seller: &Asked) -> Result<(), Ended> {
    let mut seen = BTreeSet::new();
    let mut since = String::new();
    for _ in 0..SEARCHES_MAX {
        let before = seen.len();
        let (last, is_all) = search(seller, &since, &mut seen).await?;
        if is_all {
            return Ok(());
        }
        if last == since || seen.len() == before {
            return Err(Ended::refused(format!(
                "more than {PAGED_MAX} listings were made at `{last}`: Amazon pages through no more"
            )));
        }
        since = last;
    }
    Ok(())
}

/// One search to its end: when its last listing was made, and whether nothing is left.
async fn search(seller: &Asked, since: &str, seen: &mut BTreeSet<String>) -> Result<(String, bool), Ended> {
    let (mut token, mut last, mut count) = (String::new(), String::new(), 0);
    let since = if since.is_empty() { String::new() } else { format!("&createdAfter={}", percent(since)) };
    loop {
        let (found, total, next) =
            page(seller, &format!("&sortBy=createdDate&sortOrder=ASC{since}{token}")).await?;
        count += found.len();
        let mut new = Vec::new();
        for listing in found {
            last.clone_from(&listing.created);
            if seen.insert(listing.sku.clone()) {
                new.push(listing.listed(seller.api()));
            }
        }
        seller.link().listings(&new);
        match next {
            Some(next) if count < PAGED_MAX => token = format!("&pageToken={}", percent(&next)),
            _ => return Ok((last, count >= total)),
        }
    }
}

/// A page of a search, how many it finds in all, and the next page's token.
pub(crate) async fn page(
    seller: &Asked,
    query: &str,
) -> Result<(Vec<Listing>, usize, Option<String>), Ended> {
    let path = format!("{}&{DATA}&pageSize={SEARCH_MAX}{query}", seller.api().items(None));
    let answer = seller.ask(|api, _| api.request("GET", &path)).await.map_err(ended)?;
    let list = answer.get("items").and_then(Value::as_array);
    let found = list.and_then(|list| list.iter().map(|entry| Listing::of(entry, seller.api())).collect());
    let total = answer.get("numberOfResults").and_then(Value::as_u64);
    let next = answer.pointer("/pagination/nextToken").and_then(Value::as_str).map(str::to_owned);
    match (found, total) {
        (Some(found), Some(total)) => Ok((found, usize::try_from(total).unwrap_or(usize::MAX), next)),
        _ => Err(Ended::refused("Amazon's answer is not a list of listings")),
    }
}
