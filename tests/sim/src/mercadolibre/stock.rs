//! Stock of user products in warehouses: "Distributed stock".

use super::{MercadoLibre, STORE, fault};
use crate::http::{Request, Response};
use serde_json::{Value, json};

const NODE: &str = "MXP8035443";

impl MercadoLibre {
    /// The locations, and the version of the whole in the header `x-version`.
    pub(super) fn stock(&self, id: &str) -> Response {
        let Some(listing) = self.listings.iter().find(|listing| listing.user_product == id) else {
            return fault(404, "not_found", "user product not found");
        };
        let location = json!({ "type": "seller_warehouse", "store_id": STORE, "network_node_id": NODE, "quantity": listing.quantity });
        Response::json(200, &json!({ "id": id, "user_id": super::SELLER, "locations": [location] }))
            .header("x-version", &listing.version.to_string())
    }

    /// A version must be sent (400) and be the present one (409).
    pub(super) fn put_stock(&mut self, id: &str, request: &Request) -> Response {
        let Some(version) = request.header("x-version").and_then(|version| version.parse::<u64>().ok())
        else {
            return fault(400, "bad_request", "x-version header is required");
        };
        let locations =
            request.json().and_then(|body| body.get("locations")?.as_array().cloned()).unwrap_or_default();
        let ours =
            locations.iter().find(|location| location.get("store_id").and_then(Value::as_str) == Some(STORE));
        let quantity = ours.and_then(|location| location.get("quantity")).and_then(Value::as_i64);
        let Some(listing) = self.listings.iter_mut().find(|listing| listing.user_product == id) else {
            return fault(404, "not_found", "user product not found");
        };
        let Some(quantity) = quantity.filter(|quantity| (0..=99_999).contains(quantity)) else {
            return fault(400, "bad_request", "locations: invalid store_id or quantity");
        };
        if listing.version != version {
            return fault(409, "conflict", "version mismatch");
        }
        listing.quantity = quantity;
        listing.version += 1;
        // What a success answers is unconfirmed.
        self.stock(id)
    }
}
