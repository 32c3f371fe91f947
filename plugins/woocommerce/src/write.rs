//! `write`: a batch of products, or of the variations of one product.

use crate::Asked;
use crate::catalog::stock;
use crate::site::{Site, TOO_MANY};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use stocksync_sdk::flow::{Client, Ended, Item, Trouble, Verdict, entries, one_line};

/// Writes items; an item is sent where the shop's own answer shows its number.
pub(crate) async fn write(shop: &Client<Site>, items: &[Item], manage_stock: bool) -> Result<(), Ended> {
    let mut batches: VecDeque<(u64, Vec<(u64, &Item)>)> = VecDeque::new();
    for (parent, batch) in by_parent(shop, items) {
        batches.push_back((parent, batch));
    }
    let mut unknown = None;
    while let Some((parent, batch)) = batches.pop_front() {
        match set(shop, parent, &batch, manage_stock).await {
            Ok(answer) if tell(shop, &batch, &answer) => {}
            Ok(_) => unknown = Some("the shop did not say what became of every item".to_owned()),
            // A shop that takes less in one request than others: by halves.
            Err(Trouble::Refused(why)) if why.starts_with(TOO_MANY) && batch.len() > 1 => {
                let (left, right) = batch.split_at(batch.len() / 2);
                batches.extend([(parent, left.to_vec()), (parent, right.to_vec())]);
            }
            Err(Trouble::Refused(why)) => {
                batch.iter().for_each(|(_, item)| shop.link().tell(item, Verdict::Failed(why.clone())));
            }
            Err(Trouble::Unknown(why)) => unknown = Some(why),
        }
    }
    unknown.map_or(Ok(()), |why| Err(Ended::failed(why)))
}

/// Items by their parent (0 for products), with their own numbers; an address that is none of ours is told.
fn by_parent<'a>(shop: &Client<Site>, items: &'a [Item]) -> BTreeMap<u64, Vec<(u64, &'a Item)>> {
    let mut groups: BTreeMap<u64, Vec<(u64, &Item)>> = BTreeMap::new();
    for item in items {
        let (parent, id) = item.address.split_once('/').unwrap_or(("0", &item.address));
        match parent.parse().ok().zip(id.parse().ok()) {
            Some((parent, id)) => groups.entry(parent).or_default().push((id, item)),
            None => shop
                .link()
                .tell(item, Verdict::Failed("not-found: its address is not one of this shop".to_owned())),
        }
    }
    groups
}

async fn set(shop: &Client<Site>, parent: u64, batch: &[(u64, &Item)], manage_stock: bool) -> Asked<Value> {
    let path = match parent {
        0 => "/products/batch".to_owned(),
        parent => format!("/products/{parent}/variations/batch"),
    };
    let update = batch.iter().map(|(id, item)| match manage_stock {
        // Without it the shop drops the quantity of a product whose stock it does not count, and says nothing.
        true => json!({ "id": id, "stock_quantity": item.quantity, "manage_stock": true }),
        false => json!({ "id": id, "stock_quantity": item.quantity }),
    });
    let body = json!({ "update": update.collect::<Vec<_>>() });
    shop.ask(|site, now| site.post(&path, &body, now)).await
}

/// Each item by the entry of its number: the shop answers each, whether it failed or not, in an answer of 200. Whether it did.
fn tell(shop: &Client<Site>, batch: &[(u64, &Item)], answer: &Value) -> bool {
    let mut all = true;
    for (id, item) in batch {
        let entry =
            entries(answer, "/update").find(|entry| entry.get("id").and_then(Value::as_u64) == Some(*id));
        match entry {
            Some(entry) => shop.link().tell(item, verdict(entry, item.quantity)),
            None => all = false,
        }
    }
    all
}

fn verdict(entry: &Value, quantity: i64) -> Verdict {
    if let Some(error) = entry.get("error") {
        let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
        let kind = if text("code").contains("invalid_id") || text("code").ends_with("invalid_product_id") {
            "not-found"
        } else {
            "rejected"
        };
        return Verdict::Failed(one_line(&format!("{kind}: {}: {}", text("code"), text("message"))));
    }
    match stock(entry) {
        Some(shown) if shown == quantity => Verdict::Sent,
        Some(shown) => Verdict::Failed(format!("rejected: the shop shows {shown} instead")),
        None => Verdict::Failed("rejected: the shop does not count the stock of this product".to_owned()),
    }
}
