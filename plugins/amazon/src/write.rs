//! Setting numbers: a patch each, or one feed of many.

use crate::api::Asked;
use crate::feed;
use crate::listing::{Place, issues};
use crate::manifest::AT_ONCE;
use serde_json::{Value, json};
use stocksync_sdk::flow::{Ended, Item, Trouble, Verdict, side_by_side};

/// A ticket of a number that a listing does not show yet: since when, in milliseconds since 1970.
pub(crate) const PATCHED: &str = "patch:";

/// Hands numbers to Amazon.
pub(crate) async fn write(seller: &Asked, items: &[Item]) -> Result<(), Ended> {
    let mut live = Vec::new();
    for item in items {
        match Place::parse(&item.address) {
            None => tell(seller, item, "not-found: the seller has no listing of this SKU"),
            Some(place) if !place.foreign.is_empty() => {
                let channel = place.foreign;
                tell(seller, item, &format!("rejected: its stock lies with `{channel}` and cannot be set"));
            }
            Some(place) => live.push((item.clone(), place)),
        }
    }
    if live.len() >= seller.api().feed_from {
        return feed::submit(seller, &live).await;
    }
    let asked = live.into_iter().map(|(item, place)| {
        let seller = seller.clone();
        async move { patch(&seller, &item, &place).await }
    });
    let told = side_by_side(AT_ONCE, asked.collect()).await;
    told.into_iter().find_map(Result::err).map_or(Ok(()), |why| Err(Ended::failed(why)))
}

fn tell(seller: &Asked, item: &Item, why: &str) {
    seller.link().tell(item, Verdict::Failed(why.to_owned()));
}

/// What changes the number and nothing else of a listing: `merge` leaves handling times and restock dates as they are.
pub(crate) fn patches(channel: &str, quantity: i64) -> Value {
    let value = json!([{ "fulfillment_channel_code": channel, "quantity": quantity }]);
    json!([{ "op": "merge", "path": "/attributes/fulfillment_availability", "value": value }])
}

/// One listing. An error is that nobody knows.
async fn patch(seller: &Asked, item: &Item, place: &Place) -> Result<(), String> {
    let path = seller.api().items(Some(&item.store_sku));
    let patches = patches(&seller.api().channel, item.quantity);
    let body = json!({ "productType": place.product_type, "patches": patches });
    let verdict = match seller.ask(|api, _| api.request("PATCH", &path).json(&body)).await {
        Ok(answer) => match answer.get("status").and_then(Value::as_str) {
            Some("ACCEPTED") => Verdict::Accepted(format!("{PATCHED}{}", seller.link().now())),
            Some("INVALID") => {
                let why = issues(&answer, |_| true).unwrap_or_else(|| "Amazon gives no reason".to_owned());
                Verdict::Failed(format!("rejected: {why}"))
            }
            _ => return Err("Amazon does not say whether it accepts the number".to_owned()),
        },
        Err(Trouble::Refused(why)) => Verdict::Failed(why),
        Err(Trouble::Unknown(why)) => return Err(why),
    };
    seller.link().tell(item, verdict);
    Ok(())
}
