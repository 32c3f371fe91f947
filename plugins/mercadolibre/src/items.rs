//! `write` where stock is that of items: an item with all its variations.

use crate::account::Account;
use crate::{Asked, give_up};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use stocksync_sdk::flow::{Client, Ended, Item, Verdict, entries, integer, percent, string};

/// Writes item by item; usually all are of one.
pub(crate) async fn write(shop: &Client<Account>, items: &[Item]) -> Result<(), Ended> {
    let mut groups: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    for item in items {
        groups.entry(item.address.split('/').next().unwrap_or_default()).or_default().push(item);
    }
    let mut end = Ok(());
    for (id, items) in groups {
        match set(shop, id, &items).await {
            Ok(answer) => tell(shop, &items, &answer),
            Err(trouble) => end = end.and(give_up(shop, &items, trouble)),
        }
    }
    end
}

async fn set(shop: &Client<Account>, id: &str, items: &[&Item]) -> Asked<Value> {
    let path = format!("/items/{}", percent(id));
    let body = match items {
        [item] if !item.address.contains('/') => json!({ "available_quantity": item.quantity }),
        _ => {
            // A variation that is not sent is deleted, and only Mercado Libre knows of all.
            let now = shop.ask(|account, _| account.get(&format!("{path}?attributes=id,variations"))).await?;
            json!({ "variations": variations(&now, items) })
        }
    };
    shop.ask(|account, _| account.put(&path, &body)).await
}

/// Every variation by its id; those that are not ours with nothing else, so that they stay as they are.
fn variations(now: &Value, items: &[&Item]) -> Vec<Value> {
    let variation = |variation: &Value| {
        let id = variation.get("id")?;
        let number = string(id)?;
        let ours = items.iter().find(|item| item.address.split('/').nth(1) == Some(&number));
        Some(match ours {
            Some(item) => json!({ "id": id, "available_quantity": item.quantity }),
            None => json!({ "id": id }),
        })
    };
    entries(now, "/variations").filter_map(variation).collect()
}

/// The answer is the item as it is now.
fn tell(shop: &Client<Account>, items: &[&Item], answer: &Value) {
    for item in items {
        let variation = item.address.split('/').nth(1);
        let of_item = |entry: &&Value| entry.get("id").and_then(string).as_deref() == variation;
        let entry = match variation {
            Some(_) => entries(answer, "/variations").find(of_item),
            None => Some(answer),
        };
        shop.link().tell(
            item,
            match (entry, entry.and_then(|entry| entry.get("available_quantity")).and_then(integer)) {
                (_, Some(shown)) if shown == item.quantity => Verdict::Sent,
                (_, Some(shown)) => Verdict::Failed(format!("rejected: Mercado Libre shows {shown} instead")),
                (None, None) => {
                    Verdict::Failed("not-found: the item has no such variation any more".to_owned())
                }
                (Some(_), None) => Verdict::Failed("rejected: the answer shows no quantity".to_owned()),
            },
        );
    }
}
