//! A state, as the book of orders reads it.

use super::{State, StateFault};
use crate::orders::{Entry, Moved, Shelf, Told};
use jiff::Timestamp;

/// The state that a book of orders reads.
pub struct OnShelf<'s>(pub &'s mut dyn State);

impl Shelf for OnShelf<'_> {
    type Fault = StateFault;

    fn has_event(&mut self, id: &str) -> Result<bool, StateFault> {
        self.0.has_event(id)
    }

    fn order(&mut self, order: &str) -> Result<Entry, StateFault> {
        self.0.order(order)
    }

    fn told(&mut self, sku: &str, warehouse: &str) -> Result<Option<Told>, StateFault> {
        self.0.told(sku, warehouse)
    }

    fn moved(&mut self, sku: &str, warehouse: &str, after: Option<Timestamp>) -> Result<Moved, StateFault> {
        self.0.moved(sku, warehouse, after)
    }
}
