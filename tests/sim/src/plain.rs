//! A shop of nobody's, with the JSON API that a small company writes for itself: for the connector `http`, which is told how to speak to it.
//!
//! There is no marketplace behind it, and so no document but this one:
//!
//! - Every request has the header `authorization: Bearer KEY`, or is answered 401.
//! - At most 20 requests within any second; above that it is 429 with `retry-after: 1`.
//! - `GET /api/v1/products?page=1&per_page=100` (1 to 100): `{"products": [{"id", "name", "variants": [{"id", "sku", "stock": {"on_hand", "reserved"}}]}],
//!   "total"}`. `total` counts products.
//! - `GET /api/v1/variants?sku=A&sku=B` (50 at most): `{"variants": [{"id", "sku", "product", "stock": {…}}]}`; what there is not is left out.
//! - `POST /api/v1/stock` with `{"updates": [{"variant": ID, "on_hand": N}]}` (100 at most, or 413): `{"results": [{"variant", "on_hand"}]}`, an entry for
//!   each in their order; one that failed has `error: {"code", "message"}` in place of `on_hand`, and costs only itself.
//! - `GET /api/v1/orders?since=2026-11-24T16:00:00Z&cursor=…`: `{"orders": [{"number", "placed_at", "state", "items": [{"id", "sku", "units"}]}], "next"}`,
//!   50 a page, of those that were changed since; `next` is null on the last. An order reserves its units until it is sent off.
//! - A failure as a whole is `{"error": {"code", "message"}}`.

mod orders;

use crate::http::{Request, Response};
use crate::marketplace::{Listing, Marketplace, Now, Setup};
use crate::rate::Rate;
use orders::Order;
use serde_json::{Value, json};

const REQUESTS_PER_SECOND: usize = 20;
const PER_PAGE_MAX: u64 = 100;
const SKUS_MAX: usize = 50;
const UPDATES_MAX: usize = 100;

/// A shop.
#[derive(Debug)]
pub struct Plain {
    key: String,
    products: Vec<Product>,
    orders: Vec<Order>,
    /// How many requests a second are taken.
    pub rate: Rate,
}

#[derive(Clone, Debug)]
struct Product {
    id: String,
    name: String,
    variants: Vec<Variant>,
}

/// What is sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    id: u64,
    sku: String,
    /// What is in the warehouse.
    pub on_hand: i64,
    /// What orders hold of it.
    pub reserved: i64,
    /// Whether a promotion holds its number.
    pub is_locked: bool,
}

impl Plain {
    /// A shop with these listings.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let key = setup.secret("key", "sim-key-of-a-plain-shop");
        let mut shop =
            Self { key, products: Vec::new(), orders: Vec::new(), rate: Rate::new(REQUESTS_PER_SECOND) };
        (1000..).zip(&setup.listings).for_each(|(id, listing)| shop.list(id, listing));
        shop
    }

    /// A variant by its SKU, to be looked at or changed behind the connector's back.
    pub fn variant(&mut self, sku: &str) -> Option<&mut Variant> {
        self.products.iter_mut().flat_map(|product| &mut product.variants).find(|variant| variant.sku == sku)
    }

    /// Takes a variant out of the shop.
    pub fn delete(&mut self, sku: &str) {
        self.products.iter_mut().for_each(|product| product.variants.retain(|variant| variant.sku != sku));
    }

    fn list(&mut self, id: u64, listing: &Listing) {
        let variant = Variant {
            id,
            sku: listing.sku.clone(),
            on_hand: listing.quantity,
            reserved: 0,
            is_locked: false,
        };
        let known = self
            .products
            .iter_mut()
            .find(|product| !listing.parent.is_empty() && product.name == listing.parent);
        match known {
            Some(product) => product.variants.push(variant),
            None => {
                let name = if listing.parent.is_empty() { &listing.title } else { &listing.parent };
                let id = format!("p-{}", self.products.len() + 1);
                self.products.push(Product { id, name: name.clone(), variants: vec![variant] });
            }
        }
    }

    fn page(&self, request: &Request) -> Response {
        let (page, size) = (request.number("page").unwrap_or(1), request.number("per_page").unwrap_or(20));
        if page == 0 || !(1..=PER_PAGE_MAX).contains(&size) {
            return fault(422, "INVALID_PAGE", "page begins with 1, and per_page is from 1 to 100");
        }
        let from = usize::try_from((page - 1).saturating_mul(size)).unwrap_or(usize::MAX);
        let size = usize::try_from(size).unwrap_or(1);
        let products: Vec<Value> = self.products.iter().skip(from).take(size).map(Product::json).collect();
        Response::json(200, &json!({ "products": products, "total": self.products.len() }))
    }

    fn variants(&self, request: &Request) -> Response {
        let skus: Vec<&str> =
            request.query.iter().filter(|(name, _)| name == "sku").map(|(_, sku)| sku.as_str()).collect();
        if skus.is_empty() || skus.len() > SKUS_MAX {
            return fault(422, "INVALID_SKUS", "from 1 to 50 SKUs");
        }
        let found: Vec<Value> = self
            .products
            .iter()
            .flat_map(|product| product.variants.iter().map(move |variant| (product, variant)))
            .filter(|(_, variant)| skus.contains(&variant.sku.as_str()))
            .map(|(product, variant)| variant.json(Some(&product.id)))
            .collect();
        Response::json(200, &json!({ "variants": found }))
    }

    fn update(&mut self, request: &Request) -> Response {
        let body = request.json().unwrap_or_default();
        let Some(updates) = body.get("updates").and_then(Value::as_array) else {
            return fault(422, "INVALID_BODY", "updates must be a list");
        };
        if updates.len() > UPDATES_MAX {
            return fault(413, "TOO_MANY", "100 updates at most");
        }
        let results: Vec<Value> = updates.iter().map(|update| self.set(update)).collect();
        Response::json(200, &json!({ "results": results }))
    }

    fn set(&mut self, update: &Value) -> Value {
        let id = update.get("variant").cloned().unwrap_or_default();
        let failed = |code: &str, message: &str| json!({ "variant": id, "error": { "code": code, "message": message } });
        let mut all = self.products.iter_mut().flat_map(|product| &mut product.variants);
        let Some(variant) = all.find(|variant| Some(variant.id) == id.as_u64()) else {
            return failed("NO_SUCH_VARIANT", "there is no such variant");
        };
        let Some(units) = update.get("on_hand").and_then(Value::as_i64).filter(|units| *units >= 0) else {
            return failed("INVALID_NUMBER", "on_hand must be a whole number, 0 or more");
        };
        if variant.is_locked {
            return failed("IN_PROMOTION", "a promotion holds its number until Sunday");
        }
        variant.on_hand = units;
        json!({ "variant": id, "on_hand": units })
    }
}

