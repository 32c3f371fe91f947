//! `stocksync lint`.

mod baseline;
mod fixes;
mod since;

use super::args::{FailLevel, Lint};
use super::connect::{self, Checking};
use super::exit::{Exit, Stop};
use super::output::Output;
use super::project::{self, Overlay, Project};
use super::schemas::Schemas;
use super::{Run, save};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Level};
use crate::fix;
use crate::report::lint::sort;
use crate::report::{Color, LINT_FORMATS, LintFormat, LintReport};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};

use fixes::Fixing;
use since::Since;

pub(super) fn run(args: &Lint, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let formats = formats(&args.formats)?;
    let root = project::find(run.folder.as_deref())?;
    let schemas = Schemas::of_user(!args.no_cache);
    let mut checks =
        Checks { args, run, root, schemas, of_stores: None, hidden: 0, since: None, unchanged: 0 };
    let read = checks.read(&Overlay::new(), output)?;
    let mut fixing = Fixing::default();
    let (project, shown) = match wanted_fixes(args) {
        Some(wanted) => fixing.all(read, wanted, |texts| checks.read(texts, output))?,
        None => read,
    };
    if args.diff {
        return Ok(if fixing.show(output)? { Exit::Findings } else { Exit::Done });
    }
    let all_written = fixing.write(&project, output);
    for (format, file) in &formats {
        print(&project, &shown, format, file.as_deref(), output)?;
    }
    output.done("printing");
    say_what_is_not_shown(&project, shown.len(), &checks, output);
    let least = if args.fail_level == FailLevel::Warn { Level::Warn } else { Level::Deny };
    let failed = shown.iter().any(|diagnostic| diagnostic.level >= least);
    let nothing = if project.files.is_empty() { Exit::NothingChecked } else { Exit::Done };
    let unread = if project.all_read && all_written { Exit::Done } else { Exit::Failed };
    // The process ends here and gives all of it back at once, faster than piece by piece.
    std::mem::forget(project);
    Ok(nothing.or(unread).or(if failed { Exit::Findings } else { Exit::Done }))
}

fn wanted_fixes(args: &Lint) -> Option<fix::Wanted> {
    match (args.unsafe_fixes, args.fix || args.diff) {
        (true, _) => Some(fix::Wanted::Unsafe),
        (false, true) => Some(fix::Wanted::Safe),
        (false, false) => None,
    }
}

fn say_what_is_not_shown(project: &Project, shown: usize, checks: &Checks<'_>, output: &mut Output) {
    let elsewhere = project.diagnostics.len() - shown - checks.unchanged;
    let left_out = [
        (checks.hidden, "in the baseline"),
        (elsewhere, "outside the given paths"),
        (checks.unchanged, "in what did not change"),
    ];
    for (count, place) in left_out.into_iter().filter(|(count, _)| *count > 0) {
        output.say(format_args!("{count} more {place}"));
    }
    for line in &project.unchecked {
        output.note(line);
    }
    if project.files.is_empty() && project.all_read {
        let stop = project::no_rules(&project.config.rules);
        output.fault(&stop.message, stop.help.as_deref());
    }
}

/// How the project is read and judged, once or, where fixes are made, again and again.
struct Checks<'a> {
    args: &'a Lint,
    run: &'a Run,
    root: PathBuf,
    /// What is known of connectors from the runs before.
    schemas: Schemas,
    /// What was found of the connectors; no fix changes that.
    of_stores: Option<Vec<Diagnostic>>,
    /// How many findings the baseline hides.
    hidden: usize,
    /// What the revision of `--since` says.
    since: Option<Since>,
    /// How many findings touch nothing that differs from it.
    unchanged: usize,
}

