//! Are settings and secrets good?

use crate::api::Asked;
use crate::catalog::{ended, location, locations, words};
use serde_json::json;
use stocksync_sdk::flow::Ended;

const CHECK: &str = "query Check{productVariants(options:{take:1}){totalItems}}";

pub(crate) async fn check(shop: &Asked) -> Result<(), Ended> {
    shop.ask(|api, _| api.query(CHECK, &json!({}))).await.map_err(ended)?;
    let wanted = location(shop).await?;
    if shop.api().stock_location.is_none() {
        return Ok(());
    }
    let named = locations(shop).await?;
    if named.iter().any(|(id, _)| *id == wanted) {
        return Ok(());
    }
    let known = words(&named);
    Err(Ended::refused(format!("the shop has no stock location `{wanted}`; it has {known}")))
}
