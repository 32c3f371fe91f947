//! Whether there is a connector for each store, and whether it takes the store's settings.

use crate::config::{Config, Store};
use crate::diagnostic::{Diagnostic, codes};
use crate::shell::fault::PluginFault;
use crate::shell::locate::Search;
use crate::shell::plugin;
use crate::shell::schemas::{Entry, Schemas};
use crate::shell::settings::check_settings;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread::{self, JoinHandle};

/// A check of all stores that was begun.
pub(in crate::shell) enum Checking {
    /// It is done: nothing had to be loaded.
    Done(Vec<Diagnostic>),
    /// It goes on beside whatever else is done: reading large libraries takes time.
    Running(JoinHandle<Vec<Diagnostic>>),
}

impl Checking {
    /// What was found, or the panic that ended it.
    pub(in crate::shell) fn join(self) -> thread::Result<Vec<Diagnostic>> {
        match self {
            Self::Done(found) => Ok(found),
            Self::Running(thread) => thread.join(),
        }
    }
}

/// A connector's name, and whether it is loaded into a process of its own.
type Named = (String, bool);

/// The schema of a connector's settings, or why there is none.
type Known = BTreeMap<Named, Result<Value, PluginFault>>;

/// Begins to check connectors and settings of all stores. What `schemas` holds of a connector is taken as if it had been loaded.
pub(in crate::shell) fn check_stores(root: &Path, config: &Config, schemas: &Schemas) -> Checking {
    let search = Search::of(root, &config.plugins);
    let (mut known, mut unknown) = (Known::new(), Vec::new());
    for named in with_connector(&config.stores).map(named).collect::<BTreeSet<_>>() {
        let (connector, isolate) = &named;
        // Whoever wants a process for it wants to see it start there.
        let entry = if *isolate { None } else { schemas.entry(connector, &search) };
        match entry.as_ref().and_then(Entry::schema) {
            Some(schema) => {
                known.insert(named, Ok(schema));
            }
            None => unknown.push((named, entry)),
        }
    }
    if unknown.is_empty() {
        return Checking::Done(faults_of_stores(&config.stores, &known));
    }
    let stores = config.stores.clone();
    Checking::Running(thread::spawn(move || {
        for (named, entry) in unknown {
            let schema = load(&named, &search);
            if let (Ok(schema), Some(entry)) = (&schema, entry) {
                entry.keep(schema);
            }
            known.insert(named, schema);
        }
        faults_of_stores(&stores, &known)
    }))
}

/// A store without a connector is a finding already.
fn with_connector(stores: &[Store]) -> impl Iterator<Item = &Store> {
    stores.iter().filter(|store| !store.connector.is_empty())
}

fn named(store: &Store) -> Named {
    (store.connector.clone(), store.isolate)
}

fn load((connector, isolate): &Named, search: &Search) -> Result<Value, PluginFault> {
    let open = if *isolate { plugin::open_apart } else { plugin::open };
    open(connector, search).map(|opened| opened.manifest.settings.clone())
}

fn faults_of_stores(stores: &[Store], known: &Known) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for store in with_connector(stores) {
        match known.get(&named(store)) {
            Some(Ok(schema)) => {
                for (pointer, message) in check_settings(schema, &store.settings) {
                    let place = store.setting_spans.iter().find(|(named, _)| *named == pointer);
                    let span = place.map_or(store.settings_span, |(_, span)| *span);
                    found.push(Diagnostic::new(
                        &codes::BAD_SETTINGS,
                        span,
                        format!("store `{}`: {message}", store.name),
                    ));
                }
            }
            Some(Err(fault)) => {
                let code =
                    if fault.untrusted { &codes::UNTRUSTED_CONNECTOR } else { &codes::UNKNOWN_CONNECTOR };
                let mut finding = Diagnostic::new(code, store.connector_span, fault.what.clone());
                finding.help.clone_from(&fault.help);
                found.push(finding);
            }
            // Each was asked for above.
            None => {}
        }
    }
    found
}

#[cfg(test)]
mod tests;
