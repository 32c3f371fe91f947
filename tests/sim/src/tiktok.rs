//! `TikTok` Shop, Partner API.
//!
//! Sources: partner.tiktokshop.com as of 2025-12: "Sign your API request", "Common errors", "Rate limits", "Authorization overview (202407)", "Webhook
//! configuration", and the page of each API by its name. What those do not say is marked *unconfirmed*.

mod auth;
mod orders;
mod products;
mod stock;

use crate::http::{Request, Response};
use crate::marketplace::{Listing, Marketplace, Now, Setup};
use crate::rate::Rate;
use crate::tokens::Tokens;
use orders::Order;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// "Authorization overview": an access token is valid for seven days.
const TOKEN_MS: i64 = 7 * 86_400_000;
/// "Rate limits": 50 queries a second for each app, shop and API.
const REQUESTS_PER_SECOND: usize = 50;
/// The warehouse of a shop with one.
const WAREHOUSE: &str = "7068517275539719942";

/// A shop, as an app sees it.
#[derive(Debug)]
pub struct TikTok {
    /// The app's key.
    pub app_key: String,
    /// The shop's cipher.
    pub shop_cipher: String,
    /// The shop's id.
    pub shop_id: String,
    /// The tokens that the seller gave to the app.
    pub tokens: Tokens,
    /// Requests a second of one API.
    pub per_second_max: usize,
    /// Whether a quantity of 0 is taken: *unconfirmed*, the documents say 1 to 99,999.
    pub zero_is_taken: bool,
    app_secret: String,
    warehouses: Vec<String>,
    products: Vec<Product>,
    orders: Vec<Order>,
    rates: BTreeMap<String, Rate>,
}

#[derive(Clone, Debug)]
pub(crate) struct Product {
    id: String,
    title: String,
    status: &'static str,
    created: i64,
    skus: Vec<Sku>,
}

/// A SKU of a product.
#[derive(Clone, Debug)]
pub struct Sku {
    id: String,
    seller_sku: String,
    /// What can be ordered, warehouse by warehouse.
    pub stock: Vec<(String, i64)>,
    committed: i64,
    /// Whether a promotion keeps the stock from being lowered (error 12052393).
    pub is_locked: bool,
}

impl TikTok {
    /// A shop with these listings.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let access = setup.secret("access_token", "sim-access-token-TTP_RLM6CIADWF");
        let refresh = setup.secret("refresh_token", "sim-refresh-token-TTP_C2XWDN63ON");
        let mut shop = Self {
            app_key: "38abcd".to_owned(),
            shop_cipher: "GCP_XF90igAAAABh00qsWgtvOiGFNqyubMt3".to_owned(),
            shop_id: "7494049642642441621".to_owned(),
            tokens: Tokens::new(access, refresh, TOKEN_MS),
            per_second_max: REQUESTS_PER_SECOND,
            zero_is_taken: true,
            app_secret: setup.secret("app_secret", "sim-app-secret-15abf8a4972afd1f"),
            warehouses: vec![WAREHOUSE.to_owned()],
            products: Vec::new(),
            orders: Vec::new(),
            rates: BTreeMap::new(),
        };
        setup.listings.iter().for_each(|listing| shop.list(listing));
        shop
    }

    /// The same in a shop with these warehouses, each of which has every SKU: all stock is in the first.
    #[must_use]
    pub fn with_warehouses(mut self, warehouses: &[&str]) -> Self {
        self.warehouses = warehouses.iter().map(|&warehouse| warehouse.to_owned()).collect();
        for sku in self.products.iter_mut().flat_map(|product| &mut product.skus) {
            let units = sku.stock.first().map_or(0, |(_, units)| *units);
            let first = std::iter::once(units).chain(std::iter::repeat(0));
            sku.stock = self.warehouses.iter().cloned().zip(first).collect();
        }
        self
    }

    /// A SKU by the seller's name of it, to be looked at or changed behind the connector's back.
    pub fn sku(&mut self, seller_sku: &str) -> Option<&mut Sku> {
        self.products
            .iter_mut()
            .flat_map(|product| &mut product.skus)
            .find(|sku| sku.seller_sku == seller_sku)
    }

    /// Takes a SKU out of the shop.
    pub fn delete(&mut self, seller_sku: &str) {
        self.products.iter_mut().for_each(|product| product.skus.retain(|sku| sku.seller_sku != seller_sku));
        self.products.retain(|product| !product.skus.is_empty());
    }

    fn list(&mut self, listing: &Listing) {
        let count = self.products.iter().map(|product| product.skus.len()).sum::<usize>();
        let sku = Sku {
            id: format!("17295929697122{:05}", 7_013 + count),
            seller_sku: listing.sku.clone(),
            stock: vec![(WAREHOUSE.to_owned(), listing.quantity)],
            committed: 0,
            is_locked: false,
        };
        let of_parent = self
            .products
            .iter_mut()
            .find(|product| !listing.parent.is_empty() && product.title == listing.parent);
        match of_parent {
            Some(product) => product.skus.push(sku),
            None => {
                let number = self.products.len();
                let title = if listing.parent.is_empty() { &listing.title } else { &listing.parent };
                self.products.push(Product {
                    id: format!("17293825613536{number:05}"),
                    title: title.clone(),
                    status: "ACTIVATE",
                    created: 1_600_000_000 + number as i64,
                    skus: vec![sku],
                });
            }
        }
    }

    fn route(&mut self, request: &Request, now: Now) -> Response {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), path.as_slice()) {
            ("GET", ["authorization", "202309", "shops"]) => self.shops(),
            ("GET", ["logistics", "202309", "warehouses"]) => self.warehouse_list(),
            ("POST", ["product", "202502", "products", "search"]) => self.search(request),
            ("POST", ["product", "202309", "inventory", "search"]) => self.inventory(request),
            ("POST", ["product", "202309", "products", product, "inventory", "update"]) => {
                self.update(product, request)
            }
            ("POST", ["order", "202309", "orders", "search"]) => self.order_list(request, now),
            ("GET", ["order", "202507", "orders"]) => self.order_detail(request),
            _ => fault(
                404,
                36_009_009,
                "Invalid path. The specified path does not match any available endpoint.",
            ),
        }
    }

    /// "Get Authorized Shops".
    fn shops(&self) -> Response {
        good(&json!({ "shops": [{
            "id": self.shop_id, "name": "sim", "region": "SG", "seller_type": "LOCAL", "cipher": self.shop_cipher, "code": "SGSIM",
        }] }))
    }

    /// "Get Warehouse List".
    fn warehouse_list(&self) -> Response {
        let warehouse = |(at, id): (usize, &String)| json!({ "id": id, "name": id, "type": "SALES_WAREHOUSE", "effect_status": "ENABLED", "is_default": at == 0 });
        let all: Vec<Value> = self.warehouses.iter().enumerate().map(warehouse).collect();
        good(&json!({ "warehouses": all }))
    }
}

