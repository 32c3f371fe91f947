//! Are the settings and tokens good?

use crate::api::Shops;
use crate::read::ended;
use serde_json::Value;
use stocksync_sdk::flow::{Ended, entries};

pub(crate) async fn check(client: &Shops) -> Result<(), Ended> {
    let info =
        client.ask(|shop, now| shop.get("/api/v2/shop/get_shop_info", &[], now)).await.map_err(ended)?;
    if info.get("is_upgraded_cbsc") == Some(&Value::Bool(true)) {
        let why = "the shop was upgraded to CNSC or KRSC: its stock is set by global products, which this connector cannot do";
        return Err(Ended::refused(why));
    }
    let Some(location) = client.api().location_id.clone() else { return Ok(()) };
    let all = client.ask(|shop, now| shop.get("/api/v2/shop/get_warehouse_detail", &[], now)).await;
    let all = all.map_err(ended)?;
    let names: Vec<&str> =
        entries(&all, "/response").filter_map(|one| one.get("location_id")?.as_str()).collect();
    if names.contains(&location.as_str()) {
        return Ok(());
    }
    Err(Ended::refused(format!("the shop has no location `{location}`, it has: {}", names.join(", "))))
}
