//! Setting stock: a mutation of many variants, applied as a whole or not at all.

use crate::api::Asked;
use crate::catalog::{Place, Variant, variants};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use stocksync_sdk::flow::{Ended, Item, Trouble, Verdict, entries, string};

const SET: &str = "mutation Set($i:[UpdateProductVariantInput!]!){updateProductVariants(input:$i){id sku stockLevels{stockLocationId stockOnHand stockAllocated}}}";
/// What a request has besides its list, in bytes.
const DOCUMENT_BYTES: usize = 500;

/// An item at its place.
#[derive(Clone, Debug)]
struct Placed {
    item: Item,
    place: Place,
}

impl Placed {
    fn input(&self) -> Value {
        let level = json!({ "stockLocationId": self.place.location, "stockOnHand": self.item.quantity });
        json!({ "id": self.place.variant, "stockLevels": [level] })
    }

    /// Tells what became of it, if the shop shows it.
    fn judge(&self, shop: &Asked, shown: &BTreeMap<String, Variant>) -> bool {
        let Some(variant) = shown.get(&self.place.variant) else { return false };
        let Some((number, _)) = variant.levels.get(&self.place.location) else { return false };
        let verdict = if variant.sku != self.item.store_sku {
            Verdict::Failed(format!("not-found: the variant has the SKU `{}` now", variant.sku))
        } else if *number != self.item.quantity {
            Verdict::Failed(format!("rejected: the shop shows {number} afterwards"))
        } else {
            Verdict::Sent
        };
        shop.link().tell(&self.item, verdict);
        true
    }
}

/// Sets the stock of these items.
pub(crate) async fn write(shop: &Asked, items: &[Item]) -> Result<(), Ended> {
    let mut seen = BTreeSet::new();
    let mut placed = Vec::new();
    for item in items {
        match Place::of(item, shop) {
            None => tell(shop, item, "not-found: the shop has no variant of this SKU"),
            Some(place) if !seen.insert(place.variant.clone()) => {
                tell(shop, item, "rejected: this variant stands twice among the items");
            }
            Some(place) => placed.push(Placed { item: item.clone(), place }),
        }
    }
    // What is still to be sent, the next part last.
    let mut parts = parts(placed, shop.api().body_bytes_max.saturating_sub(DOCUMENT_BYTES));
    parts.reverse();
    let mut asked_for: BTreeSet<String> = BTreeSet::new();
    while let Some(part) = parts.pop() {
        let Err(why) = set(shop, &part).await? else { continue };
        let (dead, rest) = if why.starts_with("not-found: ") {
            let unasked: Vec<_> = part.iter().map(|placed| placed.place.variant.clone()).collect();
            let is_new = unasked.iter().any(|id| !asked_for.contains(id));
            asked_for.extend(unasked.iter().cloned());
            let there = if is_new { Some(variants(shop, &unasked).await?) } else { None };
            let is_dead = |placed: &Placed| {
                there.as_ref().is_some_and(|there| !there.contains_key(&placed.place.variant))
            };
            part.into_iter().partition(is_dead)
        } else {
            (Vec::new(), part)
        };
        dead.iter().for_each(|placed: &Placed| tell(shop, &placed.item, "not-found: the variant is gone"));
        let is_fewer = !dead.is_empty();
        match rest.as_slice() {
            [] => {}
            _ if is_fewer => parts.push(rest),
            [only] => tell(shop, &only.item, &why),
            _ => {
                let (left, right) = rest.split_at(rest.len() / 2);
                parts.push(right.to_vec());
                parts.push(left.to_vec());
            }
        }
    }
    Ok(())
}

fn tell(shop: &Asked, item: &Item, why: &str) {
    shop.link().tell(item, Verdict::Failed(why.to_owned()));
}

/// One mutation. `Err` is why it was refused as a whole.
async fn set(shop: &Asked, part: &[Placed]) -> Result<Result<(), String>, Ended> {
    let inputs: Vec<Value> = part.iter().map(Placed::input).collect();
    let variables = json!({ "i": inputs });
    let data = match shop.ask(|api, _| api.query(SET, &variables)).await {
        Ok(data) => data,
        Err(Trouble::Unknown(why)) => return Err(Ended::failed(why)),
        Err(Trouble::Refused(why)) if is_of_the_items(&why) => return Ok(Err(why)),
        Err(Trouble::Refused(why)) => return Err(Ended::refused(why)),
    };
    // The answer is ordered by id, not as asked.
    let shown: BTreeMap<String, Variant> = entries(&data, "/updateProductVariants")
        .filter_map(|variant| Some((string(variant.get("id")?)?, Variant::of(variant)?)))
        .collect();
    let unsure: Vec<Placed> = part.iter().filter(|placed| !placed.judge(shop, &shown)).cloned().collect();
    if unsure.is_empty() { Ok(Ok(())) } else { read_back(shop, &unsure).await.map(Ok) }
}

/// Asks for what an answer does not tell.
async fn read_back(shop: &Asked, unsure: &[Placed]) -> Result<(), Ended> {
    let ids: Vec<String> = unsure.iter().map(|placed| placed.place.variant.clone()).collect();
    let shown = variants(shop, &ids).await.map_err(|ended| Ended::failed(ended.why()))?;
    match unsure.iter().filter(|placed| !placed.judge(shop, &shown)).count() {
        0 => Ok(()),
        _ => Err(Ended::failed("the shop does not tell what became of every variant")),
    }
}

/// Whether a refusal may be one item's fault, and not that of all.
fn is_of_the_items(why: &str) -> bool {
    why.starts_with("not-found: ") || why.starts_with("rejected: ")
}

/// Items in lists of so many bytes.
fn parts(placed: Vec<Placed>, bytes_max: usize) -> Vec<Vec<Placed>> {
    let mut parts: Vec<Vec<Placed>> = Vec::new();
    let mut bytes = 0;
    for placed in placed {
        let size = placed.input().to_string().len() + 1;
        match parts.last_mut() {
            Some(part) if bytes + size <= bytes_max => part.push(placed),
            _ => {
                parts.push(vec![placed]);
                bytes = 0;
            }
        }
        bytes += size;
    }
    parts
}
