//! Are the settings and tokens good?

use crate::api::Tiktoks;
use crate::read::ended;
use stocksync_sdk::flow::{Ended, entries, string};

pub(crate) async fn check(client: &Tiktoks) -> Result<(), Ended> {
    let shops = client.ask(|shop, now| shop.get_of_seller("/authorization/202309/shops", now)).await;
    let shops = shops.map_err(ended)?;
    let cipher = client.api().shop_cipher.as_str();
    if !entries(&shops, "/data/shops").any(|shop| shop.get("cipher").and_then(|c| c.as_str()) == Some(cipher))
    {
        return Err(Ended::refused("the seller has authorized no shop of this `shop_cipher`"));
    }
    let Some(kept) = client.api().warehouse_id.clone() else { return Ok(()) };
    let all = client.ask(|shop, now| shop.get("/logistics/202309/warehouses", &[], now)).await;
    let all = all.map_err(ended)?;
    let ids: Vec<String> =
        entries(&all, "/data/warehouses").filter_map(|one| one.get("id").and_then(string)).collect();
    if ids.contains(&kept) {
        return Ok(());
    }
    Err(Ended::refused(format!("the shop has no warehouse `{kept}`, it has: {}", ids.join(", "))))
}
