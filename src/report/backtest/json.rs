//! `json`: for programs.

use super::BacktestReport;
use crate::backtest::Outcome;
use crate::report::json::write_list;
use serde_json::{Map, Value, json};
use std::io::{self, BufWriter, Write};

pub(super) fn render(report: &BacktestReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let history = report.history;
    let moment = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string());
    let summary = json!({
        "orders": history.orders, "lines": history.line_count(), "from": moment(history.from()), "until": moment(history.until()),
        "unknown_lines": history.aside.lines,
        "unruled": report.rows.first().map_or(0, |(_, replayed)| replayed.unruled),
    });
    write!(out, "{{\n  \"format_version\": 1,\n  \"summary\": {summary}")?;
    let variations = report.rows.iter().map(|(variation, replayed)| {
        let mut fields = numbers(&replayed.total());
        fields.insert("delay_seconds".to_owned(), variation.delay.seconds().into());
        fields.insert("rate".to_owned(), variation.rate.map(|rate| rate.to_string()).into());
        fields.insert("threshold".to_owned(), variation.threshold.into());
        fields.insert("reserve".to_owned(), variation.reserve.into());
        let stores = report.stores.iter().zip(&replayed.stores);
        let stores: Map<String, Value> =
            stores.map(|(store, outcome)| (store.clone(), numbers(outcome).into())).collect();
        fields.insert("stores".to_owned(), stores.into());
        Value::from(fields)
    });
    write_list(&mut out, "variations", variations)?;
    out.write_all(b"\n}\n")?;
    out.flush()
}

fn numbers(outcome: &Outcome) -> Map<String, Value> {
    let Outcome { ordered, sold, oversold, held_back, late, out_of_stock, pushes } = *outcome;
    let fields = [
        ("ordered", ordered),
        ("sold", sold),
        ("oversold", oversold),
        ("held_back", held_back),
        ("late", late),
        ("out_of_stock", out_of_stock),
        ("pushes", pushes),
    ];
    fields.into_iter().map(|(name, number)| (name.to_owned(), number.into())).collect()
}
