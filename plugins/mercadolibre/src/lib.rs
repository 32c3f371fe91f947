//! Mercado Libre.
//!
//! A store SKU is that of an item or of a variation (`SELLER_SKU`). There are two kinds of accounts. In most, stock is that of items, and a write is
//! an item with all its variations, since those that are not sent are deleted. In accounts with warehouses it is that of user products in a
//! `store_id`, with a version that makes a write compare-and-set.

mod account;
mod catalog;
mod items;
mod orders;
mod warehouse;

use account::Account;
use serde_json::{Value, json};
use stocksync_sdk::flow::{Client, Ended, Flow, Item, Job, Link, Shop, Trouble, Verdict};
use stocksync_sdk::message::{Batch, Bounds, Limits, Manifest, OpenConfig, ReadKind, WriteKind};

stocksync_sdk::export_connector!(Flow<MercadoLibre>);

/// The most variations of an item, in any category.
const VARIATIONS_MAX: u32 = 250;
const QUANTITY_MAX: u64 = 99_999;
/// Requests of one session side by side.
const AT_ONCE: usize = 4;
/// Calls of the stock of user products a second: 100 a minute are documented, and that is what they, the burst and those under way come to.
const STOCK_CALLS_PER_SECOND: f64 = 1.25;

/// A seller's account.
#[derive(Debug)]
struct MercadoLibre {
    account: Account,
}

impl Shop for MercadoLibre {
    fn manifest() -> Manifest {
        let text = |description: &str| json!({ "type": "string", "description": description });
        Manifest {
            settings: json!({
                "type": "object",
                "properties": {
                    "user_id": { "type": ["integer", "string"], "description": "the seller's number" },
                    "client_id": { "type": ["integer", "string"], "description": "the application's number" },
                    "store_id": { "type": ["integer", "string"], "description": "the warehouse whose stock is kept, for accounts with warehouses" },
                    "url": text("another address than `https://api.mercadolibre.com`, for a test server"),
                },
                "required": ["user_id", "client_id"],
                "additionalProperties": false,
            }),
            secrets: json!({
                "type": "object",
                "properties": {
                    "client_secret": text("the application's secret"),
                    "refresh_token": text("the seller's refresh token, `TG-…`; it works once, and the host keeps the next"),
                    "access_token": text("kept by the host; need not be configured"),
                },
                "required": ["client_secret", "refresh_token"],
                "additionalProperties": false,
            }),
            batch: Batch {
                items_max: VARIATIONS_MAX,
                group_by: Some("parent".to_owned()),
                ..Batch::default()
            },
            limits: Limits { concurrency: AT_ONCE as u32, ..Limits::default() },
            quantity: Bounds { min: 0, max: QUANTITY_MAX },
            read: ReadKind::Some,
            ..Manifest::new(
                "mercadolibre",
                env!("CARGO_PKG_VERSION"),
                &["check", "resolve", "read", "write", "listings", "orders"],
            )
        }
    }

    fn open(config: OpenConfig) -> Result<Self, String> {
        Ok(Self { account: Account::new(&config)? })
    }

    /// In a warehouse, each user product is written by itself, and only if nobody changed it meanwhile.
    fn effective_manifest(&self) -> Option<Manifest> {
        let manifest = Manifest { hosts: vec![self.account.host().to_owned()], ..Self::manifest() };
        Some(match self.account.store() {
            None => manifest,
            Some(_) => Manifest {
                batch: Batch { items_max: 1, ..Batch::default() },
                limits: Limits { requests_per_second: STOCK_CALLS_PER_SECOND, burst: 20, ..manifest.limits },
                write: WriteKind { conditional: true, ..WriteKind::default() },
                ..manifest
            },
        })
    }

    async fn run(self, job: Job, link: Link) -> Result<(), Ended> {
        let shop = Client::new(self.account, link);
        match job.operation.as_str() {
            "check" => check(&shop).await,
            "resolve" => catalog::resolve(&shop, &job.items).await,
            "read" => catalog::read(&shop, &job.items).await,
            "listings" => catalog::listings(&shop).await,
            "orders" => orders::since(&shop, job.since.unwrap_or(0)).await,
            _ => return write(&shop, &job.items).await,
        }
        .map_err(|trouble| Ended::refused(trouble.text()))
    }
}

/// Whose token it is, and whether the account is of the kind that the settings say.
async fn check(shop: &Client<Account>) -> Asked<()> {
    let me = shop.ask(|account, _| account.get("/users/me")).await?;
    let seller = me.get("id").map(Value::to_string).unwrap_or_default();
    if seller != shop.api().user_id() {
        return Err(Trouble::Refused(format!(
            "rejected: the tokens are of user {seller}, and `user_id` is another"
        )));
    }
    let tags = me.get("tags").and_then(Value::as_array);
    let in_warehouses = tags.is_some_and(|tags| tags.iter().any(|tag| tag == "warehouse_management"));
    match shop.api().store() {
        None if in_warehouses => {
            Err(Trouble::Refused("rejected: the account has warehouses: set `store_id`".to_owned()))
        }
        Some(_) if !in_warehouses => {
            Err(Trouble::Refused("rejected: the account has no warehouses: take `store_id` out".to_owned()))
        }
        _ => Ok(()),
    }
}

async fn write(shop: &Client<Account>, items: &[Item]) -> Result<(), Ended> {
    match shop.api().store() {
        Some(store) => {
            for item in items {
                warehouse::write(shop, store, item).await?;
            }
            Ok(())
        }
        None => items::write(shop, items).await,
    }
}

/// Tells of items that nothing was written of; where that is not known, the operation ends.
fn give_up(shop: &Client<Account>, items: &[&Item], trouble: Trouble) -> Result<(), Ended> {
    match trouble {
        Trouble::Refused(why) => {
            items.iter().for_each(|item| shop.link().tell(item, Verdict::Failed(why.clone())));
            Ok(())
        }
        Trouble::Unknown(why) => Err(Ended::failed(why)),
    }
}

type Asked<T> = Result<T, Trouble>;

#[cfg(test)]
mod tests;
