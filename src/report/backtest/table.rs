//! `table`: on a terminal.

use super::{BacktestReport, grouped, setting};
use crate::backtest::Outcome;
use crate::report::text::{Style, count, left, paint, right, width};
use std::io::{self, BufWriter, Write};

/// A title, and where its number comes from.
type Column = (&'static str, fn(&Outcome) -> u64);

const COLUMNS: [Column; 5] = [
    ("oversold", |outcome| outcome.oversold),
    ("held back", |outcome| outcome.held_back),
    ("late", |outcome| outcome.late),
    ("out of stock", |outcome| outcome.out_of_stock),
    ("pushes", |outcome| outcome.pushes),
];

const GAP: usize = 2;
const DELAY_WIDTH: usize = 5;

pub(super) fn render(report: &BacktestReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let orders = count(report.history.orders, "order", "orders");
    let ordered = count(report.ordered(), "unit", "units");
    writeln!(out, "{orders} of {ordered}, {}\n", report.days())?;
    let totals: Vec<Outcome> = report.rows.iter().map(|(_, replayed)| replayed.total()).collect();
    let widths = COLUMNS.map(|(title, number)| {
        let widest = totals.iter().map(|total| grouped(number(total)).len()).max().unwrap_or(0);
        widest.max(width(title)) + GAP
    });
    let settings = report.rows.iter().map(|(variation, _)| width(&setting(variation)));
    let rules = settings.max().unwrap_or(0).max("rules".len());
    let titles: String =
        COLUMNS.iter().zip(widths).map(|((title, _), columns)| right(title, columns)).collect();
    let head = format!("{}{}{titles}", left("rules", rules + GAP), right("delay", DELAY_WIDTH));
    writeln!(out, "{}", paint(&head, Style::Dim, report.color))?;
    let mut above = None;
    for ((variation, _), total) in report.rows.iter().zip(&totals) {
        let setting = Some(setting(variation));
        let named = if setting == above { "" } else { setting.as_deref().unwrap_or_default() };
        let numbers: String = COLUMNS
            .iter()
            .zip(widths)
            .map(|((_, number), columns)| right(&grouped(number(total)), columns))
            .collect();
        let delay = right(&variation.delay.to_string(), DELAY_WIDTH);
        writeln!(out, "{}{delay}{numbers}", left(named, rules + GAP))?;
        above = setting;
    }
    out.flush()
}
