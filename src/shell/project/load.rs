//! The steps of reading a project.

use super::parse::parse_all;
use super::tree::{Disk, RuleTexts, Tree, is_rules, under};
use super::{Project, history, tables};
use crate::catalog::Catalog;
use crate::check::{self, Checked};
use crate::config::{self, Config};
use crate::diagnostic::{Code, Diagnostic, Level, codes};
use crate::lint;
use crate::report;
use crate::rules::Declared;
use crate::shell::exit::Stop;
use crate::shell::fault::plainly;
use crate::shell::net::{Net, NetSettings};
use crate::shell::output::Phase;
use crate::source::{FileId, Sources, Span};
use crate::syntax::{self, ast};
use crate::threads::Threads;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What of a project is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    /// Configuration and rules, and no warning looked for yet.
    Unjudged,
    /// Configuration and rules.
    Rules,
    /// The catalog too. Of the lints, only those that keep a run from going on.
    Catalog,
    /// The catalog, and every lint over it.
    All,
}

/// More of `stocksync.yaml` is not read: its reader refuses what is larger than 1 MiB.
const CONFIG_BYTES_MAX: usize = 2 << 20;

/// With less text of rules, and fewer SKUs and listings, everything is looked for before another thread has come up to speed.
const TEXT_BYTES_FOR_THREADS: usize = 16 * 1024;
const ROWS_FOR_THREADS: usize = 2_000;

/// Folders in folders of rules, at most.
const DEPTH_MAX: usize = 32;

/// Texts that stand in for those of rule files, by the files' names for people.
pub type Overlay = BTreeMap<String, String>;

/// Reads the project in `root`, an absolute path. Rules are judged for the moment `at` gives of the configuration.
pub fn load(
    root: PathBuf,
    depth: Depth,
    at: impl FnOnce(&Config) -> Result<Timestamp, Stop>,
) -> Result<(Project, Timestamp), Stop> {
    let disk = Disk { root: &root.clone(), overlay: &Overlay::new() };
    load_from(&disk, root, depth, at)
}

/// The same, with configuration and rules from elsewhere.
pub fn load_from(
    tree: &dyn Tree,
    root: PathBuf,
    depth: Depth,
    at: impl FnOnce(&Config) -> Result<Timestamp, Stop>,
) -> Result<(Project, Timestamp), Stop> {
    let mut sources = Sources::new();
    let mut found = Vec::new();
    let mut clock = Clock::start();
    let config = config_of(tree, &mut sources, &mut found)?;
    clock.lap("reading the configuration");
    let at = at(&config)?;
    let declared = config.declared();
    let (files, all_read) = read_rules(tree, &config, &mut sources, &mut found)?;
    clock.lap("reading the rules");
    // Without names every name would be unknown: one fault would give hundreds.
    let names_known = !declared.stores.is_empty() && !declared.warehouses.is_empty();
    let checked = if names_known {
        let (checked, faults) = check::check_on(threads_for_texts(&files, &sources), &files, &declared);
        found.extend(faults);
        checked
    } else {
        Checked::default()
    };
    clock.lap("checking the rules");
    if !names_known && found.iter().all(|finding| finding.level != Level::Deny) {
        let config = sources.iter().next().map(|(file, _)| Span::new(file, 0, 0));
        found.push(nothing_declared(&declared, config));
    }
    let mut project = Project {
        net: Net::new(NetSettings::of(&config.network, &root)),
        root,
        declared,
        sources,
        files,
        all_read,
        checked,
        catalog: None,
        diagnostics: found,
        phases: Vec::new(),
        unchecked: Vec::new(),
        config,
    };
    if depth == Depth::All && names_known && tables::none_there(&project) {
        let why = tables::why_none(&project);
        project.unchecked.extend(unchecked(&project.config, lint::OVER_CATALOG, &why));
    } else if matches!(depth, Depth::Catalog | Depth::All) && names_known {
        tables::read(&mut project)?;
        clock.lap("reading the tables");
    }
    if depth != Depth::Unjudged {
        lint_all(&mut project, depth, at);
    }
    clock.lap("linting");
    project.phases = clock.phases;
    Ok((project, at))
}

/// Takes the time of each step.
struct Clock {
    began: Instant,
    phases: Vec<Phase>,
}

impl Clock {
    fn start() -> Self {
        Self { began: Instant::now(), phases: Vec::new() }
    }

    fn lap(&mut self, what: &'static str) {
        let now = Instant::now();
        self.phases.push((what, now - self.began));
        self.began = now;
    }
}

/// Without names nothing was checked: that must not look like a sound project.
fn nothing_declared(declared: &Declared, config: Option<Span>) -> Diagnostic {
    let what = if declared.stores.is_empty() { "stores" } else { "warehouses" };
    let message = format!("no {what} are declared: rules and catalog cannot be checked");
    let help = format!("name them under `{what}`");
    Diagnostic::new(&codes::BAD_CONFIG, config, message).with_help(help)
}

