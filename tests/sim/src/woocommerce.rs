//! `WooCommerce`, REST API v3.
//!
//! Sources: "WooCommerce REST API Documentation" (github.com/woocommerce/woocommerce-rest-api-docs), and where it says *observed*, what
//! WooCommerce 11.0.1 on WordPress 7.1.4 answered.

mod auth;
mod batch;
mod orders;

use crate::http::{Request, Response};
use crate::marketplace::{Marketplace, Now, Setup};
use auth::Auth;
use orders::Order;
use serde_json::{Map, Value, json};

/// The most products on a page: documents, "Pagination"; 101 is refused (observed).
const PER_PAGE_MAX: u64 = 100;

/// A shop.
#[derive(Debug)]
pub struct WooCommerce {
    auth: Auth,
    products: Vec<Product>,
    orders: Vec<Order>,
    /// The most items of a batch: 100 unless the shop filters it (documents, "Batch update products").
    pub batch_items_max: usize,
}

/// A product, or a variation of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its number.
    pub id: u64,
    /// The product that it is a variation of; 0 for none.
    pub parent: u64,
    /// `simple`, `variable` or `variation`.
    pub kind: &'static str,
    /// The SKU; empty for none.
    pub sku: String,
    /// The name.
    pub name: String,
    /// Whether the shop counts its stock.
    pub manage_stock: bool,
    /// The stock, where it is counted.
    pub stock: i64,
}

impl WooCommerce {
    /// A shop with these listings.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let mut shop =
            Self { auth: Auth::new(setup), products: Vec::new(), orders: Vec::new(), batch_items_max: 100 };
        for listing in &setup.listings {
            let parent = if listing.parent.is_empty() { 0 } else { shop.parent(&listing.parent) };
            let kind = if parent == 0 { "simple" } else { "variation" };
            let id = shop.next_id();
            shop.products.push(Product {
                id,
                parent,
                kind,
                sku: listing.sku.clone(),
                name: listing.title.clone(),
                manage_stock: true,
                stock: listing.quantity,
            });
        }
        shop
    }

    /// A product by its SKU, to be looked at or changed behind the connector's back.
    pub fn product(&mut self, sku: &str) -> Option<&mut Product> {
        self.products.iter_mut().find(|product| product.sku == sku && product.kind != "variable")
    }

    /// Takes a product out of the shop.
    pub fn delete(&mut self, sku: &str) {
        self.products.retain(|product| product.sku != sku);
    }

    fn next_id(&self) -> u64 {
        self.products.iter().map(|product| product.id).max().unwrap_or(9) + 1
    }

    /// The variable product of this name, made where there is none.
    fn parent(&mut self, name: &str) -> u64 {
        if let Some(parent) = self.products.iter().find(|p| p.kind == "variable" && p.sku == name) {
            return parent.id;
        }
        let id = self.next_id();
        let (sku, name) = (name.to_owned(), name.to_owned());
        self.products.push(Product {
            id,
            parent: 0,
            kind: "variable",
            sku,
            name,
            manage_stock: false,
            stock: 0,
        });
        id
    }

    /// `GET /products`: with `sku`, a comma list of which products and variations are found, and the rest is absent (observed); without, products
    /// alone.
    fn list(&self, request: &Request) -> Response {
        let found = self.products.iter().filter(|product| match request.param("sku") {
            Some(skus) => skus.split(',').any(|sku| !product.sku.is_empty() && sku.trim() == product.sku),
            None => product.parent == 0,
        });
        page(request, found.map(Product::json).collect())
    }

    /// `GET /products/{id}/variations`: documents, "List all product variations".
    fn variations(&self, request: &Request, parent: u64) -> Response {
        if !self.products.iter().any(|product| product.id == parent && product.parent == 0) {
            return fault(404, "woocommerce_rest_product_invalid_id", "Invalid ID.");
        }
        page(
            request,
            self.products.iter().filter(|product| product.parent == parent).map(Product::json).collect(),
        )
    }
}

