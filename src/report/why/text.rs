//! `text`: the answer first, then how it came to be.

use super::{WhyReport, verdict_text, winner};
use crate::report::text::{Style, count, left, paint, right, visible, width};
use crate::trace::{Considered, ListingTrace, Part, StoreTrace, TakenOrder, Verdict, WarehouseStock};
use std::io::{self, BufWriter, Write};

/// More orders than this are counted only.
const ORDERS_MAX: usize = 20;

pub(super) fn render(report: &WhyReport, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let title = format!("{} at {}", visible(&report.trace.sku), report.trace.at);
    writeln!(out, "{}", paint(&title, Style::Bold, report.color))?;
    write_answers(report, &mut out)?;
    write_stock(report, &mut out)?;
    write_orders(report, &mut out)?;
    write_parts(report, &mut out)?;
    write_rules(report, &mut out)?;
    write_steps(report, &mut out)?;
    out.flush()
}

fn write_answers(report: &WhyReport, out: &mut impl Write) -> io::Result<()> {
    let trace = report.trace;
    if trace.stores.is_empty() {
        writeln!(out, "  no store lists it")?;
    }
    let columns = widest(trace.stores.iter().map(|store| store.store.as_str()));
    for store in &trace.stores {
        let name = left(&store.store, columns);
        let reason = store.reason.map_or("left alone", |reason| reason.name());
        if store.listings.is_empty() {
            writeln!(out, "  {name}  no listing  ({reason}){}", note(store))?;
        }
        for listing in &store.listings {
            let (style, answer) = answer(listing);
            let answer = paint(&answer, style, report.color);
            let sku = if listing.store_sku == trace.sku {
                String::new()
            } else {
                format!("{}  ", visible(&listing.store_sku))
            };
            writeln!(out, "  {name}  {sku}{answer}  ({reason}){}", note(store))?;
        }
    }
    Ok(())
}

/// `shows 40, should show 12`.
fn answer(listing: &ListingTrace) -> (Style, String) {
    match (listing.current, listing.planned) {
        (current, None) => {
            (Style::Dim, current.map_or("keeps its number".to_owned(), |now| format!("keeps {now}")))
        }
        (None, Some(planned)) => (Style::Bold, format!("should show {planned}")),
        (Some(now), Some(planned)) if i128::from(now) == i128::from(planned) => {
            (Style::Green, format!("shows {planned}, as it should"))
        }
        (Some(now), Some(0)) => (Style::Red, format!("shows {now}, should show 0")),
        (Some(now), Some(planned)) => (Style::Yellow, format!("shows {now}, should show {planned}")),
    }
}

fn note(store: &StoreTrace) -> String {
    store.note.as_deref().map_or(String::new(), |note| format!("; {}", visible(note)))
}

fn write_stock(report: &WhyReport, out: &mut impl Write) -> io::Result<()> {
    let stock = &report.trace.stock;
    heading("stock", report, out)?;
    if stock.is_empty() {
        writeln!(out, "  no stock row: counts as 0")?;
    }
    let columns = widest(stock.iter().map(|row| row.warehouse.as_str()));
    let numbers = stock.iter().map(|row| row.available.to_string().len()).max().unwrap_or(1);
    for row in stock {
        let available = right(&row.available.to_string(), numbers);
        writeln!(out, "  {}  {available}{}", left(&row.warehouse, columns), origin(row))?;
    }
    Ok(())
}

/// Where the number of a warehouse comes from, and whether it counts.
fn origin(row: &WarehouseStock) -> String {
    let given = match (row.given, row.orders) {
        (None, 0) => "  no row".to_owned(),
        (Some(_), 0) => String::new(),
        (given, orders) => format!("  {} less {orders} taken by orders", given.unwrap_or(0)),
    };
    format!("{given}{}", if row.counted { "" } else { "  not counted by the rule" })
}

fn write_orders(report: &WhyReport, out: &mut impl Write) -> io::Result<()> {
    let orders = &report.trace.orders;
    if orders.is_empty() {
        return Ok(());
    }
    heading(&format!("orders taken off ({})", orders.len()), report, out)?;
    for TakenOrder { order, store, sku, warehouse, units } in orders.iter().take(ORDERS_MAX) {
        let of = if *sku == report.trace.sku { String::new() } else { format!("  {}", visible(sku)) };
        writeln!(out, "  {units} from {warehouse}{of}  {} of {store}", visible(order))?;
    }
    if orders.len() > ORDERS_MAX {
        writeln!(out, "  and {} more (--format json for all)", orders.len() - ORDERS_MAX)?;
    }
    Ok(())
}

fn write_parts(report: &WhyReport, out: &mut impl Write) -> io::Result<()> {
    if report.trace.parts.is_empty() {
        return Ok(());
    }
    heading("parts of the bundle", report, out)?;
    for Part { sku, units, available } in &report.trace.parts {
        writeln!(out, "  {}  {units} needed, {available} available", visible(sku))?;
    }
    Ok(())
}

fn write_rules(report: &WhyReport, out: &mut impl Write) -> io::Result<()> {
    heading("rules", report, out)?;
    let won = winner(report.trace);
    if won.is_none() {
        writeln!(out, "  no rule takes it: every store keeps its number")?;
    }
    let close = |rule: &&Considered| rule.verdict != Verdict::DoesNotMatch;
    let (near, far): (Vec<_>, Vec<_>) = report.trace.considered.iter().partition(close);
    let first = near.iter().filter(|rule| rule.verdict == Verdict::Won);
    let others = near.iter().filter(|rule| rule.verdict != Verdict::Won);
    for rule in first.chain(others).chain(&far) {
        let style = if rule.verdict == Verdict::Won { Style::Green } else { Style::Dim };
        let place = format!("{}:{}", visible(&rule.file), rule.line);
        let head = format!("order {} \"{}\"", rule.order, visible(&rule.rule));
        let text = format!("{head} {}", verdict_text(rule.verdict, won));
        writeln!(out, "  {}  {place}", paint(&text, style, report.color))?;
    }
    Ok(())
}

fn write_steps(report: &WhyReport, out: &mut impl Write) -> io::Result<()> {
    for store in report.trace.stores.iter().filter(|store| !store.steps.is_empty()) {
        heading(&format!("steps for {}", visible(&store.store)), report, out)?;
        let names = widest(store.steps.iter().map(|step| step.name));
        let numbers = store.steps.iter().map(|step| step.value.to_string().len()).max().unwrap_or(1);
        for step in &store.steps {
            let value = right(&step.value.to_string(), numbers);
            writeln!(out, "  {}  {value}  {}", left(step.name, names), visible(&step.text))?;
        }
        for listing in store.listings.iter().filter(|listing| listing.units != 1) {
            let units = count(u64::from(listing.units), "unit", "units");
            let planned = listing.planned.map_or("left alone".to_owned(), |number| number.to_string());
            writeln!(out, "  {}: {units} each, rounded down, {planned}", visible(&listing.store_sku))?;
        }
    }
    Ok(())
}

fn heading(text: &str, report: &WhyReport, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{}", paint(text, Style::Bold, report.color))
}

fn widest<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(|name| width(&visible(name))).max().unwrap_or(0).min(40)
}