/// Reads `stocksync.yaml`.
pub fn read_config(root: &Path, sources: &mut Sources, found: &mut Vec<Diagnostic>) -> Result<Config, Stop> {
    config_of(&Disk { root, overlay: &Overlay::new() }, sources, found)
}

fn config_of(tree: &dyn Tree, sources: &mut Sources, found: &mut Vec<Diagnostic>) -> Result<Config, Stop> {
    let bytes = tree.config(CONFIG_BYTES_MAX + 1)?;
    let file = decode(bytes, "stocksync.yaml", &codes::BAD_CONFIG, sources, found);
    if found.is_empty() {
        let (config, faults) = config::read(file, sources.get(file).text());
        found.extend(faults);
        return Ok(config);
    }
    Ok(Config::default())
}

/// The rule files under a folder that people call `name`, sorted, and what kept others from being found. None of them
/// lies outside `root`, an absolute path.
pub fn find_rules<'r>(root: &'r Path, folder: &Path, name: &str) -> Walk<'r> {
    let mut walk = Walk { root, paths: Vec::new(), faults: Vec::new() };
    walk.folder(folder, name, 0);
    walk.paths.sort();
    walk
}

/// The rule files, and whether each could be read.
fn read_rules(
    tree: &dyn Tree,
    config: &Config,
    sources: &mut Sources,
    found: &mut Vec<Diagnostic>,
) -> Result<(Vec<(FileId, ast::File)>, bool), Stop> {
    let RuleTexts { files: texts, mut faults } = tree.rules(&config.rules)?;
    let (mut files, mut no_text) = (Vec::with_capacity(texts.len()), Vec::new());
    for (name, bytes) in texts {
        match bytes {
            Ok(bytes) => {
                let before = found.len();
                let file = decode(bytes, &name, &codes::SYNTAX, sources, found);
                let kept = if found.len() == before { &mut files } else { &mut no_text };
                kept.push(file);
            }
            Err(fault) => faults.push(unreadable(&name, &fault)),
        }
    }
    let trees = parse_all(&files, sources);
    let mut parsed = Vec::with_capacity(files.len() + no_text.len());
    for (file, (tree, faults)) in files.into_iter().zip(trees) {
        found.extend(faults);
        parsed.push((file, tree));
    }
    // What is no text is a rule file all the same: it was found, judged, and lets no rule set be made.
    let faulty = || ast::File { faulty: true, ..ast::File::default() };
    parsed.extend(no_text.into_iter().map(|file| (file, faulty())));
    let all_read = faults.is_empty();
    for (name, message) in faults {
        let file = sources.add(name, "");
        found.push(Diagnostic::new(&codes::BAD_CONFIG, Span::new(file, 0, 0), message));
    }
    Ok((parsed, all_read))
}

/// Looks for every warning that is wanted, and sorts what was found.
pub(super) fn lint_all(project: &mut Project, depth: Depth, at: Timestamp) {
    // Warnings are seen in `lint` alone, and finding them takes longer than a plan.
    let least = if depth == Depth::All { Level::Info } else { Level::Deny };
    let wanted = |config: &Config, code| config.level_of(code).unwrap_or(code.level) >= least;
    let needs_history = lint::OVER_HISTORY.iter().any(|code| wanted(&project.config, code));
    let history = if needs_history { known_history(project) } else { None };
    let context = lint::Context {
        files: &project.files,
        checked: &project.checked,
        // Where a rule file is missing, rules that nobody knows take SKUs and use lists too.
        rules: project.checked.rule_set().filter(|_| project.all_read),
        catalog: project.catalog.as_ref(),
        sources: &project.sources,
        history: history.as_ref(),
        declared: &project.declared,
        at,
        survey: lint::Survey::on(threads(project)),
    };
    let mut found = std::mem::take(&mut project.diagnostics);
    let level_of = |code| project.config.level_of(code);
    let judges_comments = wanted(&project.config, &lint::allow::UNUSED_ALLOW)
        && depth == Depth::Catalog
        && lint::allow::any(&context);
    let all = depth == Depth::All || judges_comments;
    found.extend(lint::lint(&context, threads(project), |code| all || wanted(&project.config, code)));
    let whole = all && project.saw_everything(&found);
    let judge = if whole { lint::allow::Judge::All } else { lint::allow::Judge::Readable };
    let found = lint::at_levels(found, level_of);
    project.diagnostics = lint::allow::silence(&context, found, judge, level_of);
    report::lint::sort(&project.sources, &mut project.diagnostics);
}

/// As many threads as the machine has, for what is worth starting them. How many it has is asked only then: the answer stands in files of the kernel.
fn threads(project: &Project) -> Threads {
    let rows = |catalog: &Catalog| catalog.listing_count().max(catalog.sku_count());
    if project.catalog.as_ref().map_or(0, rows) >= ROWS_FOR_THREADS {
        return crate::shell::threads();
    }
    threads_for_texts(&project.files, &project.sources)
}

