//! Are the settings and tokens good?

use crate::api::Sellers;
use crate::read::ended;
use stocksync_sdk::flow::{Ended, string};

pub(crate) async fn check(client: &Sellers) -> Result<(), Ended> {
    let seller = client.ask(|seller, now| seller.get("/seller/get", &[], now)).await.map_err(ended)?;
    let id = seller.pointer("/data/seller_id").and_then(string);
    match (&client.api().seller_id, id) {
        (Some(ours), Some(id)) if *ours != id => Err(Ended::refused(format!(
            "the tokens are of seller {id}, and the setting `seller_id` is `{ours}`"
        ))),
        _ => Ok(()),
    }
}
