//! `check`, `resolve`, `read` and `listings`.

use crate::admin::{Admin, ask, pages};
use crate::{AT_ONCE, Asked, ITEMS_MAX};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use stocksync_sdk::flow::{Client, Item, Listed, Trouble, entries, integer, one_line, side_by_side};

/// SKUs in one search. Shopify does not say how long a search may be.
const SKUS_MAX: usize = 100;
/// Variants on a page of all: with what is asked of each, a query stays below the most that one may cost.
const PAGE_ITEMS: usize = 150;
/// The most pages: Shopify's own pages end at 25,000 entries, and there may be several of those.
const PAGES_MAX: usize = 10_000;
/// What stock counts as that the shop does not count: no rule gives it, so it is always planned.
const NOT_COUNTED: i64 = -1;

pub(crate) async fn check(shop: &Client<Admin>) -> Asked<()> {
    let location = shop.api().location();
    let answer = ask(shop, include_str!("check.graphql"), &json!({ "location": location }), 1.0).await?;
    match answer.pointer("/location/isActive") {
        Some(Value::Bool(true)) => Ok(()),
        Some(_) => Err(Trouble::Refused(format!("rejected: the location `{location}` is not active"))),
        None => Err(Trouble::Refused(format!("rejected: the shop has no location `{location}`"))),
    }
}

/// Inventory items by SKU. A search knows of a change a moment later than the shop itself, so levels are read by id.
pub(crate) async fn resolve(shop: &Client<Admin>, items: &[Item]) -> Asked<()> {
    let wanted: BTreeSet<&str> =
        items.iter().map(|item| item.store_sku.as_str()).filter(|sku| !sku.is_empty()).collect();
    let wanted: Vec<&str> = wanted.into_iter().collect();
    let asked = wanted.chunks(SKUS_MAX).map(|skus| {
        let (shop, query) = (shop.clone(), search(skus));
        async move {
            let variables = json!({ "query": query, "first": SKUS_MAX });
            pages(
                &shop,
                include_str!("resolve.graphql"),
                &variables,
                "/productVariants",
                (PAGES_MAX, 2.0 * SKUS_MAX as f64),
            )
            .await
        }
    });
    // Two variants may share an item, and two searches may find one that differs in case.
    let mut found = BTreeSet::new();
    for part in side_by_side(AT_ONCE, asked.collect()).await {
        for variant in part? {
            let text = |pointer: &str| {
                variant.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            let (store_sku, address) = (text("/sku"), text("/inventoryItem/id"));
            if wanted.binary_search(&store_sku.as_str()).is_ok() && !address.is_empty() {
                found.insert((store_sku, address));
            }
        }
    }
    let found =
        found.into_iter().map(|(store_sku, address)| Listed { store_sku, address, ..Listed::default() });
    shop.link().addresses(&found.collect::<Vec<_>>());
    Ok(())
}

/// A search for exactly these SKUs.
fn search(skus: &[&str]) -> String {
    let one = |sku: &&str| format!("sku:'{}'", sku.replace('\\', "\\\\").replace('\'', "\\'"));
    skus.iter().map(one).collect::<Vec<_>>().join(" OR ")
}

pub(crate) async fn read(shop: &Client<Admin>, items: &[Item]) -> Asked<()> {
    if items.is_empty() {
        let all = all(shop).await?;
        shop.link().quantities(&all);
        return Ok(());
    }
    let levels = levels(shop, items.iter().map(|item| item.address.as_str()).collect()).await?;
    let listed = items.iter().filter_map(|item| {
        let level = levels.get(&item.address).filter(|level| level.sku == item.store_sku)?;
        Some(Listed { store_sku: item.store_sku.clone(), quantity: level.available?, ..Listed::default() })
    });
    shop.link().quantities(&listed.collect::<Vec<_>>());
    Ok(())
}

/// What the shop shows of an inventory item at the location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Level {
    sku: String,
    /// None where it is not stocked at the location.
    pub(crate) available: Option<i64>,
}

/// Levels by the ids of inventory items.
pub(crate) async fn levels(shop: &Client<Admin>, ids: Vec<&str>) -> Asked<BTreeMap<String, Level>> {
    let asked = ids.chunks(ITEMS_MAX).map(|ids| {
        let shop = shop.clone();
        let variables = json!({ "ids": ids, "location": shop.api().location() });
        let cost = 3.0 * ids.len() as f64;
        async move { ask(&shop, include_str!("read.graphql"), &variables, cost).await }
    });
    let mut levels = BTreeMap::new();
    for answer in side_by_side(AT_ONCE, asked.collect()).await {
        let answer = answer?;
        if !answer.get("nodes").is_some_and(Value::is_array) {
            return Err(Trouble::Unknown(one_line(&format!("the shop gave no nodes: {answer}"))));
        }
        for node in entries(&answer, "/nodes") {
            if let Some(id) = node.get("id").and_then(Value::as_str) {
                let sku = node.get("sku").and_then(Value::as_str).unwrap_or_default().to_owned();
                levels.insert(id.to_owned(), Level { sku, available: available(node) });
            }
        }
    }
    Ok(levels)
}

/// What is available of an inventory item; none where it is not stocked at the location.
fn available(item: &Value) -> Option<i64> {
    let mut quantities = entries(item.get("inventoryLevel")?, "/quantities");
    let quantity =
        quantities.find(|quantity| quantity.get("name").and_then(Value::as_str) == Some("available"))?;
    let quantity = quantity.get("quantity").and_then(integer)?;
    Some(if item.get("tracked") == Some(&Value::Bool(false)) { NOT_COUNTED } else { quantity })
}

pub(crate) async fn listings(shop: &Client<Admin>) -> Asked<()> {
    let all = all(shop).await?;
    shop.link().listings(&all);
    Ok(())
}

/// Every variant that has a SKU and is stocked at the location.
async fn all(shop: &Client<Admin>) -> Asked<Vec<Listed>> {
    let variables = json!({ "first": PAGE_ITEMS, "location": shop.api().location() });
    let limits = (PAGES_MAX, 5.0 * PAGE_ITEMS as f64);
    let variants =
        pages(shop, include_str!("listings.graphql"), &variables, "/productVariants", limits).await?;
    let listed = variants.iter().filter_map(|variant| {
        let text =
            |pointer: &str| variant.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let quantity = available(variant.get("inventoryItem")?)?;
        let (store_sku, title, parent) = (text("/sku"), text("/displayName"), text("/product/id"));
        (!store_sku.is_empty()).then(|| Listed { store_sku, parent, title, quantity, ..Listed::default() })
    });
    Ok(listed.collect())
}
