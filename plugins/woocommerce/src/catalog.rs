//! `resolve`, `read` and `listings`: products and variations by their SKUs, or all of them page by page.

use crate::site::Site;
use crate::{AT_ONCE, Asked};
use serde_json::Value;
use std::collections::BTreeSet;
use stocksync_sdk::flow::{Client, Item, Listed, Trouble, entries, integer, one_line, side_by_side};

/// The most products on a page.
const PAGE_ITEMS: usize = 100;
/// The most SKUs in one question: with fewer than a page holds, a page that is not full is the last.
const SKUS_MAX: usize = PAGE_ITEMS - 1;
/// The most bytes of SKUs in one address; servers refuse addresses of more than 8 KiB.
const SKU_BYTES_MAX: usize = 2_000;
/// The most pages of one list: a million products.
const PAGES_MAX: usize = 10_000;
const FIELDS: &str = "id,sku,type,parent_id,manage_stock,stock_quantity,name";
/// What the stock of a listing counts as that the shop does not count: no rule gives it, so it is always written.
const NOT_COUNTED: i64 = -1;
/// What simple products are grouped under, since they are written together.
const SIMPLE: &str = "simple";

/// A product or a variation as the shop shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Product {
    pub(crate) id: u64,
    pub(crate) parent: u64,
    sku: String,
    name: String,
    quantity: i64,
    is_variable: bool,
}

impl Product {
    /// `PRODUCT`, or `PRODUCT/VARIATION`.
    fn address(&self) -> String {
        if self.parent == 0 { self.id.to_string() } else { format!("{}/{}", self.parent, self.id) }
    }

    fn of(value: &Value, parent: u64) -> Option<Self> {
        let number = |name: &str| value.get(name).and_then(Value::as_u64);
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(Self {
            id: number("id")?,
            parent: number("parent_id").filter(|parent| *parent != 0).unwrap_or(parent),
            sku: value.get("sku")?.as_str()?.to_owned(),
            name: text("name"),
            quantity: stock(value).unwrap_or(NOT_COUNTED),
            is_variable: value.get("type").and_then(Value::as_str) == Some("variable"),
        })
    }

    fn listed(self) -> Listed {
        let parent = if self.parent == 0 { SIMPLE.to_owned() } else { self.parent.to_string() };
        let address = self.address();
        Listed {
            store_sku: self.sku,
            address,
            parent,
            title: self.name,
            quantity: self.quantity,
            ..Listed::default()
        }
    }
}

/// The stock that the shop counts for a product; none where it counts none, or its parent's.
pub(crate) fn stock(value: &Value) -> Option<i64> {
    let is_own = value.get("manage_stock") == Some(&Value::Bool(true));
    value.get("stock_quantity").and_then(integer).filter(|_| is_own)
}

pub(crate) async fn resolve(shop: &Client<Site>, items: &[Item]) -> Asked<()> {
    let found = by_sku(shop, items).await?;
    shop.link().addresses(&found.into_iter().map(Product::listed).collect::<Vec<_>>());
    Ok(())
}

/// Only what stands at the address that was resolved: a product that was deleted and made again has another.
pub(crate) async fn read(shop: &Client<Site>, items: &[Item]) -> Asked<()> {
    if items.is_empty() {
        let sold = all(shop).await?;
        shop.link().quantities(&sold.into_iter().map(Product::listed).collect::<Vec<_>>());
        return Ok(());
    }
    let known: BTreeSet<(&str, &str)> =
        items.iter().map(|item| (item.store_sku.as_str(), item.address.as_str())).collect();
    let mut found: Vec<Listed> = by_sku(shop, items).await?.into_iter().map(Product::listed).collect();
    found.retain(|listed| known.contains(&(listed.store_sku.as_str(), listed.address.as_str())));
    shop.link().quantities(&found);
    Ok(())
}

pub(crate) async fn listings(shop: &Client<Site>) -> Asked<()> {
    let sold = all(shop).await?;
    let listed = sold.into_iter().map(|product| {
        let is_simple = product.parent == 0;
        let listed = product.listed();
        if is_simple { Listed { parent: String::new(), ..listed } } else { listed }
    });
    shop.link().listings(&listed.collect::<Vec<_>>());
    Ok(())
}

/// What the shop has of these SKUs, written exactly so: it compares them without regard to case.
async fn by_sku(shop: &Client<Site>, items: &[Item]) -> Asked<Vec<Product>> {
    let wanted: BTreeSet<&str> = items.iter().map(|item| item.store_sku.as_str()).collect();
    let asked = parts(&wanted).into_iter().map(|skus| {
        let shop = shop.clone();
        async move { pages(&shop, "/products", &[("sku", &skus)], 0).await }
    });
    let mut found = Vec::new();
    for part in side_by_side(AT_ONCE, asked.collect()).await {
        found.extend(
            part?.into_iter().filter(|product| !product.is_variable && wanted.contains(product.sku.as_str())),
        );
    }
    // A SKU may be found by two questions that are alike but for case.
    let mut seen = BTreeSet::new();
    found.retain(|product| seen.insert(product.id));
    Ok(found)
}

/// SKUs as the comma lists that the shop takes. One with a comma in it cannot be asked for; the shop would take it for two.
fn parts(wanted: &BTreeSet<&str>) -> Vec<String> {
    let mut parts: Vec<(usize, String)> = Vec::new();
    for sku in wanted.iter().filter(|sku| !sku.contains(',') && !sku.trim().is_empty()) {
        match parts.last_mut() {
            Some((count, part)) if *count < SKUS_MAX && part.len() + sku.len() < SKU_BYTES_MAX => {
                *count += 1;
                part.push(',');
                part.push_str(sku);
            }
            _ => parts.push((1, (*sku).to_owned())),
        }
    }
    parts.into_iter().map(|(_, part)| part).collect()
}

/// Everything that is sold and has a SKU: simple products, and the variations of the others.
async fn all(shop: &Client<Site>) -> Asked<Vec<Product>> {
    let products = pages(shop, "/products", &[], 0).await?;
    let variable: Vec<u64> =
        products.iter().filter(|product| product.is_variable).map(|product| product.id).collect();
    let asked = variable.into_iter().map(|id| {
        let shop = shop.clone();
        async move { pages(&shop, &format!("/products/{id}/variations"), &[], id).await }
    });
    let mut sold = products;
    for variations in side_by_side(AT_ONCE, asked.collect()).await {
        sold.extend(variations?);
    }
    sold.retain(|product| !product.is_variable && !product.sku.is_empty());
    Ok(sold)
}

/// Every page of a list, one after the other: the last is the one that is not full.
async fn pages(shop: &Client<Site>, path: &str, params: &[(&str, &str)], parent: u64) -> Asked<Vec<Product>> {
    let mut found = Vec::new();
    for page in 1..=PAGES_MAX {
        let page = page.to_string();
        let own =
            [("per_page", "100"), ("page", &page), ("orderby", "id"), ("order", "asc"), ("_fields", FIELDS)];
        let params = [params, &own].concat();
        let answer = shop.ask(|site, now| site.get(path, &params, now)).await?;
        let Some(list) = answer.as_array() else {
            return Err(Trouble::Refused(one_line(&format!(
                "rejected: the shop gave no list of products: {answer}"
            ))));
        };
        let products = entries(&answer, "").filter_map(|product| Product::of(product, parent));
        found.extend(products);
        if list.len() < PAGE_ITEMS {
            return Ok(found);
        }
    }
    Err(Trouble::Refused(format!("rejected: the shop has more than {PAGES_MAX} pages of products")))
}
