//! `resolve`, `read` and `listings`: items and their variations.
//!
//! An address is `ITEM` or `ITEM/VARIATION`; in a warehouse, `USER_PRODUCT`.

use crate::account::Account;
use crate::{AT_ONCE, Asked, warehouse};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use stocksync_sdk::flow::{
    Client, Item, Listed, Trouble, entries, integer, one_line, percent, side_by_side, string,
};

/// Items in one multiget.
const MULTIGET_MAX: usize = 20;
/// Up to so many SKUs are searched one by one; for more, all items are looked through, 100 at a time.
const SEARCHES_MAX: usize = 10;
/// The most pages of a scan: a million items.
const PAGES_MAX: usize = 10_000;
const ATTRIBUTES: &str =
    "id,title,available_quantity,user_product_id,attributes,seller_custom_field,variations";

/// An item without variations, or a variation.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sold {
    item: String,
    variation: Option<String>,
    user_product: String,
    sku: String,
    title: String,
    quantity: i64,
}

impl Sold {
    fn address(&self, in_warehouse: bool) -> String {
        match &self.variation {
            _ if in_warehouse => self.user_product.clone(),
            None => self.item.clone(),
            Some(variation) => format!("{}/{variation}", self.item),
        }
    }

    fn listed(self, in_warehouse: bool) -> Listed {
        let address = self.address(in_warehouse);
        Listed {
            store_sku: self.sku,
            address,
            parent: self.item,
            title: self.title,
            quantity: self.quantity,
            ..Listed::default()
        }
    }
}

pub(crate) async fn resolve(shop: &Client<Account>, items: &[Item]) -> Asked<()> {
    let wanted: BTreeSet<&str> =
        items.iter().map(|item| item.store_sku.as_str()).filter(|sku| !sku.is_empty()).collect();
    let ids = if wanted.len() > SEARCHES_MAX { all_ids(shop).await? } else { ids_of(shop, &wanted).await? };
    let in_warehouse = shop.api().store().is_some();
    let found = sold(shop, ids).await?.into_iter().filter(|sold| wanted.contains(sold.sku.as_str()));
    let found = found.map(|sold| sold.listed(in_warehouse)).filter(|listed| !listed.address.is_empty());
    // Several items may sell one user product, whose stock is one.
    let mut seen = BTreeSet::new();
    let found: Vec<Listed> =
        found.filter(|listed| seen.insert((listed.store_sku.clone(), listed.address.clone()))).collect();
    shop.link().addresses(&found);
    Ok(())
}

/// Only what stands at the address that was resolved.
pub(crate) async fn read(shop: &Client<Account>, items: &[Item]) -> Asked<()> {
    if items.is_empty() {
        let all = all(shop).await?;
        shop.link().quantities(&all);
        return Ok(());
    }
    if let Some(store) = shop.api().store() {
        return warehouse::read(shop, store, items).await;
    }
    let ids: BTreeSet<String> =
        items.iter().filter_map(|item| item.address.split('/').next()).map(str::to_owned).collect();
    let at: BTreeMap<String, Sold> = sold(shop, ids.into_iter().collect())
        .await?
        .into_iter()
        .map(|sold| (sold.address(false), sold))
        .collect();
    let listed = items.iter().filter_map(|item| {
        let sold = at.get(&item.address).filter(|sold| sold.sku == item.store_sku)?;
        Some(sold.clone().listed(false))
    });
    shop.link().quantities(&listed.collect::<Vec<_>>());
    Ok(())
}

pub(crate) async fn listings(shop: &Client<Account>) -> Asked<()> {
    let all = all(shop).await?;
    shop.link().listings(&all);
    Ok(())
}

async fn all(shop: &Client<Account>) -> Asked<Vec<Listed>> {
    let ids = all_ids(shop).await?;
    let sold = sold(shop, ids).await?.into_iter().filter(|sold| !sold.sku.is_empty());
    Ok(sold.map(|sold| sold.listed(false)).collect())
}

