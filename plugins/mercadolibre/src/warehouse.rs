//! Stock of user products in a warehouse: compare-and-set by the version in the header `x-version`.

use crate::account::{Account, STALE};
use crate::{AT_ONCE, Asked, give_up};
use serde_json::{Value, json};
use stocksync_sdk::flow::{
    Client, Ended, Item, Listed, Trouble, Verdict, entries, integer, percent, side_by_side, string,
};

/// How often a write begins anew when somebody else was faster.
const ROUNDS_MAX: usize = 4;

/// Quantities, one request each: the documents have no other way.
pub(crate) async fn read(shop: &Client<Account>, store: &str, items: &[Item]) -> Asked<()> {
    let asked = items.iter().map(|item| {
        let shop = shop.clone();
        async move { stock(&shop, &item.address).await.map(|stock| (item, stock)) }
    });
    let mut found = Vec::new();
    for stock in side_by_side(AT_ONCE, asked.collect()).await {
        let (item, stock) = match stock {
            Ok(stock) => stock,
            Err(Trouble::Refused(why)) if why.starts_with("not-found") => continue,
            Err(trouble) => return Err(trouble),
        };
        if let Some(quantity) = quantity(&stock, store) {
            found.push(Listed { store_sku: item.store_sku.clone(), quantity, ..Listed::default() });
        }
    }
    shop.link().quantities(&found);
    Ok(())
}

/// Reads number and version, compares, and writes for that version alone.
pub(crate) async fn write(shop: &Client<Account>, store: &str, item: &Item) -> Result<(), Ended> {
    for _ in 0..ROUNDS_MAX {
        let stock = match stock(shop, &item.address).await {
            Ok(stock) => stock,
            Err(trouble) => return give_up(shop, &[item], trouble),
        };
        match (quantity(&stock, store), item.expected) {
            (None, _) => {
                return give_up(
                    shop,
                    &[item],
                    Trouble::Refused("not-found: it has no stock in this warehouse".to_owned()),
                );
            }
            (Some(live), Some(expected)) if live != expected => {
                shop.link().tell(item, Verdict::Conflict(format!("Mercado Libre has {live}")));
                return Ok(());
            }
            (Some(live), _) if live == item.quantity => {
                shop.link().tell(item, Verdict::Sent);
                return Ok(());
            }
            _ => {}
        }
        match put(shop, store, item, &stock).await {
            Ok(answer) => return confirm(shop, store, item, &answer).await,
            Err(Trouble::Refused(why)) if why.starts_with(STALE) => {}
            Err(trouble) => return give_up(shop, &[item], trouble),
        }
    }
    shop.link().tell(item, Verdict::Conflict("others change it all the time".to_owned()));
    Ok(())
}

/// All of the seller's warehouses are sent, the others with what they have.
async fn put(shop: &Client<Account>, store: &str, item: &Item, stock: &Value) -> Asked<Value> {
    let locations = entries(stock, "/locations").filter(|location| is_warehouse(location)).map(|location| {
        let quantity = if is_store(location, store) { json!(item.quantity) } else { location.get("quantity").cloned().unwrap_or_default() };
        json!({ "store_id": location.get("store_id"), "network_node_id": location.get("network_node_id"), "quantity": quantity })
    });
    let body = json!({ "locations": locations.collect::<Vec<_>>() });
    let version = stock.get("x-version").and_then(Value::as_str).unwrap_or_default().to_owned();
    let path = format!("/user-products/{}/stock/type/seller_warehouse", percent(&item.address));
    // The host may send it again: if the first one was done, the second finds another version.
    shop.ask(|account, _| account.put(&path, &body).header("x-version", version.clone())).await
}

/// Where the answer does not show the number, it is read back.
async fn confirm(shop: &Client<Account>, store: &str, item: &Item, answer: &Value) -> Result<(), Ended> {
    let shown = match quantity(answer, store) {
        Some(shown) => Some(shown),
        None => quantity(
            &stock(shop, &item.address).await.map_err(|trouble| Ended::failed(trouble.text()))?,
            store,
        ),
    };
    shop.link().tell(
        item,
        match shown {
            Some(shown) if shown == item.quantity => Verdict::Sent,
            Some(shown) => Verdict::Failed(format!("rejected: Mercado Libre shows {shown} instead")),
            None => Verdict::Failed("not-found: it has no stock in this warehouse".to_owned()),
        },
    );
    Ok(())
}

async fn stock(shop: &Client<Account>, user_product: &str) -> Asked<Value> {
    let path = format!("/user-products/{}/stock", percent(user_product));
    let stock = shop.ask(|account, _| account.get(&path)).await?;
    if stock.get("locations").is_some_and(Value::is_array) {
        Ok(stock)
    } else {
        Err(Trouble::Unknown("Mercado Libre gave no locations".to_owned()))
    }
}

fn quantity(stock: &Value, store: &str) -> Option<i64> {
    entries(stock, "/locations")
        .find(|location| is_warehouse(location) && is_store(location, store))?
        .get("quantity")
        .and_then(integer)
}

/// What is in Mercado Libre's own warehouses is not the seller's to say.
fn is_warehouse(location: &Value) -> bool {
    location.get("type").and_then(Value::as_str) == Some("seller_warehouse")
}

fn is_store(location: &Value, store: &str) -> bool {
    location.get("store_id").and_then(string).as_deref() == Some(store)
}