impl Marketplace for WooCommerce {
    fn name(&self) -> &'static str {
        "woocommerce"
    }

    fn answer(&mut self, request: &Request, now: Now) -> Response {
        if let Err(refused) = self.auth.check(request, now) {
            return *refused;
        }
        let segments = request.segments();
        // WordPress may be in a folder.
        let path: Vec<&str> =
            segments.iter().map(String::as_str).skip_while(|part| *part != "wp-json").collect();
        let number = |text: &str| text.parse().unwrap_or(0);
        match (request.method.as_str(), path.strip_prefix(&["wp-json", "wc", "v3"])) {
            ("GET", Some(["products"])) => self.list(request),
            ("GET", Some(["products", parent, "variations"])) => self.variations(request, number(parent)),
            ("POST", Some(["products", "batch"])) => self.batch(request, 0),
            ("POST", Some(["products", parent, "variations", "batch"])) => {
                self.batch(request, number(parent))
            }
            ("GET", Some(["orders"])) => self.list_orders(request),
            _ => fault(404, "rest_no_route", "No route was found matching the URL and request method."),
        }
    }

    fn quantity(&self, sku: &str) -> Option<i64> {
        let product =
            self.products.iter().find(|product| product.sku == sku && product.kind != "variable")?;
        product.manage_stock.then_some(product.stock)
    }

    fn sell(&mut self, sku: &str, units: i64, now: Now) -> bool {
        self.order(sku, units, now)
    }

    fn settings(&self, address: &str) -> Value {
        json!({ "url": address })
    }

    fn secrets(&self) -> Vec<(String, String)> {
        self.auth.secrets()
    }

    /// A shop counts no requests.
    fn refused(&self) -> usize {
        0
    }

    /// A shop counts no requests, but hosts do: unconfirmed, as hosts differ.
    fn throttle(&self) -> Response {
        Response::bytes(429, "text/html", b"<h1>429 Too Many Requests</h1>".to_vec())
            .header("retry-after", "1")
    }

    /// "Critical error" page of WordPress (observed).
    fn broken(&self) -> Response {
        let words = "There has been a critical error on this website.";
        Response::json(
            500,
            &json!({ "code": "internal_server_error", "message": words, "data": { "status": 500 } }),
        )
    }
}

impl Product {
    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "sku": self.sku,
            "type": self.kind,
            "parent_id": self.parent,
            "manage_stock": self.manage_stock,
            "stock_quantity": self.manage_stock.then_some(self.stock),
            "stock_status": if self.manage_stock && self.stock <= 0 { "outofstock" } else { "instock" },
        })
    }
}

/// `{"code", "message", "data": {"status"}}`: documents, "Errors".
fn fault(status: u16, code: &str, message: &str) -> Response {
    Response::json(status, &json!({ "code": code, "message": message, "data": { "status": status } }))
}

/// A page with `X-WP-Total`, `X-WP-TotalPages`, and the fields asked for: documents, "Pagination".
fn page(request: &Request, all: Vec<Value>) -> Response {
    let size = request.number("per_page").unwrap_or(10);
    if !(1..=PER_PAGE_MAX).contains(&size) {
        return fault(400, "rest_invalid_param", "Invalid parameter(s): per_page");
    }
    let number = request.number("page").unwrap_or(1).max(1);
    let (size, total) = (usize::try_from(size).unwrap_or(1), all.len());
    let from = usize::try_from(number - 1).unwrap_or(usize::MAX).saturating_mul(size);
    let fields = request.param("_fields").map(|fields| fields.split(',').collect::<Vec<_>>());
    let items = all.into_iter().skip(from).take(size).map(|item| only(item, fields.as_deref())).collect();
    Response::json(200, &Value::Array(items))
        .header("x-wp-total", &total.to_string())
        .header("x-wp-totalpages", &total.div_ceil(size).to_string())
}

fn only(item: Value, fields: Option<&[&str]>) -> Value {
    match (item, fields) {
        (Value::Object(map), Some(fields)) => {
            let kept: Map<_, _> =
                map.into_iter().filter(|(name, _)| fields.contains(&name.as_str())).collect();
            Value::Object(kept)
        }
        (item, _) => item,
    }
}

#[cfg(test)]
mod tests;
