//! What a seller sells: products, their SKUs, and the stock of each.

use crate::api::Sellers;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use stocksync_sdk::flow::{Listed, Trouble, entries, integer, percent, rfc3339, side_by_side, string};

/// "GetProducts": `limit` up to 50, `sku_seller_list` up to 100 SKUs, `offset` up to 10,000.
const PRODUCTS_OF_PAGE: i64 = 50;
const SKUS_OF_LIST: usize = 100;
const PRODUCTS_OF_SEARCH: i64 = 10_000;
/// A list of SKUs stands in the address of a request; no server must take longer ones than this, in bytes.
const LIST_BYTES_MAX: usize = 4_000;
/// A window of creation in seconds that is not halved any more.
const WINDOW_SECONDS_MIN: i64 = 60;
/// From so many lists on it is worth one request to see how many products there are.
const ALL_FROM: usize = 10;
/// 2012-01-01: before it there was no Lazada.
const FIRST_SECOND: i64 = 1_325_376_000;
/// Requests that a session has under way at once.
pub(crate) const AT_ONCE: usize = 32;

/// Where a listing is: `item:sku`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) item: i64,
    pub(crate) sku: i64,
}

impl Place {
    pub(crate) fn parse(address: &str) -> Option<Self> {
        let (item, sku) = address.split_once(':')?;
        Some(Self { item: item.parse().ok()?, sku: sku.parse().ok()? })
    }
}

/// A listing and its stock.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) place: Place,
    pub(crate) seller_sku: String,
    title: String,
    sku: Value,
}

impl Found {
    /// What buyers can buy: of all, or of the warehouse that is kept.
    pub(crate) fn quantity(&self, kept: Option<&str>) -> Result<i64, Trouble> {
        let unclear = |what: &str| Trouble::Refused(format!("rejected: SKU {} {what}", self.place.sku));
        let warehouses: Vec<&Value> = entries(&self.sku, "/multiWarehouseInventories").collect();
        let sellable = |of: &Value| of.get("sellableQuantity").and_then(integer).filter(|units| *units >= 0);
        let number = match (warehouses.as_slice(), kept) {
            (all, Some(kept)) => {
                let code = |of: &&&Value| of.get("warehouseCode").and_then(string).as_deref() == Some(kept);
                // A warehouse without stock is not named.
                all.iter().find(code).map_or(Some(0), |here| sellable(here))
            }
            ([one], None) => sellable(one),
            ([], None) => self.sku.get("Available").and_then(integer).filter(|units| *units >= 0),
            (_, None) => {
                return Err(unclear("has several warehouses: name one in the setting `warehouse_code`"));
            }
        };
        number.ok_or_else(|| unclear("shows a stock that cannot be read"))
    }

    pub(crate) fn addressed(&self) -> Listed {
        Listed {
            store_sku: self.seller_sku.clone(),
            address: format!("{}:{}", self.place.item, self.place.sku),
            parent: self.place.item.to_string(),
            ..Listed::default()
        }
    }

    pub(crate) fn listed(&self, kept: Option<&str>) -> Result<Listed, Trouble> {
        Ok(Listed { title: self.title.clone(), quantity: self.quantity(kept)?, ..self.addressed() })
    }
}

/// Every listing. A seller of more than 10,000 products is searched in windows of creation time.
pub(crate) async fn all(client: &Sellers) -> Result<Vec<Found>, Trouble> {
    let mut windows = vec![(FIRST_SECOND, client.link().now().div_euclid(1000) + 86_400)];
    let mut found = Vec::new();
    while let Some((from, to)) = windows.pop() {
        let search = window(from, to);
        let first = page(client, &search, 0).await?;
        if total(&first) > PRODUCTS_OF_SEARCH && to - from > WINDOW_SECONDS_MIN {
            let middle = from + (to - from) / 2;
            windows.extend([(middle, to), (from, middle)]);
            continue;
        }
        found.extend(rest(client, &search, &first).await?);
    }
    Ok(once(found))
}

/// The listings of some SKUs, wherever they are; those that the seller does not have are left out. Many are looked for among all, where that takes
/// no more requests.
pub(crate) async fn of_skus(client: &Sellers, skus: &BTreeSet<&str>) -> Result<Vec<Found>, Trouble> {
    let lists = lists(skus.iter().copied().map(|sku| (None, sku)));
    let found = if lists.len() < ALL_FROM {
        searched(client, lists).await?
    } else {
        let search = window(FIRST_SECOND, client.link().now().div_euclid(1000) + 86_400);
        let first = page(client, &search, 0).await?;
        // Products of a hundred SKUs may take a second page.
        let pages_max = (lists.len() + lists.len() / 4) as i64;
        if total(&first) <= PRODUCTS_OF_PAGE * pages_max {
            rest(client, &search, &first).await?
        } else {
            searched(client, lists).await?
        }
    };
    Ok(once(found.into_iter().filter(|one| skus.contains(one.seller_sku.as_str())).collect()))
}

