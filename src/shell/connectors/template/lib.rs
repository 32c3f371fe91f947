//! A stocksync connector for `__name__`.
//!
//! What is marked `YOURS` is the marketplace's: its addresses, its fields, its errors, its limits. The rest may stay as it is.

use serde_json::{Value, json};
use stocksync_sdk::flow::{Ended, Flow, Item, Job, Link, Request, Response, Shop, Verdict, percent};
use stocksync_sdk::message::{Batch, Bounds, Limits, Manifest, OpenConfig, ReadKind};
use stocksync_sdk::{Page, TextColumn, abi::column_id};

stocksync_sdk::export_connector!(Flow<Store>);

/// Items in one write.
const ITEMS_MAX: u32 = 50;

/// One store, by its settings.
#[derive(Debug)]
struct Store {
    url: String,
    host: String,
}

impl Shop for Store {
    // YOURS: what the marketplace's documents say of settings, secrets, batches, bounds and limits.
    fn manifest() -> Manifest {
        Manifest {
            settings: json!({
                "type": "object",
                "properties": { "url": { "type": "string", "description": "where the store's API is, such as https://shop.example" } },
                "required": ["url"],
                "additionalProperties": false,
            }),
            secrets: json!({ "type": "object", "properties": { "token": { "type": "string" } }, "required": ["token"] }),
            batch: Batch { items_max: ITEMS_MAX, ..Batch::default() },
            limits: Limits { requests_per_second: 5.0, burst: 5, concurrency: 2, ..Limits::default() },
            quantity: Bounds { min: 0, max: 999_999 },
            read: ReadKind::Some,
            ..Manifest::new("__name__", env!("CARGO_PKG_VERSION"), &["check", "read", "write", "listings"])
        }
    }

    fn open(config: OpenConfig) -> Result<Self, String> {
        let url = config.settings.get("url").and_then(Value::as_str).ok_or("the setting `url` is missing")?;
        let url = url.trim_end_matches('/').to_owned();
        let host = url.split_once("://").map(|(_, rest)| rest.split(['/', ':']).next().unwrap_or(rest));
        let host = host.filter(|host| !host.is_empty()).ok_or("the setting `url` must be like https://shop.example")?;
        Ok(Self { host: host.to_owned(), url })
    }

    /// The program refuses requests to any other host.
    fn effective_manifest(&self) -> Option<Manifest> {
        Some(Manifest { hosts: vec![self.host.clone()], ..Self::manifest() })
    }

    async fn run(self, job: Job, link: Link) -> Result<(), Ended> {
        match job.operation.as_str() {
            "check" => self.ask(&link, self.get("/stock?limit=1")).await.map(drop),
            "write" => self.write(&job.items, &link).await,
            // `listings`, and a `read` that names none, are about all.
            _ if job.items.is_empty() => self.read(None, &link).await,
            _ => {
                for items in job.items.chunks(ITEMS_MAX as usize) {
                    self.read(Some(items), &link).await?;
                }
                Ok(())
            }
        }
    }
}

impl Store {
    // YOURS: how the marketplace is asked for numbers, and what its answer looks like.
    async fn read(&self, items: Option<&[Item]>, link: &Link) -> Result<(), Ended> {
        let skus = items.map(|items| items.iter().map(|item| percent(&item.store_sku)).collect::<Vec<_>>());
        let query = skus.map_or(String::new(), |skus| format!("?skus={}", skus.join(",")));
        let answer = self.ask(link, self.get(&format!("/stock{query}"))).await?;
        let (mut skus, mut quantities) = (TextColumn::new(), Vec::new());
        for listing in listings(&answer)? {
            skus.push(&listing.0);
            quantities.push(listing.1);
        }
        link.page(Page::new().texts(column_id::STORE_SKU, skus).i64s(column_id::QUANTITY, &quantities));
        Ok(())
    }

    // YOURS: how numbers are written, and what the answer says of each.
    async fn write(&self, items: &[Item], link: &Link) -> Result<(), Ended> {
        let wanted: Vec<Value> =
            items.iter().map(|item| json!({ "sku": item.store_sku, "quantity": item.quantity })).collect();
        // The same numbers twice are the same as once: the program may send it again where no answer came.
        let request = Request::new("PUT", format!("{}/stock", self.url)).idempotent();
        let answer = self.ask(link, authorized(request).json(&Value::from(wanted))).await?;
        let shown = listings(&answer)?;
        for item in items {
            // Sent means shown to be there: an answer without the number is no proof.
            let verdict = match shown.iter().find(|(sku, _)| *sku == item.store_sku) {
                Some((_, quantity)) if *quantity == item.quantity => Verdict::Sent,
                Some((_, quantity)) => Verdict::Failed(format!("rejected: the store shows {quantity}")),
                None => Verdict::Failed("not-found: the store has no such listing".to_owned()),
            };
            link.tell(item, verdict);
        }
        Ok(())
    }

    fn get(&self, path: &str) -> Request {
        authorized(Request::get(format!("{}{path}", self.url)))
    }

    // YOURS: what the marketplace's errors mean. 429 and 5xx come here only after the program has tried again.
    async fn ask(&self, link: &Link, request: Request) -> Result<Response, Ended> {
        let answer = link.send(request).await?;
        match answer.status {
            200 => Ok(answer),
            401 | 403 => Err(Ended::refused(format!("unauthorized: {}", answer.words()))),
            429 => Err(Ended::refused(format!("throttled: {}", answer.words()))),
            400..500 => Err(Ended::refused(format!("rejected: {}", answer.words()))),
            _ => Err(Ended::failed(answer.words())),
        }
    }
}

/// The program fills the secret in; the connector never sees it.
fn authorized(request: Request) -> Request {
    request.header("authorization", "Bearer {{secret:token}}")
}

/// `[{"sku": …, "quantity": …}]`. What is not of this shape is no number.
fn listings(answer: &Response) -> Result<Vec<(String, i64)>, Ended> {
    let json = answer.json().ok_or_else(|| Ended::failed(format!("no JSON came: {}", answer.words())))?;
    let rows = json.as_array().ok_or_else(|| Ended::failed(format!("no list came: {}", answer.words())))?;
    let listing = |row: &Value| {
        Some((row.get("sku")?.as_str()?.to_owned(), row.get("quantity")?.as_i64()?))
    };
    Ok(rows.iter().filter_map(listing).collect())
}

#[cfg(test)]
mod tests;
