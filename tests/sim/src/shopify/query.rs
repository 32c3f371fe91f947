//! What can be looked at: variants, inventory items, the location, orders.

use super::{LOCATION, Shopify, Variant, gid, no_field, number};
use crate::graphql::{Field, select};
use crate::marketplace::Now;
use serde_json::{Value, json};

/// The most entries of a page ("API usage", "Pagination").
const PAGE_MAX: u64 = 250;

impl Shopify {
    pub(super) fn look(&self, field: &Field, _: Now) -> Result<Value, Value> {
        let value = match field.name.as_str() {
            "shop" => json!({ "name": "Simulated", "id": gid("Shop", 1) }),
            "location" => self.location(field.argument("id")),
            "productVariants" => connection(field, self.found(field).map(Variant::value).collect())?,
            "nodes" => {
                let ids = field.argument("ids").as_array().cloned().unwrap_or_default();
                ids.iter().map(|id| self.node(id)).collect()
            }
            "orders" => connection(field, self.found_orders(field))?,
            "order" => self.order_by_id(field.argument("id")),
            other => return Err(no_field("QueryRoot", other)),
        };
        Ok(select(&value, &field.fields, &arguments))
    }

    fn location(&self, id: &Value) -> Value {
        match number("Location", id) {
            Some(LOCATION) => {
                json!({ "id": gid("Location", LOCATION), "name": "Shop location", "isActive": true })
            }
            _ => Value::Null,
        }
    }

    fn node(&self, id: &Value) -> Value {
        let item = number("InventoryItem", id)
            .and_then(|item| self.variants.iter().find(|variant| variant.id + 1000 == item));
        item.map_or(Value::Null, Variant::item)
    }

    /// `productVariants(query:)`: shopify.dev, "API search syntax": `sku:'…' OR sku:'…'`, quotes escaped with a backslash; the comparison pays no heed to case
    /// (unconfirmed).
    fn found(&self, field: &Field) -> impl Iterator<Item = &Variant> {
        let query = field.argument("query").as_str().map(skus);
        self.variants.iter().filter(move |variant| {
            query.as_ref().is_none_or(|skus| skus.iter().any(|sku| sku.eq_ignore_ascii_case(&variant.sku)))
        })
    }
}

impl Variant {
    fn value(&self) -> Value {
        json!({
            "__typename": "ProductVariant",
            "id": gid("ProductVariant", self.id),
            "sku": self.sku,
            "title": "Default Title",
            "displayName": self.title,
            "inventoryItem": self.item(),
            "product": { "id": gid("Product", self.product), "title": self.title },
        })
    }

    fn item(&self) -> Value {
        json!({
            "__typename": "InventoryItem",
            "id": gid("InventoryItem", self.id + 1000),
            "sku": self.sku,
            "tracked": self.tracked,
            // What `inventoryLevel` and `quantities` pick from.
            "available": self.available,
        })
    }
}

/// Fields that have arguments.
fn arguments(of: &Value, field: &Field) -> Option<Value> {
    match field.name.as_str() {
        "inventoryLevel" => {
            let available = of
                .get("available")
                .and_then(Value::as_i64)
                .filter(|_| number("Location", field.argument("locationId")) == Some(LOCATION));
            Some(available.map_or(
                Value::Null,
                |available| json!({ "id": gid("InventoryLevel", 1), "available": available }),
            ))
        }
        "quantities" => {
            let available = of.get("available")?;
            let named = field.argument("names").as_array()?.iter();
            // Nothing is committed in this shop: orders are fulfilled at once.
            Some(named.map(|name| json!({ "name": name, "quantity": if name == "committed" { &Value::Null } else { available } })).collect())
        }
        "lineItems" => connection(field, of.get("lineItems")?.as_array()?.clone()).ok(),
        _ => None,
    }
}

/// A page behind a cursor, which here is the place in the list.
fn connection(field: &Field, all: Vec<Value>) -> Result<Value, Value> {
    let first = field.argument("first").as_u64().filter(|first| (1..=PAGE_MAX).contains(first));
    let Some(first) = first.and_then(|first| usize::try_from(first).ok()) else {
        return Err(json!([{ "message": "you must provide one of first or last, at most 250" }]));
    };
    let from = field.argument("after").as_str().and_then(|cursor| cursor.parse::<usize>().ok()).unwrap_or(0);
    let end = (from + first).min(all.len());
    let info = json!({ "hasNextPage": end < all.len(), "endCursor": end.to_string() });
    Ok(json!({ "nodes": all.get(from..end).unwrap_or_default(), "pageInfo": info }))
}

/// The SKUs of a search.
fn skus(query: &str) -> Vec<String> {
    let mut skus = Vec::new();
    let mut rest = query;
    while let Some((_, behind)) = rest.split_once("sku:'") {
        let mut sku = String::new();
        let mut letters = behind.char_indices();
        let mut end = behind.len();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => sku.extend(letters.next().map(|(_, letter)| letter)),
                '\'' => {
                    end = at + 1;
                    break;
                }
                letter => sku.push(letter),
            }
        }
        skus.push(sku);
        rest = behind.get(end..).unwrap_or_default();
    }
    skus
}

#[cfg(test)]
mod tests {
    use super::skus;

    #[test]
    fn a_search_for_skus() {
        assert_eq!(skus(r"sku:'A' OR sku:'B\'s \\ C'"), ["A", "B's \\ C"]);
        assert_eq!(skus("tag:x"), [""; 0]);
    }
}
