//! The steps of reading a project.

use super::{Project, tables};
use crate::check::{self, Checked};
use crate::config::{self, Config};
use crate::diagnostic::{Code, Diagnostic, Level, codes};
use crate::lint;
use crate::report;
use crate::shell::exit::Stop;
use crate::source::{FileId, Sources};
use crate::syntax::{self, ast};
use jiff::Timestamp;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What of a project is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    /// Configuration and rules.
    Rules,
    /// The catalog too. Of the lints, only those that keep a run from going on.
    Catalog,
    /// The catalog, and every lint over it.
    All,
}

/// More of `stocksync.yaml` is not read: its reader refuses what is larger than 1 MiB.
const CONFIG_BYTES_MAX: usize = 2 << 20;

/// Folders in folders of rules, at most.
const DEPTH_MAX: usize = 32;

/// Reads the project in `root`, an absolute path. Rules are judged for the moment `at` gives of the configuration.
pub fn load(
    root: PathBuf,
    depth: Depth,
    at: impl FnOnce(&Config) -> Result<Timestamp, Stop>,
) -> Result<(Project, Timestamp), Stop> {
    let mut sources = Sources::new();
    let mut found = Vec::new();
    let config = read_config(&root, &mut sources, &mut found)?;
    let at = at(&config)?;
    let declared = config.declared();
    let files = read_rules(&root, &config, &mut sources, &mut found)?;
    // Without names every name would be unknown: one fault would give hundreds.
    let names_known = !declared.stores.is_empty() && !declared.warehouses.is_empty();
    let checked = if names_known {
        let (checked, faults) = check::check(&files, &declared);
        found.extend(faults);
        checked
    } else {
        Checked::default()
    };
    let mut project =
        Project { root, declared, sources, files, checked, catalog: None, diagnostics: found, config };
    if depth != Depth::Rules && names_known {
        tables::read(&mut project)?;
    }
    lint_all(&mut project, depth, at);
    Ok((project, at))
}

fn read_config(root: &Path, sources: &mut Sources, found: &mut Vec<Diagnostic>) -> Result<Config, Stop> {
    let bytes = read_at_most(&root.join("stocksync.yaml"), CONFIG_BYTES_MAX + 1)
        .map_err(|fault| Stop::failed(format_args!("cannot read `stocksync.yaml`: {fault}")))?;
    let text = decode(bytes, "stocksync.yaml", &codes::BAD_CONFIG, sources, found);
    let file = sources.add("stocksync.yaml", text.unwrap_or_default());
    if found.is_empty() {
        let (config, faults) = config::read(file, sources.get(file).text());
        found.extend(faults);
        return Ok(config);
    }
    Ok(Config::default())
}

fn read_rules(
    root: &Path,
    config: &Config,
    sources: &mut Sources,
    found: &mut Vec<Diagnostic>,
) -> Result<Vec<(FileId, ast::File)>, Stop> {
    let mut paths = Vec::new();
    walk(&root.join(&config.rules), &config.rules, 0, &mut paths)?;
    paths.sort();
    let mut files = Vec::with_capacity(paths.len());
    for (name, path) in paths {
        let bytes = read_at_most(&path, syntax::FILE_BYTES_MAX + 1)
            .map_err(|fault| Stop::failed(format_args!("cannot read `{name}`: {fault}")))?;
        let Some(text) = decode(bytes, &name, &codes::SYNTAX, sources, found) else { continue };
        let file = sources.add(name, text);
        let (parsed, faults) = syntax::parse(file, sources.get(file).text());
        found.extend(faults);
        files.push((file, parsed));
    }
    Ok(files)
}

fn lint_all(project: &mut Project, depth: Depth, at: Timestamp) {
    let context = lint::Context {
        files: &project.files,
        checked: &project.checked,
        rules: project.checked.rule_set(),
        catalog: project.catalog.as_ref(),
        declared: &project.declared,
        at,
    };
    let mut found = std::mem::take(&mut project.diagnostics);
    let level_of =
        |code| project.config.lint.iter().find(|(named, _)| *named == code).map(|&(_, level)| level);
    // Warnings are seen in `lint` alone, and finding them takes longer than a plan.
    let denied = |code: &'static Code| level_of(code).unwrap_or(code.level) == Level::Deny;
    found.extend(lint::lint(&context, |code| depth == Depth::All || denied(code)));
    project.diagnostics = lint::at_levels(found, level_of);
    report::lint::sort(&project.sources, &mut project.diagnostics);
}

/// Every rule file under a folder, with its name for people. Links to folders are not followed.
fn walk(folder: &Path, name: &str, depth: usize, into: &mut Vec<(String, PathBuf)>) -> Result<(), Stop> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(fault) if depth == 0 && fault.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(fault) => return Err(Stop::failed(format_args!("cannot read the folder `{name}`: {fault}"))),
    };
    if depth > DEPTH_MAX {
        return Err(Stop::failed(format_args!("`{name}` lies more than {DEPTH_MAX} folders deep")));
    }
    for entry in entries {
        let entry =
            entry.map_err(|fault| Stop::failed(format_args!("cannot read the folder `{name}`: {fault}")))?;
        let path = entry.path();
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        let kind =
            entry.file_type().map_err(|fault| Stop::failed(format_args!("cannot read `{name}`: {fault}")))?;
        if kind.is_dir() {
            walk(&path, &name, depth + 1, into)?;
        } else if path.extension().is_some_and(|ending| ending == "sync") && path.is_file() {
            into.push((name, path));
        }
    }
    Ok(())
}

/// The text of a file; where it is none, a finding at the place, in a readable rendering of it.
fn decode(
    bytes: Vec<u8>,
    name: &str,
    code: &'static Code,
    sources: &mut Sources,
    found: &mut Vec<Diagnostic>,
) -> Option<String> {
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match syntax::decode(bytes.clone()) {
        Ok(text) => Some(text),
        Err(fault) => {
            let before = bytes.get(..fault.offset).map(lossy).unwrap_or_default();
            let file = sources.add(name, lossy(&bytes));
            let at = before.len() as u32;
            found.push(Diagnostic::new(code, crate::source::Span::new(file, at, at + 1), fault.message));
            None
        }
    }
}

/// A file's bytes, and no more than `bytes_max` of them: who reads on says that it is too large.
pub(super) fn read_at_most(path: &Path, bytes_max: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(bytes_max as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
