//! Mercado Libre.
//!
//! Sources: developers.mercadolibre.com, "Authentication and authorization", "Items & searches", "Sync and modify listings", "Variations", "Distributed stock",
//! "Orders". What they do not say is marked unconfirmed.

mod catalog;
mod orders;
mod stock;

use crate::http::{Request, Response};
use crate::marketplace::{Marketplace, Now, Setup};
use crate::rate::Rate;
use orders::Order;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The life of an access token in milliseconds ("Authentication", `expires_in` 21600).
const TOKEN_MS: i64 = 21_600_000;
/// "Distributed stock", rate limit.
const STOCK_CALLS_A_MINUTE: usize = 100;
/// The seller and the client that the simulator knows, and the seller's warehouse.
pub const SELLER: u64 = 8_035_443;
/// The application's client id.
pub const CLIENT: &str = "1234567890";
/// The store that the seller ships from.
pub const STORE: &str = "9876543";

/// A seller's account.
#[derive(Debug)]
pub struct MercadoLibre {
    client_secret: String,
    refresh_token: String,
    tokens: BTreeMap<String, Now>,
    listings: Vec<Listing>,
    orders: Vec<Order>,
    /// Whether stock is that of user products in warehouses, and not that of items ("warehouse_management").
    pub in_warehouses: bool,
    scrolls: u64,
    /// Refresh tokens that are out of use.
    used: Vec<String>,
    /// Calls of the stock of user products ("Distributed stock": 100 a minute for a seller).
    pub stock_rate: Rate,
}

/// An item, or a variation of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The item's id.
    pub item: String,
    /// The variation's id; 0 for none.
    pub variation: u64,
    /// The user product's id.
    pub user_product: String,
    /// The SKU; empty for none.
    pub sku: String,
    title: String,
    /// What can be sold.
    pub quantity: i64,
    /// The version of the user product's stock.
    pub version: u64,
}

impl MercadoLibre {
    /// An account with these listings.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let mut parents: Vec<&str> = Vec::new();
        let mut listings = Vec::new();
        for (number, listing) in (0..).zip(&setup.listings) {
            let known = parents.iter().position(|name| !listing.parent.is_empty() && *name == listing.parent);
            let item = known.unwrap_or_else(|| {
                parents.push(&listing.parent);
                parents.len() - 1
            });
            listings.push(Listing {
                item: format!("MLM{}", 700_000 + item),
                variation: if listing.parent.is_empty() { 0 } else { 17_000_000 + number },
                user_product: format!("MLMU{}", 300_000 + number),
                sku: listing.sku.clone(),
                title: listing.title.clone(),
                quantity: listing.quantity,
                version: 1,
            });
        }
        Self {
            client_secret: setup.secret("client_secret", "sim-client-secret-0123456789"),
            refresh_token: setup.secret("refresh_token", "TG-sim-refresh-000000"),
            tokens: BTreeMap::new(),
            listings,
            orders: Vec::new(),
            in_warehouses: false,
            scrolls: 0,
            used: Vec::new(),
            stock_rate: Rate::within(STOCK_CALLS_A_MINUTE, 60_000),
        }
    }

    /// A listing by its SKU, to be looked at or changed behind the connector's back.
    pub fn listing(&mut self, sku: &str) -> Option<&mut Listing> {
        self.listings.iter_mut().find(|listing| listing.sku == sku)
    }

    /// Closes the item that has this SKU, with all its variations.
    pub fn delete(&mut self, sku: &str) {
        if let Some(item) = self.listing(sku).map(|listing| listing.item.clone()) {
            self.listings.retain(|listing| listing.item != item);
        }
    }

    /// A new access token.
    pub fn grant(&mut self, now: Now) -> String {
        let token = format!("APP_USR-{CLIENT}-sim-{:06}", self.tokens.len() + 1);
        self.tokens.insert(token.clone(), Now(now.0 + TOKEN_MS));
        token
    }

    /// "Authentication and authorization", "Refresh token": a refresh token works once, and the answer brings the next.
    fn token(&mut self, request: &Request, now: Now) -> Response {
        let form = request.form();
        let is = |name: &str, value: &str| form.iter().any(|(of, given)| of == name && given == value);
        if !is("client_id", CLIENT) || !is("client_secret", &self.client_secret) {
            return fault(400, "invalid_client", "invalid client_id or client_secret");
        }
        if !is("grant_type", "refresh_token") || !is("refresh_token", &self.refresh_token) {
            return fault(
                400,
                "invalid_grant",
                "Error validating grant. Your authorization code or refresh token may be expired or it was already used",
            );
        }
        let token = self.grant(now);
        let next = format!("TG-sim-refresh-{:06}", self.tokens.len());
        self.used.push(std::mem::replace(&mut self.refresh_token, next));
        let body = json!({ "access_token": token, "token_type": "bearer", "expires_in": TOKEN_MS / 1000, "scope": "offline_access read write", "user_id": SELLER, "refresh_token": self.refresh_token });
        Response::json(200, &body)
    }

    fn may(&self, request: &Request, now: Now) -> bool {
        let token = request.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
        token.and_then(|token| self.tokens.get(token)).is_some_and(|ends| now < *ends)
    }
}

