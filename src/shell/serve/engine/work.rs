//! What is to be done at a store, and how it ended.

use crate::dispatch::{Item, Outcome};
use crate::orders::Event;
use crate::rules::StoreId;
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

/// What became of an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is kept.
    Taken,
    /// It was taken before, and did nothing now.
    Repeated,
    /// It cannot be right, and is not kept.
    Refused {
        /// What is wrong with it.
        message: String,
        /// How to put it right, where that is known.
        help: Option<String>,
    },
}

/// What people should hear of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// A write failed for good.
    Failed {
        /// The store's name.
        store: String,
        /// The store SKU.
        store_sku: String,
        /// In the store's words.
        why: String,
    },
    /// More is ordered than there is.
    Negative {
        /// The merchant SKU.
        sku: String,
        /// The warehouse's name.
        warehouse: String,
        /// Units available.
        available: i64,
    },
    /// A line of an order that no mapping knows.
    Unmapped {
        /// The order's store.
        store: String,
        /// The store SKU.
        store_sku: String,
    },
    /// A guard holds what was to be written.
    Guard {
        /// The store's name; `None` where it holds all of them.
        store: Option<String>,
        /// The guard's name.
        guard: &'static str,
        /// Names what is held, for [`Engine::allow`](super::Engine::allow).
        plan_id: String,
    },
    /// A store shows another number than was last written there.
    Drift(crate::drift::Drifted),
    /// So much failed in a row that a store is left alone for a while.
    CircuitOpen {
        /// The store's name.
        store: String,
    },
    /// It answers again.
    CircuitClosed {
        /// The store's name.
        store: String,
    },
    /// A store could not be asked for something.
    Trouble {
        /// The store's name.
        store: String,
        /// In its words.
        why: String,
    },
}
