//! Tables that are kept while only rules change, as in an editor.

use super::load::lint_all;
use super::{Depth, Project, tables};
use crate::catalog::Catalog;
use crate::config::CatalogPaths;
use crate::diagnostic::Diagnostic;
use crate::shell::exit::Stop;
use crate::source::Source;
use jiff::Timestamp;
use std::fs;
use std::time::SystemTime;

/// A catalog with what was found in its tables, and their texts, which findings point into.
pub struct Tables {
    catalog: Option<Catalog>,
    /// What was found in them.
    pub findings: Vec<Diagnostic>,
    sources: Vec<Source>,
    /// For what they were read.
    pub stamp: Stamp,
}

/// What tables depend on: where one of these differs, they are read again.
#[derive(Clone, PartialEq, Eq)]
pub struct Stamp {
    /// How many texts come before theirs: their numbers go on from there.
    before: usize,
    names: [Vec<String>; 2],
    paths: CatalogPaths,
    /// Length and last change of each, in bytes.
    files: Vec<Option<(u64, Option<SystemTime>)>>,
}

impl Project {
    /// What tables read now would depend on; before they are read.
    pub fn stamp(&self) -> Stamp {
        let paths = self.config.catalog.clone();
        let file = |name: &String| {
            let data = fs::metadata(self.root.join(name)).ok()?;
            Some((data.len(), data.modified().ok()))
        };
        let files = [&paths.skus, &paths.stock, &paths.mappings, &paths.bundles].map(file).to_vec();
        let names = [self.declared.warehouses.clone(), self.declared.stores.clone()];
        Stamp { before: self.sources.len(), names, paths, files }
    }

    /// Reads the tables, whatever was found in the rules; none where there are none.
    pub fn read_tables(&mut self, stamp: Stamp) -> Result<Tables, Stop> {
        let of_rules = std::mem::take(&mut self.diagnostics);
        let names_known = !self.declared.stores.is_empty() && !self.declared.warehouses.is_empty();
        let read = if names_known && !tables::none_there(self) { tables::read(self) } else { Ok(()) };
        let findings = std::mem::replace(&mut self.diagnostics, of_rules);
        read?;
        let sources = self.sources.split_off(stamp.before);
        Ok(Tables { catalog: self.catalog.take(), findings, sources, stamp })
    }

    /// Gives its tables back.
    pub fn into_tables(mut self, findings: Vec<Diagnostic>, stamp: Stamp) -> Tables {
        let sources = self.sources.split_off(stamp.before);
        Tables { catalog: self.catalog.take(), findings, sources, stamp }
    }

    /// Puts tables in, and looks for every warning.
    pub fn judge(&mut self, tables: Tables, at: Timestamp) {
        self.sources.append(tables.sources);
        self.diagnostics.extend(tables.findings);
        self.catalog = tables.catalog;
        lint_all(self, Depth::All, at);
    }
}
