//! What is known of the word at a place, as Markdown.

use super::View;
use super::lists::{set_of, taken};
use super::navigate::at;
use super::occurrences::{Kind, Occurrence, list_names};
use super::outline::{counted, lenses};
use crate::catalog::Catalog;
use crate::check::{FIELDS, Step};
use crate::pattern::{Pattern, SkuSet, SkuTerm};
use crate::rules::WarehouseId;
use crate::ruletest::{Ground, story_of};
use crate::source::{FileId, Span};
use crate::syntax::ast::Term;
use crate::trace::{Trace, Verdict};

/// SKUs named of a list.
const SKUS_SHOWN_MAX: usize = 10;

/// What is said of a place, and of which text.
pub fn hover(view: &View<'_>, file: FileId, offset: u32) -> Option<(Span, String)> {
    if let Some(told) = number(view, file, offset) {
        return Some(told);
    }
    let found = at(view, file, offset)?;
    let text = match found.kind {
        Kind::List => list(view, &found.name)?,
        Kind::Rule => rule(view, file, &found)?,
        Kind::Store => store(view, &found.name)?,
        Kind::Warehouse => warehouse(view, &found.name)?,
        Kind::Sku => sku(view, &found.name)?,
        Kind::Field => field(&found.name)?,
        Kind::Test => return None,
    };
    Some((found.span, text))
}

/// A number that a test expects: how it comes to be.
fn number(view: &View<'_>, file: FileId, offset: u32) -> Option<(Span, String)> {
    let holds = |span: Span| span.file == file && span.start <= offset && offset <= span.end;
    let test = view.checked.tests.iter().find(|test| holds(test.span))?;
    let expected = test.steps.iter().filter_map(|step| match step {
        Step::Expect { rows, .. } => Some(rows.iter().map(|(_, expected)| expected.span)),
        _ => None,
    });
    let span = expected.flatten().find(|span| holds(*span))?;
    let ground = Ground { rules: view.checked.rule_set()?, declared: view.declared, sources: view.sources };
    Some((span, story(&story_of(test, ground, span)?)))
}

fn story(trace: &Trace) -> String {
    let won = trace.considered.iter().find(|rule| rule.verdict == Verdict::Won);
    let mut lines = vec![match won {
        Some(rule) => format!("rule {}, {}:{}", code(&rule.rule), rule.file, rule.line),
        None => "no rule takes it".to_owned(),
    }];
    for store in &trace.stores {
        let planned = store.listings.iter().find_map(|listing| listing.planned);
        let answer = planned.map_or_else(|| "left alone".to_owned(), |units| format!("**{units}**"));
        let reason = store.reason.map_or_else(String::new, |reason| format!(" ({})", reason.name()));
        lines.push(format!("{}: {answer}{reason}", code(&store.store)));
        lines.extend(store.note.iter().cloned());
        lines.extend(
            store.steps.iter().map(|step| format!("- {}: {} → {}", step.name, step.text, step.value)),
        );
    }
    lines.join("\n\n").replace("\n\n- ", "\n- ")
}

fn list(view: &View<'_>, name: &str) -> Option<String> {
    let list = view.lists().find(|list| list.name.text == name)?;
    let value: String =
        view.sources.text(list.span).split_once('=').map_or("", |(_, value)| value.trim()).to_owned();
    let mut text = format!("list {}\n\n```stocksync\n{value}\n```", code(name));
    // Names of stores and warehouses are words that are no lists.
    let first = list.value.first().and_then(Term::word);
    let is_of_skus = first.is_none_or(|word| list_names(view).contains(word));
    if let Some((count, shown)) = taken(view, &set_of(view, list), SKUS_SHOWN_MAX).filter(|_| is_of_skus) {
        text.push_str(&format!(
            "\n\ntakes {} of the catalog{}",
            counted(count, "SKU", "SKUs"),
            named(count, &shown)
        ));
    }
    Some(text)
}

/// `: A, B, …`
fn named(count: usize, shown: &[&str]) -> String {
    let names: Vec<String> = shown.iter().map(|sku| code(sku)).collect();
    match names.len() {
        0 => String::new(),
        known if known < count => format!(": {}, …", names.join(", ")),
        _ => format!(": {}", names.join(", ")),
    }
}

fn rule(view: &View<'_>, file: FileId, found: &Occurrence) -> Option<String> {
    let lens = lenses(view, file)
        .into_iter()
        .find(|lens| lens.span.start <= found.span.start && found.span.end <= lens.span.end)?;
    Some(format!("rule {}: {}", code(&found.name), lens.text))
}

fn store(view: &View<'_>, name: &str) -> Option<String> {
    let (index, store) = view.config.stores.iter().enumerate().find(|(_, store)| store.name == name)?;
    let paused = if store.paused { ", paused: nothing is written to it" } else { "" };
    let mut text = format!("store {}, connector {}{paused}", code(name), code(&store.connector));
    if let Some(catalog) = view.catalog {
        let listings = catalog.listings_of_store(crate::rules::StoreId(index as u16)).len();
        text.push_str(&format!("\n\n{} mapped", counted(listings, "listing", "listings")));
    }
    Some(text)
}

fn warehouse(view: &View<'_>, name: &str) -> Option<String> {
    let index = view.declared.warehouses.iter().position(|one| one == name)?;
    Some(format!("warehouse {}, number {} of the configuration", code(name), index + 1))
}

fn sku(view: &View<'_>, raw: &str) -> Option<String> {
    let catalog = view.catalog?;
    let pattern = Pattern::parse(raw).ok()?;
    let Some(sku) = pattern.literal() else {
        let set = SkuSet { terms: vec![SkuTerm::Pattern(pattern)], except: Vec::new() };
        let (count, shown) = taken(view, &set, SKUS_SHOWN_MAX)?;
        return Some(format!(
            "matches {} of the catalog{}",
            counted(count, "SKU", "SKUs"),
            named(count, &shown)
        ));
    };
    let Some(id) = catalog.find_sku(sku) else { return Some(format!("{} is not in the catalog", code(sku))) };
    let mut text = format!("SKU {}\n\n{}", code(sku), stock(view, catalog, id));
    let parts: Vec<String> = catalog
        .parts(id)
        .iter()
        .map(|part| format!("{} of {}", part.units, code(catalog.sku(part.sku))))
        .collect();
    if !parts.is_empty() {
        text = format!("bundle {} of {}", code(sku), parts.join(", "));
    }
    let listings = catalog.listings_of_sku(id).len();
    text.push_str(&format!("\n\n{}", counted(listings, "listing", "listings")));
    Some(text)
}

fn stock(view: &View<'_>, catalog: &Catalog, sku: crate::catalog::SkuId) -> String {
    let name = |id: WarehouseId| view.declared.warehouses.get(usize::from(id.0)).map_or("", String::as_str);
    let rows: Vec<String> = catalog.stock(sku).map(|(id, units)| format!("{} {units}", name(id))).collect();
    if rows.is_empty() { "no stock row".to_owned() } else { format!("available: {}", rows.join(", ")) }
}

fn field(key: &str) -> Option<String> {
    let field = FIELDS.iter().find(|field| field.key == key)?;
    let needed = if field.needed { "; every rule has it" } else { "" };
    let in_store = if field.in_store { "; a `store` block may have its own" } else { "" };
    Some(format!("`{} {}`{needed}{in_store}", field.key, field.form))
}

/// A name as code, whatever it holds.
fn code(name: &str) -> String {
    if name.contains('`') { format!("`` {name} ``") } else { format!("`{name}`") }
}