impl Checks<'_> {
    /// The project with some of its rule files' texts replaced, and what is to be shown of it.
    fn read(&mut self, texts: &Overlay, output: &mut Output) -> Result<(Project, Vec<Diagnostic>), Stop> {
        let root = self.root.clone();
        let disk = project::Disk { root: &root, overlay: texts };
        let mut connectors = None;
        let at = |config: &Config| {
            if self.of_stores.is_none() {
                connectors = Some(connect::check_stores(&self.root, config, &self.schemas));
            }
            project::moment(self.args.at.as_deref(), config, self.run.now)
        };
        let (mut project, _) = project::load_from(&disk, self.root.clone(), project::Depth::All, at)?;
        output.took(&project.phases);
        if let Some(found) = connectors.map(Checking::join) {
            self.of_stores = Some(found.unwrap_or_else(|broke| resume_unwind(broke)));
            output.done("waiting for the connectors");
        }
        project.diagnostics.extend(self.of_stores.iter().flatten().cloned());
        sort(&project.sources, &mut project.diagnostics);
        self.hidden = match &self.args.baseline {
            Some(path) if self.args.write_baseline => baseline::write(&mut project, path, output)?,
            Some(path) => baseline::hide(&mut project, path)?,
            None => 0,
        };
        let mut shown = only(&project, &self.args.paths)?;
        if let Some(revision) = &self.args.since {
            if self.since.is_none() {
                self.since = Some(Since::read(&project, revision)?);
            }
            let before = shown.len();
            shown = self.since.iter().fold(shown, |shown, since| since.only(&project, shown));
            self.unchanged = before - shown.len();
        }
        Ok((project, shown))
    }
}

type Wanted = (&'static LintFormat, Option<String>);

fn formats(asked: &[String]) -> Result<Vec<Wanted>, Stop> {
    let names = || LINT_FORMATS.iter().map(|format| format.name);
    let find = |text: &str| {
        let (name, file) =
            text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file.to_owned())));
        let found = LINT_FORMATS.iter().find(|format| format.name == name);
        found.map(|format| (format, file)).ok_or_else(|| {
            let known: Vec<_> = names().collect();
            Stop::failed(format_args!("no format `{name}`"))
                .with_help(format!("there are: {}", known.join(", ")))
        })
    };
    if asked.is_empty() {
        return Ok(vec![find("full")?]);
    }
    let wanted: Vec<Wanted> = asked.iter().map(|text| find(text)).collect::<Result<_, _>>()?;
    if wanted.iter().any(|(_, file)| file.as_deref() == Some("")) {
        return Err(Stop::failed("a format is to go into a file without a name")
            .with_help("write `--format NAME=FILE`"));
    }
    if wanted.iter().filter(|(_, file)| file.is_none()).count() > 1 {
        return Err(Stop::failed("two formats are to go to standard output")
            .with_help("all but one need a file: `--format full --format sarif=lint.sarif`"));
    }
    Ok(wanted)
}

/// The project's folder as seen from here, with a `/` behind it; empty where it is here, or does not lie below.
fn prefix(root: &Path) -> String {
    let here = Path::new(".").canonicalize().ok();
    let below = here.and_then(|here| root.strip_prefix(here).ok().map(Path::to_path_buf)).unwrap_or_default();
    let parts = below.components().map(|part| part.as_os_str().to_string_lossy().into_owned() + "/");
    parts.collect()
}

/// Everything is read, so that names are known; what lies elsewhere is only not shown.
fn only(project: &Project, paths: &[std::path::PathBuf]) -> Result<Vec<Diagnostic>, Stop> {
    if paths.is_empty() {
        return Ok(project.diagnostics.clone());
    }
    let mut wanted = Vec::new();
    for path in paths {
        let full = path.canonicalize().or_else(|_| project.root.join(path).canonicalize());
        wanted.push(full.map_err(|fault| Stop::failed(format_args!("`{}`: {fault}", path.display())))?);
    }
    let lies_in = |file: &str| {
        let full = project.root.join(Path::new(file));
        wanted.iter().any(|path| full.starts_with(path))
    };
    let shown = project.diagnostics.iter().filter(|diagnostic| {
        diagnostic.span.is_some_and(|span| lies_in(project.sources.get(span.file).path()))
    });
    Ok(shown.cloned().collect())
}

fn print(
    project: &Project,
    shown: &[Diagnostic],
    format: &LintFormat,
    file: Option<&str>,
    output: &mut Output,
) -> Result<(), Stop> {
    let prefix = prefix(&project.root);
    let report = LintReport {
        sources: &project.sources,
        diagnostics: shown,
        files: project.files.len(),
        rules: project.rule_count(),
        color: if file.is_some() { Color::Never } else { output.out_color },
        width: output.width,
        prefix: &prefix,
    };
    match file {
        Some(file) => save::replace(Path::new(file), |out| (format.render)(&report, out)),
        None => Ok((format.render)(&report, &mut output.out)?),
    }
}
