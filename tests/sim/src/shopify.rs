//! Shopify, GraphQL Admin API.
//!
//! Sources: Shopify's published Admin schemas 2026-01 to 2026-10 (npm `@shopify/dev-mcp`), called *schema* here; shopify.dev, "API limits" and "API usage",
//! called *limits*. What neither says is marked unconfirmed.

mod bucket;
mod inventory;
mod orders;
mod query;

use crate::graphql::{self, Field, Operation};
use crate::http::{Request, Response};
use crate::marketplace::{Marketplace, Now, Setup};
use bucket::Bucket;
use inventory::Idempotency;
use orders::Order;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The versions that are supported at the end of 2026 ("API usage": each for a year).
pub const VERSIONS: &[&str] = &["2026-01", "2026-04", "2026-07", "2026-10"];
/// The location that the simulator's shop sells from.
pub const LOCATION: u64 = 77;
/// The most a single query may cost (limits, "Single query limit").
const QUERY_COST_MAX: f64 = 1000.0;

/// A shop.
#[derive(Debug)]
pub struct Shopify {
    access_token: String,
    client_secret: String,
    /// Tokens of the client credentials grant, with the moment each ends.
    granted: BTreeMap<String, Now>,
    variants: Vec<Variant>,
    orders: Vec<Order>,
    idempotency: Idempotency,
    bucket: Bucket,
}

/// A variant of a product, with its inventory item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The number in its own id; that of its inventory item is 1000 more.
    pub id: u64,
    /// The product's number.
    pub product: u64,
    /// The SKU, which need not be unique.
    pub sku: String,
    /// The product's title.
    pub title: String,
    /// Whether its stock is counted.
    pub tracked: bool,
    /// What is available at the location; none where it is not stocked there.
    pub available: Option<i64>,
    /// Whether it is the parent of a bundle, whose stock follows from its parts.
    pub is_bundle: bool,
}

impl Shopify {
    /// A shop with these listings.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let mut products: Vec<&str> = Vec::new();
        let mut variants = Vec::new();
        for (number, listing) in (0..).zip(&setup.listings) {
            let known =
                products.iter().position(|name| !listing.parent.is_empty() && *name == listing.parent);
            let product = known.unwrap_or_else(|| {
                products.push(&listing.parent);
                products.len() - 1
            });
            variants.push(Variant {
                id: 500 + number,
                product: 9000 + product as u64,
                sku: listing.sku.clone(),
                title: listing.title.clone(),
                tracked: true,
                available: Some(listing.quantity),
                is_bundle: false,
            });
        }
        Self {
            access_token: setup.secret("access_token", "shpat_0123456789abcdef0123456789abcdef"),
            client_secret: setup.secret("client_secret", "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"),
            granted: BTreeMap::new(),
            variants,
            orders: Vec::new(),
            idempotency: Idempotency::default(),
            bucket: Bucket::standard(),
        }
    }

    /// The first variant of this SKU, to be looked at or changed behind the connector's back.
    pub fn variant(&mut self, sku: &str) -> Option<&mut Variant> {
        self.variants.iter_mut().find(|variant| variant.sku == sku)
    }

    /// Takes variants out of the shop.
    pub fn delete(&mut self, sku: &str) {
        self.variants.retain(|variant| variant.sku != sku);
    }

    /// Leaves so many points in the bucket.
    pub fn drain(&mut self, points: f64) {
        self.bucket.available = points;
    }

    /// shopify.dev, "Client credentials grant": a token for 24 hours. The shape of its errors is unconfirmed.
    fn grant(&mut self, request: &Request, now: Now) -> Response {
        let form = request.form();
        let is = |name: &str, value: &str| form.iter().any(|(of, given)| of == name && given == value);
        if !is("grant_type", "client_credentials")
            || !is("client_id", "client-1")
            || !is("client_secret", &self.client_secret)
        {
            return Response::json(400, &json!({ "error": "invalid_client" }));
        }
        let token = format!("shpat_granted_{:032}", self.granted.len());
        self.granted.insert(token.clone(), Now(now.0 + 86_399_000));
        Response::json(
            200,
            &json!({ "access_token": token, "scope": "read_products,write_inventory", "expires_in": 86_399 }),
        )
    }

    fn graphql(&mut self, request: &Request, now: Now) -> Response {
        let token = request.header("x-shopify-access-token").unwrap_or_default();
        if token != self.access_token && self.granted.get(token).is_none_or(|ends| *ends < now) {
            // Unconfirmed, but widely quoted.
            let words = "[API] Invalid API key or access token (unrecognized login or wrong password)";
            return Response::json(401, &json!({ "errors": words }));
        }
        let body = request.json().unwrap_or_default();
        let document = body.get("query").and_then(Value::as_str).unwrap_or_default();
        let variables = body.get("variables").cloned().unwrap_or_else(|| json!({}));
        let operation = match graphql::parse(document, &variables) {
            Ok(operation) => operation,
            Err(why) => return Response::json(200, &json!({ "errors": [{ "message": why }] })),
        };
        let cost = bucket::cost(&operation);
        if cost > QUERY_COST_MAX {
            let message = format!(
                "Query cost is {cost}, which exceeds the single query max cost limit {QUERY_COST_MAX}"
            );
            return Response::json(
                200,
                &json!({ "errors": [{ "message": message, "extensions": { "code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": QUERY_COST_MAX } }] }),
            );
        }
        if !self.bucket.take(cost, now) {
            return Response::json(200, &throttled(&self.bucket.extensions(cost, None)));
        }
        match self.execute(&operation, now) {
            Ok(data) => Response::json(
                200,
                &json!({ "data": data, "extensions": self.bucket.extensions(cost, Some(cost)) }),
            ),
            Err(errors) => Response::json(
                200,
                &json!({ "errors": errors, "extensions": self.bucket.extensions(cost, Some(0.0)) }),
            ),
        }
    }

    fn execute(&mut self, operation: &Operation, now: Now) -> Result<Value, Value> {
        let mut data = Map::new();
        for field in &operation.fields {
            let value = if operation.is_mutation { self.mutate(field)? } else { self.look(field, now)? };
            data.insert(field.alias.clone(), value);
        }
        Ok(Value::Object(data))
    }

    fn mutate(&mut self, field: &Field) -> Result<Value, Value> {
        match field.name.as_str() {
            "inventorySetQuantities" => self.set_quantities(field),
            other => Err(no_field("Mutation", other)),
        }
    }
}

