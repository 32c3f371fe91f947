//! What is planned and not written: everything while `inventory_features` is off, and paused stores.

use super::output::Output;
use super::project::Project;
use crate::record::Skip;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Why nothing is written to a store, if so.
pub(super) fn held(project: &Project, store: &str) -> Option<Skip> {
    if !project.config.inventory_features {
        return Some(Skip::SwitchedOff);
    }
    let paused = project.config.stores.iter().any(|config| config.name == store && config.paused);
    paused.then_some(Skip::Paused)
}

/// How many numbers of a plan are written, and how many are not.
#[derive(Default)]
pub(super) struct HeldCount {
    /// Those that are written.
    pub(super) written: usize,
    switched_off: usize,
    paused: BTreeMap<String, usize>,
}

impl HeldCount {
    /// Counts the numbers of a plan, of which `stores` are the stores.
    pub(super) fn of<'a>(project: &Project, stores: impl Iterator<Item = &'a str>) -> Self {
        let mut by_store: BTreeMap<&str, usize> = BTreeMap::new();
        for store in stores {
            *by_store.entry(store).or_default() += 1;
        }
        let mut counted = Self::default();
        for (store, count) in by_store {
            match held(project, store) {
                None => counted.written += count,
                Some(Skip::Paused) => drop(counted.paused.insert(store.to_owned(), count)),
                Some(_) => counted.switched_off += count,
            }
        }
        counted
    }

    /// Says what is not written, and why.
    pub(super) fn say(&self, project: &Project, output: &mut Output) -> io::Result<()> {
        if !project.config.inventory_features {
            let count = self.switched_off;
            writeln!(
                output.out,
                "switched off: `inventory_features: false`, {count} numbers are not written"
            )?;
        }
        for (store, count) in &self.paused {
            writeln!(output.out, "store `{store}` is paused: {count} numbers are not written")?;
        }
        Ok(())
    }
}
