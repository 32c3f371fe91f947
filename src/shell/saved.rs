//! Saved plans: written by `plan --out`, carried out by `apply`.

use super::connect::Connected;
use super::exit::{Exit, Stop};
use super::plan::Planning;
use super::save;
use crate::plan::{Head, Rows};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const FORMAT_VERSION: u32 = 1;
const KIND: &str = "stocksync-plan";

/// A plan larger than this was not made by this program.
const BYTES_MAX: u64 = 8 << 30;

/// What a saved plan holds.
#[derive(Serialize, Deserialize)]
pub(super) struct Saved {
    format_version: u32,
    kind: String,
    pub(super) plan_id: String,
    pub(super) created_at: String,
    /// Whether it was made for a moment of its own, by `--at`.
    pub(super) at_given: bool,
    pub(super) at: String,
    pub(super) rules_version: String,
    /// A digest of the catalog's columns.
    pub(super) catalog: String,
    /// SHA-256 of each plugin, by connector.
    pub(super) plugins: BTreeMap<String, String>,
    /// The part that it is about; empty for all.
    pub(super) stores: Vec<String>,
    pub(super) skus: Vec<String>,
    pub(super) rows: Vec<SavedRow>,
}

/// One number to be written.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq)]
pub(super) struct SavedRow {
    pub(super) store: String,
    pub(super) store_sku: String,
    pub(super) sku: String,
    pub(super) current: Option<i64>,
    pub(super) planned: u64,
    pub(super) rule: String,
}

/// Saves a plan. Rows that change nothing are left out.
pub(super) fn save(file: &Path, planning: &Planning<'_>, head: &Head, at_given: bool) -> Result<(), Stop> {
    let rows = planning.rows();
    let changes = (0..rows.len())
        .map(|index| rows.row(index))
        .filter(|row| row.current != i64::try_from(row.planned).ok());
    let saved = Saved {
        format_version: FORMAT_VERSION,
        kind: KIND.to_owned(),
        plan_id: head.plan_id.clone(),
        created_at: head.created_at.to_string(),
        at_given,
        at: head.at.to_string(),
        rules_version: head.rules_version.clone(),
        catalog: planning.sound.catalog.digest(),
        plugins: plugins(&planning.stores),
        stores: planning
            .ask
            .scope
            .stores
            .iter()
            .map(|&store| planning.columns().store_name(store).to_owned())
            .collect(),
        skus: planning.ask.scope.skus.iter().map(|&sku| planning.sound.catalog.sku(sku).to_owned()).collect(),
        rows: changes
            .map(|row| SavedRow {
                store: row.store.to_owned(),
                store_sku: row.store_sku.to_owned(),
                sku: row.sku.to_owned(),
                current: row.current,
                planned: row.planned,
                rule: row.rule.to_owned(),
            })
            .collect(),
    };
    save::replace(file, |out| serde_json::to_writer(out, &saved).map_err(std::io::Error::from))
}

/// Reads a saved plan.
pub(super) fn load(file: &Path) -> Result<Saved, Stop> {
    let name = file.display();
    let cannot = |fault: &dyn std::fmt::Display| Stop::failed(format_args!("cannot read `{name}`: {fault}"));
    let size = fs::metadata(file).map_err(|fault| cannot(&fault))?.len();
    if size > BYTES_MAX {
        return Err(Stop::failed(format_args!("`{name}` is no saved plan: it is larger than 8 GiB")));
    }
    let bytes = fs::read(file).map_err(|fault| cannot(&fault))?;
    let help = "`stocksync plan --out FILE` saves one";
    let saved: Saved = serde_json::from_slice(&bytes).map_err(|fault| {
        if fault.is_eof() {
            return Stop::failed(format_args!("`{name}` is cut off")).with_help(help);
        }
        let (line, column) = (fault.line(), fault.column());
        Stop::failed(format_args!("`{name}` is no saved plan: line {line}, column {column}")).with_help(help)
    })?;
    if saved.kind != KIND || saved.format_version != FORMAT_VERSION {
        return Err(Stop::failed(format_args!(
            "`{name}` is a plan of format {}, and this program reads format {FORMAT_VERSION}",
            saved.format_version
        ))
        .with_exit(Exit::Failed)
        .with_help(help));
    }
    Ok(saved)
}

/// The plugins that are open, by connector.
pub(super) fn plugins(stores: &[Connected]) -> BTreeMap<String, String> {
    let open = stores.iter().filter_map(|store| match store {
        Connected::Open(store) => Some((store.connector().to_owned(), store.plugin_hash().to_owned())),
        Connected::Aside | Connected::Faulty(_) => None,
    });
    open.collect()
}
