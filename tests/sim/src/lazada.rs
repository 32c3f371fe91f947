//! `Lazada` Open Platform.
//!
//! Sources: the guides and API pages of open.lazada.com as of 2025-12 ("Signature algorithm", "Calling parameters", "Product inventory management",
//! "Lazada push mechanism"; the page of each API by its name). What those do not say is marked *unconfirmed*.

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

/// How long a token lives is told with it; 30 days is *unconfirmed*.
const TOKEN_MS: i64 = 30 * 86_400_000;
/// "Product inventory management": each seller can call the inventory API 50 times a second.
const INVENTORY_CALLS_PER_SECOND: usize = 50;
/// The warehouse of a seller with one.
const DROPSHIPPING: &str = "dropshipping";

/// A seller, as an app sees it.
#[derive(Debug)]
pub struct Lazada {
    /// The app's key.
    pub app_key: String,
    /// The seller's id.
    pub seller_id: String,
    /// The tokens that the seller gave to the app.
    pub tokens: Tokens,
    /// How many calls of the inventory API a second are taken.
    pub rate: Rate,
    /// Whether a request of which some SKUs are refused is applied to the others: *unconfirmed*, the documents do not say.
    pub applies_the_rest: bool,
    app_secret: String,
    warehouses: Vec<String>,
    skus: Vec<Sku>,
    orders: Vec<Order>,
}

/// A SKU.
#[derive(Clone, Debug)]
pub struct Sku {
    item_id: i64,
    sku_id: i64,
    seller_sku: String,
    name: String,
    created: i64,
    /// Sellable quantities, warehouse by warehouse.
    pub stock: Vec<(String, i64)>,
    /// Units that orders hold (`occupyQuantity`).
    occupied: i64,
    /// Units that a campaign holds (`channelInventories`): the sellable quantity must not be less.
    pub of_campaign: i64,
    /// Whether a campaign keeps the quantity from being lowered (code 4170).
    pub is_locked: bool,
}

impl Lazada {
    /// A seller with these listings.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let access = setup.secret("access_token", "sim-access-token-50000601c30atpedfgu");
        let refresh = setup.secret("refresh_token", "sim-refresh-token-500016000300bwa2");
        let mut seller = Self {
            app_key: "123456".to_owned(),
            seller_id: "1001".to_owned(),
            tokens: Tokens::new(access, refresh, TOKEN_MS),
            rate: Rate::new(INVENTORY_CALLS_PER_SECOND),
            applies_the_rest: true,
            app_secret: setup.secret("app_secret", "sim-app-secret-helloworld-012345"),
            warehouses: vec![DROPSHIPPING.to_owned()],
            skus: Vec::new(),
            orders: Vec::new(),
        };
        setup.listings.iter().for_each(|listing| seller.list(listing));
        seller
    }

    /// The same with several warehouses: all stock is in the first.
    #[must_use]
    pub fn with_warehouses(mut self, warehouses: &[&str]) -> Self {
        self.warehouses = warehouses.iter().map(|&warehouse| warehouse.to_owned()).collect();
        for sku in &mut self.skus {
            let units = sku.stock.first().map_or(0, |(_, units)| *units);
            let first = std::iter::once(units).chain(std::iter::repeat(0));
            sku.stock = self.warehouses.iter().cloned().zip(first).collect();
        }
        self
    }

    /// A SKU by the seller's name of it, to be looked at or changed behind the connector's back.
    pub fn sku(&mut self, seller_sku: &str) -> Option<&mut Sku> {
        self.skus.iter_mut().find(|sku| sku.seller_sku == seller_sku)
    }

    /// Takes a SKU out of the shop.
    pub fn delete(&mut self, seller_sku: &str) {
        self.skus.retain(|sku| sku.seller_sku != seller_sku);
    }

    fn list(&mut self, listing: &Listing) {
        let number = self.skus.len() as i64;
        let of_parent = self.skus.iter().find(|sku| !listing.parent.is_empty() && sku.name == listing.parent);
        let name = if listing.parent.is_empty() { &listing.title } else { &listing.parent };
        self.skus.push(Sku {
            item_id: of_parent.map_or(180_226_526 + number, |sku| sku.item_id),
            sku_id: 314_525_867 + number,
            seller_sku: listing.sku.clone(),
            name: name.clone(),
            created: 1_611_554_725 + number,
            stock: vec![(DROPSHIPPING.to_owned(), listing.quantity)],
            occupied: 0,
            of_campaign: 0,
            is_locked: false,
        });
    }

    fn route(&mut self, path: &str, params: &[(String, String)], now: Now) -> Response {
        let param = |name: &str| params.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str());
        match path {
            "/products/get" => self.products(&param),
            "/product/stock/sellable/update" => {
                if !self.rate.takes(now.0) {
                    return self.throttle();
                }
                self.update(param("payload").unwrap_or_default())
            }
            "/orders/get" => self.order_list(&param),
            "/orders/items/get" => self.order_items(&param),
            "/seller/get" => good(&json!({
                "name": "sim", "seller_id": self.seller_id, "short_code": "SGSIM", "status": "ACTIVE", "verified": "true", "cb": "false",
            })),
            _ => fault("ISV", "InvalidApiPath", "The specified API path is invalid"),
        }
    }
}

impl Marketplace for Lazada {
    fn name(&self) -> &'static str {
        "lazada"
    }

    fn answer(&mut self, request: &Request, now: Now) -> Response {
        let Some(path) = request.path.strip_prefix("/rest") else {
            return Response::empty(404);
        };
        let params: Vec<(String, String)> = request.query.iter().cloned().chain(request.form()).collect();
        if path == "/auth/token/refresh" {
            return self.refresh(path, &params, now);
        }
        if path == "/products/get" && request.method != "GET" {
            return fault("ISV", "UnsupportedHttpMethod", "The specified HTTP method is not supported");
        }
        match self.check(path, &params, now) {
            Ok(()) => self.route(path, &params, now),
            Err(refused) => *refused,
        }
    }

    fn quantity(&self, sku: &str) -> Option<i64> {
        let sku = self.skus.iter().find(|one| one.seller_sku == sku)?;
        sku.stock.first().map(|(_, units)| *units)
    }

    fn sell(&mut self, sku: &str, units: i64, now: Now) -> bool {
        self.order(sku, units, now)
    }

    fn settings(&self, address: &str) -> Value {
        json!({
            "app_key": self.app_key, "country": "sg", "seller_id": self.seller_id, "base_url": address, "auth_url": address,
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
        self.rate.refused
    }

    /// "UpdateSellableQuantity", error codes.
    fn throttle(&self) -> Response {
        fault("ISP", "901", "Limit service request speed in server side temporarily.")
    }

    fn broken(&self) -> Response {
        fault("ISP", "6", "E006: Unexpected internal error")
    }
}

/// The response sample of every page: `code` is a text.
fn good(data: &Value) -> Response {
    Response::json(200, &json!({ "code": "0", "data": data, "request_id": "0ba2887315178178017221014" }))
}

fn fault(kind: &str, code: &str, message: &str) -> Response {
    let request_id = "0ba2887315178178017221014";
    Response::json(200, &json!({ "type": kind, "code": code, "message": message, "request_id": request_id }))
}

#[cfg(test)]
mod tests;
