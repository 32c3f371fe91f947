//! Listings: where they are, and what the shop has of them.

use crate::errors::NOT_FOUND;
use crate::list::List;
use crate::path::{Path, Row};
use crate::site::Asked;
use crate::template::{Name, Scope, Values};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use stocksync_sdk::flow::{Ended, Item, Listed, integer, side_by_side, string};

/// The most bytes of SKUs or ids in one request that names several, encoded; servers refuse addresses of more than 8 KiB.
const KEY_BYTES_MAX: usize = 4_000;
/// What the stock of a listing counts as that the shop does not count: no rule gives it, so it is always written.
const NOT_COUNTED: i64 = -1;
/// Above it, numbers of JSON lose digits.
const NUMBER_MAX: f64 = 9_007_199_254_740_991.0;

/// A list of listings.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) list: List,
    pub(crate) fields: Fields,
    /// How many listings one request may name.
    pub(crate) items_max: usize,
}

/// Where things are in an item.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    pub(crate) store_sku: Option<Path>,
    pub(crate) quantity: Option<Path>,
    pub(crate) held: Option<Path>,
    pub(crate) title: Option<Path>,
    pub(crate) id: Option<Path>,
    pub(crate) parent: Option<Path>,
}

/// A listing as the shop shows it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Found {
    listed: Listed,
    id: Option<String>,
    has_quantity: bool,
}

impl Fields {
    fn found(&self, row: &Row<'_>) -> Result<Found, String> {
        let value = |path: &Option<Path>| path.as_ref().and_then(|path| path.at(row));
        let text = |path: &Option<Path>| value(path).and_then(string).unwrap_or_default();
        let id = value(&self.id);
        let has_quantity = self.quantity.as_ref().is_none_or(|path| path.found(row).is_some());
        let held = match &self.held {
            Some(path) => Some(path.at(row).map(whole).transpose()?.unwrap_or(0)),
            None => None,
        };
        let listed = Listed {
            store_sku: text(&self.store_sku),
            title: text(&self.title),
            parent: text(&self.parent),
            address: json!([id, value(&self.parent)]).to_string(),
            quantity: value(&self.quantity).map(whole).transpose()?.unwrap_or(NOT_COUNTED),
            held,
        };
        Ok(Found { listed, id: id.and_then(string), has_quantity })
    }
}

/// A number of units. A part of one cannot be sold.
pub(crate) fn whole(value: &Value) -> Result<i64, String> {
    let decimal = || value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    let near = || decimal().filter(|number| number.abs() <= NUMBER_MAX).map(|number| number.floor() as i64);
    integer(value)
        .or_else(near)
        .ok_or_else(|| format!("the shop's answer has {value} where a number should be"))
}

/// What is filled in of an item; nothing where its address is not one of ours.
pub(crate) fn values(item: &Item, is_addressed: bool) -> Option<Values> {
    let mut values = Values::from([
        (Name::StoreSku, json!(item.store_sku)),
        (Name::Quantity, json!(item.quantity)),
        (Name::Expected, json!(item.expected)),
    ]);
    if is_addressed {
        let address: Value = serde_json::from_str(&item.address).ok()?;
        values.insert(Name::Id, address.get(0)?.clone());
        values.insert(Name::Parent, address.get(1)?.clone());
    }
    Some(values)
}

/// One cheap read: the first page of all listings.
pub(crate) async fn check(shop: &Asked) -> Result<(), Ended> {
    let query = &shop.api().shop.listings;
    let found = query.list.first(shop, nothing(&Values::new()), |row| query.fields.found(row)).await?;
    sound(query, &found)
}

/// The addresses of these listings.
pub(crate) async fn resolve(shop: &Asked, items: &[Item]) -> Result<(), Ended> {
    let wanted: BTreeSet<&str> = items.iter().map(|item| item.store_sku.as_str()).collect();
    let found: Vec<Found> = match &shop.api().shop.resolve {
        Some(query) => {
            let asked: Vec<Values> = items.iter().filter_map(|item| values(item, false)).collect();
            by_items(shop, query, &asked).await?.into_iter().flat_map(|(_, found)| found).collect()
        }
        None => all(shop).await?,
    };
    let mut seen = BTreeSet::new();
    let mut listed: Vec<Listed> = found.into_iter().map(|found| found.listed).collect();
    // The same listing may stand on two pages, if something was added meanwhile; two of one SKU are for the host to tell.
    listed.retain(|listed| {
        wanted.contains(listed.store_sku.as_str())
            && seen.insert((listed.store_sku.clone(), listed.address.clone()))
    });
    shop.link().addresses(&listed);
    Ok(())
}

/// The numbers of these listings, or of all.
pub(crate) async fn read(shop: &Asked, items: &[Item]) -> Result<(), Ended> {
    let listed = match items {
        [] => all(shop).await?.into_iter().map(|found| found.listed).collect(),
        items => some(shop, items).await?,
    };
    shop.link().quantities(&listed);
    Ok(())
}

/// Every listing.
pub(crate) async fn listings(shop: &Asked) -> Result<(), Ended> {
    let listed: Vec<Listed> = all(shop).await?.into_iter().map(|found| found.listed).collect();
    shop.link().listings(&listed);
    Ok(())
}

