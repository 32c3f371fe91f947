//! `catalog skus`: the four ways to get merchant SKUs.

use super::table::{Table, import};
use crate::catalog::sheet::Kind;
use crate::shell::args::Skus;
use crate::shell::exit::{Exit, Stop};
use crate::shell::output::Output;
use crate::shell::project::Project;
use std::collections::BTreeSet;
use std::io::Write;

/// A SKU and its name.
type Named = (String, String);

pub(super) fn run(args: &Skus, project: &Project, output: &mut Output) -> Result<Exit, Stop> {
    let (found, dry_run) = match args {
        Skus::Import { file, dry_run } => (imported(file, output)?, *dry_run),
        Skus::Add { sku, name } => (vec![(sku.clone(), name.clone())], false),
        Skus::Pull { store, dry_run } => (pulled(project, store, output)?, *dry_run),
        Skus::FromMappings { dry_run } => (mapped(project, output)?, *dry_run),
    };
    if found.iter().any(|(sku, _)| sku.is_empty()) {
        return Err(Stop::failed("a SKU is not empty"));
    }
    let table = Table::open(project, Kind::Skus, output)?;
    let before = found.len();
    let new = new(found, table.rows.iter().map(|row| row.cell(0)));
    let there = before - new.len();
    if there > 0 {
        output.say(format_args!("{there} there already"));
    }
    let rows: Vec<Vec<String>> = new.into_iter().map(|(sku, name)| vec![sku, name]).collect();
    if dry_run {
        for row in &rows {
            writeln!(output.out, "{}", row.join("  ").trim_end())?;
        }
        writeln!(output.out, "{} to be added", rows.len())?;
        return Ok(Exit::Done);
    }
    table.add(&rows, output)?;
    Ok(Exit::Done)
}

/// Those that are not there yet, each once, in their order.
fn new<'a>(found: Vec<Named>, there: impl Iterator<Item = &'a str>) -> Vec<Named> {
    let mut seen: BTreeSet<String> = there.map(str::to_owned).collect();
    found.into_iter().filter(|(sku, _)| seen.insert(sku.clone())).collect()
}

fn imported(file: &std::path::Path, output: &mut Output) -> Result<Vec<Named>, Stop> {
    let (_, rows) = import(file, Kind::Skus, output)?;
    Ok(rows.iter().map(|row| (row.cell(0).to_owned(), row.cell(1).to_owned())).collect())
}

fn pulled(project: &Project, store: &str, output: &mut Output) -> Result<Vec<Named>, Stop> {
    let listings = super::listings(project, store, output)?;
    Ok(listings.into_iter().map(|listing| (listing.store_sku, listing.title)).collect())
}

fn mapped(project: &Project, output: &mut Output) -> Result<Vec<Named>, Stop> {
    let mappings = Table::open(project, Kind::Mappings, output)?;
    Ok(mappings.rows.iter().map(|row| (row.cell(0).to_owned(), String::new())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_is_added_and_once() {
        let named = |sku: &str| (sku.to_owned(), String::new());
        let found = ["b", "a", "b", "c"].map(named).into();
        assert_eq!(new(found, ["a"].into_iter()), ["b", "c"].map(named));
    }
}