impl Marketplace for Plain {
    fn name(&self) -> &'static str {
        "http"
    }

    fn answer(&mut self, request: &Request, now: Now) -> Response {
        if request.header("authorization") != Some(&format!("Bearer {}", self.key)) {
            return fault(401, "UNAUTHORIZED", "the key is missing or wrong");
        }
        if !self.rate.takes(now.0) {
            return self.throttle();
        }
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), path.as_slice()) {
            ("GET", ["api", "v1", "products"]) => self.page(request),
            ("GET", ["api", "v1", "variants"]) => self.variants(request),
            ("POST", ["api", "v1", "stock"]) => self.update(request),
            ("GET", ["api", "v1", "orders"]) => self.list_orders(request),
            _ => fault(404, "NO_SUCH_PATH", "there is nothing here"),
        }
    }

    fn quantity(&self, sku: &str) -> Option<i64> {
        let mut variants = self.products.iter().flat_map(|product| &product.variants);
        variants.find(|variant| variant.sku == sku).map(|variant| variant.on_hand - variant.reserved)
    }

    fn sell(&mut self, sku: &str, units: i64, now: Now) -> bool {
        self.order(sku, units, now)
    }

    /// The worked example of the connector's page.
    fn settings(&self, address: &str) -> Value {
        json!({
            "url": format!("{address}/api/v1"),
            "auth": { "bearer": "{{secret:key}}" },
            "listings": {
                "path": "/products",
                "query": { "page": "{page}", "per_page": 100 },
                "paging": { "by": "page", "total": "total" },
                "items": "products.*.variants",
                "fields": {
                    "store_sku": "sku", "quantity": "stock.on_hand", "held": "stock.reserved", "id": "id",
                    "title": "^.name", "parent": "^.id",
                },
            },
            "read": {
                "path": "/variants", "query": { "sku": ["{store_sku}"] }, "items_max": 50, "items": "variants",
            },
            "write": {
                "method": "POST",
                "path": "/stock",
                "items_max": 100,
                "body": { "updates": [{ "variant": "{id}", "on_hand": "{quantity}" }] },
                "answer": {
                    "items": "results", "id": "variant", "quantity": "on_hand", "code": "error.code", "message": "error.message",
                },
            },
            "errors": {
                "code": "error.code",
                "message": "error.message",
                "not_found": ["NO_SUCH_VARIANT"],
                "locked": ["IN_PROMOTION"],
            },
            "orders": {
                "path": "/orders",
                "query": { "since": "{since}", "cursor": "{cursor}" },
                "paging": { "by": "cursor", "at": "next" },
                "items": "orders",
                "fields": {
                    "id": "number", "placed_at": "placed_at", "status": "state", "lines": "items", "line": "id", "store_sku": "sku",
                    "quantity": "units",
                },
                "status": { "placed": ["new"], "shipped": ["sent"], "cancelled": ["void"] },
            },
            "limits": { "requests_per_second": 14, "burst": 2, "concurrency": 4 },
        })
    }

    fn secrets(&self) -> Vec<(String, String)> {
        vec![("key".to_owned(), self.key.clone())]
    }

    fn refused(&self) -> usize {
        self.rate.refused
    }

    fn throttle(&self) -> Response {
        fault(429, "RATE_LIMITED", "20 requests a second").header("retry-after", "1")
    }

    fn broken(&self) -> Response {
        fault(500, "INTERNAL", "something broke")
    }
}

impl Product {
    fn json(&self) -> Value {
        let variants: Vec<Value> = self.variants.iter().map(|variant| variant.json(None)).collect();
        json!({ "id": self.id, "name": self.name, "variants": variants })
    }
}

impl Variant {
    fn json(&self, product: Option<&str>) -> Value {
        let stock = json!({ "on_hand": self.on_hand, "reserved": self.reserved });
        match product {
            Some(product) => json!({ "id": self.id, "sku": self.sku, "product": product, "stock": stock }),
            None => json!({ "id": self.id, "sku": self.sku, "stock": stock }),
        }
    }
}

fn fault(status: u16, code: &str, message: &str) -> Response {
    Response::json(status, &json!({ "error": { "code": code, "message": message } }))
}

#[cfg(test)]
mod tests;
