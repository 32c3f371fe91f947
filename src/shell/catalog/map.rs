//! `catalog map`: which listing sells which merchant SKU.

mod auto;
mod check;

use super::table::{Table, import, refuse};
use crate::catalog::quoted;
use crate::catalog::sheet::{Kind, SheetRow};
use crate::diagnostic::{Diagnostic, codes, nearest};
use crate::shell::args::Map;
use crate::shell::exit::{Exit, Stop};
use crate::shell::output::Output;
use crate::shell::project::Project;
use std::collections::BTreeMap;
use std::io::Write;

pub(super) fn run(args: &Map, project: &Project, output: &mut Output) -> Result<Exit, Stop> {
    match args {
        Map::Import { file, dry_run } => {
            let (sources, rows) = import(file, Kind::Mappings, output)?;
            let table = Table::open(project, Kind::Mappings, output)?;
            let (new, faults) = judge(&rows, &table.rows, &project.declared.stores);
            refuse(&sources, &faults, output)?;
            let there = rows.len() - new.len();
            if there > 0 {
                output.say(format_args!("{there} there already"));
            }
            if *dry_run {
                return preview(&new, output);
            }
            table.add(&new, output)?;
            Ok(Exit::Done)
        }
        Map::Add { sku, store, store_sku, units } => add(project, [sku, store, store_sku], *units, output),
        Map::Auto(args) => auto::run(args, project, output),
        Map::Check { stores, format } => check::run(stores, *format, project, output),
    }
}

fn add(
    project: &Project,
    [sku, store, store_sku]: [&String; 3],
    units: u32,
    output: &mut Output,
) -> Result<Exit, Stop> {
    project.store(store)?;
    if sku.is_empty() || store_sku.is_empty() {
        return Err(Stop::failed("a SKU is not empty"));
    }
    let table = Table::open(project, Kind::Mappings, output)?;
    let there = table.rows.iter().find(|row| row.cell(1) == store && row.cell(2) == store_sku);
    let Some(there) = there else {
        table.add(&[vec![sku.clone(), store.clone(), store_sku.clone(), units_cell(units)]], output)?;
        return Ok(Exit::Done);
    };
    match contradiction(store_sku, &(sku.clone(), units.into()), &sold(there)) {
        Some(message) => Err(Stop::failed(message)
            .with_help(format!("change the row in `{}`", project.config.catalog.mappings))),
        None => {
            output.say("1 there already");
            table.add(&[], output)?;
            Ok(Exit::Done)
        }
    }
}

/// 1 is what an empty cell, or a table without the column, says.
fn units_cell(units: u32) -> String {
    if units == 1 { String::new() } else { units.to_string() }
}

fn preview(rows: &[Vec<String>], output: &mut Output) -> Result<Exit, Stop> {
    for row in rows {
        writeln!(output.out, "{}", row.join("  ").trim_end())?;
    }
    writeln!(output.out, "{} to be added", rows.len())?;
    Ok(Exit::Done)
}

/// Which of the rows are new, and what is wrong with any: then none is added.
fn judge(rows: &[SheetRow], there: &[SheetRow], stores: &[String]) -> (Vec<Vec<String>>, Vec<Diagnostic>) {
    let key = |row: &SheetRow| (row.cell(1).to_owned(), row.cell(2).to_owned());
    let mut taken: BTreeMap<(String, String), Sold> = there.iter().map(|row| (key(row), sold(row))).collect();
    let (mut new, mut faults) = (Vec::new(), Vec::new());
    for row in rows {
        let Some(units) = units(row) else {
            let message = format!("{} in `units` is not a whole number from 1", quoted(row.cell(3)));
            faults.push(Diagnostic::new(&codes::BAD_ROW, row.span, message));
            continue;
        };
        if !stores.iter().any(|store| store == row.cell(1)) {
            faults.push(unknown_store(row, stores));
            continue;
        }
        let this = (row.cell(0).to_owned(), units);
        match taken.get(&key(row)) {
            Some(before) => {
                faults.extend(contradiction(row.cell(2), &this, before).map(|message| conflict(row, message)))
            }
            None => {
                taken.insert(key(row), this);
                let units = u32::try_from(units).map_or(String::new(), units_cell);
                new.push(vec![row.cell(0).to_owned(), row.cell(1).to_owned(), row.cell(2).to_owned(), units]);
            }
        }
    }
    (new, faults)
}

/// What a store SKU sells: a merchant SKU, and how many of it.
type Sold = (String, u64);

fn sold(row: &SheetRow) -> Sold {
    (row.cell(0).to_owned(), units(row).unwrap_or(1))
}

fn units(row: &SheetRow) -> Option<u64> {
    match row.cell(3) {
        "" => Some(1),
        digits => digits.parse::<u32>().ok().filter(|units| *units > 0).map(u64::from),
    }
}

fn unknown_store(row: &SheetRow, stores: &[String]) -> Diagnostic {
    let message = format!("the store {} is not declared", quoted(row.cell(1)));
    let help = match nearest(row.cell(1), stores.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "declare it under `stores` in `stocksync.yaml`".to_owned(),
    };
    Diagnostic::new(&codes::UNKNOWN_STORE, row.span, message).with_help(help)
}

/// What is wrong with a mapping of a store SKU that is mapped before; nothing where it says the same.
fn contradiction(store_sku: &str, this: &Sold, before: &Sold) -> Option<String> {
    let (sku, units) = before;
    if this == before {
        None
    } else if this.0 == *sku {
        Some(format!("the store SKU {} is mapped with {units} units already", quoted(store_sku)))
    } else {
        Some(format!("the store SKU {} is mapped to {} already", quoted(store_sku), quoted(sku)))
    }
}

fn conflict(row: &SheetRow, message: String) -> Diagnostic {
    Diagnostic::new(&codes::MAPPING_CONFLICT, row.span, message)
        .with_help("a store SKU sells one merchant SKU; take the row out, or change the one that is there")
}
