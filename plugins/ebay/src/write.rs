//! `write`: one bulk call, and one that reads back what it did, since its answer shows no number.

use crate::account::{Account, TOO_MANY, words};
use crate::catalog::quantities;
use serde_json::{Value, json};
use std::collections::VecDeque;
use stocksync_sdk::flow::{Client, Ended, Item, Trouble, Verdict, entries, integer};

/// Writes items. Where the account takes less in one call than the documents say, by halves.
pub(crate) async fn write(shop: &Client<Account>, items: &[Item]) -> Result<(), Ended> {
    let mut batches: VecDeque<&[Item]> = [items].into();
    let mut written = Vec::new();
    let mut unknown = None;
    while let Some(batch) = batches.pop_front().filter(|batch| !batch.is_empty()) {
        let body = json!({ "requests": batch.iter().map(request).collect::<Vec<_>>() });
        match shop
            .ask(|account, _| account.post("/sell/inventory/v1/bulk_update_price_quantity", &body))
            .await
        {
            Ok(answer) => written.extend(batch.iter().filter(|item| is_taken(shop, item, &answer))),
            Err(Trouble::Refused(why)) if why.starts_with(TOO_MANY) && batch.len() > 1 => {
                let (left, right) = batch.split_at(batch.len() / 2);
                batches.extend([left, right]);
            }
            Err(Trouble::Refused(why)) => {
                batch.iter().for_each(|item| shop.link().tell(item, Verdict::Failed(why.clone())))
            }
            Err(Trouble::Unknown(why)) => unknown = Some(why),
        }
    }
    confirm(shop, &written).await?;
    unknown.map_or(Ok(()), |why| Err(Ended::failed(why)))
}

fn request(item: &Item) -> Value {
    let offers = item.address.split(',').filter(|offer| !offer.is_empty());
    let offers = offers.map(|offer| json!({ "offerId": offer, "availableQuantity": item.quantity }));
    json!({ "sku": item.store_sku, "shipToLocationAvailability": { "quantity": item.quantity }, "offers": offers.collect::<Vec<_>>() })
}

/// Whether eBay says that item and offers were taken; what it refuses of them is told. What it says nothing of is read back as well.
fn is_taken(shop: &Client<Account>, item: &Item, answer: &Value) -> bool {
    let of_item = |response: &&Value| response.get("sku").and_then(Value::as_str) == Some(&item.store_sku);
    let refused = entries(answer, "/responses")
        .filter(of_item)
        .find(|response| !matches!(response.get("statusCode").and_then(integer), Some(200..=299)));
    let Some(refused) = refused else { return true };
    let status = refused.get("statusCode").and_then(integer).unwrap_or(0);
    let kind = if status == 404 { "not-found" } else { "rejected" };
    let why = entries(refused, "/errors").next().map(words).unwrap_or_else(|| format!("status {status}"));
    shop.link().tell(item, Verdict::Failed(format!("{kind}: {why}")));
    false
}

async fn confirm(shop: &Client<Account>, written: &[&Item]) -> Result<(), Ended> {
    if written.is_empty() {
        return Ok(());
    }
    let skus = written.iter().map(|item| item.store_sku.as_str()).collect();
    let shown = quantities(shop, skus).await.map_err(|trouble| Ended::failed(trouble.text()))?;
    for item in written {
        let verdict = match shown.get(&item.store_sku) {
            Some(shown) if *shown == item.quantity => Verdict::Sent,
            Some(shown) => Verdict::Failed(format!("rejected: eBay shows {shown} instead")),
            None => Verdict::Failed("not-found: eBay does not have the item any more".to_owned()),
        };
        shop.link().tell(item, verdict);
    }
    Ok(())
}
