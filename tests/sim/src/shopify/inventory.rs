//! `inventorySetQuantities`: compare-and-set, and keys that make it once.

use super::{LOCATION, Shopify, gid, number};
use crate::graphql::{Field, select};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The most entries of any array in a request ("API usage", "Input array limit").
const ITEMS_MAX: usize = 250;

/// What was done under each key.
#[derive(Debug, Default)]
pub(super) struct Idempotency(BTreeMap<String, (Value, Value)>);

impl Shopify {
    /// Schema, `inventorySetQuantities` and `@idempotent`. Both the directive and `changeFromQuantity` are mandatory at run time.
    pub(super) fn set_quantities(&mut self, field: &Field) -> Result<Value, Value> {
        let key = field
            .directives
            .iter()
            .find(|(name, _)| name == "idempotent")
            .and_then(|(_, arguments)| arguments.get("key"));
        let Some(key) = key.and_then(Value::as_str).filter(|key| !key.trim().is_empty()) else {
            return Err(error(
                "The @idempotent directive is required for this mutation but was not provided.",
            ));
        };
        let input = field.argument("input");
        let quantities = input.get("quantities").and_then(Value::as_array).cloned().unwrap_or_default();
        if quantities.len() > ITEMS_MAX {
            return Err(error(&format!(
                "The input array size of {} is greater than the maximum allowed of {ITEMS_MAX}.",
                quantities.len()
            )));
        }
        if quantities.iter().any(|entry| entry.get("changeFromQuantity").is_none()) {
            return Err(error("The changeFromQuantity argument is required: pass a value, or null."));
        }
        let payload = match self.idempotency.0.get(key) {
            // "returns the original result"
            Some((before, payload)) if before == input => payload.clone(),
            Some(_) => refused(&[user_error(
                &["input"],
                "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
                "The same idempotency key cannot be used with different operation parameters.",
            )]),
            None => {
                let payload = self.apply(input, &quantities);
                self.idempotency.0.insert(key.to_owned(), (input.clone(), payload.clone()));
                payload
            }
        };
        let by_name = |group: &Value, field: &Field| {
            let names = field.argument("quantityNames").as_array()?;
            let changes = group.get("changes")?.as_array()?;
            Some(
                changes
                    .iter()
                    .filter(|change| names.contains(change.get("name").unwrap_or(&Value::Null)))
                    .cloned()
                    .collect(),
            )
        };
        Ok(select(&payload, &field.fields, &by_name))
    }

    /// All of it, or nothing with every fault. That a fault keeps the others back is unconfirmed.
    fn apply(&mut self, input: &Value, quantities: &[Value]) -> Value {
        let mut faults = Vec::new();
        if !matches!(input.get("name").and_then(Value::as_str), Some("available" | "on_hand")) {
            faults.push(user_error(
                &["input", "name"],
                "INVALID_NAME",
                "The quantity name must be either 'available' or 'on_hand'.",
            ));
        }
        // shopify.dev, "Set inventory quantities": the possible reasons.
        const REASONS: &[&str] = &[
            "correction",
            "cycle_count_available",
            "damaged",
            "movement_created",
            "movement_updated",
            "movement_received",
            "movement_canceled",
            "other",
            "promotion",
            "quality_control",
            "received",
            "reservation_created",
            "reservation_deleted",
            "reservation_updated",
            "restock",
            "safety_stock",
            "shrinkage",
        ];
        if !input.get("reason").and_then(Value::as_str).is_some_and(|reason| REASONS.contains(&reason)) {
            faults.push(user_error(
                &["input", "reason"],
                "INVALID_REASON",
                "The specified reason is invalid.",
            ));
        }
        let mut seen = BTreeSet::new();
        for (at, entry) in quantities.iter().enumerate() {
            faults.extend(self.fault(at, entry, &mut seen));
        }
        if !faults.is_empty() {
            return refused(&faults);
        }
        let changes: Vec<Value> = quantities.iter().filter_map(|entry| self.change(entry)).collect();
        let group = json!({ "__typename": "InventoryAdjustmentGroup", "id": gid("InventoryAdjustmentGroup", 1), "reason": input.get("reason"), "referenceDocumentUri": input.get("referenceDocumentUri"), "changes": changes });
        json!({ "inventoryAdjustmentGroup": group, "userErrors": [] })
    }

    /// What the schema's `InventorySetQuantitiesUserErrorCode` says of one entry.
    fn fault(&self, at: usize, entry: &Value, seen: &mut BTreeSet<u64>) -> Option<Value> {
        let at = at.to_string();
        let fault = |field: &str, code: &str, words: &str| {
            Some(user_error(&["input", "quantities", &at, field], code, words))
        };
        let item = entry.get("inventoryItemId").and_then(|id| number("InventoryItem", id)).unwrap_or(0);
        let Some(variant) = self.variants.iter().find(|variant| variant.id + 1000 == item) else {
            return fault(
                "inventoryItemId",
                "INVALID_INVENTORY_ITEM",
                "The specified inventory item could not be found.",
            );
        };
        if variant.is_bundle {
            return fault(
                "inventoryItemId",
                "NON_MUTABLE_INVENTORY_ITEM",
                "The specified inventory item is not allowed to be adjusted via API.",
            );
        }
        if entry.get("locationId").and_then(|id| number("Location", id)) != Some(LOCATION) {
            return fault("locationId", "INVALID_LOCATION", "The specified location could not be found.");
        }
        if !seen.insert(item) {
            return fault(
                "inventoryItemId",
                "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR",
                "The combination of inventoryItemId and locationId must be unique.",
            );
        }
        let quantity = entry.get("quantity").and_then(Value::as_i64).unwrap_or(-1);
        if quantity < 0 {
            return fault("quantity", "INVALID_QUANTITY_NEGATIVE", "The quantity can't be negative.");
        }
        if quantity > 1_000_000_000 {
            return fault(
                "quantity",
                "INVALID_QUANTITY_TOO_HIGH",
                "The total quantity can't be higher than 1,000,000,000.",
            );
        }
        let expected = entry.get("changeFromQuantity").and_then(Value::as_i64);
        if expected.is_some_and(|expected| expected != variant.available.unwrap_or(0)) {
            return fault(
                "changeFromQuantity",
                "CHANGE_FROM_QUANTITY_STALE",
                "The changeFromQuantity value does not match persisted value.",
            );
        }
        None
    }

    /// A number that stays as it is makes no change. Unconfirmed.
    fn change(&mut self, entry: &Value) -> Option<Value> {
        let item = entry.get("inventoryItemId").and_then(|id| number("InventoryItem", id))?;
        let quantity = entry.get("quantity").and_then(Value::as_i64)?;
        let variant = self.variants.iter_mut().find(|variant| variant.id + 1000 == item)?;
        let before = variant.available.replace(quantity).unwrap_or(0);
        let item =
            json!({ "id": gid("InventoryItem", item), "sku": variant.sku, "tracked": variant.tracked });
        let location = json!({ "id": gid("Location", LOCATION) });
        let change = json!({ "name": "available", "delta": quantity - before, "quantityAfterChange": quantity, "item": item, "location": location });
        (quantity != before).then_some(change)
    }
}

fn user_error(field: &[&str], code: &str, message: &str) -> Value {
    json!({ "field": field, "code": code, "message": message })
}

fn refused(faults: &[Value]) -> Value {
    json!({ "inventoryAdjustmentGroup": null, "userErrors": faults })
}

/// The words of run-time errors are unconfirmed.
fn error(message: &str) -> Value {
    json!([{ "message": message, "extensions": { "code": "BAD_REQUEST" } }])
}