/// Everything that has a SKU.
async fn all(shop: &Asked) -> Result<Vec<Found>, Ended> {
    let query = &shop.api().shop.listings;
    let mut found = query.list.all(shop, nothing(&Values::new()), |row| query.fields.found(row)).await?;
    sound(query, &found)?;
    found.retain(|found| !found.listed.store_sku.is_empty());
    Ok(found)
}

/// The numbers of these listings: by `read` where it is set, or out of all.
pub(crate) async fn some(shop: &Asked, items: &[Item]) -> Result<Vec<Listed>, Ended> {
    let described = &shop.api().shop;
    let Some(query) = &described.read else {
        let wanted: BTreeSet<&str> = items.iter().map(|item| item.store_sku.as_str()).collect();
        let listed = all(shop).await?.into_iter().map(|found| found.listed);
        return Ok(listed.filter(|listed| wanted.contains(listed.store_sku.as_str())).collect());
    };
    let asked: Vec<Values> = items.iter().filter_map(|item| values(item, described.is_addressed)).collect();
    let parts = by_items(shop, query, &asked).await?;
    let mut found = parts.iter().flat_map(|(_, found)| found).peekable();
    if found.peek().is_some() && !found.any(|found| found.has_quantity) {
        return Err(lacks(query, "quantity"));
    }
    Ok(parts.into_iter().flat_map(|(part, found)| matched(&part, found)).collect())
}

/// What an answer shows of the items that it was asked for: by their SKUs, or ids; an item that was asked for alone needs neither.
fn matched(part: &[Values], found: Vec<Found>) -> Vec<Listed> {
    let text = |item: &Values, name: Name| item.get(&name).and_then(string);
    let by = |name: Name| -> BTreeMap<String, &Values> {
        part.iter().filter_map(|item| Some((text(item, name)?, item))).collect()
    };
    let (by_sku, by_id) = (by(Name::StoreSku), by(Name::Id));
    let is_alone = part.len() == 1 && found.len() == 1;
    let listed = found.into_iter().filter_map(|Found { listed, id, .. }| {
        let item = match (listed.store_sku.as_str(), &id) {
            ("", Some(id)) => by_id.get(id).copied(),
            ("", None) => part.first().filter(|_| is_alone),
            (sku, _) => by_sku.get(sku).copied(),
        }?;
        // What was deleted and made again has another id.
        let is_same = text(item, Name::Id).zip(id).is_none_or(|(known, shown)| known == shown);
        let store_sku = text(item, Name::StoreSku)?;
        is_same.then_some(Listed { store_sku, ..listed })
    });
    listed.collect()
}

/// Asks for items, as many in one request as it may name; each part with what was found.
async fn by_items(
    shop: &Asked,
    query: &Query,
    items: &[Values],
) -> Result<Vec<(Vec<Values>, Vec<Found>)>, Ended> {
    let asked = parts(query, items).into_iter().map(|part| {
        let (shop, query) = (shop.clone(), query.clone());
        async move {
            let shared = Values::new();
            let scope = Scope { shared: &shared, items: &part };
            let found = match query.list.all(&shop, scope, |row| query.fields.found(row)).await {
                Err(ended) if part.len() == 1 && ended.why().starts_with(NOT_FOUND) => Vec::new(),
                found => found?,
            };
            Ok((part, found))
        }
    });
    let parts: Vec<(Vec<Values>, Vec<Found>)> = side_by_side(shop.api().shop.at_once, asked.collect())
        .await
        .into_iter()
        .collect::<Result<_, Ended>>()?;
    Ok(parts)
}

/// Parts of at most so many items and bytes. What cannot stand in a list between commas is not asked for.
fn parts(query: &Query, items: &[Values]) -> Vec<Vec<Values>> {
    let (skus, ids) = (query.list.call.has(Name::StoreSkus), query.list.call.has(Name::Ids));
    let text = |item: &Values, name: Name| item.get(&name).and_then(string).unwrap_or_default();
    let mut parts: Vec<(Vec<Values>, usize)> = Vec::new();
    for item in items {
        let (sku, id) = (text(item, Name::StoreSku), text(item, Name::Id));
        if skus && sku.contains(',') || ids && id.contains(',') {
            continue;
        }
        let bytes = 3 * sku.len().max(id.len()) + 1;
        match parts.last_mut() {
            Some((part, total)) if part.len() < query.items_max && *total + bytes <= KEY_BYTES_MAX => {
                part.push(item.clone());
                *total += bytes;
            }
            _ => parts.push((vec![item.clone()], bytes)),
        }
    }
    parts.into_iter().map(|(part, _)| part).collect()
}

/// A list of which no item has what must be there is described wrongly.
fn sound(query: &Query, found: &[Found]) -> Result<(), Ended> {
    let lacks_all = |has: fn(&Found) -> bool| !found.is_empty() && !found.iter().any(has);
    if lacks_all(|found| !found.listed.store_sku.is_empty()) {
        return Err(lacks(query, "store_sku"));
    }
    if lacks_all(|found| found.has_quantity) {
        return Err(lacks(query, "quantity"));
    }
    Ok(())
}

fn lacks(query: &Query, field: &str) -> Ended {
    let name = query.list.name;
    Ended::refused(format!("`{name}`: no item of the shop's answer has what `{name}.fields.{field}` names"))
}

fn nothing(shared: &Values) -> Scope<'_> {
    Scope { shared, items: &[] }
}
