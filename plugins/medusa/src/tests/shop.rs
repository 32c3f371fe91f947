//! As much of Medusa's Admin API as the connector asks, in memory: what was seen of Medusa 2.21.2.

use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use stocksync_sdk::kit::{Reply, World};
use stocksync_sdk::message::Http;

#[derive(Clone, Debug)]
pub(super) struct Stocked {
    id: String,
    sku: String,
    /// None where there is no level at the location.
    pub(super) stocked: Option<f64>,
    pub(super) reserved: f64,
}

/// A small shop.
#[derive(Debug)]
pub(super) struct Small {
    pub(super) items: Vec<Stocked>,
    pub(super) locations: usize,
}

/// `sk_canary` and the like in base64.
const WRONG_KEY: &str = "Basic cGtfd3Jvbmc=";

impl Small {
    pub(super) fn new(listings: &[(&str, i64)]) -> Self {
        let item = |(number, (sku, stocked)): (usize, &(&str, i64))| Stocked {
            id: format!("iitem_{number:05}"),
            sku: (*sku).to_owned(),
            stocked: Some(*stocked as f64),
            reserved: 0.0,
        };
        Self { items: listings.iter().enumerate().map(item).collect(), locations: 1 }
    }

    pub(super) fn world(self) -> World {
        Self::share(&Rc::new(RefCell::new(self)))
    }

    pub(super) fn share(small: &Rc<RefCell<Self>>) -> World {
        let small = Rc::clone(small);
        World::new()
            .secret("api_key", "sk_0123456789")
            .shop(move |http, body| Some(small.borrow_mut().answer(http, body)))
    }

    fn answer(&mut self, http: &Http, body: &[u8]) -> Reply {
        let authorization = http.headers.iter().find(|(name, _)| name == "authorization");
        if authorization.is_none_or(|(_, value)| value == WRONG_KEY || !value.starts_with("Basic ")) {
            return Reply::new(401, r#"{"message":"Unauthorized"}"#);
        }
        let target = http.url.strip_prefix("https://shop.example").unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query: Vec<(String, String)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), decoded(value)))
            .collect();
        let answer = match (http.method.as_str(), path) {
            ("GET", "/admin/stock-locations") => Ok(self.locations()),
            ("GET", "/admin/inventory-items") => Ok(self.page(&query)),
            ("POST", "/admin/inventory-items/location-levels/batch") => match serde_json::from_slice(body) {
                Ok(batch) => self.batch(&batch),
                Err(_) => Err((400, "invalid_request_error", "not JSON".to_owned())),
            },
            ("GET", "/admin/orders") => Ok(orders()),
            _ => return Reply::new(404, "<html>Cannot GET</html>"),
        };
        match answer {
            Ok(answer) => Reply::new(200, answer.to_string()),
            Err((status, kind, message)) => {
                Reply::new(status, json!({ "type": kind, "message": message }).to_string())
            }
        }
    }

    fn locations(&self) -> Value {
        let location = |id: usize| json!({ "id": format!("sloc_{id}"), "name": format!("Location {id}") });
        json!({ "stock_locations": (1..=self.locations).map(location).collect::<Vec<_>>() })
    }

    fn page(&self, query: &[(String, String)]) -> Value {
        let all = |name: &str| {
            query.iter().filter(|(of, _)| of == name).map(|(_, value)| value.as_str()).collect::<Vec<_>>()
        };
        let number =
            |name: &str| all(name).first().and_then(|value| value.parse::<usize>().ok()).unwrap_or_default();
        let (skus, ids) = (all("sku[]"), all("id[]"));
        let is_in = |list: &[&str], key: &str| list.is_empty() || list.contains(&key);
        let of: Vec<&Stocked> =
            self.items.iter().filter(|item| is_in(&skus, &item.sku) && is_in(&ids, &item.id)).collect();
        let page: Vec<Value> =
            of.iter().skip(number("offset")).take(number("limit")).map(|item| shown(item)).collect();
        json!({ "inventory_items": page, "count": of.len() })
    }

    /// All or nothing.
    fn batch(&mut self, batch: &Value) -> Result<Value, (u16, &'static str, String)> {
        let list = |name: &str| batch[name].as_array().cloned().unwrap_or_default();
        let text = |level: &Value, name: &str| level[name].as_str().unwrap_or_default().to_owned();
        for (must_be_there, level) in
            list("update").iter().map(|l| (true, l)).chain(list("create").iter().map(|l| (false, l)))
        {
            let id = text(level, "inventory_item_id");
            let item = self.items.iter().find(|item| item.id == id);
            let is_there = item.is_some_and(|item| item.stocked.is_some());
            if item.is_none() || must_be_there && !is_there {
                return Err((
                    404,
                    "not_found",
                    format!("Item {id} is not stocked at location {}", text(level, "location_id")),
                ));
            }
            if is_there && !must_be_there {
                return Err((
                    400,
                    "invalid_data",
                    format!("Inventory level with inventory_item_id: {id}, already exists."),
                ));
            }
        }
        let mut set = |list: Vec<Value>| -> Vec<Value> {
            for level in &list {
                let id = text(level, "inventory_item_id");
                let item = self.items.iter_mut().find(|item| item.id == id);
                item.into_iter().for_each(|item| item.stocked = level["stocked_quantity"].as_f64());
            }
            list
        };
        let (created, updated) = (set(list("create")), set(list("update")));
        Ok(json!({ "created": created, "updated": updated, "deleted": [] }))
    }
}

fn shown(item: &Stocked) -> Value {
    let whole = |number: f64| if number.fract() == 0.0 { json!(number as i64) } else { json!(number) };
    let levels: Vec<Value> = item
        .stocked
        .map(|stocked| json!({ "location_id": "sloc_1", "stocked_quantity": whole(stocked), "reserved_quantity": whole(item.reserved) }))
        .into_iter()
        .collect();
    json!({ "id": item.id, "sku": item.sku, "title": format!("Title of {}", item.sku), "location_levels": levels })
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let code: String =
            if byte == b'%' { rest.by_ref().take(2).map(char::from).collect() } else { String::new() };
        bytes.push(u8::from_str_radix(&code, 16).unwrap_or(byte));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn orders() -> Value {
    let order = |id: &str, status: &str, fulfilled: i64| {
        let item = json!({ "id": format!("li_{id}"), "variant_sku": "MUG-S", "quantity": 2, "detail": { "fulfilled_quantity": fulfilled } });
        json!({ "id": id, "status": status, "created_at": "2026-11-25T09:00:00.000Z", "updated_at": "2026-11-25T09:00:00.000Z", "items": [item] })
    };
    let all = [order("a", "pending", 0), order("b", "canceled", 0), order("c", "completed", 2)];
    json!({ "orders": all, "count": all.len() })
}
