//! Setting stock: one product a request, with every warehouse of each SKU. The answer does not say what it came to: that is looked up when all is
//! written, many products at once.

use crate::api::{Tiktoks, is_of_warehouses, kind};
use crate::catalog::{self, AT_ONCE};
use crate::manifest::SKUS_MAX;
use crate::place::{Place, Stock};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use stocksync_sdk::flow::{Ended, Item, Trouble, Verdict, entries, integer, side_by_side};

const GONE: &str = "not-found: the shop has no such listing any more";

/// Sets the stock of these items, whatever their order.
pub(crate) async fn write(client: &Tiktoks, items: &[Item]) -> Result<(), Ended> {
    let mut by_product: BTreeMap<String, BTreeMap<String, Wanted>> = BTreeMap::new();
    for item in items {
        let Some(place) = Place::parse(&item.address) else {
            client
                .link()
                .tell(item, Verdict::Failed("not-found: the shop has no listing of this SKU".to_owned()));
            continue;
        };
        let wanted = Wanted { item: item.clone(), place: place.clone() };
        let of_product = by_product.entry(place.product).or_default();
        if let Some(first) = of_product.insert(place.sku, wanted) {
            let twice = "rejected: this listing stands twice among the items".to_owned();
            client.link().tell(&first.item, Verdict::Failed(twice));
        }
    }
    let requests = by_product.into_iter().flat_map(|(product, wanted)| {
        let wanted: Vec<Wanted> = wanted.into_values().collect();
        let parts: Vec<_> = wanted.chunks(SKUS_MAX).map(<[_]>::to_vec).collect();
        parts.into_iter().map(move |part| set(client.clone(), product.clone(), part))
    });
    let told = side_by_side(AT_ONCE, requests.collect()).await;
    let unknown = told.into_iter().find_map(Result::err);
    unknown.map_or(Ok(()), |why| Err(Ended::failed(why)))
}

#[derive(Clone, Debug)]
struct Wanted {
    item: Item,
    place: Place,
}

/// What became of a request, SKU by SKU.
enum Sent {
    /// Taken, but for those SKUs: the code and the words.
    Taken(BTreeMap<String, (i64, String)>),
    /// The warehouses that were named are not those of the SKUs.
    Warehouses,
    Refused(String),
}

/// One product. An error is of items that nobody knows about.
async fn set(client: Tiktoks, product: String, wanted: Vec<Wanted>) -> Result<(), String> {
    let kept = client.api().warehouse_id.clone();
    let mut known = known(&wanted, kept.as_deref());
    let mut looked = false;
    if known.len() < wanted.len() {
        (known, looked) = (look(&client, &wanted).await.map_err(unknown)?, true);
    }
    let mut sent = send(&client, &product, &wanted, &known).await?;
    if matches!(sent, Sent::Warehouses) && !looked {
        known = look(&client, &wanted).await.map_err(unknown)?;
        sent = send(&client, &product, &wanted, &known).await?;
    }
    let refused = match sent {
        Sent::Taken(refused) => refused,
        Sent::Warehouses => {
            let why = "rejected: the warehouses of the product changed while it was written";
            return tell_all(&client, &wanted, why);
        }
        Sent::Refused(why) => return tell_all(&client, &wanted, &why),
    };
    let now = client.link().now().to_string();
    for Wanted { item, place } in &wanted {
        let verdict = match (refused.get(&place.sku), known.get(&place.sku)) {
            (Some((code, words)), _) => Verdict::Failed(format!("{}: {code}: {words}", kind(*code))),
            (None, None) => Verdict::Failed(GONE.to_owned()),
            (None, Some(stock)) if stock.with(0, kept.as_deref()).is_none() => {
                Verdict::Failed(no_warehouse(stock, kept.as_deref()))
            }
            (None, Some(_)) => Verdict::Accepted(now.clone()),
        };
        client.link().tell(item, verdict);
    }
    Ok(())
}

/// What became of numbers that the shop took without showing them: hundreds of SKUs a request.
pub(crate) async fn poll(client: &Tiktoks, items: &[Item]) -> Result<(), Ended> {
    let places: Vec<Option<Place>> = items.iter().map(|item| Place::parse(&item.address)).collect();
    let ids: BTreeSet<String> = places.iter().flatten().map(|place| place.sku.clone()).collect();
    let shown = catalog::stocks(client, &ids.into_iter().collect::<Vec<_>>()).await;
    let shown = shown.map_err(|trouble| Ended::refused(trouble.text()))?;
    let kept = client.api().warehouse_id.as_deref();
    for (item, place) in items.iter().zip(&places) {
        let of_place = |place: &Place| Some(shown.get(&place.sku)?.1.quantity(&place.sku, kept));
        let verdict = match place.as_ref().and_then(of_place) {
            None => Verdict::Failed(GONE.to_owned()),
            Some(Ok(quantity)) if quantity == item.quantity => Verdict::Sent,
            Some(Ok(quantity)) => {
                Verdict::Failed(format!("rejected: the shop took it, and shows {quantity}"))
            }
            Some(Err(trouble)) => Verdict::Failed(trouble.text().to_owned()),
        };
        client.link().tell(item, verdict);
    }
    Ok(())
}

