//! What a shop sells: its items, their models, and the stock of each.

use crate::api::Shops;
use serde_json::Value;
use stocksync_sdk::flow::{Listed, Trouble, entries, integer, side_by_side, string};

/// `v2.product.get_item_list`: `page_size` up to 100.
const ITEMS_OF_PAGE: usize = 100;
/// `v2.product.get_item_base_info`: up to 50 items.
const INFOS_MAX: usize = 50;
/// More pages are not asked for: a million items.
const PAGES_MAX: usize = 10_000;
/// Requests that a session has under way at once.
pub(crate) const AT_ONCE: usize = 32;

/// Where a listing is: `item:model`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) item: i64,
    /// 0 for an item without models.
    pub(crate) model: i64,
}

impl Place {
    pub(crate) fn parse(address: &str) -> Option<Self> {
        let (item, model) = address.split_once(':')?;
        Some(Self { item: item.parse().ok()?, model: model.parse().ok()? })
    }

    pub(crate) fn address(self) -> String {
        format!("{}:{}", self.item, self.model)
    }
}

/// A listing and its stock.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) place: Place,
    pub(crate) sku: String,
    pub(crate) title: String,
    stock: Value,
}

impl Found {
    /// What the shop shows that the seller has, at the location that is kept.
    pub(crate) fn quantity(&self, location: Option<&str>) -> Result<i64, Trouble> {
        let unclear = |what: &str| Trouble::Refused(format!("rejected: item {} {what}", self.place.item));
        let stocks = self.stock.as_array().ok_or_else(|| unclear("shows no stock"))?;
        let of = |entry: &Value| entry.get("stock").and_then(integer).filter(|stock| *stock >= 0);
        let Some(location) = location else {
            return match stocks.as_slice() {
                [] => Ok(0),
                [one] => of(one).ok_or_else(|| unclear("shows a stock that is no number")),
                _ => Err(unclear("has stock at several locations: name one in the setting `location_id`")),
            };
        };
        let here =
            stocks.iter().find(|entry| entry.get("location_id").and_then(Value::as_str) == Some(location));
        here.map_or(Ok(0), |entry| of(entry).ok_or_else(|| unclear("shows a stock that is no number")))
    }

    pub(crate) fn listed(&self, location: Option<&str>) -> Result<Listed, Trouble> {
        Ok(Listed {
            store_sku: self.sku.clone(),
            address: self.place.address(),
            parent: self.place.item.to_string(),
            title: self.title.clone(),
            quantity: self.quantity(location)?,
            ..Listed::default()
        })
    }
}

/// Every listing that has a SKU, in the shop's order.
pub(crate) async fn all(client: &Shops) -> Result<Vec<Found>, Trouble> {
    let items = item_ids(client).await?;
    let parts = items.chunks(INFOS_MAX).map(|part| infos(client.clone(), part.to_vec()));
    let mut found = Vec::new();
    let mut with_models = Vec::new();
    for part in side_by_side(AT_ONCE, parts.collect()).await {
        for info in part? {
            match info {
                Info::Alone(alone) => found.push(alone),
                Info::WithModels { item, title } => with_models.push((item, title)),
            }
        }
    }
    let lists = with_models.into_iter().map(|(item, title)| models(client.clone(), item, title));
    for list in side_by_side(AT_ONCE, lists.collect()).await {
        found.extend(list?);
    }
    found.retain(|listing| !listing.sku.is_empty());
    Ok(found)
}

/// The listings at some places; those that the shop does not have are left out.
pub(crate) async fn at(client: &Shops, places: &[Place]) -> Result<Vec<Found>, Trouble> {
    let ids = |alone: bool| -> Vec<i64> {
        let mut ids: Vec<i64> =
            places.iter().filter(|place| (place.model == 0) == alone).map(|place| place.item).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let mut found = Vec::new();
    let parts: Vec<_> =
        ids(true).chunks(INFOS_MAX).map(|part| infos(client.clone(), part.to_vec())).collect();
    for part in side_by_side(AT_ONCE, parts).await {
        let alone = part?.into_iter().filter_map(|info| match info {
            Info::Alone(alone) => Some(alone),
            Info::WithModels { .. } => None,
        });
        found.extend(alone);
    }
    let lists: Vec<_> =
        ids(false).into_iter().map(|item| models(client.clone(), item, String::new())).collect();
    for list in side_by_side(AT_ONCE, lists).await {
        match list {
            Ok(list) => found.extend(list),
            Err(Trouble::Refused(why)) if why.starts_with("not-found") => {}
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(found)
}

async fn item_ids(client: &Shops) -> Result<Vec<i64>, Trouble> {
    let mut ids = Vec::new();
    let mut offset = 0;
    for _ in 0..PAGES_MAX {
        let body = client
            .ask(move |shop, now| {
                let query = [
                    ("offset", offset.to_string()),
                    ("page_size", ITEMS_OF_PAGE.to_string()),
                    ("item_status", "NORMAL".to_owned()),
                    ("item_status", "UNLIST".to_owned()),
                ];
                shop.get("/api/v2/product/get_item_list", &query, now)
            })
            .await?;
        ids.extend(entries(&body, "/response/item").filter_map(|item| integer(item.get("item_id")?)));
        let next = body.pointer("/response/next_offset").and_then(integer).filter(|next| *next > offset);
        match next {
            Some(next) if body.pointer("/response/has_next_page") == Some(&Value::Bool(true)) => {
                offset = next
            }
            _ => break,
        }
    }
    // An item that moved from page to page while they were read stands in two of them.
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

enum Info {
    Alone(Found),
    WithModels { item: i64, title: String },
}

async fn infos(client: Shops, items: Vec<i64>) -> Result<Vec<Info>, Trouble> {
    let list = items.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let body = client
        .ask(move |shop, now| {
            shop.get("/api/v2/product/get_item_base_info", &[("item_id_list", list.clone())], now)
        })
        .await?;
    let info = |info: &Value| {
        let item = info.get("item_id").and_then(integer)?;
        let title = info.get("item_name").and_then(string).unwrap_or_default();
        if info.get("has_model") == Some(&Value::Bool(true)) {
            return Some(Info::WithModels { item, title });
        }
        let sku = info.get("item_sku").and_then(string).unwrap_or_default();
        Some(Info::Alone(Found { place: Place { item, model: 0 }, sku, title, stock: stock(info) }))
    };
    Ok(entries(&body, "/response/item_list").filter_map(info).collect())
}

async fn models(client: Shops, item: i64, title: String) -> Result<Vec<Found>, Trouble> {
    let body = client
        .ask(move |shop, now| {
            shop.get("/api/v2/product/get_model_list", &[("item_id", item.to_string())], now)
        })
        .await?;
    let model = |model: &Value| {
        let place = Place { item, model: model.get("model_id").and_then(integer)? };
        let sku = model.get("model_sku").and_then(string).unwrap_or_default();
        Some(Found { place, sku, title: title.clone(), stock: stock(model) })
    };
    Ok(entries(&body, "/response/model").filter_map(model).collect())
}

fn stock(of: &Value) -> Value {
    of.pointer("/stock_info_v2/seller_stock").cloned().unwrap_or_default()
}
