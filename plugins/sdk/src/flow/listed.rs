//! Rows of an answer that name a listing.

use super::Link;
use crate::abi::column_id::{ADDRESS, HELD, PARENT, QUANTITY, STORE_SKU, TEXT};
use crate::rows::{PAGE_ROWS, Page, TextColumn};

/// A listing of a store. What an operation does not tell is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The store SKU.
    pub store_sku: String,
    /// Its address, for `resolve`.
    pub address: String,
    /// What it is grouped by, for `resolve` and `listings`.
    pub parent: String,
    /// Its title, for `listings`.
    pub title: String,
    /// Its quantity, for `read` and `listings`.
    pub quantity: i64,
    /// What open orders hold of it, for `read` and `listings` of a store that counts what is on hand.
    pub held: Option<i64>,
}

impl Link {
    /// Answers a `resolve`.
    pub fn addresses(&self, listed: &[Listed]) {
        for part in listed.chunks(PAGE_ROWS) {
            let page = Page::new().texts(STORE_SKU, texts(part, |row| &row.store_sku));
            let page = page.texts(ADDRESS, texts(part, |row| &row.address));
            self.page(page.texts(PARENT, texts(part, |row| &row.parent)));
        }
    }

    /// Answers a `read`.
    pub fn quantities(&self, listed: &[Listed]) {
        for part in listed.chunks(PAGE_ROWS) {
            let page = Page::new().texts(STORE_SKU, texts(part, |row| &row.store_sku));
            self.page(counted(page, part));
        }
    }

    /// Answers `listings`.
    pub fn listings(&self, listed: &[Listed]) {
        for part in listed.chunks(PAGE_ROWS) {
            let page = Page::new().texts(STORE_SKU, texts(part, |row| &row.store_sku));
            let page = page.texts(TEXT, texts(part, |row| &row.title));
            self.page(counted(page.texts(PARENT, texts(part, |row| &row.parent)), part));
        }
    }
}

fn texts(part: &[Listed], of: fn(&Listed) -> &str) -> TextColumn {
    part.iter().map(of).collect()
}

fn counted(page: Page, part: &[Listed]) -> Page {
    let quantities: Vec<i64> = part.iter().map(|row| row.quantity).collect();
    let held: Vec<Option<i64>> = part.iter().map(|row| row.held).collect();
    let page = page.i64s(QUANTITY, &quantities);
    if held.iter().any(Option::is_some) { page.optional_i64s(HELD, &held) } else { page }
}
