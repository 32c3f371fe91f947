//! Answers with rows, right ones and wrong ones.

use crate::Faulty;
use stocksync_sdk::abi::column_id::{INDEX, OUTCOME, QUANTITY, STORE_SKU, TEXT};
use stocksync_sdk::abi::outcome;
use stocksync_sdk::{Input, Page};

impl Faulty {
    /// Notes the items or listings that were named.
    pub(crate) fn take(&mut self, input: &Input<'_>) {
        let skus = input.rows.texts(STORE_SKU);
        self.skus.extend(skus.iter().flat_map(|skus| skus.iter()).map(str::to_owned));
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
        let skus = self.skus.iter().map(String::as_str).collect();
        Page::new().texts(STORE_SKU, skus).i64s(QUANTITY, &vec![quantity; self.skus.len()])
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
