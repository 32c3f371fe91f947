//! Answers with rows, right ones and wrong ones.

use crate::Faulty;
use stocksync_sdk::abi::column_id::{
    ADDRESS, EXPECTED, HELD, INDEX, OUTCOME, PARENT, QUANTITY, STORE_SKU, TEXT, TICKET,
};
use stocksync_sdk::abi::outcome;
use stocksync_sdk::{Input, Page};

impl Faulty {
    /// Notes the items or listings that were named.
    pub(crate) fn take(&mut self, input: &Input<'_>) {
        let skus = input.rows.texts(STORE_SKU);
        self.skus.extend(skus.iter().flat_map(|skus| skus.iter()).map(str::to_owned));
        if let (Some(addresses), Some(parents)) = (input.rows.texts(ADDRESS), input.rows.texts(PARENT)) {
            let both = addresses.iter().zip(parents.iter());
            self.addresses.extend(both.map(|(address, parent)| (address.to_owned(), parent.to_owned())));
        }
        let quantities = input.rows.i64s(QUANTITY);
        let expected = input.rows.i64s(EXPECTED);
        self.numbers.extend(quantities.iter().flat_map(|all| {
            (0..input.rows.len()).filter_map(|row| Some((all.get(row)?, expected.and_then(|e| e.get(row)))))
        }));
        self.items = u32::try_from(self.skus.len()).unwrap_or(u32::MAX);
    }

    /// The right answer: every listing has 5, every item is sent.
    pub(crate) fn good(&self) -> Page {
        match self.operation.as_str() {
            "write" => outcomes(&(0..self.items).collect::<Vec<_>>(), outcome::SENT, ""),
            "check" => Page::new(),
            _ => self.quantities(5),
        }
    }

    pub(crate) fn quantities(&self, quantity: i64) -> Page {
        let there = |(item, sku)| (!self.is_gone(item)).then_some(sku);
        let skus: Vec<&str> = self.skus.iter().map(String::as_str).enumerate().filter_map(there).collect();
        let held = self.settings.get("held").and_then(serde_json::Value::as_i64).unwrap_or(0);
        let (quantities, held) = (vec![quantity; skus.len()], vec![held; skus.len()]);
        Page::new().texts(STORE_SKU, skus.into_iter().collect()).i64s(QUANTITY, &quantities).i64s(HELD, &held)
    }

    /// Every listing twice, with two numbers.
    pub(crate) fn twice(&self) -> Page {
        let skus = self.skus.iter().chain(&self.skus).map(String::as_str).collect();
        let numbers: Vec<i64> = (0..).take(self.skus.len() * 2).collect();
        Page::new().texts(STORE_SKU, skus).i64s(QUANTITY, &numbers)
    }

    /// Every item taken, with a ticket, and nothing done yet.
    pub(crate) fn accepted(&self) -> Page {
        let all: Vec<u32> = (0..self.items).collect();
        let ticket = self.settings.get("ticket").and_then(serde_json::Value::as_str).unwrap_or("ticket-1");
        outcomes(&all, outcome::ACCEPTED, "").texts(TICKET, all.iter().map(|_| ticket).collect())
    }

    /// Every item refused with what it was given, so that tests can see it.
    pub(crate) fn told(&self) -> Page {
        let batch = self.items;
        let told: Vec<String> = self
            .numbers
            .iter()
            .enumerate()
            .map(|(item, (number, expected))| {
                let place = self
                    .addresses
                    .get(item)
                    .map_or(String::new(), |(address, parent)| format!(" at `{address}` of `{parent}`"));
                match expected {
                    Some(expected) => {
                        format!("rejected: {number} for {expected}{place} in a batch of {batch}")
                    }
                    None => format!("rejected: {number}{place} in a batch of {batch}"),
                }
            })
            .collect();
        let all: Vec<u32> = (0..batch).collect();
        Page::new()
            .u32s(INDEX, &all)
            .u8s(OUTCOME, &vec![outcome::FAILED; all.len()])
            .texts(TEXT, told.iter().map(String::as_str).collect())
    }
}

/// One listing.
pub(crate) fn quantity(sku: &str, quantity: i64) -> Page {
    Page::new().texts(STORE_SKU, [sku].into_iter().collect()).i64s(QUANTITY, &[quantity])
}

/// One outcome for the items of these indexes.
pub(crate) fn outcomes(indexes: &[u32], outcome: u8, text: &str) -> Page {
    let outcomes = vec![outcome; indexes.len()];
    Page::new()
        .u32s(INDEX, indexes)
        .u8s(OUTCOME, &outcomes)
        .texts(TEXT, indexes.iter().map(|_| text).collect())
}

/// Store SKUs and quantities, a line each, as the tests' server says them.
pub(crate) fn shelf(said: &str) -> Page {
    let lines: Vec<(&str, i64)> = said
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(sku, number)| Some((sku, number.parse().ok()?)))
        .collect();
    let skus = lines.iter().map(|(sku, _)| *sku).collect();
    let quantities: Vec<i64> = lines.iter().map(|(_, quantity)| *quantity).collect();
    Page::new().texts(STORE_SKU, skus).i64s(QUANTITY, &quantities)
}
