//! As much of Vendure's Admin API as the connector asks, in memory: what was seen of Vendure 3.7.3.

use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use stocksync_sdk::kit::{Reply, World};
use stocksync_sdk::message::Http;

/// Of a session or key that is not good, with status 200.
pub(super) const FORBIDDEN: &str = r#"{"errors":[{"message":"You are not currently authorized to perform this action","path":["productVariants"],"extensions":{"code":"FORBIDDEN"}}],"data":null}"#;

#[derive(Clone, Debug)]
pub(super) struct Variant {
    pub(super) id: String,
    pub(super) sku: String,
    pub(super) on_hand: i64,
    pub(super) allocated: i64,
}

/// A small shop.
#[derive(Debug)]
pub(super) struct Small {
    pub(super) variants: Vec<Variant>,
    pub(super) locations: usize,
    /// Whether it asks for an API key instead of a session.
    pub(super) api_key: bool,
    /// A SKU at which a mutation fails without saying why.
    pub(super) poison: Option<String>,
    pub(super) sessions: usize,
}

impl Small {
    pub(super) fn new(listings: &[(&str, i64)]) -> Self {
        let variant = |(number, (sku, on_hand)): (usize, &(&str, i64))| Variant {
            id: (number + 1).to_string(),
            sku: (*sku).to_owned(),
            on_hand: *on_hand,
            allocated: 0,
        };
        let variants = listings.iter().enumerate().map(variant).collect();
        Self { variants, locations: 1, api_key: false, poison: None, sessions: 0 }
    }

    pub(super) fn world(self) -> World {
        Self::share(&Rc::new(RefCell::new(self)))
    }

    pub(super) fn share(small: &Rc<RefCell<Self>>) -> World {
        let small = Rc::clone(small);
        World::new()
            .secret("session", "session-0-of-before")
            .shop(move |http, body| Some(small.borrow_mut().answer(http, body)))
    }

    fn answer(&mut self, http: &Http, body: &[u8]) -> Reply {
        assert_eq!((http.method.as_str(), http.url.as_str()), ("POST", "https://shop.example/admin-api"));
        let Ok(asked) = serde_json::from_slice::<Value>(body) else { return Reply::new(400, "{}") };
        let document = asked["query"].as_str().unwrap_or_default();
        let variables = &asked["variables"];
        if document.contains("Login") {
            return self.login(variables);
        }
        let header =
            |name: &str| http.headers.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str());
        let is_known = match self.api_key {
            true => header("vendure-api-key").is_some_and(|key| key.ends_with("api_key")),
            false => header("authorization").is_some_and(|token| token.contains("session")),
        };
        if !is_known {
            return Reply::new(200, FORBIDDEN);
        }
        let name = document.split(['{', '(']).next().unwrap_or_default();
        let answer = match name {
            "query Locations" => Ok(self.locations()),
            "query Check" => Ok(json!({ "productVariants": { "totalItems": self.variants.len() } })),
            "query Variants" => Ok(self.page(&variables["o"])),
            "mutation Set" => self.set(&variables["i"]),
            "query Orders" => Ok(orders()),
            other => Err(json!({ "message": format!("unknown document {other}") })),
        };
        let answer = match answer {
            Ok(data) => json!({ "data": data }),
            Err(error) => json!({ "errors": [error], "data": null }),
        };
        Reply::new(200, answer.to_string())
    }

    fn login(&mut self, who: &Value) -> Reply {
        if who["p"] == "wrong" {
            let wrong = json!({ "__typename": "InvalidCredentialsError", "message": "The provided credentials are invalid" });
            return Reply::new(200, json!({ "data": { "login": wrong } }).to_string());
        }
        self.sessions += 1;
        let token = ("vendure-auth-token".to_owned(), format!("session-{}", self.sessions));
        let user = json!({ "data": { "login": { "__typename": "CurrentUser", "id": "1" } } });
        Reply { headers: vec![token], ..Reply::new(200, user.to_string()) }
    }

    fn locations(&self) -> Value {
        let location = |id: usize| json!({ "id": id.to_string(), "name": format!("Location {id}") });
        json!({ "stockLocations": { "items": (1..=self.locations).map(location).collect::<Vec<_>>() } })
    }

    fn page(&self, options: &Value) -> Value {
        let number = |name: &str| options[name].as_u64().unwrap_or_default() as usize;
        let filter = &options["filter"];
        let is_in =
            |list: &Value, text: &str| list.as_array().is_none_or(|list| list.iter().any(|key| key == text));
        let of: Vec<&Variant> = self
            .variants
            .iter()
            .filter(|variant| {
                is_in(&filter["sku"]["in"], &variant.sku) && is_in(&filter["id"]["in"], &variant.id)
            })
            .collect();
        let page: Vec<Value> =
            of.iter().skip(number("skip")).take(number("take").min(1_000)).map(|v| shown(v)).collect();
        json!({ "productVariants": { "totalItems": of.len(), "items": page } })
    }

    /// All or nothing; the answer is ordered by id.
    fn set(&mut self, inputs: &Value) -> Result<Value, Value> {
        let inputs = inputs.as_array().cloned().unwrap_or_default();
        for input in &inputs {
            let id = input["id"].as_str().unwrap_or_default();
            let Some(variant) = self.variants.iter().find(|variant| variant.id == id) else {
                let message = format!("No ProductVariant with the id \"{id}\" could be found");
                return Err(json!({ "message": message, "extensions": { "code": "ENTITY_NOT_FOUND" } }));
            };
            if self.poison.as_ref() == Some(&variant.sku) {
                return Err(json!({ "message": "FOREIGN KEY constraint failed" }));
            }
        }
        for variant in &mut self.variants {
            let mut of = inputs.iter().filter(|input| input["id"] == variant.id.as_str());
            if let Some(input) = of.next_back() {
                variant.on_hand = input["stockLevels"][0]["stockOnHand"].as_i64().unwrap_or_default();
            }
        }
        let is_set = |variant: &&Variant| inputs.iter().any(|input| input["id"] == variant.id.as_str());
        let set: Vec<Value> = self.variants.iter().filter(is_set).map(shown).collect();
        Ok(json!({ "updateProductVariants": set }))
    }
}

fn shown(variant: &Variant) -> Value {
    let level = json!({ "stockLocationId": "1", "stockOnHand": variant.on_hand, "stockAllocated": variant.allocated });
    json!({
        "id": variant.id, "sku": variant.sku, "name": format!("Name of {}", variant.sku),
        "product": { "id": "1" }, "stockLevels": [level],
    })
}

fn orders() -> Value {
    let order = |code: &str, state: &str, quantity: i64| {
        json!({
            "id": code, "code": code, "state": state,
            "updatedAt": "2026-11-25T10:00:00.000Z", "orderPlacedAt": "2026-11-25T09:00:00.000Z",
            "lines": [{ "id": "1", "quantity": quantity, "orderPlacedQuantity": 3, "productVariant": { "sku": "LT-13" } }],
        })
    };
    let all = [
        order("A", "PaymentAuthorized", 3),
        order("B", "Cancelled", 0),
        order("C", "PaymentSettled", 2),
        order("D", "Delivered", 3),
    ];
    json!({ "orders": { "totalItems": all.len(), "items": all } })
}
