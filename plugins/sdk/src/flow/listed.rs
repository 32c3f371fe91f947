//! Rows of an answer that name a listing.

use super::Link;
use crate::abi::column_id::{ADDRESS, PARENT, QUANTITY, STORE_SKU, TEXT};
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

    /// Answers a `read` of a store that counts what is available.
    pub fn quantities(&self, listed: &[Listed]) {
        for part in listed.chunks(PAGE_ROWS) {
            let page = Page::new().texts(STORE_SKU, texts(part, |row| &row.store_sku));
            self.page(page.i64s(QUANTITY, &numbers(part)));
        }
    }

    /// Answers `listings` of a store that counts what is available.
    pub fn listings(&self, listed: &[Listed]) {
        for part in listed.chunks(PAGE_ROWS) {
            let page = Page::new().texts(STORE_SKU, texts(part, |row| &row.store_sku));
            let page = page.texts(TEXT, texts(part, |row| &row.title)).i64s(QUANTITY, &numbers(part));
            self.page(page.texts(PARENT, texts(part, |row| &row.parent)));
        }
    }
}

fn texts(part: &[Listed], of: fn(&Listed) -> &str) -> TextColumn {
    part.iter().map(of).collect()
}

fn numbers(part: &[Listed]) -> Vec<i64> {
    part.iter().map(|row| row.quantity).collect()
}
