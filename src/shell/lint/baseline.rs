//! `--baseline FILE` and `--write-baseline`.

use crate::diagnostic::Level;
use crate::lint::allow::Judge;
use crate::lint::baseline::{self, Baseline};
use crate::report;
use crate::shell::exit::Stop;
use crate::shell::fault::plainly;
use crate::shell::output::Output;
use crate::shell::project::Project;
use crate::shell::save;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A baseline is no larger than this; a finding takes some hundred bytes.
const BYTES_MAX: u64 = 64 << 20;

/// Hides what the baseline lists, and tells how much that was.
pub(super) fn hide(project: &mut Project, path: &Path) -> Result<usize, Stop> {
    let Some(baseline) = read(project, path)? else {
        return Err(Stop::failed(format_args!("there is no baseline `{}`", path.display()))
            .with_help("`--write-baseline` makes it"));
    };
    Ok(hide_listed(project, &baseline))
}

/// Writes the baseline anew, and hides what it lists then.
pub(super) fn write(project: &mut Project, path: &Path, output: &mut Output) -> Result<usize, Stop> {
    let before = read(project, path)?.map_or(0, |baseline| baseline.len());
    let faulty = project.diagnostics.iter().any(|finding| finding.code.level == Level::Deny);
    if faulty || project.files.is_empty() {
        let why =
            if faulty { "put the errors right first: no baseline hides them" } else { "there are no rules" };
        output.say(format_args!("`{}` is not written: {why}", path.display()));
        return Ok(0);
    }
    save::replace(path, |out| baseline::write(&project.sources, &project.diagnostics, out))?;
    let Some(baseline) = read(project, path)? else { return Ok(0) };
    let (name, now) = (path.display(), baseline.len());
    output.say(format_args!("`{name}` lists {now} findings; before it listed {before}"));
    Ok(hide_listed(project, &baseline))
}

fn hide_listed(project: &mut Project, baseline: &Baseline) -> usize {
    let found = std::mem::take(&mut project.diagnostics);
    let judge = if project.saw_everything(&found) { Judge::All } else { Judge::Readable };
    let left = baseline.hide(&project.sources, found, judge, |code| project.config.level_of(code));
    project.diagnostics = left.findings;
    report::lint::sort(&project.sources, &mut project.diagnostics);
    left.hidden
}

/// The baseline, unless there is none yet.
fn read(project: &mut Project, path: &Path) -> Result<Option<Baseline>, Stop> {
    let name = path.display();
    let text = match read_text(path) {
        Ok(text) => text,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(fault) => return Err(Stop::failed(format_args!("cannot read `{name}`: {}", plainly(&fault)))),
    };
    let file = project.sources.add(shown(project, path), text.as_str());
    let read = baseline::read(file, &text);
    read.map(Some).map_err(|fault| {
        Stop::failed(format_args!("cannot read the baseline `{name}`: {fault}"))
            .with_help("take it from git again, or delete it and make it anew with `--write-baseline`")
    })
}

fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    file.take(BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > BYTES_MAX {
        return Err(io::Error::other("it is larger than 64 MiB"));
    }
    Ok(text)
}

/// Relative to the project where it lies in there, as every path of a finding.
fn shown(project: &Project, path: &Path) -> String {
    let full = path.canonicalize().ok();
    let inside = full.as_deref().and_then(|full| full.strip_prefix(&project.root).ok());
    inside.unwrap_or(path).to_string_lossy().replace('\\', "/")
}
