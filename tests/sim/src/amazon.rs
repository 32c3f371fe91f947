//! Amazon's Selling Partner API, for sellers who fulfil their orders themselves.
//!
//! Sources: the models of `github.com/amzn/selling-partner-api-models` (`listingsItems_2021-08-01.json`, `feeds_2021-06-30.json`,
//! `orders_2026-01-01.json`), named *models* below, and the pages of developer-docs.amazon.com, named by their titles.

mod bucket;
mod feeds;
mod listings;
mod login;
mod orders;

use crate::http::{Request, Response};
use crate::marketplace::{Marketplace, Now, Setup};
use bucket::Bucket;
use feeds::{Document, Feed};
use login::Login;
use orders::Order;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SELLER: &str = "A1SELLER2SIM";
const MARKETPLACE: &str = "A19VAU5U5O7RUS";

/// A seller in one marketplace.
#[derive(Debug)]
pub struct Amazon {
    login: Login,
    listings: BTreeMap<String, Listing>,
    documents: BTreeMap<String, Document>,
    feeds: BTreeMap<String, Feed>,
    orders: Vec<Order>,
    buckets: BTreeMap<&'static str, Bucket>,
    made: u64,
    /// How long an accepted number takes until the listing shows it, in milliseconds; how long it takes in truth is not documented.
    pub settles_ms: i64,
    /// How long a feed is worked on, in milliseconds; as little documented.
    pub feed_ms: i64,
    /// Whether reports of feeds are compressed: documented as "if", and told by the answer.
    pub compresses: bool,
}

/// A listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The title.
    pub title: String,
    /// What it shows.
    pub quantity: i64,
    /// `DEFAULT` for the merchant, `AMAZON_NA` and the like for Amazon.
    pub channel: String,
    /// The product type that it was listed under.
    pub product_type: String,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// Numbers that were accepted, and from when they show, in milliseconds.
    pending: Vec<(i64, i64)>,
    /// An error of its number, shown as one of its issues.
    pub trouble: Option<String>,
}

impl Amazon {
    /// A seller with these listings.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let listing = |(number, listing): (i64, &crate::marketplace::Listing)| {
            let of = Listing {
                title: listing.title.clone(),
                quantity: listing.quantity,
                channel: "DEFAULT".to_owned(),
                product_type: "LUGGAGE".to_owned(),
                created: 1_700_000_000 + number,
                ..Listing::default()
            };
            (listing.sku.clone(), of)
        };
        Self {
            login: Login::new(setup),
            listings: (0..).zip(&setup.listings).map(listing).collect(),
            documents: BTreeMap::new(),
            feeds: BTreeMap::new(),
            orders: Vec::new(),
            buckets: BTreeMap::new(),
            made: 0,
            settles_ms: 5_000,
            feed_ms: 30_000,
            compresses: true,
        }
    }

    /// A listing, to be looked at or changed behind the connector's back.
    pub fn listing(&mut self, sku: &str) -> Option<&mut Listing> {
        self.listings.get_mut(sku)
    }

    /// Takes a listing away.
    pub fn delete(&mut self, sku: &str) {
        self.listings.remove(sku);
    }

    /// A new id.
    fn next(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}-{:06}", self.made)
    }

    /// One request of an operation with this rate and burst ("Usage Plans and Rate Limits in the SP-API": a bucket that fills at the rate).
    fn takes(&mut self, operation: &'static str, rate: f64, burst: f64, now: Now) -> Result<(), Response> {
        let bucket = self.buckets.entry(operation).or_insert_with(|| Bucket::new(rate, burst, now));
        if bucket.takes(now) {
            Ok(())
        } else {
            Err(fault(429, "QuotaExceeded", "You exceeded your quota for the requested resource."))
        }
    }

    /// What was accepted before now shows.
    fn settle(&mut self, now: Now) {
        for listing in self.listings.values_mut() {
            for (from, quantity) in std::mem::take(&mut listing.pending) {
                if from <= now.0 {
                    listing.quantity = quantity;
                } else {
                    listing.pending.push((from, quantity));
                }
            }
        }
    }
}

impl Marketplace for Amazon {
    fn name(&self) -> &'static str {
        "amazon"
    }

    fn answer(&mut self, request: &Request, now: Now) -> Response {
        self.settle(now);
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let method = request.method.as_str();
        let answer = match (method, path.as_slice()) {
            ("POST", ["auth", "o2", "token"]) => return self.login.token(request, now),
            // A presigned address needs no token, and takes none: "Feeds API v2021-06-30 Use Case Guide", step 3.
            ("PUT" | "GET", ["feed-documents", id]) => return self.stored(request, id, now),
            _ if !self.login.knows(request, now) => Err(login::refused()),
            ("GET", ["listings", "2021-08-01", "items", SELLER]) => self.search(request, now),
            ("GET", ["listings", "2021-08-01", "items", SELLER, sku]) => self.get(request, sku, now),
            ("PATCH", ["listings", "2021-08-01", "items", SELLER, sku]) => self.patch(request, sku, now),
            ("POST", ["feeds", "2021-06-30", "documents"]) => self.make_document(request, now),
            ("GET", ["feeds", "2021-06-30", "documents", id]) => self.get_document(request, id, now),
            ("POST", ["feeds", "2021-06-30", "feeds"]) => self.make_feed(request, now),
            ("GET", ["feeds", "2021-06-30", "feeds", id]) => self.get_feed(id, now),
            ("GET", ["orders", "2026-01-01", "orders"]) => self.list_orders(request, now),
            _ => Err(fault(404, "NOT_FOUND", "Resource not found.")),
        };
        answer.unwrap_or_else(|refused| refused)
    }

    fn quantity(&self, sku: &str) -> Option<i64> {
        let listing = self.listings.get(sku)?;
        Some(listing.pending.last().map_or(listing.quantity, |(_, quantity)| *quantity))
    }

    fn sell(&mut self, sku: &str, units: i64, now: Now) -> bool {
        self.settle(now);
        let Some(listing) = self.listings.get_mut(sku) else { return false };
        listing.quantity -= units;
        let id = self.next("702");
        self.orders.push(Order { id, sku: sku.to_owned(), units, placed: now, status: "UNSHIPPED" });
        true
    }

    fn settings(&self, address: &str) -> Value {
        json!({
            "seller_id": SELLER, "marketplace_id": MARKETPLACE, "region": "fe", "base_url": address, "login_url": address,
        })
    }

    fn secrets(&self) -> Vec<(String, String)> {
        self.login.secrets()
    }

    fn issued(&self) -> Vec<String> {
        self.login.issued()
    }

    fn expire(&mut self) {
        self.login.expire();
    }

    fn refused(&self) -> usize {
        self.buckets.values().map(|bucket| bucket.refused).sum()
    }

    fn rest(&mut self) {
        self.buckets.values_mut().for_each(Bucket::fill);
    }

    fn throttle(&self) -> Response {
        fault(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")
    }

    fn broken(&self) -> Response {
        fault(500, "InternalFailure", "We encountered an internal error. Please try again.")
    }
}

/// A refusal: models, `ErrorList`.
fn fault(status: u16, code: &str, message: &str) -> Response {
    Response::json(status, &json!({ "errors": [{ "code": code, "message": message, "details": "" }] }))
}

#[cfg(test)]
mod tests;
