//! A number that is not as expected, and how it came to be: the same words on the terminal and in every other format.

use crate::report::text::{count, left, right, visible, width, wrapped};
use crate::report::why::verdict_text;
use crate::ruletest::Failure;
use crate::source::Sources;
use crate::trace::{Considered, Part, Step, Trace, Verdict, WarehouseStock};

/// Other rules that match the SKU are told, this many of them.
const OTHERS_MAX: usize = 3;

/// Where it stands, what was expected and what there is: one line.
pub(super) fn head(sources: &Sources, failure: &Failure<'_>) -> String {
    let source = sources.get(failure.span.file);
    let place = source.position(failure.span.start);
    format!("{}:{}:{}: {}", visible(source.path()), place.line, place.column, message(failure))
}

/// What was expected and what there is, without the place.
pub(super) fn message(failure: &Failure<'_>) -> String {
    let Failure { sku, store, expected, got, .. } = failure;
    let got = number(got.map(|(units, _)| units));
    let line = format!("`{sku}` in `{store}`: expected {}, got {got}", number(*expected));
    visible(&line).into_owned()
}

/// As it is written in a test.
fn number(units: Option<u64>) -> String {
    units.map_or_else(|| "none".to_owned(), |units| units.to_string())
}

/// The stock, the rule and every step of the number: a line each, its second part below itself where it takes more than
/// `columns`.
pub(super) fn story(failure: &Failure<'_>, columns: usize) -> Vec<String> {
    let Trace { stock, parts, considered, stores, .. } = &failure.trace;
    let mut rows = vec![("stock", None, stock_text(stock, parts))];
    rows.extend(parts.iter().map(|part| ("part", None, part_text(part))));
    let won = considered.iter().find(|rule| rule.verdict == Verdict::Won);
    rows.push(("rule", None, won.map_or_else(|| "no rule takes it".to_owned(), rule_text)));
    for store in stores {
        rows.extend(store.steps.iter().map(|Step { name, text, value }| (*name, Some(*value), text.clone())));
        if let (None, Some(note), Some(_)) = (store.reason, &store.note, won) {
            rows.push(("store", None, note.clone()));
        }
    }
    let others: Vec<_> = considered.iter().filter(|rule| is_near(rule)).collect();
    for rule in others.iter().take(OTHERS_MAX) {
        rows.push(("also", None, format!("{} {}", rule_text(rule), verdict_text(rule.verdict, won))));
    }
    if let Some(more) = others.len().checked_sub(OTHERS_MAX).filter(|&more| more > 0) {
        rows.push(("also", None, format!("{} that match", count(more as u64, "more rule", "more rules"))));
    }
    aligned(&rows, columns)
}

fn is_near(rule: &Considered) -> bool {
    !matches!(rule.verdict, Verdict::Won | Verdict::DoesNotMatch)
}

/// `jakarta 6, batam 3`; a bundle has none of its own.
fn stock_text(stock: &[WarehouseStock], parts: &[Part]) -> String {
    if !parts.is_empty() {
        return "a bundle, worth its scarcest part in each warehouse".to_owned();
    }
    let rows = stock.iter().filter(|row| row.given.is_some());
    let rows: Vec<_> = rows
        .map(|row| {
            let counted = if row.counted { "" } else { " (not counted by the rule)" };
            format!("{} {}{counted}", row.warehouse, row.available)
        })
        .collect();
    if rows.is_empty() { "none given".to_owned() } else { rows.join(", ") }
}

fn part_text(part: &Part) -> String {
    format!("{}: {} needed, {} available", part.sku, part.units, part.available)
}

fn rule_text(rule: &Considered) -> String {
    format!("`{}`, order {} ({}:{})", rule.rule, rule.order, rule.file, rule.line)
}

fn aligned(rows: &[(&str, Option<u64>, String)], columns: usize) -> Vec<String> {
    let names = rows.iter().map(|(name, ..)| width(name)).max().unwrap_or(0);
    let value = |value: Option<u64>| value.map(|value| value.to_string());
    let values = rows.iter().filter_map(|row| value(row.1)).map(|value| value.len()).max().unwrap_or(0);
    let lines = rows.iter().flat_map(|(name, number, text)| {
        let number =
            value(*number).map_or_else(String::new, |number| format!("{}  ", right(&number, values)));
        wrapped(&format!("{}  {number}", left(name, names)), &visible(text), columns)
    });
    lines.collect()
}
