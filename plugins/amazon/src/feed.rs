//! Feeds: one document of many numbers, and what became of them.

use crate::api::Asked;
use crate::gzip;
use crate::listing::{Place, issues};
use crate::write::patches;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use stocksync_sdk::flow::{Ended, Item, Request, Trouble, Verdict, entries, integer};

/// A ticket of a message in a feed: the feed's id and the message's.
pub(crate) const FED: &str = "feed:";
const JSON: &str = "application/json; charset=UTF-8";

/// Hands all of these to Amazon in one feed.
pub(crate) async fn submit(seller: &Asked, items: &[(Item, Place)]) -> Result<(), Ended> {
    let api = seller.api();
    let message = |(number, (item, place)): (usize, &(Item, Place))| {
        json!({
            "messageId": number + 1, "sku": item.store_sku, "operationType": "PATCH",
            "productType": place.product_type, "patches": patches(&api.channel, item.quantity),
        })
    };
    let messages: Vec<Value> = items.iter().enumerate().map(message).collect();
    let header = json!({ "sellerId": api.seller_id, "version": "2.0", "issueLocale": "en_US" });
    let document = json!({ "header": header, "messages": messages }).to_string();
    let (document_id, url) = place(seller).await?;
    let put = Request::new("PUT", url).body(JSON, document);
    match seller.link().try_send(put).await {
        Ok(response) if (200..300).contains(&response.status) => {}
        Ok(response) => return Err(Ended::refused(format!("the feed was not taken: {}", response.words()))),
        Err((_, why)) => return Err(Ended::refused(format!("the feed was not taken: {why}"))),
    }
    let feed = json!({
        "feedType": "JSON_LISTINGS_FEED", "marketplaceIds": [api.marketplace_id], "inputFeedDocumentId": document_id,
    });
    let made = seller.ask(|api, _| api.request("POST", "/feeds/2021-06-30/feeds").json(&feed)).await;
    let made = made.map_err(|trouble| match trouble {
        Trouble::Refused(why) => Ended::refused(why),
        Trouble::Unknown(why) => Ended::failed(why),
    })?;
    let id = made.get("feedId").and_then(Value::as_str).filter(|id| is_id(id));
    let id = id.ok_or_else(|| Ended::failed("Amazon gives the feed no id"))?;
    for (number, (item, _)) in items.iter().enumerate() {
        seller.link().tell(item, Verdict::Accepted(format!("{FED}{id}:{}", number + 1)));
    }
    Ok(())
}

/// A document to be filled: its id, and where it goes.
async fn place(seller: &Asked) -> Result<(String, String), Ended> {
    let kind = json!({ "contentType": JSON });
    let made = seller.ask(|api, _| api.request("POST", "/feeds/2021-06-30/documents").json(&kind)).await;
    let made = made.map_err(|trouble| Ended::refused(trouble.text()))?;
    let text = |name: &str| made.get(name).and_then(Value::as_str).map(str::to_owned);
    let both = text("feedDocumentId").zip(text("url"));
    both.filter(|(_, url)| !url.contains("{{"))
        .ok_or_else(|| Ended::refused("Amazon gives no place for the feed"))
}

/// How far a feed is.
pub(crate) enum Progress {
    /// It waits or is worked on.
    Running,
    /// It is over. What Amazon refused, by message, as far as it tells.
    Done(BTreeMap<i64, String>),
    /// It ended before its time, and why.
    Broken(String),
}

/// Asks how far a feed is.
pub(crate) async fn progress(seller: &Asked, id: &str) -> Result<Progress, Trouble> {
    let path = format!("/feeds/2021-06-30/feeds/{id}");
    let feed = seller.ask(|api, _| api.request("GET", &path)).await?;
    match feed.get("processingStatus").and_then(Value::as_str) {
        Some("DONE") => {
            let report = feed.get("resultFeedDocumentId").and_then(Value::as_str);
            match report {
                Some(report) => Ok(Progress::Done(refused(seller, report).await)),
                None => Ok(Progress::Done(BTreeMap::new())),
            }
        }
        Some(status @ ("CANCELLED" | "FATAL")) => {
            Ok(Progress::Broken(format!("the feed {id} ended as {status}")))
        }
        _ => Ok(Progress::Running),
    }
}

/// What a report refuses, by message. A report that cannot be had says nothing: the listings are read all the same.
async fn refused(seller: &Asked, document: &str) -> BTreeMap<i64, String> {
    let report = report(seller, document).await.unwrap_or_default();
    let mut refused = BTreeMap::new();
    for issue in entries(&report, "/issues") {
        if let Some(message) = issue.get("messageId").and_then(integer)
            && let Some(why) = issues(&json!({ "issues": [issue] }), |_| true)
        {
            refused.entry(message).or_insert(why);
        }
    }
    refused
}

async fn report(seller: &Asked, document: &str) -> Option<Value> {
    if !is_id(document) {
        return None;
    }
    let path = format!("/feeds/2021-06-30/documents/{document}");
    let place = seller.ask(|api, _| api.request("GET", &path)).await.ok()?;
    let url = place.get("url").and_then(Value::as_str).filter(|url| !url.contains("{{"))?;
    let response = seller.link().try_send(Request::get(url)).await.ok()?;
    let bytes = match place.get("compressionAlgorithm").and_then(Value::as_str) {
        Some("GZIP") => gzip::unpacked(&response.body)?,
        _ => response.body,
    };
    serde_json::from_slice(&bytes).ok()
}

/// Ids stand in paths and tickets.
pub(crate) fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}