/// The same for what goes over the rules alone.
fn threads_for_texts(files: &[(FileId, ast::File)], sources: &Sources) -> Threads {
    let bytes: usize = files.iter().map(|(file, _)| sources.get(*file).text().len()).sum();
    if bytes < TEXT_BYTES_FOR_THREADS { Threads::ONE } else { crate::shell::threads() }
}

/// What the state knows. One that cannot be read is no fault of the rules, but what was not looked for is said.
fn known_history(project: &mut Project) -> Option<lint::History> {
    project.catalog.as_ref()?;
    let path = crate::shell::state_path(project).ok()?;
    history::read(project, &path).unwrap_or_else(|fault| {
        project.unchecked.extend(unchecked(&project.config, lint::OVER_HISTORY, &fault.message));
        None
    })
}

/// The line that says which lints were left out; none where all of them are allowed anyway.
fn unchecked(config: &Config, codes: &[&'static Code], why: &str) -> Option<String> {
    let on = |code: &&&'static Code| config.level_of(code) != Some(Level::Allow);
    let names: Vec<&str> = codes.iter().filter(on).map(|code| code.name).collect();
    (!names.is_empty()).then(|| format!("{why}; not looked for: {}", names.join(", ")))
}

/// Rule files being looked for, or found.
pub struct Walk<'r> {
    root: &'r Path,
    /// Each with its name for people.
    pub paths: Vec<(String, PathBuf)>,
    /// By its name, what could not be read, and why.
    pub faults: Vec<(String, String)>,
}

impl Walk<'_> {
    /// Every rule file under a folder. Links to folders are not followed.
    fn folder(&mut self, folder: &Path, name: &str, depth: usize) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(fault) if depth == 0 && fault.kind() == std::io::ErrorKind::NotFound => return,
            Err(fault) => return self.unreadable(name, &fault),
        };
        if depth > DEPTH_MAX {
            let message = format!("`{name}` lies more than {DEPTH_MAX} folders deep");
            return self.faults.push((name.to_owned(), message));
        }
        if depth == 0 && !self.is_inside(folder) {
            return self.leads_out(name);
        }
        for entry in entries {
            match entry.and_then(|entry| Ok((entry.file_type()?, entry))) {
                Ok((kind, entry)) => self.entry(kind, &entry.path(), name, depth),
                Err(fault) => self.unreadable(name, &fault),
            }
        }
    }

    fn entry(&mut self, kind: fs::FileType, path: &Path, folder: &str, depth: usize) {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let name = under(folder) + &file;
        if kind.is_dir() {
            return self.folder(path, &name, depth + 1);
        }
        if !is_rules(path) {
            return;
        }
        match fs::metadata(path) {
            Err(fault) => self.unreadable(&name, &fault),
            Ok(data) if data.is_dir() => {}
            // A pipe would be waited for without end.
            Ok(data) if !data.is_file() => self.faults.push((name.clone(), format!("`{name}` is no file"))),
            Ok(_) if kind.is_symlink() && !self.is_inside(path) => self.leads_out(&name),
            Ok(_) => self.paths.push((name, path.to_path_buf())),
        }
    }

    fn is_inside(&self, path: &Path) -> bool {
        path.canonicalize().is_ok_and(|path| path.starts_with(self.root))
    }

    fn leads_out(&mut self, name: &str) {
        self.faults.push((name.to_owned(), format!("`{name}` leads out of the project's folder")));
    }

    fn unreadable(&mut self, name: &str, fault: &std::io::Error) {
        self.faults.push(unreadable(name, fault));
    }
}

fn unreadable(name: &str, fault: &std::io::Error) -> (String, String) {
    (name.to_owned(), format!("cannot read `{name}`: {}", plainly(fault)))
}

/// Takes a file in; where it is no text, as a readable rendering of it, with a finding at the place.
pub fn decode(
    bytes: Vec<u8>,
    name: &str,
    code: &'static Code,
    sources: &mut Sources,
    found: &mut Vec<Diagnostic>,
) -> FileId {
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match syntax::decode(bytes.clone()) {
        Ok(text) => sources.add(name, text),
        Err(fault) => {
            let before = bytes.get(..fault.offset).map(lossy).unwrap_or_default();
            let file = sources.add(name, lossy(&bytes));
            let at = before.len() as u32;
            found.push(Diagnostic::new(code, Span::new(file, at, at + 1), fault.message));
            file
        }
    }
}

/// A file's bytes, and no more than `bytes_max` of them: who reads on says that it is too large.
pub fn read_at_most(path: &Path, bytes_max: usize) -> std::io::Result<Vec<u8>> {
    // Most rule files fit: without room the reading would begin with tiny pieces.
    let mut bytes = Vec::with_capacity(16 * 1024);
    fs::File::open(path)?.take(bytes_max as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