impl Marketplace for Shopify {
    fn name(&self) -> &'static str {
        "shopify"
    }

    fn answer(&mut self, request: &Request, now: Now) -> Response {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), path.as_slice()) {
            ("POST", ["admin", "api", version, "graphql.json"]) if VERSIONS.contains(version) => {
                self.graphql(request, now)
            }
            ("POST", ["admin", "oauth", "access_token"]) => self.grant(request, now),
            // Unconfirmed.
            _ => Response::json(404, &json!({ "errors": "Not Found" })),
        }
    }

    fn quantity(&self, sku: &str) -> Option<i64> {
        self.variants.iter().find(|variant| variant.sku == sku)?.available
    }

    fn sell(&mut self, sku: &str, units: i64, now: Now) -> bool {
        self.order(sku, units, now)
    }

    fn settings(&self, address: &str) -> Value {
        json!({ "shop": "sim", "location": LOCATION, "url": address })
    }

    fn secrets(&self) -> Vec<(String, String)> {
        let named = [("access_token", &self.access_token), ("client_secret", &self.client_secret)];
        named.map(|(name, value)| (name.to_owned(), value.clone())).to_vec()
    }

    fn issued(&self) -> Vec<String> {
        let secrets = self.secrets().into_iter().map(|(_, value)| value);
        secrets.chain(self.granted.keys().cloned()).collect()
    }

    fn expire(&mut self) {
        self.granted.values_mut().for_each(|ends| *ends = Now(i64::MIN));
    }

    fn refused(&self) -> usize {
        self.bucket.refused
    }

    fn rest(&mut self) {
        self.bucket.fill();
    }

    /// Limits, "Rate limits": an error in an answer of 200.
    fn throttle(&self) -> Response {
        Response::json(200, &throttled(&self.bucket.extensions(100.0, None)))
    }

    /// Schema of errors on shopify.dev, "Status and error codes".
    fn broken(&self) -> Response {
        let error = json!({ "message": "Internal error. Looks like something went wrong on our end.", "extensions": { "code": "INTERNAL_SERVER_ERROR" } });
        Response::json(200, &json!({ "errors": [error] }))
    }
}

fn throttled(extensions: &Value) -> Value {
    json!({ "errors": [{ "message": "Throttled", "extensions": { "code": "THROTTLED" } }], "extensions": extensions })
}

fn no_field(of: &str, name: &str) -> Value {
    json!([{ "message": format!("Field '{name}' doesn't exist on type '{of}'"), "extensions": { "code": "undefinedField" } }])
}

fn gid(kind: &str, number: u64) -> String {
    format!("gid://shopify/{kind}/{number}")
}

/// The number in an id of this kind.
fn number(kind: &str, id: &Value) -> Option<u64> {
    id.as_str()?.strip_prefix("gid://shopify/")?.strip_prefix(kind)?.strip_prefix('/')?.parse().ok()
}

#[cfg(test)]
mod tests;
