//! What became of writes that a store had only accepted.

use super::write::{NOT_TO_BE_SENT, take};
use super::{ItemOutcome, SkuSource, Store, address_columns};
use crate::shell::fault::StoreFault;
use crate::shell::state::Pending;
use std::ops::Range;
use stocksync_sdk::abi::column_id;
use stocksync_sdk::rows::{Page, TextColumn};

/// A write that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The store SKU.
    pub store_sku: String,
    /// The available quantity that was written.
    pub quantity: i64,
    /// What the store said to ask for it by.
    pub ticket: String,
}

impl Accepted {
    /// One of those that the outbox has, with its ticket.
    pub fn of((item, ticket): &(Pending, String)) -> Self {
        Self {
            store_sku: item.store_sku.clone(),
            quantity: i64::try_from(item.after).unwrap_or(i64::MAX),
            ticket: ticket.clone(),
        }
    }
}

/// Accepted writes by index.
pub type AcceptedSource = [Accepted];

impl AsRef<str> for Accepted {
    fn as_ref(&self) -> &str {
        &self.store_sku
    }
}

impl Store {
    /// Whether it can be asked for accepted writes.
    pub fn can_poll(&self) -> bool {
        self.offers("poll")
    }

    /// Asks for accepted writes: an outcome for each, in their order; `Accepted` where it is not settled.
    ///
    /// # Errors
    /// The store cannot be asked; all of them stay as they are.
    pub fn poll(&mut self, items: &AcceptedSource) -> Result<Vec<ItemOutcome>, StoreFault> {
        let all: Vec<usize> = (0..items.len()).filter(|&at| self.may_send(items.store_sku(at))).collect();
        self.resolve(items, &all)?;
        let may_ask = |item: &Accepted| self.may_send(&item.store_sku) && self.may_send(&item.ticket);
        let asked: Vec<&Accepted> =
            items.iter().filter(|item| may_ask(item) && self.is_addressed(&item.store_sku)).collect();
        let mut answers: Vec<Option<ItemOutcome>> = vec![None; asked.len()];
        if !asked.is_empty() {
            let page = |range: Range<usize>| self.ticket_page(asked.get(range).unwrap_or_default());
            self.ask("poll", asked.len(), &page, &mut |rows| {
                take(rows, &mut answers, &|text| self.shown_text(text))
            })?;
        }
        let mut answers = answers.into_iter();
        let told = items.iter().map(|item| {
            if !may_ask(item) {
                return ItemOutcome::Failed(NOT_TO_BE_SENT.to_owned());
            }
            if !self.is_addressed(&item.store_sku) {
                return ItemOutcome::Failed("not-found: the store does not have it".to_owned());
            }
            // What it says nothing of is not settled.
            answers.next().flatten().unwrap_or_else(|| ItemOutcome::Accepted(item.ticket.clone()))
        });
        Ok(told.collect())
    }

    fn ticket_page(&self, items: &[&Accepted]) -> Page {
        let skus = items.iter().map(|item| item.store_sku.as_str());
        let quantities: Vec<i64> =
            items.iter().map(|item| self.units(&item.store_sku, item.quantity)).collect();
        let tickets: TextColumn = items.iter().map(|item| item.ticket.as_str()).collect();
        let page = Page::new()
            .texts(column_id::STORE_SKU, skus.clone().collect::<TextColumn>())
            .i64s(column_id::QUANTITY, &quantities)
            .texts(column_id::TICKET, tickets);
        if self.has_addresses() { address_columns(page, skus, &self.addresses) } else { page }
    }
}
