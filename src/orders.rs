//! Orders and stock changes: what they reserve, ship and bring back, in whatever order they are told.
//!
//! An order's state is a function of the *set* of its events (`orderstate`), so that late, repeated and shuffled ones end
//! the same. What an order does to stock is a few [`Movement`]s, each with its moment; a snapshot counts those after its own
//! moment, the ledger all of them. [`Book`] takes events one by one, reads what it needs through a [`Shelf`], and hands out
//! [`Changes`]: small deltas for whoever keeps them.

mod book;
mod csv;
mod event;
mod goods;
mod json;
mod orderstate;
mod picks;
pub mod pinning;
#[cfg(test)]
mod properties;
mod stock;
#[cfg(test)]
pub(crate) mod tests;

pub use book::{Book, Cells, Changes, Fault, NewEvent, OrderRow, Took, UnknownLine};
pub use csv::read_csv;
pub use event::{Event, Line, OrderChange, OrderEvent, PartOfLine, StockChange, StockEvent, What};
pub use goods::Goods;
pub use json::{Refused, read_event, write_event};
pub use picks::Pick;
pub use stock::{Held, Moved, Negative, Source, StockRow, StockSet, StockTake, Told};

use jiff::Timestamp;

/// What an order, or an adjustment, does to the stock of one SKU in one warehouse. Units of the merchant SKU.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Movement {
    /// The merchant SKU.
    pub sku: String,
    /// The warehouse's name.
    pub warehouse: String,
    /// When it counts as having happened.
    pub at: Timestamp,
    /// By how much stock on hand changes.
    pub on_hand: i64,
    /// By how much reserved stock changes.
    pub reserved: i64,
}

impl Movement {
    /// By how much available stock changes.
    pub fn available(&self) -> i64 {
        self.on_hand.saturating_sub(self.reserved)
    }
}

/// What is kept of events, as the book reads it. Everything is asked for by key; nothing is listed.
pub trait Shelf {
    /// What can go wrong.
    type Fault;

    /// Whether an event with this id was taken before.
    fn has_event(&mut self, id: &str) -> Result<bool, Self::Fault>;
    /// Everything told of orders with this id, in whatever store.
    fn order(&mut self, order: &str) -> Result<Entry, Self::Fault>;
    /// The number that was told of a SKU in a warehouse and counts, if one was.
    fn told(&mut self, sku: &str, warehouse: &str) -> Result<Option<Told>, Self::Fault>;
    /// The sums of the movements of a SKU in a warehouse.
    fn moved(&mut self, sku: &str, warehouse: &str, after: Option<Timestamp>) -> Result<Moved, Self::Fault>;
}

/// Everything told of the orders with one id.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Entry {
    /// The events.
    pub events: Vec<Kept>,
    /// What was made of them, by store.
    pub orders: Vec<OrderRow>,
}

impl Entry {
    /// When the order of a store was placed; of the first that is known, where no store is named.
    pub fn placed_at(&self, store: Option<&str>) -> Option<Timestamp> {
        let mut rows = self.orders.iter().filter(|row| store.is_none_or(|store| row.store == store));
        rows.find_map(|row| row.placed_at)
    }
}

/// An event that was taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// When; no two events have the same moment.
    pub received: Timestamp,
    /// What it says.
    pub event: Event,
}
