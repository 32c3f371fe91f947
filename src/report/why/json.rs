//! `json`: the whole story, for programs.

use super::{WhyReport, verdict_name};
use crate::trace::{
    Considered, ListingTrace, Part, Step, StoreTrace, TakenOrder, Trace, Verdict, WarehouseStock,
};
use serde_json::{Value, json};
use std::io::{self, Write};

pub(super) fn render(report: &WhyReport, out: &mut dyn Write) -> io::Result<()> {
    let mut story = story(report.trace);
    if let Some(object) = story.as_object_mut() {
        object.insert("format_version".to_owned(), json!(1));
    }
    serde_json::to_writer_pretty(&mut *out, &story)?;
    writeln!(out)
}

/// The story, without the version of the format around it.
pub(in crate::report) fn story(trace: &Trace) -> Value {
    json!({
        "sku": trace.sku,
        "at": trace.at.to_string(),
        "stores": list(&trace.stores, store),
        "stock": list(&trace.stock, stock),
        "orders": list(&trace.orders, order),
        "parts": list(&trace.parts, part),
        "rules": list(&trace.considered, rule),
    })
}

fn list<T>(items: &[T], value: fn(&T) -> Value) -> Vec<Value> {
    items.iter().map(value).collect()
}

fn store(store: &StoreTrace) -> Value {
    let StoreTrace { store, reason, note, steps, listings } = store;
    json!({ "store": store, "reason": reason.map(|reason| reason.name()), "note": note,
        "listings": list(listings, listing), "steps": list(steps, step) })
}

fn listing(listing: &ListingTrace) -> Value {
    let ListingTrace { store_sku, units, current, planned } = listing;
    json!({ "store_sku": store_sku, "units": units, "current": current, "planned": planned })
}

fn step(step: &Step) -> Value {
    let Step { name, text, value } = step;
    json!({ "name": name, "text": text, "value": value })
}

fn stock(row: &WarehouseStock) -> Value {
    let WarehouseStock { warehouse, given, orders, available, counted } = row;
    json!({ "warehouse": warehouse, "given": given, "orders": orders, "available": available, "counted": counted })
}

fn order(order: &TakenOrder) -> Value {
    let TakenOrder { order, store, sku, warehouse, units } = order;
    json!({ "order": order, "store": store, "sku": sku, "warehouse": warehouse, "units": units })
}

fn part(part: &Part) -> Value {
    let Part { sku, units, available } = part;
    json!({ "sku": sku, "units": units, "available": available })
}

fn rule(rule: &Considered) -> Value {
    let Considered { rule, file, line, order, verdict } = rule;
    let until = match verdict {
        Verdict::NotYetActive(moment) | Verdict::NoLongerActive(moment) => Some(moment.to_string()),
        _ => None,
    };
    json!({ "rule": rule, "order": order, "file": file, "line": line, "verdict": verdict_name(*verdict), "moment": until })
}
