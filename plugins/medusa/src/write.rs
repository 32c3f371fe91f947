//! Setting stock: a batch of many levels, applied as a whole or not at all.

use crate::api::Asked;
use crate::catalog::{Place, of};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use stocksync_sdk::flow::{Ended, Item, Trouble, Verdict, entries};

const BATCH: &str = "/admin/inventory-items/location-levels/batch";

/// An item at its place.
#[derive(Clone, Debug)]
struct Placed {
    item: Item,
    place: Place,
    /// Whether its level must be made first; nobody knows before a batch was refused.
    is_new: bool,
}

impl Placed {
    fn level(&self) -> Value {
        json!({
            "inventory_item_id": self.place.inventory_item,
            "location_id": self.place.location,
            "stocked_quantity": self.item.quantity,
        })
    }

    /// Tells what became of it, if the shop shows it.
    fn judge(&self, shop: &Asked, shown: &Shown) -> bool {
        let Place { inventory_item, location } = self.place.clone();
        let Some(number) = shown.get(&(inventory_item, location)) else { return false };
        let verdict = if number.as_i64() == Some(self.item.quantity) {
            Verdict::Sent
        } else {
            Verdict::Failed(format!("rejected: the shop shows {number} afterwards"))
        };
        shop.link().tell(&self.item, verdict);
        true
    }
}

/// Items that are sent together, and whether it was looked up how the shop has them.
type Part = (Vec<Placed>, bool);

/// Sets the stock of these items.
pub(crate) async fn write(shop: &Asked, items: &[Item]) -> Result<(), Ended> {
    let mut seen = BTreeSet::new();
    let mut placed = Vec::new();
    for item in items {
        match Place::of(item, shop) {
            None => tell(shop, item, "not-found: the shop has no inventory item of this SKU"),
            Some(place) if !seen.insert(place.inventory_item.clone()) => {
                tell(shop, item, "rejected: this inventory item stands twice among the items");
            }
            Some(place) => placed.push(Placed { item: item.clone(), place, is_new: false }),
        }
    }
    let mut parts: Vec<Part> = vec![(placed, false)];
    while let Some((part, was_looked_up)) = parts.pop() {
        if part.is_empty() {
            continue;
        }
        let Err(why) = set(shop, &part).await? else { continue };
        match part.as_slice() {
            _ if !was_looked_up => parts.push((look_up(shop, part).await?, true)),
            [only] => tell(shop, &only.item, &why),
            _ => {
                let (left, right) = part.split_at(part.len() / 2);
                parts.push((right.to_vec(), true));
                parts.push((left.to_vec(), true));
            }
        }
    }
    Ok(())
}

fn tell(shop: &Asked, item: &Item, why: &str) {
    shop.link().tell(item, Verdict::Failed(why.to_owned()));
}

/// Of a batch that was refused: those that are still there, and which of them have no level yet.
async fn look_up(shop: &Asked, part: Vec<Placed>) -> Result<Vec<Placed>, Ended> {
    let ids: BTreeSet<String> = part.iter().map(|placed| placed.place.inventory_item.clone()).collect();
    let there: BTreeMap<String, _> =
        of(shop, "id", &ids).await?.into_iter().map(|item| (item.id.clone(), item.levels)).collect();
    let mut rest = Vec::new();
    for placed in part {
        match there.get(&placed.place.inventory_item) {
            None => tell(shop, &placed.item, "not-found: the inventory item is gone"),
            Some(levels) => {
                let is_new = !levels.contains_key(&placed.place.location);
                rest.push(Placed { is_new, ..placed });
            }
        }
    }
    Ok(rest)
}

/// One batch. `Err` is why it was refused as a whole.
async fn set(shop: &Asked, part: &[Placed]) -> Result<Result<(), String>, Ended> {
    let levels = |is_new: bool| -> Vec<Value> {
        part.iter().filter(|placed| placed.is_new == is_new).map(Placed::level).collect()
    };
    let body = json!({ "create": levels(true), "update": levels(false), "delete": [] });
    let answer = match shop.ask(|api, _| api.post(BATCH, &body)).await {
        Ok(answer) => answer,
        Err(Trouble::Unknown(why)) => return Err(Ended::failed(why)),
        Err(Trouble::Refused(why)) if why.starts_with("unauthorized: ") || why.starts_with("throttled: ") => {
            return Err(Ended::refused(why));
        }
        Err(Trouble::Refused(why)) => return Ok(Err(why)),
    };
    let shown: Shown =
        entries(&answer, "/created").chain(entries(&answer, "/updated")).filter_map(level).collect();
    let unsure: Vec<&Placed> = part.iter().filter(|placed| !placed.judge(shop, &shown)).collect();
    if unsure.is_empty() { Ok(Ok(())) } else { read_back(shop, &unsure).await.map(Ok) }
}

/// Asks for what an answer does not tell.
async fn read_back(shop: &Asked, unsure: &[&Placed]) -> Result<(), Ended> {
    let ids = unsure.iter().map(|placed| placed.place.inventory_item.clone()).collect();
    let items = of(shop, "id", &ids).await.map_err(|ended| Ended::failed(ended.why()))?;
    let levels = items.iter().flat_map(|item| {
        item.levels
            .iter()
            .map(|(location, (stocked, _))| ((item.id.clone(), location.clone()), json!(stocked)))
    });
    let shown: Shown = levels.collect();
    match unsure.iter().filter(|placed| !placed.judge(shop, &shown)).count() {
        0 => Ok(()),
        _ => Err(Ended::failed("the shop does not tell what became of every item")),
    }
}

/// What is stocked, by inventory item and location.
type Shown = BTreeMap<(String, String), Value>;

fn level(level: &Value) -> Option<((String, String), Value)> {
    let text = |name: &str| level.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(((text("inventory_item_id")?, text("location_id")?), level.get("stocked_quantity")?.clone()))
}
