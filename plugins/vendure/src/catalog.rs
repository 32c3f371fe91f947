//! Variants: where they are, and what the shop has of them.

use crate::api::Asked;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use stocksync_sdk::flow::{
    Ended, Item, Listed, Trouble, entries, integer, side_by_side, side_by_side_while, string,
};

/// Vendure's `adminListQueryLimit`, unless the shop's operator changed it.
const PAGE_MAX: usize = 1_000;
/// Pages under way at once.
const AT_ONCE: usize = 2;
/// More pages than a shop has.
const PAGES_MAX: usize = 100_000;
/// What a request has besides its list, in bytes.
const DOCUMENT_BYTES: usize = 1_000;

const LOCATIONS: &str = "query Locations{stockLocations(options:{take:100}){items{id name}}}";
const VARIANTS: &str = "query Variants($o:ProductVariantListOptions){productVariants(options:$o){totalItems items{id sku name product{id} stockLevels{stockLocationId stockOnHand stockAllocated}}}}";

/// Where a variant is: its id, and its stock location where no setting names one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) variant: String,
    pub(crate) location: String,
}

impl Place {
    /// Reads an address.
    pub(crate) fn of(item: &Item, shop: &Asked) -> Option<Self> {
        let address: Value = serde_json::from_str(&item.address).ok()?;
        let variant = address.get(0)?.as_str()?.to_owned();
        let location = match &shop.api().stock_location {
            Some(location) => location.clone(),
            None => address.get(1)?.as_str()?.to_owned(),
        };
        Some(Self { variant, location })
    }
}

/// The stock location: the one of the settings, or the only one.
pub(crate) async fn location(shop: &Asked) -> Result<String, Ended> {
    if let Some(location) = &shop.api().stock_location {
        return Ok(location.clone());
    }
    let named = locations(shop).await?;
    match named.as_slice() {
        [(only, _)] => Ok(only.clone()),
        [] => Err(Ended::refused("the shop has no stock location")),
        _ => Err(Ended::refused(format!(
            "the shop has several stock locations: set `stock_location` to one of {}",
            words(&named)
        ))),
    }
}

/// All stock locations: id and name.
pub(crate) async fn locations(shop: &Asked) -> Result<Vec<(String, String)>, Ended> {
    let data = shop.ask(|api, _| api.query(LOCATIONS, &json!({}))).await.map_err(ended)?;
    let of = |entry: &Value| Some((string(entry.get("id")?)?, string(entry.get("name")?)?));
    Ok(entries(&data, "/stockLocations/items").filter_map(of).collect())
}

pub(crate) fn words(locations: &[(String, String)]) -> String {
    let named: Vec<String> = locations.iter().map(|(id, name)| format!("`{id}` ({name})")).collect();
    named.join(", ")
}

/// A dry operation that failed.
pub(crate) fn ended(trouble: Trouble) -> Ended {
    Ended::refused(trouble.text())
}

/// A variant as the shop shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variant {
    id: String,
    pub(crate) sku: String,
    name: String,
    product: String,
    /// On hand and allocated, by location.
    pub(crate) levels: BTreeMap<String, (i64, i64)>,
}

impl Variant {
    pub(crate) fn of(entry: &Value) -> Option<Self> {
        let text = |pointer: &str| entry.pointer(pointer).and_then(string);
        let level = |level: &Value| {
            let number = |name: &str| level.get(name).and_then(integer);
            let location = level.get("stockLocationId").and_then(string)?;
            Some((location, (number("stockOnHand")?, number("stockAllocated")?)))
        };
        Some(Self {
            id: text("/id")?,
            sku: text("/sku")?,
            name: text("/name").unwrap_or_default(),
            product: text("/product/id").unwrap_or_default(),
            levels: entries(entry, "/stockLevels").map(level).collect::<Option<_>>()?,
        })
    }

    /// A location that never had stock of it shows none.
    fn listed(self, location: &str, address: String) -> Listed {
        let (quantity, held) = self.levels.get(location).copied().unwrap_or_default();
        let (store_sku, title, parent) = (self.sku, self.name, self.product);
        Listed { store_sku, title, parent, address, quantity, held: Some(held) }
    }
}

/// Finds variants by their SKUs.
pub(crate) async fn resolve(shop: &Asked, items: &[Item]) -> Result<(), Ended> {
    let location = location(shop).await?;
    let is_set = shop.api().stock_location.is_some();
    let wanted: BTreeSet<&str> = items.iter().map(|item| item.store_sku.as_str()).collect();
    let keys: Vec<String> = wanted.iter().map(|&sku| sku.to_owned()).collect();
    let mut found = Vec::new();
    for variant in by(shop, "sku", &keys).await? {
        // Some databases compare without regard to case.
        if wanted.contains(variant.sku.as_str()) {
            let address = if is_set { json!([variant.id]) } else { json!([variant.id, location]) };
            found.push(variant.listed(&location, address.to_string()));
        }
    }
    shop.link().addresses(&found);
    Ok(())
}

