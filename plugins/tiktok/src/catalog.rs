//! What a shop sells: its products, their SKUs, and the stock of each.

use crate::api::Tiktoks;
use crate::place::{Place, Stock, is_id};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use stocksync_sdk::flow::{Listed, Trouble, entries, integer, side_by_side, string};

/// "Search Products": `page_size` up to 100, `seller_skus` up to 10 (error 12019027), and no more than 10,000 products of a search (error 12052180).
const PRODUCTS_OF_PAGE: usize = 100;
pub(crate) const SELLER_SKUS_MAX: usize = 10;
const PRODUCTS_OF_SEARCH: i64 = 10_000;
/// "Inventory Search": `sku_ids` up to 600.
const SKU_IDS_MAX: usize = 600;
const PAGES_MAX: usize = 10_000;
/// A window of creation in seconds that is not halved any more.
const WINDOW_SECONDS_MIN: i64 = 60;
/// Requests that a session has under way at once.
pub(crate) const AT_ONCE: usize = 32;

/// A listing and its stock.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) seller_sku: String,
    title: String,
    place: Place,
    stock: Stock,
}

impl Found {
    pub(crate) fn addressed(&self) -> Listed {
        Listed {
            store_sku: self.seller_sku.clone(),
            address: self.place.address(),
            parent: self.place.product.clone(),
            ..Listed::default()
        }
    }

    pub(crate) fn listed(&self, kept: Option<&str>) -> Result<Listed, Trouble> {
        let quantity = self.stock.quantity(&self.place.sku, kept)?;
        Ok(Listed { title: self.title.clone(), quantity, ..self.addressed() })
    }
}

/// Every listing that has a SKU. A shop of more than 10,000 products is searched in windows of creation time.
pub(crate) async fn all(client: &Tiktoks) -> Result<Vec<Found>, Trouble> {
    let mut windows = vec![(0, client.link().now().div_euclid(1000) + 86_400)];
    let mut found = Vec::new();
    while let Some((from, to)) = windows.pop() {
        let body = json!({ "status": "ALL", "create_time_ge": from, "create_time_le": to });
        let first = page(client, &body, "").await?;
        let total = first.pointer("/data/total_count").and_then(integer).unwrap_or_default();
        if total > PRODUCTS_OF_SEARCH && to - from > WINDOW_SECONDS_MIN {
            let middle = from + (to - from) / 2;
            windows.extend([(middle + 1, to), (from, middle)]);
            continue;
        }
        found.extend(rest(client, &body, first).await?);
    }
    Ok(once(found))
}

/// The listings of some SKUs, ten a request.
pub(crate) async fn of_skus(client: &Tiktoks, skus: &[&str]) -> Result<Vec<Found>, Trouble> {
    let parts = skus.chunks(SELLER_SKUS_MAX).map(|part| {
        let body = json!({ "status": "ALL", "seller_skus": part });
        let client = client.clone();
        async move {
            let first = page(&client, &body, "").await?;
            rest(&client, &body, first).await
        }
    });
    let mut found = Vec::new();
    for part in side_by_side(AT_ONCE, parts.collect()).await {
        found.extend(part?);
    }
    Ok(once(found))
}

/// What each SKU shows in each warehouse; those that the shop does not have are left out. With it the seller's own name of the SKU.
pub(crate) async fn stocks(
    client: &Tiktoks,
    skus: &[String],
) -> Result<BTreeMap<String, (String, Stock)>, Trouble> {
    let parts =
        skus.chunks(SKU_IDS_MAX).map(|part| {
            let body = json!({ "sku_ids": part }).to_string();
            let client = client.clone();
            async move {
                client.ask(|shop, now| shop.post("/product/202309/inventory/search", &[], &body, now)).await
            }
        });
    let mut stocks = BTreeMap::new();
    for part in side_by_side(AT_ONCE, parts.collect()).await {
        let part = part?;
        for sku in entries(&part, "/data/inventory").flat_map(|product| entries(product, "/skus")) {
            let Some(id) = sku.get("id").and_then(string) else { continue };
            let name = sku.get("seller_sku").and_then(string).unwrap_or_default();
            stocks.insert(id, (name, stock(sku, "/warehouse_inventory", "available_quantity")?));
        }
    }
    Ok(stocks)
}

async fn page(client: &Tiktoks, body: &Value, token: &str) -> Result<Value, Trouble> {
    let body = body.to_string();
    let mut query = vec![("page_size", PRODUCTS_OF_PAGE.to_string())];
    query.extend((!token.is_empty()).then(|| ("page_token", token.to_owned())));
    client.ask(|shop, now| shop.post("/product/202502/products/search", &query, &body, now)).await
}

/// A first page and those behind it.
async fn rest(client: &Tiktoks, body: &Value, first: Value) -> Result<Vec<Found>, Trouble> {
    let (mut found, mut current) = (Vec::new(), first);
    for _ in 0..PAGES_MAX {
        for product in entries(&current, "/data/products") {
            found.extend(of_product(product)?);
        }
        let token = current.pointer("/data/next_page_token").and_then(string).unwrap_or_default();
        if token.is_empty() {
            break;
        }
        current = page(client, body, &token).await?;
    }
    Ok(found)
}

fn of_product(product: &Value) -> Result<Vec<Found>, Trouble> {
    let text = |of: &Value, name: &str| of.get(name).and_then(string).unwrap_or_default();
    let id = text(product, "id");
    if !is_id(&id) || matches!(text(product, "status").as_str(), "DELETED" | "DRAFT") {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for sku in entries(product, "/skus") {
        let (seller_sku, sku_id) = (text(sku, "seller_sku"), text(sku, "id"));
        if seller_sku.is_empty() || !is_id(&sku_id) {
            continue;
        }
        let stock = stock(sku, "/inventory", "quantity")?;
        let warehouses = stock.0.iter().map(|(id, _)| id.clone()).collect();
        let place = Place { product: id.clone(), sku: sku_id, warehouses };
        found.push(Found { seller_sku, title: text(product, "title"), place, stock });
    }
    Ok(found)
}

fn stock(sku: &Value, pointer: &str, name: &str) -> Result<Stock, Trouble> {
    let of = |entry: &Value| {
        let id = entry.get("warehouse_id").and_then(string).filter(|id| is_id(id))?;
        Some((id, entry.get(name).and_then(integer).filter(|quantity| *quantity >= 0)?))
    };
    let stock: Option<Vec<_>> = entries(sku, pointer).map(of).collect();
    let mut stock = stock
        .ok_or_else(|| Trouble::Refused("rejected: a SKU shows a stock that cannot be read".to_owned()))?;
    stock.sort_unstable();
    Ok(Stock(stock))
}

/// A product that moved from page to page while they were read stands in two of them.
fn once(found: Vec<Found>) -> Vec<Found> {
    let by_place: BTreeMap<(String, String), Found> =
        found.into_iter().map(|one| ((one.place.product.clone(), one.place.sku.clone()), one)).collect();
    by_place.into_values().collect()
}
