//! `Shopee`, Open Platform API v2.
//!
//! Sources: the guides and API pages of open.shopee.com as of 2025-12 (guides "API calls", "Authorization and Authentication", "Push mechanism",
//! "Stock & price management"; the page of each API by its name). What those do not say is marked *unconfirmed*.

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

/// Guide "Authorization and Authentication": an access token is valid for 4 hours.
const TOKEN_MS: i64 = 4 * 3_600_000;
/// No rate is published (`rate_limit` is `[0,0,0]` on every API's page): this one is *unconfirmed*.
const REQUESTS_PER_SECOND: usize = 20;

/// A shop, as an app sees it.
#[derive(Debug)]
pub struct Shopee {
    /// The app's id.
    pub partner_id: i64,
    /// The shop's id.
    pub shop_id: i64,
    /// The tokens that the shop gave to the app.
    pub tokens: Tokens,
    /// How many requests a second are taken.
    pub rate: Rate,
    /// The warehouses of a shop with several (`v2.shop.get_warehouse_detail`); none for a shop with one.
    pub locations: Vec<String>,
    partner_key: String,
    items: Vec<Item>,
    orders: Vec<Order>,
}

/// An item. One without models has one model of the number 0.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    id: i64,
    name: String,
    models: Vec<Model>,
}

/// A model of an item.
#[derive(Clone, Debug)]
pub struct Model {
    id: i64,
    sku: String,
    /// The seller's stock, location by location; one without a name in a shop with one warehouse.
    pub stock: Vec<(String, i64)>,
    /// What promotions hold: the stock must not be less (`v2.product.update_stock`).
    pub reserved: i64,
    /// Whether a promotion keeps the stock from being changed at all (`error_model_update_stock_model_in_promotion`).
    pub is_locked: bool,
}

impl Shopee {
    /// A shop with these listings.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let access = setup.secret("access_token", "sim-access-token-71594a4c54537649");
        let refresh = setup.secret("refresh_token", "sim-refresh-token-516c6b577753554");
        let mut shop = Self {
            partner_id: 2_001_887,
            shop_id: 14_701_711,
            tokens: Tokens::new(access, refresh, TOKEN_MS),
            rate: Rate::new(REQUESTS_PER_SECOND),
            locations: Vec::new(),
            partner_key: setup.secret("partner_key", "sim-partner-key-0123456789abcdef"),
            items: Vec::new(),
            orders: Vec::new(),
        };
        setup.listings.iter().for_each(|listing| shop.list(listing));
        shop
    }

    /// The same in a shop with several warehouses: all stock is in the first.
    #[must_use]
    pub fn with_locations(mut self, locations: &[&str]) -> Self {
        self.locations = locations.iter().map(|&location| location.to_owned()).collect();
        for model in self.items.iter_mut().flat_map(|item| &mut item.models) {
            let units = model.stock.first().map_or(0, |(_, units)| *units);
            let first = std::iter::once(units).chain(std::iter::repeat(0));
            model.stock = self.locations.iter().cloned().zip(first).collect();
        }
        self
    }

    /// A model by its SKU, to be looked at or changed behind the connector's back.
    pub fn model(&mut self, sku: &str) -> Option<&mut Model> {
        self.items.iter_mut().flat_map(|item| &mut item.models).find(|model| model.sku == sku)
    }

    /// Takes a listing out of the shop.
    pub fn delete(&mut self, sku: &str) {
        self.items.iter_mut().for_each(|item| item.models.retain(|model| model.sku != sku));
        self.items.retain(|item| !item.models.is_empty());
    }

    fn list(&mut self, listing: &Listing) {
        let (count, models) =
            (self.items.len() as i64, self.items.iter().map(|item| item.models.len()).sum::<usize>());
        let model = |id| Model {
            id,
            sku: listing.sku.clone(),
            stock: vec![(String::new(), listing.quantity)],
            reserved: 0,
            is_locked: false,
        };
        let of_parent =
            self.items.iter_mut().find(|item| !listing.parent.is_empty() && item.name == listing.parent);
        match of_parent {
            Some(item) => item.models.push(model(9_001 + models as i64)),
            None => {
                let (id, name) = match listing.parent.as_str() {
                    "" => (0, listing.title.clone()),
                    parent => (9_001 + models as i64, parent.to_owned()),
                };
                self.items.push(Item { id: 34_001 + count, name, models: vec![model(id)] });
            }
        }
    }

    fn route(&mut self, request: &Request) -> Response {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/api/v2/shop/get_shop_info") => self.shop_info(),
            ("GET", "/api/v2/shop/get_warehouse_detail") => self.warehouses(),
            ("GET", "/api/v2/product/get_item_list") => self.item_list(request),
            ("GET", "/api/v2/product/get_item_base_info") => self.base_info(request),
            ("GET", "/api/v2/product/get_model_list") => self.model_list(request),
            ("POST", "/api/v2/product/update_stock") => self.update_stock(request),
            ("GET", "/api/v2/order/get_order_list") => self.order_list(request),
            ("GET", "/api/v2/order/get_order_detail") => self.order_detail(request),
            _ => fault(404, "error_not_found", "The requested API is not found."),
        }
    }

    /// `v2.shop.get_shop_info`: its fields stand beside `error`, not in `response`.
    fn shop_info(&self) -> Response {
        Response::json(
            200,
            &json!({
                "error": "", "message": "", "request_id": "e3e3e7f3314a5c09fbf56b4649990b01",
                "shop_name": "sim", "region": "SG", "status": "NORMAL", "shop_fulfillment_flag": "Others",
                "is_cb": false, "is_upgraded_cbsc": false, "merchant_id": null, "is_sip": false,
            }),
        )
    }

    /// `v2.shop.get_warehouse_detail`.
    fn warehouses(&self) -> Response {
        if self.locations.is_empty() {
            return fault(
                200,
                "warehouse.error_not_in_whitelist",
                "Your shop is not in multi-warehouse whitelist.",
            );
        }
        let warehouse = |(at, location): (usize, &String)| json!({ "warehouse_id": at + 1, "warehouse_name": location, "warehouse_type": 1, "location_id": location, "holiday_mode_state": 0 });
        good(self.locations.iter().enumerate().map(warehouse).collect())
    }
}

