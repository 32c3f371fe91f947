//! `catalog map auto`: maps what is clear, shows what is not.

use super::super::table::Table;
use crate::catalog::sheet::Kind;
use crate::mapping::{Match, Skus, Tolerance};
use crate::shell::args::{Auto, TextOrJson};
use crate::shell::ask::ask;
use crate::shell::exit::{Exit, Stop};
use crate::shell::output::Output;
use crate::shell::project::Project;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;

/// So many listings that no SKU fits are shown; the rest is counted.
const SHOWN_MAX: usize = 20;

/// What was found out of each listing that has no mapping: store SKU and match.
type Found<'a> = Vec<(String, Match<'a>)>;

pub(super) fn run(args: &Auto, project: &Project, output: &mut Output) -> Result<Exit, Stop> {
    let listings = super::super::listings(project, &args.store, output)?;
    let skus = Table::open(project, Kind::Skus, output)?;
    let mappings = Table::open(project, Kind::Mappings, output)?;
    let tolerance = Tolerance {
        case: args.ignore_case,
        blanks: args.ignore_spaces,
        prefixes: args.prefixes.clone(),
        suffixes: args.suffixes.clone(),
    };
    let skus = Skus::new(skus.rows.iter().map(|row| row.cell(0)), &tolerance);
    let of_store = mappings.rows.iter().filter(|row| row.cell(1) == args.store);
    let mapped: BTreeSet<&str> = of_store.map(|row| row.cell(2)).collect();
    let all: BTreeSet<&str> = listings.iter().map(|listing| listing.store_sku.as_str()).collect();
    let open = all.difference(&mapped);
    let found: Found<'_> = open.map(|sku| ((*sku).to_owned(), skus.find(sku))).collect();
    match args.format {
        TextOrJson::Text => show(&found, all.len(), output)?,
        TextOrJson::Json => writeln!(output.out, "{:#}", as_json(&args.store, &found))?,
    }
    let rows: Vec<Vec<String>> = found
        .iter()
        .filter_map(|(store_sku, found)| match found {
            Match::Exact(sku) | Match::Near(sku) => {
                Some(vec![(*sku).to_owned(), args.store.clone(), store_sku.clone(), String::new()])
            }
            Match::Several(_) | Match::None => None,
        })
        .collect();
    if rows.is_empty() || args.dry_run {
        return Ok(Exit::Done);
    }
    if !args.yes && !ask(&format!("add {} mappings?", rows.len()), output)? {
        return Ok(Exit::Findings);
    }
    mappings.add(&rows, output)?;
    Ok(Exit::Done)
}

fn show(found: &Found<'_>, listings: usize, output: &mut Output) -> Result<(), Stop> {
    let (mut exact, mut near, mut left) = (0, 0, 0);
    for (store_sku, found) in found {
        match found {
            Match::Exact(_) => exact += 1,
            Match::Near(sku) => {
                near += 1;
                writeln!(output.out, "{store_sku} = {sku}")?;
            }
            Match::Several(skus) => {
                let named: Vec<&str> = skus.iter().take(3).copied().collect();
                let more = if skus.len() > 3 { " …" } else { "" };
                writeln!(output.out, "{store_sku} ? {}{more}", named.join(" or "))?;
            }
            Match::None => {
                left += 1;
                if left <= SHOWN_MAX {
                    writeln!(output.out, "{store_sku} ?")?;
                }
            }
        }
    }
    if left > SHOWN_MAX {
        writeln!(output.out, "{} more that no SKU fits", left - SHOWN_MAX)?;
    }
    let (mapped, unclear) = (listings - found.len(), found.len() - exact - near);
    writeln!(
        output.out,
        "{listings} listings: {mapped} mapped already, {exact} are a SKU letter by letter, {near} nearly, {unclear} unclear",
    )?;
    Ok(())
}

fn as_json(store: &str, found: &Found<'_>) -> Value {
    let one = |(store_sku, found): &(String, Match<'_>)| {
        let (how, skus) = match found {
            Match::Exact(sku) => ("exact", vec![*sku]),
            Match::Near(sku) => ("near", vec![*sku]),
            Match::Several(skus) => ("several", skus.clone()),
            Match::None => ("none", Vec::new()),
        };
        json!({ "store_sku": store_sku, "match": how, "skus": skus })
    };
    json!({ "format_version": 1, "store": store, "listings": found.iter().map(one).collect::<Vec<_>>() })
}
