//! Are settings and secrets good?

use crate::api::Asked;
use crate::catalog::{locations, words};
use stocksync_sdk::flow::Ended;

pub(crate) async fn check(shop: &Asked) -> Result<(), Ended> {
    let named = locations(shop).await?;
    let known = words(&named);
    match (&shop.api().stock_location, named.as_slice()) {
        (Some(wanted), named) if named.iter().any(|(id, _)| id == wanted) => Ok(()),
        (Some(wanted), _) => {
            Err(Ended::refused(format!("the shop has no stock location `{wanted}`; it has {known}")))
        }
        (None, [_]) => Ok(()),
        (None, []) => Err(Ended::refused("the shop has no stock location")),
        (None, _) => Err(Ended::refused(format!(
            "the shop has several stock locations: set `stock_location` to one of {known}"
        ))),
    }
}
