//! `stocksync lint`.

mod baseline;

use super::args::{FailLevel, Lint};
use super::exit::{Exit, Stop};
use super::output::Output;
use super::project::{self, Project};
use super::{Run, connect, save};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Level};
use crate::report::lint::sort;
use crate::report::{Color, LINT_FORMATS, LintFormat, LintReport};
use std::panic::resume_unwind;
use std::path::Path;
use std::thread::JoinHandle;

pub(super) fn run(args: &Lint, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let formats = formats(&args.formats)?;
    let root = project::find(run.folder.as_deref())?;
    let (mut connectors, folder) = (None, root.clone());
    let at = |config: &Config| {
        connectors = Some(connect::check_stores(&folder, config));
        project::moment(args.at.as_deref(), config, run.now)
    };
    let (mut project, _) = project::load(root, project::Depth::All, at)?;
    output.took(&project.phases);
    if let Some(found) = connectors.map(JoinHandle::join) {
        project.diagnostics.extend(found.unwrap_or_else(|broke| resume_unwind(broke)));
    }
    sort(&project.sources, &mut project.diagnostics);
    output.done("waiting for the connectors");
    match &args.baseline {
        Some(path) if args.write_baseline => baseline::write(&mut project, path, output)?,
        Some(path) => baseline::hide(&mut project, path, output)?,
        None => {}
    }
    let total = project.diagnostics.len();
    let shown = only(&project, &args.paths)?;
    for (format, file) in &formats {
        print(&project, &shown, format, file.as_deref(), output)?;
    }
    output.done("printing");
    if shown.len() < total {
        output.say(format_args!("{} more outside the given paths", total - shown.len()));
    }
    for line in &project.unchecked {
        output.note(line);
    }
    if project.files.is_empty() && project.all_read {
        let stop = project::no_rules(&project.config.rules);
        output.fault(&stop.message, stop.help.as_deref());
    }
    let least = if args.fail_level == FailLevel::Warn { Level::Warn } else { Level::Deny };
    let failed = shown.iter().any(|diagnostic| diagnostic.level >= least);
    let nothing = if project.files.is_empty() { Exit::NothingChecked } else { Exit::Done };
    let unread = if project.all_read { Exit::Done } else { Exit::Failed };
    // The process ends here and gives all of it back at once, faster than piece by piece.
    std::mem::forget(project);
    Ok(nothing.or(unread).or(if failed { Exit::Findings } else { Exit::Done }))
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
