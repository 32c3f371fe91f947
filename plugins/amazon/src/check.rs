//! Are settings and secrets good? A read, and a write that Amazon only previews.

use crate::api::Asked;
use crate::catalog::{ended, page};
use crate::listing::issues;
use crate::write::patches;
use serde_json::{Value, json};
use stocksync_sdk::flow::Ended;

pub(crate) async fn check(seller: &Asked) -> Result<(), Ended> {
    let (found, _, _) = page(seller, "").await?;
    let Some(listing) = found.iter().find(|listing| listing.is_own(seller.api())) else { return Ok(()) };
    let path = format!("{}&mode=VALIDATION_PREVIEW", seller.api().items(Some(&listing.sku)));
    let patches = patches(&seller.api().channel, listing.quantity(seller.api()));
    let body = json!({ "productType": listing.product_type, "patches": patches });
    let answer = seller.ask(|api, _| api.request("PATCH", &path).json(&body)).await.map_err(ended)?;
    match answer.get("status").and_then(Value::as_str) {
        Some("VALID" | "ACCEPTED") => Ok(()),
        _ => {
            let why = issues(&answer, |_| true).unwrap_or_else(|| "it gives no reason".to_owned());
            Err(Ended::refused(format!("Amazon would not take the number of `{}`: {why}", listing.sku)))
        }
    }
}
