//! What is to be done at a store, and how it ended.

use crate::dispatch::{Item, Outcome};
use crate::orders::Event;
use crate::rules::StoreId;
use crate::shell::serve::alerts::Alert;
use crate::shell::state::Pending;
use jiff::Timestamp;
use std::collections::HashMap;

/// Something that is to be done at a store. It ends in [`Engine::ended`](super::Engine::ended), whatever happens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Work {
    /// Names it.
    pub id: u64,
    /// The store.
    pub store: StoreId,
    /// What.
    pub task: Task,
}

/// What is to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Task {
    /// Send these, which are marked in flight on disk. Ends in [`Ended::Outcomes`], [`Ended::NotSent`] or [`Ended::Lost`].
    Send {
        /// The same whenever these are sent again.
        key: String,
        /// In the order of writes.
        items: Vec<Item>,
    },
    /// Read these listings. Ends in [`Ended::Shown`] or [`Ended::Failed`].
    Read {
        /// Sorted.
        store_skus: Vec<String>,
    },
    /// Ask for what became of these, which the store accepted. Ends in [`Ended::Outcomes`] or [`Ended::Failed`].
    Tickets(Vec<(Pending, String)>),
    /// Ask for the orders since a moment. Ends in [`Ended::Orders`] or [`Ended::Failed`].
    Orders {
        /// The moment.
        since: Timestamp,
    },
}

/// How work ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ended {
    /// Of numbers that were sent, or asked for again: one for each, in their order.
    Outcomes(Vec<Outcome>),
    /// Nothing left, and why; the store may be asked again after so many milliseconds, if it said so.
    NotSent(String, Option<u64>),
    /// Numbers left, and no answer came: why.
    Lost(String),
    /// What the store shows of the listings that were asked for. One that is not among them is not there.
    Shown(HashMap<String, i64>),
    /// The store could not be asked, and why; again after so many milliseconds, if it said so.
    Failed(String, Option<u64>),
    /// Orders.
    Orders(Vec<Event>),
}

/// An event, as it was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// What happened.
    pub event: Event,
    /// Who told it, for the records.
    pub actor: String,
    /// When it came: how long it takes to reach the stores counts from here.
    pub arrived: Timestamp,
}

/// What people should hear of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// What should be known soon.
    Alert(Alert),
    /// A line of an order that no mapping knows.
    Unmapped {
        /// The order's store.
        store: String,
        /// The store SKU.
        store_sku: String,
    },
    /// A store answers again that was left alone for a while.
    CircuitClosed {
        /// Its name.
        store: String,
    },
    /// A store could not be asked for something.
    Trouble {
        /// Its name.
        store: String,
        /// In its words.
        why: String,
    },
}
