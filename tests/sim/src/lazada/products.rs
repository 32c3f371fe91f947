//! "GetProducts".

use super::{Lazada, Sku, fault, good};
use crate::http::Response;
use crate::json::set;
use crate::marketplace::Now;
use crate::moment::utc;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const LIMIT_MAX: usize = 50;
const SKUS_MAX: usize = 100;
const OFFSET_MAX: usize = 10_000;

impl Lazada {
    pub(super) fn products<'a>(&self, param: &dyn Fn(&str) -> Option<&'a str>) -> Response {
        if param("filter").is_none() {
            return fault("ISV", "36", "E036: Invalid status filter");
        }
        let limit: usize = param("limit").and_then(|limit| limit.parse().ok()).unwrap_or(10);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return fault("ISV", "19", "Invalid Limit");
        }
        let offset: usize = param("offset").and_then(|offset| offset.parse().ok()).unwrap_or(0);
        if offset > OFFSET_MAX {
            return fault("ISV", "14", "E014: \"%s\" Invalid Offset");
        }
        let list: Option<Vec<String>> = match param("sku_seller_list").map(serde_json::from_str) {
            Some(Err(_)) => {
                return fault("ISV", "70", "E070: You have corrupt data in your sku seller list.");
            }
            Some(Ok(list)) => Some(list),
            None => None,
        };
        if list.as_ref().is_some_and(|list| list.len() > SKUS_MAX) {
            return fault("ISV", "70", "E070: You have corrupt data in your sku seller list.");
        }
        // Moments of one zone sort as texts do.
        let after = param("create_after").unwrap_or_default();
        let before = param("create_before").unwrap_or("9999");
        let wanted = |sku: &&Sku| {
            let created = utc(Now(sku.created * 1000)).replace('Z', "+00:00");
            let within = after <= created.as_str() && created.as_str() <= before;
            within && list.as_ref().is_none_or(|list| list.contains(&sku.seller_sku))
        };
        let mut by_item: BTreeMap<i64, Vec<&Sku>> = BTreeMap::new();
        for sku in self.skus.iter().filter(wanted) {
            by_item.entry(sku.item_id).or_default().push(sku);
        }
        let page: Vec<Value> =
            by_item.iter().skip(offset).take(limit).map(|(item, skus)| self.product(*item, skus)).collect();
        good(&json!({ "total_products": by_item.len().to_string(), "products": page }))
    }

    /// Whether a product that is found by one SKU is given with all is *unconfirmed*; here it is.
    fn product(&self, item: i64, found: &[&Sku]) -> Value {
        let skus: Vec<Value> = self
            .skus
            .iter()
            .filter(|sku| sku.item_id == item)
            .map(|sku| sku.json(self.warehouses.len() > 1))
            .collect();
        let name = found.first().map(|sku| sku.name.as_str()).unwrap_or_default();
        json!({
            "item_id": item.to_string(), "created_time": "1611554725000", "updated_time": "1611554725000", "status": "Active",
            "attributes": { "name": name }, "skus": skus, "suspendedSkus": [],
        })
    }
}

impl Sku {
    /// "Product inventory management": a warehouse without stock is not among `multiWarehouseInventories`.
    fn json(&self, several: bool) -> Value {
        let total: i64 = self.stock.iter().map(|(_, units)| units).sum();
        let warehouse = |(code, units): &(String, i64)| {
            json!({
                "warehouseCode": code, "sellableQuantity": units, "occupyQuantity": 0, "withholdQuantity": 0,
                "totalQuantity": units, "quantity": units,
            })
        };
        let warehouses: Vec<Value> =
            self.stock.iter().filter(|(_, units)| *units > 0).map(warehouse).collect();
        let mut sku = json!({
            "Status": "active", "quantity": total + self.occupied, "SellerSku": self.seller_sku, "SkuId": self.sku_id,
            "ShopSku": format!("{}_SGAMZ-{}", self.item_id, self.sku_id), "Available": total,
        });
        if several {
            set(&mut sku, "multiWarehouseInventories", Value::Array(warehouses));
        }
        sku
    }
}
