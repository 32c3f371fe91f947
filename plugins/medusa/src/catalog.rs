//! Inventory items: where they are, and what the shop has of them.

use crate::api::Asked;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use stocksync_sdk::flow::{
    Ended, Item, Listed, Trouble, entries, percent, side_by_side, side_by_side_while, string,
};

/// Items of a page of a list.
const PAGE_MAX: usize = 1_000;
/// Keys of one request: together with [`QUERY_BYTES_MAX`] what servers and proxies take in an address.
const KEYS_MAX: usize = 100;
const QUERY_BYTES_MAX: usize = 6_000;
/// From so many requests on it is worth one to see whether reading all takes fewer.
const ALL_FROM: usize = 10;
/// Requests under way at once.
const AT_ONCE: usize = 2;
/// More pages than a shop has.
const PAGES_MAX: usize = 100_000;

const ITEMS: &str = "/admin/inventory-items?fields=id,sku,title,location_levels.location_id,location_levels.stocked_quantity,location_levels.reserved_quantity&order=id";

/// Where an inventory item is: its id, and its stock location where no setting names one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) inventory_item: String,
    pub(crate) location: String,
}

impl Place {
    /// Reads an address.
    pub(crate) fn of(item: &Item, shop: &Asked) -> Option<Self> {
        let address: Value = serde_json::from_str(&item.address).ok()?;
        let inventory_item = address.get(0)?.as_str()?.to_owned();
        let location = match &shop.api().stock_location {
            Some(location) => location.clone(),
            None => address.get(1)?.as_str()?.to_owned(),
        };
        Some(Self { inventory_item, location })
    }
}

/// A dry operation that failed.
pub(crate) fn ended(trouble: Trouble) -> Ended {
    Ended::refused(trouble.text())
}

/// The stock location: the one of the settings, or the only one.
async fn location(shop: &Asked) -> Result<String, Ended> {
    if let Some(location) = &shop.api().stock_location {
        return Ok(location.clone());
    }
    let named = locations(shop).await?;
    match named.as_slice() {
        [(only, _)] => Ok(only.clone()),
        [] => Err(Ended::refused("the shop has no stock location")),
        _ => {
            let known = words(&named);
            Err(Ended::refused(format!(
                "the shop has several stock locations: set `stock_location` to one of {known}"
            )))
        }
    }
}

/// Stock locations: id and name.
pub(crate) async fn locations(shop: &Asked) -> Result<Vec<(String, String)>, Ended> {
    let answer = shop.ask(|api, _| api.get("/admin/stock-locations?fields=id,name&limit=100")).await;
    let answer = answer.map_err(ended)?;
    let of = |entry: &Value| Some((string(entry.get("id")?)?, string(entry.get("name")?)?));
    if answer.get("stock_locations").is_none_or(|list| !list.is_array()) {
        return Err(Ended::refused("the shop's answer is not a list of stock locations"));
    }
    Ok(entries(&answer, "/stock_locations").filter_map(of).collect())
}

pub(crate) fn words(locations: &[(String, String)]) -> String {
    let named: Vec<String> = locations.iter().map(|(id, name)| format!("`{id}` ({name})")).collect();
    named.join(", ")
}

/// An inventory item as the shop shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stocked {
    pub(crate) id: String,
    sku: String,
    title: String,
    /// Stocked and reserved, by location.
    pub(crate) levels: BTreeMap<String, (i64, i64)>,
}

impl Stocked {
    /// An item without SKU has an empty one.
    fn of(entry: &Value) -> Option<Self> {
        let text = |name: &str| entry.get(name).and_then(string);
        let level = |level: &Value| {
            let stocked = level.get("stocked_quantity")?.as_f64()?.floor();
            let reserved = level.get("reserved_quantity")?.as_f64()?.ceil();
            Some((string(level.get("location_id")?)?, (stocked as i64, reserved as i64)))
        };
        Some(Self {
            id: text("id")?,
            sku: text("sku").unwrap_or_default(),
            title: text("title").unwrap_or_default(),
            levels: entries(entry, "/location_levels").map(level).collect::<Option<_>>()?,
        })
    }

    /// A location where it was never stocked shows none.
    fn listed(&self, location: &str, address: String) -> Listed {
        let (quantity, held) = self.levels.get(location).copied().unwrap_or_default();
        let (store_sku, title) = (self.sku.clone(), self.title.clone());
        Listed { store_sku, title, address, quantity, held: Some(held), ..Listed::default() }
    }
}

/// Finds inventory items by their SKUs.
pub(crate) async fn resolve(shop: &Asked, items: &[Item]) -> Result<(), Ended> {
    let location = location(shop).await?;
    let is_set = shop.api().stock_location.is_some();
    let wanted: BTreeSet<String> = items.iter().map(|item| item.store_sku.clone()).collect();
    let mut found = Vec::new();
    for item in of(shop, "sku", &wanted).await? {
        if wanted.contains(&item.sku) {
            let address = if is_set { json!([item.id]) } else { json!([item.id, location]) };
            found.push(item.listed(&location, address.to_string()));
        }
    }
    shop.link().addresses(&found);
    Ok(())
}

