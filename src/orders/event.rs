//! What can be told of orders and stock, as plain data.

use crate::record::Trigger;
use jiff::Timestamp;

/// One event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// Names it: the same id twice does nothing the second time.
    pub id: String,
    /// When it happened, where that is told.
    pub at: Option<Timestamp>,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What {
    /// To an order.
    Order(OrderEvent),
    /// To stock, without an order.
    Stock(StockEvent),
}

/// Something that happened to an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderEvent {
    /// The order's id.
    pub order: String,
    /// The store it was placed in. Where it is left out, it is that of the only order with this id.
    pub store: Option<String>,
    /// What happened.
    pub change: OrderChange,
}

/// What happened to an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OrderChange {
    /// It was placed.
    Placed {
        /// When.
        placed_at: Timestamp,
        /// What was ordered.
        lines: Vec<Line>,
    },
    /// It was changed: its lines as they are now.
    Edited(Vec<Line>),
    /// Lines were cancelled; `None` is all of it.
    Cancelled(Option<Vec<PartOfLine>>),
    /// Lines were shipped; `None` is all that was left.
    Shipped(Option<Vec<PartOfLine>>),
    /// Goods came back; `None` is all of it.
    Returned {
        /// Which.
        lines: Option<Vec<PartOfLine>>,
        /// Where to; `None` is where they came from.
        warehouse: Option<String>,
    },
}

/// A line of an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Names it within the order.
    pub line: String,
    /// What was ordered.
    pub store_sku: String,
    /// How many units of the store SKU.
    pub quantity: u32,
}

/// A line, or a part of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartOfLine {
    /// Names it within the order.
    pub line: String,
    /// The store SKU; needed only of lines whose order was never told.
    pub store_sku: Option<String>,
    /// How many units of the store SKU; `None` is the whole line.
    pub quantity: Option<u32>,
}

/// A change of stock that no order caused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StockEvent {
    /// The merchant SKU.
    pub sku: String,
    /// The warehouse's name.
    pub warehouse: String,
    /// What changed.
    pub change: StockChange,
    /// Why, in the words of who told it.
    pub cause: Option<String>,
}

/// What changed. Units of the merchant SKU.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StockChange {
    /// It was counted: so much is on hand, orders not taken off.
    OnHand {
        /// Units on hand.
        units: i64,
        /// When; `None` is when it was told.
        as_of: Option<Timestamp>,
    },
    /// A snapshot from outside: so much was available.
    Available {
        /// Units available.
        units: i64,
        /// When.
        as_of: Timestamp,
    },
    /// So much came or went.
    Adjust {
        /// Units.
        by: i64,
    },
}

impl Event {
    /// The order it is about, if it is about one.
    pub fn order(&self) -> Option<&str> {
        match &self.what {
            What::Order(event) => Some(&event.order),
            What::Stock(_) => None,
        }
    }

    /// What it sets off, for the records. An edited order is one that is placed anew.
    pub fn trigger(&self) -> Trigger {
        match &self.what {
            What::Stock(_) => Trigger::StockChange,
            What::Order(event) => match event.change {
                OrderChange::Placed { .. } | OrderChange::Edited(_) => Trigger::OrderPlaced,
                OrderChange::Cancelled(_) => Trigger::OrderCancelled,
                OrderChange::Shipped(_) => Trigger::OrderShipped,
                OrderChange::Returned { .. } => Trigger::OrderReturned,
            },
        }
    }
}
