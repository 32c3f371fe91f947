//! What came of replayed orders, a row for each variation of the rules and the delay.

mod csv;
mod json;
pub mod plot;
mod table;

use super::Color;
use crate::backtest::{History, Replayed, Variation};
use std::io::{self, Write};

/// What is reported.
#[derive(Debug)]
pub struct BacktestReport<'a> {
    /// What was replayed.
    pub history: &'a History,
    /// The stores, in the order of the configuration.
    pub stores: &'a [String],
    /// What came of it: all delays of one setting of the rules together.
    pub rows: &'a [(Variation, Replayed)],
    /// Whether the output is coloured.
    pub color: Color,
}

/// An output format of `backtest`.
#[derive(Debug)]
pub struct BacktestFormat {
    /// Its name.
    pub name: &'static str,
    /// Writes it.
    pub render: fn(&BacktestReport<'_>, &mut dyn Write) -> io::Result<()>,
}

/// Every format; the first is the default.
pub const BACKTEST_FORMATS: &[BacktestFormat] = &[
    BacktestFormat { name: "table", render: table::render },
    BacktestFormat { name: "json", render: json::render },
    BacktestFormat { name: "csv", render: csv::render },
];

impl BacktestReport<'_> {
    /// Units that were ordered; the same under every variation.
    fn ordered(&self) -> u64 {
        self.rows.first().map_or(0, |(_, replayed)| replayed.total().ordered)
    }

    /// The days from the first to the last event, in UTC.
    fn days(&self) -> String {
        let day = |at: Option<jiff::Timestamp>| {
            at.map_or_else(String::new, |at| at.to_string().chars().take(10).collect::<String>())
        };
        format!("{} to {}", day(self.history.from()), day(self.history.until()))
    }
}

/// What a variation changes of the rules, for people.
fn setting(variation: &Variation) -> String {
    let label = variation.label();
    if label.is_empty() { "as they are".to_owned() } else { label }
}

/// `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
