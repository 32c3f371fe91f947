//! "UpdateSellableQuantity", and what "Product inventory management" says of it.

use super::{DROPSHIPPING, Lazada, Sku, fault, good};
use crate::http::Response;
use serde_json::{Value, json};

const SKUS_MAX: usize = 50;

/// What a `<Sku>` asks for.
struct Wanted<'a> {
    item_id: i64,
    sku_id: i64,
    quantity: Option<i64>,
    warehouses: Vec<(&'a str, i64)>,
}

impl Lazada {
    pub(super) fn update(&mut self, payload: &str) -> Response {
        let Some(wanted) = read(payload) else {
            return fault("ISV", "5", "E005: Invalid Request Format");
        };
        if wanted.is_empty() {
            return fault("ISV", "30", "E030: Empty Request");
        }
        if wanted.len() > SKUS_MAX {
            return fault("ISV", "204", "E204: Too many SKU in one request");
        }
        let mut after = self.skus.clone();
        let mut details = Vec::new();
        for one in &wanted {
            let sku = after.iter_mut().find(|sku| sku.item_id == one.item_id && sku.sku_id == one.sku_id);
            let name = sku.as_ref().map(|sku| sku.seller_sku.clone()).unwrap_or_default();
            if let Err(words) = sku.ok_or("SKU not exist").and_then(|sku| sku.set(one, &self.warehouses)) {
                details.push(json!({ "seller_sku": name, "message": words }));
            }
        }
        if details.is_empty() || self.applies_the_rest {
            self.skus = after;
        }
        if details.is_empty() { good(&json!({})) } else { failed(details) }
    }
}

fn failed(details: Vec<Value>) -> Response {
    let words = "E501: Update product failed";
    let request_id = "0ba2887315178178017221014";
    Response::json(
        200,
        &json!({ "type": "ISP", "code": "501", "message": words, "detail": details, "request_id": request_id }),
    )
}

impl Sku {
    fn set(&mut self, wanted: &Wanted<'_>, warehouses: &[String]) -> Result<(), &'static str> {
        let mut stock = self.stock.clone();
        // The form without warehouses sets the one that every seller has.
        let named: Vec<(&str, i64)> = match wanted.quantity {
            Some(quantity) => vec![(DROPSHIPPING, quantity)],
            None if warehouses.len() < 2 => {
                return Err("Single-warehouse sellers should not use the multi-warehouse format");
            }
            None => wanted.warehouses.clone(),
        };
        for (code, units) in named {
            let place =
                stock.iter_mut().find(|(name, _)| name == code).ok_or("The warehouse does not exist")?;
            if units < 0 {
                return Err("Quantity cannot be negative");
            }
            if self.is_locked && units < place.1 {
                return Err(
                    "During the Bday Mega campaign, there are restrictions for stock adjustments in effect. Sellers can increase stocks, but may not decrease stocks.",
                );
            }
            place.1 = units;
        }
        if stock.iter().map(|(_, units)| units).sum::<i64>() < self.of_campaign {
            return Err(
                "The sellable quantity must be greater than or equal to the inventory locked by the campaign",
            );
        }
        self.stock = stock;
        Ok(())
    }
}

/// The `<Sku>`s of a payload. No more of XML than the samples have: elements without attributes.
fn read(payload: &str) -> Option<Vec<Wanted<'_>>> {
    let skus = inside(inside(inside(payload, "Request")?, "Product")?, "Skus")?;
    all(skus, "Sku")
        .into_iter()
        .map(|sku| {
            let number = |name: &str| inside(sku, name).and_then(|text| text.trim().parse::<i64>().ok());
            let several = inside(sku, "MultiWarehouseInventories");
            let warehouses = all(several.unwrap_or_default(), "MultiWarehouseInventory");
            Some(Wanted {
                item_id: number("ItemId")?,
                sku_id: number("SkuId")?,
                quantity: if several.is_none() { Some(number("SellableQuantity")?) } else { None },
                warehouses: warehouses.into_iter().map(in_warehouse).collect::<Option<_>>()?,
            })
        })
        .collect()
}

fn in_warehouse(one: &str) -> Option<(&str, i64)> {
    Some((inside(one, "WarehouseCode")?, inside(one, "SellableQuantity")?.trim().parse().ok()?))
}

fn inside<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}

fn all<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let (mut rest, mut found) = (text, Vec::new());
    while let Some((_, behind)) = rest.split_once(&format!("<{name}>"))
        && let Some((one, after)) = behind.split_once(&format!("</{name}>"))
    {
        found.push(one);
        rest = after;
    }
    found
}
