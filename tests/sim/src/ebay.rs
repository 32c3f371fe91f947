//! eBay, Sell Inventory API v1 and Sell Fulfillment API v1.
//!
//! Sources: eBay's own OpenAPI document of the Inventory API, version 1.18.0, called *schema* here; developer.ebay.com, "OAuth", "Error responses", "Fulfillment
//! API". What neither says is marked unconfirmed.

mod inventory;
mod orders;

use crate::crypto::base64_text;
use crate::http::{Request, Response};
use crate::marketplace::{Marketplace, Now, Setup};
use orders::Order;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The life of an access token in milliseconds ("OAuth", "Using a refresh token").
const TOKEN_MS: i64 = 7_200_000;
/// The client that the simulator knows.
pub const CLIENT: &str = "sim-client";

/// A seller's account.
#[derive(Debug)]
pub struct Ebay {
    client_secret: String,
    refresh_token: String,
    tokens: BTreeMap<String, Now>,
    items: Vec<Item>,
    orders: Vec<Order>,
    /// The most entries that a bulk call takes: 25, or 1 where the account is limited (the schema says both).
    pub bulk_max: usize,
}

/// An inventory item with its one offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The SKU.
    pub sku: String,
    title: String,
    group: String,
    /// The quantity of the item.
    pub quantity: i64,
    /// The number of its offer.
    pub offer: u64,
    /// The quantity of the offer; none where it is the item's.
    pub offered: Option<i64>,
    /// How often the listing was revised today.
    pub revisions: u32,
    /// How many more revisions were refused.
    pub refused: usize,
}

impl Ebay {
    /// An account with these listings.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let item = |(number, listing): (u64, &crate::Listing)| Item {
            sku: listing.sku.clone(),
            title: listing.title.clone(),
            group: listing.parent.clone(),
            quantity: listing.quantity,
            offer: 5_000_000 + number,
            offered: Some(listing.quantity),
            revisions: 0,
            refused: 0,
        };
        Self {
            client_secret: setup.secret("client_secret", "SIM-0123456789abcdef"),
            refresh_token: setup.secret("refresh_token", "v^1.1#r^1#sim-refresh-token"),
            tokens: BTreeMap::new(),
            items: (1..).zip(&setup.listings).map(item).collect(),
            orders: Vec::new(),
            bulk_max: 25,
        }
    }

    /// An item by its SKU, to be looked at or changed behind the connector's back.
    pub fn item(&mut self, sku: &str) -> Option<&mut Item> {
        self.items.iter_mut().find(|item| item.sku == sku)
    }

    /// Takes an item out of the account.
    pub fn delete(&mut self, sku: &str) {
        self.items.retain(|item| item.sku != sku);
    }

    /// A new access token.
    pub fn grant(&mut self, now: Now) -> String {
        let token = format!("v^1.1#i^1#sim-access-{:06}", self.tokens.len());
        self.tokens.insert(token.clone(), Now(now.0 + TOKEN_MS));
        token
    }

    /// "OAuth", "Using a refresh token to update a User access token": Basic with client and secret, a form; no new refresh token.
    fn token(&mut self, request: &Request, now: Now) -> Response {
        let header = request.header("authorization").and_then(|header| header.strip_prefix("Basic "));
        let is_client = header.and_then(base64_text) == Some(format!("{CLIENT}:{}", self.client_secret));
        if !is_client {
            let words = "client authentication failed";
            return Response::json(401, &json!({ "error": "invalid_client", "error_description": words }));
        }
        let form = request.form();
        let is = |name: &str, value: &str| form.iter().any(|(of, given)| of == name && given == value);
        if !is("grant_type", "refresh_token") || !is("refresh_token", &self.refresh_token) {
            let words = "the provided authorization refresh token is invalid or was issued to another client";
            return Response::json(400, &json!({ "error": "invalid_grant", "error_description": words }));
        }
        let token = self.grant(now);
        Response::json(
            200,
            &json!({ "access_token": token, "expires_in": TOKEN_MS / 1000, "token_type": "User Access Token" }),
        )
    }

    fn may(&self, request: &Request, now: Now) -> bool {
        let token = request.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
        token.and_then(|token| self.tokens.get(token)).is_some_and(|ends| now < *ends)
    }
}

impl Marketplace for Ebay {
    fn name(&self) -> &'static str {
        "ebay"
    }

    fn answer(&mut self, request: &Request, now: Now) -> Response {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        if (request.method.as_str(), path.as_slice()) == ("POST", &["identity", "v1", "oauth2", "token"][..])
        {
            return self.token(request, now);
        }
        let is_known = matches!(path.as_slice(), ["sell", "inventory" | "fulfillment", "v1", ..]);
        if is_known && !self.may(request, now) {
            // "Error responses", OAuth.
            return fault(401, 1001, "OAuth", "Invalid access token");
        }
        match (request.method.as_str(), path.as_slice()) {
            ("GET", ["sell", "inventory", "v1", "inventory_item"]) => self.list(request),
            ("POST", ["sell", "inventory", "v1", "bulk_get_inventory_item"]) => self.bulk_get(request),
            ("GET", ["sell", "inventory", "v1", "offer"]) => self.offers(request),
            ("POST", ["sell", "inventory", "v1", "bulk_update_price_quantity"]) => self.bulk_update(request),
            ("GET", ["sell", "fulfillment", "v1", "order"]) => self.list_orders(request),
            _ => fault(404, 2002, "ACCESS", "Resource not found"),
        }
    }

    /// What a buyer sees: the smaller of item and offer (schema, `availableQuantity`).
    fn quantity(&self, sku: &str) -> Option<i64> {
        let item = self.items.iter().find(|item| item.sku == sku)?;
        Some(item.offered.map_or(item.quantity, |offered| offered.min(item.quantity)))
    }

    fn sell(&mut self, sku: &str, units: i64, now: Now) -> bool {
        self.order(sku, units, now)
    }

    fn settings(&self, address: &str) -> Value {
        json!({ "client_id": CLIENT, "url": address })
    }

    fn secrets(&self) -> Vec<(String, String)> {
        let named = [("client_secret", &self.client_secret), ("refresh_token", &self.refresh_token)];
        named.map(|(name, value)| (name.to_owned(), value.clone())).to_vec()
    }

    fn issued(&self) -> Vec<String> {
        let secrets = self.secrets().into_iter().map(|(_, value)| value);
        secrets.chain(self.tokens.keys().cloned()).collect()
    }

    fn expire(&mut self) {
        self.tokens.values_mut().for_each(|ends| *ends = Now(i64::MIN));
    }

    fn refused(&self) -> usize {
        self.items.iter().map(|item| item.refused).sum()
    }

    /// Unconfirmed: the error's number.
    fn throttle(&self) -> Response {
        fault(429, 2001, "ACCESS", "Too many requests. The request limit has been reached for the resource.")
            .header("retry-after", "1")
    }

    /// Schema, every call: 500 with 25001.
    fn broken(&self) -> Response {
        fault(500, 25001, "API_INVENTORY", "A system error has occurred.")
    }
}

/// Schema, `Error`.
fn error(id: u32, domain: &str, message: &str) -> Value {
    json!({ "errorId": id, "domain": domain, "category": "REQUEST", "message": message, "longMessage": message })
}

fn fault(status: u16, id: u32, domain: &str, message: &str) -> Response {
    Response::json(status, &json!({ "errors": [error(id, domain, message)] }))
}

#[cfg(test)]
mod tests;
