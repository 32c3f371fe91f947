//! "Update Inventory" (202309): SKUs of one product, each with all of its warehouses.

use super::{Product, Sku, TikTok, fault, good};
use crate::http::{Request, Response};
use crate::json::at;
use serde_json::{Value, json};

const SKUS_MAX: usize = 100;
/// Its documented range is 1 to 99,999.
const QUANTITY_MAX: i64 = 99_999;

impl TikTok {
    pub(super) fn update(&mut self, product: &str, request: &Request) -> Response {
        let body = request.json().unwrap_or_default();
        let min = i64::from(!self.zero_is_taken);
        let warehouses = self.warehouses.clone();
        let Some(product) = self.products.iter_mut().find(|one| one.id == product) else {
            return fault(200, 12_052_032, "The product does not exist");
        };
        if product.status != "ACTIVATE" {
            let words = "The product in its current status is not available for this operation. Change the product status and try again.";
            return fault(200, 12_052_901, words);
        }
        let skus = at(&body, "skus").as_array().cloned().unwrap_or_default();
        if skus.is_empty() {
            return fault(
                200,
                12_052_902,
                "The SKU list is empty. Either omit the list entirely, or provide all required details.",
            );
        }
        if skus.len() > SKUS_MAX {
            return fault(200, 12_052_050, "A single product cannot have more than 100 different SKUs");
        }
        match wrong(product, &skus, min) {
            Some((code, words)) => fault(200, code, words),
            None => good(&json!({ "errors": product.set(&skus, &warehouses) })),
        }
    }
}

/// What refuses a request as a whole.
fn wrong(product: &Product, skus: &[Value], min: i64) -> Option<(i64, &'static str)> {
    for (place, entry) in skus.iter().enumerate() {
        if skus.iter().take(place).any(|other| at(other, "id") == at(entry, "id")) {
            return Some((12_052_553, "Sku id duplicate"));
        }
        let Some(sku) = product.skus.iter().find(|sku| *at(entry, "id") == *sku.id) else {
            return Some((12_052_556, "The SKU id not exist."));
        };
        let inventory = at(entry, "inventory").as_array().map(Vec::as_slice).unwrap_or_default();
        if inventory.is_empty() {
            return Some((12_019_022, "SKU must contain a valid warehouse."));
        }
        let named: Vec<&str> = inventory.iter().filter_map(|one| at(one, "warehouse_id").as_str()).collect();
        // "Optional if there is only 1 warehouse."
        let all_are_named = sku.stock.iter().all(|(id, _)| named.contains(&id.as_str()));
        if !(all_are_named || (named.is_empty() && sku.stock.len() == 1)) {
            let words = "Multiple warehouses detected. Include all warehouse IDs and the corresponding details and try again.";
            return Some((12_019_028, words));
        }
        let within = |one: &Value| {
            at(one, "quantity").as_i64().is_some_and(|units| (min..=QUANTITY_MAX).contains(&units))
        };
        // Warehouses beside the one that changes may be empty.
        let is_kept = |one: &Value| {
            sku.stock
                .iter()
                .any(|(id, units)| *at(one, "warehouse_id") == **id && at(one, "quantity") == *units)
        };
        if !inventory.iter().all(|one| within(one) || is_kept(one)) {
            return Some((
                12_052_055,
                "The SKU inventory quantity for the warehouse must be within allowed limits.",
            ));
        }
    }
    None
}

impl Product {
    /// Sets what can be set, and says what could not, as in the response sample: a main error, and for each warehouse one of its own.
    fn set(&mut self, skus: &[Value], warehouses: &[String]) -> Vec<Value> {
        let mut errors = Vec::new();
        for entry in skus {
            let Some(sku) = self.skus.iter_mut().find(|sku| *at(entry, "id") == *sku.id) else { continue };
            if let Err((warehouse, code, words)) = sku.set(entry, warehouses) {
                let extra = json!([{ "warehouse_id": warehouse, "code": code, "message": words }]);
                errors.push(json!({
                    "code": 12_052_990, "message": "Check failed", "detail": { "sku_id": sku.id, "extra_errors": extra },
                }));
            }
        }
        errors
    }
}

impl Sku {
    fn set(&mut self, entry: &Value, warehouses: &[String]) -> Result<(), (String, i64, &'static str)> {
        let mut stock = self.stock.clone();
        for one in at(entry, "inventory").as_array().into_iter().flatten() {
            let named = at(one, "warehouse_id").as_str();
            let units = at(one, "quantity").as_i64().unwrap_or(0);
            let first = stock.first().map(|(id, _)| id.clone()).unwrap_or_default();
            let id = named.map_or(first, str::to_owned);
            if !warehouses.contains(&id) {
                return Err((id, 12_052_097, "The warehouse does not exist"));
            }
            let Some(place) = stock.iter_mut().find(|(name, _)| *name == id) else {
                let words = "Removal, addition, and change of warehouses are not permitted. Please specify the original warehouses for the SKUs.";
                return Err((id, 12_052_533, words));
            };
            if self.is_locked && units < place.1 {
                return Err((
                    id,
                    12_052_393,
                    "Product locked for Promotion and stock can't be updated below current stock",
                ));
            }
            place.1 = units;
        }
        self.stock = stock;
        Ok(())
    }
}
