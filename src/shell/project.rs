//! Reads a project folder: configuration, rules, catalog. Every fault of every file in one go.

mod history;
mod kept;
mod load;
mod parse;
mod tables;
mod tree;

pub use kept::{Stamp, Tables};
pub use load::{Depth, Overlay, decode, find_rules, load, load_from, read_at_most, read_config};
pub use tree::{Disk, RuleTexts, Tree, is_rule_file, is_rules};

use super::exit::{Exit, Stop};
use super::net::Net;
use super::output::{Output, Phase};
use crate::catalog::{Catalog, SkuId};
use crate::check::{Checked, parse_moment};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Level};
use crate::report::{LintReport, lint};
use crate::rules::{Declared, RuleSet, StoreId};
use crate::source::{FileId, Sources};
use crate::syntax::ast;
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// A project as it was read. What could not be read is `None`, and among the diagnostics.
pub struct Project {
    /// Its folder.
    pub root: PathBuf,
    /// The configuration, as far as it is sound.
    pub config: Config,
    /// The network, by which its stores are reached.
    pub net: Net,
    /// The declared names.
    pub declared: Declared,
    /// The texts.
    pub sources: Sources,
    /// The rule files.
    pub files: Vec<(FileId, ast::File)>,
    /// Whether every rule file could be read; what could not is among the diagnostics.
    pub all_read: bool,
    /// The rules as far as they are sound.
    pub checked: Checked,
    /// The catalog, where it was asked for and could be read.
    pub catalog: Option<Catalog>,
    /// What was found, at the levels of the configuration, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// How long each step of reading it took.
    pub phases: Vec<Phase>,
    /// What could not be looked for, and why: a line each.
    pub unchecked: Vec<String>,
}

/// A project without a fault.
#[derive(Clone, Copy)]
pub struct Sound<'a> {
    /// The rules.
    pub rules: &'a RuleSet,
    /// The catalog.
    pub catalog: &'a Catalog,
}

impl Project {
    /// The rules and the catalog; where there is a fault, every finding is reported and the run ends.
    pub fn sound(&self, output: &mut Output) -> Result<Sound<'_>, Stop> {
        if self.files.is_empty() && !self.has_faults() {
            return Err(no_rules(&self.config.rules));
        }
        match (self.checked.rule_set(), &self.catalog) {
            (Some(rules), Some(catalog)) if !self.has_faults() => Ok(Sound { rules, catalog }),
            _ => {
                let faults: Vec<_> =
                    self.diagnostics.iter().filter(|d| d.level == Level::Deny).cloned().collect();
                let report = LintReport {
                    sources: &self.sources,
                    diagnostics: &faults,
                    files: self.files.len(),
                    rules: self.rule_count(),
                    color: output.err_color,
                    width: output.width,
                    prefix: "",
                };
                lint::render_full(&report, &mut output.err)?;
                Err(Stop::quiet(self.exit_of_findings()))
            }
        }
    }

    /// Reads the catalog's tables against names that may be more than the project declares.
    pub fn read_catalog(&mut self, declared: Declared) -> Result<(), Stop> {
        self.declared = declared;
        tables::read(self)
    }

    /// Whether anything was found that is an error, or denied by the configuration.
    pub fn has_faults(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Deny)
    }

    /// Whether every lint could look at everything, so that what is not among its findings is not there.
    pub fn saw_everything(&self, found: &[Diagnostic]) -> bool {
        let faulty = found.iter().any(|finding| finding.code.level == Level::Deny);
        self.checked.rule_set().is_some() && self.catalog.is_some() && self.unchecked.is_empty() && !faulty
    }

    /// The exit code where there are faults: not all of it could run where a file could not be read.
    pub fn exit_of_findings(&self) -> Exit {
        if self.all_read { Exit::Findings } else { Exit::Failed }
    }

    /// How many rules there are, sound or not.
    pub fn rule_count(&self) -> usize {
        let items = self.files.iter().flat_map(|(_, file)| &file.items);
        items.filter(|item| matches!(item, ast::Item::Rule(_))).count()
    }

    /// The store of a name, or which there are.
    pub fn store(&self, name: &str) -> Result<StoreId, Stop> {
        let found = self.declared.stores.iter().position(|store| store == name);
        found.map(|at| StoreId(at as u16)).ok_or_else(|| {
            let stores = &self.declared.stores;
            let stop = Stop::failed(format_args!("no store `{name}` in `stocksync.yaml`"));
            match crate::diagnostic::nearest(name, stores.iter().map(String::as_str)) {
                Some(near) => stop.with_help(format!("did you mean `{near}`?")),
                None => stop.with_help(format!("the stores are: {}", stores.join(", "))),
            }
        })
    }
}

/// What a person may have meant by a SKU that the catalog does not have.
pub fn meant_sku(catalog: &Catalog, text: &str) -> Option<String> {
    let skus = (0..catalog.sku_count() as u32).map(|at| catalog.sku(SkuId(at)));
    crate::diagnostic::nearest(text, skus).map(|near| format!("did you mean `{near}`?"))
}

/// The run's moment: `--at`, or now.
pub fn moment(at: Option<&str>, config: &Config, now: Timestamp) -> Result<Timestamp, Stop> {
    at.map_or(Ok(now), |text| {
        parse_moment(text, &config.timezone).map_err(|fault| {
            Stop::failed(format_args!("`--at {text}`: {fault}"))
                .with_help("give it as `2026-11-27`, `2026-11-27 18:00` or `2026-11-27T18:00:00+07:00`")
        })
    })
}

/// The project's folder: the one asked for, or the nearest one above with a `stocksync.yaml`.
pub fn find(asked: Option<&Path>) -> Result<PathBuf, Stop> {
    let here = |folder: &Path| {
        folder.canonicalize().map_err(|fault| Stop::failed(format_args!("`{}`: {fault}", folder.display())))
    };
    if let Some(folder) = asked {
        let root = here(folder)?;
        if root.join("stocksync.yaml").is_file() {
            return Ok(root);
        }
        return Err(Stop::failed(format_args!("no `stocksync.yaml` in `{}`", folder.display()))
            .with_help("`stocksync init DIR` makes a project"));
    }
    let start = here(Path::new("."))?;
    let found = start.ancestors().find(|folder| folder.join("stocksync.yaml").is_file());
    found.map(Path::to_path_buf).ok_or_else(|| {
        Stop::failed("no `stocksync.yaml` here or in a folder above")
            .with_help("`stocksync init` makes a project here; `-C DIR` names another folder")
    })
}

/// What a run says that found no rule file.
pub fn no_rules(folder: &str) -> Stop {
    Stop::failed(format_args!("no rule file found under `{folder}`"))
        .with_exit(Exit::NothingChecked)
        .with_help(format!("rules stand in `{folder}/**/*.sync`"))
}