impl Marketplace for TikTok {
    fn name(&self) -> &'static str {
        "tiktok"
    }

    fn answer(&mut self, request: &Request, now: Now) -> Response {
        if request.path == "/api/v2/token/refresh" {
            return self.refresh(request, now);
        }
        if let Err(refused) = self.check(request, now) {
            return *refused;
        }
        // An API is a path without the ids in it.
        let api = request.segments().into_iter().filter(|part| part.len() < 16).collect::<Vec<_>>().join("/");
        let max = self.per_second_max;
        if !self.rates.entry(api).or_insert_with(|| Rate::new(max)).takes(now.0) {
            return self.throttle();
        }
        self.route(request, now)
    }

    fn quantity(&self, sku: &str) -> Option<i64> {
        let mut all = self.products.iter().flat_map(|product| &product.skus);
        let sku = all.find(|one| one.seller_sku == sku)?;
        sku.stock.first().map(|(_, units)| *units)
    }

    fn sell(&mut self, sku: &str, units: i64, now: Now) -> bool {
        self.order(sku, units, now)
    }

    fn settings(&self, address: &str) -> Value {
        json!({
            "app_key": self.app_key, "shop_cipher": self.shop_cipher, "shop_id": self.shop_id,
            "base_url": address, "auth_url": address,
        })
    }

    fn secrets(&self) -> Vec<(String, String)> {
        let (access, refresh) = self.tokens.now();
        let all =
            [("app_secret", self.app_secret.clone()), ("access_token", access), ("refresh_token", refresh)];
        all.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    fn issued(&self) -> Vec<String> {
        self.tokens.all().chain([self.app_secret.clone()]).collect()
    }

    fn expire(&mut self) {
        self.tokens.expire();
    }

    fn refused(&self) -> usize {
        self.rates.values().map(|rate| rate.refused).sum()
    }

    /// "Rate limits" and "Common errors".
    fn throttle(&self) -> Response {
        let words = "Too many requests. You've made too many requests in a short period of time.";
        fault(429, 36_009_002, words)
    }

    fn broken(&self) -> Response {
        fault(500, 36_009_003, "Internal error. Please try again.")
    }
}

fn good(data: &Value) -> Response {
    let request_id = "202203070749000101890810281E8C70B7";
    Response::json(200, &json!({ "code": 0, "message": "Success", "request_id": request_id, "data": data }))
}

fn fault(status: u16, code: i64, message: &str) -> Response {
    let request_id = "202203070749000101890810281E8C70B7";
    Response::json(
        status,
        &json!({ "code": code, "message": message, "request_id": request_id, "data": null }),
    )
}

#[cfg(test)]
mod tests;
