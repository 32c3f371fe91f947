//! `backtest`: what rules would have sold, oversold and held back, had the same orders come in.
//!
//! The whole model:
//!
//! - An order line is what a customer wanted. He gets as many units as the listing shows, at that moment; the store takes them
//!   off the listing by itself, and they are taken from the warehouses as every order is.
//! - What is sold beyond what those warehouses had is *oversold*; it stays reserved, and the next delivery serves it.
//! - What is not sold though it was there is *late* as far as the planned number would have sold it and had not reached the
//!   store yet, else *held back* by the rules. What was not there is *out of stock*.
//! - A listing whose number is not the planned one any more is written `delay` later, with what is planned by then. That is a
//!   *push*. Whoever polls every 15 minutes is late by as much at most, and so is a delay of 15 minutes here.
//! - In the beginning every listing shows what is planned.
//!
//! A cancel, an edit or a return undoes no more than was sold here. Everything is whole numbers and plain data: the same
//! history gives the same numbers.

mod history;
mod lines;
mod replay;
#[cfg(test)]
mod tests;
mod variation;

pub use history::{Aside, History};
pub use variation::{Delay, DelayFault, Grid, Unfit, VARIATIONS_MAX, Variation};

use crate::catalog::Catalog;
use crate::rules::{Declared, RuleSet, WarehouseId};
use replay::Replay;
use std::ops::AddAssign;
use std::sync::Arc;

/// What came of the orders in one store, in units of merchant SKUs (a bundle is one), and of its listings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// Units that were wanted: sold, held back, late and out of stock together.
    pub ordered: u64,
    /// Units that were sold, the oversold among them.
    pub sold: u64,
    /// Units that were sold and not there.
    pub oversold: u64,
    /// Units that were there, and that the rules did not show.
    pub held_back: u64,
    /// Units that were there, and whose number was still on its way to the store.
    pub late: u64,
    /// Units that were neither shown nor there.
    pub out_of_stock: u64,
    /// How many times a listing was written.
    pub pushes: u64,
}

impl AddAssign for Outcome {
    fn add_assign(&mut self, other: Self) {
        let Self { ordered, sold, oversold, held_back, late, out_of_stock, pushes } = other;
        self.ordered = self.ordered.saturating_add(ordered);
        self.sold = self.sold.saturating_add(sold);
        self.oversold = self.oversold.saturating_add(oversold);
        self.held_back = self.held_back.saturating_add(held_back);
        self.late = self.late.saturating_add(late);
        self.out_of_stock = self.out_of_stock.saturating_add(out_of_stock);
        self.pushes = self.pushes.saturating_add(pushes);
    }
}

/// What came of the orders under one variation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Replayed {
    /// By store, in the order of the configuration.
    pub stores: Vec<Outcome>,
    /// Units wanted of listings that no rule took: they show what nobody knows, and count nowhere else.
    pub unruled: u64,
}

impl Replayed {
    /// All stores together.
    pub fn total(&self) -> Outcome {
        self.stores.iter().fold(Outcome::default(), |mut total, store| {
            total += *store;
            total
        })
    }
}

/// What orders are replayed on.
#[derive(Debug)]
pub struct Ground<'a> {
    /// Its stock is the one in the beginning, and is left as it was then.
    pub catalog: &'a mut Catalog,
    /// The project's rules.
    pub rules: &'a RuleSet,
    /// The declared names.
    pub declared: &'a Declared,
    /// By store, the warehouses that its orders take from; `None` is the rule's.
    pub fulfil_from: &'a [Option<Vec<WarehouseId>>],
}

impl Ground<'_> {
    /// Replays a history under a variation of the rules named `only`; of all, where none is named.
    pub fn replay(
        &mut self,
        history: &History,
        variation: &Variation,
        only: &[String],
    ) -> Result<Replayed, Unfit> {
        let rules = Arc::new(variation.apply(self.rules, self.declared, only)?);
        let opening = history.lay_rows(self.catalog);
        let replayed = Replay::new(self, Arc::clone(&rules), history, variation.delay).play();
        self.catalog.lay_stock(&opening);
        Ok(replayed)
    }
}
