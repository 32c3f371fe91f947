//! `resolve`, `read` and `listings`.

use crate::account::Account;
use crate::{AT_ONCE, Asked, ITEMS_MAX};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use stocksync_sdk::flow::{
    Client, Item, Listed, Trouble, entries, integer, one_line, percent, side_by_side, string,
};

/// Items on a page.
const PAGE_ITEMS: usize = 100;
/// The most pages: a million items.
const PAGES_MAX: usize = 10_000;

/// The offers of each SKU, a request each: eBay has no other way. One without an offer is not on sale.
pub(crate) async fn resolve(shop: &Client<Account>, items: &[Item]) -> Asked<()> {
    let wanted: BTreeSet<&str> =
        items.iter().map(|item| item.store_sku.as_str()).filter(|sku| !sku.is_empty()).collect();
    let asked = wanted.into_iter().map(|sku| {
        let shop = shop.clone();
        async move { offers(&shop, sku).await.map(|offers| (sku, offers)) }
    });
    let mut found = Vec::new();
    for offers in side_by_side(AT_ONCE, asked.collect()).await {
        let (sku, offers) = offers?;
        if !offers.is_empty() {
            found.push(Listed { store_sku: sku.to_owned(), address: offers.join(","), ..Listed::default() });
        }
    }
    shop.link().addresses(&found);
    Ok(())
}

async fn offers(shop: &Client<Account>, sku: &str) -> Asked<Vec<String>> {
    let marketplace =
        shop.api().marketplace().map(|name| format!("&marketplace_id={}", percent(name))).unwrap_or_default();
    let path = format!("/sell/inventory/v1/offer?sku={}{marketplace}", percent(sku));
    match shop.ask(|account, _| account.get(&path)).await {
        Ok(answer) => {
            let ours = entries(&answer, "/offers")
                .filter(|offer| offer.get("sku").and_then(Value::as_str) == Some(sku));
            Ok(ours.filter_map(|offer| offer.get("offerId").and_then(string)).collect())
        }
        Err(Trouble::Refused(why)) if why.starts_with("not-found: 257") => Ok(Vec::new()),
        Err(trouble) => Err(trouble),
    }
}

pub(crate) async fn read(shop: &Client<Account>, items: &[Item]) -> Asked<()> {
    if items.is_empty() {
        let all = all(shop).await?;
        shop.link().quantities(&all);
        return Ok(());
    }
    let found = quantities(shop, items.iter().map(|item| item.store_sku.as_str()).collect()).await?;
    let found =
        found.into_iter().map(|(store_sku, quantity)| Listed { store_sku, quantity, ..Listed::default() });
    shop.link().quantities(&found.collect::<Vec<_>>());
    Ok(())
}

/// Quantities of items by SKU; what eBay does not have is absent.
pub(crate) async fn quantities(shop: &Client<Account>, skus: Vec<&str>) -> Asked<BTreeMap<String, i64>> {
    let asked = skus.chunks(ITEMS_MAX).map(|skus| {
        let shop = shop.clone();
        let body = json!({ "requests": skus.iter().map(|sku| json!({ "sku": sku })).collect::<Vec<_>>() });
        async move {
            shop.ask(|account, _| account.post("/sell/inventory/v1/bulk_get_inventory_item", &body)).await
        }
    });
    let mut found = BTreeMap::new();
    for answer in side_by_side(AT_ONCE, asked.collect()).await {
        let answer = answer?;
        if !answer.get("responses").is_some_and(Value::is_array) {
            return Err(Trouble::Unknown(one_line(&format!("eBay gave no responses: {answer}"))));
        }
        for response in entries(&answer, "/responses") {
            let sku = response.get("sku").and_then(Value::as_str);
            let quantity = response.get("inventoryItem").and_then(quantity);
            found.extend(sku.map(str::to_owned).zip(quantity));
        }
    }
    Ok(found)
}

fn quantity(item: &Value) -> Option<i64> {
    item.pointer("/availability/shipToLocationAvailability/quantity").and_then(integer)
}

pub(crate) async fn listings(shop: &Client<Account>) -> Asked<()> {
    let all = all(shop).await?;
    shop.link().listings(&all);
    Ok(())
}

/// Every inventory item, page by page.
async fn all(shop: &Client<Account>) -> Asked<Vec<Listed>> {
    let mut found = Vec::new();
    for page in 0..PAGES_MAX {
        let path =
            format!("/sell/inventory/v1/inventory_item?limit={PAGE_ITEMS}&offset={}", page * PAGE_ITEMS);
        let answer = shop.ask(|account, _| account.get(&path)).await?;
        let total = answer
            .get("total")
            .and_then(integer)
            .ok_or_else(|| Trouble::Unknown("eBay gave no total of items".to_owned()))?;
        for item in entries(&answer, "/inventoryItems") {
            let text =
                |pointer: &str| item.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
            if let Some(quantity) = quantity(item) {
                let (store_sku, title, parent) = (text("/sku"), text("/product/title"), text("/groupIds/0"));
                found.push(Listed { store_sku, title, parent, quantity, ..Listed::default() });
            }
        }
        if i64::try_from((page + 1) * PAGE_ITEMS).unwrap_or(i64::MAX) >= total {
            return Ok(found);
        }
    }
    Err(Trouble::Refused(format!("rejected: eBay has more than {PAGES_MAX} pages of items")))
}
