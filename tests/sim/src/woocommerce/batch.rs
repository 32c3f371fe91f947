//! `POST /products/batch` and `POST /products/{id}/variations/batch`.

use super::{Product, WooCommerce, fault};
use crate::http::{Request, Response};
use serde_json::{Value, json};

impl WooCommerce {
    /// Documents, "Batch update products". Above the limit it is HTTP 413; an item that fails has an `error` in an answer of 200 (observed).
    pub(super) fn batch(&mut self, request: &Request, parent: u64) -> Response {
        let Some(body) = request.json() else {
            return fault(400, "rest_invalid_json", "Invalid JSON body passed.");
        };
        let items = body.get("update").and_then(Value::as_array).cloned().unwrap_or_default();
        if items.len() > self.batch_items_max {
            let message =
                format!("Unable to accept more than {} items for this request.", self.batch_items_max);
            return fault(413, "woocommerce_rest_request_entity_too_large", &message);
        }
        let done: Vec<Value> = items.iter().map(|item| self.update(item, parent)).collect();
        // `_fields` empties the list, errors and all (observed).
        match request.param("_fields") {
            Some(_) => Response::json(200, &json!({ "update": [] })),
            None => Response::json(200, &json!({ "update": done })),
        }
    }

    fn update(&mut self, item: &Value, parent: u64) -> Value {
        let id = item.get("id").and_then(Value::as_u64).unwrap_or(0);
        let Some(product) = self.products.iter_mut().find(|product| product.id == id) else {
            let code = if parent == 0 {
                "woocommerce_rest_product_invalid_id"
            } else {
                "woocommerce_rest_product_variation_invalid_id"
            };
            return error(id, 400, code, "Invalid ID.");
        };
        if product.parent != parent {
            // A variation in a batch of products (observed), or one of another product.
            return error(id, 404, "woocommerce_rest_invalid_product_id", "Invalid product ID.");
        }
        product.set(item);
        product.json()
    }
}

impl Product {
    /// As observed: what is not managed keeps no quantity and says so only by what it shows; what is no number counts as 0; −1 is taken.
    fn set(&mut self, item: &Value) {
        if let Some(manage) = item.get("manage_stock").and_then(Value::as_bool) {
            self.manage_stock = manage;
        }
        if let Some(quantity) = item.get("stock_quantity").filter(|_| self.manage_stock) {
            self.stock = quantity.as_i64().unwrap_or(0);
        }
    }
}

fn error(id: u64, status: u16, code: &str, message: &str) -> Value {
    json!({ "id": id, "error": { "code": code, "message": message, "data": { "status": status } } })
}
