//! Plans, in every format.

mod csv;
mod html;
mod json;
mod md;
mod ranked;
mod table;

use super::Color;
use super::text::{count, duration};
use crate::plan::{Calls, GuardMet, Head, Row, Rows};
use crate::threads::Threads;
use std::io::{self, Write};

/// Everything that a plan is shown from.
pub struct PlanReport<'a> {
    /// All but the rows.
    pub head: &'a Head,
    /// The changes, or all rows.
    pub rows: &'a dyn Rows,
    /// Whether the terminal shows colours.
    pub color: Color,
    /// How many columns the terminal has.
    pub width: usize,
    /// How many threads may be used to write it.
    pub threads: Threads,
}

/// One format of plans.
pub struct PlanFormat {
    /// As it is named on the command line.
    pub name: &'static str,
    /// Writes a plan.
    pub render: fn(&PlanReport, &mut dyn Write) -> io::Result<()>,
}

/// Every format of plans; the first is the default.
pub static PLAN_FORMATS: &[PlanFormat] = &[
    PlanFormat { name: "table", render: table::render },
    PlanFormat { name: "json", render: json::render },
    PlanFormat { name: "csv", render: csv::render },
    PlanFormat { name: "md", render: md::render },
    PlanFormat { name: "html", render: html::render },
];

/// What is said where there is nothing to do.
const NO_CHANGES: &str = "no changes: every store shows what the rules give";

/// What becomes of a listing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Change {
    ToZero,
    Lower,
    Raise,
    Unchanged,
}

impl Change {
    const ALL: [Change; 4] = [Change::ToZero, Change::Lower, Change::Raise, Change::Unchanged];

    fn of(row: &Row) -> Change {
        match (row.current.map(i128::from), i128::from(row.planned)) {
            (Some(current), planned) if current == planned => Change::Unchanged,
            (_, 0) => Change::ToZero,
            (Some(current), planned) if planned < current => Change::Lower,
            _ => Change::Raise,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Change::ToZero => "To zero",
            Change::Lower => "Lower",
            Change::Raise => "Raise",
            Change::Unchanged => "Unchanged",
        }
    }
}

/// What a store shows now; `?` where nobody knows.
fn current(row: &Row) -> String {
    row.current.map_or("?".to_owned(), |number| number.to_string())
}

/// What keeps a plan from being written whole, a line each.
fn banners(head: &Head) -> Vec<String> {
    let mut lines = Vec::new();
    if head.switched_off {
        lines.push("switched off: inventory_features is false, nothing is written to any store".to_owned());
    }
    if !head.paused.is_empty() {
        lines.push(format!("paused, planned and not written: {}", head.paused.join(", ")));
    }
    lines
}

/// `the oldest stock row is 3 h old`.
/// How old the stock is, and what was taken off it.
fn stock_age(head: &Head) -> Option<String> {
    let age =
        head.stock_age_seconds.map(|seconds| format!("the oldest stock row is {} old", duration(seconds)));
    let orders = (head.orders_taken > 0)
        .then(|| format!("{} taken off", count(head.orders_taken, "order is", "orders are")));
    let said: Vec<String> = age.into_iter().chain(orders).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// `to_zero in shopee_id: limit 20%, would be 31%`.
fn guard(met: &GuardMet) -> String {
    let whose = met.store.as_deref().map_or(String::new(), |store| format!(" in {store}"));
    format!("{}{whose}: limit {}, would be {}", met.name, met.limit, met.would_be)
}

/// `13 requests, 2.6 s`.
fn calls(calls: &Calls) -> String {
    let requests = count(calls.requests, "request", "requests");
    match calls.milliseconds {
        0 => requests,
        1..60_000 => format!("{requests}, {} s", seconds(calls)),
        _ => {
            format!("{requests}, {}", duration(i64::try_from(calls.milliseconds / 1000).unwrap_or(i64::MAX)))
        }
    }
}

/// The time of calls in seconds.
fn seconds(calls: &Calls) -> f64 {
    calls.milliseconds as f64 / 1000.0
}

#[cfg(test)]
mod testing;