/// The numbers of variants that were found before.
pub(crate) async fn read(shop: &Asked, items: &[Item]) -> Result<(), Ended> {
    if items.is_empty() {
        return listings(shop).await;
    }
    let places: BTreeMap<String, (&Item, Place)> = items
        .iter()
        .filter_map(|item| Place::of(item, shop).map(|place| (place.variant.clone(), (item, place))))
        .collect();
    let ids: Vec<String> = places.keys().cloned().collect();
    let mut found = Vec::new();
    for variant in by(shop, "id", &ids).await? {
        if let Some((item, place)) = places.get(&variant.id)
            && item.store_sku == variant.sku
        {
            found.push(variant.listed(&place.location, String::new()));
        }
    }
    shop.link().quantities(&found);
    Ok(())
}

/// These variants, as far as the shop has them, by id.
pub(crate) async fn variants(shop: &Asked, ids: &[String]) -> Result<BTreeMap<String, Variant>, Ended> {
    Ok(by(shop, "id", ids).await?.into_iter().map(|variant| (variant.id.clone(), variant)).collect())
}

/// Every listing.
pub(crate) async fn listings(shop: &Asked) -> Result<(), Ended> {
    let location = location(shop).await?;
    let first = page(shop, &json!({ "take": PAGE_MAX, "skip": 0, "sort": { "id": "ASC" } })).await?;
    let total = first.1.min(PAGES_MAX * PAGE_MAX);
    let rest = (PAGE_MAX..total).step_by(PAGE_MAX).map(|skip| {
        let shop = shop.clone();
        async move { page(&shop, &json!({ "take": PAGE_MAX, "skip": skip, "sort": { "id": "ASC" } })).await }
    });
    // The shop may say more than it shows.
    let has_some = |part: &Result<(Vec<Variant>, usize), Ended>| {
        part.as_ref().is_ok_and(|(variants, _)| !variants.is_empty())
    };
    let rest = side_by_side_while(AT_ONCE, rest, has_some).await;
    let mut seen = BTreeSet::new();
    for part in std::iter::once(Ok(first)).chain(rest) {
        let listed: Vec<Listed> = part?
            .0
            .into_iter()
            .filter(|variant| seen.insert(variant.id.clone()))
            .map(|variant| variant.listed(&location, String::new()))
            .collect();
        shop.link().listings(&listed);
    }
    Ok(())
}

/// The variants whose `field` is one of these keys.
async fn by(shop: &Asked, field: &str, keys: &[String]) -> Result<Vec<Variant>, Ended> {
    let parts = parts(keys, shop.api().body_bytes_max.saturating_sub(DOCUMENT_BYTES));
    let pages = parts.into_iter().map(|part| {
        let (shop, field) = (shop.clone(), field.to_owned());
        async move { all(&shop, &json!({ field: { "in": part } })).await }
    });
    let mut found = Vec::new();
    for part in side_by_side(AT_ONCE, pages.collect()).await {
        found.extend(part?);
    }
    Ok(found)
}

/// All that a filter finds: more than one page where SKUs stand twice.
async fn all(shop: &Asked, filter: &Value) -> Result<Vec<Variant>, Ended> {
    let mut found = Vec::new();
    for _ in 0..PAGES_MAX {
        let options =
            json!({ "filter": filter, "take": PAGE_MAX, "skip": found.len(), "sort": { "id": "ASC" } });
        let (variants, total) = page(shop, &options).await?;
        let is_last = variants.len() < PAGE_MAX;
        found.extend(variants);
        if is_last || found.len() >= total {
            break;
        }
    }
    Ok(found)
}

/// One page, and how many there are in all.
async fn page(shop: &Asked, options: &Value) -> Result<(Vec<Variant>, usize), Ended> {
    let data = shop.ask(|api, _| api.query(VARIANTS, &json!({ "o": options }))).await.map_err(ended)?;
    let list = data.pointer("/productVariants/items").and_then(Value::as_array);
    let total = data.pointer("/productVariants/totalItems").and_then(Value::as_u64);
    let variants = list.and_then(|list| list.iter().map(Variant::of).collect::<Option<Vec<_>>>());
    match (variants, total) {
        (Some(variants), Some(total)) => Ok((variants, usize::try_from(total).unwrap_or(usize::MAX))),
        _ => Err(Ended::refused("the shop's answer is not a list of variants")),
    }
}

/// Keys in lists of at most a page, and of so many bytes.
fn parts(keys: &[String], bytes_max: usize) -> Vec<Vec<String>> {
    let mut parts: Vec<Vec<String>> = Vec::new();
    let mut bytes = 0;
    for key in keys {
        let size = json!(key).to_string().len() + 1;
        match parts.last_mut() {
            Some(part) if part.len() < PAGE_MAX && bytes + size <= bytes_max => part.push(key.clone()),
            _ => {
                parts.push(vec![key.clone()]);
                bytes = 0;
            }
        }
        bytes += size;
    }
    parts
}
