//! Items and models.

use super::{Item, Model, Shopee, fault, good};
use crate::http::{Request, Response};
use crate::json::set;
use serde_json::{Value, json};

/// `v2.product.get_item_list`: `page_size` at most 100; `v2.product.get_item_base_info`: at most 50 items.
const PAGE_MAX: u64 = 100;
const INFOS_MAX: usize = 50;

impl Shopee {
    /// `v2.product.get_item_list`.
    pub(super) fn item_list(&self, request: &Request) -> Response {
        let size = request.number("page_size").unwrap_or(0);
        let (Some(offset), true) = (request.number("offset"), (1..=PAGE_MAX).contains(&size)) else {
            return fault(200, "error_param", "Wrong parameters, detail: page_size or offset.");
        };
        let wanted: Vec<&str> = request
            .query
            .iter()
            .filter(|(name, _)| name == "item_status")
            .map(|(_, status)| status.as_str())
            .collect();
        if wanted.is_empty() {
            return fault(200, "error_param", "Wrong parameters, detail: item_status.");
        }
        let all: Vec<&Item> = self.items.iter().filter(|_| wanted.contains(&"NORMAL")).collect();
        let (from, size) =
            (usize::try_from(offset).unwrap_or(usize::MAX), usize::try_from(size).unwrap_or(0));
        let page = all.iter().skip(from).take(size);
        let items: Vec<Value> = page
            .map(|item| json!({ "item_id": item.id, "item_status": "NORMAL", "tag": { "kit": false }, "update_time": 1_608_128_470 }))
            .collect();
        let next = from.saturating_add(items.len());
        let more = next < all.len();
        let mut response = json!({ "item": items, "total_count": all.len(), "has_next_page": more });
        if more {
            set(&mut response, "next_offset", json!(next));
        }
        good(response)
    }

    /// `v2.product.get_item_base_info`; an item that the shop does not have is left out (*unconfirmed*).
    pub(super) fn base_info(&self, request: &Request) -> Response {
        let list = request.param("item_id_list").unwrap_or_default();
        let ids: Option<Vec<i64>> = list.split(',').map(|id| id.trim().parse().ok()).collect();
        let Some(ids) = ids.filter(|ids| ids.len() <= INFOS_MAX) else {
            return fault(200, "error_param", "Wrong parameters, detail: item_id_list limit [0,50].");
        };
        let found = self.items.iter().filter(|item| ids.contains(&item.id));
        good(json!({ "item_list": found.map(Item::json).collect::<Vec<_>>() }))
    }

    /// `v2.product.get_model_list`.
    pub(super) fn model_list(&self, request: &Request) -> Response {
        let id = request.param("item_id").and_then(|id| id.parse::<i64>().ok());
        let Some(item) = self.items.iter().find(|item| Some(item.id) == id) else {
            return fault(200, "error_item_not_found", "Product not found");
        };
        let models: Vec<Value> = item.models.iter().filter(|model| model.id != 0).map(Model::json).collect();
        good(json!({ "tier_variation": [], "model": models }))
    }
}

impl Item {
    pub(super) fn has_models(&self) -> bool {
        self.models.iter().any(|model| model.id != 0)
    }

    fn json(&self) -> Value {
        let mut info = json!({
            "item_id": self.id, "category_id": 14_646, "item_name": self.name, "item_sku": "",
            "item_status": "NORMAL", "has_model": self.has_models(),
        });
        // Guide "Stock & price management": the stock of an item with models stands with its models.
        if let (false, Some(model)) = (self.has_models(), self.models.first()) {
            set(&mut info, "item_sku", json!(model.sku));
            set(&mut info, "stock_info_v2", model.stock_info());
        }
        info
    }
}

impl Model {
    fn json(&self) -> Value {
        json!({
            "model_id": self.id, "model_sku": self.sku, "model_status": "MODEL_NORMAL",
            "has_promotion": self.reserved > 0 || self.is_locked, "stock_info_v2": self.stock_info(),
        })
    }

    /// `stock_info_v2` of both pages.
    fn stock_info(&self) -> Value {
        let seller: Vec<Value> = self
            .stock
            .iter()
            .map(|(location, units)| match location.as_str() {
                "" => json!({ "stock": units, "if_saleable": true }),
                location => json!({ "location_id": location, "stock": units, "if_saleable": true }),
            })
            .collect();
        let total: i64 = self.stock.iter().map(|(_, units)| units).sum();
        json!({
            "summary_info": { "total_reserved_stock": self.reserved, "total_available_stock": total },
            "seller_stock": seller, "shopee_stock": [],
        })
    }
}