/// The listings at some places, as they are named; those that the seller does not have are left out.
pub(crate) async fn at(client: &Sellers, places: &[(Place, &str)]) -> Result<Vec<Found>, Trouble> {
    let mut sorted = places.to_vec();
    sorted.sort_unstable();
    let lists = lists(sorted.iter().map(|(place, sku)| (Some(place.item), *sku)));
    let skus: BTreeSet<&str> = places.iter().map(|(_, sku)| *sku).collect();
    let found = searched(client, lists).await?;
    Ok(once(found.into_iter().filter(|one| skus.contains(one.seller_sku.as_str())).collect()))
}

/// What lists of SKUs find: products, with their other SKUs.
async fn searched(client: &Sellers, lists: Vec<String>) -> Result<Vec<Found>, Trouble> {
    let parts = lists.into_iter().map(|list| {
        let client = client.clone();
        async move {
            let search = vec![("sku_seller_list", list)];
            let first = page(&client, &search, 0).await?;
            rest(&client, &search, &first).await
        }
    });
    let mut found = Vec::new();
    for part in side_by_side(AT_ONCE, parts.collect()).await {
        found.extend(part?);
    }
    Ok(found)
}

/// Those that were made between two moments, in seconds since 1970.
fn window(from: i64, to: i64) -> Vec<(&'static str, String)> {
    let moment = |seconds: i64| rfc3339(seconds).replace('Z', "+00:00");
    vec![("create_after", moment(from)), ("create_before", moment(to))]
}

/// SKUs as lists for requests. Where their products are known, those of a list fit on a page.
fn lists<'a>(skus: impl Iterator<Item = (Option<i64>, &'a str)>) -> Vec<String> {
    let (mut lists, mut list, mut bytes) = (Vec::new(), Vec::new(), 0);
    let mut products = BTreeSet::new();
    for (product, sku) in skus {
        let length = percent(sku).len() + 9;
        let is_full = list.len() == SKUS_OF_LIST || bytes + length > LIST_BYTES_MAX;
        let is_new = product.is_some_and(|product| !products.contains(&product));
        if !list.is_empty() && (is_full || is_new && products.len() == PRODUCTS_OF_PAGE as usize) {
            lists.push(Value::from(std::mem::take(&mut list)).to_string());
            bytes = 0;
            products.clear();
        }
        bytes += length;
        list.push(Value::from(sku));
        products.extend(product);
    }
    lists.extend((!list.is_empty()).then(|| Value::from(list).to_string()));
    lists
}

async fn page(client: &Sellers, search: &[(&str, String)], offset: i64) -> Result<Value, Trouble> {
    let mut params = search.to_vec();
    params.push(("filter", "all".to_owned()));
    params.push(("limit", PRODUCTS_OF_PAGE.to_string()));
    params.push(("offset", offset.to_string()));
    client.ask(|seller, now| seller.get("/products/get", &params, now)).await
}

fn total(page: &Value) -> i64 {
    page.pointer("/data/total_products").and_then(integer).unwrap_or_default()
}

/// What a first page has, and those behind it, which are asked for side by side.
async fn rest(client: &Sellers, search: &[(&str, String)], first: &Value) -> Result<Vec<Found>, Trouble> {
    let mut found = products(first)?;
    let last = total(first).min(PRODUCTS_OF_SEARCH);
    let offsets = (1..).map(|page| page * PRODUCTS_OF_PAGE).take_while(|offset| *offset < last);
    let pages = offsets.map(|offset| page(client, search, offset));
    for page in side_by_side(AT_ONCE, pages.collect()).await {
        found.extend(products(&page?)?);
    }
    Ok(found)
}

fn products(page: &Value) -> Result<Vec<Found>, Trouble> {
    let mut found = Vec::new();
    for product in entries(page, "/data/products") {
        let item =
            product.get("item_id").and_then(integer).ok_or_else(|| unread("a product without `item_id`"))?;
        let title = product.pointer("/attributes/name").and_then(string).unwrap_or_default();
        for sku in entries(product, "/skus") {
            let seller_sku = sku.get("SellerSku").and_then(string).unwrap_or_default();
            let is_deleted = sku.get("Status").and_then(Value::as_str) == Some("deleted");
            if seller_sku.is_empty() || is_deleted {
                continue;
            }
            let id = sku.get("SkuId").and_then(integer).ok_or_else(|| unread("a SKU without `SkuId`"))?;
            let place = Place { item, sku: id };
            found.push(Found { place, seller_sku, title: title.clone(), sku: sku.clone() });
        }
    }
    Ok(found)
}

fn unread(what: &str) -> Trouble {
    Trouble::Refused(format!("rejected: the answer has {what}"))
}

/// A product that moved from page to page while they were read stands in two of them.
fn once(found: Vec<Found>) -> Vec<Found> {
    let by_place: BTreeMap<Place, Found> = found.into_iter().map(|one| (one.place, one)).collect();
    by_place.into_values().collect()
}