/// The items that have one of these SKUs.
async fn ids_of(shop: &Client<Account>, skus: &BTreeSet<&str>) -> Asked<Vec<String>> {
    let asked = skus.iter().map(|sku| {
        let shop = shop.clone();
        let path =
            format!("/users/{}/items/search?limit=100&seller_sku={}", shop.api().user_id(), percent(sku));
        async move { shop.ask(|account, _| account.get(&path)).await }
    });
    let mut ids = BTreeSet::new();
    for answer in side_by_side(AT_ONCE, asked.collect()).await {
        ids.extend(entries(&answer?, "/results").filter_map(string));
    }
    Ok(ids.into_iter().collect())
}

/// All items: a scan, page by page, until one is empty.
async fn all_ids(shop: &Client<Account>) -> Asked<Vec<String>> {
    let mut ids = Vec::new();
    let mut scroll = String::new();
    for _ in 0..PAGES_MAX {
        let path = format!("/users/{}/items/search?search_type=scan&limit=100{scroll}", shop.api().user_id());
        let answer = shop.ask(|account, _| account.get(&path)).await?;
        if !answer.get("results").is_some_and(Value::is_array) {
            return Err(Trouble::Unknown(one_line(&format!("Mercado Libre gave no results: {answer}"))));
        }
        let before = ids.len();
        ids.extend(entries(&answer, "/results").filter_map(string));
        match answer.get("scroll_id").and_then(Value::as_str).filter(|_| ids.len() - before == 100) {
            Some(id) => scroll = format!("&scroll_id={}", percent(id)),
            None => return Ok(ids),
        }
    }
    Err(Trouble::Refused(format!("rejected: the account has more than {PAGES_MAX} pages of items")))
}

/// What these items sell, twenty at a time.
async fn sold(shop: &Client<Account>, ids: Vec<String>) -> Asked<Vec<Sold>> {
    let asked = ids.chunks(MULTIGET_MAX).map(|ids| {
        let shop = shop.clone();
        let ids: Vec<String> = ids.iter().map(|id| percent(id)).collect();
        let path = format!("/items?ids={}&attributes={ATTRIBUTES}&include_attributes=all", ids.join(","));
        async move { shop.ask(|account, _| account.get(&path)).await }
    });
    let mut found = Vec::new();
    for answer in side_by_side(AT_ONCE, asked.collect()).await {
        let answer = answer?;
        if !answer.is_array() {
            return Err(Trouble::Unknown(one_line(&format!(
                "Mercado Libre gave no list of items: {answer}"
            ))));
        }
        for entry in entries(&answer, "").filter(|entry| entry.get("code").and_then(integer) == Some(200)) {
            found.extend(entry.get("body").into_iter().flat_map(of_item));
        }
    }
    Ok(found)
}

fn of_item(body: &Value) -> Vec<Sold> {
    let Some(item) = body.get("id").and_then(string) else { return Vec::new() };
    let title = body.get("title").and_then(Value::as_str).unwrap_or_default();
    let one = |of: &Value, variation: Option<String>| {
        let user_product = of.get("user_product_id").and_then(string).unwrap_or_default();
        let quantity = of.get("available_quantity").and_then(integer)?;
        Some(Sold {
            item: item.clone(),
            variation,
            user_product,
            sku: sku(of),
            title: title.to_owned(),
            quantity,
        })
    };
    let variations: Vec<&Value> = entries(body, "/variations").collect();
    if variations.is_empty() {
        return one(body, None).into_iter().collect();
    }
    variations
        .into_iter()
        .filter_map(|variation| one(variation, Some(variation.get("id").and_then(string)?)))
        .collect()
}

/// The attribute `SELLER_SKU`; in old items a field of its own.
fn sku(of: &Value) -> String {
    let attribute = entries(of, "/attributes")
        .find(|attribute| attribute.get("id").and_then(Value::as_str) == Some("SELLER_SKU"));
    let value =
        attribute.and_then(|attribute| attribute.get("value_name")).or_else(|| of.get("seller_custom_field"));
    value.and_then(string).unwrap_or_default()
}
