//! `v2.product.update_stock`: one item, 1 to 50 of its models; the messages are those of its page.

use super::{Model, Shopee, fault, good};
use crate::http::{Request, Response};
use crate::json::at;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const STOCK_LIST_MAX: usize = 50;

impl Shopee {
    pub(super) fn update_stock(&mut self, request: &Request) -> Response {
        let body = request.json().unwrap_or_default();
        let Some(list) =
            at(&body, "stock_list").as_array().filter(|list| (1..=STOCK_LIST_MAX).contains(&list.len()))
        else {
            return fault(
                200,
                "error_param",
                "Wrong parameters, detail: stock_list length should be between 1 to 50.",
            );
        };
        let locations = self.locations.clone();
        let Some(item) = self.items.iter_mut().find(|item| at(&body, "item_id") == item.id) else {
            return fault(200, "error_item_not_found", "Item_id is not found.");
        };
        let model_of = |entry: &Value| at(entry, "model_id").as_i64().unwrap_or(0);
        let models: BTreeSet<i64> = list.iter().map(model_of).collect();
        if models.len() < list.len() {
            return fault(200, "error_param", "Repeat model_id.");
        }
        if item.has_models() && models.contains(&0) {
            let words = "Can't to edit item stock directly while item has models.";
            return fault(200, "error_edit_item_stock_for_item_has_model", words);
        }
        if !models.iter().all(|id| item.models.iter().any(|model| model.id == *id)) {
            return fault(200, "error_param", "Wrong model_id.");
        }
        if let Some(refused) = list.iter().find_map(|entry| wrong_form(entry, &locations)) {
            return refused;
        }
        let (mut done, mut failed) = (Vec::new(), Vec::new());
        for entry in list {
            let id = model_of(entry);
            let Some(model) = item.models.iter_mut().find(|model| model.id == id) else { continue };
            match model.set(entry) {
                Ok(stock) => done.extend(stock.into_iter().map(
                    |(location, stock)| json!({ "model_id": id, "location_id": location, "stock": stock }),
                )),
                Err(words) => failed.push(json!({ "model_id": id, "failed_reason": words })),
            }
        }
        let lists = json!({ "success_list": done, "failure_list": failed });
        if done.is_empty() {
            let words = "Update stock failed, please check failure_list for detailed reason";
            let answer = json!({ "error": "error_busi_update_stock_failed", "message": words, "request_id": "-", "response": lists });
            return Response::json(200, &answer);
        }
        good(lists)
    }
}

/// Locations must be named in a shop with several warehouses, and in no other.
fn wrong_form(entry: &Value, locations: &[String]) -> Option<Response> {
    let stocks = at(entry, "seller_stock").as_array().filter(|stocks| !stocks.is_empty());
    let Some(stocks) = stocks else {
        return Some(fault(200, "error_param", "Wrong parameters, detail: seller_stock."));
    };
    if stocks.iter().any(|stock| at(stock, "stock").as_i64().is_none_or(|stock| stock < 0)) {
        return Some(fault(200, "error_param", "Parameter is not match the constraints, stock."));
    }
    let named: Vec<&str> = stocks.iter().filter_map(|stock| at(stock, "location_id").as_str()).collect();
    match (locations, named.as_slice()) {
        ([], []) => None,
        ([], _) => {
            let words =
                "You do not have right to use seller location_id, please only fill seller_stock filed.";
            Some(fault(200, "error_auth", words))
        }
        (_, []) => {
            Some(fault(200, "error_busi", "The merchant/shop has multi warehouse, please input location id"))
        }
        (all, named) if named.iter().all(|name| all.iter().any(|location| location == name)) => None,
        _ => {
            let words = "The location_id input is not matched the shop's location_id(more/wrong). Please double check.";
            Some(fault(200, "error_auth", words))
        }
    }
}

impl Model {
    /// Sets the stock of the locations that are named; the others stay.
    fn set(&mut self, entry: &Value) -> Result<Vec<(String, i64)>, &'static str> {
        if self.is_locked {
            return Err("Model stock cannot be editted when item/model is promotion.");
        }
        let mut stock = self.stock.clone();
        let mut set = Vec::new();
        for named in at(entry, "seller_stock").as_array().into_iter().flatten() {
            let location = at(named, "location_id").as_str().unwrap_or_default();
            let units = at(named, "stock").as_i64().unwrap_or(0);
            if let Some(place) = stock.iter_mut().find(|(name, _)| name == location) {
                place.1 = units;
                set.push((location.to_owned(), units));
            }
        }
        if stock.iter().map(|(_, units)| units).sum::<i64>() < self.reserved {
            return Err("Stock should be larger than reserved stock.");
        }
        self.stock = stock;
        Ok(set)
    }
}