/// The numbers of inventory items that were found before.
pub(crate) async fn read(shop: &Asked, items: &[Item]) -> Result<(), Ended> {
    if items.is_empty() {
        return listings(shop).await;
    }
    let places: BTreeMap<String, (&Item, Place)> = items
        .iter()
        .filter_map(|item| Place::of(item, shop).map(|place| (place.inventory_item.clone(), (item, place))))
        .collect();
    let mut found = Vec::new();
    for stocked in of(shop, "id", &places.keys().cloned().collect()).await? {
        if let Some((item, place)) = places.get(&stocked.id)
            && item.store_sku == stocked.sku
        {
            found.push(stocked.listed(&place.location, String::new()));
        }
    }
    shop.link().quantities(&found);
    Ok(())
}

/// Every listing.
pub(crate) async fn listings(shop: &Asked) -> Result<(), Ended> {
    let location = location(shop).await?;
    let first = page(shop, "", 0).await?;
    let listed: Vec<Listed> = all(shop, first)
        .await?
        .iter()
        .filter(|item| !item.sku.is_empty())
        .map(|item| item.listed(&location, String::new()))
        .collect();
    shop.link().listings(&listed);
    Ok(())
}

/// The items whose `field` is one of these keys, by the fewest requests: by their keys, or all of the shop's.
pub(crate) async fn of(shop: &Asked, field: &str, keys: &BTreeSet<String>) -> Result<Vec<Stocked>, Ended> {
    let parts = parts(field, keys);
    if parts.len() >= ALL_FROM {
        let first = page(shop, "", 0).await?;
        if first.1.div_ceil(PAGE_MAX) <= parts.len() {
            return all(shop, first).await;
        }
    }
    let asked = parts.into_iter().map(|query| {
        let shop = shop.clone();
        async move { by(&shop, &query).await }
    });
    let mut found = Vec::new();
    for part in side_by_side(AT_ONCE, asked.collect()).await {
        found.extend(part?);
    }
    Ok(found)
}

/// Everything, of which the first page is there.
async fn all(shop: &Asked, (first, total): (Vec<Stocked>, usize)) -> Result<Vec<Stocked>, Ended> {
    let rest = (PAGE_MAX..total.min(PAGES_MAX * PAGE_MAX)).step_by(PAGE_MAX).map(|offset| {
        let shop = shop.clone();
        async move { page(&shop, "", offset).await }
    });
    let mut found: BTreeMap<String, Stocked> =
        first.into_iter().map(|item| (item.id.clone(), item)).collect();
    // The shop may say more than it shows.
    let has_some =
        |part: &Result<(Vec<Stocked>, usize), Ended>| part.as_ref().is_ok_and(|(items, _)| !items.is_empty());
    for part in side_by_side_while(AT_ONCE, rest, has_some).await {
        found.extend(part?.0.into_iter().map(|item| (item.id.clone(), item)));
    }
    Ok(found.into_values().collect())
}

/// All that a query finds: more than one page where SKUs stand in many items.
async fn by(shop: &Asked, query: &str) -> Result<Vec<Stocked>, Ended> {
    let mut found = Vec::new();
    for _ in 0..PAGES_MAX {
        let (items, total) = page(shop, query, found.len()).await?;
        let is_last = items.is_empty();
        found.extend(items);
        if is_last || found.len() >= total {
            break;
        }
    }
    Ok(found)
}

/// One page, and how many items there are in all.
async fn page(shop: &Asked, query: &str, offset: usize) -> Result<(Vec<Stocked>, usize), Ended> {
    let query = format!("{ITEMS}{query}&limit={PAGE_MAX}&offset={offset}");
    let answer = shop.ask(|api, _| api.get(&query)).await.map_err(ended)?;
    let list = answer.get("inventory_items").and_then(Value::as_array);
    let items = list.and_then(|list| list.iter().map(Stocked::of).collect::<Option<Vec<_>>>());
    match (items, answer.get("count").and_then(Value::as_u64)) {
        (Some(items), Some(total)) => Ok((items, usize::try_from(total).unwrap_or(usize::MAX))),
        _ => Err(Ended::refused("the shop's answer is not a list of inventory items")),
    }
}

/// Queries of at most so many keys and bytes.
fn parts(field: &str, keys: &BTreeSet<String>) -> Vec<String> {
    let mut parts: Vec<(String, usize)> = Vec::new();
    for key in keys {
        let pair = format!("&{field}[]={}", percent(key));
        match parts.last_mut() {
            Some((query, count)) if *count < KEYS_MAX && query.len() + pair.len() <= QUERY_BYTES_MAX => {
                query.push_str(&pair);
                *count += 1;
            }
            _ => parts.push((pair, 1)),
        }
    }
    parts.into_iter().map(|(query, _)| query).collect()
}