impl Marketplace for Shopee {
    fn name(&self) -> &'static str {
        "shopee"
    }

    fn answer(&mut self, request: &Request, now: Now) -> Response {
        if request.path == "/api/v2/auth/access_token/get" {
            return self.refresh(request, now);
        }
        if let Err(refused) = self.check(request, now) {
            return *refused;
        }
        if !self.rate.takes(now.0) {
            return self.throttle();
        }
        self.route(request)
    }

    fn quantity(&self, sku: &str) -> Option<i64> {
        let model = self.items.iter().flat_map(|item| &item.models).find(|model| model.sku == sku)?;
        model.stock.first().map(|(_, units)| *units)
    }

    fn sell(&mut self, sku: &str, units: i64, now: Now) -> bool {
        self.order(sku, units, now)
    }

    fn settings(&self, address: &str) -> Value {
        json!({ "partner_id": self.partner_id, "shop_id": self.shop_id, "base_url": address })
    }

    fn secrets(&self) -> Vec<(String, String)> {
        let (access, refresh) = self.tokens.now();
        let all =
            [("partner_key", self.partner_key.clone()), ("access_token", access), ("refresh_token", refresh)];
        all.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    fn issued(&self) -> Vec<String> {
        self.tokens.all().chain([self.partner_key.clone()]).collect()
    }

    fn expire(&mut self) {
        self.tokens.expire();
    }

    fn refused(&self) -> usize {
        self.rate.refused
    }

    /// *Unconfirmed*: no page names the error of too many requests.
    fn throttle(&self) -> Response {
        fault(200, "error_rate_limit", "Too many requests, please slow down.")
    }

    /// The error list of every API's page.
    fn broken(&self) -> Response {
        fault(500, "error_inner", "System error, please try again later or contact the OpenAPI support team.")
    }
}

/// Guide "API calls", "API response parameters".
fn good(response: Value) -> Response {
    Response::json(
        200,
        &json!({ "error": "", "message": "", "warning": "", "request_id": "6faac36a4a3242aabad2941e3acd7297", "response": response }),
    )
}

fn fault(status: u16, error: &str, message: &str) -> Response {
    Response::json(
        status,
        &json!({ "error": error, "message": message, "request_id": "b937c04e554847789cbf3fe33a0ad5f1" }),
    )
}

#[cfg(test)]
mod tests;