/// Where a SKU has one warehouse, its new number is all that is to be known.
fn known(wanted: &[Wanted], kept: Option<&str>) -> BTreeMap<String, Stock> {
    let one = |wanted: &Wanted| match wanted.place.warehouses.as_slice() {
        [one] if kept.is_none_or(|kept| kept == one) => {
            Some((wanted.place.sku.clone(), Stock(vec![(one.clone(), 0)])))
        }
        _ => None,
    };
    wanted.iter().filter_map(one).collect()
}

async fn look(client: &Tiktoks, wanted: &[Wanted]) -> Result<BTreeMap<String, Stock>, Trouble> {
    let ids: BTreeSet<String> = wanted.iter().map(|wanted| wanted.place.sku.clone()).collect();
    let found = catalog::stocks(client, &ids.into_iter().collect::<Vec<_>>()).await?;
    Ok(found.into_iter().map(|(sku, (_, stock))| (sku, stock)).collect())
}

/// Sends what can be sent of what is wanted: SKUs that are gone, or not in the warehouse that is kept, are left out.
async fn send(
    client: &Tiktoks,
    product: &str,
    wanted: &[Wanted],
    known: &BTreeMap<String, Stock>,
) -> Result<Sent, String> {
    let kept = client.api().warehouse_id.as_deref();
    let skus: Vec<String> = wanted
        .iter()
        .filter_map(|Wanted { item, place }| {
            Some(entry(&place.sku, &known.get(&place.sku)?.with(item.quantity, kept)?))
        })
        .collect();
    if skus.is_empty() {
        return Ok(Sent::Taken(BTreeMap::new()));
    }
    let path = format!("/product/202309/products/{product}/inventory/update");
    let body = format!(r#"{{"skus":[{}]}}"#, skus.join(","));
    match client.ask(|shop, now| shop.post(&path, &[], &body, now)).await {
        Ok(answer) => Ok(taken(&answer)),
        Err(Trouble::Unknown(why)) => Err(why),
        Err(Trouble::Refused(why)) => {
            let code = why.split(": ").nth(1).and_then(|code| code.parse().ok());
            Ok(if code.is_some_and(is_of_warehouses) { Sent::Warehouses } else { Sent::Refused(why) })
        }
    }
}

/// A SKU as the documents write it. Nothing in it has to be escaped: an id is letters and digits.
fn entry(sku: &str, Stock(stock): &Stock) -> String {
    let warehouse = |(id, units): &(String, i64)| format!(r#"{{"warehouse_id":"{id}","quantity":{units}}}"#);
    let inventory: Vec<String> = stock.iter().map(warehouse).collect();
    format!(r#"{{"id":"{sku}","inventory":[{}]}}"#, inventory.join(","))
}

/// Success with a list of errors is success of the rest.
fn taken(answer: &Value) -> Sent {
    let mut refused = BTreeMap::new();
    for error in entries(answer, "/data/errors") {
        // The main error often says no more than that a check failed.
        let exact = entries(error, "/detail/extra_errors").next().unwrap_or(error);
        let code = exact.get("code").and_then(integer).unwrap_or_default();
        if is_of_warehouses(code) {
            return Sent::Warehouses;
        }
        let words = exact.get("message").and_then(Value::as_str).unwrap_or("no reason is given").to_owned();
        match error.pointer("/detail/sku_id").and_then(Value::as_str) {
            Some(sku) => drop(refused.insert(sku.to_owned(), (code, words))),
            None => return Sent::Refused(format!("{}: {code}: {words}", kind(code))),
        }
    }
    Sent::Taken(refused)
}

fn no_warehouse(stock: &Stock, kept: Option<&str>) -> String {
    let ids: Vec<&str> = stock.0.iter().map(|(id, _)| id.as_str()).collect();
    let (ids, kept) = (ids.join(", "), kept.unwrap_or_default());
    match stock.0.len() {
        0 => "rejected: the SKU is in no warehouse".to_owned(),
        _ if kept.is_empty() => {
            format!(
                "rejected: the SKU has several warehouses ({ids}): name one in the setting `warehouse_id`"
            )
        }
        _ => format!("rejected: the SKU is not in the warehouse `{kept}`, but in {ids}"),
    }
}

fn tell_all(client: &Tiktoks, wanted: &[Wanted], why: &str) -> Result<(), String> {
    wanted.iter().for_each(|wanted| client.link().tell(&wanted.item, Verdict::Failed(why.to_owned())));
    Ok(())
}

fn unknown(trouble: Trouble) -> String {
    trouble.text().to_owned()
}
