//! Setting sellable quantities. The answer does not say what it came to: that is looked up when all is written, many products at once; at once only
//! where some SKUs were refused.

use crate::api::{Sellers, kind};
use crate::catalog::{self, AT_ONCE, Place};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use stocksync_sdk::flow::{Ended, Item, Trouble, Verdict, entries, side_by_side, string};

/// How often what a partly refused request left undone is sent again without what was refused.
const ROUNDS_MAX: usize = 2;

/// Sets these quantities, SKUs of any products together.
pub(crate) async fn write(client: &Sellers, items: &[Item]) -> Result<(), Ended> {
    let mut wanted: BTreeMap<Place, Item> = BTreeMap::new();
    for item in items {
        let Some(place) = Place::parse(&item.address) else {
            let gone = "not-found: the seller has no listing of this SKU".to_owned();
            client.link().tell(item, Verdict::Failed(gone));
            continue;
        };
        if let Some(first) = wanted.insert(place, item.clone()) {
            let twice = "rejected: this listing stands twice among the items".to_owned();
            client.link().tell(&first, Verdict::Failed(twice));
        }
    }
    let wanted: Vec<(Place, Item)> = wanted.into_iter().collect();
    let parts = wanted.chunks(client.api().skus_per_request as usize);
    let told = side_by_side(AT_ONCE, parts.map(|part| set(client.clone(), part.to_vec())).collect()).await;
    let unknown = told.into_iter().find_map(Result::err);
    unknown.map_or(Ok(()), |why| Err(Ended::failed(why)))
}

/// One request, or two. An error is of items that nobody knows about.
async fn set(client: Sellers, wanted: Vec<(Place, Item)>) -> Result<(), String> {
    let mut open = wanted;
    for round in 1..=ROUNDS_MAX {
        let payload = payload(&open, client.api().warehouse_code.as_deref());
        let params = [("payload", payload)];
        let answer =
            client.ask(|seller, now| seller.post("/product/stock/sellable/update", &params, now)).await;
        let refused = match answer {
            Ok(answer) => refusals(&answer),
            Err(Trouble::Unknown(why)) => return Err(why),
            Err(Trouble::Refused(why)) => {
                open.iter().for_each(|(_, item)| client.link().tell(item, Verdict::Failed(why.clone())));
                return Ok(());
            }
        };
        if refused.is_empty() {
            let now = client.link().now().to_string();
            open.iter().for_each(|(_, item)| client.link().tell(item, Verdict::Accepted(now.clone())));
            return Ok(());
        }
        open = look(&client, open, &refused, round < ROUNDS_MAX).await?;
        if open.is_empty() {
            break;
        }
    }
    Ok(())
}

/// Tells what became of each; what was not refused and is not there either is left, where it is to be sent again.
async fn look(
    client: &Sellers,
    open: Vec<(Place, Item)>,
    refused: &BTreeMap<String, String>,
    leave: bool,
) -> Result<Vec<(Place, Item)>, String> {
    let places: Vec<(Place, &str)> =
        open.iter().map(|(place, item)| (*place, item.store_sku.as_str())).collect();
    let found = catalog::at(client, &places).await.map_err(|trouble| trouble.text().to_owned())?;
    let kept = client.api().warehouse_code.as_deref();
    let mut left = Vec::new();
    for (place, item) in open {
        let shown = found.iter().find(|one| one.place == place);
        let verdict = match (shown.map(|one| one.quantity(kept)), refused.get(&item.store_sku)) {
            (None, _) => Verdict::Failed("not-found: the seller has no such listing any more".to_owned()),
            (_, Some(why)) => Verdict::Failed(why.clone()),
            (Some(Ok(units)), None) if units == item.quantity => Verdict::Sent,
            (Some(Ok(_)), None) if leave => {
                left.push((place, item));
                continue;
            }
            (Some(Ok(units)), None) => {
                Verdict::Failed(format!("rejected: the answer was a success, and the shop shows {units}"))
            }
            (Some(Err(trouble)), None) => Verdict::Failed(trouble.text().to_owned()),
        };
        client.link().tell(&item, verdict);
    }
    Ok(left)
}

/// What became of numbers that Lazada took without showing them.
pub(crate) async fn poll(client: &Sellers, items: &[Item]) -> Result<(), Ended> {
    let placed = |item: &Item| Place::parse(&item.address).map(|place| (place, item.clone()));
    let open: Vec<(Place, Item)> = items.iter().filter_map(placed).collect();
    look(client, open, &BTreeMap::new(), false).await.map(drop).map_err(Ended::refused)
}

/// The refused SKUs, by the seller's name of them, and why.
fn refusals(answer: &Value) -> BTreeMap<String, String> {
    let refusal = |detail: &Value| {
        let words = detail.get("message").and_then(Value::as_str).unwrap_or("no reason is given");
        let code = detail.get("code").and_then(string).unwrap_or_default();
        let line = if code.is_empty() { words.to_owned() } else { format!("{code}: {words}") };
        Some((detail.get("seller_sku").and_then(string)?, format!("{}: 501: {line}", kind(&code, words))))
    };
    entries(answer, "/detail").filter_map(refusal).collect()
}

/// Only numbers and the warehouse's code stand in it, so that no SKU has to be escaped.
fn payload(items: &[(Place, Item)], warehouse: Option<&str>) -> String {
    let mut payload = "<Request><Product><Skus>".to_owned();
    for (place, item) in items {
        let quantity = format!("<SellableQuantity>{}</SellableQuantity>", item.quantity);
        let quantity = match warehouse {
            None => quantity,
            Some(code) => format!(
                "<MultiWarehouseInventories><MultiWarehouseInventory><WarehouseCode>{}</WarehouseCode>\
                 {quantity}</MultiWarehouseInventory></MultiWarehouseInventories>",
                escaped(code)
            ),
        };
        // Writing into a text does not fail.
        let _ = write!(
            payload,
            "<Sku><ItemId>{}</ItemId><SkuId>{}</SkuId>{quantity}</Sku>",
            place.item, place.sku
        );
    }
    payload.push_str("</Skus></Product></Request>");
    payload
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
