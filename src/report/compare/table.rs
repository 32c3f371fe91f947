//! `table`: a comparison on a terminal, the worst first.

use super::{CompareReport, Origin, Side, quantity, short, title};
use crate::compare::{Counts, Difference, Effect};
use crate::report::text::{Style, fit, left, paint, right, visible, width};
use std::io::{self, BufWriter, Write};

/// More rows of one effect are counted only.
const ROWS_MAX: usize = 200;

pub(super) fn render(report: &CompareReport, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    writeln!(out, "old  {}", side(&report.old))?;
    writeln!(out, "new  {}", side(&report.new))?;
    if report.comparison.rows.is_empty() {
        writeln!(out, "\n{}", report.nothing())?;
        return out.flush();
    }
    write_summary(report, &mut out)?;
    write_groups(report, &mut out)?;
    for effect in Effect::ALL {
        write_rows(report, effect, &mut out)?;
    }
    for limit in report.exceeded {
        writeln!(out, "\n{}", paint(&format!("more than may change: {limit}"), Style::Red, report.color))?;
    }
    out.flush()
}

fn side(side: &Side<'_>) -> String {
    let commit = side.commit.map_or_else(String::new, |commit| format!(" {}", short(commit)));
    format!("{}{commit}, rules {}", visible(side.name), short(side.rules.version()))
}

fn write_summary(report: &CompareReport, out: &mut impl Write) -> io::Result<()> {
    let longest = report.stores.iter().map(|store| width(store)).max().unwrap_or(0);
    let store_width = longest.clamp(5, report.width.saturating_sub(54).max(18));
    let titles = Effect::ALL.map(|effect| right(title(effect), column(effect))).concat();
    let titles = format!("{}{}{titles}", left("store", store_width), right("rows", ROWS_WIDTH));
    writeln!(out, "\n{}", paint(&titles, Style::Dim, report.color))?;
    for (store, counts) in report.stores.iter().zip(&report.comparison.stores) {
        writeln!(out, "{}{}", left(store, store_width), numbers(counts))?;
    }
    writeln!(out, "{}{}", left("total", store_width), numbers(&report.comparison.total))
}

const ROWS_WIDTH: usize = 9;

/// How wide the column of an effect is.
fn column(effect: Effect) -> usize {
    width(title(effect)).max(6) + 2
}

fn numbers(counts: &Counts) -> String {
    let effects = Effect::ALL.map(|effect| right(&counts.of(effect).to_string(), column(effect)));
    right(&counts.rows.to_string(), ROWS_WIDTH) + &effects.concat()
}

fn write_groups(report: &CompareReport, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{}", paint("by which rules", Style::Bold, report.color))?;
    for group in report.groups() {
        let head = format!("{} {}  ", right(&group.count.to_string(), 7), left(title(group.effect), 11));
        let origins = origins(group.old.as_ref(), group.new.as_ref());
        writeln!(out, "{head}{}", fit(&origins, report.width.saturating_sub(width(&head)).max(30)))?;
    }
    Ok(())
}

/// A rule that stands on both sides is named once, as it stands on the new one.
fn origins(old: Option<&Origin<'_>>, new: Option<&Origin<'_>>) -> String {
    let origin = |origin: &Origin<'_>| format!("{} {}:{}", origin.rule, origin.file, origin.line);
    match (old, new) {
        (Some(old), Some(new)) if old.rule == new.rule => origin(new),
        (Some(old), Some(new)) => format!("{} -> {}", origin(old), origin(new)),
        (Some(old), None) => format!("{} -> no rule", origin(old)),
        (None, Some(new)) => format!("no rule -> {}", origin(new)),
        (None, None) => String::new(),
    }
}

fn write_rows(report: &CompareReport, effect: Effect, out: &mut impl Write) -> io::Result<()> {
    let count = report.comparison.total.of(effect) as usize;
    if count == 0 {
        return Ok(());
    }
    let style = if effect == Effect::ToZero { Style::Red } else { Style::Bold };
    writeln!(out, "\n{}", paint(&format!("{} ({count})", title(effect)), style, report.color))?;
    let rows: Vec<&Difference> =
        report.comparison.rows.iter().filter(|row| row.effect() == effect).take(ROWS_MAX).collect();
    let store_width = rows.iter().map(|row| width(report.store(row))).max().unwrap_or(0).min(20);
    let sku = |row: &Difference| report.catalog.store_sku(row.listing);
    let reason = |row: &Difference| row.new.or(row.old).map_or("", |given| given.reason.name());
    let reason_width = rows.iter().map(|row| reason(row).len()).max().unwrap_or(0);
    let sku_width = rows.iter().map(|row| width(sku(row))).max().unwrap_or(0).min(30);
    for row in &rows {
        let (old, new) = report.origins(row);
        let line = format!(
            "  {} {} {} -> {} {}  {}",
            left(report.store(row), store_width),
            left(sku(row), sku_width),
            right(&quantity(row.old), 6),
            left(&quantity(row.new), 6),
            left(reason(row), reason_width),
            origins(old.as_ref(), new.as_ref()),
        );
        writeln!(out, "{}", fit(line.trim_end(), report.width.max(60)))?;
    }
    if count > rows.len() {
        writeln!(out, "  and {} more (`--format json` for all)", count - rows.len())?;
    }
    Ok(())
}
