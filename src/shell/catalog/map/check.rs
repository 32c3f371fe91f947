//! `catalog map check`: where listings and mappings do not fit together.

use super::super::table::Table;
use crate::catalog::{quoted, sheet::Kind};
use crate::mapping::{self, Finding, Skus, Tolerance};
use crate::shell::args::TextOrJson;
use crate::shell::exit::{Exit, Stop};
use crate::shell::output::Output;
use crate::shell::project::Project;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;

/// A SKU that differs by this alone is named in a finding.
static TOLERANCE: Tolerance =
    Tolerance { case: true, blanks: true, prefixes: Vec::new(), suffixes: Vec::new() };

pub(super) fn run(
    stores: &[String],
    format: TextOrJson,
    project: &Project,
    output: &mut Output,
) -> Result<Exit, Stop> {
    let skus = Table::open(project, Kind::Skus, output)?;
    let mappings = Table::open(project, Kind::Mappings, output)?;
    let skus = Skus::new(skus.rows.iter().map(|row| row.cell(0)), &TOLERANCE);
    let stores = if stores.is_empty() { &project.declared.stores } else { stores };
    let (mut found, mut exit) = (Vec::new(), Exit::Done);
    for store in stores {
        // A name that is none ends the run; a store that cannot be read does not keep the others from being looked at.
        project.store(store)?;
        match super::super::listings(project, store, output) {
            Ok(listings) => {
                let of_store = mappings.rows.iter().filter(|row| row.cell(1) == store);
                let of_store: BTreeMap<&str, &str> = of_store.map(|row| (row.cell(2), row.cell(0))).collect();
                let findings = mapping::check(&listings, &of_store, &skus);
                found.extend(findings.into_iter().map(|finding| (store.as_str(), finding)));
            }
            Err(stop) => {
                exit = exit.or(stop.exit);
                output.fault(&stop.message, stop.help.as_deref());
            }
        }
    }
    if format == TextOrJson::Json {
        let findings: Vec<Value> = found.iter().map(|(store, finding)| as_json(store, finding)).collect();
        writeln!(output.out, "{:#}", json!({ "format_version": 1, "findings": findings }))?;
    } else {
        for (store, finding) in &found {
            writeln!(output.out, "{store}: {}", say(finding))?;
        }
        output.say(format_args!("{} findings in {} stores", found.len(), stores.len()));
    }
    Ok(exit.or(if found.is_empty() { Exit::Done } else { Exit::Findings }))
}

fn say(finding: &Finding) -> String {
    let name = finding.name();
    match finding {
        Finding::UnmappedListing { listing, sku } => {
            let title = match listing.title.as_str() {
                "" => String::new(),
                title => format!(" ({})", quoted(title)),
            };
            let sku = sku.as_ref().map_or(String::new(), |sku| format!("; is it {}?", quoted(sku)));
            format!("{name}: no mapping names {}{title}{sku}", quoted(&listing.store_sku))
        }
        Finding::MissingListing { store_sku, sku, nearly } => {
            let nearly = nearly.as_ref().map_or(String::new(), |(other, by)| {
                format!("; it has {}, which differs by {by}", quoted(other))
            });
            let (store_sku, sku) = (quoted(store_sku), quoted(sku));
            format!("{name}: the store has no {store_sku}, to which {sku} is mapped{nearly}")
        }
        Finding::DuplicateListing { store_sku, count } => {
            format!("{name}: the store has {} {count} times", quoted(store_sku))
        }
        Finding::AlikeListings { store_skus, by } => {
            let named: Vec<String> = store_skus.iter().take(3).map(|sku| quoted(sku)).collect();
            let more = if store_skus.len() > 3 { " …" } else { "" };
            format!("{name}: {}{more} differ by {by} alone", named.join(", "))
        }
    }
}

fn as_json(store: &str, finding: &Finding) -> Value {
    let name = finding.name();
    match finding {
        Finding::UnmappedListing { listing, sku } => json!({
            "name": name, "store": store, "store_sku": listing.store_sku, "title": listing.title, "sku": sku,
        }),
        Finding::MissingListing { store_sku, sku, nearly } => {
            let nearly = nearly.as_ref().map(|(other, _)| other);
            json!({ "name": name, "store": store, "store_sku": store_sku, "sku": sku, "nearly": nearly })
        }
        Finding::DuplicateListing { store_sku, count } => {
            json!({ "name": name, "store": store, "store_sku": store_sku, "count": count })
        }
        Finding::AlikeListings { store_skus, by } => {
            json!({ "name": name, "store": store, "store_skus": store_skus, "by": by })
        }
    }
}
