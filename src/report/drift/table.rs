//! `table`: on a terminal.

use super::DriftReport;
use crate::drift::Drifted;
use crate::report::text::{Style, left, paint, right, width};
use std::io::{self, BufWriter, Write};

const NUMBER_WIDTH: usize = 8;

pub(super) fn render(report: &DriftReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let written: u64 = report.stores.iter().map(|(_, written)| written).sum();
    if report.rows.is_empty() {
        writeln!(out, "none of {written} written listings shows another number")?;
        return out.flush();
    }
    let widths = widths(report);
    let line = |texts: [&str; 3], numbers: [&str; 3]| {
        let texts: String = texts.iter().zip(widths).map(|(text, width)| left(text, width) + "  ").collect();
        let [written, shown, by] = numbers;
        let by = right(by, NUMBER_WIDTH - 2);
        format!(
            "{}{}{}{by}",
            texts.trim_end_matches("  "),
            right(written, NUMBER_WIDTH + 2),
            right(shown, NUMBER_WIDTH)
        )
    };
    let head = line(["store", "store SKU", "SKU"], ["written", "shown", "by"]);
    writeln!(out, "{}", paint(&head, Style::Dim, report.color))?;
    for row in report.rows {
        let shown = row.live.map_or_else(|| "gone".to_owned(), |live| live.to_string());
        let by = row.delta().map_or_else(String::new, |delta| format!("{delta:+}"));
        let text = line([&row.store, &row.store_sku, &row.sku], [&row.written.to_string(), &shown, &by]);
        writeln!(out, "{text}")?;
    }
    let show = if report.rows.len() == 1 { "shows" } else { "show" };
    writeln!(out, "\n{} of {written} written listings {show} another number", report.rows.len())?;
    out.flush()
}

/// As wide as the longest of each, as far as there is room.
fn widths(report: &DriftReport<'_>) -> [usize; 3] {
    let longest = |title: &str, text: fn(&Drifted) -> &str| {
        report.rows.iter().map(|row| width(text(row))).max().unwrap_or(0).max(width(title))
    };
    let store = longest("store", |row| &row.store);
    let skus = [longest("store SKU", |row| &row.store_sku), longest("SKU", |row| &row.sku)];
    let room = report.width.saturating_sub(store.min(20) + 4 + 3 * NUMBER_WIDTH) / 2;
    [store.min(20), skus[0].min(room.max(9)), skus[1].min(room.max(9))]
}
