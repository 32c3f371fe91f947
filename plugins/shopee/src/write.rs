//! Setting stock: one item of the shop a request, up to 50 of its models.

use crate::api::{Shopee, Shops, reason};
use crate::catalog::{self, AT_ONCE, Place};
use crate::manifest::MODELS_MAX;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use stocksync_sdk::flow::{Ended, Item, Trouble, Verdict, entries, integer, side_by_side};

/// Sets the stock of these items, whatever their order.
pub(crate) async fn write(client: &Shops, items: &[Item]) -> Result<(), Ended> {
    let mut by_item: BTreeMap<i64, BTreeMap<i64, Item>> = BTreeMap::new();
    for item in items {
        let Some(Place { item: of, model }) = Place::parse(&item.address) else {
            client
                .link()
                .tell(item, Verdict::Failed("not-found: the shop has no listing of this SKU".to_owned()));
            continue;
        };
        if let Some(first) = by_item.entry(of).or_default().insert(model, item.clone()) {
            let twice = "rejected: this listing stands twice among the items".to_owned();
            client.link().tell(&first, Verdict::Failed(twice));
        }
    }
    let requests = by_item.into_iter().flat_map(|(of, models)| {
        let models: Vec<(i64, Item)> = models.into_iter().collect();
        let parts: Vec<_> = models.chunks(MODELS_MAX).map(<[_]>::to_vec).collect();
        parts.into_iter().map(move |part| set(client.clone(), of, part))
    });
    let told = side_by_side(AT_ONCE, requests.collect()).await;
    let unknown = told.into_iter().find_map(Result::err);
    unknown.map_or(Ok(()), |why| Err(Ended::failed(why)))
}

/// One request. An error is of items that nobody knows about.
async fn set(client: Shops, of: i64, models: Vec<(i64, Item)>) -> Result<(), String> {
    let body = body(client.api(), of, &models);
    let answer = client.ask(|shop, now| shop.post("/api/v2/product/update_stock", &body, now)).await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(Trouble::Unknown(why)) => return Err(why),
        Err(Trouble::Refused(why)) => {
            for (_, item) in &models {
                client.link().tell(item, Verdict::Failed(why.clone()));
            }
            return Ok(());
        }
    };
    let mut unsure = Vec::new();
    for (model, item) in models {
        match shown(&answer, model, client.api().location_id.as_deref()) {
            Some(Ok(stock)) => client.link().tell(&item, compared(stock, item.quantity)),
            Some(Err(why)) => client.link().tell(&item, Verdict::Failed(why)),
            None => unsure.push((Place { item: of, model }, item)),
        }
    }
    if unsure.is_empty() { Ok(()) } else { read_back(&client, &unsure).await }
}

fn body(shop: &Shopee, of: i64, models: &[(i64, Item)]) -> Value {
    let stock = |quantity: i64| match &shop.location_id {
        Some(location) => json!([{ "location_id": location, "stock": quantity }]),
        None => json!([{ "stock": quantity }]),
    };
    let list: Vec<Value> = models
        .iter()
        .map(|(model, item)| json!({ "model_id": model, "seller_stock": stock(item.quantity) }))
        .collect();
    json!({ "item_id": of, "stock_list": list })
}

/// What the answer says of a model: the stock it has now, or why not. Nothing where it does not say.
fn shown(answer: &Value, model: i64, location: Option<&str>) -> Option<Result<i64, String>> {
    let of_model = |entry: &&Value| entry.get("model_id").and_then(integer) == Some(model);
    if let Some(failure) = entries(answer, "/response/failure_list").find(of_model) {
        let words = failure.get("failed_reason").and_then(Value::as_str).unwrap_or("no reason is given");
        return Some(Err(reason(words)));
    }
    let here = |entry: &&Value| {
        location.is_none_or(|location| entry.get("location_id").and_then(Value::as_str) == Some(location))
    };
    let success = entries(answer, "/response/success_list").filter(of_model).find(here)?;
    success.get("stock").and_then(integer).map(Ok)
}

fn compared(shown: i64, wanted: i64) -> Verdict {
    if shown == wanted {
        return Verdict::Sent;
    }
    Verdict::Failed(format!("rejected: the shop took it, and shows {shown}"))
}

/// Asks for what the answer did not say.
async fn read_back(client: &Shops, unsure: &[(Place, Item)]) -> Result<(), String> {
    let places: Vec<Place> = unsure.iter().map(|(place, _)| *place).collect();
    let found = catalog::at(client, &places).await.map_err(|trouble| trouble.text().to_owned())?;
    for (place, item) in unsure {
        let verdict = match found.iter().find(|found| found.place == *place) {
            None => Verdict::Failed("not-found: the shop has no such listing any more".to_owned()),
            Some(found) => match found.quantity(client.api().location_id.as_deref()) {
                Ok(stock) => compared(stock, item.quantity),
                Err(trouble) => return Err(trouble.text().to_owned()),
            },
        };
        client.link().tell(item, verdict);
    }
    Ok(())
}