impl Marketplace for MercadoLibre {
    fn name(&self) -> &'static str {
        "mercadolibre"
    }

    fn answer(&mut self, request: &Request, now: Now) -> Response {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        if (request.method.as_str(), path.as_slice()) == ("POST", &["oauth", "token"][..]) {
            return self.token(request, now);
        }
        if !self.may(request, now) {
            // "Authentication", errors: the words are unconfirmed.
            return fault(401, "unauthorized", "invalid access token");
        }
        let seller = SELLER.to_string();
        if path.first() == Some(&"user-products") && !self.stock_rate.takes(now.0) {
            return self.throttle();
        }
        match (request.method.as_str(), path.as_slice()) {
            ("GET", ["users", "me"]) => self.me(),
            ("GET", ["users", user, "items", "search"]) if *user == seller => self.search(request),
            ("GET", ["items"]) => self.items(request),
            ("GET", ["items", id]) => self.item(id),
            ("PUT", ["items", id]) => self.put_item(id, request),
            ("GET", ["user-products", id, "stock"]) => self.stock(id),
            ("PUT", ["user-products", id, "stock", "type", "seller_warehouse"]) => {
                self.put_stock(id, request)
            }
            ("GET", ["orders", "search"]) => self.search_orders(request),
            _ => fault(404, "not_found", "resource not found"),
        }
    }

    fn quantity(&self, sku: &str) -> Option<i64> {
        Some(self.listings.iter().find(|listing| listing.sku == sku)?.quantity)
    }

    fn sell(&mut self, sku: &str, units: i64, now: Now) -> bool {
        self.order(sku, units, now)
    }

    fn settings(&self, address: &str) -> Value {
        json!({ "user_id": SELLER, "client_id": CLIENT, "url": address })
    }

    fn secrets(&self) -> Vec<(String, String)> {
        let named = [("client_secret", &self.client_secret), ("refresh_token", &self.refresh_token)];
        named.map(|(name, value)| (name.to_owned(), value.clone())).to_vec()
    }

    fn issued(&self) -> Vec<String> {
        let secrets = self.secrets().into_iter().map(|(_, value)| value);
        secrets.chain(self.tokens.keys().cloned()).chain(self.used.iter().cloned()).collect()
    }

    fn expire(&mut self) {
        self.tokens.values_mut().for_each(|ends| *ends = Now(i64::MIN));
    }

    fn refused(&self) -> usize {
        self.stock_rate.refused
    }

    /// "Rate limit": 429 with `local_rate_limited`; no table is published.
    fn throttle(&self) -> Response {
        fault(429, "local_rate_limited", "too many requests")
    }

    fn broken(&self) -> Response {
        fault(500, "internal_error", "internal server error")
    }
}

/// "Error responses": `message`, `error`, `status`, `cause`.
fn fault(status: u16, error: &str, message: &str) -> Response {
    Response::json(status, &json!({ "message": message, "error": error, "status": status, "cause": [] }))
}

#[cfg(test)]
mod tests;
