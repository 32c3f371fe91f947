//! "Search Products" (202502) and "Inventory Search" (202309).

use super::{Product, Sku, TikTok, fault, good};
use crate::crypto::{base64, base64_text};
use crate::http::{Request, Response};
use crate::json::at;
use serde_json::{Value, json};

const PAGE_MAX: u64 = 100;
const SELLER_SKUS_MAX: usize = 10;
const SEARCH_MAX: usize = 10_000;
const PRODUCT_IDS_MAX: usize = 100;
const SKU_IDS_MAX: usize = 600;

impl TikTok {
    pub(super) fn search(&self, request: &Request) -> Response {
        let body = request.json().unwrap_or_default();
        let size = request.number("page_size").unwrap_or(0);
        if !(1..=PAGE_MAX).contains(&size) {
            return fault(200, 12_019_109, "page size is invalid");
        }
        let skus: Option<Vec<&str>> =
            at(&body, "seller_skus").as_array().map(|skus| skus.iter().filter_map(Value::as_str).collect());
        if skus.as_ref().is_some_and(|skus| skus.len() > SELLER_SKUS_MAX) {
            return fault(200, 12_019_027, "The maximum count of “seller_skus” in the search filter is 10.");
        }
        let from = at(&body, "create_time_ge").as_i64().unwrap_or(i64::MIN);
        let to = at(&body, "create_time_le").as_i64().unwrap_or(i64::MAX);
        let wanted = |product: &&Product| {
            let named =
                |skus: &Vec<&str>| product.skus.iter().any(|sku| skus.contains(&sku.seller_sku.as_str()));
            (from..=to).contains(&product.created) && skus.as_ref().is_none_or(named)
        };
        let all: Vec<&Product> = self.products.iter().filter(wanted).collect();
        let Some(start) = offset(request.param("page_token")) else {
            return fault(200, 12_019_108, "page number is invalid");
        };
        if start >= SEARCH_MAX {
            return fault(200, 12_052_180, "The total number of search results can not exceed 10000.");
        }
        let size = usize::try_from(size).unwrap_or(1);
        let page: Vec<Value> = all.iter().skip(start).take(size).map(|product| product.json()).collect();
        let next = start + page.len();
        let token =
            if next < all.len() { base64(format!("offset={next}").as_bytes()) } else { String::new() };
        good(&json!({ "total_count": all.len(), "products": page, "next_page_token": token }))
    }

    /// `sku_ids` go before `product_ids`; what the shop does not have is left out (*unconfirmed*).
    pub(super) fn inventory(&self, request: &Request) -> Response {
        let body = request.json().unwrap_or_default();
        let list = |name: &str| -> Vec<String> {
            let ids = at(&body, name).as_array().into_iter().flatten();
            ids.filter_map(|id| id.as_str().map(str::to_owned)).collect()
        };
        let (products, skus) = (list("product_ids"), list("sku_ids"));
        if skus.len() > SKU_IDS_MAX {
            return fault(200, 12_019_015, "The number of SKU exceed the limit");
        }
        if products.len() > PRODUCT_IDS_MAX {
            return fault(200, 12_019_120, "The number of provided product IDs exceeds the limit.");
        }
        let inventory: Vec<Value> = self
            .products
            .iter()
            .filter_map(|product| {
                let of = |sku: &&Sku| {
                    if skus.is_empty() { products.contains(&product.id) } else { skus.contains(&sku.id) }
                };
                let found: Vec<Value> = product.skus.iter().filter(of).map(Sku::inventory).collect();
                (!found.is_empty()).then(|| json!({ "product_id": product.id, "skus": found }))
            })
            .collect();
        good(&json!({ "inventory": inventory }))
    }
}

fn offset(token: Option<&str>) -> Option<usize> {
    match token {
        None | Some("") => Some(0),
        Some(token) => base64_text(token)?.strip_prefix("offset=")?.parse().ok(),
    }
}

impl Product {
    fn json(&self) -> Value {
        let sku = |sku: &Sku| {
            let inventory: Vec<Value> = sku
                .stock
                .iter()
                .map(|(id, units)| json!({ "warehouse_id": id, "quantity": units }))
                .collect();
            json!({ "id": sku.id, "seller_sku": sku.seller_sku, "inventory": inventory, "status_info": { "status": "NORMAL" } })
        };
        let skus: Vec<Value> = self.skus.iter().map(sku).collect();
        json!({
            "id": self.id, "title": self.title, "status": self.status, "skus": skus, "sales_regions": ["SG"],
            "create_time": self.created, "update_time": self.created,
        })
    }
}

impl Sku {
    fn inventory(&self) -> Value {
        let warehouse = |(id, units): &(String, i64)| json!({ "warehouse_id": id, "available_quantity": units, "committed_quantity": 0 });
        let total: i64 = self.stock.iter().map(|(_, units)| units).sum();
        json!({
            "id": self.id, "seller_sku": self.seller_sku, "total_available_quantity": total,
            "total_committed_quantity": self.committed,
            "warehouse_inventory": self.stock.iter().map(warehouse).collect::<Vec<_>>(),
        })
    }
}
