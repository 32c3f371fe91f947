//! The operations beside reading and writing, done right: what they answer stands in the settings.

use crate::Faulty;
use crate::pages::outcomes;
use serde_json::Value;
use stocksync_sdk::abi::column_id::{ADDRESS, PARENT, STORE_SKU};
use stocksync_sdk::abi::outcome::{ACCEPTED, FAILED, SENT};
use stocksync_sdk::message::{Action, EventKind, Request, Verify};
use stocksync_sdk::{Answer, Page};

impl Faulty {
    /// The answer of an operation that is always done right.
    pub(crate) fn shop(&self, event: &EventKind) -> Option<Answer> {
        if self.mode != "good" && self.mode != "tells" {
            return None;
        }
        match (self.operation.as_str(), event) {
            ("resolve", _) => Some(Answer::done().rows(self.resolved())),
            ("poll", _) => Some(Answer::done().rows(self.polled())),
            ("orders", _) => Some(self.orders(Answer::nothing())),
            ("webhook", EventKind::Start { request: Some(request), .. }) if !self.is_unsigned() => {
                Some(Answer::nothing().action(Action::Verify(Box::new(verify(request)))))
            }
            ("webhook", _) => Some(self.orders(Answer::nothing().reply(202, b"thanks"))),
            _ => None,
        }
    }

    /// Whether the host says an address of this item at which nothing is.
    pub(crate) fn is_gone(&self, item: usize) -> bool {
        let gone = self.settings.get("gone").and_then(Value::as_array);
        let address = self.addresses.get(item).map(|(address, _)| address.as_str());
        gone.is_some_and(|gone| gone.iter().any(|gone| gone.as_str() == address))
    }

    fn is_unsigned(&self) -> bool {
        self.settings.get("unsigned") == Some(&Value::Bool(true))
    }

    /// A row for each address in the settings: a SKU that has two of them stands twice.
    fn resolved(&self) -> Page {
        let known = self.settings.get("addresses");
        let of = |sku: &String| known.and_then(|known| known.get(sku)).and_then(Value::as_array);
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut rows = Vec::new();
        for sku in &self.skus {
            for pair in of(sku).map(Vec::as_slice).unwrap_or_default().chunks(2) {
                rows.push((sku.clone(), text(pair.first()), text(pair.get(1))));
            }
        }
        Page::new()
            .texts(STORE_SKU, rows.iter().map(|(sku, ..)| sku.as_str()).collect())
            .texts(ADDRESS, rows.iter().map(|(_, address, _)| address.as_str()).collect())
            .texts(PARENT, rows.iter().map(|(.., parent)| parent.as_str()).collect())
    }

    fn polled(&self) -> Page {
        let all: Vec<u32> = (0..self.items).collect();
        match self.settings.get("polled").and_then(Value::as_str) {
            Some("failed") => outcomes(&all, FAILED, "rejected: looked at it, and no"),
            Some("accepted") => outcomes(&all, ACCEPTED, ""),
            _ => outcomes(&all, SENT, ""),
        }
    }

    fn orders(&self, answer: Answer) -> Answer {
        let orders = self.settings.get("orders").and_then(Value::as_array).cloned().unwrap_or_default();
        let told = orders.into_iter().fold(answer, |answer, event| answer.action(Action::Order { event }));
        told.action(Action::Done { error: None, nothing_written: false })
    }
}

fn verify(request: &Request) -> Verify {
    Verify {
        id: 1,
        alg: "hmac-sha256".to_owned(),
        key: "{{secret:token}}".to_owned(),
        text: format!("{} {{{{body}}}}", request.method),
        encoding: "hex".to_owned(),
        expected: request.header("x-sign").unwrap_or_default().to_owned(),
    }
}
